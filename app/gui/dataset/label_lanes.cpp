// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/label_lanes.h"

#include "app/gui/plot/time_view.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/theme/contrast.h"
#include "app/gui/theme/theme_hub.h"
#include "core/dataset/segment_edits.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr qsizetype kLeastLetters = 3; ///< of a name, dots included
constexpr int kLane = 26;
constexpr int kLaneGap = 2;
constexpr double kEdgeGrip = 5;   ///< pixels from an edge that resize
constexpr double kLeastDrawn = 4; ///< pixels; a shorter drag was a click
constexpr double kSnapReach = 8;  ///< pixels within which an edge goes to what is there
constexpr int kChangeTick = 4;
constexpr int kActiveBar = 3;
constexpr double kLeastRounded = 12;

} // namespace

LabelLanes::LabelLanes(TimeView& time, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_time(time)
    , m_theme(theme)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::ClickFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setWhatsThis(
        tr("Labels over time. Drag on an empty place to label it, on an edge to resize, in the middle to move; "
           "Delete removes the selected label. Edges go to the ticks, where the signal changes, and to other "
           "labels; Ctrl lets them go anywhere. The right button copies and compares."));
    connect(&time, &TimeView::changed, this, [this] { update(); });
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void LabelLanes::setContent(const Content& content)
{
    const std::size_t lanes = m_content.sets.size();
    m_content = content;
    if (!selected() && m_selected.isValid()) {
        m_selected = {};
        Q_EMIT selectionChanged();
    }
    if (lanes != m_content.sets.size())
        updateGeometry();
    update();
}

std::optional<dataset::Segment> LabelLanes::selected() const
{
    for (const dataset::Segment& segment : m_content.segments) {
        if (segment.id == m_selected)
            return segment;
    }
    return std::nullopt;
}

void LabelLanes::select(dataset::SegmentId id)
{
    if (id == m_selected)
        return;
    m_selected = id;
    update();
    Q_EMIT selectionChanged();
}

void LabelLanes::setMark(std::optional<qint64> row, std::optional<qint64> begunAt)
{
    m_cursor = row;
    m_begunAt = begunAt;
    update();
}

void LabelLanes::paintCursor(QPainter& painter) const
{
    if (!m_cursor)
        return;
    const ThemeColours& c = m_theme.colours();
    if (m_begunAt) {
        painter.setPen(QPen(c.accent, 1));
        painter.setBrush(c.accentSoft);
        const double from = xOf(std::min(*m_cursor, *m_begunAt));
        const double to = xOf(std::max(*m_cursor, *m_begunAt));
        painter.drawRoundedRect(QRectF(from, laneTop(activeLane()) + 1, std::max(1.0, to - from), kLane - 2), 4, 4);
    }
    painter.setPen(QPen(c.accent, 1.5));
    painter.drawLine(QPointF(xOf(*m_cursor), 0), QPointF(xOf(*m_cursor), height()));
}

void LabelLanes::setProposals(std::vector<Proposal> proposals)
{
    m_proposals = std::move(proposals);
    update();
}

void LabelLanes::setActiveSet(dataset::LabelSetId set)
{
    m_activeSet = set;
    update();
}

void LabelLanes::setChanges(std::vector<qint64> rows)
{
    m_changes = std::move(rows);
    update();
}

void LabelLanes::setSnapping(bool snaps)
{
    m_snaps = snaps;
    update();
}

int LabelLanes::activeLane() const
{
    for (std::size_t i = 0; i < m_content.sets.size(); ++i) {
        if (m_content.sets[i].id == m_activeSet)
            return static_cast<int>(i);
    }
    return 0;
}

bool LabelLanes::isInView(qint64 begin, qint64 end) const
{
    return static_cast<double>(end) >= m_time.begin() * m_content.rate &&
           static_cast<double>(begin) <= m_time.end() * m_content.rate;
}

/// Of ten thousand only what is seen, and of many within one pixel the first.
void LabelLanes::paintSegments(QPainter& painter) const
{
    std::vector<double> drawnTo(std::max<std::size_t>(1, m_content.sets.size()), -1.0);
    for (const dataset::Segment& segment : m_content.segments) {
        const bool dragged = m_grip != Grip::None && segment.id == m_dragged.id;
        if (dragged || !isInView(segment.begin, segment.end))
            continue;
        double& drawn = drawnTo[static_cast<std::size_t>(laneOf(segment))];
        const double right = xOf(segment.end);
        if (right - xOf(segment.begin) < 1 && right <= drawn && segment.id != m_selected)
            continue;
        paintSegment(painter, segment);
        drawn = std::max(drawn, std::max(right, xOf(segment.begin) + 1));
    }
}

void LabelLanes::paintProposals(QPainter& painter) const
{
    const ThemeColours& c = m_theme.colours();
    const double top = laneTop(activeLane()) + 1.0;
    for (const Proposal& proposal : m_proposals) {
        if (!isInView(proposal.begin, proposal.end))
            continue;
        const QRectF area(QPointF(xOf(proposal.begin), top), QPointF(xOf(proposal.end), top + kLane - 2));
        painter.setPen(QPen(proposal.isCurrent ? c.accent : c.muted, proposal.isCurrent ? 2 : 1, Qt::DashLine));
        painter.setBrush(proposal.isCurrent ? QBrush(c.accentSoft) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 4, 4);
        const QRectF text = area.adjusted(6, 0, -6, 0);
        if (text.width() < kLane)
            continue;
        painter.setPen(c.muted);
        painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                         painter.fontMetrics().elidedText(proposal.label + QLatin1Char('?'), Qt::ElideRight,
                                                          static_cast<int>(text.width())));
    }
}

