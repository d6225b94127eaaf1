// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/label_assist.h"
#include "app/gui/dataset/label_lanes.h"
#include "app/gui/dataset/proposal_model.h"
#include "app/gui/dataset/recording_list.h"
#include "app/gui/dataset/recording_model.h"
#include "app/gui/shell/page.h"
#include "core/dataset/recording_edits.h"
#include "tests/gui/long_recording.h"
#include "tests/support/project_dump.h"

#include <QCheckBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTableView>
#include <QUndoStack>

#include <algorithm>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

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
        const QString bare = dump(bench.project().project());
        for (int i = 0; i < kSegments; ++i) {
            const Qt::Key digit = i % 2 == 0 ? Qt::Key_1 : Qt::Key_2;
            bench.key(digit);
            bench.key(Qt::Key_Right); // a hundredth of ten minutes
            bench.key(digit);
            if (i + 1 == kSegments / 2)
                QCOMPARE(bench.segmentsAfterAKill(), kSegments / 2);
        }
        const QString labelled = dump(bench.project().project());
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
        QCOMPARE(dump(bench.project().project()), bare);
        QCOMPARE(bench.segmentsAfterAKill(), 0);
        for (int i = 0; i < kSegments; ++i)
            bench.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(dump(bench.project().project()), labelled);
    }

    void stretchesAreProposedLiveAndAcceptedByKey()
    {
        LongRecording bench;
        QVERIFY(bench.begin(movingRows));
        bench.page()->setFocus();
        bench.key(Qt::Key_L, Qt::ControlModifier);
        auto* assist = bench.find<LabelAssist>(QString());
        QVERIFY(assist);
        QTRY_COMPARE(assist->proposals().rowCount(), 3);
        QCOMPARE(assist->proposals().at(0)->begin, kMoving[0].begin - kPadRows);
        QCOMPARE(assist->proposals().at(0)->end, kMoving[0].end + kPadRows);
        // A higher threshold than anything reaches: nothing is left. Lower again: the same as before.
        auto* threshold = bench.find<QDoubleSpinBox>(QStringLiteral("threshold"));
        QVERIFY(threshold);
        threshold->setValue(1e8);
        QTRY_COMPARE(assist->proposals().rowCount(), 0);
        threshold->setValue(0);
        QTRY_COMPARE(assist->proposals().rowCount(), 3);

        auto* list = bench.find<QTableView>(QStringLiteral("proposals"));
        QVERIFY(list);
        list->setFocus();
        bench.key(Qt::Key_Y); // with the label that is chosen
        bench.key(Qt::Key_2); // the next as that one
        bench.key(Qt::Key_X);
        QCOMPARE(assist->proposals().rowCount(), 0);
        const std::vector<dataset::Segment> made = bench.segments();
        QCOMPARE(static_cast<int>(made.size()), 2);
        QCOMPARE(made[1].begin, kMoving[1].begin - kPadRows);
        QVERIFY(made[0].label != made[1].label);
        bench.key(Qt::Key_Z, Qt::ControlModifier);
        bench.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(bench.segments().empty());

        // All at once is one step.
        bench.key(Qt::Key_L, Qt::ControlModifier);
        bench.key(Qt::Key_L, Qt::ControlModifier);
        QTRY_COMPARE(assist->proposals().rowCount(), 3);
        QVERIFY(bench.click(QStringLiteral("assist-accept-all")));
        QCOMPARE(static_cast<int>(bench.segments().size()), 3);
        QCOMPARE(assist->proposals().rowCount(), 0);
        bench.project().undoStack().undo();
        QVERIFY(bench.segments().empty());
    }

    void recordingsAreFilteredTaggedDiscardedAndRestored()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01"), QStringLiteral("s02")}));
        bench.window().showPage(QStringLiteral("dataset"));
        auto* list = bench.find<RecordingList>(QString());
        QVERIFY(list);
        const int all = list->table().model()->rowCount();
        QVERIFY(all >= 2);
        const auto rows = [list] { return list->table().model()->rowCount(); };
        list->filterField()->setText(QStringLiteral("s01"));
        const int ofFirst = rows();
        QVERIFY(ofFirst >= 1 && ofFirst < all);
        list->filterField()->setText(QStringLiteral("-s01"));
        QCOMPARE(rows(), all - ofFirst);
        list->filterField()->setText(QStringLiteral("is:unlabelled"));
        QCOMPARE(rows(), 0);
        list->filterField()->clear();

        const std::vector<dataset::Recording> recordings = bench.project().project().recordings().list().value();
        QVERIFY(bench.project().edit(dataset::addTag(std::span(recordings).first(1), QStringLiteral("good")).value()));
        list->filterField()->setText(QStringLiteral("tag:good"));
        QCOMPARE(rows(), 1);
        list->filterField()->clear();
        QVERIFY(!list->table().isColumnHidden(RecordingModel::Tags));

        // Discarded with the key, seen in the trash, taken back.
        list->table().selectAll();
        list->table().setFocus();
        bench.key(Qt::Key_Delete);
        QVERIFY(bench.project().project().recordings().list()->empty());
        list->trashBox()->setChecked(true);
        QCOMPARE(rows(), all);
        bench.project().undoStack().undo();
        QCOMPARE(rows(), 0);
        list->trashBox()->setChecked(false);
        QCOMPARE(rows(), all);
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

    void aVersionIsKeptAndComparedWithNow()
    {
        LongRecording bench;
        QVERIFY(bench.begin());
        QVERIFY(bench.clickText(QStringLiteral("Versions")));
        auto* changes = bench.find<QPlainTextEdit>(QStringLiteral("version-changes"));
        QVERIFY(changes);
        QVERIFY(changes->toPlainText().contains(QStringLiteral("Nothing has changed")));
        bench.find<QLineEdit>(QStringLiteral("version-name"))->setText(QStringLiteral("first"));
        QVERIFY(bench.click(QStringLiteral("version-keep")));
        bench.find<QDialog>(QStringLiteral("versions"))->close();
        const dataset::LabelId walk = bench.labels().ensureLabel({}, QStringLiteral("walk"))->id;
        QVERIFY(
            bench.project().edit(dataset::Edit(dataset::AddSegment{{{}, dataset::RecordingId{1}, walk, 100, 300}})));

        QVERIFY(bench.clickText(QStringLiteral("Versions")));
        changes = bench.find<QPlainTextEdit>(QStringLiteral("version-changes"));
        QVERIFY(changes);
        QVERIFY2(changes->toPlainText().contains(QStringLiteral("+ walk (label) 1.00 to 3.00 s")),
                 qPrintable(changes->toPlainText()));
        QVERIFY(changes->toPlainText().contains(QStringLiteral("1 added, 0 removed")));
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
