// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_writer.h"
#include "core/workflow/label_suggestions.h"
#include "tests/support/numbered_rows.h"
#include "tests/support/project_dump.h"

#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::workflow;

class TestLabels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Row by row: the window speaks whose middle is nearest; between windows that do not follow each other nobody.
    void windowsSpeakForTheRowsNearestToTheirMiddle()
    {
        QRandomGenerator random(3);
        for (int round = 0; round < 300; ++round) {
            const qint64 rows = 2 + random.bounded(12), hop = 1 + random.bounded(static_cast<int>(rows));
            std::vector<WindowOpinion> windows;
            qint64 begin = 0;
            for (int i = random.bounded(12); i > 0; --i) {
                windows.push_back({begin, random.bounded(4) - 1, random.generateDouble()});
                begin += random.bounded(5) == 0 ? rows + random.bounded(9) + 1 : hop;
            }
            const auto follows = [&](std::size_t i) { return windows[i - 1].begin + hop == windows[i].begin; };
            std::vector<int> owner(static_cast<std::size_t>(begin + rows), -1);
            for (std::size_t row = 0; row < owner.size(); ++row) {
                double nearest = 1e9;
                for (std::size_t i = 0; i < windows.size(); ++i) {
                    const auto from = static_cast<double>(windows[i].begin), at = static_cast<double>(row) + 0.5;
                    const double apart = std::abs(at - (from + static_cast<double>(rows) / 2));
                    // Of equally near ones the later: a stretch begins where the window before has ended.
                    if (at > from && at < from + static_cast<double>(rows) && apart <= nearest) {
                        nearest = apart;
                        owner[row] = static_cast<int>(i);
                    }
                }
            }
            const std::vector<OpinionStretch> stretches = joinOpinions(windows, rows, hop);
            for (std::size_t row = 0; row < owner.size(); ++row) {
                const auto covers = [row](const OpinionStretch& s) {
                    return s.rows.begin <= static_cast<qint64>(row) && static_cast<qint64>(row) < s.rows.end;
                };
                const auto at = std::find_if(stretches.begin(), stretches.end(), covers);
                const qint32 said = owner[row] < 0 ? -1 : windows[static_cast<std::size_t>(owner[row])].label;
                QCOMPARE(at == stretches.end() ? -1 : at->label, said);
            }
            // One stretch for windows that follow each other and agree; its confidence is their mean.
            std::size_t next = 0;
            for (std::size_t i = 0; i < windows.size(); ++next) {
                for (; i < windows.size() && windows[i].label < 0; ++i) {
                }
                if (i == windows.size())
                    break;
                double sum = 0, count = 0;
                const qint32 label = windows[i].label;
                do {
                    sum += windows[i].confidence;
                    ++count;
                    ++i;
                } while (i < windows.size() && windows[i].label == label && follows(i));
                QVERIFY(next < stretches.size());
                QVERIFY(std::abs(stretches[next].confidence - sum / count) < 1e-12);
            }
            QCOMPARE(next, stretches.size());
        }
    }

    void acceptedProposalsLeaveLabelsAloneUnlessTheySaySo()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("p.ember"));
        auto project = dataset::Project::create(path);
        QVERIFY(project);
        dataset::NewRecording about;
        about.stream = test::numberedSpec(100);
        auto writer = dataset::RecordingWriter::start(path, about);
        QVERIFY(writer);
        signal::SampleBlock block;
        block.rowCount = 1000;
        block.rows = test::numberedRows(0, 1000);
        QVERIFY((*writer)->append(block) && (*writer)->finish());
        const dataset::RecordingId id{1};
        const dataset::Label walk = project->labels().ensureLabel({}, QStringLiteral("walk")).value();
        QVERIFY(dataset::apply(*project, dataset::AddSegment{{{}, id, walk.id, 100, 200}}));
        const QString before = test::dump(*project);

        QCOMPARE(acceptProposals(*project, {{id, 120, 180, QStringLiteral("walk"), 1, {}}}).error().kind,
                 ErrorKind::Usage); // nothing left of it
        QCOMPARE(acceptProposals(*project, {{id, 300, 400, {}, 1, {}}}).error().kind, ErrorKind::Usage);
        const auto edit = acceptProposals(*project, {{id, 50, 150, QStringLiteral("walk"), 1, {}},
                                                     {id, 180, 260, QStringLiteral("walk"), 1, QStringLiteral("x")}});
        QVERIFY(edit);
        const auto inverse = dataset::apply(*project, *edit);
        QVERIFY(inverse);
        QStringList found;
        for (const dataset::Segment& segment : project->labels().segments(id).value())
            found << QStringLiteral("%1-%2").arg(segment.begin).arg(segment.end);
        QCOMPARE(found, (QStringList{QStringLiteral("50-100"), QStringLiteral("100-180"), QStringLiteral("180-260")}));
        QVERIFY(dataset::apply(*project, *inverse));
        QCOMPARE(test::dump(*project), before);
    }
};

QTEST_GUILESS_MAIN(TestLabels)
#include "tst_labels.moc"