QSize LabelLanes::sizeHint() const
{
    const int lanes = std::max<int>(1, static_cast<int>(m_content.sets.size()));
    return {400, lanes * (kLane + kLaneGap)};
}

double LabelLanes::xOf(qint64 row) const
{
    const double room = width() - TracePlot::kLeftMargin - TracePlot::kRightMargin;
    const double seconds = static_cast<double>(row) / m_content.rate;
    return TracePlot::kLeftMargin + (seconds - m_time.begin()) / m_time.length() * room;
}

qint64 LabelLanes::rowAt(double x) const
{
    const double room = std::max(1, width() - TracePlot::kLeftMargin - TracePlot::kRightMargin);
    const double seconds = m_time.begin() + (x - TracePlot::kLeftMargin) / room * m_time.length();
    return std::clamp<qint64>(std::llround(seconds * m_content.rate), 0, m_content.endRow);
}

int LabelLanes::laneTop(int lane) const
{
    return lane * (kLane + kLaneGap);
}

int LabelLanes::laneAt(double y) const
{
    return std::clamp(static_cast<int>(y) / (kLane + kLaneGap), 0,
                      std::max(0, static_cast<int>(m_content.sets.size()) - 1));
}

const dataset::Label* LabelLanes::labelOf(const dataset::Segment& segment) const
{
    const auto at = std::find_if(m_content.labels.begin(), m_content.labels.end(),
                                 [&](const dataset::Label& label) { return label.id == segment.label; });
    return at == m_content.labels.end() ? nullptr : &*at;
}

int LabelLanes::laneOf(const dataset::Segment& segment) const
{
    const dataset::Label* label = labelOf(segment);
    for (std::size_t i = 0; label && i < m_content.sets.size(); ++i) {
        if (m_content.sets[i].id == label->set)
            return static_cast<int>(i);
    }
    return 0;
}

QRectF LabelLanes::rectOf(const dataset::Segment& segment) const
{
    return {QPointF(xOf(segment.begin), laneTop(laneOf(segment)) + 1.0),
            QPointF(xOf(segment.end), laneTop(laneOf(segment)) + kLane - 1.0)};
}

