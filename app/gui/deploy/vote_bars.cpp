// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/vote_bars.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/format.h"

#include <QPainter>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kRow = 26;
constexpr int kLeastBar = 60;
constexpr int kBar = 10;
constexpr int kNumber = 48;

} // namespace

VoteBars::VoteBars(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setToolTip(tr("Share of the votes: bar on the board, mark on the desktop"));
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void VoteBars::setBars(std::vector<Bar> bars)
{
    const bool resized = bars.size() != m_bars.size();
    m_bars = std::move(bars);
    if (resized)
        updateGeometry();
    update();
}

QSize VoteBars::sizeHint() const
{
    return {220, kRow * static_cast<int>(m_bars.size())};
}

void VoteBars::paintEvent(QPaintEvent*)
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetrics metrics(m_theme.theme().font(TypeSize::Small, QFont::DemiBold));
    int names = 0;
    for (const Bar& bar : m_bars)
        names = std::max(names, metrics.horizontalAdvance(bar.name));
    names = std::min(names, std::max(width() / 3, width() - kNumber - 2 * m.s - kLeastBar));
    const QRectF track(names + m.s, 0, std::max(16, width() - names - kNumber - 2 * m.s), kBar);
    int y = 0;
    for (const Bar& bar : m_bars) {
        painter.setFont(m_theme.theme().font(TypeSize::Small, bar.wins ? QFont::DemiBold : QFont::Normal));
        painter.setPen(bar.wins ? c.text : c.muted);
        painter.drawText(QRect(0, y, names, kRow), Qt::AlignVCenter | Qt::AlignLeft,
                         painter.fontMetrics().elidedText(bar.name, Qt::ElideRight, names));
        painter.drawText(QRect(width() - kNumber, y, kNumber, kRow), Qt::AlignVCenter | Qt::AlignRight,
                         formatShare(bar.board));
        QRectF area = track.translated(0, y + (kRow - kBar) / 2.0);
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.hover);
        painter.drawRoundedRect(area, 3, 3);
        const double x = area.left();
        const double room = area.width();
        if (bar.board > 0) {
            painter.setBrush(m_theme.theme().classBrush(bar.colour));
            painter.drawRoundedRect(QRectF(x, area.top(), std::max(3.0, room * bar.board), kBar), 3, 3);
        }
        if (bar.host >= 0) {
            painter.setPen(QPen(c.text, 2));
            const double at = x + room * bar.host;
            painter.drawLine(QPointF(at, area.top() - 3), QPointF(at, area.bottom() + 3));
        }
        y += kRow;
    }
}

} // namespace ember::gui
