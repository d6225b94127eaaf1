// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/capture/take_recorder.h"
#include "app/gui/capture/take_sequence.h"
#include "app/gui/shell/page.h"

#include <QHash>
#include <QTimer>

namespace ember::gui {

class BalanceBar;
class EmptyState;
class LabelButtons;
class LiveView;
class TakeForm;
class TakeStrip;

/// Live traces of the connected board's streams; takes with labels at a key.
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
    QWidget* buildInspector();
    void buildEmptyStates();
    void registerKeys();
    void followDevice();
    void showDeviceNotice();
    void offerRestart();
    void tick();
    void toggleRecording();
    void chooseLabel(const QString& label);
    void showMarks(qint64 endRow);
    void discardLast();
    void onSaved(const SavedTake& take);
    void addLabel(const QString& name);
    void refreshTakes();
    void refreshBalance();
    void refreshRecordAction();

    TakeRecorder m_recorder;
    TakeSequence m_sequence;
    LiveView* m_view;
    QTimer m_frame;
    LabelButtons* m_labels;
    TakeForm* m_form;
    BalanceBar* m_balance;
    TakeStrip* m_strip;
    EmptyState* m_empty;
    QAction* m_record = nullptr;
    QAction* m_discard = nullptr;
    QAction* m_begin = nullptr; ///< of the empty page: a board, then a project
    QAction* m_demo = nullptr;
    QHash<QString, int> m_labelColours; ///< class colour indices of the set's labels
};

} // namespace ember::gui
