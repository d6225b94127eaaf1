// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/model_work.h"

namespace ember::footprint {
namespace {

using codegen::WindowGeometry;

// Instructions of device-agent/runtime/nn per what each name says, for Cortex-M4F (packed instructions) and Cortex-M0.
// Set by hand after the emulator's counts of a few networks, not fitted: expect them to be off by some tens of percent.
struct Coefficients
{
    double convolutionMac, gatheredCell, output;
    double depthwiseMac, denseMac, pooledCell, pairElement, softmaxElement, quantised;
    double code;
};

constexpr Coefficients kPacked = {1.08, 2.2, 17, 3.3, 3.2, 7, 45, 60, 30, 2600};
constexpr Coefficients kPlain = {3.4, 6, 40, 9, 9, 9, 90, 150, 900, 2800};

double outputsOf(const WindowGeometry& w)
{
    return static_cast<double>(w.outHeight) * w.outWidth * w.outChannels;
}

double cellsOf(const WindowGeometry& w)
{
    return static_cast<double>(w.kernelHeight) * w.kernelWidth;
}

double instructionsOf(const codegen::DepthwiseStep& step, const Coefficients& c)
{
    return outputsOf(step.window) * (cellsOf(step.window) * c.depthwiseMac + c.output);
}

double instructionsOf(const codegen::DenseStep& step, const Coefficients& c)
{
    return static_cast<double>(step.rows) * step.out * (step.in * c.denseMac + c.output);
}

double instructionsOf(const codegen::PoolStep& step, const Coefficients& c)
{
    return outputsOf(step.window) * (cellsOf(step.window) * c.pooledCell + c.output);
}

double instructionsOf(const codegen::PairStep& step, const Coefficients& c)
{
    return static_cast<double>(step.count) * c.pairElement;
}

double instructionsOf(const codegen::ConvStep& step, const Coefficients& c)
{
    const double pixels = static_cast<double>(step.window.outHeight) * step.window.outWidth;
    const double lanes = cellsOf(step.window) * step.window.inChannels;
    double more = 0;
    if (step.sum)
        more += instructionsOf(*step.sum, c);
    if (step.dense)
        more += instructionsOf(*step.dense, c);
    return pixels * lanes * (c.convolutionMac * step.window.outChannels + c.gatheredCell) +
           outputsOf(step.window) * c.output + more;
}

double instructionsOf(const codegen::LookUpStep& step, const Coefficients&)
{
    return static_cast<double>(step.count) * 6;
}

double instructionsOf(const codegen::QuantiseStep& step, const Coefficients& c)
{
    return static_cast<double>(step.count) * c.quantised;
}

double instructionsOf(const codegen::SoftmaxStep& step, const Coefficients& c)
{
    return static_cast<double>(step.rows) * step.size * c.softmaxElement;
}

} // namespace

Result<ModelWork> workOf(const codegen::LoweredNetwork& network, const codegen::LoweredModel&, features::CpuClass cpu)
{
    const Coefficients& c = cpu == features::CpuClass::FloatHardware ? kPacked : kPlain;
    ModelWork work;
    work.codeBytes = c.code + 40.0 * static_cast<double>(network.steps.size());
    work.constantBytes = static_cast<double>(network.constantBytes());
    for (const codegen::NetworkStep& step : network.steps)
        work.instructions += std::visit([&c](const auto& kind) { return instructionsOf(kind, c); }, step.kind);
    return work;
}

} // namespace ember::footprint
