// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/deploy/deploy_runner.h"
#include "app/gui/deploy/live_inference.h"
#include "app/gui/shell/page.h"
#include "app/gui/widgets/facts.h"
#include "core/device/board.h"

#include <vector>

class QComboBox;
class QLabel;
class QSpinBox;

namespace ember::gui {

class BudgetBar;
class EmptyState;
class EventPanel;
class Inspector;
class LearnPanel;
class LivePanel;
class StepList;

/// A run on a board: what it costs there, the steps that put it there and prove it, and what it says live.
class DeployPage : public Page
{
    Q_OBJECT

public:
    explicit DeployPage(AppContext& context);

    void contentChanged() override;

private:
    void buildFilters();
    QWidget* buildBoardPanel();
    QLayout* buildBattery();
    QWidget* buildLivePanel();
    void chooseRun(qint64 id);
    void retarget();
    void refreshBudgets();
    void refreshTimeAndEnergy();
    void refreshProof();
    void refreshInspector();
    void refreshActions();
    void refreshNotice();
    void refreshLiveState();
    void startLive();
    const device::Board* board() const;
    /// Whether the chosen model takes the rows that the connected board gives; true while that is not known.
    bool fitsTheBoard() const;

    std::vector<device::Board> m_boards;
    DeployRunner m_runner;
    LiveInference m_live;
    QComboBox* m_run;
    QComboBox* m_board;
    QComboBox* m_optimise;
    QLabel* m_boardName;
    BudgetBar* m_flash;
    BudgetBar* m_ram;
    BudgetBar* m_instructions;
    BudgetBar* m_time;
    BudgetBar* m_energy;
    QSpinBox* m_battery;
    StepList* m_steps;
    EventPanel* m_events;
    LivePanel* m_livePanel;
    LearnPanel* m_learning;
    EmptyState* m_liveEmpty;
    Inspector* m_inspector;
    Facts* m_model;
    Facts* m_costs;
    Facts* m_proof;
    EmptyState* m_empty;
    QAction* m_deploy = nullptr;
    QAction* m_startLive = nullptr;
    QAction* m_importModel = nullptr;
    qint64 m_wantedRun = 0;
};

} // namespace ember::gui
