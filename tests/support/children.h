// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QFile>
#include <QList>
#include <QString>

#include <csignal>

namespace ember::test {

/// Processes that a process has started and not waited for, by the kernel's own list.
inline QList<qint64> childrenOf(qint64 parent)
{
    QList<qint64> children;
    const QDir tasks(QStringLiteral("/proc/%1/task").arg(parent));
    const QStringList threads = tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString& thread : threads) {
        QFile file(tasks.filePath(thread + QStringLiteral("/children")));
        if (!file.open(QIODevice::ReadOnly))
            continue;
        for (const QByteArray& pid : file.readAll().simplified().split(' ')) {
            if (!pid.isEmpty())
                children << pid.toLongLong();
        }
    }
    return children;
}

/// The plug pulled out of every child whose program has that name; returns how many there were.
inline int killChildren(qint64 parent, const QString& program)
{
    int killed = 0;
    for (const qint64 child : childrenOf(parent)) {
        const QString path = QFile::symLinkTarget(QStringLiteral("/proc/%1/exe").arg(child));
        if (path.section(QLatin1Char('/'), -1) == program && ::kill(static_cast<pid_t>(child), SIGKILL) == 0)
            ++killed;
    }
    return killed;
}

} // namespace ember::test
