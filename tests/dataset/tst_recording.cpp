// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_reader.h"
#include "samples.h"

#include <QFileInfo>
#include <QMap>
#include <QRandomGenerator>

#include <cmath>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

constexpr std::size_t kChannels = 3;

/// Which rows exist, as blocks of random sizes with random gaps.
std::vector<signal::SampleBlock> randomBlocks(QRandomGenerator& random, qint64 firstRow, qint64 endRow)
{
    std::vector<signal::SampleBlock> blocks;
    for (qint64 row = firstRow; row < endRow;) {
        const qint64 count = std::min<qint64>(1 + random.bounded(900), endRow - row);
        blocks.push_back(blockOf(row, count));
        row += count;
        if (random.bounded(6) == 0)
            row += 1 + random.bounded(700);
    }
    return blocks;
}

/// By the definition: every row that exists goes into its bucket.
signal::Envelope oracle(const std::vector<signal::SampleBlock>& blocks, qint64 base, qint64 begin, qint64 end,
                        qint64 bucketRows)
{
    const signal::StreamSpec stream = imuStream();
    signal::Envelope out = signal::emptyEnvelope(begin, end, bucketRows, kChannels);
    for (const signal::SampleBlock& block : blocks) {
        for (qint64 row = 0; row < block.rowCount; ++row) {
            const qint64 bucket = (block.firstRow - base + row) / bucketRows - out.firstBucket;
            if (bucket < 0 || bucket >= static_cast<qint64>(out.buckets()))
                continue;
            const auto b = static_cast<std::size_t>(bucket);
            ++out.counts[b];
            for (std::size_t c = 0; c < kChannels; ++c) {
                const auto value = static_cast<float>(sampleValue(block, stream, row, c));
                float& low = out.minimum[b * kChannels + c];
                float& high = out.maximum[b * kChannels + c];
                low = std::isnan(low) || value < low ? value : low;
                high = std::isnan(high) || value > high ? value : high;
            }
        }
    }
    return out;
}

bool same(const std::vector<float>& a, const std::vector<float>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](float x, float y) { return std::isnan(x) ? std::isnan(y) : x == y; });
}

bool same(const signal::Envelope& a, const signal::Envelope& b)
{
    return a.firstBucket == b.firstBucket && a.bucketRows == b.bucketRows && a.counts == b.counts &&
           same(a.minimum, b.minimum) && same(a.maximum, b.maximum);
}

/// Whether another connection sees the rows. A new ledger is a reason to commit once the interval is over.
bool isCommitted(RecordingWriter& writer, const Project& project, qint64 endRow)
{
    return writer.updateLedger({}) && project.recordings().get(writer.id())->endRow == endRow;
}

} // namespace

