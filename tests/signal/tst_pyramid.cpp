// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/pyramid.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <limits>
#include <map>

using namespace ember::signal;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Rows with their numbers, some missing: what a recording with losses holds.
struct SparseRows
{
    std::size_t channels = 0;
    std::map<qint64, std::vector<float>> rows;
};

SparseRows randomRows(QRandomGenerator& random, qint64 end, std::size_t channels)
{
    SparseRows sparse{channels, {}};
    bool present = true;
    for (qint64 row = 0; row < end; ++row) {
        if (random.bounded(40) == 0)
            present = !present;
        if (!present)
            continue;
        std::vector<float> values;
        for (std::size_t c = 0; c < channels; ++c)
            values.push_back(random.bounded(50) == 0 ? kNan : static_cast<float>(random.bounded(2000) - 1000) * 0.25f);
        sparse.rows.emplace(row, values);
    }
    return sparse;
}

/// By the definition, looking at every row for every bucket.
Envelope oracle(const SparseRows& sparse, qint64 begin, qint64 end, qint64 bucketRows)
{
    Envelope out;
    out.bucketRows = bucketRows;
    out.firstBucket = begin / bucketRows;
    out.channels = sparse.channels;
    for (qint64 bucket = out.firstBucket; bucket * bucketRows < end; ++bucket) {
        quint32 count = 0;
        std::vector<float> low(sparse.channels, kNan);
        std::vector<float> high(sparse.channels, kNan);
        for (qint64 row = bucket * bucketRows; row < (bucket + 1) * bucketRows; ++row) {
            const auto found = sparse.rows.find(row);
            if (found == sparse.rows.end())
                continue;
            ++count;
            for (std::size_t c = 0; c < sparse.channels; ++c) {
                const float value = found->second[c];
                if (std::isnan(value))
                    continue;
                if (std::isnan(low[c]) || value < low[c])
                    low[c] = value;
                if (std::isnan(high[c]) || value > high[c])
                    high[c] = value;
            }
        }
        out.counts.push_back(count);
        out.minimum.insert(out.minimum.end(), low.begin(), low.end());
        out.maximum.insert(out.maximum.end(), high.begin(), high.end());
    }
    return out;
}

bool sameValue(float a, float b)
{
    return std::isnan(a) ? std::isnan(b) : a == b;
}

bool same(const Envelope& a, const Envelope& b)
{
    return a.firstBucket == b.firstBucket && a.bucketRows == b.bucketRows && a.channels == b.channels &&
           a.counts == b.counts &&
           std::equal(a.minimum.begin(), a.minimum.end(), b.minimum.begin(), b.minimum.end(), sameValue) &&
           std::equal(a.maximum.begin(), a.maximum.end(), b.maximum.begin(), b.maximum.end(), sameValue);
}

void addAll(Envelope& envelope, const SparseRows& sparse)
{
    for (const auto& [row, values] : sparse.rows)
        addRows(envelope, row, values);
}

} // namespace

class TestPyramid : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void levelsAreTheLargestThatLoseNothing()
    {
        QCOMPARE(levelFor(0), 0);
        QCOMPARE(levelFor(1), 0);
        QCOMPARE(levelFor(15), 0);
        QCOMPARE(levelFor(16), 1);
        QCOMPARE(levelFor(255), 1);
        QCOMPARE(levelFor(256), 2);
        QCOMPARE(levelFor(std::numeric_limits<qint64>::max()), kPyramidLevels);
        QCOMPARE(rowsPerBucket(5), qint64{1048576});
    }

    void rowsGiveWhatTheOracleGives()
    {
        QRandomGenerator random(1);
        const SparseRows sparse = randomRows(random, 3000, 3);
        for (const qint64 bucketRows : {1, 16, 256}) {
            for (int round = 0; round < 20; ++round) {
                const qint64 begin = random.bounded(2900);
                const qint64 end = begin + 1 + random.bounded(3000 - static_cast<int>(begin));
                Envelope envelope = emptyEnvelope(begin, end, bucketRows, 3);
                addAll(envelope, sparse);
                QVERIFY(same(envelope, oracle(sparse, begin, end, bucketRows)));
            }
        }
    }

    void coarseLevelsFromFineOnesAreExact()
    {
        QRandomGenerator random(2);
        const SparseRows sparse = randomRows(random, 9000, 2);
        Envelope level1 = emptyEnvelope(0, 9000, 16, 2);
        addAll(level1, sparse);
        Envelope level2 = emptyEnvelope(0, 9000, 256, 2);
        addEnvelope(level2, level1);
        Envelope level3 = emptyEnvelope(4096, 9000, 4096, 2);
        addEnvelope(level3, level2);
        QVERIFY(same(level2, oracle(sparse, 0, 9000, 256)));
        QVERIFY(same(level3, oracle(sparse, 4096, 9000, 4096)));
    }

    void aBucketCanBeFilledFromBothSidesOfASeam()
    {
        QRandomGenerator random(3);
        const SparseRows sparse = randomRows(random, 512, 1);
        Envelope sealedPart = emptyEnvelope(0, 304, 16, 1);
        Envelope whole = emptyEnvelope(0, 512, 256, 1);
        for (const auto& [row, values] : sparse.rows)
            addRows(row < 304 ? sealedPart : whole, row, values);
        addEnvelope(whole, sealedPart);
        QVERIFY(same(whole, oracle(sparse, 0, 512, 256)));
    }

    void theFirstValueCountsNotZero()
    {
        Envelope envelope = emptyEnvelope(0, 16, 16, 1);
        addRows(envelope, 0, std::vector<float>{5.0f, 7.0f});
        QCOMPARE(envelope.minimumAt(0, 0), 5.0f);
        QCOMPARE(envelope.maximumAt(0, 0), 7.0f);
        QCOMPARE(envelope.counts[0], 2u);
    }

    void anEmptyRangeHasNoBuckets()
    {
        QCOMPARE(emptyEnvelope(100, 100, 16, 2).buckets(), std::size_t{0});
        QCOMPARE(emptyEnvelope(100, 50, 16, 2).buckets(), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(TestPyramid)
#include "tst_pyramid.moc"
