// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/job_runner.h"

#include "core/learn/job_files.h"
#include "core/learn/worker.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <unistd.h>

namespace ember::learn {
namespace {

constexpr int kPollMs = 50;
constexpr qsizetype kMaxLogBytes = 64 * 1024;
constexpr qsizetype kMaxLineBytes = 16 * 1024;
constexpr qsizetype kQuotedLogBytes = 2'000;
constexpr int kSignalBase = 128;        // of exit codes that stand for signals
constexpr int kLauncherGraceMs = 5'000; // to take back what it has asked a batch system for

// Sanitizers reserve terabytes of address space, so there only the resident size is watched.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsAddressSpace = false;
#else
constexpr bool kLimitsAddressSpace = true;
#endif

/// Why the runner itself ended a worker.
enum class Verdict
{
    EndedItself,
    Cancelled,
    TookTooLong,
    UsedTooMuchMemory
};

qint64 residentBytes(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/statm").arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toLongLong() * ::sysconf(_SC_PAGESIZE);
}

void appendTail(QByteArray& log, const QByteArray& more)
{
    log += more;
    if (log.size() > kMaxLogBytes)
        log.remove(0, log.size() - kMaxLogBytes);
}

class WorkerRun
{
public:
    WorkerRun(QString folder, const RunnerOptions& options, const ProgressSink& progress, const CancelToken& cancel)
        : m_folder(std::move(folder))
        , m_options(options)
        , m_progress(progress)
        , m_cancel(cancel)
    {}

    /// Whether the worker was ended from outside: by a person, a batch system, or the kernel short of memory.
    bool wasKilled() const
    {
        if (m_verdict != Verdict::EndedItself)
            return false;
        const int signal = endingSignal();
        return (signal == SIGKILL || signal == SIGTERM) && !batchLimit();
    }

    Result<JobResult> run()
    {
        EMBER_CHECK(start());
        m_verdict = wait();
        drain();
        saveLog();
        return judge(m_verdict);
    }

private:
    Status start()
    {
        const QString program =
            m_options.program.isEmpty() ? QCoreApplication::applicationFilePath() : m_options.program;
        if (!QFileInfo(program).isExecutable())
            return Error(ErrorKind::MissingTool, QStringLiteral("The worker program '%1' is not there.").arg(program),
                         QStringLiteral("Reinstall; trainings run in a process of their own."));
        QStringList line = m_options.launcher + QStringList{program} + m_options.arguments +
                           QStringList{m_folder, QStringLiteral("--supervised")};
        m_process.setProgram(line.takeFirst());
        m_process.setArguments(line);
        limitResources();
        m_clock.start();
        m_process.start();
        if (!m_process.waitForStarted())
            return Error(ErrorKind::Failed,
                         QStringLiteral("The worker did not start: %1.").arg(m_process.errorString()));
        return {};
    }

    // Runs in the child between fork and exec: only calls that are safe there.
    void limitResources()
    {
        const rlim_t bytes = m_options.memoryLimitBytes > 0 && kLimitsAddressSpace
                                 ? static_cast<rlim_t>(m_options.memoryLimitBytes)
                                 : RLIM_INFINITY;
        m_process.setChildProcessModifier([bytes] {
            const rlimit memory{bytes, bytes};
            const rlimit noCore{0, 0};
            if (bytes != RLIM_INFINITY)
                ::setrlimit(RLIMIT_AS, &memory);
            ::setrlimit(RLIMIT_CORE, &noCore);
        });
    }

    Verdict wait()
    {
        while (!m_process.waitForFinished(kPollMs) && m_process.state() != QProcess::NotRunning) {
            drain();
            if (m_cancel.isCancelled())
                return stopGently();
            if (m_clock.elapsed() > m_options.timeLimitMs)
                return kill(Verdict::TookTooLong);
            if (m_options.memoryLimitBytes > 0 && residentBytes(m_process.processId()) > m_options.memoryLimitBytes)
                return kill(Verdict::UsedTooMuchMemory);
        }
        return Verdict::EndedItself;
    }

    Verdict stopGently()
    {
        m_process.closeWriteChannel();
        QElapsedTimer grace;
        grace.start();
        while (!m_process.waitForFinished(kPollMs) && m_process.state() != QProcess::NotRunning) {
            drain();
            if (grace.elapsed() > m_options.cancelGraceMs)
                return kill(Verdict::Cancelled);
        }
        return Verdict::Cancelled;
    }

    Verdict kill(Verdict why)
    {
        // A launcher that is killed leaves its job to the cluster.
        if (!m_options.launcher.isEmpty()) {
            m_process.terminate();
            m_process.waitForFinished(kLauncherGraceMs);
        }
        m_process.kill();
        m_process.waitForFinished();
        return why;
    }

    void drain()
    {
        appendTail(m_log, m_process.readAllStandardError());
        m_pending += m_process.readAllStandardOutput();
        qsizetype start = 0;
        for (qsizetype end = m_pending.indexOf('\n'); end >= 0; end = m_pending.indexOf('\n', start)) {
            takeLine(m_pending.mid(start, end - start));
            start = end + 1;
        }
        m_pending.remove(0, start);
        if (m_pending.size() > kMaxLineBytes) { // no line of ours is that long
            appendTail(m_log, m_pending);
            m_pending.clear();
        }
    }

