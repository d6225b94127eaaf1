// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/class_scores.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kHead = 22;
constexpr int kRow = 26;
constexpr int kNumber = 56;
constexpr int kSupport = 64;
constexpr int kBar = 8;
constexpr int kDot = 8;

} // namespace

ClassScores::ClassScores(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setWhatsThis(tr("F1 of each class as a bar; the line over it is its 95 % interval (bootstrap over groups)."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void ClassScores::setScores(const RunScores& scores, const QHash<QString, int>& colours)
{
    m_scores = scores;
    m_colours = colours;
    updateGeometry();
    update();
}

QSize ClassScores::sizeHint() const
{
    return {360, kHead + kRow * static_cast<int>(m_scores.classes.size())};
}

void ClassScores::paintInto(QPainter& painter, QSize size) const
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    painter.setRenderHint(QPainter::Antialiasing);
    const QFont small = m_theme.theme().font(TypeSize::Small);
    const QFont caption = m_theme.theme().font(TypeSize::Caption);
    const QFontMetrics metrics(small);
    int names = 0;
    for (const RunScores::ClassRow& row : m_scores.classes)
        names = std::max(names, metrics.horizontalAdvance(row.name));
    names = std::min(names + kDot + m.s, size.width() / 3);
    const int numbers = 3 * kNumber + kSupport;
    const int bar = names + m.s;
    const int barWidth = std::max(20, size.width() - bar - numbers - m.s);
    const int first = bar + barWidth + m.s;

    painter.setFont(caption);
    painter.setPen(c.muted);
    const auto head = [&](int x, int width, const QString& text) {
        painter.drawText(QRect(x, 0, width, kHead), Qt::AlignVCenter | Qt::AlignRight, text);
    };
    head(first, kNumber, tr("F1"));
    head(first + kNumber, kNumber, tr("Precision"));
    head(first + 2 * kNumber, kNumber, tr("Recall"));
    head(first + 3 * kNumber, kSupport, tr("Windows"));

    int y = kHead;
    for (const RunScores::ClassRow& row : m_scores.classes) {
        const double middle = y + kRow / 2.0;
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.theme().classBrush(m_colours.value(row.name)));
        painter.drawEllipse(QRectF(0, middle - kDot / 2.0, kDot, kDot));
        painter.setFont(small);
        painter.setPen(c.text);
        const int textX = kDot + m.s;
        painter.drawText(QRect(textX, y, names - textX, kRow), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(row.name, Qt::ElideRight, names - textX));
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.hover);
        painter.drawRoundedRect(QRectF(bar, middle - kBar / 2.0, barWidth, kBar), 2, 2);
        painter.setBrush(c.share);
        painter.drawRoundedRect(QRectF(bar, middle - kBar / 2.0, barWidth * std::clamp(row.f1, 0.0, 1.0), kBar), 2, 2);
        painter.setPen(QPen(c.text, 1));
        const QPointF left(bar + barWidth * row.f1Low, middle);
        const QPointF right(bar + barWidth * row.f1High, middle);
        painter.drawLine(left, right);
        painter.drawLine(left - QPointF(0, 4), left + QPointF(0, 4));
        painter.drawLine(right - QPointF(0, 4), right + QPointF(0, 4));

        const auto number = [&](int x, int width, const QString& text, bool strong) {
            painter.setFont(m_theme.theme().font(TypeSize::Small, strong ? QFont::DemiBold : QFont::Normal));
            painter.setPen(strong ? c.text : c.muted);
            painter.drawText(QRect(x, y, width, kRow), Qt::AlignVCenter | Qt::AlignRight, text);
        };
        number(first, kNumber, formatScore(row.f1), true);
        number(first + kNumber, kNumber, formatScore(row.precision), false);
        number(first + 2 * kNumber, kNumber, formatScore(row.recall), false);
        number(first + 3 * kNumber, kSupport, formatCount(row.support), false);
        y += kRow;
    }
}

void ClassScores::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintInto(painter, size());
}

Exportable ClassScores::exportable()
{
    Exportable source;
    source.view = this;
    source.name = QStringLiteral("classes");
    source.paint = [this](QPainter& painter, QSize size) { paintInto(painter, size); };
    source.csv = [this] {
        QString text = csvLine({QStringLiteral("class"), QStringLiteral("f1"), QStringLiteral("f1_low95"),
                                QStringLiteral("f1_high95"), QStringLiteral("precision"), QStringLiteral("recall"),
                                QStringLiteral("windows")});
        for (const RunScores::ClassRow& row : m_scores.classes) {
            text +=
                csvLine({row.name, QString::number(row.f1), QString::number(row.f1Low), QString::number(row.f1High),
                         QString::number(row.precision), QString::number(row.recall), QString::number(row.support)});
        }
        return text;
    };
    return source;
}

void ClassScores::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillExportMenu(*menu, exportable());
    menu->popup(event->globalPos());
}

bool ClassScores::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int row = (help->pos().y() - kHead) / kRow;
    if (help->pos().y() < kHead || row >= static_cast<int>(m_scores.classes.size())) {
        QToolTip::hideText();
        return true;
    }
    const RunScores::ClassRow& shown = m_scores.classes[static_cast<std::size_t>(row)];
    QToolTip::showText(help->globalPos(), tr("%1: F1 %2, 95 % interval %3 to %4 over %5 windows")
                                              .arg(shown.name, formatScore(shown.f1), formatScore(shown.f1Low),
                                                   formatScore(shown.f1High), formatCount(shown.support)));
    return true;
}

} // namespace ember::gui
