// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/process_identity.h"

#include <QFile>
#include <QList>

#include <unistd.h>

namespace ember::dataset {
namespace {

QByteArray contentsOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
}

// Field 22 of /proc/PID/stat: clock ticks from system start to process start. The second field is the program's name
// in parentheses and may itself hold spaces and parentheses. Empty when there is no such process, or only its remains.
QByteArray startTime(qint64 pid)
{
    const QByteArray stat = contentsOf(QStringLiteral("/proc/%1/stat").arg(pid));
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    constexpr qsizetype kState = 0; // field 3
    constexpr qsizetype kStartTime = 19;
    if (fields.size() <= kStartTime || fields[kState] == "Z" || fields[kState] == "X")
        return {};
    return fields[kStartTime];
}

QString identityOf(qint64 pid)
{
    const QByteArray start = startTime(pid);
    if (start.isEmpty())
        return {};
    const QByteArray boot = contentsOf(QStringLiteral("/proc/sys/kernel/random/boot_id"));
    return QStringLiteral("%1:%2:%3").arg(pid).arg(QString::fromLatin1(start), QString::fromLatin1(boot));
}

} // namespace

QString thisProcessIdentity()
{
    return identityOf(getpid());
}

bool processRuns(const QString& identity)
{
    const qint64 pid = identity.section(QLatin1Char(':'), 0, 0).toLongLong();
    return pid > 0 && identityOf(pid) == identity;
}

} // namespace ember::dataset
