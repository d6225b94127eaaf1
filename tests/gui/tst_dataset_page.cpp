// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/label_lanes.h"
#include "app/gui/shell/page.h"
#include "core/dataset/recording_writer.h"
#include "tests/gui/workbench.h"
#include "tests/support/numbered_rows.h"

#include <QSignalSpy>
#include <QUndoStack>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

constexpr double kRateHz = 100;
constexpr qint64 kRows = 60'000; // ten minutes
constexpr int kSegments = 60;

/// A project with labels "walk" and "rest" and one long recording with a gap, shown on the Dataset page.
struct LongRecording : Workbench
{
    bool begin()
    {
        if (!makeProject(QStringLiteral("long")))
            return false;
        for (const char* name : {"walk", "rest"}) {
            if (!labels().ensureLabel(QString::fromLatin1(dataset::kDefaultLabelSet), QLatin1String(name)))
                return false;
        }
        dataset::NewRecording about;
        about.stream = numberedSpec(kRateHz);
        auto writer = dataset::RecordingWriter::start(project().path(), about);
        if (!writer)
            return false;
        for (const auto& [from, to] : {std::pair<qint64, qint64>(0, 30'000), {30'500, kRows}}) {
            signal::SampleBlock block;
            block.firstRow = from;
            block.rowCount = to - from;
            block.rows = numberedRows(from, block.rowCount);
            block.deviceMicros = from * 10'000;
            if (!(*writer)->append(block))
                return false;
        }
        if (!(*writer)->finish())
            return false;
        project().announceChange();
        window().showPage(QStringLiteral("dataset"));
        return QTest::qWaitFor([this] { return find<LabelLanes>(QString()) != nullptr; });
    }
    dataset::LabelTable labels() { return project().project().labels(); }
    std::vector<dataset::Segment> segments()
    {
        return labels().segments(dataset::RecordingId{1}).value_or(std::vector<dataset::Segment>{});
    }
};

} // namespace

class TestDatasetPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLongRecordingIsLabelledWithoutTheMouse()
    {
        LongRecording bench;
        QVERIFY(bench.begin());
        bench.page()->setFocus();
        bench.key(Qt::Key_T);
        for (int i = 0; i < kSegments; ++i) {
            const Qt::Key digit = i % 2 == 0 ? Qt::Key_1 : Qt::Key_2;
            bench.key(digit);
            bench.key(Qt::Key_Right); // a hundredth of ten minutes
            bench.key(digit);
        }
        const std::vector<dataset::Segment> made = bench.segments();
        QCOMPARE(static_cast<int>(made.size()), kSegments);
        for (int i = 0; i < kSegments; ++i) {
            const dataset::Segment& segment = made[static_cast<std::size_t>(i)];
            QCOMPARE(segment.begin, i * kRows / 100);
            QCOMPARE(segment.end, (i + 1) * kRows / 100);
            QCOMPARE(segment.label.value, made[static_cast<std::size_t>(i % 2)].label.value);
        }
        QVERIFY(made[0].label != made[1].label);

        for (int i = 0; i < kSegments; ++i)
            bench.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(bench.segments().empty());
        for (int i = 0; i < kSegments; ++i)
            bench.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(bench.segments(), made);
    }

    void theCursorFindsWhatIsThere()
    {
        LongRecording bench;
        QVERIFY(bench.begin());
        bench.page()->setFocus();
        bench.key(Qt::Key_T);
        const auto at = [&bench] { return bench.segments(); };
        // From the gap's beginning to its end is labelled by its edges.
        bench.key(Qt::Key_G);
        bench.key(Qt::Key_1);
        bench.key(Qt::Key_Right, Qt::ControlModifier);
        bench.key(Qt::Key_1);
        QCOMPARE(static_cast<int>(at().size()), 1);
        QCOMPARE(at().front().begin, 30'000);
        QCOMPARE(at().front().end, 30'500);

        // Split two hundred rows in, merge again; one row at a time.
        bench.key(Qt::Key_Home);
        bench.key(Qt::Key_L);
        for (int i = 0; i < 200; ++i)
            bench.key(Qt::Key_Right, Qt::ShiftModifier);
        bench.key(Qt::Key_S);
        QCOMPARE(static_cast<int>(at().size()), 2);
        QCOMPARE(at()[0].end, 30'200);
        QCOMPARE(at()[1].begin, 30'200);
        bench.key(Qt::Key_M);
        QCOMPARE(static_cast<int>(at().size()), 1);
        QCOMPARE(at().front().end, 30'500);

        // Edges go to the cursor; the whole of it by a row.
        bench.key(Qt::Key_BracketRight);
        QCOMPARE(at().front().end, 30'200);
        bench.key(Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(at().front().begin, 30'001);
        QCOMPARE(at().front().end, 30'201);

        // What is selected is renamed by a digit; what was begun and given up is nothing.
        const qint64 before = at().front().label.value;
        bench.key(Qt::Key_2);
        QVERIFY(at().front().label.value != before);
        bench.key(Qt::Key_Escape);
        bench.key(Qt::Key_1);
        bench.key(Qt::Key_Escape);
        bench.key(Qt::Key_Right);
        bench.key(Qt::Key_N); // behind the label
        bench.key(Qt::Key_1);
        bench.key(Qt::Key_End);
        bench.key(Qt::Key_1);
        QCOMPARE(static_cast<int>(at().size()), 2);
        QCOMPARE(at()[1].end, kRows);
        bench.key(Qt::Key_G);
        QTRY_VERIFY2(bench.shows(QStringLiteral("No further gap")), qPrintable(bench.visibleText()));
    }

    void whatCannotBeDoneSaysWhy()
    {
        LongRecording bench;
        QVERIFY(bench.begin());
        bench.page()->setFocus();
        bench.key(Qt::Key_T);
        bench.key(Qt::Key_S);
        QVERIFY2(bench.shows(QStringLiteral("No label is selected")), qPrintable(bench.visibleText()));
        QVERIFY(bench.segments().empty());
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestDatasetPage)
#include "tst_dataset_page.moc"
