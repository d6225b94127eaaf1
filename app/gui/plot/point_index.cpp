// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/point_index.h"

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr double kPointsPerCell = 2;
constexpr int kMostSide = 512;

bool isFinite(const QPointF& point)
{
    return std::isfinite(point.x()) && std::isfinite(point.y());
}

/// A grid has an area where the points do not.
double extent(double length)
{
    return length > 0 ? length : 1.0;
}

} // namespace

PointIndex::PointIndex(const std::vector<QPointF>& points)
    : m_points(points)
{
    double left = INFINITY, right = -INFINITY, low = INFINITY, high = -INFINITY;
    std::size_t count = 0;
    for (const QPointF& point : points) {
        if (!isFinite(point))
            continue;
        left = std::min(left, point.x());
        right = std::max(right, point.x());
        low = std::min(low, point.y());
        high = std::max(high, point.y());
        ++count;
    }
    if (count == 0)
        return;
    m_bounds = QRectF(QPointF(left, low), QPointF(right, high));
    m_side = std::clamp(static_cast<int>(std::sqrt(static_cast<double>(count) / kPointsPerCell)), 1, kMostSide);
    const auto cellOf = [this](const QPointF& p) {
        return static_cast<std::size_t>(cellY(p.y()) * m_side + cellX(p.x()));
    };
    m_first.assign(static_cast<std::size_t>(m_side * m_side) + 1, 0);
    for (const QPointF& point : points) {
        if (isFinite(point))
            ++m_first[cellOf(point) + 1];
    }
    for (std::size_t i = 1; i < m_first.size(); ++i)
        m_first[i] += m_first[i - 1];
    m_order.resize(count);
    std::vector<std::size_t> next = m_first;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (isFinite(points[i]))
            m_order[next[cellOf(points[i])]++] = i;
    }
}

int PointIndex::cellX(double x) const
{
    const double share = (x - m_bounds.left()) / extent(m_bounds.width());
    return static_cast<int>(std::clamp(share * m_side, 0.0, m_side - 1.0));
}

int PointIndex::cellY(double y) const
{
    const double share = (y - m_bounds.top()) / extent(m_bounds.height());
    return static_cast<int>(std::clamp(share * m_side, 0.0, m_side - 1.0));
}

template <typename Visit>
void PointIndex::visit(const QRectF& area, Visit&& take) const
{
    if (m_side == 0)
        return;
    const int firstX = cellX(area.left());
    const int lastX = cellX(area.right());
    for (int y = cellY(area.top()); y <= cellY(area.bottom()); ++y) {
        const auto row = static_cast<std::size_t>(y * m_side);
        const std::size_t begin = m_first[row + static_cast<std::size_t>(firstX)];
        const std::size_t end = m_first[row + static_cast<std::size_t>(lastX) + 1];
        for (std::size_t i = begin; i < end; ++i)
            take(m_order[i]);
    }
}

std::optional<std::size_t> PointIndex::nearest(const QPointF& at, double scaleX, double scaleY, double reach,
                                               const std::function<bool(std::size_t)>& accepts) const
{
    std::optional<std::size_t> found;
    double best = reach;
    const QPointF arm(reach / scaleX, reach / scaleY);
    visit(QRectF(at - arm, at + arm), [&](std::size_t i) {
        const double away = std::hypot((m_points[i].x() - at.x()) * scaleX, (m_points[i].y() - at.y()) * scaleY);
        const bool nearer = found ? away < best || (away == best && i < *found) : away <= best;
        if (nearer && (!accepts || accepts(i))) {
            best = away;
            found = i;
        }
    });
    return found;
}

std::vector<std::size_t> PointIndex::within(const QRectF& area) const
{
    std::vector<std::size_t> found;
    visit(area, [&](std::size_t i) {
        const QPointF& p = m_points[i];
        if (p.x() >= area.left() && p.x() <= area.right() && p.y() >= area.top() && p.y() <= area.bottom())
            found.push_back(i);
    });
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace ember::gui
