// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace ember {

/// What went wrong, coarse enough to decide what a program does next.
enum class ErrorKind
{
    Failed,      ///< the work was tried and did not succeed
    Usage,       ///< the caller asked for something that makes no sense
    NotFound,    ///< a file, recording, trainer, board ... that does not exist
    BadData,     ///< bytes from a file, port, model or plugin that do not mean what they should
    Unsupported, ///< understood, but this program cannot do it
    Io,          ///< the operating system refused: disk full, no permission, vanished path
    Board,       ///< a board, port or link is not there or does not answer
    MissingTool, ///< a program this step needs is not installed
    Gate,        ///< a limit that the user set was not met
    Cancelled,   ///< the user stopped it
};

/// The word for a kind in JSON output ("bad-data", "missing-tool", ...).
QString errorKindName(ErrorKind kind);

/// The exit code of the command line for a kind; see docs/command-line.md.
int exitCodeFor(ErrorKind kind);

/// A failure as a value: what happened, for a person; what to do next; and the steps that led there.
struct Error
{
    ErrorKind kind = ErrorKind::Failed;
    QString message;   ///< one sentence, names the thing it is about, no trailing newline
    QString hint;      ///< what to do next; may be empty
    QStringList trail; ///< innermost step first; filled by context()
    /// Of Board: it answers, and will give the same answer when asked again (another board, other firmware). A lost
    /// link may come back; this does not mend by itself.
    bool permanent = false;

    Error() = default;
    Error(ErrorKind k, QString m, QString h = {})
        : kind(k)
        , message(std::move(m))
        , hint(std::move(h))
    {}

    /// A Board error that trying again does not cure.
    static Error wrongBoard(QString message, QString hint = {});
    /// Whether waiting for the board and trying again may help.
    bool mayMend() const { return kind == ErrorKind::Board && !permanent; }

    /// The same error with one more step of the trail: `return error.context("opening the project")`.
    [[nodiscard]] Error context(const QString& step) const;

    /// Message, hint and trail in one text, for logs and terminals.
    QString toString() const;
};

} // namespace ember
