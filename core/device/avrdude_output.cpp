// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/avrdude_output.h"

#include <algorithm>

namespace ember::device {
namespace {

// A full bar: avrdude prints one mark for each two percent.
constexpr int kMarksInBar = 50;
constexpr qsizetype kLongestLine = 4096;
constexpr qsizetype kQuotedBytes = 1500;

using Stage = FlashEvent::Stage;

/// What avrdude says about itself and the weather; a person need not read it.
bool isNoise(const QByteArray& line)
{
    return line.isEmpty() || line.contains("TIOCMGET") || line.contains("Thank you");
}

QString lastWords(const QByteArray& said)
{
    QByteArray kept;
    for (const QByteArray& raw : said.split('\n')) {
        const QByteArray line = raw.trimmed();
        if (!isNoise(line))
            kept += line + '\n';
    }
    return QString::fromUtf8(kept.trimmed().right(kQuotedBytes));
}

} // namespace

AvrdudeProgress::AvrdudeProgress(qint64 total, std::function<void(const FlashEvent&)> sink)
    : m_total(total)
    , m_sink(std::move(sink))
{}

void AvrdudeProgress::feed(const QByteArray& bytes)
{
    for (const char c : bytes) {
        if (c == '\n' || c == '\r') {
            m_line.clear();
            m_inBar = false;
        } else if (m_inBar) {
            if (c == '#')
                mark();
        } else if (m_line.size() < kLongestLine) {
            m_line += c;
            line();
        }
    }
}

// "Writing | ####" and "Reading | ####": avrdude reads to verify.
void AvrdudeProgress::line()
{
    if (!m_line.endsWith(" | "))
        return;
    if (m_line == "Writing | ")
        m_stage = Stage::Write;
    else if (m_line == "Reading | ")
        m_stage = Stage::Verify;
    else
        return;
    m_inBar = true;
    m_marks = 0;
    if (m_sink)
        m_sink({m_stage, 0, m_total, {}});
}

void AvrdudeProgress::mark()
{
    m_marks = std::min(m_marks + 1, kMarksInBar);
    if (m_sink)
        m_sink({m_stage, m_total * m_marks / kMarksInBar, m_total, {}});
}

Error avrdudeError(const QByteArray& said, const QString& port, const QString& boardName)
{
    const auto board = [](const QString& message, const QString& hint) {
        return Error(ErrorKind::Board, message, hint);
    };
    if (said.contains("cannot open port")) {
        if (said.contains("Permission denied"))
            return board(
                QStringLiteral("You may not open the port %1.").arg(port),
                QStringLiteral("Add yourself to the group dialout ('sudo adduser $USER dialout') and log in again."));
        if (said.contains("busy"))
            return board(QStringLiteral("The port %1 is in use by another program.").arg(port),
                         QStringLiteral("Close the program that has it open: a serial monitor, or a recording."));
        if (said.contains("No such file"))
            return board(QStringLiteral("There is no port %1.").arg(port),
                         QStringLiteral("Connect the board; 'emberlab ports' lists the ports there are."));
        return board(QStringLiteral("The port %1 cannot be opened.").arg(port), lastWords(said));
    }
    if (said.contains("expected signature"))
        return board(QStringLiteral("The chip at %1 is not that of %2.").arg(port, boardName), lastWords(said));
    if (said.contains("mismatch") || said.contains("verification error"))
        return board(QStringLiteral("The flash of %1 differs from the image after writing.").arg(boardName),
                     QStringLiteral("Flash again; if it happens again, the chip's flash is worn out. avrdude said: %1")
                         .arg(lastWords(said)));
    if (said.contains("not in sync") || said.contains("not responding") || said.contains("initialization failed") ||
        said.contains("protocol expects"))
        return board(QStringLiteral("No bootloader answers at %1.").arg(port),
                     QStringLiteral("Check that it is the port of %1, and press its reset button just before flashing.")
                         .arg(boardName));
    return Error(ErrorKind::Failed, QStringLiteral("avrdude could not flash %1.").arg(boardName), lastWords(said));
}

} // namespace ember::device
