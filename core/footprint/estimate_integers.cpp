// SPDX-License-Identifier: GPL-3.0-or-later
// Classic models in integers.
#include "core/codegen/kind.h"
#include "core/footprint/model_work.h"

namespace ember::footprint {

namespace {

// The figures below were fitted on images of gcc 12 and counts of the emulator, on Cortex-M4F and M3, for the digits
// that the tests have too.

bool isForSpeed(const codegen::LoweredModel& model)
{
    return model.optimise != codegen::Optimise::Size;
}

} // namespace

Result<ModelWork> workOf(const codegen::LoweredGaussian& gaussian, const codegen::LoweredModel& model,
                         features::CpuClass)
{
    const bool speed = isForSpeed(model);
    ModelWork work;
    work.codeBytes = speed ? 304 : 240;
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    work.instructions = (speed ? 10.0 : 13.0) * static_cast<double>(gaussian.table.size()) +
                        40.0 * gaussian.components + 9.0 * gaussian.features + 60;
    if (!gaussian.factors.empty()) {
        work.codeBytes = 300;
        work.instructions = 7.0 * static_cast<double>(gaussian.factors.size()) +
                            25.0 * static_cast<double>(gaussian.offsets.size()) + 40.0 * gaussian.components + 60;
    }
    if (!gaussian.firsts.empty()) {
        work.codeBytes += 150;
        work.instructions += 30.0 * gaussian.components;
    }
    return work;
}

Result<ModelWork> workOf(const codegen::LoweredSupport& support, const codegen::LoweredModel& model,
                         features::CpuClass cpu)
{
    const bool speed = isForSpeed(model);
    // Cores with hardware floats multiply pairs of halves in one instruction.
    const bool packed = cpu == features::CpuClass::FloatHardware && support.weights.empty();
    const double element = packed ? (speed ? 2.3 : 2.8) : (speed ? 4.25 : 4.5);
    ModelWork work;
    work.codeBytes = 650;
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    work.instructions =
        element * static_cast<double>(support.vectors.size()) + (speed ? 30.0 : 40.0) * support.vectorCount +
        (speed ? 7.0 : 8.5) * static_cast<double>(support.coefficients.size()) +
        (60.0 + 5.0 * support.classes) * static_cast<double>(support.pairs()) + 14.0 * support.features + 60;
    return work;
}

Result<ModelWork> workOf(const codegen::LoweredLinear& linear, const codegen::LoweredModel& model,
                         features::CpuClass)
{
    const bool shares = linear.transform != codegen::ScoreTransform::None;
    ModelWork work;
    work.codeBytes = (linear.wide ? 130 : 110) + (shares ? 250 : 0);
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    work.instructions = (linear.wide ? 7.0 : 5.0) * static_cast<double>(linear.weights.size()) +
                        (shares ? 75.0 : 30.0) * linear.outputs + 40;
    return work;
}

Result<ModelWork> workOf(const codegen::LoweredNeighbours& neighbours, const codegen::LoweredModel& model,
                         features::CpuClass)
{
    ModelWork work;
    work.codeBytes = 260;
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    const double element = 8.0 + (neighbours.weights.empty() ? 0.0 : 3.0) + (neighbours.wideSums ? 2.0 : 0.0);
    work.instructions = element * static_cast<double>(neighbours.points.size()) + 20.0 * neighbours.pointCount +
                        12.0 * neighbours.classes + 12.0 * neighbours.k + 60;
    return work;
}

} // namespace ember::footprint