void LabelLanes::paintSegment(QPainter& painter, const dataset::Segment& segment) const
{
    const QRectF area = rectOf(segment);
    const dataset::Label* label = labelOf(segment);
    const int colour = label ? label->colour : 0;
    // Of thousands in view round corners are not seen, but cost most of the time.
    if (area.width() < kLeastRounded && segment.id != m_selected) {
        painter.fillRect(QRect(static_cast<int>(std::floor(area.left())), static_cast<int>(area.top()),
                               std::max(1, static_cast<int>(std::lround(area.width()))), kLane - 2),
                         m_theme.theme().classColour(colour));
        return;
    }
    painter.setPen(segment.id == m_selected ? QPen(m_theme.colours().text, 2) : QPen(Qt::NoPen));
    painter.setBrush(m_theme.theme().classColour(colour));
    painter.drawRoundedRect(area.adjusted(0.5, 0, -0.5, 0), 4, 4);
    if (colour >= m_theme.theme().classColourCount()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(QBrush(readableOn(m_theme.theme().classColour(colour)), Qt::BDiagPattern));
        painter.drawRect(QRectF(area.left(), area.bottom() - 4, area.width(), 4));
    }
    // Only the part that is on the screen can carry the name.
    const QRectF text = area.intersected(QRectF(TracePlot::kLeftMargin, 0,
                                                width() - TracePlot::kLeftMargin - TracePlot::kRightMargin, height()))
                            .adjusted(6, 0, -6, 0);
    if (!label || text.width() < 12)
        return;
    const QString name = painter.fontMetrics().elidedText(label->name, Qt::ElideRight, static_cast<int>(text.width()));
    if (name.size() < std::min<qsizetype>(kLeastLetters, label->name.size()))
        return; // dots alone say nothing; the colour does
    painter.setPen(readableOn(m_theme.theme().classColour(colour)));
    painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft, name);
}

void LabelLanes::paintEvent(QPaintEvent*)
{
    const ThemeColours& c = m_theme.colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
    const QRectF room(TracePlot::kLeftMargin, 0, width() - TracePlot::kLeftMargin - TracePlot::kRightMargin, height());
    const int lanes = std::max<int>(1, static_cast<int>(m_content.sets.size()));
    for (int lane = 0; lane < lanes; ++lane)
        paintLane(painter, room, lane);
    const bool isBare = m_content.segments.empty() && m_proposals.empty();
    if (isBare && m_grip == Grip::None && m_content.writable) {
        painter.setPen(c.muted);
        painter.drawText(room, Qt::AlignCenter, tr("Drag here to label a stretch"));
    }
    painter.setClipRect(room);
    paintSegments(painter);
    paintProposals(painter);
    paintChanges(painter);
    if (m_grip == Grip::Draw) {
        painter.setPen(QPen(c.accent, 1));
        painter.setBrush(c.accentSoft);
        painter.drawRoundedRect(QRectF(QPointF(xOf(m_dragged.begin), laneTop(m_drawLane) + 1.0),
                                       QPointF(xOf(m_dragged.end), laneTop(m_drawLane) + kLane - 1.0)),
                                4, 4);
    } else if (m_grip != Grip::None) {
        paintSegment(painter, m_dragged);
    }
    paintCursor(painter);
}

/// With several sets the one that the keys work on is marked.
void LabelLanes::paintLane(QPainter& painter, const QRectF& room, int lane) const
{
    const ThemeColours& c = m_theme.colours();
    const bool isActive = m_content.sets.size() > 1 && lane == activeLane();
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.window);
    painter.drawRect(QRectF(room.left(), laneTop(lane), room.width(), kLane));
    if (isActive) {
        painter.setBrush(c.accent);
        painter.drawRect(QRectF(room.left() - kActiveBar, laneTop(lane), kActiveBar, kLane));
    }
    painter.setFont(m_theme.theme().font(TypeSize::Caption, isActive ? QFont::DemiBold : QFont::Normal));
    painter.setPen(isActive ? c.text : c.muted);
    const QString name = m_content.sets.empty() ? tr("label") : m_content.sets[static_cast<std::size_t>(lane)].name;
    painter.drawText(QRect(0, laneTop(lane), TracePlot::kLeftMargin - 8, kLane), Qt::AlignVCenter | Qt::AlignRight,
                     painter.fontMetrics().elidedText(name, Qt::ElideRight, TracePlot::kLeftMargin - 12));
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
}

