// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/database.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QUrl>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace ember::dataset {
namespace {

QString sqliteText(sqlite3* handle, int code)
{
    QString text = QString::fromUtf8(handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
    const int primary = code & 0xFF;
    const int systemError = handle ? sqlite3_system_errno(handle) : 0;
    if (systemError != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN))
        text += QStringLiteral(" (%1)").arg(QString::fromLocal8Bit(std::strerror(systemError)));
    return text;
}

Error sqliteError(sqlite3* handle, int code, const QString& path)
{
    const QString text = sqliteText(handle, code);
    switch (code & 0xFF) {
    case SQLITE_NOTADB:
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is not a project file: %2.").arg(path, text),
                     QStringLiteral("Open a file that 'emberlab new' made, or import this one into a project."));
    case SQLITE_CORRUPT:
        return Error(ErrorKind::BadData, QStringLiteral("The file '%1' is damaged: %2.").arg(path, text),
                     QStringLiteral("Restore it from a copy; 'emberlab project repair' makes a new project of what can "
                                    "still be read."));
    case SQLITE_FULL:
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot grow: %2.").arg(path, text),
                     QStringLiteral("Free some disk space. What was committed before is kept."));
    case SQLITE_IOERR:
        return Error(ErrorKind::Io, QStringLiteral("Reading or writing '%1' failed: %2.").arg(path, text),
                     QStringLiteral("Check the disk and its free space. What was committed before is kept."));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be opened: %2.").arg(path, text),
                     QStringLiteral("Check that the folder exists and that you may write to it."));
    case SQLITE_READONLY:
        return Error(ErrorKind::Io, QStringLiteral("'%1' is open for reading only.").arg(path),
                     QStringLiteral("Work on a copy, or change the file's permissions."));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Error(ErrorKind::Failed, QStringLiteral("'%1' is locked by another program: %2.").arg(path, text),
                     QStringLiteral("Wait until the other program is done, and try again."));
    case SQLITE_INTERRUPT:
        return Error(ErrorKind::Cancelled, QStringLiteral("The work on '%1' was cancelled.").arg(path));
    default:
        return Error(ErrorKind::Failed, QStringLiteral("'%1': %2.").arg(path, text));
    }
}

constexpr int kPagesPerStep = 256;    // of a copy: a megabyte of usual pages
constexpr int kStepsPerLook = 20'000; // of SQLite's machine between two looks whether to go on

// Fails when the file exists, with no moment in which another program could make it meanwhile.
Status createEmpty(const QString& path)
{
    const int fd = ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
        ::close(fd);
        return {};
    }
    if (errno == EEXIST)
        return Error(ErrorKind::Usage, QStringLiteral("'%1' exists already.").arg(path),
                     QStringLiteral("Choose another name, or open it."));
    return Error(ErrorKind::Io,
                 QStringLiteral("'%1' cannot be made: %2.").arg(path, QString::fromLocal8Bit(std::strerror(errno))),
                 QStringLiteral("Check that the folder exists and that you may write to it."));
}

QString pathOf(sqlite3* handle)
{
    return QString::fromUtf8(sqlite3_db_filename(handle, "main"));
}

// A damaged length is often one of gigabytes, for which SQLite finds no memory before it finds the damage. No value is
// written that could not be read again.
bool isTooLargeToRead(sqlite3_stmt* statement, int code)
{
    const int primary = code & 0xFF;
    return (primary == SQLITE_NOMEM || primary == SQLITE_TOOBIG) && sqlite3_stmt_readonly(statement);
}

Error tooLargeError(sqlite3* handle, int code, const QString& path)
{
    return Error(ErrorKind::BadData,
                 QStringLiteral("The file '%1' claims a value that is too large to be read: %2.")
                     .arg(path, sqliteText(handle, code)),
                 QStringLiteral("If there is enough memory, it is damaged: 'emberlab project repair' makes a new "
                                "project of what can still be read."));
}

} // namespace

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const
{
    sqlite3_finalize(statement);
}

Result<bool> Statement::step()
{
    sqlite3* handle = sqlite3_db_handle(m_statement.get());
    if (m_bindCode != SQLITE_OK)
        return sqliteError(nullptr, m_bindCode, pathOf(handle));
    const int code = sqlite3_step(m_statement.get());
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    return isTooLargeToRead(m_statement.get(), code) ? tooLargeError(handle, code, pathOf(handle))
                                                     : sqliteError(handle, code, pathOf(handle));
}

