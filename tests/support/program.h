// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>

namespace ember::test {

/// What a run of the program left.
struct ProgramRun
{
    int exitCode = -1;
    bool crashed = false;
    QByteArray out;
    QByteArray err;

    QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
    QJsonObject result() const { return json().value(QStringLiteral("result")).toObject(); }
    QJsonObject error() const { return json().value(QStringLiteral("error")).toObject(); }
    /// Everything, for the message of a test that fails.
    QByteArray said() const { return "exit " + QByteArray::number(exitCode) + "\nout: " + out + "\nerr: " + err; }
};

/// Path of the program that the build made.
inline QString programPath()
{
    return QStringLiteral(EMBERLAB_PROGRAM);
}

/// Runs `emberlab ARGUMENTS` to its end.
inline ProgramRun runProgram(const QStringList& arguments, int timeoutMs = 300'000)
{
    QProcess process;
    process.start(programPath(), arguments);
    ProgramRun run;
    if (!process.waitForStarted() || !process.waitForFinished(timeoutMs)) {
        process.kill();
        process.waitForFinished();
        run.err = "did not finish: " + process.errorString().toUtf8();
        run.crashed = true;
    }
    run.out = process.readAllStandardOutput();
    run.err += process.readAllStandardError();
    run.crashed = run.crashed || process.exitStatus() != QProcess::NormalExit;
    run.exitCode = process.exitCode();
    return run;
}

/// The same with --json.
inline ProgramRun runJson(QStringList arguments, int timeoutMs = 300'000)
{
    arguments << QStringLiteral("--json");
    return runProgram(arguments, timeoutMs);
}

} // namespace ember::test
