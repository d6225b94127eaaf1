// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/schema.h"

#include <QFile>
#include <QFileInfo>

namespace ember::dataset {
namespace {

struct FileVersion
{
    qint64 version = 0;
    qint64 oldestReader = 0;
    QString program;
};

Result<QString> metaValue(Database& database, const QString& key)
{
    EMBER_TRY(Statement statement, database.query("SELECT value FROM meta WHERE key = ?", key));
    EMBER_TRY(const bool found, statement.step());
    return found ? statement.text(0) : QString();
}

Status putMeta(Database& database, const QString& key, const QString& value)
{
    return database.change("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
}

Result<FileVersion> readVersion(Database& database, const QString& path)
{
    EMBER_TRY(const qint64 application, database.integer("PRAGMA application_id"));
    if (application != kApplicationId)
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is a SQLite file, but not a project.").arg(path),
                     QStringLiteral("Open a file that 'emberlab new' made."));
    FileVersion found;
    EMBER_TRY(found.version, database.integer("PRAGMA user_version"));
    const auto oldest = metaValue(database, QStringLiteral("oldest_reader"));
    const auto program = metaValue(database, QStringLiteral("written_by"));
    if (!oldest || !program || found.version < 1)
        return Error(ErrorKind::BadData,
                     QStringLiteral("'%1' is damaged: it does not say which version it has.").arg(path),
                     QStringLiteral("Restore it from a copy."));
    found.oldestReader = oldest->toLongLong();
    found.program = *program;
    return found;
}

Error tooNew(const QString& path, const FileVersion& file, qint64 ours)
{
    return Error(
        ErrorKind::Unsupported,
        QStringLiteral("'%1' was made by a newer program (Emberlab %2, file format %3; this program knows format %4).")
            .arg(path, file.program)
            .arg(file.version)
            .arg(ours),
        QStringLiteral("Install Emberlab %1 or later to open it.").arg(file.program));
}

// Nothing here may change the file: it may be somebody else's.
Status checkIsFile(const QString& path)
{
    const QFileInfo info(path);
    if (!info.exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no project '%1'.").arg(info.absoluteFilePath()),
                     QStringLiteral("Check the path, or make one with 'emberlab new'."));
    if (!info.isFile())
        return Error(ErrorKind::BadData,
                     QStringLiteral("'%1' is a folder, not a project file.").arg(info.absoluteFilePath()),
                     QStringLiteral("Name the project file in it, or make one with 'emberlab new'."));
    if (!info.isReadable())
        return Error(ErrorKind::Io,
                     QStringLiteral("You have no permission to read '%1'.").arg(info.absoluteFilePath()));
    if (info.size() == 0)
        return Error(ErrorKind::BadData,
                     QStringLiteral("'%1' is empty, not a project file.").arg(info.absoluteFilePath()),
                     QStringLiteral("Restore it from a copy, or delete it and make a new project."));
    return {};
}

Status useWriteAheadLog(Database& database)
{
    // NORMAL: a commit survives the end of this program at once, and a power cut after the next checkpoint.
    return database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
}

Result<Store> openNewer(const QString& path, const FileVersion& file, qint64 ours)
{
    if (file.oldestReader > ours || file.oldestReader < 1)
        return tooNew(path, file, ours);
    EMBER_TRY(auto database, Database::open(path, Database::Mode::ReadOnly));
    return Store{
        std::move(database),
        QStringLiteral("It was made by a newer program (Emberlab %1), which lets this one read it but not change it.")
            .arg(file.program)};
}

} // namespace

Status migrate(Database& database, std::span<const Migration> steps)
{
    for (const Migration& step : steps) {
        // Looking needs no lock: almost always there is nothing to do, and somebody may be writing.
        EMBER_TRY(const qint64 before, database.integer("PRAGMA user_version"));
        if (before >= step.version)
            continue;
        EMBER_TRY(Transaction transaction, Transaction::begin(database));
        EMBER_TRY(const qint64 version, database.integer("PRAGMA user_version"));
        if (version >= step.version)
            continue;
        EMBER_CHECK(database.execute(step.sql));
        EMBER_CHECK(putMeta(database, QStringLiteral("oldest_reader"), QString::number(step.oldestReader)));
        EMBER_CHECK(putMeta(database, QStringLiteral("written_by"), QStringLiteral(EMBERLAB_VERSION)));
        const QByteArray stamp = "PRAGMA user_version = " + QByteArray::number(step.version);
        EMBER_CHECK(database.execute(stamp.constData()));
        EMBER_CHECK(transaction.commit());
    }
    return {};
}

Result<Store> createStore(const QString& path)
{
    Store store;
    EMBER_TRY(store.database, Database::open(path, Database::Mode::Create));
    Status made = useWriteAheadLog(*store.database);
    if (made)
        made = migrate(*store.database, migrations());
    if (!made) {
        store.database.reset();
        QFile::remove(path);
        return made.error().context(QStringLiteral("making the project"));
    }
    return store;
}

Result<Store> openStore(const QString& path, bool readOnly)
{
    EMBER_CHECK(checkIsFile(path));
    Store store;
    EMBER_TRY(store.database, Database::open(path, readOnly ? Database::Mode::ReadOnly : Database::Mode::ReadWrite));
    const QString name = store.database->path();
    EMBER_TRY(const FileVersion file, readVersion(*store.database, name));
    const qint64 ours = migrations().back().version;
    if (file.version > ours)
        return openNewer(path, file, ours);
    if (readOnly && file.version < ours) {
        // Steps only add, so a file that may be changed is brought up to date even where it is only looked at.
        store.database.reset();
        if (const auto updated = openStore(path, false); !updated)
            return updated.error();
        return openStore(path, true);
    }
    if (readOnly) {
        store.readOnlyReason = QStringLiteral("It was opened for reading.");
        return store;
    }
    if (store.database->isReadOnly())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written to.").arg(name),
                     QStringLiteral("Change the permissions of the file, or work on a copy."));
    EMBER_CHECK(useWriteAheadLog(*store.database));
    EMBER_CHECK(migrate(*store.database, migrations()));
    return store;
}

} // namespace ember::dataset
