// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/label_keyboard.h"

#include "app/gui/dataset/timeline.h"
#include "core/dataset/segment_edits.h"

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr double kViewShare = 0.01;
constexpr double kMargin = 0.05; ///< of the view, between its border and the cursor

} // namespace

Error LabelKeyboard::nothingChosen()
{
    return Error(ErrorKind::Usage, tr("No label is selected, and none lies under the cursor."),
                 tr("L goes to the next one."));
}

LabelKeyboard::LabelKeyboard(Timeline& timeline, QObject* parent)
    : QObject(parent)
    , m_timeline(timeline)
{}

void LabelKeyboard::setCursor(qint64 row)
{
    m_cursor = std::clamp<qint64>(row, 0, m_timeline.endRow());
    showMark();
}

void LabelKeyboard::reset()
{
    m_cursor.reset();
    m_begun.reset();
    showMark();
}

void LabelKeyboard::showMark()
{
    m_timeline.showCursor(m_cursor, m_begun ? std::optional(m_begun->row) : std::nullopt);
}

/// Moves the cursor and, when it leaves the view, the view.
void LabelKeyboard::goTo(qint64 row)
{
    setCursor(row);
    TimeView& time = m_timeline.time();
    const double at = static_cast<double>(*m_cursor) / m_timeline.rate();
    const double margin = kMargin * time.length();
    if (at < time.begin())
        time.setRange(at - margin, at - margin + time.length());
    else if (at > time.end())
        time.setRange(at + margin - time.length(), at + margin);
}

void LabelKeyboard::move(int direction, Step step)
{
    const qint64 end = m_timeline.endRow();
    const qint64 middle = std::llround((m_timeline.time().begin() + m_timeline.time().end()) / 2 * m_timeline.rate());
    const qint64 from = m_cursor.value_or(middle);
    switch (step) {
    case Step::Row:
        goTo(from + direction);
        return;
    case Step::View:
        goTo(from + direction *
                        std::max<qint64>(1, std::llround(kViewShare * m_timeline.time().length() * m_timeline.rate())));
        return;
    case Step::End:
        goTo(direction < 0 ? 0 : end);
        return;
    case Step::Edge:
        break;
    }
    const std::vector<qint64> edges = dataset::edgesOf(m_timeline.segments(), m_timeline.gaps(), end);
    if (direction > 0) {
        const auto next = std::upper_bound(edges.begin(), edges.end(), from);
        goTo(next == edges.end() ? end : *next);
    } else {
        const auto next = std::lower_bound(edges.begin(), edges.end(), from);
        goTo(next == edges.begin() ? 0 : *std::prev(next));
    }
}

bool LabelKeyboard::labelKey(dataset::LabelId label)
{
    if (!m_cursor || !m_timeline.isWritable())
        return false;
    if (!m_begun || m_begun->label != label) {
        m_begun = Begun{label, *m_cursor};
        showMark();
        return true;
    }
    const qint64 begin = std::min(m_begun->row, *m_cursor);
    const qint64 end = std::max(m_begun->row, *m_cursor);
    m_begun.reset();
    showMark();
    if (end > begin)
        Q_EMIT editWanted(dataset::Edit(dataset::AddSegment{{{}, m_timeline.recordingId(), label, begin, end}}));
    return true;
}

bool LabelKeyboard::cancel()
{
    const bool begun = m_begun.has_value();
    m_begun.reset();
    showMark();
    return begun;
}

bool LabelKeyboard::jump(const std::vector<dataset::RowInterval>& stretches, int direction)
{
    const qint64 from = m_cursor.value_or(direction > 0 ? -1 : m_timeline.endRow() + 1);
    const auto found =
        direction > 0 ? dataset::nextStretch(stretches, from) : dataset::previousStretch(stretches, from);
    if (!found)
        return false;
    goTo(found->begin);
    return true;
}

bool LabelKeyboard::jumpToUnlabelled(int direction)
{
    return jump(dataset::unlabelledStretches(m_timeline.activeSegments(), m_timeline.endRow()), direction);
}

bool LabelKeyboard::jumpToGap(int direction)
{
    return jump(m_timeline.gaps(), direction);
}

bool LabelKeyboard::jumpToChange(int direction)
{
    std::vector<dataset::RowInterval> stretches;
    for (const qint64 row : m_timeline.lanes().changes())
        stretches.push_back({row, row + 1});
    return jump(stretches, direction);
}

bool LabelKeyboard::jumpToLabel(int direction)
{
    std::vector<dataset::RowInterval> stretches;
    for (const dataset::Segment& segment : m_timeline.activeSegments())
        stretches.push_back({segment.begin, segment.end});
    std::sort(stretches.begin(), stretches.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    if (!jump(stretches, direction))
        return false;
    for (const dataset::Segment& segment : m_timeline.activeSegments()) {
        if (segment.begin == *m_cursor)
            m_timeline.lanes().select(segment.id);
    }
    return true;
}

std::optional<dataset::Segment> LabelKeyboard::target() const
{
    if (const auto selected = m_timeline.lanes().selected())
        return selected;
    for (const dataset::Segment& segment : m_timeline.activeSegments()) {
        if (m_cursor && segment.begin <= *m_cursor && *m_cursor < segment.end)
            return segment;
    }
    return std::nullopt;
}

Status LabelKeyboard::want(Result<dataset::Edit> edit)
{
    if (!edit)
        return edit.error();
    Q_EMIT editWanted(*edit);
    return {};
}

Status LabelKeyboard::split()
{
    const auto segment = target();
    return segment && m_cursor ? want(dataset::splitSegment(*segment, *m_cursor)) : Status(nothingChosen());
}

Status LabelKeyboard::mergeWithNext()
{
    const auto segment = target();
    return segment ? want(dataset::mergeWithNext(*segment, m_timeline.segmentsBeside(*segment)))
                   : Status(nothingChosen());
}

Status LabelKeyboard::setEdge(bool begin)
{
    auto segment = target();
    if (!segment || !m_cursor)
        return nothingChosen();
    (begin ? segment->begin : segment->end) = *m_cursor;
    if (segment->begin >= segment->end)
        return Error(ErrorKind::Usage, tr("A label begins before it ends."),
                     tr("Move the cursor to the other side of its %1.").arg(begin ? tr("end") : tr("beginning")));
    return want(dataset::Edit(dataset::ChangeSegment{*segment}));
}

Status LabelKeyboard::nudge(int rows)
{
    auto segment = target();
    if (!segment)
        return nothingChosen();
    if (segment->begin + rows < 0 || segment->end + rows > m_timeline.endRow())
        return {};
    segment->begin += rows;
    segment->end += rows;
    return want(dataset::Edit(dataset::ChangeSegment{*segment}));
}

} // namespace ember::gui
