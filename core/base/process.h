// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"

#include <QByteArray>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>

#include <functional>

namespace ember {

/// A program to run to its end. Arguments are a list and go to the program as they are; no shell is involved.
struct ProcessRequest
{
    QString program; ///< a name looked up in PATH, or a path
    QStringList arguments;
    QString workingDirectory; ///< empty: this process's own
    QByteArray standardInput;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    int timeoutMs = 120'000;                  ///< the program is killed after this time
    qint64 maxOutputBytes = 16 * 1024 * 1024; ///< of each of both outputs; see ProcessOutcome::droppedBytes
    /// Standard output line by line, while it runs; a last one without its end comes too. Longer ones than
    /// kMaxLineBytes come in pieces.
    std::function<void(const QByteArray&)> onOutputLine;
    std::function<void(const QByteArray&)> onErrorBytes = {};  ///< standard error piece by piece, while it runs
    std::function<void(const QByteArray&)> onOutputBytes = {}; ///< standard output likewise
    static constexpr qsizetype kMaxLineBytes = 1024 * 1024;
    QString installHint; ///< what to say when the program is missing ("Debian package gcc-arm-none-eabi")
};

struct ProcessOutcome
{
    int exitCode = 0;
    QByteArray standardOutput;
    QByteArray standardError;
    qint64 droppedBytes = 0; ///< output beyond maxOutputBytes, of both together
    double seconds = 0;
};

/// Runs a program and waits for it. Errors: MissingTool when it cannot be found, Cancelled, Failed when it crashes or
/// runs out of time. A program that ends by itself is an outcome, whatever its exit code. Blocks; any thread.
Result<ProcessOutcome> runProcess(const ProcessRequest& request, const CancelToken& cancel = {});

/// As runProcess, but a non-zero exit code is an error that quotes the end of what the program said, and so are dropped
/// bytes: a part of an output is no answer.
Result<ProcessOutcome> runProcessChecked(const ProcessRequest& request, const CancelToken& cancel = {});

/// Where a program is: an executable path itself, a name in PATH, or a program of ours beside this one. Empty: nowhere.
QString findProgram(const QString& program);

bool programExists(const QString& program);

/// The text as one word of a POSIX shell, quoted unless it has only letters, digits and characters without a meaning
/// there: for command lines that are shown to be pasted. Programs are started without a shell.
QString shellWord(const QString& text);

} // namespace ember
