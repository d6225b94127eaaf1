// SPDX-License-Identifier: GPL-3.0-or-later
// Copies between label sets and streams, and recordings that were made at the same time: seen, exported, read again.
#include "core/base/process.h"
#include "core/dataset/exporter.h"
#include "core/dataset/recorded_together.h"
#include "core/dataset/recording_edits.h"
#include "core/dataset/recording_writer.h"
#include "core/workflow/import_files.h"
#include "core/workflow/label_copy.h"
#include "tests/support/numbered_rows.h"
#include "tests/support/project_dump.h"
#include "tests/support/verify_ok.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::workflow;
using dataset::RecordingId;

class TestLabelCopy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        auto project = dataset::Project::create(m_folder->filePath(QStringLiteral("p.ember")));
        VERIFY_OK(project);
        m_project = std::make_unique<dataset::Project>(std::move(project).value());
    }

    void copiesAreOneEditThatGoesBackWithTheSet()
    {
        addRecording(100, 1000);
        segment(1, {}, "walk", 100, 300);
        segment(1, {}, "run", 400, 500);
        const QString before = test::dump(*m_project);
        LabelCopyRequest request;
        request.to = QStringLiteral("second");
        const auto copy = copyLabels(*m_project, request);
        VERIFY_OK(copy);
        QCOMPARE(copy->segments, 2);
        const auto inverse = dataset::apply(*m_project, copy->edit);
        VERIFY_OK(inverse);
        QCOMPARE(rowsOf(1, "second"), QStringLiteral("walk 100-300, run 400-500"));
        QCOMPARE(rowsOf(1, "label"), QStringLiteral("walk 100-300, run 400-500"));
        for (const dataset::Label& label : m_project->labels().labels().value()) // a class keeps its colour
            QCOMPARE(label.colour, label.name == QStringLiteral("walk") ? 0 : 1);
        // Once more is nothing; over what is there it is the same again.
        QCOMPARE(copyLabels(*m_project, request).error().kind, ErrorKind::Usage);
        const QString copied = test::dump(*m_project);
        VERIFY_OK(dataset::apply(*m_project, *inverse));
        QCOMPARE(test::dump(*m_project), before);
        VERIFY_OK(dataset::apply(*m_project, copy->edit));
        QCOMPARE(test::dump(*m_project), copied);
    }

    void whatTheOtherSetSaysStaysUnlessItIsCopiedOver()
    {
        addRecording(100, 1000);
        segment(1, {}, "walk", 100, 300);
        segment(1, "second", "rest", 200, 250);
        LabelCopyRequest request;
        request.to = QStringLiteral("second");
        auto copy = copyLabels(*m_project, request);
        VERIFY_OK(copy);
        auto inverse = dataset::apply(*m_project, copy->edit);
        VERIFY_OK(inverse);
        QCOMPARE(rowsOf(1, "second"), QStringLiteral("walk 100-200, rest 200-250, walk 250-300"));
        // "rest" has the first colour there, so "walk" gets the next.
        const auto set = m_project->labels().findSet(QStringLiteral("second")).value();
        QCOMPARE(m_project->labels().labels(set.id)->back().colour, 1);
        VERIFY_OK(dataset::apply(*m_project, *inverse));
        request.overLabels = true;
        copy = copyLabels(*m_project, request);
        VERIFY_OK(copy);
        VERIFY_OK(dataset::apply(*m_project, copy->edit));
        QCOMPARE(rowsOf(1, "second"), QStringLiteral("walk 100-300"));
    }

    void whatCannotBeCopiedSaysWhy()
    {
        addRecording(100, 1000);
        segment(1, {}, "walk", 100, 300);
        QCOMPARE(copyLabels(*m_project, {}).error().kind, ErrorKind::Usage); // no name
        LabelCopyRequest onto;
        onto.to = QStringLiteral("label");
        QCOMPARE(copyLabels(*m_project, onto).error().kind, ErrorKind::Usage);
        LabelCopyRequest from;
        from.from = QStringLiteral("nobody");
        from.to = QStringLiteral("second");
        QCOMPARE(copyLabels(*m_project, from).error().kind, ErrorKind::NotFound);
        QCOMPARE(copyLabelsToStreams(*m_project, {}).error().kind, ErrorKind::Usage);
        QCOMPARE(compareLabelSets(*m_project, {}, QStringLiteral("label")).error().kind, ErrorKind::Usage);
    }

    void setsAreComparedRecordingByRecording()
    {
        addRecording(100, 1000);
        addRecording(50, 500);
        segment(1, {}, "walk", 100, 300);
        segment(1, "second", "walk", 105, 300);
        segment(2, {}, "walk", 0, 100);
        segment(2, "second", "run", 0, 100);
        const auto all = compareLabelSets(*m_project, {}, QStringLiteral("second"));
        VERIFY_OK(all);
        QCOMPARE(all->places.size(), std::size_t{2});
        QCOMPARE(all->places[0].what.rows, (dataset::RowInterval{100, 105}));
        QVERIFY(all->places[0].what.second.isEmpty());
        QCOMPARE(all->places[1].recording.value, 2);
        QCOMPARE(all->agreement.either, 300);
        QCOMPARE(all->agreement.equal, 195);
        // Edges that lie a twentieth of a second apart are none.
        const auto rough = compareLabelSets(*m_project, {}, QStringLiteral("second"), {}, 0.06);
        QCOMPARE(rough->places.size(), std::size_t{1});
    }

    // Of 100 Hz and 40 Hz; the second stream began 2.5 s later, so its row 0 is row 250 of the first.
    void labelsGoToStreamsByWhenTheyBegan()
    {
        addRecording(100, 1000);
        addRecording(40, 200, 1, 2.5);
        segment(1, {}, "walk", 200, 350);
        segment(1, {}, "run", 700, 1000);
        segment(1, {}, "early", 0, 100); // before the other began
        const auto copy = copyLabelsToStreams(*m_project, {});
        VERIFY_OK(copy);
        VERIFY_OK(dataset::apply(*m_project, copy->edit));
        // (200/100 - 2.5) s is before it, 350/100 - 2.5 = 1 s is row 40; 4.5 s is row 180, 7.5 s beyond the end.
        QCOMPARE(rowsOf(2, "label"), QStringLiteral("walk 0-40, run 180-200"));
        QCOMPARE(copy->segments, 2);
    }

    // 1 and 3 are both labelled; 2 was recorded with them.
    void twoLabelledStreamsMakeNoSegmentsOverEachOther()
    {
        addRecording(100, 1000);
        addRecording(50, 500, 1, 0);
        addRecording(100, 1000, 1, 0);
        segment(1, {}, "walk", 200, 400);
        segment(3, {}, "walk", 200, 400);
        segment(3, {}, "run", 300, 600); // overlaps what the first one says
        const QString before = test::dump(*m_project);
        const auto copy = copyLabelsToStreams(*m_project, {});
        VERIFY_OK(copy);
        const auto inverse = dataset::apply(*m_project, copy->edit);
        VERIFY_OK(inverse);
        QCOMPARE(rowsOf(2, "label"), QStringLiteral("walk 100-200, run 200-300"));
        QCOMPARE(rowsOf(1, "label"), QStringLiteral("walk 200-400, run 400-600"));
        QCOMPARE(rowsOf(3, "label"), QStringLiteral("walk 200-400, run 300-600"));
        QCOMPARE(copy->segments, 3);
        VERIFY_OK(dataset::apply(*m_project, *inverse));
        QCOMPARE(test::dump(*m_project), before);

        // Over what is there, each of the two would get the other's labels.
        LabelCopyRequest over;
        over.overLabels = true;
        QCOMPARE(copyLabelsToStreams(*m_project, over).error().kind, ErrorKind::Usage);
        over.recording = RecordingId{3};
        const auto one = copyLabelsToStreams(*m_project, over);
        VERIFY_OK(one);
        VERIFY_OK(dataset::apply(*m_project, one->edit));
        QCOMPARE(rowsOf(1, "label"), rowsOf(3, "label"));
        QCOMPARE(rowsOf(2, "label"), QStringLiteral("walk 100-200, run 150-300"));
    }

    void recordingsAreLinedUpThroughTheirChain()
    {
        addRecording(100, 1000);
        addRecording(100, 1000, 1, 2.0);  // a stream of the same board
        addRecording(100, 1000, 1, -5.0); // another board, five seconds before
        addRecording(100, 1000, 3, 0.5);  // a stream of that one
        addRecording(100, 1000);          // on its own
        QCOMPARE(offsets(1), QStringLiteral("2:2 3:-5 4:-4.5"));
        QCOMPARE(offsets(4), QStringLiteral("1:4.5 2:6.5 3:-0.5"));
        QCOMPARE(offsets(5), QString());
        const auto groups = dataset::recordingGroups(*m_project);
        VERIFY_OK(groups);
        QCOMPARE(groups->size(), std::size_t{1});
        QCOMPARE(groups->front().size(), std::size_t{4});
        QCOMPARE(groups->front()[3].beginsAfter, -4.5);
        // Moved against one another, from either side.
        VERIFY_OK(move(1, 4, -4.0));
        QCOMPARE(offsets(1), QStringLiteral("2:2 3:-5 4:-4"));
        VERIFY_OK(move(2, 1, 1.0)); // the first cannot move; what hangs on it does
        QCOMPARE(offsets(1), QStringLiteral("2:-1 3:-5 4:-4"));
        QCOMPARE(move(1, 5, 1.0).error().kind, ErrorKind::Usage);
        QCOMPARE(move(1, 2, 1e9).error().kind, ErrorKind::Usage);
        QCOMPARE(move(1, 2, std::nan("")).error().kind, ErrorKind::Usage);
        // A discarded first one: its streams have nothing to line up with.
        VERIFY_OK(dataset::apply(*m_project, dataset::Edit(dataset::TrashRecording{RecordingId{3}, true})));
        QCOMPARE(offsets(1), QStringLiteral("2:-1"));
        // Circles and nonsense link nothing.
        setLink(1, 2, 1.0);
        QCOMPARE(offsets(1), QString());
        setLink(1, 99, 1.0);
        QCOMPARE(offsets(1), QStringLiteral("2:-1"));
    }

    void anExportKeepsWhenRecordingsBegan_data()
    {
        QTest::addColumn<QString>("format");
        for (const char* format : {"csv", "wav", "edge-impulse", "npy"})
            QTest::newRow(format) << QString::fromLatin1(format);
    }
    void anExportKeepsWhenRecordingsBegan()
    {
        QFETCH(QString, format);
        addRecording(100, 1000);
        addRecording(100, 300, 1, 1.0 / 3);
        dataset::ExportOptions options;
        options.format = format;
        options.outputDir = m_folder->filePath(QStringLiteral("out"));
        const auto written = dataset::exportProject(*m_project, options);
        VERIFY_OK(written);
        QVERIFY2(written->files.contains(QStringLiteral("alignment.csv")), qPrintable(written->files.join(u' ')));
        const QString again = m_folder->filePath(QStringLiteral("again.ember"));
        VERIFY_OK(dataset::Project::create(again));
        dataset::ImportOptions import;
        import.rateHz = 100;
        const auto read = importFiles(again, {options.outputDir}, import);
        VERIFY_OK(read);
        const auto project = dataset::Project::open(again);
        VERIFY_OK(project);
        int checked = 0;
        for (const dataset::Recording& recording : project->recordings().list().value()) {
            const auto companions = dataset::recordedTogether(*project, recording.id);
            VERIFY_OK(companions);
            if (companions->empty()) // index.csv of npy is read as a table of its own
                continue;
            QCOMPARE(companions->size(), std::size_t{1});
            QCOMPARE(companions->front().beginsAfter, recording.endRow == 1000 ? 1.0 / 3 : -1.0 / 3);
            ++checked;
        }
        QCOMPARE(checked, 2);
    }

    void whatIsImportedIsLinedUpAfterACancelToo()
    {
        writeExport();
        CancelSource cancel;
        Hooks hooks;
        hooks.cancel = cancel.token();
        hooks.progress = [&cancel](const Progress& progress) {
            if (progress.detail == QLatin1String("z.csv"))
                cancel.cancel();
        };
        const auto read = importFiles(m_project->path(), {exported("")}, {}, hooks);
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::Cancelled);
        QCOMPARE(m_project->recordings().list()->size(), std::size_t{2});
        QCOMPARE(offsets(1), QStringLiteral("2:1.5"));
    }

    void anAlignmentThatCannotBeReadIsSkippedByItsName()
    {
        writeExport();
        Hooks hooks;
        hooks.progress = [this](const Progress& progress) {
            if (progress.detail == QLatin1String("z.csv"))
                QFile::remove(exported("alignment.csv"));
        };
        const auto read = importFiles(m_project->path(), {exported("")}, {}, hooks);
        VERIFY_OK(read);
        QCOMPARE(read->imported.size(), std::size_t{3});
        QCOMPARE(read->skipped.size(), std::size_t{1});
        QCOMPARE(read->skipped[0].file, exported("alignment.csv"));
        QCOMPARE(read->skipped[0].why.kind, ErrorKind::NotFound);
    }

    // Tar archives of one file each: together they are larger than what may be written.
    void allArchivesOfAnImportShareOneLimit()
    {
        writeExport();
        QStringList archives;
        for (const char* name : {"a.csv", "b.csv", "z.csv"}) {
            archives << m_folder->filePath(QLatin1String(name) + QStringLiteral(".tar"));
            ProcessRequest tar;
            tar.program = QStringLiteral("tar");
            tar.arguments = {QStringLiteral("-C"),  exported(""),    QStringLiteral("--format=ustar"),
                             QStringLiteral("-cf"), archives.back(), QLatin1String(name)};
            VERIFY_OK(runProcessChecked(tar));
        }
        const qint64 bytes = QFileInfo(exported("a.csv")).size();
        dataset::ArchiveLimits limits;
        limits.bytes = 2 * bytes; // all three are of the same size
        const auto two = importFiles(m_project->path(), archives, {}, {}, limits);
        VERIFY_OK(two);
        QCOMPARE(two->imported.size(), std::size_t{2});
        QCOMPARE(two->skipped.size(), std::size_t{1});
        QCOMPARE(two->skipped[0].file, archives[2]);
        limits = {};
        limits.files = 1;
        QCOMPARE(importFiles(m_project->path(), archives, {}, {}, limits)->imported.size(), std::size_t{1});
        QCOMPARE(importFiles(m_project->path(), archives)->imported.size(), std::size_t{3});
    }

    void aFileIsImportedBesideARecording()
    {
        addRecording(100, 1000);
        const QString path = m_folder->filePath(QStringLiteral("sound.csv"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("v\n1\n2\n3\n");
        file.close();
        dataset::ImportOptions options;
        options.rateHz = 8000;
        options.beside = RecordingId{1};
        options.besideSeconds = -0.25;
        VERIFY_OK(importFiles(m_project->path(), {path}, options));
        QCOMPARE(offsets(1), QStringLiteral("2:-0.25"));
        options.beside = RecordingId{77};
        QCOMPARE(importFiles(m_project->path(), {path}, options).error().kind, ErrorKind::NotFound);
    }

private:
    QString exported(const char* name) const
    {
        return m_folder->filePath(QStringLiteral("out/") + QLatin1String(name));
    }
    /// Three recordings, of which the second is lined up with the first.
    void writeExport()
    {
        QVERIFY(QDir(m_folder->path()).mkdir(QStringLiteral("out")));
        const QByteArray table = "time_s,v\n0,1\n0.01,2\n0.02,3\n";
        const std::pair<const char*, QByteArray> files[] = {
            {"a.csv", table},
            {"b.csv", table},
            {"z.csv", table},
            {"alignment.csv", "file,recorded_with,begins_after_s\nb,a,1.5\n"}};
        for (const auto& [name, content] : files) {
            QFile file(exported(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(content);
        }
    }
    /// With `with`, recorded at the same time as that one and beginning `after` seconds later.
    void addRecording(double rateHz, qint64 rows, qint64 with = 0, double after = 0)
    {
        dataset::NewRecording about;
        about.stream = test::numberedSpec(rateHz);
        auto writer = dataset::RecordingWriter::start(m_project->path(), about);
        QVERIFY(writer);
        signal::SampleBlock block;
        block.rowCount = rows;
        block.rows = test::numberedRows(0, rows);
        QVERIFY((*writer)->append(block) && (*writer)->finish());
        if (with > 0)
            setLink((*writer)->id().value, with, after);
    }
    void setLink(qint64 id, qint64 with, double after)
    {
        const QJsonObject metadata{{QLatin1String(dataset::kRecordedWith), with},
                                   {QLatin1String(dataset::kBeginsAfter), after}};
        QVERIFY(dataset::apply(*m_project, dataset::Edit(dataset::SetMetadata{RecordingId{id}, metadata})));
    }
    Result<dataset::Edit> move(qint64 reference, qint64 moved, double seconds)
    {
        EMBER_TRY(const dataset::Edit edit,
                  dataset::lineUp(*m_project, RecordingId{reference}, RecordingId{moved}, seconds));
        return dataset::apply(*m_project, edit);
    }
    void segment(qint64 recording, const char* set, const char* label, qint64 begin, qint64 end)
    {
        const auto made = m_project->labels().ensureLabel(QLatin1String(set), QLatin1String(label));
        QVERIFY(made);
        QVERIFY(dataset::apply(*m_project, dataset::AddSegment{{{}, RecordingId{recording}, made->id, begin, end}}));
    }
    QString rowsOf(qint64 recording, const char* set)
    {
        const auto found = m_project->labels().findSet(QLatin1String(set)).value();
        QStringList rows;
        for (const dataset::Segment& one : m_project->labels().segments(RecordingId{recording}, found.id).value())
            rows << QStringLiteral("%1 %2-%3")
                        .arg(m_project->labels().label(one.label)->name)
                        .arg(one.begin)
                        .arg(one.end);
        return rows.join(QStringLiteral(", "));
    }
    QString offsets(qint64 of)
    {
        QStringList text;
        for (const dataset::Companion& one : dataset::recordedTogether(*m_project, RecordingId{of}).value())
            text << QStringLiteral("%1:%2").arg(one.recording.id.value).arg(one.beginsAfter);
        return text.join(QLatin1Char(' '));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<dataset::Project> m_project;
};

QTEST_GUILESS_MAIN(TestLabelCopy)
#include "tst_label_copy.moc"
