// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/bar_list.h"

#include "app/gui/theme/theme_hub.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr int kLine = 22;
constexpr int kValueWidth = 52;
constexpr int kBar = 6;
constexpr double kNameShare = 0.5;

} // namespace

BarList::BarList(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void BarList::setBars(std::vector<Bar> bars)
{
    m_bars = std::move(bars);
    updateGeometry();
    update();
}

void BarList::setChosen(int tag)
{
    m_chosen = tag;
    update();
}

int BarList::indexOf(int tag) const
{
    const auto at = std::find_if(m_bars.begin(), m_bars.end(), [tag](const Bar& bar) { return bar.tag == tag; });
    return at == m_bars.end() ? -1 : static_cast<int>(at - m_bars.begin());
}

QRect BarList::lineOf(int tag) const
{
    const int index = indexOf(tag);
    return index < 0 ? QRect() : QRect(0, index * kLine, width(), kLine);
}

QSize BarList::sizeHint() const
{
    return {180, kLine * std::max<int>(1, static_cast<int>(m_bars.size()))};
}

Exportable BarList::exportable(const QString& valueName) const
{
    Exportable source;
    source.name = QStringLiteral("features");
    source.paint = [this](QPainter& painter, QSize size) { paintInto(painter, size, QRect(QPoint(), size)); };
    source.csv = [this, valueName] {
        QString text = csvLine({QStringLiteral("feature"), valueName});
        for (const Bar& bar : m_bars)
            text += csvLine({bar.name, QString::number(bar.value, 'g', 9)});
        return text;
    };
    return source;
}

void BarList::paintInto(QPainter& painter, QSize size, QRect visible) const
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    const QFont font = m_theme.theme().font(TypeSize::Small);
    const QFontMetrics metrics(font);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font);
    double most = 0;
    for (const Bar& bar : m_bars) {
        if (std::isfinite(bar.value))
            most = std::max(most, bar.value);
    }
    const int names = static_cast<int>(size.width() * kNameShare);
    const double room = size.width() - names - kValueWidth - 2.0 * m.xs;
    const int last = std::min(static_cast<int>(m_bars.size()) - 1, visible.bottom() / kLine);
    for (int i = std::max(0, visible.top() / kLine); i <= last; ++i) {
        const Bar& bar = m_bars[static_cast<std::size_t>(i)];
        const QRect line(0, i * kLine, size.width(), kLine);
        if (bar.tag == m_chosen)
            painter.fillRect(line, c.accentSoft);
        painter.setPen(c.text);
        painter.drawText(line.adjusted(m.xs, 0, names - size.width(), 0), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(bar.name, Qt::ElideMiddle, names - m.xs));
        const double share = std::isinf(bar.value) ? 1.0 : most > 0 ? std::clamp(bar.value / most, 0.0, 1.0) : 0.0;
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.share);
        painter.drawRoundedRect(QRectF(names + m.xs, line.center().y() - kBar / 2.0 + 0.5, room * share, kBar), 2, 2);
        painter.setPen(c.muted);
        painter.drawText(line.adjusted(size.width() - kValueWidth, 0, -m.xs, 0), Qt::AlignVCenter | Qt::AlignRight,
                         bar.text);
    }
}

void BarList::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    paintInto(painter, size(), event->rect());
}

int BarList::lineAt(int y) const
{
    const int line = y / kLine;
    return y >= 0 && line < static_cast<int>(m_bars.size()) ? line : -1;
}

void BarList::choose(int index)
{
    if (index < 0 || index >= static_cast<int>(m_bars.size()))
        return;
    setChosen(m_bars[static_cast<std::size_t>(index)].tag);
    Q_EMIT chosenChanged(m_chosen);
}

void BarList::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        choose(lineAt(event->pos().y()));
}

void BarList::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)
        choose(std::clamp(indexOf(m_chosen) + (event->key() == Qt::Key_Up ? -1 : 1), 0,
                          static_cast<int>(m_bars.size()) - 1));
    else
        QWidget::keyPressEvent(event);
}

bool BarList::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int line = lineAt(help->pos().y());
        if (line >= 0) {
            const Bar& bar = m_bars[static_cast<std::size_t>(line)];
            QToolTip::showText(help->globalPos(), QStringLiteral("%1: %2").arg(bar.name, bar.text), this);
        }
        return true;
    }
    return QWidget::event(event);
}

} // namespace ember::gui
