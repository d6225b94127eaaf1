// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/track_strip.h"

#include "app/gui/plot/time_view.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/theme/theme_hub.h"

#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr int kTrackHeight = 44;
constexpr double kRoomAbove = 1.05;

/// The highest value of a piece between two times; negative where it has none there.
double highestBetween(const TrackStrip::Piece& piece, double begin, double end)
{
    const auto count = static_cast<double>(piece.values.size());
    const double first = std::floor((begin - piece.begin) / piece.step);
    const double last = std::ceil((end - piece.begin) / piece.step);
    if (last <= 0 || first >= count)
        return -1;
    const auto from = static_cast<std::size_t>(std::max(0.0, first));
    const auto to = std::max(from + 1, static_cast<std::size_t>(std::min(count, last)));
    float most = -1;
    for (std::size_t i = from; i < to; ++i)
        most = std::max(most, piece.values[i]);
    return static_cast<double>(most);
}

} // namespace

TrackStrip::TrackStrip(TimeView& time, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_time(time)
    , m_theme(theme)
{
    setFixedHeight(kTrackHeight);
    setVisible(false);
    connect(&time, &TimeView::changed, this, [this] { update(); });
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void TrackStrip::setTrack(std::optional<Track> track)
{
    m_track = std::move(track);
    setVisible(m_track.has_value());
    setToolTip(m_track ? m_track->name : QString());
    update();
}

double TrackStrip::highest() const
{
    double most = 0;
    for (const Piece& piece : m_track->pieces) {
        for (const float value : piece.values)
            most = std::max(most, static_cast<double>(value));
    }
    for (const double threshold : m_track->thresholds)
        most = std::max(most, threshold);
    return most > 0 ? most * kRoomAbove : 1.0;
}

void TrackStrip::paintEvent(QPaintEvent*)
{
    if (!m_track)
        return;
    const ThemeColours& c = m_theme.colours();
    const QRectF room = QRectF(rect()).adjusted(TracePlot::kLeftMargin, 1, -TracePlot::kRightMargin, -1);
    QPainter painter(this);
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
    painter.fillRect(room, c.window);
    painter.setPen(c.muted);
    painter.drawText(QRectF(0, 0, TracePlot::kLeftMargin - 8, height()), Qt::AlignVCenter | Qt::AlignRight,
                     painter.fontMetrics().elidedText(m_track->name, Qt::ElideRight, TracePlot::kLeftMargin - 12));
    const double most = highest();
    const auto yOf = [&](double value) { return room.bottom() - value / most * room.height(); };
    const auto columns = static_cast<int>(room.width());
    const double perColumn = m_time.length() / std::max(1, columns);
    for (int column = 0; column < columns; ++column) {
        const double begin = m_time.begin() + column * perColumn;
        for (const Piece& piece : m_track->pieces) {
            const double value = highestBetween(piece, begin, begin + perColumn);
            if (value >= 0)
                painter.fillRect(
                    QRectF(QPointF(room.left() + column, yOf(value)), QPointF(room.left() + column + 1, room.bottom())),
                    m_theme.theme().trace(0));
        }
    }
    painter.setPen(QPen(c.accent, 1, Qt::DashLine));
    for (const double threshold : m_track->thresholds)
        painter.drawLine(QPointF(room.left(), yOf(threshold)), QPointF(room.right(), yOf(threshold)));
}

void TrackStrip::wheelEvent(QWheelEvent* event)
{
    const double room = std::max(1, width() - TracePlot::kLeftMargin - TracePlot::kRightMargin);
    m_time.wheel(*event, m_time.begin() + (event->position().x() - TracePlot::kLeftMargin) / room * m_time.length());
    event->accept();
}

} // namespace ember::gui
