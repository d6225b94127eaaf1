// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/import_flow.h"

#include "app/gui/dataset/import_dialog.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "core/base/quantity.h"

#include <QFileDialog>
#include <QFileInfo>

namespace ember::gui {
namespace {

QString importSummary(const dataset::ImportReport& report)
{
    return ImportFlow::tr("%1: %2 rows, %3 labels (%4)")
        .arg(QFileInfo(report.file).fileName(), formatCount(report.rows), formatCount(report.segments), report.format);
}

} // namespace

ImportFlow::ImportFlow(AppContext& context, QWidget* owner)
    : QObject(owner)
    , m_context(context)
    , m_owner(owner)
{}

bool ImportFlow::canWrite()
{
    if (m_context.project.isWritable())
        return true;
    Q_EMIT warning(tr("Recordings are kept in a project, and none that can be written is open."), {});
    return false;
}

void ImportFlow::ask()
{
    if (!canWrite())
        return;
    auto* dialog =
        new QFileDialog(m_owner, tr("Import recordings"), {},
                        tr("Recordings and archives (*.csv *.tsv *.txt *.npy *.wav *.flac *.json *.cbor *.dai *.dcli "
                           "*.data *.zip *.tar *.gz *.tgz *.xz *.bz2 *.zst);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &ImportFlow::preview);
    dialog->open();
}

void ImportFlow::preview(const QStringList& files)
{
    auto* dialog = new ImportDialog(m_context, files, m_owner);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ImportDialog::importWanted, this, [this, files, dialog] { import(files, dialog->options()); });
    dialog->open();
}

void ImportFlow::import(const QStringList& files, const dataset::ImportOptions& options)
{
    if (!canWrite())
        return;
    Q_EMIT begun();
    using Outcome = workflow::ImportFilesOutcome;
    m_context.jobs.run<Outcome>(
        files.size() == 1 ? tr("Import %1").arg(QFileInfo(files.front()).fileName())
                          : tr("Import %1 files").arg(files.size()),
        [files, options, path = m_context.project.path()](const JobContext& job) -> Result<Outcome> {
            EMBER_TRY(Outcome outcome, workflow::importFiles(path, files, options, {job.progress, job.cancel}));
            for (const dataset::ImportReport& one : outcome.imported) {
                job.log(importSummary(one));
                for (const QString& warning : one.warnings)
                    job.log(warning);
            }
            for (const workflow::SkippedFile& skipped : outcome.skipped)
                job.log(ImportFlow::tr("%1 was skipped: %2").arg(skipped.file, skipped.why.toString()));
            return outcome;
        },
        this, [this](const Result<Outcome>& done) { showImported(done); });
}

void ImportFlow::showImported(const Result<workflow::ImportFilesOutcome>& done)
{
    m_context.project.announceChange();
    if (!done) {
        Q_EMIT problem(done.error(), tr("Files before it were imported."));
        return;
    }
    qint64 recordings = 0;
    for (const dataset::ImportReport& one : done->imported)
        recordings += static_cast<qint64>(one.recordings.size());
    m_context.toasts.show(tr("Imported %1 recordings").arg(formatCount(recordings)));
    if (done->skipped.empty())
        return;
    const workflow::SkippedFile& first = done->skipped.front();
    Q_EMIT warning(tr("%1 of %2 files could not be read.")
                       .arg(done->skipped.size())
                       .arg(done->skipped.size() + done->imported.size()),
                   tr("The first is %1: %2").arg(QFileInfo(first.file).fileName(), first.why.message));
}

} // namespace ember::gui
