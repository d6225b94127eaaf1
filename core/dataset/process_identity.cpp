// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/process_identity.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QList>
#include <QSet>
#include <QStringList>
#include <QSysInfo>

#include <mutex>
#include <sys/stat.h>
#include <unistd.h>

namespace ember::dataset {
namespace {

constexpr qsizetype kMachineDigits = 16;
const QLatin1String kCapture("capture");
const QLatin1String kImport("import");

QByteArray contentsOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
}

// Field 22 of /proc/PID/stat: clock ticks from system start to process start. The second field is the program's name
// in parentheses and may itself hold spaces and parentheses. Empty when there is no such process, or only its remains.
QString startTime(qint64 pid)
{
    const QByteArray stat = contentsOf(QStringLiteral("/proc/%1/stat").arg(pid));
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    constexpr qsizetype kState = 0; // field 3
    constexpr qsizetype kStartTime = 19;
    if (fields.size() <= kStartTime || fields[kState] == "Z" || fields[kState] == "X")
        return {};
    return QString::fromLatin1(fields[kStartTime]);
}

// Processes are numbered anew in every container.
QString pidNamespace()
{
    struct stat space = {};
    return ::stat("/proc/self/ns/pid", &space) == 0 ? QString::number(space.st_ino) : QString();
}

// Machine ids are not for publishing, and copies of one system image share them; empty where there is none.
QString machine()
{
    const QByteArray id = QSysInfo::machineUniqueId();
    if (id.isEmpty())
        return {};
    const QByteArray named = "emberlab " + id + ' ' + QSysInfo::machineHostName().toUtf8();
    const QByteArray hash = QCryptographicHash::hash(named, QCryptographicHash::Sha256).toHex();
    return QString::fromLatin1(hash.left(kMachineDigits));
}

QString bootId()
{
    return QString::fromLatin1(contentsOf(QStringLiteral("/proc/sys/kernel/random/boot_id")));
}

struct Identity
{
    qint64 pid = 0;
    QString start;
    QString boot;
    QString space;
    QString machine;
};

Identity parse(const QString& text)
{
    const QStringList parts = text.split(QLatin1Char(':'));
    return {parts.value(0).toLongLong(), parts.value(1), parts.value(2), parts.value(3), parts.value(4)};
}

// Which of this process's ownerships live: what no other source can tell.
class LiveNumbers
{
public:
    qint64 add()
    {
        const std::lock_guard lock(m_mutex);
        m_numbers.insert(++m_last);
        return m_last;
    }
    void remove(qint64 number)
    {
        const std::lock_guard lock(m_mutex);
        m_numbers.remove(number);
    }
    bool contains(qint64 number)
    {
        const std::lock_guard lock(m_mutex);
        return m_numbers.contains(number);
    }

private:
    std::mutex m_mutex;
    QSet<qint64> m_numbers;
    qint64 m_last = 0;
};

LiveNumbers& liveNumbers()
{
    static LiveNumbers numbers;
    return numbers;
}

} // namespace

QString thisProcessIdentity()
{
    const qint64 pid = ::getpid();
    return QStringList{QString::number(pid), startTime(pid), bootId(), pidNamespace(), machine()}.join(
        QLatin1Char(':'));
}

OwnerState stateOfProcess(const QString& identity)
{
    const Identity owner = parse(identity);
    if (owner.pid <= 0)
        return OwnerState::Gone;
    const bool sameMachine = !owner.machine.isEmpty() && owner.machine == machine();
    if (owner.boot != bootId()) // the same machine was restarted since, or it is another
        return sameMachine ? OwnerState::Gone : OwnerState::Unknown;
    if (owner.space != pidNamespace())
        return OwnerState::Unknown;
    return !owner.start.isEmpty() && startTime(owner.pid) == owner.start ? OwnerState::Alive : OwnerState::Gone;
}

Ownership::Ownership(Kind kind)
    : m_number(liveNumbers().add())
    , m_prefix(QStringLiteral("%1 %2 %3 ")
                   .arg(thisProcessIdentity())
                   .arg(m_number)
                   .arg(kind == Kind::Import ? kImport : kCapture))
{}

Ownership::~Ownership()
{
    liveNumbers().remove(m_number);
}

QString Ownership::text() const
{
    return m_prefix + QString::number(QDateTime::currentMSecsSinceEpoch());
}

OwnerNote readOwner(const QString& text)
{
    const QStringList parts = text.split(QLatin1Char(' '));
    const QString identity = parts.value(0);
    OwnerNote note;
    note.state = stateOfProcess(identity);
    note.kind = parts.value(2) == kImport ? Ownership::Kind::Import : Ownership::Kind::Capture;
    if (note.state == OwnerState::Unknown) {
        const qint64 silentMs = QDateTime::currentMSecsSinceEpoch() - parts.value(3).toLongLong();
        if (silentMs > kSilenceMs)
            note.state = OwnerState::Gone;
    } else if (note.state == OwnerState::Alive && identity == thisProcessIdentity()) {
        if (!liveNumbers().contains(parts.value(1).toLongLong()))
            note.state = OwnerState::Gone;
    }
    return note;
}

} // namespace ember::dataset
