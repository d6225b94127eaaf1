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
constexpr int kTextMargin = 6;
constexpr int kDigits = 3;
constexpr int kGroundAlpha = 200;

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
    return {least, most};
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
    if (m_track->reason.isEmpty()) {
        paintValues(painter, room);
    } else {
        const int width = static_cast<int>(room.width()) - 2 * kTextMargin;
        painter.setPen(c.muted);
        painter.drawText(room.adjusted(kTextMargin, 0, -kTextMargin, -1), Qt::AlignLeft | Qt::AlignBottom,
                         painter.fontMetrics().elidedText(m_track->reason, Qt::ElideRight, width));
    }
    paintName(painter, room);
}

void TrackStrip::paintValues(QPainter& painter, const QRectF& room) const
{
    const ThemeColours& c = m_theme.colours();
    const auto [least, most] = range();
    const double around = least < most ? kRoomAround * (most - least) : 0;
    const double low = least < 0 ? least - around : 0;
    const double high = most > 0 ? most + around : least < 0 ? 0 : 1;
    const auto yOf = [&](double value) { return room.bottom() - (value - low) / (high - low) * room.height(); };
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
    // The ends of the axis, where the traces have their numbers.
    const QRectF beside(0, 0, TracePlot::kLeftMargin - kTextMargin, height());
    painter.setPen(c.muted);
    painter.drawText(beside, Qt::AlignRight | Qt::AlignBottom, QString::number(least, 'g', kDigits));
    if (least < most)
        painter.drawText(beside, Qt::AlignRight | Qt::AlignTop, QString::number(most, 'g', kDigits));
}

/// In the corner, on a ground that lets the values through, as the plots around it have it.
void TrackStrip::paintName(QPainter& painter, const QRectF& room) const
{
    const ThemeColours& c = m_theme.colours();
    painter.setFont(m_theme.theme().font(TypeSize::Caption, QFont::DemiBold));
    const QFontMetrics metrics = painter.fontMetrics();
    const QString name = metrics.elidedText(m_track->name, Qt::ElideMiddle, static_cast<int>(room.width()) / 2);
    const QRectF box(room.left() + kTextMargin, room.top() + 1, metrics.horizontalAdvance(name) + kTextMargin,
                     metrics.height());
    QColor ground = c.plot;
    ground.setAlpha(kGroundAlpha);
    painter.fillRect(box, ground);
    painter.setPen(c.muted);
    painter.drawText(box, Qt::AlignCenter, name);
}

void TrackStrip::wheelEvent(QWheelEvent* event)
{
    const double room = std::max(1, width() - TracePlot::kLeftMargin - TracePlot::kRightMargin);
    m_time.wheel(*event, m_time.begin() + (event->position().x() - TracePlot::kLeftMargin) / room * m_time.length());
    event->accept();
}

} // namespace ember::gui
