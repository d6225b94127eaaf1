// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/balance_bar.h"

#include "app/gui/theme/theme_hub.h"

#include <QPainter>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kRow = 22;
constexpr int kBar = 6;

} // namespace

BalanceBar::BalanceBar(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void BalanceBar::setAmounts(std::vector<ClassAmount> amounts)
{
    m_amounts = std::move(amounts);
    updateGeometry();
    update();
}

QSize BalanceBar::sizeHint() const
{
    return {180, std::max(1, static_cast<int>(m_amounts.size())) * kRow};
}

void BalanceBar::paintEvent(QPaintEvent*)
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
    const QFontMetrics metrics = painter.fontMetrics();
    if (m_amounts.empty()) {
        painter.setPen(c.muted);
        painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, tr("Nothing labelled yet"));
        return;
    }
    double most = 0;
    int names = 0;
    int texts = 0;
    for (const ClassAmount& amount : m_amounts) {
        most = std::max(most, amount.amount);
        names = std::max(names, metrics.horizontalAdvance(amount.name) + 1); // a fraction more, and it is elided
        texts = std::max(texts, metrics.horizontalAdvance(amount.text));
    }
    names = std::min(names, width() / 3);
    const int left = names + m.s;
    const int room = std::max(8, width() - left - texts - m.s);
    int y = 0;
    for (const ClassAmount& amount : m_amounts) {
        painter.setPen(c.text);
        painter.drawText(QRect(0, y, names, kRow), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(amount.name, Qt::ElideRight, names));
        painter.setPen(c.muted);
        painter.drawText(QRect(width() - texts, y, texts, kRow), Qt::AlignRight | Qt::AlignVCenter, amount.text);
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.hover);
        const double top = y + (kRow - kBar) / 2.0;
        painter.drawRoundedRect(QRectF(left, top, room, kBar), kBar / 2.0, kBar / 2.0);
        painter.setBrush(m_theme.theme().classBrush(amount.colour));
        const double length = most > 0 ? std::max<double>(kBar, room * amount.amount / most) : 0;
        if (amount.amount > 0)
            painter.drawRoundedRect(QRectF(left, top, length, kBar), kBar / 2.0, kBar / 2.0);
        y += kRow;
    }
}

} // namespace ember::gui
