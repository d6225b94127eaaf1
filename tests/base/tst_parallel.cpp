// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"

#include <QTest>

#include <atomic>
#include <pthread.h>

using namespace ember;

class TestParallel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyItemIsDoneOnce()
    {
        for (const int threads : {-1, 0, 1, 2, 7})
            QCOMPARE(sumWith(threads), kSum);
    }

    void workIsDoneWhereTheSystemGivesNoThreads()
    {
        pthread_attr_t before;
        QCOMPARE(pthread_getattr_default_np(&before), 0);
        pthread_attr_t greedy;
        QCOMPARE(pthread_attr_init(&greedy), 0);
        QCOMPARE(pthread_attr_setstacksize(&greedy, size_t{1} << 50), 0); // more than there are addresses
        QCOMPARE(pthread_setattr_default_np(&greedy), 0);
        const int sum = sumWith(4);
        QCOMPARE(pthread_setattr_default_np(&before), 0);
        pthread_attr_destroy(&greedy);
        pthread_attr_destroy(&before);
        QCOMPARE(sum, kSum);
    }

private:
    static constexpr int kItems = 1000;
    static constexpr int kSum = kItems * (kItems - 1) / 2;

    static int sumWith(int threads)
    {
        std::atomic_int next = 0;
        std::atomic_int sum = 0;
        runOnThreads(threads, [&] {
            for (int i = next++; i < kItems; i = next++)
                sum += i;
        });
        return sum;
    }
};

QTEST_GUILESS_MAIN(TestParallel)
#include "tst_parallel.moc"
