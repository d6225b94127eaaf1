// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/model_work.h"

namespace ember::footprint {
namespace {

/// Fitted on linked images and emulated runs of one forest with and without events.
struct EventPrices
{
    double bytes;       ///< of the detector, the shares and the functions around them
    double windowWork;  ///< of one window
    double classWork;   ///< of one class in a window
};

EventPrices eventPricesOf(features::CpuClass cpu)
{
    switch (cpu) {
    case features::CpuClass::FloatHardware:
    case features::CpuClass::FloatLibrary:
        return {400, 40, 45};
    case features::CpuClass::FloatLibraryArmV6:
        return {450, 50, 60};
    case features::CpuClass::FloatLibraryRv32:
        return {450, 40, 50};
    case features::CpuClass::FloatLibraryAvr:
        break;
    }
    return {800, 100, 160};
}

} // namespace

void addEvents(const codegen::LoweredModel& model, features::CpuClass cpu, ModelWork& work)
{
    const EventPrices prices = eventPricesOf(cpu);
    const bool background = model.events->background < model.classNames.size();
    work.codeBytes += prices.bytes;
    work.instructions +=
        prices.windowWork + prices.classWork * static_cast<double>(model.classNames.size() - (background ? 1 : 0));
}

} // namespace ember::footprint
