// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset_diff.h"
#include "core/dataset/dataset_hash.h"
#include "core/dataset/edits.h"
#include "core/dataset/snapshot_table.h"
#include "core/dataset/windows.h"
#include "samples.h"

#include <QRandomGenerator>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

/// What one row of the oracle's recording is: there or lost, and the labels on it (by index into the set).
struct OracleRow
{
    bool present = false;
    std::vector<bool> labels;
};

} // namespace

class TestWindows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
        auto project = Project::create(m_path);
        VERIFY_OK(project);
        m_project = std::make_unique<Project>(std::move(project).value());
    }

    void randomRecordingsAgreeWithTheOracle()
    {
        QRandomGenerator random(31);
        const QStringList names{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")};
        std::vector<Label> labels;
        for (const QString& name : names)
            labels.push_back(m_project->labels().ensureLabel(QStringLiteral("set"), name).value());
        for (int round = 0; round < 12; ++round) {
            const qint64 length = 900;
            std::vector<OracleRow> rows(static_cast<std::size_t>(length), {false, {false, false, false}});
            auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
            for (qint64 row = 0; row < length;) {
                const qint64 count = std::min<qint64>(1 + random.bounded(300), length - row);
                VERIFY_OK((*writer)->append(blockOf(row, count)));
                for (qint64 i = row; i < row + count; ++i)
                    rows[static_cast<std::size_t>(i)].present = true;
                row += count + (random.bounded(3) == 0 ? random.bounded(40) : 0);
            }
            const auto recording = (*writer)->finish();
            VERIFY_OK(recording);
            for (int i = 0; i < 12; ++i) {
                const qint64 begin = random.bounded(static_cast<int>(recording->endRow) - 1);
                const qint64 end = std::min(begin + 1 + random.bounded(150), recording->endRow);
                const auto label = static_cast<std::size_t>(random.bounded(3));
                VERIFY_OK(apply(*m_project, AddSegment{{{}, recording->id, labels[label].id, begin, end}}));
                for (qint64 row = begin; row < end; ++row)
                    rows[static_cast<std::size_t>(row)].labels[label] = true;
            }
            rows.resize(static_cast<std::size_t>(recording->endRow));
            compareWithOracle(
                *recording, rows, names,
                {1 + random.bounded(80), 1 + random.bounded(60), labels[0].set, 0.25 * (1 + random.bounded(4))});
        }
    }

    void theOrderDependsOnContentOnly()
    {
        VERIFY_OK(addRecording(m_path, QStringLiteral("z"), 100, QStringLiteral("s2")));
        VERIFY_OK(addRecording(m_path, QStringLiteral("b"), 100, QStringLiteral("s1"), 5));
        VERIFY_OK(addRecording(m_path, QStringLiteral("a"), 100, QStringLiteral("s1"), 9));
        VERIFY_OK(addRecording(m_path, QStringLiteral("alone"), 100));
        const auto set = makeWindows(*m_project, {50, 50, {}, 0.6});
        VERIFY_OK(set);
        QCOMPARE(set->groupNames,
                 (QStringList{QStringLiteral("recording: alone"), QStringLiteral("s1"), QStringLiteral("s2")}));
        QStringList order;
        for (const Window& window : set->windows)
            order << QStringLiteral("%1@%2/%3").arg(window.recording.value).arg(window.begin).arg(window.group);
        QCOMPARE(order.join(QLatin1Char(' ')), QStringLiteral("4@0/0 4@50/0 3@0/1 3@50/1 2@0/1 2@50/1 1@0/2 1@50/2"));
        QCOMPARE(set->windows[0].label, -1);
    }

    void discardedRecordingsAreLeftOut()
    {
        const auto kept = addRecording(m_path, QStringLiteral("kept"), 100);
        const auto gone = addRecording(m_path, QStringLiteral("gone"), 100);
        VERIFY_OK(apply(*m_project, TrashRecording{gone->id}));
        QCOMPARE(makeWindows(*m_project, {100, 100, {}, 0.6})->windows.size(), std::size_t{1});
        QCOMPARE(makeWindows(*m_project, {100, 100, {}, 0.6}, {kept->id})->windows[0].recording, kept->id);
    }

    void whatCannotBeCutIsSaid()
    {
        QCOMPARE(makeWindows(*m_project, {10, 10, {}, 0.6}).error().kind, ErrorKind::Usage);
        VERIFY_OK(addRecording(m_path, QStringLiteral("r"), 100));
        QCOMPARE(makeWindows(*m_project, {0, 10, {}, 0.6}).error().kind, ErrorKind::Usage);
        QCOMPARE(makeWindows(*m_project, {10, 0, {}, 0.6}).error().kind, ErrorKind::Usage);
        QCOMPARE(makeWindows(*m_project, {10, std::numeric_limits<qint64>::max(), {}, 0.6}).error().kind,
                 ErrorKind::Usage);
        QCOMPARE(makeWindows(*m_project, {10, 10, {}, 0.0}).error().kind, ErrorKind::Usage);
        QCOMPARE(makeWindows(*m_project, {10, 10, LabelSetId{5}, 0.6}).error().kind, ErrorKind::Usage);
        QVERIFY(makeWindows(*m_project, {101, 10, {}, 0.6})->windows.empty());

        signal::StreamSpec other = imuStream();
        other.rateHz = 50;
        auto writer = RecordingWriter::start(m_path, {QStringLiteral("slow"), other, {}, {}});
        VERIFY_OK((*writer)->append(blockOf(0, 10)));
        VERIFY_OK((*writer)->finish());
        const auto mixed = makeWindows(*m_project, {10, 10, {}, 0.6});
        QCOMPARE(mixed.error().kind, ErrorKind::Usage);
        QVERIFY(mixed.error().message.contains(QStringLiteral("slow")));
    }

    void aGapOfHoursTakesNoTime()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK((*writer)->append(blockOf(0, 100)));
        signal::SampleBlock late = blockOf(0, 100);
        late.firstRow = qint64{1} << 45;
        VERIFY_OK((*writer)->append(late));
        VERIFY_OK((*writer)->finish());
        const auto set = makeWindows(*m_project, {32, 1, {}, 0.6});
        VERIFY_OK(set);
        QCOMPARE(set->windows.size(), std::size_t{2 * 69});
        QVERIFY(set->acrossGaps > (qint64{1} << 44));
    }

    void equalContentHasEqualHashes()
    {
        const QString otherPath = m_folder->filePath(QStringLiteral("other.ember"));
        auto other = Project::create(otherPath);
        VERIFY_OK(other);
        const auto fill = [](const QString& path, Project& project, bool reversed) -> Status {
            const QStringList groups{QStringLiteral("s1"), QStringLiteral("s2")};
            for (int i = 0; i < 2; ++i) {
                const int which = reversed ? 1 - i : i;
                // Another name, other block borders, the labels made in another order.
                EMBER_TRY(auto writer, RecordingWriter::start(
                                           path, {QStringLiteral("n%1").arg(i), imuStream(), {groups[which], {}}, {}}));
                const qint64 cut = reversed ? 77 : 3000;
                EMBER_CHECK(writer->append(blockOf(0, cut, 3, which)));
                signal::SampleBlock rest = blockOf(cut, 5000 - cut, 3, which);
                EMBER_CHECK(writer->append(rest));
                EMBER_TRY(const Recording recording, writer->finish());
                EMBER_TRY(const Label label,
                          project.labels().ensureLabel(QStringLiteral("set"), QStringLiteral("l%1").arg(which)));
                EMBER_CHECK(apply(project, AddSegment{{{}, recording.id, label.id, 10, 200}}));
            }
            return {};
        };
        VERIFY_OK(fill(m_path, *m_project, false));
        VERIFY_OK(fill(otherPath, *other, true));
        const QString hash = datasetHash(*m_project).value();
        QCOMPARE(hash.size(), 64);
        QCOMPARE(datasetHash(*other).value(), hash);
        QCOMPARE(recordingHash(*m_project, RecordingId{1}).value(),
                 m_project->recordings().get(RecordingId{1})->contentHash);

        const Segment segment = m_project->labels().segments()->front();
        const std::vector<Edit> changes = {
            ChangeSegment{{segment.id, segment.recording, segment.label, segment.begin, segment.end + 1}},
            RenameLabel{segment.label, QStringLiteral("renamed")},
            SetGroup{RecordingId{1}, {QStringLiteral("s9"), GroupKind::Subject}},
            TrashRecording{RecordingId{1}},
        };
        for (const Edit& change : changes) {
            const auto back = apply(*m_project, change);
            VERIFY_OK(back);
            QVERIFY2(datasetHash(*m_project).value() != hash, qPrintable(describe(change)));
            VERIFY_OK(apply(*m_project, *back));
            QCOMPARE(datasetHash(*m_project).value(), hash);
        }
        VERIFY_OK(apply(*m_project, RenameRecording{RecordingId{1}, QStringLiteral("another name")}));
        QCOMPARE(datasetHash(*m_project).value(), hash);
        QVERIFY(datasetHash(*m_project, {RecordingId{1}}).value() != hash);

        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        QCOMPARE(datasetHash(*m_project).error().kind, ErrorKind::Usage);
    }

    void versionsAreKeptAndCompared()
    {
        for (const char* name : {"one", "two", "three"})
            VERIFY_OK(addRecording(m_path, QLatin1String(name), 1000, QStringLiteral("g"), name[1]));
        const LabelId walk = m_project->labels().ensureLabel({}, QStringLiteral("walk"))->id;
        const LabelId rest = m_project->labels().ensureLabel({}, QStringLiteral("rest"))->id;
        const auto change = [this](const Edit& edit) { VERIFY_OK(apply(*m_project, edit)); };
        for (const Segment& segment :
             {Segment{{}, RecordingId{1}, walk, 0, 100}, Segment{{}, RecordingId{1}, walk, 200, 300},
              Segment{{}, RecordingId{1}, rest, 400, 500}, Segment{{}, RecordingId{2}, rest, 0, 50}})
            change(AddSegment{segment});
        SnapshotTable versions(m_project->database());
        const DatasetContent before = datasetContent(*m_project).value();
        const auto kept = versions.put(QStringLiteral("first"), before);
        VERIFY_OK(kept);
        QCOMPARE(kept->hash, datasetHash(*m_project).value());
        QCOMPARE(kept->segments, 4);
        QCOMPARE(versions.put(QStringLiteral("first"), before).error().kind, ErrorKind::Usage);
        QCOMPARE(versions.put({}, before)->id.value, kept->id.value); // the same content once is enough

        change(ChangeSegment{{SegmentId{1}, RecordingId{1}, rest, 0, 100}});   // another label
        change(ChangeSegment{{SegmentId{2}, RecordingId{1}, walk, 210, 320}}); // other ends
        change(RemoveSegment{SegmentId{3}});
        change(AddSegment{{{}, RecordingId{1}, walk, 700, 800}});
        change(RenameRecording{RecordingId{1}, QStringLiteral("uno")});
        change(TrashRecording{RecordingId{2}, true});
        VERIFY_OK(addRecording(m_path, QStringLiteral("four"), 500));
        const auto stored = versions.content(versions.find(QStringLiteral("first"))->id);
        VERIFY_OK(stored);
        QCOMPARE(stored->recordings, before.recordings);
        const DatasetDiff diff = compareContents(*stored, datasetContent(*m_project).value());
        QCOMPARE(diff.same, 1);
        QCOMPARE(static_cast<int>(diff.added.size()), 1);
        QCOMPARE(diff.added.front().name, QStringLiteral("four"));
        QCOMPARE(static_cast<int>(diff.removed.size()), 1);
        QCOMPARE(diff.removed.front().name, QStringLiteral("two"));
        QCOMPARE(static_cast<int>(diff.changed.size()), 1);
        const RecordingChange& one = diff.changed.front();
        QVERIFY(one.isRenamed() && !one.isRegrouped());
        const QString set = QString::fromLatin1(kDefaultLabelSet);
        QCOMPARE(one.added, (std::vector<ContentSegment>{{700, 800, set, QStringLiteral("walk")}}));
        QCOMPARE(one.removed, (std::vector<ContentSegment>{{400, 500, set, QStringLiteral("rest")}}));
        QCOMPARE(static_cast<int>(one.changed.size()), 2);
        QCOMPARE(one.changed[0].after.label, QStringLiteral("rest"));
        QCOMPARE(one.changed[1].after.begin, 210);
        QCOMPARE(diff.segmentsRemoved(), 2); // with that of the recording that went

        // The other way round, what came went.
        const DatasetDiff back = compareContents(datasetContent(*m_project).value(), *stored);
        QCOMPARE(back.segmentsAdded(), diff.segmentsRemoved());
        QCOMPARE(back.segmentsRemoved(), diff.segmentsAdded());
        QVERIFY(compareContents(*stored, *stored).isEmpty());
    }

    void damagedVersionsAreRefused()
    {
        VERIFY_OK(addRecording(m_path, QStringLiteral("one"), 100));
        SnapshotTable versions(m_project->database());
        const auto kept = versions.put(QStringLiteral("a"), datasetContent(*m_project).value());
        VERIFY_OK(kept);
        for (const QByteArray& bytes : {QByteArray(""), QByteArray("abc"), QByteArray("\xff\xff\xff\xff then"),
                                        QByteArray("\0\0\0\5xx", 6), qCompress("[]")}) {
            VERIFY_OK(m_project->database().change("UPDATE dataset_versions SET content = ?", bytes));
            QCOMPARE(versions.content(kept->id).error().kind, ErrorKind::BadData);
        }
        VERIFY_OK(versions.remove(kept->id));
        QCOMPARE(versions.find(QStringLiteral("a")).error().kind, ErrorKind::NotFound);
    }

