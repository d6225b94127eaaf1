// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/arrival_histogram.h"
#include "core/signal/sample_block.h"

#include <QtGlobal>

#include <vector>

namespace ember::device {

/// Fits the device's clock to the host's while blocks arrive. A block can be late on the link but never early, so the
/// true line lies below all points: of the lines that do, it takes the one with the least sum of delays, which is the
/// edge of the lower convex hull at the mean time. Stretches in which everything is late do not move it. Memory is
/// bounded: each stretch of time keeps its least delayed block alone, and stretches double in length when there are
/// many.
class ClockFit
{
public:
    /// `timeScale`: device seconds per host second that are to be expected; an emulated sensor played at three times
    /// the speed has 3. 0: not known, there is no drift then.
    explicit ClockFit(double timeScale = 1.0);

    void add(qint64 deviceMicros, qint64 hostNanos);
    /// A block arrives when its last row is there, so that row's time is the one to compare. Counts how late it came.
    void add(const signal::SampleBlock& block, double rateHz);

    /// Device clock against host clock in parts per million, positive when the device's runs fast; 0 under a second of
    /// data.
    double driftPpm() const;
    /// How late the blocks came, each by the fit of its time.
    const signal::ArrivalHistogram& arrivals() const { return m_arrivals; }
    /// Device seconds per host second; the expected scale under a second of data.
    double scale() const;
    /// Host clock at a device time, by the fit; at most 127 years from that of the first block.
    qint64 hostNanosAt(qint64 deviceMicros) const;

private:
    struct Point
    {
        double device; // microseconds
        double host;   // microseconds
    };

    double delayOf(const Point& point) const;
    void noteArrival(qint64 deviceMicros, qint64 hostNanos);
    void halve();
    std::vector<Point> lowerHull() const;
    double slope() const; // host microseconds per device microsecond

    double m_timeScale;
    double m_binMicros;
    bool m_empty = true;
    qint64 m_firstDeviceMicros = 0;
    qint64 m_firstHostNanos = 0;
    std::vector<Point> m_bins; // least delayed point of each stretch, in order
    std::vector<qint64> m_binNumbers;

    // The line that arrivals are compared with, renewed now and then: fitting takes longer than comparing.
    qint64 m_lineUntilNanos = 0;
    qint64 m_lineDeviceMicros = 0;
    qint64 m_lineHostNanos = 0;
    double m_lineNanosPerMicro = 1000;
    signal::ArrivalHistogram m_arrivals;
};

} // namespace ember::device
