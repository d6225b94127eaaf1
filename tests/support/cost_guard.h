// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#if defined(__SANITIZE_ADDRESS__)
// What is freed is kept for a while and would count as memory that is needed.
extern "C" __attribute__((used, weak)) const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "quarantine_size_mb=8";
}
#endif

namespace ember::test {

/// How long something took, and by how much the memory of this process grew at most meanwhile. From /proc, so that what
/// libraries ask for counts too.
class CostGuard
{
public:
    static constexpr qint64 kMostMs = 1'000;
    static constexpr qint64 kMostBytes = 200'000'000;

    CostGuard()
    {
        QFile reset(QStringLiteral("/proc/self/clear_refs")); // 5: the highest size begins anew (proc(5))
        m_canReset = reset.open(QIODevice::WriteOnly | QIODevice::Unbuffered) && reset.write("5") == 1;
        m_before = statusBytes("VmRSS:");
        m_timer.start();
    }

    void check(const char* what) const
    {
        const qint64 elapsed = m_timer.elapsed();
        const qint64 grown = statusBytes("VmHWM:") - m_before;
        QVERIFY2(elapsed < kMostMs, qPrintable(QStringLiteral("%1: %2 ms").arg(QLatin1String(what)).arg(elapsed)));
        if (m_canReset)
            QVERIFY2(grown < kMostBytes,
                     qPrintable(QStringLiteral("%1: %2 bytes more").arg(QLatin1String(what)).arg(grown)));
    }

private:
    static qint64 statusBytes(const QByteArray& field)
    {
        QFile status(QStringLiteral("/proc/self/status"));
        if (!status.open(QIODevice::ReadOnly))
            return 0;
        for (const QByteArray& line : status.readAll().split('\n')) {
            if (line.startsWith(field))
                return line.mid(field.size()).trimmed().split(' ').first().toLongLong() * 1024;
        }
        return 0;
    }

    bool m_canReset = false;
    qint64 m_before = 0;
    QElapsedTimer m_timer;
};

} // namespace ember::test
