// SPDX-License-Identifier: GPL-3.0-or-later
// From scores of windows that follow each other to events, and how well these agree with what happened.
#pragma once

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
    std::vector<float> shares; ///< windows x classes, each window's add up to one

    std::size_t windows() const { return classes == 0 ? 0 : shares.size() / classes; }
};

/// How scores become events: the mean of the last `smoothing` windows; an event begins where that of a class has been
/// at `on` or above for `patience` windows, and ends where it falls below `off`.
struct EventSettings
{
    int smoothing = 1;
    double on = 0.5;
    double off = 0.5; ///< at most `on`
    int patience = 1;

    bool operator==(const EventSettings&) const = default;
};

/// Events of every class but `background` (-1: of every class), in order of their beginning. Looks only backwards in
/// time, as a board does.
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
