// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/edits.h"
#include "core/dataset/recording_edits.h"
#include "core/dataset/segment_edits.h"
#include "samples.h"
#include "tests/support/project_dump.h"

#include <QRandomGenerator>

#include <algorithm>
#include <set>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;
using ember::test::dump;

namespace {

/// A random edit with ids around those that exist; some of them are refused, which is part of the test.
class EditMaker
{
public:
    explicit EditMaker(quint32 seed)
        : m_random(seed)
    {}

    Edit edit(int depth = 0)
    {
        const qint64 id = 1 + m_random.bounded(6);
        switch (m_random.bounded(depth < 2 ? 15 : 14)) {
        case 0:
            return AddLabelSet{{LabelSetId{m_random.bounded(2) ? id : 0}, name()}};
        case 1:
            return RemoveLabelSet{LabelSetId{id}};
        case 2:
            return RenameLabelSet{LabelSetId{id}, name()};
        case 3:
            return AddLabel{{LabelId{m_random.bounded(2) ? id : 0}, LabelSetId{id}, name(), m_random.bounded(8)}};
        case 4:
            return RemoveLabel{LabelId{id}};
        case 5:
            return RenameLabel{LabelId{id}, name()};
        case 6:
            return RecolourLabel{LabelId{id}, m_random.bounded(8)};
        case 7:
        case 8:
            return AddSegment{segment(0)};
        case 9:
            return RemoveSegment{SegmentId{id}};
        case 10:
            return ChangeSegment{segment(id)};
        case 11:
            return RenameRecording{RecordingId{id}, name()};
        case 12:
            return SetGroup{RecordingId{id}, {name(), static_cast<GroupKind>(m_random.bounded(3))}};
        case 13:
            return TrashRecording{RecordingId{id}, m_random.bounded(2) == 0};
        default:
            break;
        }
        EditMacro macro{QStringLiteral("several"), {}};
        for (int i = m_random.bounded(4); i >= 0; --i)
            macro.edits.push_back(edit(depth + 1));
        return macro;
    }

private:
    QString name() { return QStringLiteral("näme %1").arg(m_random.bounded(8)); }
    Segment segment(qint64 id)
    {
        const qint64 begin = m_random.bounded(100) - 2;
        return {SegmentId{id}, RecordingId{1 + m_random.bounded(4)}, LabelId{1 + m_random.bounded(5)}, begin,
                begin + m_random.bounded(30)};
    }

    QRandomGenerator m_random;
};

/// Labels of a row.
std::set<qint64> labelsAt(const std::vector<Segment>& segments, qint64 row)
{
    std::set<qint64> labels;
    for (const Segment& segment : segments) {
        if (row >= segment.begin && row < segment.end)
            labels.insert(segment.label.value);
    }
    return labels;
}

/// What the project does with an edit of segments.
void applyToList(std::vector<Segment>& segments, const Edit& edit)
{
    if (const auto* add = std::get_if<AddSegment>(&edit.what)) {
        qint64 last = 0;
        for (const Segment& segment : segments)
            last = std::max(last, segment.id.value);
        segments.push_back(add->segment);
        segments.back().id = SegmentId{last + 1};
    } else if (const auto* change = std::get_if<ChangeSegment>(&edit.what)) {
        for (Segment& segment : segments) {
            if (segment.id == change->segment.id)
                segment = change->segment;
        }
    } else if (const auto* remove = std::get_if<RemoveSegment>(&edit.what)) {
        std::erase_if(segments, [remove](const Segment& s) { return s.id == remove->id; });
    }
}

} // namespace

