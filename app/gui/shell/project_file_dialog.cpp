// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/project_file_dialog.h"

#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/facts.h"
#include "app/gui/widgets/notice.h"
#include "app/gui/widgets/trash_question.h"
#include "core/base/quantity.h"
#include "core/dataset/maintenance/integrity.h"

#include <QCheckBox>
#include <QDate>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>
#include <QUndoStack>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr QSize kDialogSize(520, 440);

QString faultLines(const dataset::IntegrityReport& report)
{
    QStringList lines;
    for (const dataset::FileFault& fault : report.faults)
        lines << fault.message;
    return lines.join(QLatin1Char('\n'));
}

} // namespace

ProjectFileDialog::ProjectFileDialog(AppContext& context, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_notice(new Notice)
    , m_sizes(new Facts)
    , m_emptyTrash(new QCheckBox(tr("Delete discarded recordings for good")))
    , m_dropCache(new QCheckBox(tr("Forget computed features")))
    , m_check(makeButton(tr("Check")))
    , m_backUp(makeButton(tr("Back up…")))
    , m_compact(makeButton(tr("Compact")))
{
    setWindowTitle(tr("Project file"));
    setObjectName(QStringLiteral("project-file"));
    resize(kDialogSize);
    m_notice->setObjectName(QStringLiteral("project-file-notice"));
    m_check->setObjectName(QStringLiteral("project-file-check"));
    m_check->setToolTip(tr("Reads the whole file and compares what is stored with what was recorded"));
    m_backUp->setObjectName(QStringLiteral("project-file-backup"));
    m_backUp->setToolTip(tr("A copy as of now; a recording may go on meanwhile"));
    m_compact->setObjectName(QStringLiteral("project-file-compact"));
    m_compact->setToolTip(tr("Writes the file anew without its unused room"));
    m_emptyTrash->setObjectName(QStringLiteral("project-file-empty-trash"));
    m_emptyTrash->setToolTip(tr("They cannot be brought back then"));
    m_dropCache->setToolTip(tr("They are computed again when they are needed"));

    const ThemeMetrics& metrics = context.theme.metrics();
    auto* column = plainLayout<QVBoxLayout>(this, metrics.s, metrics.m);
    QLabel* path = makeLabel(QDir::toNativeSeparators(context.project.path()), "muted");
    path->setWordWrap(true);
    path->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(path);
    column->addWidget(m_notice);
    column->addWidget(makeLabel(tr("What it holds"), "section"));
    column->addWidget(m_sizes);
    auto* whole = new QHBoxLayout;
    whole->addWidget(m_check);
    whole->addWidget(m_backUp);
    whole->addStretch();
    column->addLayout(whole);
    column->addSpacing(metrics.m);
    column->addWidget(makeLabel(tr("Make it smaller"), "section"));
    column->addWidget(m_emptyTrash);
    column->addWidget(m_dropCache);
    auto* smaller = new QHBoxLayout;
    smaller->addWidget(m_compact);
    smaller->addStretch();
    column->addLayout(smaller);
    column->addStretch();

    connect(m_check, &QPushButton::clicked, this, &ProjectFileDialog::check);
    connect(m_backUp, &QPushButton::clicked, this, &ProjectFileDialog::askForCopy);
    connect(m_compact, &QPushButton::clicked, this, &ProjectFileDialog::askToCompact);
    connect(&context.project, &ProjectSession::projectChanged, this, &QDialog::close);
    setBusy(false);
    measure();
}

void ProjectFileDialog::setBusy(bool busy)
{
    m_check->setEnabled(!busy);
    m_backUp->setEnabled(!busy);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_compact, m_emptyTrash, m_dropCache})
        widget->setEnabled(!busy && m_context.project.isWritable());
}

template <typename T>
void ProjectFileDialog::runJob(const QString& title, std::function<Result<T>(const JobContext&)> work,
                               std::function<void(const T&)> done)
{
    setBusy(true);
    m_notice->clear();
    m_context.jobs.run<T>(title, std::move(work), this, [this, done = std::move(done)](const Result<T>& result) {
        setBusy(false);
        if (!result)
            m_notice->showError(result.error());
        else
            done(*result);
        measure();
    });
}

void ProjectFileDialog::check()
{
    runJob<dataset::IntegrityReport>(
        tr("Check the project file"),
        [path = m_context.project.path()](const JobContext& job) -> Result<dataset::IntegrityReport> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            return dataset::checkIntegrity(project, job.progress, job.cancel);
        },
        [this](const dataset::IntegrityReport& report) {
            if (report.isSound())
                m_notice->show("good",
                               tr("The file is sound: %1 with %2.")
                                   .arg(countOf(report.recordings, tr("recording")), countOf(report.rows, tr("row"))));
            else
                m_notice->show("bad",
                               tr("The file is damaged in %1.")
                                   .arg(countOf(static_cast<qint64>(report.faults.size()), tr("place"))),
                               tr("Restore it from a copy, or let 'emberlab project repair' make a new project of what "
                                  "can be read."),
                               faultLines(report));
        });
}

