// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/pty_pair.h"

#include <QFile>

#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace ember::test {

PtyPair::PtyPair()
{
    open();
}

PtyPair::~PtyPair()
{
    unplug();
}

bool PtyPair::open()
{
    m_master = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (m_master < 0 || ::grantpt(m_master) != 0 || ::unlockpt(m_master) != 0)
        return false;
    char name[128] = {};
    if (::ptsname_r(m_master, name, sizeof name) != 0)
        return false;
    m_path = QString::fromLocal8Bit(name);
    m_keeper = ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios settings{};
    ::tcgetattr(m_keeper, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(m_keeper, TCSANOW, &settings);
    const QString link = m_folder.filePath(QStringLiteral("port"));
    QFile::remove(link);
    return QFile::link(m_path, link);
}

QString PtyPair::serialAddress() const
{
    return QStringLiteral("/dev/../../..") + m_folder.filePath(QStringLiteral("port"));
}

void PtyPair::unplug()
{
    for (int* fd : {&m_master, &m_keeper}) {
        if (*fd >= 0)
            ::close(*fd);
        *fd = -1;
    }
    QFile::remove(m_folder.filePath(QStringLiteral("port")));
}

bool PtyPair::plugAgain()
{
    unplug();
    return open();
}

bool hasModemShim()
{
    return ::dlsym(RTLD_DEFAULT, "emberModemLines") != nullptr;
}

int modemLines()
{
    const auto lines = reinterpret_cast<int (*)()>(::dlsym(RTLD_DEFAULT, "emberModemLines"));
    return lines ? lines() : 0;
}

} // namespace ember::test
