// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/events.h"

#include <algorithm>
#include <array>
#include <limits>

namespace ember::learn {
namespace {

constexpr std::array kSmoothings = {1, 2, 3, 5, 8};
constexpr std::array kPatiences = {1, 2, 3};
constexpr std::array kOns = {0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
constexpr std::array kFalls = {0.0, 0.1, 0.2, 0.3}; ///< of `off` below `on`

double meanOfLast(const Timeline& timeline, std::size_t window, std::size_t label, int smoothing)
{
    const std::size_t count = std::min(window + 1, static_cast<std::size_t>(smoothing));
    double sum = 0;
    for (std::size_t i = window + 1 - count; i <= window; ++i)
        sum += static_cast<double>(timeline.shares[i * timeline.classes + label]);
    return sum / static_cast<double>(count);
}

void addEventsOf(const Timeline& timeline, std::size_t label, const EventSettings& settings, std::vector<Event>& events)
{
    std::optional<Event> going;
    int above = 0;
    const auto beginOf = [&timeline](std::size_t window) {
        return timeline.first + static_cast<qint64>(window) * timeline.hop;
    };
    for (std::size_t window = 0; window < timeline.windows(); ++window) {
        const double mean = meanOfLast(timeline, window, label, settings.smoothing);
        above = mean >= settings.on ? above + 1 : 0;
        if (going && mean < settings.off) {
            events.push_back(*going);
            going.reset();
        } else if (!going && above >= settings.patience) {
            const std::size_t first = window + 1 - static_cast<std::size_t>(settings.patience);
            going = Event{static_cast<qint32>(label), beginOf(first), 0, beginOf(window) + timeline.rows};
        }
        if (going)
            going->end = beginOf(window) + timeline.rows;
    }
    if (going)
        events.push_back(*going);
}

double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0.0;
}

} // namespace

std::vector<Event> detectEvents(const Timeline& timeline, qint32 background, const EventSettings& settings)
{
    std::vector<Event> events;
    for (std::size_t label = 0; label < timeline.classes; ++label) {
        if (static_cast<qint32>(label) != background)
            addEventsOf(timeline, label, settings, events);
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.begin < b.begin; });
    return events;
}

double EventScores::recall() const
{
    return share(found, happened);
}

double EventScores::precision() const
{
    return share(found, found + spurious);
}

double EventScores::f1() const
{
    return share(2.0 * found, static_cast<double>(happened) + found + spurious);
}

void EventScores::add(const EventScores& other)
{
    happened += other.happened;
    found += other.found;
    duplicates += other.duplicates;
    spurious += other.spurious;
    latencies.insert(latencies.end(), other.latencies.begin(), other.latencies.end());
}

EventScores matchEvents(const std::vector<Event>& truth, const std::vector<Event>& said, qint64 tolerance)
{
    EventScores scores;
    scores.happened = static_cast<int>(truth.size());
    std::vector<bool> found(truth.size(), false);
    for (const Event& event : said) {
        bool right = false, isFirst = false;
        for (std::size_t i = 0; i < truth.size(); ++i) {
            const Event& real = truth[i];
            const bool fits = real.label == event.label && event.begin < real.end + tolerance && event.end > real.begin;
            // One that goes on over several that happened tells of each of them.
            if (fits && !found[i]) {
                found[i] = isFirst = true;
                scores.latencies.push_back(static_cast<double>(std::max<qint64>(0, event.known - real.begin)));
            }
            right = right || fits;
        }
        scores.duplicates += right && !isFirst ? 1 : 0;
        scores.spurious += right ? 0 : 1;
    }
    scores.found = static_cast<int>(std::count(found.begin(), found.end(), true));
    return scores;
}

EventScores scoreEvents(std::span<const EventCase* const> cases, qint32 background, const EventSettings& settings)
{
    EventScores scores;
    for (const EventCase* one : cases)
        scores.add(matchEvents(one->truth, detectEvents(one->timeline, background, settings), one->timeline.rows));
    return scores;
}

EventSettings tuneEvents(std::span<const EventCase* const> cases, qint32 background, double mostSpurious)
{
    EventSettings best;
    double bestF1 = -1;
    int fewest = std::numeric_limits<int>::max();
    for (const int smoothing : kSmoothings) {
        for (const int patience : kPatiences) {
            for (const double on : kOns) {
                for (const double fall : kFalls) {
                    const EventSettings settings{smoothing, on, on - fall, patience};
                    const EventScores scores = scoreEvents(cases, background, settings);
                    // Beyond the limit fewer false alarms are better than anything else.
                    const bool allowed = mostSpurious < 0 || scores.spurious <= mostSpurious;
                    const int excess = allowed ? 0 : scores.spurious;
                    if (excess > fewest || (excess == fewest && scores.f1() <= bestF1))
                        continue;
                    fewest = excess;
                    bestF1 = scores.f1();
                    best = settings;
                }
            }
        }
    }
    return best;
}

} // namespace ember::learn
