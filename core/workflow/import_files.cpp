// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/import_files.h"

#include "core/dataset/project.h"
#include "core/dataset/recording_alignment.h"

#include <QDir>
#include <QFileInfo>
#include <QHash>
#include <QTemporaryDir>

#include <memory>

namespace ember::workflow {
namespace {

/// A file to read, and what a person knows it as.
struct Source
{
    QString path;
    QString name;
};

/// What there is to import, with the folders that archives were unpacked into.
struct Sources
{
    std::vector<Source> files;
    std::vector<SkippedFile> skipped;
    std::vector<std::unique_ptr<QTemporaryDir>> unpacked;
    dataset::ArchiveLimits room; ///< what further archives may take
};

Status addArchive(Sources& sources, const QString& path, const Hooks& hooks)
{
    auto folder = std::make_unique<QTemporaryDir>();
    if (!folder->isValid())
        return Error(ErrorKind::Io,
                     QStringLiteral("There is no folder to unpack '%1' into: %2.").arg(path, folder->errorString()));
    EMBER_TRY(const QStringList written,
              dataset::unpackArchive(path, folder->path(), sources.room, hooks.progress, hooks.cancel));
    EMBER_TRY(const QStringList files, dataset::importableFiles({folder->path()}));
    const QDir inside(folder->path());
    for (const QString& file : written)
        sources.room.bytes -= QFileInfo(inside.filePath(file)).size();
    sources.room.files -= written.size();
    for (const QString& file : files)
        sources.files.push_back({file, path + QLatin1Char('/') + inside.relativeFilePath(file)});
    sources.unpacked.push_back(std::move(folder));
    return {};
}

/// Archives are replaced by what lies in them; one that is refused is skipped as a whole. Those that lie in a folder or
/// in an archive are not opened: who wants that names them.
Result<Sources> sourcesOf(const QStringList& filesAndFolders, const Hooks& hooks,
                          const dataset::ArchiveLimits& limits = {})
{
    Sources sources;
    sources.room = limits;
    for (const QString& path : filesAndFolders) {
        if (QFileInfo(path).isFile() && dataset::isArchive(path)) {
            const Status added = addArchive(sources, path, hooks);
            if (!added && added.error().kind == ErrorKind::Cancelled)
                return added.error();
            if (!added)
                sources.skipped.push_back({path, added.error()});
            continue;
        }
        EMBER_TRY(const QStringList files, dataset::importableFiles({path}));
        for (const QString& file : files)
            sources.files.push_back({file, file});
    }
    return sources;
}

/// Errors name the place as the person knows it, not where an archive was unpacked.
Error withName(Error error, const Source& source)
{
    error.message.replace(source.path, source.name);
    error.hint.replace(source.path, source.name);
    return error;
}

/// Puts files into a project one after the other, and lines up what a table says belongs together.
class FileImport
{
public:
    FileImport(dataset::Project& project, const dataset::ImportOptions& options, const CancelToken& cancel)
        : m_project(project)
        , m_options(options)
        , m_cancel(cancel)
    {}

    /// Errors: Cancelled; others skip the file.
    Status add(const Source& source)
    {
        if (dataset::AlignmentReader::isAlignment(source.path)) {
            m_alignment.add(source.path);
            m_tables.insert(source.path, source.name);
            return {};
        }
        auto imported = dataset::importFile(m_project, source.path, m_options, {}, m_cancel);
        if (imported) {
            m_alignment.note(source.path, imported->recordings);
            imported->file = source.name;
            m_outcome.imported.push_back(std::move(imported).value());
        } else if (imported.error().kind == ErrorKind::Cancelled) {
            return imported.error();
        } else {
            m_outcome.skipped.push_back({source.name, withName(imported.error(), source)});
        }
        return {};
    }

    void skip(std::vector<SkippedFile> files) { m_outcome.skipped = std::move(files); }

    void lineUp()
    {
        for (const dataset::AlignmentReader::Failure& failure : m_alignment.apply(m_project)) {
            const Source table{failure.table, m_tables.value(failure.table)};
            m_outcome.skipped.push_back({table.name, withName(failure.why, table)});
        }
    }

    ImportFilesOutcome takeOutcome() { return std::move(m_outcome); }

private:
    dataset::Project& m_project;
    const dataset::ImportOptions& m_options;
    const CancelToken& m_cancel;
    dataset::AlignmentReader m_alignment;
    QHash<QString, QString> m_tables; ///< names of alignment tables, by path
    ImportFilesOutcome m_outcome;
};

} // namespace

Result<ImportFilesOutcome> importFiles(const QString& project, const QStringList& filesAndFolders,
                                       const dataset::ImportOptions& options, const Hooks& hooks,
                                       const dataset::ArchiveLimits& limits)
{
    EMBER_TRY(dataset::Project opened, dataset::Project::open(project));
    if (options.beside.isValid())
        EMBER_CHECK(opened.recordings().get(options.beside));
    EMBER_TRY(Sources sources, sourcesOf(filesAndFolders, hooks, limits));
    FileImport import(opened, options, hooks.cancel);
    import.skip(std::move(sources.skipped));
    Status added;
    for (std::size_t i = 0; i < sources.files.size() && added; ++i) {
        // One step for all of them; a file's own progress would make the bar jump.
        report(hooks.progress, QStringLiteral("Importing"),
               static_cast<double>(i) / static_cast<double>(sources.files.size()),
               QFileInfo(sources.files[i].path).fileName());
        added = import.add(sources.files[i]);
    }
    import.lineUp(); // after a cancel too: what is in the project stays there
    EMBER_CHECK(added);
    ImportFilesOutcome outcome = import.takeOutcome();
    // Some files in is a success that names what was left out; none in is the failure of the last of them.
    if (outcome.imported.empty() && !outcome.skipped.empty())
        return outcome.skipped.back().why;
    return outcome;
}

Result<PreviewFilesOutcome> previewFiles(const QStringList& filesAndFolders, const dataset::ImportOptions& options,
                                         qsizetype most, const Hooks& hooks)
{
    EMBER_TRY(Sources sources, sourcesOf(filesAndFolders, hooks));
    PreviewFilesOutcome outcome;
    outcome.skipped = std::move(sources.skipped);
    qsizetype looked = 0;
    for (const Source& source : sources.files) {
        if (dataset::AlignmentReader::isAlignment(source.path))
            continue;
        if (++looked > most) {
            ++outcome.more;
            continue;
        }
        report(hooks.progress, QStringLiteral("Looking at files"), -1, QFileInfo(source.path).fileName());
        auto preview = dataset::previewImport(source.path, options, hooks.cancel);
        if (preview)
            outcome.files.push_back({source.name, std::move(preview).value()});
        else if (preview.error().kind == ErrorKind::Cancelled)
            return preview.error();
        else
            outcome.skipped.push_back({source.name, withName(preview.error(), source)});
    }
    return outcome;
}

} // namespace ember::workflow
