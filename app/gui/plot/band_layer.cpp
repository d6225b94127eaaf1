// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/band_layer.h"

#include "app/gui/theme/theme_hub.h"

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kLabelAlpha = 38;
constexpr int kGapAlpha = 160;

} // namespace

BandLayer::BandLayer(QCustomPlot& plot, const ThemeHub& theme)
    : QCPLayerable(&plot, QStringLiteral("grid"))
    , m_theme(theme)
{}

void BandLayer::setBands(std::vector<TraceBand> bands, double rate, double beginSeconds)
{
    m_bands = std::move(bands);
    m_rate = rate;
    m_beginSeconds = beginSeconds;
}

void BandLayer::applyDefaultAntialiasingHint(QCPPainter* painter) const
{
    painter->setAntialiasing(false);
}

void BandLayer::draw(QCPPainter* painter)
{
    m_drawn = 0;
    for (const QCPAxisRect* lane : m_lanes)
        drawLane(painter, *lane);
}

void BandLayer::drawLane(QCPPainter* painter, const QCPAxisRect& lane)
{
    const QRect area = lane.rect();
    const QCPAxis* axis = lane.axis(QCPAxis::atBottom);
    const QCPRange shown = axis->range();
    if (shown.size() <= 0 || area.width() <= 0)
        return;
    const double perSecond = area.width() / shown.size();
    painter->save();
    painter->setClipRect(area);
    painter->setPen(Qt::NoPen);
    // The column that the last band of a label ended in: many within a pixel are one, or the tint would add up.
    double drawnTo = area.left() - 1.0;
    for (const TraceBand& band : m_bands) {
        const double begin = m_beginSeconds + static_cast<double>(band.begin) / m_rate;
        const double end = m_beginSeconds + static_cast<double>(band.end) / m_rate;
        if (end < shown.lower || begin > shown.upper)
            continue;
        const double left = std::max<double>(area.left(), area.left() + (begin - shown.lower) * perSecond);
        const double right = std::min<double>(area.right() + 1.0, area.left() + (end - shown.lower) * perSecond);
        if (right - left < 1 && right <= drawnTo)
            continue;
        QColor colour = band.isGap ? m_theme.colours().bad : band.colour;
        colour.setAlpha(band.isGap ? kGapAlpha : kLabelAlpha);
        const QRectF rect(left, area.top(), std::max(1.0, right - left), area.height());
        painter->fillRect(rect, QBrush(colour, band.isGap ? Qt::BDiagPattern : Qt::SolidPattern));
        drawnTo = std::max(drawnTo, rect.right());
        ++m_drawn;
    }
    painter->restore();
}

} // namespace ember::gui
