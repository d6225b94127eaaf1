// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/band_layer.h"

#include "app/gui/theme/theme_hub.h"

#include <QImage>
#include <QPainter>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kLabelAlpha = 38;
constexpr int kGapAlpha = 160;

constexpr double kLeastFilled = 3; ///< pixels; narrower bands are drawn together

/// Bands of a pixel or two, by the thousand: Qt blends every rectangle with its threads, which takes longer than the
/// blending. One line of pixels holds all of them and is drawn once over the lane's height.
class Columns
{
public:
    explicit Columns(int width)
        : m_line(width, 1, QImage::Format_ARGB32_Premultiplied)
    {
        m_line.fill(Qt::transparent);
    }

    /// Pixels from the left of the lane; tints of bands over each other add up as they do elsewhere.
    void add(double left, double width, const QColor& colour)
    {
        const int first = std::clamp(qRound(left), 0, m_line.width());
        const int end = std::clamp(first + std::max(1, qRound(width)), 0, m_line.width());
        const QRgb tint = qPremultiply(colour.rgba());
        const auto rest = static_cast<uint>(255 - qAlpha(tint));
        auto* pixels = reinterpret_cast<QRgb*>(m_line.scanLine(0));
        const auto over = [rest](int above, int below) {
            return above + static_cast<int>(static_cast<uint>(below) * rest / 255);
        };
        for (int x = first; x < end; ++x)
            pixels[x] = qRgba(over(qRed(tint), qRed(pixels[x])), over(qGreen(tint), qGreen(pixels[x])),
                              over(qBlue(tint), qBlue(pixels[x])), over(qAlpha(tint), qAlpha(pixels[x])));
        m_hasAny = true;
    }

    void draw(QPainter& painter, const QRect& area) const
    {
        if (m_hasAny)
            painter.drawImage(area, m_line);
    }

private:
    QImage m_line;
    bool m_hasAny = false;
};

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
    Columns narrow(area.width());
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
        if (rect.width() < kLeastFilled && !band.isGap)
            narrow.add(rect.left() - area.left(), rect.width(), colour);
        else
            painter->fillRect(rect, QBrush(colour, band.isGap ? Qt::BDiagPattern : Qt::SolidPattern));
        drawnTo = std::max(drawnTo, rect.right());
        ++m_drawn;
    }
    narrow.draw(*painter, area);
    painter->restore();
}

} // namespace ember::gui