private:
    void compareWithOracle(const Recording& recording, const std::vector<OracleRow>& rows, const QStringList& names,
                           const WindowSpec& spec)
    {
        const auto set = makeWindows(*m_project, spec, {recording.id});
        VERIFY_OK(set);
        qint64 gaps = 0;
        qint64 unlabelled = 0;
        qint64 mixed = 0;
        std::size_t at = 0;
        for (std::size_t begin = 0; begin + static_cast<std::size_t>(spec.rows) <= rows.size();
             begin += static_cast<std::size_t>(spec.hop)) {
            bool whole = true;
            std::vector<qint64> covered(3, 0);
            for (std::size_t row = begin; row < begin + static_cast<std::size_t>(spec.rows); ++row) {
                whole = whole && rows[row].present;
                for (std::size_t label = 0; label < 3; ++label)
                    covered[label] += rows[row].labels[label] ? 1 : 0;
            }
            std::size_t best = 0;
            for (std::size_t label = 1; label < 3; ++label)
                best = covered[label] > covered[best] ? label : best;
            const double share = static_cast<double>(covered[best]) / static_cast<double>(spec.rows);
            if (!whole) {
                ++gaps;
            } else if (covered[best] == 0) {
                ++unlabelled;
            } else if (share < spec.minShare) {
                ++mixed;
            } else {
                QVERIFY(at < set->windows.size());
                const Window& window = set->windows[at++];
                QCOMPARE(window.begin, static_cast<qint64>(begin));
                QCOMPARE(set->classNames.value(window.label), names[static_cast<qsizetype>(best)]);
                QCOMPARE(window.share, static_cast<float>(share));
            }
        }
        QCOMPARE(set->windows.size(), at);
        QCOMPARE(set->acrossGaps, gaps);
        QCOMPARE(set->unlabelled, unlabelled);
        QCOMPARE(set->mixed, mixed);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Project> m_project;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestWindows)
#include "tst_windows.moc"
