// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/program_plan.h"

#include "core/codegen/network/memory_planner.h"

#include <algorithm>

namespace ember::codegen {
namespace {

/// Calls visit(operand, whether it is written) for everything that a step touches.
template <typename Step, typename Visit>
void forEachOperand(Step& step, Visit visit)
{
    for (auto& operand : step.operands)
        visit(operand, false);
    visit(step.result, true);
    visit(step.second, true);
}

/// When buffers are used, and which of them are one.
class Lives
{
public:
    Lives(const LoweredProgram& program, const std::vector<qint64>& sizes)
        : m_program(program)
        , m_lives(sizes.size())
        , m_owner(sizes.size())
    {
        for (std::size_t b = 0; b < sizes.size(); ++b) {
            m_lives[b].bytes = sizes[b];
            m_lives[b].first = -1;
            m_owner[b] = b;
        }
        for (std::size_t s = 0; s < program.steps.size(); ++s)
            forEachOperand(program.steps[s], [&](const StepOperand& at, bool) { touch(at, static_cast<int>(s)); });
        touch(program.label, static_cast<int>(program.steps.size()));
    }

    /// The buffer that holds `buffer`'s values in the end.
    std::size_t ownerOf(std::size_t buffer) const
    {
        while (m_owner[buffer] != buffer)
            buffer = m_owner[buffer];
        return buffer;
    }

    void shareInPlace()
    {
        for (std::size_t s = 0; s < m_program.steps.size(); ++s) {
            const ProgramStep& step = m_program.steps[s];
            if (step.result.place != Place::Scratch)
                continue;
            for (std::size_t i = 0; i < step.operands.size(); ++i) {
                if (share(step, i, static_cast<int>(s)))
                    break;
            }
        }
    }

    const std::vector<Buffer>& buffers() const { return m_lives; }

private:
    void touch(const StepOperand& at, int step)
    {
        if (at.place != Place::Scratch)
            return;
        Buffer& life = m_lives[at.offset];
        life.first = life.first < 0 ? step : life.first;
        life.last = step;
    }

    /// Whether element i of the result is written after element i of the operand is read for the last time.
    static bool allowsInPlace(const ProgramStep& step, std::size_t operand)
    {
        if (step.kind == ProgramKernel::Unary || step.kind == ProgramKernel::Power ||
            step.kind == ProgramKernel::Softmax)
            return true;
        if (step.kind != ProgramKernel::Binary)
            return false;
        // Walked without a repetition; the other operand lies elsewhere.
        const auto& n = step.numbers;
        const std::size_t at = 3 + 3 * operand;
        quint32 expected = 1;
        for (std::size_t d = 3; d-- > 0;) {
            if (n[d] != 1 && n[at + d] != expected)
                return false;
            expected *= n[d];
        }
        return step.operands[0] != step.operands[1];
    }

    bool share(const ProgramStep& step, std::size_t operand, int at)
    {
        if (step.operands[operand].place != Place::Scratch || !allowsInPlace(step, operand))
            return false;
        const std::size_t from = ownerOf(step.operands[operand].offset);
        const std::size_t to = step.result.offset;
        if (from == to || m_owner[to] != to || m_lives[from].last != at || m_lives[to].first != at ||
            m_lives[from].bytes < m_lives[to].bytes)
            return false;
        m_owner[to] = from;
        m_lives[from].last = m_lives[to].last;
        return true;
    }

    const LoweredProgram& m_program;
    std::vector<Buffer> m_lives;
    std::vector<std::size_t> m_owner;
};

} // namespace

void planProgram(LoweredProgram& program, const std::vector<qint64>& buffers)
{
    Lives lives(program, buffers);
    lives.shareInPlace();
    std::vector<Buffer> used;
    std::vector<std::size_t> place(buffers.size(), 0);
    for (std::size_t b = 0; b < buffers.size(); ++b) {
        if (lives.ownerOf(b) != b || lives.buffers()[b].first < 0)
            continue;
        place[b] = used.size();
        used.push_back(lives.buffers()[b]);
    }
    const ArenaPlan plan = planArena(used); // in floats: only the unit differs
    const auto settle = [&](StepOperand& at) {
        if (at.place == Place::Scratch)
            at.offset = static_cast<quint32>(plan.offsets[place[lives.ownerOf(at.offset)]]);
    };
    for (ProgramStep& step : program.steps)
        forEachOperand(step, [&](StepOperand& at, bool) { settle(at); });
    settle(program.label);
    program.scratchFloats = static_cast<quint32>(plan.bytes);
    program.scratchLowerBound = static_cast<quint32>(plan.lowerBound);
}

} // namespace ember::codegen
