// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/page.h"
#include "core/dataset/edits.h"
#include "core/dataset/ids.h"
#include "core/workflow/import_files.h"

class QLineEdit;
class QSortFilterProxyModel;
class QTableView;

namespace ember::gui {

class EmptyState;
class LabelKeyboard;
class RecordingInspector;
class RecordingModel;
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
    void importFiles(const QStringList& files);
    void showImported(const Result<workflow::ImportFilesOutcome>& done);

private:
    void buildTable();
    void buildActions();
    void registerKeys();
    void askForFiles();
    void onCurrentChanged();
    void onSegmentDrawn(dataset::LabelSetId set, qint64 begin, qint64 end);
    void onLabelChosen(const QString& name);
    void onDigit(int digit);
    void jump(bool found, const QString& what);
    void tell(const Status& done);
    void focusTimeline();
    void refreshInspector();
    void removeSelected();
    void trashRecording();
    void apply(const dataset::Edit& edit);
    dataset::RecordingId currentId() const;

    RecordingModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_table;
    QLineEdit* m_filter;
    Timeline* m_timeline;
    LabelKeyboard* m_keyboard;
    RecordingInspector* m_inspector;
    EmptyState* m_empty;
    QAction* m_import = nullptr;
    QAction* m_emulated = nullptr;
    bool m_refreshing = false; ///< a choice that follows from what is shown is not the user's
};

} // namespace ember::gui