Status Statement::run()
{
    for (;;) {
        EMBER_TRY(const bool more, step());
        if (!more)
            break;
    }
    // An unfinished or unreset statement would keep its read snapshot open.
    sqlite3_reset(m_statement.get());
    return {};
}

void Statement::reset()
{
    sqlite3_reset(m_statement.get());
    sqlite3_clear_bindings(m_statement.get());
    m_held.clear();
    m_bindCode = SQLITE_OK;
}

void Statement::bindFrom(int parameter, const Statement& row, int column)
{
    noteBind(sqlite3_bind_value(m_statement.get(), parameter + 1, sqlite3_column_value(row.m_statement.get(), column)));
}

void Statement::noteBind(int code)
{
    if (m_bindCode == SQLITE_OK)
        m_bindCode = code;
}

void Statement::bind(int column, double value)
{
    noteBind(sqlite3_bind_double(m_statement.get(), column, value));
}

void Statement::bind(int column, const QString& value)
{
    m_held.append(value.toUtf8());
    const QByteArray& text = m_held.constLast();
    noteBind(sqlite3_bind_text64(m_statement.get(), column, text.constData(), static_cast<sqlite3_uint64>(text.size()),
                                 SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int column, const QByteArray& value)
{
    // A null pointer would be NULL, not an empty blob; the text "" is a pointer to no bytes.
    m_held.append(value.isNull() ? QByteArray("") : value);
    const QByteArray& blob = m_held.constLast();
    noteBind(sqlite3_bind_blob64(m_statement.get(), column, blob.constData(), static_cast<sqlite3_uint64>(blob.size()),
                                 SQLITE_STATIC));
}

void Statement::bind(int column, const QJsonObject& value)
{
    bind(column, QString::fromUtf8(QJsonDocument(value).toJson(QJsonDocument::Compact)));
}

void Statement::bindInteger(int column, qint64 value)
{
    noteBind(sqlite3_bind_int64(m_statement.get(), column, value));
}

void Statement::bindNull(int column)
{
    noteBind(sqlite3_bind_null(m_statement.get(), column));
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL;
}

qint64 Statement::integer(int column) const
{
    return sqlite3_column_int64(m_statement.get(), column);
}

double Statement::real(int column) const
{
    return sqlite3_column_double(m_statement.get(), column);
}

QString Statement::text(int column) const
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement.get(), column));
    return text ? QString::fromUtf8(text, sqlite3_column_bytes(m_statement.get(), column)) : QString();
}

QByteArray Statement::blob(int column) const
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(m_statement.get(), column));
    return bytes ? QByteArray(bytes, sqlite3_column_bytes(m_statement.get(), column)) : QByteArray();
}

QJsonObject Statement::json(int column) const
{
    return QJsonDocument::fromJson(text(column).toUtf8()).object();
}

void Database::Closer::operator()(sqlite3* handle) const
{
    // Waits for forgotten statements instead of leaking the connection.
    sqlite3_close_v2(handle);
}

Database::Database(sqlite3* handle, QString path)
    : m_handle(handle)
    , m_path(std::move(path))
{}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::openHandle(const QString& path, const QByteArray& uri, int flags)
{
    sqlite3* handle = nullptr;
    // One connection is for one thread, so SQLite needs no locks of its own.
    const int code = sqlite3_open_v2(uri.constData(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nullptr);
    std::unique_ptr<Database> database(new Database(handle, path));
    if (code != SQLITE_OK)
        return sqliteError(handle, code, path);
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, kBusyTimeoutMs);
    // A project file may come from anyone: its schema must not be able to run functions with side effects.
    EMBER_CHECK(database->execute("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF"));
    return database;
}

Result<std::unique_ptr<Database>> Database::open(const QString& path, Mode mode)
{
    const QString absolute = QFileInfo(path).absoluteFilePath();
    const QByteArray uri = "file:" + QUrl::toPercentEncoding(absolute, "/");
    if (mode == Mode::Create) {
        EMBER_CHECK(createEmpty(absolute));
        auto made = openHandle(absolute, uri, SQLITE_OPEN_READWRITE);
        if (!made)
            QFile::remove(absolute);
        return made;
    }
    if (mode == Mode::ReadWrite)
        return openHandle(absolute, uri, SQLITE_OPEN_READWRITE);

    EMBER_TRY(auto database, openHandle(absolute, uri, SQLITE_OPEN_READONLY));
    // A write-ahead log needs an index file beside it. In a folder that cannot be written to, a file without a log in
    // use can still be read as one that nobody changes.
    const auto probe = database->integer("SELECT count(*) FROM sqlite_master");
    if (!probe && probe.error().kind == ErrorKind::Io && QFileInfo(absolute + QStringLiteral("-wal")).size() == 0)
        return openHandle(absolute, uri + "?immutable=1", SQLITE_OPEN_READONLY);
    return database;
}

