// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/fuse_steps.h"

#include <algorithm>

namespace ember::codegen {
namespace {

// Their sums are kept in memory meanwhile, and each is visited for every two pixels.
constexpr int kMostFusedOutputs = 16;

class Fusing
{
public:
    explicit Fusing(LoweredNetwork& network)
        : m_network(network)
    {}

    void run()
    {
        for (std::size_t i = 0; i < m_network.steps.size();) {
            if (!fuseInto(i))
                ++i;
        }
    }

private:
    /// Whether the step at `i` went into another one, and is gone.
    bool fuseInto(std::size_t i)
    {
        const NetworkStep& step = m_network.steps[i];
        const auto* pair = std::get_if<PairStep>(&step.kind);
        const auto* dense = std::get_if<DenseStep>(&step.kind);
        const bool sums = pair && pair->kind != PairKind::Multiply && step.inputs.size() == 2;
        const bool gathers = dense && dense->rows == 1 && dense->out <= kMostFusedOutputs;
        if (!sums && !gathers)
            return false;
        NetworkStep* maker = lastMaker(step);
        if (!maker || isReadElsewhere(maker->output, i))
            return false;
        auto* conv = std::get_if<ConvStep>(&maker->kind);
        if (!conv || conv->sum || conv->dense)
            return false;
        if (sums) {
            conv->sumMadeFirst = step.inputs[0] == maker->output;
            if (step.inputs[0] == step.inputs[1])
                return false;
            conv->sum = *pair;
            maker->inputs.push_back(step.inputs[conv->sumMadeFirst ? 1 : 0]);
        } else {
            conv->dense = *dense;
        }
        maker->output = step.output;
        maker->name += QStringLiteral(" + ") + step.name;
        m_network.steps.erase(m_network.steps.begin() + static_cast<std::ptrdiff_t>(i));
        return true;
    }

    /// The step that makes the last of what `step` reads: all else is there by then.
    NetworkStep* lastMaker(const NetworkStep& step)
    {
        for (auto maker = m_network.steps.rbegin(); maker != m_network.steps.rend(); ++maker) {
            if (&*maker < &step && std::count(step.inputs.begin(), step.inputs.end(), maker->output) > 0)
                return &*maker;
        }
        return nullptr;
    }

    bool isReadElsewhere(int value, std::size_t reader) const
    {
        for (std::size_t i = 0; i < m_network.steps.size(); ++i) {
            const std::vector<int>& inputs = m_network.steps[i].inputs;
            if (i != reader && std::count(inputs.begin(), inputs.end(), value) > 0)
                return true;
        }
        return value == m_network.compared;
    }

    LoweredNetwork& m_network;
};

} // namespace

void fuseSteps(LoweredNetwork& network)
{
    Fusing(network).run();
}

} // namespace ember::codegen
