// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/page.h"

class QLabel;
class QSortFilterProxyModel;
class QTableView;

namespace ember::gui {

class EmptyState;
class RunInspector;
class RunModel;
class ScoreCostPlot;

/// Runs beside each other: what each scores, what it costs, which no other one beats.
class ComparePage : public Page
{
    Q_OBJECT

public:
    explicit ComparePage(AppContext& context);

    void contentChanged() override;

private:
    void showCurrent();
    void select(qint64 run);

    RunModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_table;
    ScoreCostPlot* m_plot;
    QLabel* m_hint;
    RunInspector* m_inspector;
    EmptyState* m_empty;
};

} // namespace ember::gui
