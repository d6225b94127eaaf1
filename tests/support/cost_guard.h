// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFile>
#include <QTest>

#include <ctime>

#if defined(__SANITIZE_ADDRESS__)
// What is freed is kept for a while and would count as memory that is needed.
extern "C" __attribute__((used, weak)) const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "quarantine_size_mb=8";
}
#endif

namespace ember::test {

/// How much time of the processor something took, whatever else the machine does, and by how much the memory of this
/// process grew at most meanwhile. From /proc, so that what libraries ask for counts too.
class CostGuard
{
public:
    static constexpr qint64 kMostMs = 1'000;
    static constexpr qint64 kMostBytes = 200'000'000;

    CostGuard()
    {
        QFile reset(QStringLiteral("/proc/self/clear_refs")); // 5: the highest size begins anew (proc(5))
        m_canReset = reset.open(QIODevice::WriteOnly | QIODevice::Unbuffered) && reset.write("5") == 1;
        m_before = statusBytes(m_canReset ? "VmRSS:" : "VmHWM:");
        m_start = processorMs();
    }

    void check(const char* what) const
    {
        const qint64 elapsed = processorMs() - m_start;
        const qint64 grown = grownBytes();
        QVERIFY2(elapsed < kMostMs, qPrintable(QStringLiteral("%1: %2 ms").arg(QLatin1String(what)).arg(elapsed)));
        QVERIFY2(grown < kMostBytes,
                 qPrintable(QStringLiteral("%1: %2 bytes more").arg(QLatin1String(what)).arg(grown)));
    }

    /// By how much memory grew at most; where the highest size cannot begin anew, over what it ever was.
    qint64 grownBytes() const { return statusBytes("VmHWM:") - m_before; }

    static qint64 processorMs() { return static_cast<qint64>(std::clock()) * 1'000 / CLOCKS_PER_SEC; }

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
    qint64 m_start = 0;
};

} // namespace ember::test