/// Ticks at both edges of the active lane, so that a label over them hides none.
void LabelLanes::paintChanges(QPainter& painter) const
{
    if (!m_snaps)
        return;
    const double top = laneTop(activeLane());
    painter.setPen(QPen(m_theme.colours().text, 1));
    for (const qint64 row : m_changes) {
        if (!isInView(row, row))
            continue;
        painter.drawLine(QPointF(xOf(row), top), QPointF(xOf(row), top + kChangeTick));
        painter.drawLine(QPointF(xOf(row), top + kLane - kChangeTick), QPointF(xOf(row), top + kLane));
    }
}

/// Rows that an edge may go to: what is under the mouse to the pixel, and nothing of the dragged label itself.
void LabelLanes::collectSnapTargets(dataset::SegmentId without)
{
    m_snapTargets = m_changes;
    for (const dataset::Segment& segment : m_content.segments) {
        if (segment.id != without && isInView(segment.begin, segment.end))
            m_snapTargets.insert(m_snapTargets.end(), {segment.begin, segment.end});
    }
    if (m_cursor)
        m_snapTargets.push_back(*m_cursor);
    m_snapTargets.insert(m_snapTargets.end(), {0, m_content.endRow});
    std::sort(m_snapTargets.begin(), m_snapTargets.end());
}

qint64 LabelLanes::snapped(qint64 row, Qt::KeyboardModifiers modifiers) const
{
    if (m_snaps == modifiers.testFlag(Qt::ControlModifier))
        return row;
    const double room = std::max(1, width() - TracePlot::kLeftMargin - TracePlot::kRightMargin);
    const double reach = kSnapReach / room * m_time.length() * m_content.rate;
    return dataset::snappedRow(row, m_snapTargets, std::llround(reach));
}

qint64 LabelLanes::edgeAt(const QMouseEvent& event) const
{
    return snapped(rowAt(event.position().x()), event.modifiers());
}

LabelLanes::Hit LabelLanes::hitAt(const QPointF& at) const
{
    // From the last to the first: what is painted on top is hit first.
    for (int i = static_cast<int>(m_content.segments.size()) - 1; i >= 0; --i) {
        const QRectF area = rectOf(m_content.segments[static_cast<std::size_t>(i)]);
        if (!area.adjusted(-kEdgeGrip, 0, kEdgeGrip, 0).contains(at))
            continue;
        const double grip = std::min(kEdgeGrip, area.width() / 3);
        if (at.x() <= area.left() + grip)
            return {i, Grip::Begin};
        if (at.x() >= area.right() - grip)
            return {i, Grip::End};
        return {i, Grip::Move};
    }
    return {};
}

void LabelLanes::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || event->position().x() < TracePlot::kLeftMargin)
        return;
    const Hit hit = hitAt(event->position());
    if (const auto lane = static_cast<std::size_t>(laneAt(event->position().y())); lane < m_content.sets.size())
        Q_EMIT laneChosen(m_content.sets[lane].id);
    m_pressedRow = rowAt(event->position().x());
    if (hit.segment >= 0) {
        const dataset::Segment segment = m_content.segments[static_cast<std::size_t>(hit.segment)];
        collectSnapTargets(segment.id);
        select(segment.id);
        m_before = m_dragged = segment;
        m_grip = m_content.writable ? hit.grip : Grip::None;
        return;
    }
    select({});
    if (!m_content.writable)
        return;
    m_drawLane = laneAt(event->position().y());
    collectSnapTargets({});
    m_pressedRow = edgeAt(*event);
    m_dragged = {};
    m_dragged.begin = m_dragged.end = m_pressedRow;
    m_grip = Grip::Draw;
}