void ProjectFileDialog::askForCopy()
{
    const QFileInfo file(m_context.project.path());
    const QString name =
        QStringLiteral("%1-%2.ember").arg(file.completeBaseName(), QDate::currentDate().toString(Qt::ISODate));
    auto* dialog = new QFileDialog(this, tr("Back up the project"), file.dir().filePath(name));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setOption(QFileDialog::DontConfirmOverwrite); // a file that is there is never written over
    dialog->setDefaultSuffix(QStringLiteral("ember"));
    connect(dialog, &QFileDialog::fileSelected, this, &ProjectFileDialog::backUp);
    dialog->open();
}

void ProjectFileDialog::backUp(const QString& path)
{
    runJob<qint64>(
        tr("Back up the project"),
        [from = m_context.project.path(), path](const JobContext& job) -> Result<qint64> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(from, dataset::Project::Access::ReadOnly));
            EMBER_CHECK(dataset::backUpProject(project, path, job.progress, job.cancel));
            return QFileInfo(path).size();
        },
        [this, path](const qint64& bytes) {
            m_notice->show("good", tr("Copied to %1, %2.").arg(QDir::toNativeSeparators(path), formatBytes(bytes)));
        });
}

void ProjectFileDialog::askToCompact()
{
    const dataset::CompactOptions options{m_emptyTrash->isChecked(), m_dropCache->isChecked()};
    if (!options.emptyTrash) {
        compact(options);
        return;
    }
    const auto recordings = m_context.project.project().recordings().list(true);
    if (!recordings) {
        m_notice->showError(recordings.error());
        return;
    }
    const auto discarded = std::count_if(recordings->begin(), recordings->end(),
                                         [](const dataset::Recording& one) { return one.trashed; });
    if (discarded == 0)
        compact({false, options.dropCache});
    else
        askToEmptyTrash(this, discarded, [this, options] { compact(options); });
}

void ProjectFileDialog::compact(const dataset::CompactOptions& options)
{
    setBusy(true);
    m_notice->clear();
    ProjectSession& session = m_context.project;
    const QString path = session.path();
    // The ids of what goes are used again: an edit of it that is undone would change another recording. A job that is
    // cancelled before it begins does not come back, so here as well as after it.
    if (options.emptyTrash)
        session.undoStack().clear();
    m_context.jobs.run<qint64>(
        tr("Compact the project file"),
        [path, options](const JobContext& job) -> Result<qint64> {
            EMBER_TRY(dataset::Project project, dataset::Project::open(path));
            return dataset::compactProject(project, options, job.progress, job.cancel);
        },
        &session, // which goes on when the dialog is closed
        [&session, path, options, dialog = QPointer(this)](const Result<qint64>& freed) {
            // One that failed may have emptied the trash before.
            if (session.path() == path) {
                if (options.emptyTrash)
                    session.undoStack().clear();
                session.announceChange();
            }
            if (dialog)
                dialog->showFreed(freed);
        });
}

void ProjectFileDialog::showFreed(const Result<qint64>& freed)
{
    setBusy(false);
    if (!freed)
        m_notice->showError(freed.error());
    else
        m_notice->show("good",
                       *freed > 0 ? tr("%1 freed.").arg(formatBytes(*freed)) : tr("There was nothing to free."));
    measure();
}

void ProjectFileDialog::measure()
{
    m_context.jobs.runQuietly<dataset::StorageSizes>(
        [path = m_context.project.path()](const JobContext&) -> Result<dataset::StorageSizes> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            return dataset::storageSizes(project);
        },
        this,
        [this](const Result<dataset::StorageSizes>& sizes) {
            if (sizes)
                show(*sizes);
            else
                m_notice->showError(sizes.error());
        });
}

void ProjectFileDialog::show(const dataset::StorageSizes& sizes)
{
    m_sizes->setFacts({{tr("On disk"), formatBytes(sizes.file + sizes.log)},
                       {tr("Samples"), formatBytes(sizes.samples)},
                       {tr("Summaries for plots"), formatBytes(sizes.summaries)},
                       {tr("Models"), formatBytes(sizes.models)},
                       {tr("Computed features"), formatBytes(sizes.cache)},
                       {tr("Discarded recordings"), formatBytes(sizes.trash)},
                       {tr("Unused"), formatBytes(sizes.free)}});
}

} // namespace ember::gui
