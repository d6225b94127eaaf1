// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/model_work.h"

namespace ember::footprint {
namespace {

/// Fitted on linked images and emulated runs of one forest (votes as shares, three classes and a background) with and
/// without events.
struct EventPrices
{
    double bytes;      ///< of the detector, the shares and the functions around them
    double windowWork; ///< of one window
    double classWork;  ///< of one class in a window
};

EventPrices eventPricesOf(features::CpuClass cpu)
{
    switch (cpu) {
    case features::CpuClass::FloatHardware:
    case features::CpuClass::FloatLibrary:
        return {436, 38, 44};
    case features::CpuClass::FloatLibraryArmV6:
        return {432, 47, 53};
    case features::CpuClass::FloatLibraryRv32:
        return {556, 39, 52};
    case features::CpuClass::FloatLibraryAvr:
        break;
    }
    return {566, 110, 219};
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