class TestRecording : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
        VERIFY_OK(Project::create(m_path));
    }

    void whatIsWrittenIsRead()
    {
        const QJsonObject metadata{{QStringLiteral("board"), QStringLiteral("mps2-an386")}};
        auto writer = RecordingWriter::start(
            m_path, {QStringLiteral("walk 1"), imuStream(), {QStringLiteral("s01"), GroupKind::Subject}, metadata});
        VERIFY_OK(writer);
        signal::Ledger ledger;
        ledger.deviceDrops = 3;
        VERIFY_OK((*writer)->append(blockOf(0, 10'000)));
        VERIFY_OK((*writer)->updateLedger(ledger));
        const auto finished = (*writer)->finish();
        VERIFY_OK(finished);
        QCOMPARE(finished->state, RecordingState::Finished);
        QCOMPARE(finished->rowCount, 10'000);
        QCOMPARE(finished->endRow, 10'000);
        QCOMPARE(finished->durationSeconds(), 100.0);
        QCOMPARE(finished->stream, imuStream());
        QCOMPARE(finished->group.name, QStringLiteral("s01"));
        QCOMPARE(finished->metadata, metadata);
        QCOMPARE(finished->ledger.deviceDrops, 3);
        QCOMPARE(finished->contentHash.size(), 64);

        auto project = Project::open(m_path);
        const auto reader = RecordingReader::open(*project, finished->id);
        VERIFY_OK(reader);
        QCOMPARE(reader->window(0, 10'000).value(), blockOf(0, 10'000).rows);
        QCOMPARE(reader->window(4000, 200).value(), blockOf(4000, 200).rows);
        QCOMPARE(reader->runs().value(), (std::vector<RowInterval>{{0, 10'000}}));
    }

    void aStreamThatRanBeforeBeginsAtRowZero()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK((*writer)->append(blockOf(123'456, 50)));
        VERIFY_OK((*writer)->append(blockOf(123'600, 50)));
        const auto finished = (*writer)->finish();
        QCOMPARE(finished->rowCount, 100);
        QCOMPARE(finished->endRow, 194);
        QCOMPARE(finished->name, QStringLiteral("Recording %1").arg(finished->id.value));
        auto project = Project::open(m_path);
        const auto reader = RecordingReader::open(*project, finished->id);
        QCOMPARE(reader->runs().value(), (std::vector<RowInterval>{{0, 50}, {144, 194}}));
        QCOMPARE(reader->window(144, 50).value(), blockOf(123'600, 50).rows);
        QCOMPARE(reader->window(40, 20).error().kind, ErrorKind::BadData);
        const auto values = reader->channel(48, 146, 1).value();
        QCOMPARE(values.size(), std::size_t{98});
        QCOMPARE(values[0], static_cast<float>(rawValue(123'456 + 48, 1)) * 0.5f - 1.0f);
        QVERIFY(std::isnan(values[2]) && std::isnan(values[95]));
        QCOMPARE(values[96], static_cast<float>(rawValue(123'600, 1)) * 0.5f - 1.0f);
    }

    void badBlocksAreRefusedAndTheRestIsKept()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK((*writer)->append(blockOf(10, 100)));
        QCOMPARE((*writer)->append(blockOf(50, 10)).error().kind, ErrorKind::Board);
        signal::SampleBlock torn = blockOf(110, 10);
        torn.rows.chop(1);
        QCOMPARE((*writer)->append(torn).error().kind, ErrorKind::BadData);
        signal::SampleBlock lying = blockOf(110, 1);
        lying.rowCount = std::numeric_limits<qint64>::max() / 2;
        QCOMPARE((*writer)->append(lying).error().kind, ErrorKind::BadData);
        signal::SampleBlock far = blockOf(110, 1);
        far.firstRow = std::numeric_limits<qint64>::max() - 1;
        QCOMPARE((*writer)->append(far).error().kind, ErrorKind::BadData);
        VERIFY_OK((*writer)->append(blockOf(110, 10)));
        QCOMPARE((*writer)->finish()->rowCount, 110);
        QCOMPARE(RecordingWriter::start(m_path, {}).error().kind, ErrorKind::Usage);
    }

    void summariesEqualTheOracleWhileRecordingAndAfter()
    {
        QRandomGenerator random(20);
        const qint64 base = 777;
        const auto blocks = randomBlocks(random, base, base + 150'000);
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK(writer);
        auto project = Project::open(m_path);
        const auto reader = RecordingReader::open(*project, (*writer)->id());
        VERIFY_OK(reader);

        std::size_t appended = 0;
        const auto compare = [&](qint64 committedEnd) {
            const std::vector<signal::SampleBlock> soFar(blocks.begin(),
                                                         blocks.begin() + static_cast<qint64>(appended));
            for (const qint64 wanted : {1, 20, 256, 5000, 70'000, 1 << 20}) {
                const qint64 begin = random.bounded(static_cast<int>(committedEnd));
                const qint64 length = wanted == 1 ? 3000 : committedEnd;
                const qint64 end = std::min(begin + 1 + random.bounded(static_cast<int>(length)), committedEnd);
                const auto envelope = reader->envelope(begin, end, wanted);
                VERIFY_OK(envelope);
                QCOMPARE(envelope->bucketRows, signal::rowsPerBucket(signal::levelFor(wanted)));
                // A bucket at the end of the range may hold rows that follow it; the oracle looks at all rows.
                signal::Envelope expected = oracle(soFar, base, begin, end, envelope->bucketRows);
                QVERIFY(same(*envelope, expected));
            }
        };
        for (const signal::SampleBlock& block : blocks) {
            VERIFY_OK((*writer)->append(block));
            ++appended;
            if (appended % 100 != 0)
                continue;
            const qint64 end = (*writer)->endRow();
            QTRY_VERIFY_WITH_TIMEOUT(isCommitted(**writer, *project, end), 30'000);
            compare(end);
        }
        VERIFY_OK((*writer)->finish());
        compare((*writer)->endRow());
        QCOMPARE(project->recordings().get((*writer)->id())->rowCount, (*writer)->rowCount());
    }

    void randomRangesReadWhatWasAppended()
    {
        QRandomGenerator random(21);
        const auto blocks = randomBlocks(random, 0, 40'000);
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        QMap<qint64, bool> exists;
        for (const auto& block : blocks) {
            VERIFY_OK((*writer)->append(block));
            for (qint64 row = block.firstRow; row < block.endRow(); ++row)
                exists[row] = true;
        }
        VERIFY_OK((*writer)->finish());
        auto project = Project::open(m_path);
        const auto reader = RecordingReader::open(*project, (*writer)->id());
        for (int round = 0; round < 200; ++round) {
            const qint64 begin = random.bounded(41'000);
            const qint64 end = begin + random.bounded(6000);
            const auto runs = reader->rows(begin, end);
            VERIFY_OK(runs);
            qint64 seen = 0;
            qint64 lastEnd = -1;
            for (const RowRun& run : *runs) {
                QVERIFY(run.firstRow > lastEnd && run.firstRow >= begin && run.firstRow + run.rowCount <= end);
                QCOMPARE(run.rows, blockOf(run.firstRow, run.rowCount).rows);
                seen += run.rowCount;
                lastEnd = run.firstRow + run.rowCount;
            }
            qint64 expected = 0;
            for (qint64 row = begin; row < end; ++row)
                expected += exists.contains(row) ? 1 : 0;
            QCOMPARE(seen, expected);
        }
    }

    void theHashIsOfTheContentNotOfTheWayItCame()
    {
        const auto record = [this](const std::vector<qint64>& cuts) {
            auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
            qint64 row = 0;
            for (const qint64 cut : cuts) {
                [[maybe_unused]] const Status taken = (*writer)->append(blockOf(row, cut - row));
                row = cut;
            }
            return (*writer)->finish()->contentHash;
        };
        const QString whole = record({9000});
        QCOMPARE(record({1, 2, 3, 500, 4095, 4097, 8192, 9000}), whole);
        QVERIFY(record({8999}) != whole);
        auto gap = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK((*gap)->append(blockOf(0, 4000)));
        signal::SampleBlock moved = blockOf(4000, 5000);
        moved.firstRow = 4001;
        VERIFY_OK((*gap)->append(moved));
        QVERIFY((*gap)->finish()->contentHash != whole);
    }

    void storedBlocksAreJoined()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        for (qint64 row = 0; row < 9000; row += 100) {
            VERIFY_OK((*writer)->append(blockOf(row, 100)));
            const qint64 end = (*writer)->endRow();
            if (row % 3000 == 0) {
                auto watcher = Project::open(m_path);
                QTRY_VERIFY_WITH_TIMEOUT(isCommitted(**writer, *watcher, end), 30'000);
            }
        }
        VERIFY_OK((*writer)->finish());
        auto project = Project::open(m_path);
        QCOMPARE(project->database().integer("SELECT count(*) FROM blocks").value(), 3);
        QCOMPARE(project->database().integer("SELECT max(row_count) FROM blocks").value(), 4096);
    }

    void aWriterThatIsDroppedLeavesAnInterruptedRecording()
    {
        RecordingId id;
        {
            auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
            id = (*writer)->id();
            VERIFY_OK((*writer)->append(blockOf(0, 4500)));
            auto project = Project::open(m_path);
            QCOMPARE(project->recordings().get(id)->state, RecordingState::Recording);
        }
        auto project = Project::open(m_path);
        const auto recording = project->recordings().get(id);
        QCOMPARE(recording->state, RecordingState::Interrupted);
        QCOMPARE(recording->rowCount, 4500);
        QCOMPARE(recording->contentHash.size(), 64);
    }

    void anEmptyRecordingIsFine()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        const auto finished = (*writer)->finish();
        VERIFY_OK(finished);
        auto project = Project::open(m_path);
        const auto reader = RecordingReader::open(*project, finished->id);
        QVERIFY(reader->runs()->empty());
        QCOMPARE(reader->envelope(0, 1000, 16)->buckets(), std::size_t{0});
        QVERIFY(reader->rows(0, 100)->empty());
    }

    void aGapOfHoursCostsNothing()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK((*writer)->append(blockOf(0, 100)));
        signal::SampleBlock late = blockOf(0, 100);
        late.firstRow = qint64{1} << 40;
        VERIFY_OK((*writer)->append(late));
        const auto finished = (*writer)->finish();
        VERIFY_OK(finished);
        auto project = Project::open(m_path);
        const auto reader = RecordingReader::open(*project, finished->id);
        const auto envelope = reader->envelope(0, finished->endRow, 1 << 20);
        VERIFY_OK(envelope);
        QCOMPARE(envelope->counts.front(), 100u);
        QCOMPARE(envelope->counts.back(), 100u);
        QCOMPARE(reader->envelope(0, finished->endRow, 1).error().kind, ErrorKind::Usage);
        QVERIFY(QFileInfo(m_path).size() < 1'000'000);
    }

    void unknownRecordingsAreNotFound()
    {
        auto project = Project::open(m_path);
        QCOMPARE(RecordingReader::open(*project, RecordingId{5}).error().kind, ErrorKind::NotFound);
        QCOMPARE(project->recordings().find(QStringLiteral("x")).error().kind, ErrorKind::NotFound);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestRecording)
#include "tst_recording.moc"
