// SPDX-License-Identifier: GPL-3.0-or-later
// From scores of windows that follow each other to events, and how well these agree with what happened.
#pragma once

#include "core/base/result.h"

#include <QtGlobal>

#include <optional>
#include <span>
#include <vector>

namespace ember::learn {

/// Something that goes on for a while. Rows are of the recording.
struct Event
{
    qint32 label = 0;
    qint64 begin = 0;
    qint64 end = 0;   ///< behind the last row
    qint64 known = 0; ///< the row at which it could be told: the end of the window that decided
};

/// The windows of a stretch of a recording without gaps, and what a classifier said of each.
struct Timeline
{
    qint64 first = 0; ///< row of the first window
    qint64 hop = 1;   ///< rows from one window to the next
    qint64 rows = 1;  ///< of a window
    std::size_t classes = 0;
    std::vector<quint8> shares; ///< windows x classes, in 1/256 (see eventShare())

    std::size_t windows() const { return classes == 0 ? 0 : shares.size() / classes; }
};

/// How scores become events: the mean of the last `smoothing` windows; an event begins where that of a class has been
/// at `on` or above for `patience` windows, and ends where it falls below `off`; for `deadTime` windows more none of
/// the same class begins.
struct EventSettings
{
    int smoothing = 1;
    double on = 0.5;
    double off = 0.5; ///< at most `on`
    int patience = 1;
    int deadTime = 0;

    bool operator==(const EventSettings&) const = default;
};

/// The most windows that smoothing, patience and dead time may have: boards count them in a byte.
constexpr int kMostEventWindows = 255;

/// A share from 0 to 1 as boards know it: in 1/256, rounded down, at most 255. NaN is 0.
quint8 eventShare(double share);

/// Errors: Usage for settings that no board can have, naming the one and its range.
Status checkEventSettings(const EventSettings& settings);

/// Takes windows one after the other and says what becomes of each class: the very lines that a board runs
/// (device-agent/runtime/events.hpp). A value; one thread.
class EventDetector
{
public:
    /// `background` -1: every class is an event. `settings` are sound, see checkEventSettings().
    EventDetector(std::size_t classes, qint32 background, const EventSettings& settings);

    /// `shares` of all classes in the next window. Returns a runtime::EventPhase for each class.
    const std::vector<quint8>& take(std::span<const quint8> shares);
    /// The next window does not follow the last one.
    const std::vector<quint8>& interrupt();

private:
    /// The settings as the runtime takes them.
    struct Shape
    {
        quint16 classes, background;
        quint8 smoothing, patience, rest, on, off;
    };
    struct Memory
    {
        std::vector<quint16> sums;
        std::vector<quint8> runs, rests, phases, ring;
        quint8 at = 0, filled = 0;
    };

    Shape m_shape;
    Memory m_memory;
};

/// Events of every class but `background` (-1: of every class), in order of their beginning. Looks only backwards in
/// time. `settings` are sound.
std::vector<Event> detectEvents(const Timeline& timeline, qint32 background, const EventSettings& settings);

struct EventScores
{
    int happened = 0;
    int found = 0;                 ///< of those, with at least one event of the same class that overlaps it
    int duplicates = 0;            ///< further events for the same one
    int spurious = 0;              ///< events with nothing of their class there: false alarms
    std::vector<double> latencies; ///< rows from the beginning to the moment it was known, one for each found

    int missed() const { return happened - found; }
    double recall() const;
    double precision() const; ///< of found and spurious; duplicates count as alarms that were right
    double f1() const;
    void add(const EventScores& other);
};

/// Compares the events of one stretch. What was said up to `tolerance` rows behind an event still counts for it, for a
/// window knows of it only then.
EventScores matchEvents(const std::vector<Event>& truth, const std::vector<Event>& said, qint64 tolerance);

/// One stretch of a recording to choose settings on.
struct EventCase
{
    Timeline timeline;
    std::vector<Event> truth;
};

EventScores scoreEvents(std::span<const EventCase* const> cases, qint32 background, const EventSettings& settings);

/// The settings of a small grid with the best F1 of events among those with at most `mostSpurious` false alarms (no
/// limit below zero); where none has, the one with the fewest. Of equals the first: the quickest to answer.
EventSettings tuneEvents(std::span<const EventCase* const> cases, qint32 background, double mostSpurious = -1);

} // namespace ember::learn
