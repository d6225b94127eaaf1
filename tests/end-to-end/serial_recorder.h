// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "device-agent/wire/frame.hpp"
#include "device-agent/wire/messages.hpp"
#include "tests/support/host_board.h"
#include "tests/support/program.h"
#include "tests/support/pty_pair.h"

#include <QFile>
#include <QProcess>

#include <atomic>

namespace ember::test {

/// The end of the rows that a board has sent so far, read off its frames on their way out.
class SentRows
{
public:
    explicit SentRows(qint64 bytesPerRow)
        : m_bytesPerRow(bytesPerRow)
    {}

    /// For HostBoardOptions::link.
    QByteArray watch(const QByteArray& frame)
    {
        QByteArray decoded(frame.size(), '\0');
        wire::FrameReceiver receiver(reinterpret_cast<uint8_t*>(decoded.data()), static_cast<size_t>(decoded.size()));
        for (const char byte : frame) {
            if (receiver.push(static_cast<uint8_t>(byte)) != wire::FrameVerdict::Valid)
                continue;
            if (receiver.header().type != static_cast<uint8_t>(wire::MessageType::Samples))
                continue;
            const auto header = wire::SamplesHeader::unpack(receiver.payload());
            const auto rows =
                (static_cast<qint64>(receiver.payloadSize()) - static_cast<qint64>(wire::SamplesHeader::kSize)) /
                m_bytesPerRow;
            m_end = header.firstRow + rows;
        }
        return frame;
    }
    qint64 end() const { return m_end; }

private:
    qint64 m_bytesPerRow;
    std::atomic<qint64> m_end{0};
};

/// `emberlab record` at work on a serial port, with the modem shim preloaded.
class SerialRecorder
{
public:
    SerialRecorder(const QString& project, const QString& address, const QStringList& more = {})
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("LD_PRELOAD"), preload());
        m_process.setProcessEnvironment(environment);
        m_process.start(programPath(), QStringList{QStringLiteral("record"), QStringLiteral("--project"), project,
                                                   QStringLiteral("--port"), address, QStringLiteral("--json")} +
                                           more);
    }

    QProcess& process() { return m_process; }

    /// Waits for the end; the run as runProgram() gives it.
    ProgramRun finish(int timeoutMs = 120'000)
    {
        ProgramRun run;
        if (!m_process.waitForFinished(timeoutMs)) {
            m_process.kill();
            m_process.waitForFinished();
            run.crashed = true;
        }
        run.out = m_process.readAllStandardOutput();
        run.err = m_process.readAllStandardError();
        run.crashed = run.crashed || m_process.exitStatus() != QProcess::NormalExit;
        run.exitCode = m_process.exitCode();
        return run;
    }

private:
    // The address sanitizer insists on being loaded first.
    static QString preload()
    {
        QString first;
        QFile maps(QStringLiteral("/proc/self/maps"));
        if (maps.open(QIODevice::ReadOnly)) {
            const QList<QByteArray> lines = maps.readAll().split('\n');
            for (const QByteArray& line : lines) {
                if (line.contains("/libasan.so") || line.contains("/libtsan.so")) {
                    first = QString::fromLocal8Bit(line.mid(line.indexOf('/'))) + QLatin1Char(' ');
                    break;
                }
            }
        }
        return first + QStringLiteral(EMBERLAB_MODEM_SHIM);
    }

    QProcess m_process;
};

} // namespace ember::test
