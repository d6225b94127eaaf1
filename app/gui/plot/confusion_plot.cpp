// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/confusion_plot.h"

#include "app/gui/theme/contrast.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kMostLabelWidth = 130;
constexpr double kMostCell = 96;
constexpr double kLeastCell = 30;
constexpr double kWidest = 1.8;  ///< a cell's width over its height, unless its name needs more
constexpr double kNameCell = 96; ///< what most names need
constexpr double kTextCell = 38; ///< cells lower than this show the count alone
constexpr int kAxisLine = 22;

} // namespace

qint64 ConfusionTable::rowTotal(int truth) const
{
    qint64 total = 0;
    for (int predicted = 0; predicted < classes(); ++predicted)
        total += count(truth, predicted);
    return total;
}

double ConfusionTable::share(int truth, int predicted) const
{
    const qint64 total = rowTotal(truth);
    return total == 0 ? 0.0 : static_cast<double>(count(truth, predicted)) / static_cast<double>(total);
}

ConfusionPlot::ConfusionPlot(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setMouseTracking(true);
    setWhatsThis(tr("Rows are the true classes, columns what the model said. The colour is the share of the row."));
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void ConfusionPlot::setTable(const ConfusionTable& table)
{
    m_table = table;
    m_selected.reset();
    updateGeometry();
    update();
}

Exportable ConfusionPlot::exportable()
{
    Exportable source;
    source.view = this;
    source.name = QStringLiteral("confusion");
    source.paint = [this](QPainter& painter, QSize size) { paintInto(painter, size); };
    source.csv = [this] {
        QString text = csvLine(QStringList{QStringLiteral("true \\ predicted")} + m_table.classNames);
        for (int truth = 0; truth < m_table.classes(); ++truth) {
            QStringList fields{m_table.classNames[truth]};
            for (int predicted = 0; predicted < m_table.classes(); ++predicted)
                fields << QString::number(m_table.count(truth, predicted));
            text += csvLine(fields);
        }
        return text;
    };
    source.commandLine = [this] { return m_commandLine; };
    return source;
}

int ConfusionPlot::labelWidth() const
{
    const QFontMetrics metrics(m_theme.theme().font(TypeSize::Small));
    int width = 0;
    for (const QString& name : m_table.classNames)
        width = std::max(width, metrics.horizontalAdvance(name));
    return std::min(width, kMostLabelWidth) + m_theme.metrics().s;
}

ConfusionPlot::Geometry ConfusionPlot::geometryFor(QSize size) const
{
    Geometry g;
    const int n = std::max(1, m_table.classes());
    const double left = labelWidth() + kAxisLine;
    const double bottom = 2 * kAxisLine;
    g.height = std::clamp((size.height() - bottom) / n, kLeastCell, kMostCell);
    g.width = std::clamp((size.width() - left) / n, kLeastCell, std::max(g.height * kWidest, kNameCell));
    g.cells = QRectF(left, 0, g.width * n, g.height * n);
    return g;
}

QSize ConfusionPlot::minimumSizeHint() const
{
    const int n = std::max(2, m_table.classes());
    return {labelWidth() + kAxisLine + static_cast<int>(kLeastCell) * n,
            2 * kAxisLine + static_cast<int>(kLeastCell) * n};
}

QSize ConfusionPlot::sizeHint() const
{
    const int n = std::max(2, m_table.classes());
    return {labelWidth() + kAxisLine + 56 * n, 2 * kAxisLine + 56 * n};
}

ConfusionPlot::CellColours ConfusionPlot::cellColours(const ThemeHub& theme, double share)
{
    const QColor ground = theme.theme().shareColour(share);
    return {ground, readableOn(ground)};
}

void ConfusionPlot::paintCell(QPainter& painter, const QRectF& area, int truth, int predicted) const
{
    const double share = m_table.share(truth, predicted);
    const CellColours colours = cellColours(m_theme, share);
    const QRectF inner = area.adjusted(1, 1, -1, -1);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours.ground);
    painter.drawRect(inner);
    if (m_selected == QPoint(predicted, truth)) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(m_theme.colours().accent, 2));
        painter.drawRect(inner);
    }
    const qint64 count = m_table.count(truth, predicted);
    const bool empty = count == 0;
    painter.setPen(empty ? m_theme.colours().muted : colours.text);
    const bool withShare = area.height() >= kTextCell && !empty;
    painter.setFont(m_theme.theme().font(TypeSize::Small, truth == predicted ? QFont::DemiBold : QFont::Normal));
    const QRectF upper = withShare ? QRectF(inner.left(), inner.top(), inner.width(), inner.height() * 0.58) : inner;
    painter.drawText(upper, withShare ? Qt::AlignHCenter | Qt::AlignBottom : Qt::AlignCenter,
                     empty ? QStringLiteral("·") : formatCount(count));
    if (!withShare)
        return;
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
    painter.drawText(QRectF(inner.left(), upper.bottom(), inner.width(), inner.height() * 0.42),
                     Qt::AlignHCenter | Qt::AlignTop, formatShare(share));
}

