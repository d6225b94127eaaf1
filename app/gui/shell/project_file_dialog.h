// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/base/result.h"
#include "core/dataset/maintenance/storage.h"

#include <QDialog>

#include <functional>

class QCheckBox;
class QPushButton;

namespace ember::gui {

struct JobContext;
class Facts;
class Notice;

/// The file of the open project: what its bytes are for, whether it is sound, a copy of it, and its unused room. The
/// work runs as jobs, which go on when the dialog is closed. Closes with the project.
class ProjectFileDialog : public QDialog
{
    Q_OBJECT

public:
    ProjectFileDialog(AppContext& context, QWidget* parent);

    /// Asks for a name and writes a copy.
    void askForCopy();
    void backUp(const QString& path);

private:
    void check();
    void askToCompact();
    void compact(const dataset::CompactOptions& options);
    void showFreed(const Result<qint64>& freed);
    void measure();
    void show(const dataset::StorageSizes& sizes);
    void setBusy(bool busy);

    /// Runs `work` as a job; the dialog waits for it, shows its error, or hands its value to `done`.
    template <typename T>
    void runJob(const QString& title, std::function<Result<T>(const JobContext&)> work,
                std::function<void(const T&)> done);

    AppContext& m_context;
    Notice* m_notice;
    Facts* m_sizes;
    QCheckBox* m_emptyTrash;
    QCheckBox* m_dropCache;
    QPushButton* m_check;
    QPushButton* m_backUp;
    QPushButton* m_compact;
};

} // namespace ember::gui
