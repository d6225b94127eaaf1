// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "emulators/uno/chip.h"

#include <QString>

#include <memory>
#include <vector>

namespace ember::uno {

/// Voltages at the pins A0 to A5, from a recording: a CSV file with a header that names the pins ("a0,a1"), and a row
/// of volts for each moment. Rows follow each other in the chip's time and begin again at the end.
class AnalogInput
{
public:
    /// Errors: Io, BadData with the line; Usage for a rate that makes no sense.
    static Result<std::unique_ptr<AnalogInput>> attach(Chip& chip, const QString& csvFile, double rateHz);

private:
    AnalogInput(Chip& chip, std::vector<int> pins, std::vector<quint32> millivolts, double rateHz);
    quint64 nextRow();

    Chip& m_chip;
    std::vector<int> m_pins;
    std::vector<quint32> m_millivolts; ///< row-major
    quint64 m_period;                  ///< of a row, cycles
    size_t m_at = 0;
    Chip::Timer m_timer;
};

} // namespace ember::uno
