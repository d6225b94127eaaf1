// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/compare/score_cost_plot.h"
#include "app/gui/shell/page.h"
#include "core/device/board.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;

namespace ember::gui {

class EmptyState;
class RunCurves;
class RunInspector;
class RunModel;

/// Runs beside each other: what each scores, whether that is more than chance, what it costs on a board, which no other
/// one beats; and the curves of the chosen ones over each other.
class ComparePage : public Page
{
    Q_OBJECT

public:
    explicit ComparePage(AppContext& context);

    void activated() override;
    void contentChanged() override;

private:
    void buildTable();
    void buildFilters();
    void buildViews();
    void showCurves(bool curves);
    QString board() const;
    CostAxis axis() const;
    /// Estimates, in the background, what runs without costs on the board cost there.
    void estimateMissing();
    void compareWithBest();
    void showPoints();
    void showCurrent();
    void drawChosen();
    void select(qint64 run);

    RunModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_table;
    ScoreCostPlot* m_plot;
    RunCurves* m_curves;
    QStackedWidget* m_views; ///< costs, curves
    QPushButton* m_costsButton;
    QPushButton* m_curvesButton;
    QLabel* m_axisTitle;
    QLabel* m_boardTitle;
    QLabel* m_hint;
    QComboBox* m_board;
    QComboBox* m_axis;
    std::vector<device::Board> m_boards;
    QString m_estimated; ///< project, runs and board that estimates were asked for
    QString m_compared;  ///< likewise
    QString m_skipped;   ///< why runs have no estimate
    RunInspector* m_inspector;
    EmptyState* m_empty;
};

} // namespace ember::gui
