// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/page.h"
#include "core/dataset/edits.h"
#include "core/dataset/ids.h"

class QPushButton;

namespace ember::gui {

class ChangeFinder;
class EmptyState;
class FurtherLanes;
class ImportFlow;
class LabelAssist;
class LabelKeyboard;
class LabelSets;
class RecordingInspector;
class RecordingList;
class Timeline;

/// Recordings at the left, the chosen one over time, its labels to edit; import.
class DatasetPage : public Page
{
    Q_OBJECT

public:
    explicit DatasetPage(AppContext& context);

    void contentChanged() override;
    QList<KeyHint> keys() const override;

    void selectRecording(qint64 id);
    /// Selects the recording and zooms to these rows, with some before and after.
    void showRows(qint64 recording, qint64 begin, qint64 end);

private:
    void buildParts();
    void showVersions();
    void buildActions();
    void registerKeys();
    void connectSets();
    void connectLanes();
    void showLaneMenu(const QPoint& at);
    void showLanesMenu();
    void toggleSnapping();
    void onCurrentChanged();
    void onSegmentDrawn(dataset::LabelSetId set, qint64 begin, qint64 end);
    void onLabelChosen(const QString& name);
    void onDigit(int digit);
    void showSuggested(qint64 recording, qint64 begin, qint64 end);
    void jump(bool found, const QString& what);
    void tell(const Status& done);
    void focusTimeline();
    void refreshInspector();
    void removeSelected();
    void apply(const dataset::Edit& edit);
    dataset::RecordingId currentId() const;

    RecordingList* m_list;
    Timeline* m_timeline;
    LabelKeyboard* m_keyboard;
    LabelAssist* m_assist;
    LabelSets* m_sets;
    ChangeFinder* m_changes;
    FurtherLanes* m_further;
    ImportFlow* m_importFlow;
    RecordingInspector* m_inspector;
    EmptyState* m_empty;
    QPushButton* m_lanesButton = nullptr;
    QAction* m_import = nullptr;
    QAction* m_emulated = nullptr;
    QAction* m_help = nullptr;
    QAction* m_versions = nullptr;
    bool m_refreshing = false; ///< a choice that follows from what is shown is not the user's
};

} // namespace ember::gui