void ConfusionPlot::paintInto(QPainter& painter, QSize size) const
{
    const int n = m_table.classes();
    if (n == 0)
        return;
    const Geometry g = geometryFor(size);
    const ThemeColours& c = m_theme.colours();
    for (int truth = 0; truth < n; ++truth) {
        for (int predicted = 0; predicted < n; ++predicted)
            paintCell(painter,
                      QRectF(g.cells.left() + predicted * g.width, g.cells.top() + truth * g.height, g.width, g.height),
                      truth, predicted);
    }
    const QFont font = m_theme.theme().font(TypeSize::Small);
    const QFontMetrics metrics(font);
    painter.setFont(font);
    painter.setPen(c.text);
    const int names = labelWidth();
    for (int i = 0; i < n; ++i) {
        const QRectF left(kAxisLine, g.cells.top() + i * g.height, names - m_theme.metrics().s, g.height);
        painter.drawText(left, Qt::AlignVCenter | Qt::AlignRight,
                         metrics.elidedText(m_table.classNames[i], Qt::ElideRight, static_cast<int>(left.width())));
        const QRectF below(g.cells.left() + i * g.width, g.cells.bottom(), g.width, kAxisLine);
        painter.drawText(below, Qt::AlignCenter,
                         metrics.elidedText(m_table.classNames[i], Qt::ElideRight, static_cast<int>(g.width) - 4));
    }
    painter.setPen(c.muted);
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
    painter.drawText(QRectF(g.cells.left(), g.cells.bottom() + kAxisLine - 2, g.cells.width(), kAxisLine),
                     Qt::AlignCenter, tr("predicted"));
    painter.save();
    painter.translate(0, g.cells.bottom());
    painter.rotate(-90);
    painter.drawText(QRectF(0, 0, g.cells.height(), kAxisLine), Qt::AlignCenter, tr("true"));
    painter.restore();
}

void ConfusionPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintInto(painter, size());
}

std::optional<QPoint> ConfusionPlot::cellAt(const QPointF& at) const
{
    const Geometry g = geometryFor(size());
    if (m_table.classes() == 0 || !g.cells.contains(at))
        return std::nullopt;
    const auto index = [&](double offset, double size) {
        return std::clamp(static_cast<int>(offset / size), 0, m_table.classes() - 1);
    };
    return QPoint(index(at.x() - g.cells.left(), g.width), index(at.y() - g.cells.top(), g.height));
}

void ConfusionPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_selected = cellAt(event->position());
    update();
    if (m_selected)
        Q_EMIT cellClicked(m_selected->y(), m_selected->x());
}

void ConfusionPlot::mouseMoveEvent(QMouseEvent* event)
{
    const std::optional<QPoint> cell = cellAt(event->position());
    if (!cell) {
        QToolTip::hideText();
        return;
    }
    const QString text = tr("%1 of %2 windows of '%3' were called '%4' (%5)")
                             .arg(formatCount(m_table.count(cell->y(), cell->x())),
                                  formatCount(m_table.rowTotal(cell->y())), m_table.classNames[cell->y()],
                                  m_table.classNames[cell->x()], formatShare(m_table.share(cell->y(), cell->x())));
    QToolTip::showText(event->globalPosition().toPoint(), text, this);
}

void ConfusionPlot::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillExportMenu(*menu, exportable());
    menu->popup(event->globalPos());
}

} // namespace ember::gui
