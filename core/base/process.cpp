// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>

#include <algorithm>
#include <utility>

namespace ember {
namespace {

// How often a waiting call looks at its cancel token.
constexpr int kPollMs = 50;
// How much of a failed program's output goes into the error text.
constexpr qsizetype kQuotedBytes = 1500;

/// Returns how many bytes did not fit.
qint64 appendBounded(QByteArray& target, const QByteArray& more, qint64 limit)
{
    const qint64 room = std::clamp<qint64>(limit - target.size(), 0, more.size());
    target += more.left(room);
    return more.size() - room;
}

class LineSplitter
{
public:
    explicit LineSplitter(std::function<void(const QByteArray&)> sink)
        : m_sink(std::move(sink))
    {}

    void feed(const QByteArray& bytes)
    {
        if (!m_sink)
            return;
        m_pending += bytes;
        qsizetype start = 0;
        for (qsizetype end = m_pending.indexOf('\n'); end >= 0; end = m_pending.indexOf('\n', start)) {
            m_sink(m_pending.mid(start, end - start));
            start = end + 1;
        }
        m_pending.remove(0, start);
        if (m_pending.size() >= ProcessRequest::kMaxLineBytes)
            end();
    }
    /// No more will come of the last line.
    void end()
    {
        if (m_sink && !m_pending.isEmpty())
            m_sink(std::exchange(m_pending, {}));
    }

private:
    std::function<void(const QByteArray&)> m_sink;
    QByteArray m_pending;
};

QString commandText(const ProcessRequest& request)
{
    return QFileInfo(request.program).fileName();
}

} // namespace

QString findProgram(const QString& program)
{
    if (program.contains(QLatin1Char('/')))
        return QFileInfo(program).isExecutable() ? program : QString();
    if (const QString inPath = QStandardPaths::findExecutable(program); !inPath.isEmpty())
        return inPath;
    // Without an application there is no folder of ours.
    if (!QCoreApplication::instance())
        return {};
    const QDir own(QCoreApplication::applicationDirPath());
    return QStandardPaths::findExecutable(program, {own.path(), own.absoluteFilePath(QStringLiteral("../bin"))});
}

bool programExists(const QString& program)
{
    return !findProgram(program).isEmpty();
}

Result<ProcessOutcome> runProcess(const ProcessRequest& request, const CancelToken& cancel)
{
    const QString path = findProgram(request.program);
    if (path.isEmpty()) {
        const QString hint = request.installHint.isEmpty() ? QStringLiteral("Install it, or add its folder to PATH.")
                                                           : request.installHint;
        return Error(ErrorKind::MissingTool, QStringLiteral("The program '%1' was not found.").arg(request.program),
                     hint);
    }

    QProcess process;
    process.setProgram(path);
    process.setArguments(request.arguments);
    process.setProcessEnvironment(request.environment);
    if (!request.workingDirectory.isEmpty())
        process.setWorkingDirectory(request.workingDirectory);

    QElapsedTimer clock;
    clock.start();
    process.start();
    if (!process.waitForStarted()) {
        return Error(ErrorKind::Failed,
                     QStringLiteral("%1 did not start: %2.").arg(commandText(request), process.errorString()));
    }
    process.write(request.standardInput);
    process.closeWriteChannel();

    ProcessOutcome outcome;
    LineSplitter lines(request.onOutputLine);
    const auto drain = [&] {
        const QByteArray out = process.readAllStandardOutput();
        lines.feed(out);
        if (request.onOutputBytes && !out.isEmpty())
            request.onOutputBytes(out);
        outcome.droppedBytes += appendBounded(outcome.standardOutput, out, request.maxOutputBytes);
        const QByteArray err = process.readAllStandardError();
        if (request.onErrorBytes && !err.isEmpty())
            request.onErrorBytes(err);
        outcome.droppedBytes += appendBounded(outcome.standardError, err, request.maxOutputBytes);
    };
    while (!process.waitForFinished(kPollMs) && process.state() != QProcess::NotRunning) {
        drain();
        const bool cancelled = cancel.isCancelled();
        if (!cancelled && clock.elapsed() < request.timeoutMs)
            continue;
        process.kill();
        process.waitForFinished();
        if (cancelled)
            return Error(ErrorKind::Cancelled, QStringLiteral("%1 was cancelled.").arg(commandText(request)));
        return Error(ErrorKind::Failed, QStringLiteral("%1 did not finish within %2 s and was stopped.")
                                            .arg(commandText(request))
                                            .arg(request.timeoutMs / 1000));
    }
    drain();
    lines.end();
    outcome.seconds = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    if (process.exitStatus() == QProcess::CrashExit)
        return Error(ErrorKind::Failed, QStringLiteral("%1 crashed.").arg(commandText(request)),
                     QString::fromUtf8(outcome.standardError.right(kQuotedBytes)));
    outcome.exitCode = process.exitCode();
    return outcome;
}

Result<ProcessOutcome> runProcessChecked(const ProcessRequest& request, const CancelToken& cancel)
{
    EMBER_TRY(ProcessOutcome outcome, runProcess(request, cancel));
    if (outcome.exitCode != 0) {
        QByteArray said = outcome.standardError.trimmed();
        if (said.isEmpty())
            said = outcome.standardOutput.trimmed();
        return Error(ErrorKind::Failed,
                     QStringLiteral("%1 ended with exit code %2.").arg(commandText(request)).arg(outcome.exitCode),
                     QString::fromUtf8(said.right(kQuotedBytes)));
    }
    if (outcome.droppedBytes > 0)
        return Error(ErrorKind::Failed, QStringLiteral("%1 said more than %2 bytes; the rest, %3 bytes, was dropped.")
                                            .arg(commandText(request))
                                            .arg(request.maxOutputBytes)
                                            .arg(outcome.droppedBytes));
    return outcome;
}

QString shellWord(const QString& text)
{
    static const QRegularExpression plain(QStringLiteral("\\A[A-Za-z0-9_@%+=:,./-]+\\z"));
    if (plain.match(text).hasMatch())
        return text;
    // Within single quotes nothing has a meaning but the quote that ends them.
    return u'\'' + QString(text).replace(u'\'', QStringLiteral("'\\''")) + u'\'';
}

} // namespace ember
