// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/themed_plot.h"

#include "app/gui/theme/theme_hub.h"

#include <QContextMenuEvent>
#include <QMenu>

namespace ember::gui {

ThemedPlot::ThemedPlot(const ThemeHub& theme, QWidget* parent)
    : QCustomPlot(parent)
    , m_theme(theme)
{
    setPlottingHint(QCP::phFastPolylines);
    setBufferDevicePixelRatio(devicePixelRatioF());
    connect(&theme, &ThemeHub::changed, this, [this] {
        applyTheme();
        replot(QCustomPlot::rpQueuedReplot);
    });
}

Exportable ThemedPlot::exportable()
{
    Exportable source;
    source.view = this;
    source.name = m_exportName;
    source.paint = [this](QPainter& painter, QSize size) {
        // QCustomPlot paints through a painter of its own kind; a picture of vectors carries it over.
        QPicture vectors;
        QCPPainter inner(&vectors);
        toPainter(&inner, size.width(), size.height());
        inner.end();
        painter.drawPicture(0, 0, vectors);
    };
    source.csv = [this] { return csv(); };
    source.commandLine = [this] { return m_commandLine; };
    return source;
}

void ThemedPlot::styleAxis(QCPAxis* axis) const
{
    const ThemeColours& c = m_theme.colours();
    axis->setBasePen(Qt::NoPen);
    axis->setTickPen(Qt::NoPen);
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(c.muted);
    axis->setLabelColor(c.muted);
    axis->setTickLabelFont(m_theme.theme().font(TypeSize::Caption));
    axis->setLabelFont(m_theme.theme().font(TypeSize::Caption));
    axis->grid()->setPen(QPen(c.plotGrid, 1));
    axis->grid()->setZeroLinePen(QPen(c.line, 1));
    axis->grid()->setSubGridVisible(false);
}

void ThemedPlot::styleRect(QCPAxisRect* rect) const
{
    rect->setBackground(m_theme.colours().plot);
    for (QCPAxis* axis : rect->axes())
        styleAxis(axis);
}

void ThemedPlot::applyTheme()
{
    setBackground(m_theme.colours().plot);
    for (QCPAxisRect* rect : axisRects())
        styleRect(rect);
}

void ThemedPlot::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillExportMenu(*menu, exportable());
    menu->popup(event->globalPos());
}

} // namespace ember::gui
