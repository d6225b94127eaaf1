// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/child_process.h"

#include "core/base/process.h"

#include <QProcess>

#include <atomic>
#include <csignal>
#include <future>
#include <mutex>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

namespace ember::device {
namespace {

// How long the child's thread may be deaf to the request to end it.
constexpr int kSliceMs = 20;
constexpr qsizetype kKeptOutput = 8 * 1024;

} // namespace

struct ChildProcess::Shared
{
    std::atomic_bool stop{false};
    std::atomic_bool running{false};
    std::atomic<qint64> pid{0};
    mutable std::mutex mutex;
    QByteArray output; // guarded by mutex
    std::thread thread;

    void keep(const QByteArray& more)
    {
        if (more.isEmpty())
            return;
        const std::lock_guard lock(mutex);
        output = (output + more).right(kKeptOutput);
    }

    void run(const QString& program, const QStringList& arguments, const QString& folder, std::promise<Status> started)
    {
        QProcess process;
        process.setProgram(program);
        process.setArguments(arguments);
        process.setWorkingDirectory(folder);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.setStandardInputFile(QProcess::nullDevice());
        process.setChildProcessModifier([parent = ::getpid()] {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            // The parent may have died before the line above.
            if (::getppid() != parent)
                ::_exit(127);
        });
        process.start();
        if (!process.waitForStarted()) {
            started.set_value(
                Error(ErrorKind::Failed, QStringLiteral("%1 did not start: %2.").arg(program, process.errorString())));
            return;
        }
        pid = process.processId();
        running = true;
        started.set_value({});
        while (!stop && process.state() != QProcess::NotRunning) {
            process.waitForFinished(kSliceMs);
            keep(process.readAll());
        }
        process.kill();
        process.waitForFinished();
        keep(process.readAll());
        running = false;
    }
};

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const QString& program, const QStringList& arguments,
                                                          const QString& workingDirectory, const QString& package)
{
    const QString path = findProgram(program);
    if (path.isEmpty()) {
        return Error(ErrorKind::MissingTool, QStringLiteral("The program '%1' was not found.").arg(program),
                     QStringLiteral("Install the Debian package %1.").arg(package));
    }
    auto shared = std::make_unique<Shared>();
    std::promise<Status> promise;
    std::future<Status> started = promise.get_future();
    shared->thread =
        std::thread([raw = shared.get(), path, arguments, workingDirectory, p = std::move(promise)]() mutable {
            raw->run(path, arguments, workingDirectory, std::move(p));
        });
    std::unique_ptr<ChildProcess> child(new ChildProcess(std::move(shared)));
    EMBER_CHECK(started.get());
    return child;
}

ChildProcess::ChildProcess(std::unique_ptr<Shared> shared)
    : m_shared(std::move(shared))
{}

ChildProcess::~ChildProcess()
{
    m_shared->stop = true;
    m_shared->thread.join();
}

bool ChildProcess::isRunning() const
{
    return m_shared->running;
}

qint64 ChildProcess::processId() const
{
    return m_shared->pid;
}

QString ChildProcess::output() const
{
    const std::lock_guard lock(m_shared->mutex);
    return QString::fromLocal8Bit(m_shared->output).trimmed();
}

} // namespace ember::device
