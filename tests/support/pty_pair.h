// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QTemporaryDir>

namespace ember::test {

/// A pseudo-terminal that stands in for a serial cable. The test holds the board's end.
class PtyPair
{
public:
    PtyPair();
    ~PtyPair();
    PtyPair(const PtyPair&) = delete;
    PtyPair& operator=(const PtyPair&) = delete;

    bool isValid() const { return m_master >= 0; }
    /// The board's end; raw, does not block.
    int master() const { return m_master; }
    /// "/dev/pts/N".
    QString path() const { return m_path; }
    /// The same terminal under a name that libserialport takes for a port of the kernel: it looks for a link below
    /// /sys/class/tty and finds ours by way of "..". Needs the modem shim preloaded.
    QString serialAddress() const;

    /// Pulls the cable: the program's end hangs up.
    void unplug();
    /// A new terminal under the same serialAddress().
    bool plugAgain();

private:
    bool open();

    QTemporaryDir m_folder;
    int m_master = -1;
    int m_keeper = -1; // the other end, so that the master does not report a hang-up before somebody opens it
    QString m_path;
};

/// Whether the modem shim is preloaded into this process.
bool hasModemShim();
/// TIOCM_* bits as they were set last.
int modemLines();

} // namespace ember::test