    void takeLine(const QByteArray& line)
    {
        const QJsonObject said = QJsonDocument::fromJson(line).object();
        if (!said.value(QLatin1String("progress")).isDouble()) {
            appendTail(m_log, line + '\n');
            return;
        }
        report(m_progress, said.value(QLatin1String("step")).toString(),
               said.value(QLatin1String("progress")).toDouble(), said.value(QLatin1String("detail")).toString());
    }

    // The folder is the record of the job; a log that cannot be written is no reason to lose a model.
    void saveLog() const
    {
        QFile file(QDir(m_folder).filePath(QLatin1String(files::kLogFile)));
        if (file.open(QIODevice::WriteOnly))
            file.write(m_log);
    }

    Result<JobResult> judge(Verdict verdict) const
    {
        const auto megabytes = m_options.memoryLimitBytes / 1'000'000;
        switch (verdict) {
        case Verdict::Cancelled:
            return Error(ErrorKind::Cancelled, QStringLiteral("Training was cancelled."));
        case Verdict::TookTooLong:
            return failed(QStringLiteral("The trainer did not finish within %1 s and was stopped.")
                              .arg(static_cast<double>(m_options.timeLimitMs) / 1000));
        case Verdict::UsedTooMuchMemory:
            return failed(QStringLiteral("The trainer ran out of memory (limit %1 MB).").arg(megabytes));
        case Verdict::EndedItself:
            break;
        }
        if (const char* limit = batchLimit())
            return failed(QStringLiteral("The batch system ended the trainer: it reached the limit of its %1.")
                              .arg(QLatin1String(limit)));
        if (const int signal = endingSignal(); signal != 0)
            return failed(QStringLiteral("The trainer crashed (%1).").arg(signalText(signal)));
        if (m_process.exitCode() == kOutOfMemoryExitCode)
            return failed(QStringLiteral("The trainer ran out of memory (limit %1 MB).").arg(megabytes));
        return judgeResult();
    }

    Result<JobResult> judgeResult() const
    {
        const bool leftResult = QFile::exists(QDir(m_folder).filePath(QLatin1String(files::kResultFile)));
        if (!leftResult)
            return failed(
                QStringLiteral("The trainer ended with exit code %1 and without a result.").arg(m_process.exitCode()));
        Result<JobResult> result = readJobResult(m_folder);
        if (result && m_process.exitCode() != 0)
            return failed(QStringLiteral("The trainer ended with exit code %1.").arg(m_process.exitCode()));
        return result;
    }

    Error failed(const QString& reason) const
    {
        const QString tail = QString::fromUtf8(m_log.right(kQuotedLogBytes)).trimmed();
        return Error(ErrorKind::Failed, reason,
                     tail.isEmpty()
                         ? QStringLiteral("It printed nothing. Try other parameters, or tell the plugin's author.")
                         : QStringLiteral("The end of its log:\n") + tail);
    }

    // The limit of the batch system that a launched worker reached, in the words that slurmstepd ends a step with;
    // started again it would reach it again.
    const char* batchLimit() const
    {
        if (m_options.launcher.isEmpty() || m_process.exitCode() == 0)
            return nullptr;
        if (m_log.contains("DUE TO TIME LIMIT"))
            return "time";
        return m_log.contains("oom-kill event") || m_log.contains("oom_kill event") ? "memory" : nullptr;
    }

    // 0: the worker ended by itself.
    int endingSignal() const
    {
        if (m_process.exitStatus() == QProcess::CrashExit)
            return m_process.exitCode();
        const int code = m_process.exitCode();
        return !m_options.launcher.isEmpty() && code > kSignalBase && code < kSignalBase + NSIG ? code - kSignalBase
                                                                                                : 0;
    }

    static QString signalText(int number)
    {
        const char* text = ::strsignal(number);
        return QStringLiteral("signal %1, %2").arg(number).arg(QString::fromLocal8Bit(text ? text : "unknown"));
    }

    QString m_folder;
    const RunnerOptions& m_options;
    const ProgressSink& m_progress;
    const CancelToken& m_cancel;
    QProcess m_process;
    Verdict m_verdict = Verdict::EndedItself;
    QElapsedTimer m_clock;
    QByteArray m_pending;
    QByteArray m_log;
};

} // namespace

Result<JobResult> runJob(const QString& folder, const RunnerOptions& options, const ProgressSink& progress,
                         const CancelToken& cancel)
{
    for (int attempt = 0;; ++attempt) {
        for (const char* stale : {files::kModelFile, files::kResultFile, files::kLogFile})
            QFile::remove(QDir(folder).filePath(QLatin1String(stale)));
        WorkerRun worker(folder, options, progress, cancel);
        Result<JobResult> result = worker.run();
        if (result || !worker.wasKilled() || attempt >= options.retries || cancel.isCancelled())
            return result;
        report(progress, QStringLiteral("The worker was killed and is started again"));
    }
}

Result<JobResult> trainInWorker(const TrainingRequest& request, const Matrix& matrix, const RunnerOptions& options,
                                const ProgressSink& progress, const CancelToken& cancel)
{
    const QString parent = options.jobsFolder.isEmpty() ? QDir::tempPath() : options.jobsFolder;
    QTemporaryDir folder(QDir(parent).filePath(QStringLiteral("emberlab-job-XXXXXX")));
    if (!folder.isValid())
        return Error(ErrorKind::Io, QStringLiteral("No temporary folder can be made: %1.").arg(folder.errorString()),
                     QStringLiteral("Check that there is room in %1.").arg(parent));
    EMBER_CHECK(writeJob(folder.path(), request, matrix));
    return runJob(folder.path(), options, progress, cancel);
}

} // namespace ember::learn
