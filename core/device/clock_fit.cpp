// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/clock_fit.h"

#include <algorithm>
#include <cmath>

namespace ember::device {
namespace {

constexpr double kFirstBinMicros = 50'000; // of device time
constexpr size_t kMaxBins = 256;
constexpr double kLeastSpanMicros = 1e6;
constexpr qint64 kLineNanos = 100'000'000;
// Of a board's time, which may be anything: 127 years from the first block, which any host time can be added to.
constexpr double kMostNanos = 4e18;

} // namespace

ClockFit::ClockFit(double timeScale)
    : m_timeScale(timeScale > 0 ? timeScale : 0)
    , m_binMicros(kFirstBinMicros)
{}

// With the expected scale, a block's delay is its host time less its device time; a few hundred ppm do not matter
// within one stretch.
double ClockFit::delayOf(const Point& point) const
{
    return m_timeScale > 0 ? point.host - point.device / m_timeScale : point.host;
}

void ClockFit::add(qint64 deviceMicros, qint64 hostNanos)
{
    if (m_empty) {
        m_firstDeviceMicros = deviceMicros;
        m_firstHostNanos = hostNanos;
        m_empty = false;
    }
    const Point point{static_cast<double>(deviceMicros - m_firstDeviceMicros),
                      static_cast<double>(hostNanos - m_firstHostNanos) / 1000};
    const auto number = static_cast<qint64>(std::floor(point.device / m_binMicros));
    if (!m_bins.empty() && m_binNumbers.back() >= number) {
        if (delayOf(point) < delayOf(m_bins.back()))
            m_bins.back() = point;
        return;
    }
    m_bins.push_back(point);
    m_binNumbers.push_back(number);
    while (m_bins.size() > kMaxBins)
        halve();
}

void ClockFit::add(const signal::SampleBlock& block, double rateHz)
{
    const double length = rateHz > 0 ? static_cast<double>(block.rowCount - 1) * 1e6 / rateHz : 0;
    const qint64 last = block.deviceMicros + static_cast<qint64>(length);
    add(last, block.hostNanos);
    noteArrival(last, block.hostNanos);
}

void ClockFit::noteArrival(qint64 deviceMicros, qint64 hostNanos)
{
    if (hostNanos >= m_lineUntilNanos) {
        m_lineUntilNanos = hostNanos + kLineNanos;
        m_lineDeviceMicros = deviceMicros;
        m_lineHostNanos = hostNanosAt(deviceMicros);
        m_lineNanosPerMicro = 1000 / scale();
    }
    const double ahead = static_cast<double>(deviceMicros) - static_cast<double>(m_lineDeviceMicros);
    const double delay = static_cast<double>(hostNanos - m_lineHostNanos) - ahead * m_lineNanosPerMicro;
    m_arrivals.add(std::max(0.0, delay) * 1e-6);
}

void ClockFit::halve()
{
    m_binMicros *= 2;
    size_t kept = 0;
    for (size_t i = 0; i < m_bins.size(); ++i) {
        const auto number = static_cast<qint64>(std::floor(m_bins[i].device / m_binMicros));
        if (kept > 0 && m_binNumbers[kept - 1] == number) {
            if (delayOf(m_bins[i]) < delayOf(m_bins[kept - 1]))
                m_bins[kept - 1] = m_bins[i];
            continue;
        }
        m_bins[kept] = m_bins[i];
        m_binNumbers[kept] = number;
        ++kept;
    }
    m_bins.resize(kept);
    m_binNumbers.resize(kept);
}

std::vector<ClockFit::Point> ClockFit::lowerHull() const
{
    std::vector<Point> hull;
    for (const Point& next : m_bins) {
        while (hull.size() >= 2) {
            const Point& a = hull[hull.size() - 2];
            const Point& b = hull.back();
            if ((b.device - a.device) * (next.host - a.host) > (b.host - a.host) * (next.device - a.device))
                break;
            hull.pop_back();
        }
        hull.push_back(next);
    }
    return hull;
}

double ClockFit::slope() const
{
    if (m_bins.size() < 2 || m_bins.back().device - m_bins.front().device < kLeastSpanMicros)
        return 0;
    double mean = 0;
    for (const Point& point : m_bins)
        mean += point.device / static_cast<double>(m_bins.size());
    const std::vector<Point> hull = lowerHull();
    size_t right = 1;
    while (right + 1 < hull.size() && hull[right].device < mean)
        ++right;
    return (hull[right].host - hull[right - 1].host) / (hull[right].device - hull[right - 1].device);
}

double ClockFit::scale() const
{
    const double hostPerDevice = slope();
    if (hostPerDevice > 0)
        return 1 / hostPerDevice;
    return m_timeScale > 0 ? m_timeScale : 1.0;
}

double ClockFit::driftPpm() const
{
    const double hostPerDevice = slope();
    if (m_timeScale <= 0 || hostPerDevice <= 0)
        return 0;
    return (1 / (hostPerDevice * m_timeScale) - 1) * 1e6;
}

qint64 ClockFit::hostNanosAt(qint64 deviceMicros) const
{
    const double perDevice = 1 / scale();
    // Through the least delayed point of all, which is nearest to the truth.
    double delay = 0;
    bool first = true;
    for (const Point& point : m_bins) {
        const double own = point.host - point.device * perDevice;
        delay = first ? own : std::min(delay, own);
        first = false;
    }
    const double device = static_cast<double>(deviceMicros) - static_cast<double>(m_firstDeviceMicros);
    const double nanos = (device * perDevice + delay) * 1000;
    return m_firstHostNanos + static_cast<qint64>(std::clamp(nanos, -kMostNanos, kMostNanos));
}

} // namespace ember::device
