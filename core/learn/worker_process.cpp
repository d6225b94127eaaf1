// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/worker_process.h"

#include "core/learn/worker.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <cerrno>
#include <chrono>
#include <new>
#include <thread>
#include <unistd.h>

namespace ember::learn {
namespace {

constexpr qint64 kReportIntervalMs = 50;
constexpr std::chrono::seconds kLastSeconds(10);

void writeAll(int descriptor, const char* bytes, std::size_t size)
{
    while (size > 0) {
        const ssize_t written = ::write(descriptor, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; // nobody listens any more
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
}

} // namespace

ReportChannel::ReportChannel()
{
    m_descriptor = ::dup(STDOUT_FILENO);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
}

ReportChannel::~ReportChannel()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void ReportChannel::write(const QByteArray& bytes)
{
    const std::lock_guard lock(m_mutex);
    writeAll(m_descriptor, bytes.constData(), static_cast<std::size_t>(bytes.size()));
}

ProgressSink ReportChannel::progressSink()
{
    return [this](const Progress& progress) { reportProgress(progress); };
}

void ReportChannel::reportProgress(const Progress& progress)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_sinceReport.isValid() && m_sinceReport.elapsed() < kReportIntervalMs && progress.fraction < 1)
            return;
        m_sinceReport.start();
    }
    const QJsonObject line{{QStringLiteral("step"), progress.step},
                           {QStringLiteral("progress"), progress.fraction},
                           {QStringLiteral("detail"), progress.detail}};
    write(QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n');
}

void exitWhenOutOfMemory()
{
    std::set_new_handler([] {
        // Nothing here may need memory.
        constexpr char kMessage[] = "The worker ran out of memory.\n";
        writeAll(STDERR_FILENO, kMessage, sizeof kMessage - 1);
        ::_exit(kOutOfMemoryExitCode);
    });
}

void endWithParent(const CancelSource& source)
{
    std::thread([copy = CancelSource(source)]() mutable {
        char ignored[256];
        ssize_t got = 0;
        do {
            got = ::read(STDIN_FILENO, ignored, sizeof ignored);
        } while (got > 0 || (got < 0 && errno == EINTR));
        copy.cancel();
        std::this_thread::sleep_for(kLastSeconds); // a deadline: a training that stops in time ends the process first
        ::_exit(1);
    }).detach();
}

} // namespace ember::learn