class TestEdits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Against a row-by-row answer.
    void unlabelledStretchesAndEdges()
    {
        QRandomGenerator random(11);
        for (int round = 0; round < 300; ++round) {
            constexpr qint64 kEnd = 40;
            std::vector<Segment> segments;
            for (int i = random.bounded(6); i > 0; --i) {
                const qint64 begin = random.bounded(40);
                segments.push_back({{}, {}, {}, begin, begin + 1 + random.bounded(10)});
            }
            std::vector<bool> covered(kEnd, false);
            for (const Segment& segment : segments) {
                for (qint64 row = segment.begin; row < std::min(segment.end, kEnd); ++row)
                    covered[static_cast<std::size_t>(row)] = true;
            }
            std::vector<bool> found(kEnd, true);
            qint64 last = -1;
            for (const RowInterval& stretch : unlabelledStretches(segments, kEnd)) {
                QVERIFY(stretch.begin > last && stretch.begin < stretch.end); // in order, apart, not empty
                last = stretch.end;
                for (qint64 row = stretch.begin; row < stretch.end; ++row)
                    found[static_cast<std::size_t>(row)] = false;
            }
            QCOMPARE(found, covered);
        }
        const std::vector<Segment> one{{SegmentId{1}, {}, LabelId{1}, 5, 9}};
        const std::vector<RowInterval> gaps{{9, 12}};
        QCOMPARE(edgesOf(one, gaps, 20), (std::vector<qint64>{0, 5, 9, 12, 20}));
    }

    void aSplitLabelMergesIntoWhatItWas()
    {
        const Segment whole{SegmentId{1}, {}, LabelId{1}, 5, 25};
        QVERIFY(!splitSegment(whole, 5));
        QVERIFY(!splitSegment(whole, 25));
        QVERIFY(splitSegment(whole, 6));
        const std::vector<Segment> parts{{SegmentId{2}, {}, LabelId{1}, 12, 25}, {SegmentId{1}, {}, LabelId{1}, 5, 12}};
        const auto merged = mergeWithNext(parts[1], parts);
        QVERIFY(merged);
        const auto& macro = std::get<EditMacro>(merged->what);
        QCOMPARE(std::get<ChangeSegment>(macro.edits[1].what).segment, whole);
        QVERIFY(!mergeWithNext(parts[0], parts)); // nothing behind it
        const std::vector<Segment> others{parts[1], {SegmentId{3}, {}, LabelId{2}, 12, 25}};
        QVERIFY(!mergeWithNext(parts[1], others));
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        const QString path = m_folder->filePath(QStringLiteral("p.ember"));
        auto project = Project::create(path);
        VERIFY_OK(project);
        m_project = std::make_unique<Project>(std::move(project).value());
        for (int i = 0; i < 3; ++i)
            VERIFY_OK(addRecording(path, QStringLiteral("r%1").arg(i), 100, QStringLiteral("s%1").arg(i)));
        m_walk = m_project->labels().ensureLabel({}, QStringLiteral("walk")).value();
        m_sit = m_project->labels().ensureLabel({}, QStringLiteral("sit")).value();
    }

    void randomEditsAreUndoneAndRedoneExactly()
    {
        EditMaker maker(2024);
        QStringList states{dump(*m_project)};
        std::vector<Edit> inverses;
        int refused = 0;
        for (int i = 0; i < 600; ++i) {
            const QString before = dump(*m_project);
            const auto inverse = apply(*m_project, maker.edit());
            if (!inverse) {
                ++refused;
                QCOMPARE(dump(*m_project), before);
                continue;
            }
            inverses.push_back(*inverse);
            states << dump(*m_project);
        }
        QVERIFY2(inverses.size() > 100 && refused > 50, qPrintable(QString::number(inverses.size())));

        std::vector<Edit> redo;
        for (qsizetype at = states.size() - 1; at > 0; --at) {
            QCOMPARE(dump(*m_project), states[at]);
            const auto again = apply(*m_project, inverses.back());
            VERIFY_OK(again);
            redo.push_back(*again);
            inverses.pop_back();
        }
        QCOMPARE(dump(*m_project), states.front());
        for (qsizetype at = 1; at < states.size(); ++at) {
            VERIFY_OK(apply(*m_project, redo.back()));
            redo.pop_back();
            QCOMPARE(dump(*m_project), states[at]);
        }
    }

    void manyRecordingsAreEditedAtOnce()
    {
        const std::vector<Recording> all = m_project->recordings().list().value();
        QVERIFY(all.size() > 1);
        const QString before = dump(*m_project);
        const auto change = [this](const Result<Edit>& edit) -> Edit {
            const auto inverse = edit ? apply(*m_project, *edit) : Result<Edit>(edit.error());
            return inverse ? *inverse : Edit(EditMacro{QStringLiteral("failed"), {}});
        };
        const auto now = [this] { return m_project->recordings().list().value(); };
        const auto firstOf = [](const std::vector<Recording>& some) { return std::vector<Recording>{some.front()}; };
        std::vector<Edit> inverses;
        inverses.push_back(change(addTag(all, QStringLiteral(" good "))));
        inverses.push_back(change(addTag(firstOf(now()), QStringLiteral("best"))));
        QCOMPARE(tagsOf(now()[0]), (QStringList{QStringLiteral("best"), QStringLiteral("good")}));
        QCOMPARE(tagsOf(now()[1]), QStringList{QStringLiteral("good")});
        QCOMPARE(addTag(now(), QStringLiteral("good")).error().kind, ErrorKind::Usage); // all have it
        inverses.push_back(change(removeTag(now(), QStringLiteral("good"))));
        QVERIFY(tagsOf(now()[1]).isEmpty());
        inverses.push_back(change(setField(now(), QStringLiteral("surface"), QStringLiteral("grass"))));
        QVERIFY(fieldsOf(now()).contains(QStringLiteral("surface")));
        inverses.push_back(change(setField(firstOf(now()), QStringLiteral("surface"), {})));
        QVERIFY(!now()[0].metadata.contains(QStringLiteral("surface")));
        QCOMPARE(setField(now(), QStringLiteral("tags"), QStringLiteral("x")).error().kind, ErrorKind::Usage);
        inverses.push_back(change(setGroupOf(now(), QStringLiteral("anna"))));
        QCOMPARE(now()[1].group.name, QStringLiteral("anna"));
        inverses.push_back(change(setTrashed(now(), true)));
        QVERIFY(now().empty());
        for (auto at = inverses.rbegin(); at != inverses.rend(); ++at)
            VERIFY_OK(apply(*m_project, *at));
        QCOMPARE(dump(*m_project), before);
    }

    void segmentsMoveAndComeBack()
    {
        const auto removal = apply(*m_project, AddSegment{{{}, RecordingId{1}, m_walk.id, 10, 20}});
        VERIFY_OK(removal);
        const SegmentId id = std::get<RemoveSegment>(removal->what).id;
        const auto back = apply(*m_project, ChangeSegment{{id, RecordingId{1}, m_sit.id, 5, 100}});
        VERIFY_OK(back);
        QCOMPARE(m_project->labels().segment(id).value(), (Segment{id, RecordingId{1}, m_sit.id, 5, 100}));
        VERIFY_OK(apply(*m_project, *back));
        QCOMPARE(m_project->labels().segment(id).value(), (Segment{id, RecordingId{1}, m_walk.id, 10, 20}));
        QCOMPARE(m_project->labels().segments(RecordingId{1}, m_walk.set)->size(), std::size_t{1});
        QCOMPARE(m_project->labels().segments(RecordingId{2})->size(), std::size_t{0});
    }

    void discardedRecordingsCountNoMoreAndComeBack()
    {
        VERIFY_OK(apply(*m_project, AddSegment{{{}, RecordingId{2}, m_walk.id, 0, 50}}));
        const auto undo = apply(*m_project, TrashRecording{RecordingId{2}});
        VERIFY_OK(undo);
        QCOMPARE(m_project->recordings().list()->size(), std::size_t{2});
        QCOMPARE(m_project->recordings().list(true)->size(), std::size_t{3});
        QCOMPARE(m_project->info()->segments, 0);
        QCOMPARE(m_project->info()->groups, (QStringList{QStringLiteral("s0"), QStringLiteral("s2")}));
        VERIFY_OK(apply(*m_project, *undo));
        QCOMPARE(m_project->info()->segments, 1);
        QCOMPARE(m_project->info()->samples, 300);

        VERIFY_OK(apply(*m_project, TrashRecording{RecordingId{2}}));
        QCOMPARE(m_project->recordings().emptyTrash().value(), 1);
        QCOMPARE(m_project->recordings().list(true)->size(), std::size_t{2});
        QCOMPARE(m_project->database().integer("SELECT count(*) FROM blocks WHERE recording = 2").value(), 0);
        QCOMPARE(m_project->database().integer("SELECT count(*) FROM segments").value(), 0);
    }

    void impossibleEditsAreRefused_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("kind");
        const auto usage = static_cast<int>(ErrorKind::Usage);
        const auto notFound = static_cast<int>(ErrorKind::NotFound);
        QTest::newRow("empty segment") << 0 << usage;
        QTest::newRow("before the start") << 1 << usage;
        QTest::newRow("beyond the end") << 2 << usage;
        QTest::newRow("no such recording") << 3 << notFound;
        QTest::newRow("no such label") << 4 << notFound;
        QTest::newRow("name taken") << 5 << usage;
        QTest::newRow("name empty") << 6 << usage;
        QTest::newRow("number taken") << 7 << usage;
        QTest::newRow("label in use") << 8 << usage;
        QTest::newRow("set not empty") << 9 << usage;
        QTest::newRow("macro that fails at its end") << 10 << notFound;
    }
    void impossibleEditsAreRefused()
    {
        QFETCH(int, which);
        QFETCH(int, kind);
        const RecordingId recording{1};
        VERIFY_OK(apply(*m_project, AddSegment{{SegmentId{1}, recording, m_walk.id, 0, 10}}));
        const std::vector<Edit> edits = {
            AddSegment{{{}, recording, m_walk.id, 5, 5}},
            AddSegment{{{}, recording, m_walk.id, -1, 5}},
            AddSegment{{{}, recording, m_walk.id, 5, 101}},
            SetGroup{RecordingId{77}, {}},
            AddSegment{{{}, recording, LabelId{77}, 5, 6}},
            RenameLabel{m_walk.id, m_sit.name},
            RenameRecording{recording, QStringLiteral("  ")},
            AddSegment{{SegmentId{1}, recording, m_walk.id, 5, 6}},
            RemoveLabel{m_walk.id},
            RemoveLabelSet{m_walk.set},
            EditMacro{QStringLiteral("m"), {RemoveSegment{SegmentId{1}}, RemoveSegment{SegmentId{1}}}},
        };
        const QString before = dump(*m_project);
        const auto result = apply(*m_project, edits[static_cast<std::size_t>(which)]);
        QVERIFY(!result);
        QCOMPARE(static_cast<int>(result.error().kind), kind);
        QCOMPARE(dump(*m_project), before);
    }

    void undoTextsSayWhatWasDone()
    {
        QCOMPARE(describe(TrashRecording{RecordingId{1}}), QStringLiteral("Discard recording"));
        QCOMPARE(describe(TrashRecording{RecordingId{1}, false}), QStringLiteral("Restore recording"));
        QCOMPARE(describe(EditMacro{QStringLiteral("Label 3 recordings"), {}}), QStringLiteral("Label 3 recordings"));
        QCOMPARE(describe(RenameLabel{m_walk.id, QStringLiteral("run")}), QStringLiteral("Rename label to 'run'"));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Project> m_project;
    Label m_walk;
    Label m_sit;

    // Row by row: chosen rows have the new label and no other, all other rows what they had.
    void labellingRowsChangesTheseRowsOnly()
    {
        QRandomGenerator random(77);
        for (int round = 0; round < 300; ++round) {
            constexpr qint64 kEnd = 60;
            const LabelId wanted{1};
            std::vector<Segment> segments;
            const auto interval = [&random] {
                const qint64 begin = random.bounded(static_cast<int>(kEnd - 1));
                return RowInterval{begin, begin + 1 + random.bounded(static_cast<int>(kEnd - begin))};
            };
            for (int i = 0; i < 5; ++i) {
                const RowInterval rows = interval();
                segments.push_back(
                    {SegmentId{i + 1}, RecordingId{1}, LabelId{1 + random.bounded(3)}, rows.begin, rows.end});
            }
            const std::vector<RowInterval> chosen = {interval(), interval()};
            std::vector<Segment> after = segments;
            for (const Edit& edit : labelRows(segments, RecordingId{1}, wanted, chosen))
                applyToList(after, edit);
            for (qint64 row = 0; row < kEnd; ++row) {
                const bool isChosen = std::any_of(chosen.begin(), chosen.end(), [row](const RowInterval& r) {
                    return row >= r.begin && row < r.end;
                });
                QCOMPARE(labelsAt(after, row), isChosen ? std::set<qint64>{wanted.value} : labelsAt(segments, row));
            }
            // Once it is so, nothing is left to do.
            QVERIFY(labelRows(after, RecordingId{1}, wanted, chosen).empty());
        }
    }

    // Row by row as well: each stretch is a segment of its own, the rest has what it had.
    void stretchesBecomeSegmentsOfTheirOwn()
    {
        QRandomGenerator random(78);
        for (int round = 0; round < 300; ++round) {
            constexpr qint64 kEnd = 80;
            std::vector<Segment> segments;
            for (int i = 0; i < 5; ++i) {
                const qint64 begin = random.bounded(static_cast<int>(kEnd - 1));
                segments.push_back({SegmentId{i + 1}, RecordingId{1}, LabelId{1 + random.bounded(3)}, begin,
                                    begin + 1 + random.bounded(static_cast<int>(kEnd - begin))});
            }
            std::vector<LabelledStretch> stretches;
            std::vector<RowInterval> asked;
            for (qint64 begin = random.bounded(9); begin < kEnd; begin += 1 + random.bounded(20)) {
                const qint64 end = std::min<qint64>(kEnd, begin + random.bounded(12));
                stretches.push_back({{begin, end}, LabelId{1 + random.bounded(3)}});
                asked.push_back({begin, end});
                begin = end;
            }
            std::vector<Segment> after = segments;
            for (const Edit& edit : labelStretches(segments, RecordingId{1}, stretches))
                applyToList(after, edit);
            const std::vector<RowInterval> free = withoutLabelled(asked, segments, 2);
            for (qint64 row = 0; row < kEnd; ++row) {
                const auto covers = [row](const RowInterval& r) { return row >= r.begin && row < r.end; };
                const auto at = std::find_if(stretches.begin(), stretches.end(),
                                             [&](const LabelledStretch& s) { return covers(s.rows); });
                QCOMPARE(labelsAt(after, row),
                         at != stretches.end() ? std::set<qint64>{at->label.value} : labelsAt(segments, row));
                // Free rows are asked for and unlabelled, and have such a neighbour in the same stretch.
                const auto isFree = [&](qint64 r) {
                    return r >= 0 && at != stretches.end() && r >= at->rows.begin && r < at->rows.end &&
                           labelsAt(segments, r).empty();
                };
                QCOMPARE(std::any_of(free.begin(), free.end(), covers),
                         isFree(row) && (isFree(row - 1) || isFree(row + 1)));
            }
            for (const LabelledStretch& stretch : stretches) {
                const bool isThere = std::any_of(after.begin(), after.end(), [&](const Segment& s) {
                    return s.begin == stretch.rows.begin && s.end == stretch.rows.end && s.label == stretch.label;
                });
                QCOMPARE(isThere, stretch.rows.begin < stretch.rows.end);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestEdits)
#include "tst_edits.moc"
