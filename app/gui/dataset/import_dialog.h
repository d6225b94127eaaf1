// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/base/result.h"
#include "core/workflow/import_files.h"

#include <QDialog>
#include <QTimer>

class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QTableView;

namespace ember::gui {

class ColumnModel;
class JobQueue;

/// What files would become before they are in the project: format and why, recordings, labels, metadata, and for tables
/// what each column is taken for, to change. A change holds for all files with a column of that name. GUI thread.
class ImportDialog : public QDialog
{
    Q_OBJECT

public:
    ImportDialog(AppContext& context, const QStringList& files, QWidget* parent = nullptr);
    ~ImportDialog() override;

    /// With what the user has changed.
    dataset::ImportOptions options() const;
    /// What does the same.
    QString commandLine() const;
    bool isReady() const { return m_isReady; }

Q_SIGNALS:
    void importWanted();
    void previewed();

private:
    QWidget* buildOptions();
    QWidget* buildDetails();
    void look();
    void showOutcome(const Result<workflow::PreviewFilesOutcome>& done);
    void showFile(int row);
    void noteMapping(const dataset::ColumnMapping& mapping);

    AppContext& m_context;
    JobQueue& m_jobs; ///< outlives the window, which takes the context with it before what is open over it
    QStringList m_files;
    workflow::PreviewFilesOutcome m_outcome;
    std::vector<dataset::ColumnMapping> m_mappings; ///< what the user said, one for each column name
    QListWidget* m_list;
    QLabel* m_summary;
    QLabel* m_about;
    QLabel* m_warnings;
    QLabel* m_hint;
    ColumnModel* m_model;
    QTableView* m_columns;
    QLineEdit* m_label;
    QLineEdit* m_group;
    QDoubleSpinBox* m_rate;
    QPushButton* m_import;
    QTimer m_rest; ///< since the last change
    quint64 m_request = 0;
    quint64 m_job = 0; ///< the look that is under way
    bool m_isReady = false;
};

} // namespace ember::gui
