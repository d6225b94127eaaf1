// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/category.h"
#include "app/gui/plot/qcustomplot.h"

#include <QImage>

#include <vector>

namespace ember::gui {

class ThemeHub;

/// Many thousand points, each of a category, as a plottable: stamped into a picture from one small image per category,
/// which takes a fraction of what drawing circles does. Points come in a mixed order, so that no category covers the
/// others only because it comes last. Owned by its plot; GUI thread.
class PointCloud : public QCPAbstractPlottable
{
    Q_OBJECT

public:
    PointCloud(QCPAxis* keyAxis, QCPAxis* valueAxis, const ThemeHub& theme);

    /// One category index for each point. Clears the selection.
    void setPoints(std::vector<QPointF> points, std::vector<int> categoryOf);
    void setCategories(std::vector<Category> categories, std::vector<int> categoryOf);
    void setHidden(int category, bool hidden);
    /// One flag for each point; empty: nothing is chosen, and all points are in full colour.
    void setChosen(std::vector<char> chosen);

    const std::vector<QPointF>& points() const { return m_points; }
    const std::vector<Category>& categories() const { return m_categories; }
    const std::vector<char>& chosen() const { return m_chosen; }
    int categoryOf(std::size_t point) const { return m_categoryOf[point]; }
    bool isShown(std::size_t point) const;
    double pointSize() const;

    double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
    QCPRange getKeyRange(bool& found, QCP::SignDomain) const override;
    QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override;

protected:
    void draw(QCPPainter* painter) override;
    void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

private:
    struct Stamps
    {
        std::vector<QImage> full;
        std::vector<QImage> faded;
    };
    Stamps makeStamps(double ratio) const;
    void drawVectors(QCPPainter& painter) const;
    void drawPicture(QCPPainter& painter) const;
    QPointF pixelOf(std::size_t point) const;
    bool isFaded(std::size_t point) const { return !m_chosen.empty() && !m_chosen[point]; }

    const ThemeHub& m_theme;
    std::vector<QPointF> m_points;
    std::vector<int> m_categoryOf;
    std::vector<Category> m_categories;
    std::vector<char> m_chosen;
    std::vector<std::size_t> m_order;
};

} // namespace ember::gui
