// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/source_mark.h"

#include "app/gui/theme/theme_hub.h"

#include <QCoreApplication>
#include <QPainter>

namespace ember::gui {

QString sourceExplanation(footprint::CostSource source)
{
    const auto text = [](const char* s) { return QCoreApplication::translate("ember::gui::SourceMark", s); };
    switch (source) {
    case footprint::CostSource::Estimated:
        return text("Estimated by formula, without compiling");
    case footprint::CostSource::Emulated:
        return text("Emulated: from the linked image, counted on an instruction-set emulator");
    case footprint::CostSource::Measured:
        return text("Measured on a physical board");
    }
    return {};
}

void paintSourceMark(QPainter& painter, const QRectF& area, footprint::CostSource source, const QColor& colour)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double side = std::min(area.width(), area.height()) - 2.5;
    QRectF ring(0, 0, side, side);
    ring.moveCenter(area.center());
    if (source != footprint::CostSource::Estimated) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        const bool half = source == footprint::CostSource::Emulated;
        painter.drawPie(ring, 90 * 16, (half ? 180 : 360) * 16);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colour, 1.5));
    painter.drawEllipse(ring);
    painter.restore();
}

SourceMark::SourceMark(footprint::CostSource source, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_source(source)
    , m_theme(theme)
{
    setFixedSize(sizeHint());
    setSource(source);
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void SourceMark::setSource(footprint::CostSource source)
{
    m_source = source;
    setToolTip(sourceExplanation(source));
    update();
}

void SourceMark::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintSourceMark(painter, rect(), m_source, m_theme.colours().muted);
}

} // namespace ember::gui
