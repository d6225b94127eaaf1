// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/capture/take_recorder.h"
#include "app/gui/plot/time_view.h"
#include "app/gui/shell/page.h"

#include <QTimer>

class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QToolButton;

namespace ember::gui {

class BalanceBar;
class EmptyState;
class LabelButtons;
class TakeStrip;
class TracePlot;

/// Live traces of the connected board; takes with labels at a key.
class CapturePage : public Page
{
    Q_OBJECT

public:
    explicit CapturePage(AppContext& context);

    void activated() override;
    void deactivated() override;
    void contentChanged() override;
    QList<KeyHint> keys() const override;

    /// Starts a take, or ends the one that runs.
    QAction* recordAction() const { return m_record; }

private:
    void buildActions();
    void buildFilters();
    QWidget* buildInspector();
    void buildEmptyStates();
    void registerKeys();
    void followDevice();
    void showDeviceNotice();
    void offerRestart();
    void tick();
    void followEnd(qint64 endRow, double rate);
    void toggleRecording();
    void discardLast();
    void onSaved(const SavedTake& take);
    void addLabel(const QString& name);
    void refreshTakes();
    void refreshBalance();
    void refreshRecordAction();
    double windowSeconds() const;

    TakeRecorder m_recorder;
    TimeView m_time;
    TracePlot* m_plot;
    QTimer m_frame;
    QComboBox* m_window;
    QToolButton* m_follow;
    LabelButtons* m_labels;
    QDoubleSpinBox* m_length;
    QLineEdit* m_group;
    BalanceBar* m_balance;
    TakeStrip* m_strip;
    EmptyState* m_empty;
    QAction* m_record = nullptr;
    QAction* m_discard = nullptr;
    QAction* m_begin = nullptr; ///< of the empty page: a board, then a project
    QAction* m_demo = nullptr;
    qint64 m_takeBegan = 0; ///< row at which the running take began, for the band
};

} // namespace ember::gui
