// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/page.h"
#include "core/plugin-api/trainer.h"

class QSortFilterProxyModel;
class QTableView;

namespace ember::gui {

class EmptyState;
class RunInspector;
class RunModel;
class RunResult;
class TrainSettings;

/// Trainer, parameters, validation at the left; how good the chosen run is; all runs below.
class TrainPage : public Page
{
    Q_OBJECT

public:
    explicit TrainPage(AppContext& context);

    void activated() override;
    void contentChanged() override;
    QList<KeyHint> keys() const override;

    void selectRun(qint64 id);

private:
    void buildTable();
    void lookForTrainers();
    void train();
    void showCurrentRun();
    void refreshTrainAction();
    int currentRow() const;

    TrainSettings* m_settings;
    RunResult* m_result;
    RunInspector* m_inspector;
    RunModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_table;
    EmptyState* m_empty;
    QAction* m_train = nullptr;
    bool m_trainersAsked = false;
    qint64 m_wantedRun = 0; ///< selected as soon as it is listed
};

} // namespace ember::gui
