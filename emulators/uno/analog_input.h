// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "emulators/uno/chip.h"
#include "emulators/uno/feed_client.h"

#include <QString>

#include <memory>
#include <vector>

namespace ember::uno {

/// Voltages at the pins A0 to A5, row by row in the chip's time, from a table or from a sensor feed.
class AnalogInput
{
public:
    /// A CSV file with a header that names the pins ("a0,a1"), and a row of volts for each moment; it begins with the
    /// chip and again at its end. Errors: Io, BadData with the line; Usage for a rate that makes no sense.
    static Result<std::unique_ptr<AnalogInput>> attach(Chip& chip, const QString& csvFile, double rateHz);

    /// A recording in V or mV, at its own rate: channels that are called as pins are those, others are A0, A1, ... in
    /// their order. It begins with the first conversion after a reset; the last row stays. Error Unsupported for
    /// channels that are no voltages.
    static Result<std::unique_ptr<AnalogInput>> attach(Chip& chip, std::unique_ptr<FeedClient> feed);

private:
    AnalogInput(Chip& chip, std::vector<int> pins, double rateHz);
    quint64 nextRow();
    quint64 nextOfTable();
    quint64 nextOfFeed();
    void onConversion();
    void setPin(int pin, double millivolts);

    Chip& m_chip;
    std::vector<int> m_pins;
    std::vector<quint32> m_millivolts; // row-major; of the table
    std::unique_ptr<FeedClient> m_feed;
    std::vector<double> m_factors; // from the feed's units to millivolts
    std::vector<double> m_row;
    quint64 m_period; // of a row, cycles
    size_t m_at = 0;
    bool m_playing = false; // the feed has been started
    Chip::Timer m_timer;
};

} // namespace ember::uno
