// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/point_cloud.h"

#include "app/gui/theme/theme_hub.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::gui {
namespace {

constexpr double kLargePoint = 7; ///< pixels, of few points
constexpr double kSmallPoint = 4; ///< of many
constexpr std::size_t kMany = 4'000;
constexpr double kFaded = 0.22;
constexpr quint64 kOrderSeed = 1; ///< any; the same picture every time

/// `stamp` over `picture`, both premultiplied, its upper left corner at (left, top).
void stampInto(QImage& picture, const QImage& stamp, int left, int top)
{
    const int firstX = std::max(0, -left);
    const int lastX = std::min(stamp.width(), picture.width() - left);
    const int firstY = std::max(0, -top);
    const int lastY = std::min(stamp.height(), picture.height() - top);
    for (int y = firstY; y < lastY; ++y) {
        const auto* from = reinterpret_cast<const QRgb*>(stamp.constScanLine(y));
        auto* to = reinterpret_cast<QRgb*>(picture.scanLine(top + y)) + left;
        for (int x = firstX; x < lastX; ++x) {
            const uint rest = 255 - static_cast<uint>(qAlpha(from[x]));
            if (rest == 255)
                continue;
            // Two channels at a time; each is at most 255 * 255, so that they do not meet.
            const uint even = ((to[x] & 0xff00ff) * rest >> 8) & 0xff00ff;
            const uint odd = ((to[x] >> 8 & 0xff00ff) * rest) & 0xff00ff00;
            to[x] = from[x] + even + odd;
        }
    }
}

} // namespace

PointCloud::PointCloud(QCPAxis* keyAxis, QCPAxis* valueAxis, const ThemeHub& theme)
    : QCPAbstractPlottable(keyAxis, valueAxis)
    , m_theme(theme)
{
    setSelectable(QCP::stNone);
}

void PointCloud::setPoints(std::vector<QPointF> points, std::vector<int> categoryOf)
{
    m_points = std::move(points);
    m_categoryOf = std::move(categoryOf);
    m_chosen.clear();
    m_order.resize(m_points.size());
    std::iota(m_order.begin(), m_order.end(), std::size_t{0});
    Random random(kOrderSeed);
    random.shuffle(m_order);
}

void PointCloud::setCategories(std::vector<Category> categories, std::vector<int> categoryOf)
{
    m_categories = std::move(categories);
    m_categoryOf = std::move(categoryOf);
}

void PointCloud::setHidden(int category, bool hidden)
{
    m_categories[static_cast<std::size_t>(category)].isHidden = hidden;
}

void PointCloud::setChosen(std::vector<char> chosen)
{
    m_chosen = std::move(chosen);
}

bool PointCloud::isShown(std::size_t point) const
{
    const int category = m_categoryOf[point];
    return category >= 0 && category < static_cast<int>(m_categories.size()) &&
           !m_categories[static_cast<std::size_t>(category)].isHidden;
}

double PointCloud::pointSize() const
{
    return m_points.size() > kMany ? kSmallPoint : kLargePoint;
}

QPointF PointCloud::pixelOf(std::size_t point) const
{
    return {mKeyAxis->coordToPixel(m_points[point].x()), mValueAxis->coordToPixel(m_points[point].y())};
}

QCPRange PointCloud::getKeyRange(bool& found, QCP::SignDomain) const
{
    found = !m_points.empty();
    QCPRange range(0, 0);
    if (found) {
        const auto ends = std::minmax_element(m_points.begin(), m_points.end(),
                                              [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); });
        range = QCPRange(ends.first->x(), ends.second->x());
    }
    return range;
}

QCPRange PointCloud::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const
{
    found = !m_points.empty();
    QCPRange range(0, 0);
    if (found) {
        const auto ends = std::minmax_element(m_points.begin(), m_points.end(),
                                              [](const QPointF& a, const QPointF& b) { return a.y() < b.y(); });
        range = QCPRange(ends.first->y(), ends.second->y());
    }
    return range;
}

void PointCloud::draw(QCPPainter* painter)
{
    if (painter->modes().testFlag(QCPPainter::pmVectorized))
        drawVectors(*painter);
    else
        drawPicture(*painter);
}

void PointCloud::drawVectors(QCPPainter& painter) const
{
    painter.setAntialiasing(true);
    const QRectF area = clipRect();
    for (const std::size_t i : m_order) {
        const QPointF at = pixelOf(i);
        if (!isShown(i) || !area.contains(at))
            continue;
        painter.setOpacity(isFaded(i) ? kFaded : 1);
        paintCategoryPoint(painter, m_theme.theme(), m_categories[static_cast<std::size_t>(m_categoryOf[i])].look, at,
                           pointSize());
    }
    painter.setOpacity(1);
}

PointCloud::Stamps PointCloud::makeStamps(double ratio) const
{
    Stamps stamps;
    const int side = static_cast<int>(std::ceil((pointSize() + 1) * ratio)) | 1; // odd: it has a middle
    for (const Category& category : m_categories) {
        for (const double opacity : {1.0, kFaded}) {
            QImage image(side, side, QImage::Format_ARGB32_Premultiplied);
            image.fill(Qt::transparent);
            QPainter painter(&image);
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setOpacity(opacity);
            paintCategoryPoint(painter, m_theme.theme(), category.look, QPointF(side / 2.0, side / 2.0),
                               pointSize() * ratio);
            painter.end();
            (opacity == 1.0 ? stamps.full : stamps.faded).push_back(std::move(image));
        }
    }
    return stamps;
}

void PointCloud::drawPicture(QCPPainter& painter) const
{
    const double ratio = painter.device()->devicePixelRatioF();
    const QRect area = clipRect();
    QImage picture((QSizeF(area.size()) * ratio).toSize(), QImage::Format_ARGB32_Premultiplied);
    if (picture.isNull())
        return;
    picture.fill(Qt::transparent);
    const Stamps stamps = makeStamps(ratio);
    // The chosen ones go over the others.
    for (const bool faded : {true, false}) {
        for (const std::size_t i : m_order) {
            if (isFaded(i) != faded || !isShown(i))
                continue;
            const QPointF at = (pixelOf(i) - area.topLeft()) * ratio;
            if (!(at.x() > -64 && at.y() > -64 && at.x() < picture.width() + 64 && at.y() < picture.height() + 64))
                continue;
            const QImage& stamp = (faded ? stamps.faded : stamps.full)[static_cast<std::size_t>(m_categoryOf[i])];
            stampInto(picture, stamp, static_cast<int>(std::lround(at.x())) - stamp.width() / 2,
                      static_cast<int>(std::lround(at.y())) - stamp.height() / 2);
        }
    }
    picture.setDevicePixelRatio(ratio);
    painter.drawImage(area.topLeft(), picture);
}

} // namespace ember::gui
