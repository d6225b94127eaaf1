// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QRectF>

#include <functional>
#include <optional>
#include <vector>

namespace ember::gui {

/// Points of a plane sorted into a grid, so that the ones near a place are found without looking at all. A value.
class PointIndex
{
public:
    PointIndex() = default;
    /// Points whose coordinates are not finite are never found.
    explicit PointIndex(const std::vector<QPointF>& points);

    /// The point nearest to `at` by the distance of the screen: `scaleX` and `scaleY` are pixels per unit. None
    /// farther than `reach` pixels; only those that `accepts` (may be empty) takes. Of equal ones the lower number.
    std::optional<std::size_t> nearest(const QPointF& at, double scaleX, double scaleY, double reach,
                                       const std::function<bool(std::size_t)>& accepts = {}) const;

    /// Those inside `area`, edges included, in ascending order.
    std::vector<std::size_t> within(const QRectF& area) const;

    /// Around all points; empty when there are none.
    QRectF bounds() const { return m_bounds; }

private:
    int cellX(double x) const;
    int cellY(double y) const;
    template <typename Visit>
    void visit(const QRectF& area, Visit&& take) const;

    std::vector<QPointF> m_points;
    QRectF m_bounds;
    int m_side = 0;                   ///< cells along each edge
    std::vector<std::size_t> m_first; ///< of each cell, in m_order; one more at the end
    std::vector<std::size_t> m_order;
};

} // namespace ember::gui