Result<Statement> Database::prepare(const char* sql)
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(m_handle.get(), sql, -1, &statement, nullptr);
    if (code != SQLITE_OK)
        return sqliteError(m_handle.get(), code, m_path);
    return Statement(statement);
}

Status Database::execute(const char* sql)
{
    const int code = sqlite3_exec(m_handle.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return sqliteError(m_handle.get(), code, m_path);
    return {};
}

Status Database::copyTo(const QString& path, const std::function<bool(qint64 done, qint64 pages)>& progress)
{
    // With a snapshot of our own the copy is of one moment, and writers elsewhere do not make it begin again.
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(*this));
    EMBER_CHECK(execute("SELECT 1 FROM sqlite_master LIMIT 1")); // the first look is what takes it
    EMBER_TRY(const auto copy, open(path, Mode::Create));
    sqlite3_backup* const backup = sqlite3_backup_init(copy->m_handle.get(), "main", m_handle.get(), "main");
    if (!backup)
        return sqliteError(copy->m_handle.get(), sqlite3_errcode(copy->m_handle.get()), path);
    int code = SQLITE_OK;
    bool wanted = !progress || progress(0, 0);
    while (code == SQLITE_OK && wanted) {
        code = sqlite3_backup_step(backup, kPagesPerStep);
        const int pages = sqlite3_backup_pagecount(backup);
        wanted = !progress || progress(pages - sqlite3_backup_remaining(backup), pages);
    }
    const int end = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE && !wanted)
        return Error(ErrorKind::Cancelled, QStringLiteral("Copying '%1' was cancelled.").arg(m_path));
    if (code != SQLITE_DONE || end != SQLITE_OK)
        return sqliteError(copy->m_handle.get(), end != SQLITE_OK ? end : code, path);
    return {};
}

InterruptOnCancel::InterruptOnCancel(Database& database, const CancelToken& cancel)
    : m_handle(database.m_handle.get())
    , m_cancel(cancel)
{
    sqlite3_progress_handler(
        m_handle, kStepsPerLook,
        [](void* self) { return static_cast<InterruptOnCancel*>(self)->m_cancel.isCancelled() ? 1 : 0; }, this);
}

InterruptOnCancel::~InterruptOnCancel()
{
    sqlite3_progress_handler(m_handle, 0, nullptr, nullptr);
}

qint64 Database::lastInsertId() const
{
    return sqlite3_last_insert_rowid(m_handle.get());
}

qint64 Database::changedRows() const
{
    return sqlite3_changes64(m_handle.get());
}

bool Database::isReadOnly() const
{
    return sqlite3_db_readonly(m_handle.get(), "main") == 1;
}

bool Database::wasBusy() const
{
    return (sqlite3_errcode(m_handle.get()) & 0xFF) == SQLITE_BUSY;
}

void Database::setBusyTimeout(int timeoutMs)
{
    sqlite3_busy_timeout(m_handle.get(), timeoutMs);
}

bool Database::inTransaction() const
{
    return sqlite3_get_autocommit(m_handle.get()) == 0;
}

Result<Transaction> Transaction::beginWith(Database& database, const char* sql)
{
    const bool nested = database.inTransaction();
    EMBER_CHECK(database.execute(nested ? "SAVEPOINT inner" : sql));
    return Transaction(database, nested);
}

Result<Transaction> Transaction::begin(Database& database)
{
    return beginWith(database, "BEGIN IMMEDIATE");
}

Result<Transaction> Transaction::beginReading(Database& database)
{
    return beginWith(database, "BEGIN DEFERRED");
}

Transaction::Transaction(Transaction&& other) noexcept
    : m_database(std::exchange(other.m_database, nullptr))
    , m_nested(other.m_nested)
{}

Transaction::~Transaction()
{
    // SQLite has already rolled back after some errors (disk full); there is nothing to undo then.
    if (m_database && m_database->inTransaction())
        (void)m_database->execute(m_nested ? "ROLLBACK TO inner; RELEASE inner" : "ROLLBACK");
}

Status Transaction::commit()
{
    EMBER_CHECK(m_database->execute(m_nested ? "RELEASE inner" : "COMMIT"));
    m_database = nullptr;
    return {};
}

} // namespace ember::dataset
