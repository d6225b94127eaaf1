// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/base/result.h"
#include "core/dataset/importer.h"
#include "core/workflow/import_files.h"

#include <QObject>
#include <QStringList>

class QWidget;

namespace ember::gui {

/// From "Import…" to recordings in the project: asks for files, shows what they would become, imports them in a job,
/// and tells what was left out. GUI thread.
class ImportFlow : public QObject
{
    Q_OBJECT

public:
    /// `owner`: whose window the dialogs belong to.
    ImportFlow(AppContext& context, QWidget* owner);

    /// Asks for files first.
    void ask();
    /// Shows what the files and folders would become; the user imports them or not.
    void preview(const QStringList& files);
    /// At once, as what is dropped on the window.
    void start(const QStringList& files) { import(files, {}); }
    void import(const QStringList& files, const dataset::ImportOptions& options);

Q_SIGNALS:
    void begun();
    void warning(const QString& text, const QString& hint);
    void problem(const ember::Error& error, const QString& hint);

private:
    bool canWrite();
    void showImported(const Result<workflow::ImportFilesOutcome>& done);

    AppContext& m_context;
    QWidget* m_owner;
};

} // namespace ember::gui
