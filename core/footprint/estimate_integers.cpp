// SPDX-License-Identifier: GPL-3.0-or-later
// Classic models in integers.
#include "core/codegen/kind.h"
#include "core/footprint/model_work.h"

namespace ember::footprint {

namespace {

// The figures below were fitted on images of gcc 12 and counts of the emulators: on Cortex-M4F and M3 for the digits
// that the tests have, on other cores as a factor to these.

/// Factors of work, and bytes of code that are more than on Thumb-2.
struct IntegerPrices
{
    double gaussianWork = 1;
    double factorsWork = 1; ///< of full covariances
    double supportWork = 1;
    double linearWork = 1;
    double neighboursWork = 1;
    double weightedWork = 1; ///< of neighbours whose features have weights
    double gaussianBytes = 0;
    double mixtureBytes = 0;
    double supportBytes = 0;
    double linearBytes = 0;
    double neighboursBytes = 0;
};

IntegerPrices integerPricesOf(features::CpuClass cpu)
{
    switch (cpu) {
    case features::CpuClass::FloatLibraryArmV6: // has no long product
        return {2.9, 5.7, 2.1, 4.2, 2.1, 4.6, 136, 100, 170, 190, 110};
    case features::CpuClass::FloatLibraryRv32:
        return {1.12, 1.45, 1.34, 1.3, 1.65, 1.8, 84, 113, 190, 130, 175};
    case features::CpuClass::FloatLibraryAvr:
        return {20.8, 30.4, 17.6, 26, 16, 25.7, 580, 850, 1480, 650, 650};
    case features::CpuClass::FloatHardware:
    case features::CpuClass::FloatLibrary:
        break;
    }
    return {};
}

/// Bytes of code that learning adds, with the divisions that it brings in.
struct LearningPrices
{
    double neighbours, means, mixture, linear;
};

// Of an inference, by that of the same model that does not learn.
constexpr double kDriftedWork = 1.25; // a drift for each mean
constexpr double kChangedWork = 1.7;  // a second product for each weight
constexpr double kRowsWork = 1.4;     // on Cortex-M3 and larger, without a taught row; each is a point more

LearningPrices learningPricesOf(features::CpuClass cpu)
{
    switch (cpu) {
    case features::CpuClass::FloatLibraryArmV6:
        return {651, 920, 1139, 1493};
    case features::CpuClass::FloatLibraryRv32:
        return {874, 572, 898, 2381};
    case features::CpuClass::FloatLibraryAvr:
        return {1059, 958, 1079, 2845};
    case features::CpuClass::FloatHardware:
    case features::CpuClass::FloatLibrary:
        break;
    }
    return {753, 444, 667, 1699};
}

bool isForSpeed(const codegen::LoweredModel& model)
{
    return model.optimise != codegen::Optimise::Size;
}

} // namespace

Result<ModelWork> workOf(const codegen::LoweredGaussian& gaussian, const codegen::LoweredModel& model,
                         features::CpuClass cpu)
{
    const bool speed = isForSpeed(model);
    const IntegerPrices prices = integerPricesOf(cpu);
    ModelWork work;
    work.codeBytes = (speed ? 304 : 240) + prices.gaussianBytes;
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    work.instructions = (speed ? 10.0 : 13.0) * static_cast<double>(gaussian.table.size()) +
                        40.0 * gaussian.components + 9.0 * gaussian.features + 60;
    if (!gaussian.factors.empty()) {
        work.codeBytes = 300 + prices.gaussianBytes;
        work.instructions = (speed ? 5.1 : 6.6) * static_cast<double>(gaussian.factors.size()) +
                            25.0 * static_cast<double>(gaussian.offsets.size()) + 40.0 * gaussian.components + 60;
    }
    if (!gaussian.firsts.empty()) {
        work.codeBytes += 150 + prices.mixtureBytes;
        work.instructions += 30.0 * gaussian.components;
    }
    work.instructions *= gaussian.factors.empty() ? prices.gaussianWork : prices.factorsWork;
    return work;
}

Result<ModelWork> workOf(const codegen::LoweredSupport& support, const codegen::LoweredModel& model,
                         features::CpuClass cpu)
{
    const bool speed = isForSpeed(model);
    // Cores with hardware floats multiply pairs of halves in one instruction.
    const IntegerPrices prices = integerPricesOf(cpu);
    const bool packed = cpu == features::CpuClass::FloatHardware && support.weights.empty();
    const double element = packed ? (speed ? 2.3 : 2.8) : (speed ? 4.25 : 4.5);
    ModelWork work;
    work.codeBytes = 770 + prices.supportBytes;
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    work.instructions =
        element * static_cast<double>(support.vectors.size()) + (speed ? 30.0 : 40.0) * support.vectorCount +
        (speed ? 7.0 : 8.5) * static_cast<double>(support.coefficients.size()) +
        (60.0 + 5.0 * support.classes) * static_cast<double>(support.pairs()) + 14.0 * support.features + 60;
    work.instructions *= prices.supportWork;
    return work;
}

Result<ModelWork> workOf(const codegen::LoweredLinear& linear, const codegen::LoweredModel& model,
                         features::CpuClass cpu)
{
    const bool speed = isForSpeed(model);
    const IntegerPrices prices = integerPricesOf(cpu);
    const bool shares = linear.transform != codegen::ScoreTransform::None;
    ModelWork work;
    work.codeBytes = (speed ? 225 : 250) + (shares ? 170 : 0);
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    work.instructions = (speed ? 5.1 : 10.1) * static_cast<double>(linear.weights.size()) +
                        (shares ? 64.0 : 30.0) * linear.outputs + 40;
    work.instructions *= prices.linearWork;
    work.codeBytes += prices.linearBytes;
    return work;
}

Result<ModelWork> workOf(const codegen::LoweredNeighbours& neighbours, const codegen::LoweredModel& model,
                         features::CpuClass cpu)
{
    const IntegerPrices prices = integerPricesOf(cpu);
    ModelWork work;
    work.codeBytes = 310;
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    const double element = 6.0 + (neighbours.weights.empty() ? 0.0 : 5.0) + (neighbours.wideSums ? 4.1 : 0.0);
    work.instructions = element * static_cast<double>(neighbours.points.size()) + 20.0 * neighbours.pointCount +
                        12.0 * neighbours.classes + 12.0 * neighbours.k + 60;
    if (neighbours.byNearness) { // not fitted: a root bit by bit and a division of 64 bits for each voter
        work.codeBytes += neighbours.cityBlocks ? 250 : 330;
        work.instructions += (neighbours.cityBlocks ? 150.0 : 600.0) * neighbours.k + 40.0 * neighbours.classes;
    }
    work.instructions *= neighbours.weights.empty() ? prices.neighboursWork : prices.weightedWork;
    work.codeBytes += prices.neighboursBytes;
    return work;
}

void addLearning(const codegen::LoweredModel& model, features::CpuClass cpu, ModelWork& work)
{
    const LearningPrices prices = learningPricesOf(cpu);
    if (std::holds_alternative<codegen::LoweredNeighbours>(model.body)) {
        work.codeBytes += prices.neighbours;
        if (cpu == features::CpuClass::FloatHardware || cpu == features::CpuClass::FloatLibrary)
            work.instructions *= kRowsWork;
    } else if (const auto* gaussian = std::get_if<codegen::LoweredGaussian>(&model.body)) {
        work.codeBytes += gaussian->firsts.empty() ? prices.means : prices.mixture;
        work.instructions *= kDriftedWork;
    } else {
        work.codeBytes += prices.linear;
        work.instructions *= kChangedWork;
    }
    work.constantBytes += 2.0 * static_cast<double>(model.learning->limits.size());
}

} // namespace ember::footprint