void LabelLanes::mouseMoveEvent(QMouseEvent* event)
{
    if (m_grip != Grip::None) {
        dragTo(*event);
        return;
    }
    const Grip grip = m_content.writable ? hitAt(event->position()).grip : Grip::None;
    setCursor(grip == Grip::Begin || grip == Grip::End ? Qt::SizeHorCursor
              : grip == Grip::Move                     ? Qt::OpenHandCursor
                                                       : Qt::ArrowCursor);
}

void LabelLanes::dragTo(const QMouseEvent& event)
{
    const qint64 row = edgeAt(event);
    switch (m_grip) {
    case Grip::None:
        break;
    case Grip::Draw:
        m_dragged.begin = std::min(row, m_pressedRow);
        m_dragged.end = std::max(row, m_pressedRow);
        break;
    case Grip::Begin:
        m_dragged.begin = std::min(row, m_before.end - 1);
        break;
    case Grip::End:
        m_dragged.end = std::max(row, m_before.begin + 1);
        break;
    case Grip::Move: {
        const qint64 length = m_before.end - m_before.begin;
        const qint64 moved = m_before.begin + rowAt(event.position().x()) - m_pressedRow;
        // Whichever end comes to something; the beginning where both do.
        const qint64 begin = snapped(moved, event.modifiers());
        const qint64 byEnd = snapped(moved + length, event.modifiers()) - length;
        m_dragged.begin = std::clamp<qint64>(begin != moved ? begin : byEnd, 0, m_content.endRow - length);
        m_dragged.end = m_dragged.begin + length;
        break;
    }
    }
    update();
}

void LabelLanes::mouseReleaseEvent(QMouseEvent*)
{
    const Grip grip = m_grip;
    m_grip = Grip::None;
    update();
    if (grip == Grip::Draw) {
        if (xOf(m_dragged.end) - xOf(m_dragged.begin) < kLeastDrawn)
            return;
        const auto set =
            m_content.sets.empty() ? dataset::LabelSetId{} : m_content.sets[static_cast<std::size_t>(m_drawLane)].id;
        Q_EMIT segmentDrawn(set, m_dragged.begin, m_dragged.end);
    } else if (grip != Grip::None && m_dragged != m_before) {
        Q_EMIT segmentChanged(m_dragged);
    }
}

void LabelLanes::contextMenuEvent(QContextMenuEvent* event)
{
    if (const auto lane = static_cast<std::size_t>(laneAt(event->pos().y())); lane < m_content.sets.size())
        Q_EMIT laneChosen(m_content.sets[lane].id);
    if (const Hit hit = hitAt(event->pos()); hit.segment >= 0)
        select(m_content.segments[static_cast<std::size_t>(hit.segment)].id);
    Q_EMIT menuWanted(event->globalPos());
}

void LabelLanes::wheelEvent(QWheelEvent* event)
{
    m_time.wheel(*event, static_cast<double>(rowAt(event->position().x())) / m_content.rate);
    event->accept();
}

void LabelLanes::mouseDoubleClickEvent(QMouseEvent* event)
{
    const Hit hit = hitAt(event->position());
    if (hit.segment < 0) {
        m_time.fit();
        return;
    }
    // A label fills the view, with a little around it.
    const dataset::Segment& segment = m_content.segments[static_cast<std::size_t>(hit.segment)];
    const double begin = static_cast<double>(segment.begin) / m_content.rate;
    const double end = static_cast<double>(segment.end) / m_content.rate;
    m_time.setRange(begin - 0.1 * (end - begin), end + 0.1 * (end - begin));
}

} // namespace ember::gui
