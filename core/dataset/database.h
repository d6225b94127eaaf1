// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/dataset/ids.h"

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QString>

#include <concepts>
#include <functional>
#include <memory>

struct sqlite3;
struct sqlite3_stmt;

namespace ember::dataset {

/// A prepared statement with its bound values. Values are bound by the constructor call in Database::query; a failed
/// bind is reported by the first step. Must not outlive its Database.
class Statement
{
public:
    /// Moves to the next row; false when there is none.
    Result<bool> step();
    /// Runs to the end and drops the rows.
    Status run();
    /// Ready for new values and another run.
    void reset();
    /// Binds a value of another statement's row as it is, whatever its type; both counts begin at 0.
    void bindFrom(int parameter, const Statement& row, int column);

    template <typename... Values>
    Statement& bindAll(const Values&... values)
    {
        reset();
        int column = 0;
        (bind(++column, values), ...);
        return *this;
    }

    bool isNull(int column) const;
    qint64 integer(int column) const;
    double real(int column) const;
    QString text(int column) const;
    QByteArray blob(int column) const;
    /// An empty object when the column holds no JSON object.
    QJsonObject json(int column) const;
    template <typename IdType>
    IdType id(int column) const
    {
        return IdType{integer(column)};
    }

private:
    friend class Database;
    struct Finalizer
    {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement)
        : m_statement(statement)
    {}

    void bind(int column, std::integral auto value) { bindInteger(column, static_cast<qint64>(value)); }
    void bind(int column, double value);
    void bind(int column, const QString& value);
    void bind(int column, const QByteArray& value); ///< the bytes are shared, not copied
    void bind(int column, const QJsonObject& value);
    template <typename Tag>
    void bind(int column, Id<Tag> id)
    {
        id.isValid() ? bindInteger(column, id.value) : bindNull(column);
    }
    void bindInteger(int column, qint64 value);
    void bindNull(int column);
    void noteBind(int code);

    std::unique_ptr<sqlite3_stmt, Finalizer> m_statement;
    QList<QByteArray> m_held; ///< keeps bound blobs and texts alive while SQLite points at them
    int m_bindCode = 0;
};

/// One connection to one SQLite file, for one thread. Errors carry SQLite's own text: Io (disk full, vanished, no
/// permission), BadData (not a database, damaged, which includes a value too large to be read), Failed (locked by
/// another program for longer than the time-out).
class Database
{
public:
    enum class Mode
    {
        Create,
        ReadWrite,
        ReadOnly
    };

    /// Create fails when the file exists. ReadOnly also opens files in folders where nothing can be written.
    static Result<std::unique_ptr<Database>> open(const QString& path, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// One statement with its values in order of the question marks.
    template <typename... Values>
    Result<Statement> query(const char* sql, const Values&... values)
    {
        auto statement = prepare(sql);
        if (statement)
            statement->bindAll(values...);
        return statement;
    }
    /// query() and run(), for statements without an answer.
    template <typename... Values>
    Status change(const char* sql, const Values&... values)
    {
        EMBER_TRY(Statement statement, query(sql, values...));
        return statement.run();
    }
    /// The first column of the first row, or 0 without rows.
    template <typename... Values>
    Result<qint64> integer(const char* sql, const Values&... values)
    {
        EMBER_TRY(Statement statement, query(sql, values...));
        EMBER_TRY(const bool found, statement.step());
        return found ? statement.integer(0) : qint64{0};
    }
    /// Several statements in one text, without values.
    Status execute(const char* sql);

    qint64 lastInsertId() const;
    qint64 changedRows() const;
    bool isReadOnly() const;
    bool inTransaction() const;
    /// Whether the last call failed because another connection held the file for too long.
    bool wasBusy() const;
    /// Writes everything, as of now, to a new file, page by page, while other connections go on. `progress` gets the
    /// pages that are done and all of them, and says whether to go on. Errors: Usage when the file exists, Io,
    /// Cancelled.
    Status copyTo(const QString& path, const std::function<bool(qint64 done, qint64 pages)>& progress);
    /// How long a call waits for another connection to let go of the file; kBusyTimeoutMs unless set.
    void setBusyTimeout(int timeoutMs);
    static constexpr int kBusyTimeoutMs = 10'000;
    QString path() const { return m_path; }

private:
    friend class InterruptOnCancel;
    struct Closer
    {
        void operator()(sqlite3* handle) const;
    };
    Database(sqlite3* handle, QString path);
    Result<Statement> prepare(const char* sql);
    static Result<std::unique_ptr<Database>> openHandle(const QString& path, const QByteArray& uri, int flags);

    std::unique_ptr<sqlite3, Closer> m_handle;
    QString m_path;
};

/// While it lives, statements that take long end with the error Cancelled soon after `cancel` is. One at a time; not to
/// outlive the database.
class InterruptOnCancel
{
public:
    InterruptOnCancel(Database& database, const CancelToken& cancel);
    ~InterruptOnCancel();
    InterruptOnCancel(const InterruptOnCancel&) = delete;
    InterruptOnCancel& operator=(const InterruptOnCancel&) = delete;

private:
    sqlite3* m_handle;
    CancelToken m_cancel;
};

/// Everything between begin and commit happens or does not; leaving the scope without commit undoes it. May be nested
/// like scopes are: the inner ones are savepoints.
class Transaction
{
public:
    /// Takes the write lock now, so that it does not fail halfway.
    static Result<Transaction> begin(Database& database);
    /// For reading several tables as of one moment.
    static Result<Transaction> beginReading(Database& database);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    Status commit();

private:
    static Result<Transaction> beginWith(Database& database, const char* sql);
    Transaction(Database& database, bool nested)
        : m_database(&database)
        , m_nested(nested)
    {}

    Database* m_database;
    bool m_nested;
};

} // namespace ember::dataset
