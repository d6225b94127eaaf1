// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/lower_network.h"

namespace ember::codegen {

namespace {

constexpr qint64 kAlignment = 8; // of columns of lanes, which go in pairs of words

qint64 aligned(qint64 bytes)
{
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

qint64 scratchOf(const StepKind& kind)
{
    if (const auto* conv = std::get_if<ConvStep>(&kind))
        return conv->scratch().bytes;
    if (const auto* depthwise = std::get_if<DepthwiseStep>(&kind)) {
        const WindowGeometry& window = depthwise->window;
        // Of channels that are no multiple of four, the kernel reads up to three bytes more.
        return qint64{window.kernelHeight} * window.ringWidth() * window.inChannels + 3;
    }
    return 0;
}

/// Whether the result may lie where input `index` does.
bool mayShare(const NetworkStep& step, std::size_t index)
{
    const StepKind& kind = step.kind;
    if (const auto* conv = std::get_if<ConvStep>(&kind)) {
        if (!conv->sum)
            return conv->window.isPointwise() && !conv->dense;
        // What is added to itself is also what windows still look at.
        return index == 1 && (step.inputs[0] != step.inputs[1] || conv->window.isPointwise());
    }
    if (const auto* pool = std::get_if<PoolStep>(&kind))
        return pool->window.padTop == 0 && pool->window.padLeft == 0;
    // Rows wider than those of the image would overtake them.
    if (const auto* depthwise = std::get_if<DepthwiseStep>(&kind))
        return depthwise->window.outWidth <= depthwise->window.inWidth;
    return !std::holds_alternative<DenseStep>(kind) && !std::holds_alternative<MoveStep>(kind);
}

class Planner
{
public:
    explicit Planner(LoweredNetwork& network)
        : m_network(network)
        , m_lastRead(network.values.size(), 0)
        , m_storage(network.values.size(), -1)
    {}

    void run()
    {
        const int steps = static_cast<int>(m_network.steps.size());
        for (int i = 0; i < steps; ++i) {
            for (const int input : m_network.steps[at(i)].inputs) {
                if (input != kNetworkInput)
                    m_lastRead[at(input)] = i;
            }
        }
        if (m_network.compared >= 0)
            m_lastRead[at(m_network.compared)] = steps; // when all are done
        for (int i = 0; i < steps; ++i)
            addStep(i);
        m_network.arena = planArena(m_buffers);
        for (std::size_t i = 0; i < m_storage.size(); ++i)
            m_network.values[i].offset = m_storage[i] < 0 ? -1 : m_network.arena.offsets[at(m_storage[i])];
        for (std::size_t i = 0; i < m_scratch.size(); ++i)
            m_network.steps[i].scratchOffset = m_scratch[i] < 0 ? 0 : m_network.arena.offsets[at(m_scratch[i])];
    }

private:
    static std::size_t at(int index) { return static_cast<std::size_t>(index); }

    void addStep(int i)
    {
        NetworkStep& step = m_network.steps[at(i)];
        step.scratchBytes = scratchOf(step.kind);
        m_scratch.push_back(step.scratchBytes > 0 ? add(step.scratchBytes, i, i) : -1);
        if (i + 1 == static_cast<int>(m_network.steps.size()))
            return; // the caller's memory
        const int last = std::max(m_lastRead[at(step.output)], i);
        const qint64 bytes = m_network.values[at(step.output)].bytes;
        const int shared = dyingInput(step, i);
        if (shared < 0) {
            m_storage[at(step.output)] = add(bytes, i, last);
            return;
        }
        Buffer& buffer = m_buffers[at(shared)];
        buffer.bytes = std::max(buffer.bytes, aligned(bytes));
        buffer.last = last;
        m_storage[at(step.output)] = shared;
        if (auto* conv = std::get_if<ConvStep>(&step.kind); conv && !conv->sum)
            conv->backward = conv->window.outChannels > conv->window.inChannels;
    }

    /// The storage of an input that the result may take: read here for the last time, its memory held by no other
    /// value; -1: none.
    int dyingInput(const NetworkStep& step, int i) const
    {
        for (std::size_t k = 0; k < step.inputs.size(); ++k) {
            const int input = step.inputs[k];
            if (input != kNetworkInput && m_lastRead[at(input)] == i && m_storage[at(input)] >= 0 && mayShare(step, k))
                return m_storage[at(input)];
        }
        return -1;
    }

    int add(qint64 bytes, int first, int last)
    {
        m_buffers.push_back({aligned(bytes), first, last});
        return static_cast<int>(m_buffers.size()) - 1;
    }

    LoweredNetwork& m_network;
    std::vector<int> m_lastRead; ///< step, of each value
    std::vector<int> m_storage;  ///< buffer of each value; -1: the caller's
    std::vector<int> m_scratch;  ///< buffer of each step's scratch; -1: none
    std::vector<Buffer> m_buffers;
};

} // namespace

ConvStep::Scratch ConvStep::scratch() const
{
    Scratch scratch;
    scratch.made = qint64{window.groups()} * 4 * 2 * 2; // lanes of two bytes for two pixels
    scratch.sums = scratch.made + (sum || dense ? aligned(2 * qint64{window.outChannels}) : 0);
    scratch.bytes = scratch.sums + (dense ? 4 * qint64{dense->out} : 0);
    return scratch;
}

void planMemory(LoweredNetwork& network)
{
    Planner(network).run();
}

} // namespace ember::codegen
