// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/export_menu.h"
#include "core/workflow/model_report.h"

#include <QWidget>

namespace ember::gui {

class ThemeHub;

/// The steps of a model from top to bottom, with a line from each to those that read it and a bar for its share of the
/// work. A step that reads something else than the one above it, or something more, shows a curve beside the column.
/// Arrows and clicks choose a step. Put it into a scroll area. GUI thread.
class GraphPicture : public QWidget
{
    Q_OBJECT

public:
    explicit GraphPicture(const ThemeHub& theme, QWidget* parent = nullptr);

    void setSteps(std::vector<workflow::ModelStep> steps);
    const std::vector<workflow::ModelStep>& steps() const { return m_steps; }
    int chosen() const { return m_chosen; }
    /// Picture, and name, operation, result, MACs and bytes of each step.
    Exportable exportable() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void chosenChanged(int step);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRect boxOf(int step, int width) const;
    int stepAt(QPoint point) const;
    void choose(int step);
    void paintInto(QPainter& painter, QSize size, QRect visible) const;
    void paintStep(QPainter& painter, int step, QRect box) const;
    void paintEdges(QPainter& painter, int step, int width) const;

    const ThemeHub& m_theme;
    std::vector<workflow::ModelStep> m_steps;
    qint64 m_most = 0; ///< MACs of the step with the most
    int m_chosen = -1;
};

} // namespace ember::gui
