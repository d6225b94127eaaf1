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
constexpr double kRoomAround = 0.05;

/// The least and greatest value of a piece between two times; nothing where it has none there.
std::optional<std::pair<double, double>> valuesBetween(const TrackStrip::Piece& piece, double begin, double end)
{
    const auto count = static_cast<double>(piece.values.size());
    const double first = std::floor((begin - piece.begin) / piece.step);
    const double last = std::ceil((end - piece.begin) / piece.step);
    if (last <= 0 || first >= count)
        return std::nullopt;
    const auto from = static_cast<std::size_t>(std::max(0.0, first));
    const auto to = std::max(from + 1, static_cast<std::size_t>(std::min(count, last)));
    const auto [least, most] = std::minmax_element(piece.values.begin() + static_cast<std::ptrdiff_t>(from),
                                                   piece.values.begin() + static_cast<std::ptrdiff_t>(to));
    return std::pair(static_cast<double>(*least), static_cast<double>(*most));
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
    setToolTip(!m_track                    ? QString()
               : m_track->detail.isEmpty() ? m_track->name
                                           : m_track->name + QLatin1Char('\n') + m_track->detail);
    update();
}

std::pair<double, double> TrackStrip::range() const
{
    double least = 0;
    double most = 0;
    const auto take = [&](double value) {
        least = std::min(least, value); // NaN is less than nothing
        most = std::max(most, value);
    };
    for (const Piece& piece : m_track->pieces) {
        for (const float value : piece.values)
            take(static_cast<double>(value));
    }
    for (const double threshold : m_track->thresholds)
        take(threshold);
    if (least == most)
        return {0.0, 1.0};
    const double room = kRoomAround * (most - least);
    return {least < 0 ? least - room : 0.0, most > 0 ? most + room : 0.0};
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
    const auto [least, most] = range();
    const auto yOf = [&, low = least, high = most](double value) {
        return room.bottom() - (value - low) / (high - low) * room.height();
    };
    const auto columns = static_cast<int>(room.width());
    const double perColumn = m_time.length() / std::max(1, columns);
    for (int column = 0; column < columns; ++column) {
        const double begin = m_time.begin() + column * perColumn;
        for (const Piece& piece : m_track->pieces) {
            const auto values = valuesBetween(piece, begin, begin + perColumn);
            if (!values || !std::isfinite(values->first) || !std::isfinite(values->second))
                continue;
            painter.fillRect(QRectF(QPointF(room.left() + column, yOf(std::max(0.0, values->second))),
                                    QPointF(room.left() + column + 1, yOf(std::min(0.0, values->first)))),
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
