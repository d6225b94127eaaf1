// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/maintenance/storage.h"

#include "core/dataset/maintenance/project_files.h"
#include "core/dataset/project.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

namespace ember::dataset {
namespace {

qint64 bytesOnDisk(const QString& path)
{
    return QFileInfo(path).size() + QFileInfo(path + QStringLiteral("-wal")).size();
}

Error existsAlready(const QString& path)
{
    return Error(ErrorKind::Usage, QStringLiteral("'%1' exists already.").arg(path),
                 QStringLiteral("Choose another name, or move it away."));
}

Status copyAndReadBack(const Project& project, const QString& path, const ProgressSink& progress,
                       const CancelToken& cancel)
{
    EMBER_CHECK(project.database().copyTo(path, [&](qint64 done, qint64 pages) {
        report(progress, QStringLiteral("Copying"),
               pages > 0 ? static_cast<double>(done) / static_cast<double>(pages) : -1);
        return !cancel.isCancelled();
    }));
    report(progress, QStringLiteral("Reading the copy"));
    EMBER_TRY(const auto copy, Database::open(path, Database::Mode::ReadWrite));
    const InterruptOnCancel interrupt(*copy, cancel);
    EMBER_TRY(Statement statement, copy->query("PRAGMA quick_check(1)"));
    EMBER_TRY(const bool answered, statement.step());
    const QString answer = answered ? statement.text(0) : QString();
    if (answer != QLatin1String("ok"))
        return Error(ErrorKind::BadData, QStringLiteral("The copy is damaged: %1.").arg(answer),
                     QStringLiteral("'emberlab project check' says whether the project itself is."));
    return {};
}

} // namespace

Result<StorageSizes> storageSizes(const Project& project)
{
    Database& database = project.database();
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(database));
    StorageSizes sizes;
    sizes.file = QFileInfo(project.path()).size();
    sizes.log = QFileInfo(project.path() + QStringLiteral("-wal")).size();
    constexpr const char* kSamples = "SELECT coalesce(sum(length(b.data)), 0) FROM blocks b"
                                     " JOIN recordings r ON r.id = b.recording WHERE r.trashed = ?";
    EMBER_TRY(sizes.samples, database.integer(kSamples, 0));
    EMBER_TRY(sizes.trash, database.integer(kSamples, 1));
    EMBER_TRY(sizes.summaries, database.integer("SELECT coalesce(sum(length(data)), 0) FROM summaries"));
    EMBER_TRY(sizes.models, database.integer("SELECT coalesce(sum(length(onnx)), 0) FROM models"));
    EMBER_TRY(sizes.cache, database.integer("SELECT coalesce(sum(length(data)), 0) FROM feature_cache"));
    EMBER_TRY(const qint64 freePages, database.integer("PRAGMA freelist_count"));
    EMBER_TRY(const qint64 pageBytes, database.integer("PRAGMA page_size"));
    sizes.free = freePages * pageBytes;
    return sizes;
}

Result<qint64> compactProject(Project& project, const CompactOptions& options, const ProgressSink& progress,
                              const CancelToken& cancel)
{
    if (project.isReadOnly())
        return Error(ErrorKind::Io, QStringLiteral("'%1' is open for reading only.").arg(project.path()),
                     project.readOnlyReason());
    Database& database = project.database();
    const InterruptOnCancel interrupt(database, cancel);
    const qint64 before = bytesOnDisk(project.path());
    if (options.emptyTrash) {
        report(progress, QStringLiteral("Emptying the trash"));
        EMBER_TRY(const qint64 gone, project.recordings().emptyTrash());
        static_cast<void>(gone);
    }
    if (options.dropCache)
        EMBER_CHECK(database.change("DELETE FROM feature_cache"));
    report(progress, QStringLiteral("Writing the file anew"));
    EMBER_CHECK(database.execute("VACUUM"));
    // What VACUUM wrote lies in the log; the file is cut when the log has gone into it.
    EMBER_TRY(const qint64 busy, database.integer("PRAGMA wal_checkpoint(TRUNCATE)"));
    if (busy != 0)
        return Error(
            ErrorKind::Failed,
            QStringLiteral("'%1' is being read by another program, so its file could not be cut.").arg(project.path()),
            QStringLiteral("Close the other program; the file shrinks when it is opened again."));
    return before - bytesOnDisk(project.path());
}

Status backUpProject(const Project& project, const QString& path, const ProgressSink& progress,
                     const CancelToken& cancel)
{
    const QString whole = QFileInfo(path).absoluteFilePath();
    if (QFileInfo::exists(whole))
        return existsAlready(whole);
    const QString part = QStringLiteral("%1.%2.part").arg(whole).arg(QCoreApplication::applicationPid());
    Status copied = copyAndReadBack(project, part, progress, cancel);
    // The copy says that it has a log beside it, which reading it back has made and closing it has emptied.
    if (copied && !QFile::rename(part, whole))
        copied = QFileInfo::exists(whole)
                     ? Status(existsAlready(whole))
                     : Status(Error(ErrorKind::Io, QStringLiteral("'%1' cannot be given its name.").arg(whole),
                                    QStringLiteral("Check that you may write to the folder.")));
    if (!copied)
        detail::removeProjectFiles(part);
    return copied;
}

} // namespace ember::dataset
