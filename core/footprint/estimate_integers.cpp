// SPDX-License-Identifier: GPL-3.0-or-later
// Classic models in integers.
#include "core/codegen/kind.h"
#include "core/footprint/model_work.h"

namespace ember::footprint {

namespace {

// The figures below were fitted on images of gcc 12 and counts of the emulators: on Cortex-M4F and M3 for the digits
// that the tests have, on other cores as a factor to these.

struct IntegerPrices
{
    double gaussianWork = 1;
    double gaussianBytes = 0; ///< of code, more than on Thumb-2
    double supportWork = 1;
    double supportBytes = 0;
};

IntegerPrices integerPricesOf(features::CpuClass cpu)
{
    switch (cpu) {
    case features::CpuClass::FloatLibraryArmV6: // has no long product
        return {2.9, 136, 2.1, 170};
    case features::CpuClass::FloatLibraryRv32:
        return {1.12, 84, 1.34, 190};
    case features::CpuClass::FloatLibraryAvr:
        return {20.8, 580, 17.6, 1480};
    case features::CpuClass::FloatHardware:
    case features::CpuClass::FloatLibrary:
        break;
    }
    return {};
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
    work.instructions = (speed ? 10.0 : 13.0) * static_cast<double>(gaussian.table.size()) + 40.0 * gaussian.classes +
                        9.0 * gaussian.features + 60;
    work.instructions *= prices.gaussianWork;
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

} // namespace ember::footprint
