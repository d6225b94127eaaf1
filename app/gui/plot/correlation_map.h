// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/export_menu.h"

#include <QPoint>
#include <QStringList>
#include <QWidget>

#include <algorithm>
#include <optional>
#include <vector>

namespace ember::gui {

class ThemeHub;

/// Correlations of all pairs of features as colours: red where they rise together, blue where one falls as the other
/// rises, the ground where they have nothing to do with each other. A click chooses a pair. GUI thread.
class CorrelationMap : public QWidget
{
    Q_OBJECT

public:
    explicit CorrelationMap(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `values` are names x names.
    void setValues(QStringList names, std::vector<float> values);
    void setChosen(std::optional<QPoint> pair);
    Exportable exportable() const;
    /// The middle of a cell, in pixels of the widget.
    QPoint placeOf(int column, int row) const;

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return std::min(width, 220); }
    QSize sizeHint() const override { return {200, 200}; }
    QSize minimumSizeHint() const override { return {120, 120}; }

Q_SIGNALS:
    void pairChosen(int x, int y);

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    int count() const { return static_cast<int>(m_names.size()); }
    float value(int x, int y) const { return m_values[static_cast<std::size_t>(y * count() + x)]; }
    QRectF areaFor(QSize size) const;
    std::optional<QPoint> cellAt(const QPointF& at) const;
    void paintInto(QPainter& painter, QSize size) const;
    QColor colourOf(float correlation) const;

    const ThemeHub& m_theme;
    QStringList m_names;
    std::vector<float> m_values;
    std::optional<QPoint> m_chosen;
};

} // namespace ember::gui
