// SPDX-License-Identifier: GPL-3.0-or-later
// The Dataset page with more than one label set, more than one lane, and files that are looked at before they are in.
#include "app/gui/dataset/beside_dialog.h"
#include "app/gui/dataset/column_table.h"
#include "app/gui/dataset/further_lanes.h"
#include "app/gui/dataset/import_dialog.h"
#include "app/gui/dataset/label_lanes.h"
#include "app/gui/dataset/recording_model.h"
#include "app/gui/plot/spectrogram_plot.h"
#include "app/gui/plot/track_strip.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/page.h"
#include "core/dataset/recorded_together.h"
#include "tests/gui/held_queue.h"
#include "tests/gui/long_recording.h"
#include "tests/support/project_dump.h"

#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QFileDialog>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPointer>
#include <QTableView>
#include <QUndoStack>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

const char* const kChannel = "c0"; // of numberedSpec()

/// Opens the menu of the lanes and goes down these names; an empty one takes the first entry.
void choose(Workbench& bench, const QStringList& path)
{
    QVERIFY(bench.click(QStringLiteral("lanes")));
    QMenu* menu = bench.find<QMenu>(QStringLiteral("lanes-menu"));
    QVERIFY(menu);
    for (const QString& name : path) {
        QAction* found = nullptr;
        for (QAction* action : menu->actions()) {
            if (!found && (name.isEmpty() || action->text() == name))
                found = action;
        }
        QVERIFY2(found && found->isEnabled(), qPrintable(name));
        menu->setActiveAction(found);
        if (found->menu()) {
            QTest::keyClick(menu, Qt::Key_Right);
            menu = found->menu();
            QTRY_VERIFY(menu->isVisible());
        } else {
            QTest::keyClick(menu, Qt::Key_Return);
        }
    }
}

/// A further recording of as many rows, lined up with the first one when it says so.
bool addRecording(Workbench& bench, const QString& name, qint64 rows, const QJsonObject& metadata = {})
{
    dataset::NewRecording about;
    about.name = name;
    about.stream = numberedSpec(metadata.isEmpty() ? kRateHz : kRateHz / 2);
    about.metadata = metadata;
    auto writer = dataset::RecordingWriter::start(bench.project().path(), about);
    signal::SampleBlock block;
    block.rowCount = rows;
    block.rows = numberedRows(0, rows);
    if (!writer || !(*writer)->append(block) || !(*writer)->finish())
        return false;
    bench.project().announceChange();
    return true;
}

QJsonObject halfAMinuteLater()
{
    return {{QLatin1String(dataset::kRecordedWith), 1}, {QLatin1String(dataset::kBeginsAfter), 30.0}};
}

QAction* actionOf(const QMenu& menu, const QString& text)
{
    for (QAction* action : menu.actions()) {
        if (action->text() == text)
            return action;
    }
    return nullptr;
}

/// Whether a job ever said what it does. One that was cancelled before it began does not.
struct Watched
{
    Watched(JobQueue& jobs, JobId id)
    {
        QObject::connect(&jobs, &JobQueue::changed, &receiver, [this, &jobs, id] {
            const auto job = jobs.job(id);
            worked = worked || (job && !job->progress.step.isEmpty());
        });
    }

    QObject receiver;
    bool worked = false;
};

} // namespace

class TestLabelSets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLabelGoesToAnotherSetAndDisagreementsAreFound()
    {
        LongRecording bench;
        QVERIFY(bench.begin());
        bench.page()->setFocus();
        bench.key(Qt::Key_T);
        for (const Qt::Key digit : {Qt::Key_1, Qt::Key_2}) {
            bench.key(digit);
            bench.key(Qt::Key_Right);
            bench.key(digit);
        }
        QCOMPARE(static_cast<int>(bench.segments().size()), 2);
        const QString before = dump(bench.project().project());
        // There is no other set yet: the menu offers a new one, whose name is typed.
        bench.key(Qt::Key_C, Qt::ShiftModifier);
        auto* menu = bench.find<QMenu>(QStringLiteral("copy-to"));
        QVERIFY(menu);
        QTest::keyClick(menu, Qt::Key_Return);
        auto* dialog = bench.find<QInputDialog>(QStringLiteral("label-set-name"));
        QVERIFY(dialog);
        auto* field = dialog->findChild<QLineEdit*>();
        QVERIFY(field);
        QTest::keyClicks(field, QStringLiteral("second"));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE(static_cast<int>(bench.segments().size()), 4);
        bench.window().activateWindow();
        bench.page()->setFocus();
        bench.key(Qt::Key_T);
        // All the same so far. In the new set the first label's end is moved back.
        bench.key(Qt::Key_Home);
        bench.key(Qt::Key_D);
        QTRY_VERIFY2(bench.shows(QStringLiteral("No further disagreement")), qPrintable(bench.visibleText()));
        bench.key(Qt::Key_A);
        auto* set = bench.find<QComboBox>(QStringLiteral("label-set"));
        QVERIFY(set);
        QCOMPARE(set->currentText(), QStringLiteral("second"));
        bench.key(Qt::Key_Home);
        for (int i = 0; i < 500; ++i)
            bench.key(Qt::Key_Right, Qt::ShiftModifier);
        bench.key(Qt::Key_BracketRight);
        bench.key(Qt::Key_Home);
        bench.key(Qt::Key_D);
        QTRY_VERIFY2(bench.shows(QStringLiteral("1 of 1 · second: nothing · label: walk")),
                     qPrintable(bench.visibleText()));
        // The cursor is at the disagreement: a label begun there begins in its first row.
        bench.key(Qt::Key_1);
        bench.key(Qt::Key_Right, Qt::ShiftModifier);
        bench.key(Qt::Key_1);
        const auto begins = [&bench](qint64 row) {
            const auto all = bench.segments();
            return std::any_of(all.begin(), all.end(), [row](const dataset::Segment& s) { return s.begin == row; });
        };
        QVERIFY(begins(500));
        // Back to the first set: a digit labels there again.
        bench.key(Qt::Key_A);
        QCOMPARE(set->currentText(), QStringLiteral("label"));
        while (bench.project().undoStack().canUndo() && dump(bench.project().project()) != before)
            bench.project().undoStack().undo();
        QCOMPARE(dump(bench.project().project()), before); // the set that came with the copy is gone again
    }

    void keysLeaveTheSetAloneThatIsNotActive()
    {
        LongRecording bench;
        QVERIFY(bench.begin());
        for (const char* name : {"walk", "rest"})
            QVERIFY(bench.labels().ensureLabel(QStringLiteral("second"), QLatin1String(name)));
        bench.project().announceChange();
        bench.page()->setFocus();
        for (const Qt::Key key : {Qt::Key_T, Qt::Key_Right, Qt::Key_1, Qt::Key_Right, Qt::Key_1, Qt::Key_Home})
            bench.key(key);
        QCOMPARE(static_cast<int>(bench.segments().size()), 1);
        const QString before = dump(bench.project().project());
        auto* lanes = bench.find<LabelLanes>(QString());
        bench.key(Qt::Key_L);
        QVERIFY(lanes->selected());
        // The other set: the digit is for it, not for what was selected in the first one.
        bench.key(Qt::Key_A);
        QVERIFY(!lanes->selected());
        bench.key(Qt::Key_2);
        QCOMPARE(dump(bench.project().project()), before);
        // What was begun is not ended after a look at the other set either.
        for (const Qt::Key key : {Qt::Key_A, Qt::Key_1, Qt::Key_A, Qt::Key_A, Qt::Key_Right, Qt::Key_1})
            bench.key(key);
        QCOMPARE(dump(bench.project().project()), before);
        bench.key(Qt::Key_Escape);
        // By the mouse a label is selected and its set is made the active one.
        bench.key(Qt::Key_A);
        auto* set = bench.find<QComboBox>(QStringLiteral("label-set"));
        QVERIFY(set);
        QCOMPARE(set->currentText(), QStringLiteral("second"));
        const dataset::Segment made = bench.segments().front();
        QTest::mouseClick(lanes, Qt::LeftButton, Qt::NoModifier,
                          QPoint(static_cast<int>(lanes->xOf((made.begin + made.end) / 2)), lanes->laneTop(0) + 12));
        QCOMPARE(set->currentText(), QStringLiteral("label"));
        QVERIFY(lanes->selected());
        QCOMPARE(lanes->selected()->id, made.id);
    }

    void changesOfOneRecordingAreNotThoseOfTheNext()
    {
        LongRecording bench;
        QVERIFY(bench.begin(movingRows));
        QVERIFY(addRecording(bench, QStringLiteral("other"), kRows));
        auto* lanes = bench.find<LabelLanes>(QString());
        QTRY_VERIFY(!lanes->changes().empty());
        bench.context().navigator.showRecording(2);
        QVERIFY(lanes->changes().empty());
        bench.page()->setFocus();
        bench.key(Qt::Key_T);
        bench.key(Qt::Key_K);
        QTRY_VERIFY2(bench.shows(QStringLiteral("No further change")), qPrintable(bench.visibleText()));
    }

    void edgesSnapToChangesOfTheSignal()
    {
        LongRecording bench;
        QVERIFY(bench.begin(movingRows));
        auto* lanes = bench.find<LabelLanes>(QString());
        QVERIFY(lanes);
        std::vector<qint64> expected;
        for (const dataset::RowInterval& moving : kMoving)
            expected.insert(expected.end(), {moving.begin, moving.end});
        QTRY_COMPARE(lanes->changes(), expected);
        // K goes from one to the next, and a label is drawn between two of them to the row.
        bench.page()->setFocus();
        bench.key(Qt::Key_T);
        bench.key(Qt::Key_K);
        bench.key(Qt::Key_1);
        bench.key(Qt::Key_K);
        bench.key(Qt::Key_1);
        QCOMPARE(static_cast<int>(bench.segments().size()), 1);
        QCOMPARE(bench.segments()[0].begin, kMoving[0].begin);
        QCOMPARE(bench.segments()[0].end, kMoving[0].end);
        // By the mouse: drawn from near the one change to near the other.
        bench.key(Qt::Key_Escape);
        const int middle = lanes->laneTop(0) + 12;
        const auto drag = [&](qint64 from, int fromPixels, qint64 to, int toPixels, Qt::KeyboardModifiers with) {
            const QPoint a(static_cast<int>(lanes->xOf(from)) + fromPixels, middle);
            const QPoint b(static_cast<int>(lanes->xOf(to)) + toPixels, middle);
            QTest::mousePress(lanes, Qt::LeftButton, with, a);
            QMouseEvent moved(QEvent::MouseMove, b, lanes->mapToGlobal(b), Qt::NoButton, Qt::LeftButton, with);
            QApplication::sendEvent(lanes, &moved);
            QTest::mouseRelease(lanes, Qt::LeftButton, with, b);
        };
        drag(kMoving[1].begin, -3, kMoving[1].end, 4, Qt::NoModifier);
        QCOMPARE(static_cast<int>(bench.segments().size()), 2);
        QCOMPARE(bench.segments()[1].begin, kMoving[1].begin);
        QCOMPARE(bench.segments()[1].end, kMoving[1].end);
        // Its end is dragged away with Ctrl, which leaves it where it was put, and back without.
        drag(kMoving[1].end, -1, kMoving[1].end, 5, Qt::ControlModifier);
        const qint64 apart = bench.segments()[1].end - kMoving[1].end;
        QVERIFY2(apart > 0 && apart < 2000, qPrintable(QString::number(apart)));
        drag(bench.segments()[1].end, -1, kMoving[1].end, 2, Qt::NoModifier);
        QCOMPARE(bench.segments()[1].end, kMoving[1].end);
        // Switched off, nothing is near.
        bench.key(Qt::Key_E);
        QVERIFY(!lanes->isSnapping());
        QVERIFY(lanes->changes().empty());
        drag(kMoving[2].begin, -3, kMoving[2].end, 4, Qt::NoModifier);
        QVERIFY(bench.segments()[2].begin < kMoving[2].begin);
        QVERIFY(bench.segments()[2].end > kMoving[2].end);
    }

    void furtherLanesAreChosenAndMoved()
    {
        LongRecording bench;
        QVERIFY(bench.begin(movingRows));
        QVERIFY(addRecording(bench, QStringLiteral("sound"), 5000, halfAMinuteLater()));
        QTRY_VERIFY(bench.find<QWidget>(QStringLiteral("companion-2")));
        QVERIFY2(bench.shows(QStringLiteral("sound · begins 30.000 s later")), qPrintable(bench.visibleText()));

        QVERIFY(!bench.find<SpectrogramPlot>(QString()));
        choose(bench, {QStringLiteral("Spectrogram"), QString::fromLatin1(kChannel)});
        auto* spectrogram = bench.find<SpectrogramPlot>(QString());
        QVERIFY(spectrogram);
        // It fills by itself, from the last column to the first.
        QTRY_VERIFY(spectrogram->levelAt(5.0, 10.0).has_value());
        QVERIFY(!bench.find<TrackStrip>(QStringLiteral("feature-lane")));
        choose(bench, {QStringLiteral("Features"), QString()});
        QTRY_VERIFY(bench.find<TrackStrip>(QStringLiteral("feature-lane")));
        auto* strip = bench.find<TrackStrip>(QStringLiteral("feature-lane"));
        QVERIFY(strip->track() && strip->track()->pieces.size() == 2); // before and behind the gap

        choose(bench, {QStringLiteral("Recorded at the same time"), QStringLiteral("sound"),
                       QStringLiteral("Change when it begins…")});
        auto* dialog = bench.find<QInputDialog>(QStringLiteral("begins-after"));
        QVERIFY(dialog);
        dialog->setDoubleValue(-12.5);
        dialog->accept();
        QTRY_VERIFY2(bench.shows(QStringLiteral("sound · begins 12.500 s earlier")), qPrintable(bench.visibleText()));
        bench.project().undoStack().undo();
        QTRY_VERIFY(bench.shows(QStringLiteral("sound · begins 30.000 s later")));
        choose(bench, {QStringLiteral("Recorded at the same time"), QStringLiteral("sound"), QStringLiteral("Show")});
        QTRY_VERIFY(!bench.find<QWidget>(QStringLiteral("companion-2")));
    }

    void aFeatureThatARecordingIsTooShortForSaysSoInItsLane()
    {
        LongRecording bench;
        QVERIFY(bench.begin(movingRows));
        QVERIFY(addRecording(bench, QStringLiteral("short"), 10));
        choose(bench, {QStringLiteral("Features"), QString()});
        QTRY_VERIFY(bench.find<TrackStrip>(QStringLiteral("feature-lane")));
        QVERIFY(bench.find<TrackStrip>(QStringLiteral("feature-lane"))->track()->reason.isEmpty());
        bench.context().navigator.showRecording(2);
        QTRY_VERIFY(bench.find<TrackStrip>(QStringLiteral("feature-lane")));
        const auto track = bench.find<TrackStrip>(QStringLiteral("feature-lane"))->track();
        QVERIFY2(track->reason.contains(QStringLiteral("'short' has no window")), qPrintable(track->reason));
        QVERIFY(track->pieces.empty());
        QVERIFY2(!bench.shows(QStringLiteral("has no window")), qPrintable(bench.visibleText())); // no notice
    }

    void aFeatureLaneThatIsGoneIsNotComputed()
    {
        LongRecording bench;
        QVERIFY(bench.begin(movingRows));
        choose(bench, {QStringLiteral("Features"), QString()});
        QTRY_VERIFY(bench.find<TrackStrip>(QStringLiteral("feature-lane")));
        const QString feature = bench.find<TrackStrip>(QStringLiteral("feature-lane"))->track()->name;
        auto* further = bench.find<FurtherLanes>(QString());
        QVERIFY(further);
        further->setFeatureShown(feature, false);
        HeldQueue held(bench.jobs());
        const JobId first = held.next();
        const Watched gone(bench.jobs(), first);
        const Watched wanted(bench.jobs(), first + 1);
        further->setFeatureShown(feature, true);
        further->setFeatureShown(feature, false);
        further->setFeatureShown(feature, true);
        QVERIFY(bench.jobs().job(first + 1));
        held.release();
        QTRY_VERIFY(!bench.jobs().job(first) && !bench.jobs().job(first + 1));
        QVERIFY(!gone.worked);
        QVERIFY(wanted.worked);
    }

    void aMenuThatIsOpenOutlivesTheRecording()
    {
        LongRecording bench;
        QVERIFY(bench.begin());
        QVERIFY(addRecording(bench, QStringLiteral("sound"), 5000, halfAMinuteLater()));
        QVERIFY(bench.click(QStringLiteral("lanes")));
        const QPointer<QMenu> menu = bench.find<QMenu>(QStringLiteral("lanes-menu"));
        QVERIFY(menu);
        // Another program discards them all.
        QVERIFY(bench.project().project().database().execute("UPDATE recordings SET trashed = 1"));
        bench.project().announceChange();
        QVERIFY(menu);
        QMenu* features = actionOf(*menu, QStringLiteral("Features"))->menu();
        Q_EMIT features->aboutToShow();
        QVERIFY(features->actions().isEmpty());
        const QMenu* together = actionOf(*menu, QStringLiteral("Recorded at the same time"))->menu();
        actionOf(*together, QStringLiteral("Add a sound or another file…"))->trigger();
        QVERIFY(!bench.window().findChild<BesideDialog*>());
        const QMenu* sound = actionOf(*together, QStringLiteral("sound"))->menu();
        actionOf(*sound, QStringLiteral("Change when it begins…"))->trigger();
        QVERIFY(!bench.find<QInputDialog>(QStringLiteral("begins-after")));
    }

    void recordingsAreToldFromTheirLabels()
    {
        LongRecording bench;
        QVERIFY(bench.begin());
        RecordingModel model;
        const auto load = [&] { return model.load(&bench.project().project()); };
        QVERIFY(load());
        QVERIFY(!load());
        const auto label = bench.labels().ensureLabel(QString::fromLatin1(dataset::kDefaultLabelSet), "walk");
        QVERIFY(label);
        QVERIFY(bench.project().edit(dataset::AddSegment{{{}, dataset::RecordingId{1}, label->id, 0, 100}}));
        QVERIFY(!load());
        QCOMPARE(model.labelsAt(0), QStringList{QStringLiteral("walk")}); // read all the same
        QVERIFY(bench.project().edit(dataset::SetMetadata{dataset::RecordingId{1}, halfAMinuteLater()}));
        QVERIFY(load());
        QVERIFY(addRecording(bench, QStringLiteral("other"), 100));
        QVERIFY(load());
        QVERIFY(model.load(nullptr));
        QVERIFY(!model.load(nullptr));
    }

    void aLookThatNobodyWaitsForIsNotTaken()
    {
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("imported")));
        const QString path = bench.path(QStringLiteral("fan.csv"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("timestamp_ms,ax\n0,1\n20,2\n40,3\n");
        file.close();
        HeldQueue held(bench.jobs());
        const JobId first = held.next();
        const Watched overtaken(bench.jobs(), first);
        const Watched closed(bench.jobs(), first + 2);
        auto dialog = std::make_unique<ImportDialog>(bench.context(), QStringList{path});
        // Something else is asked for before the first look has begun.
        dialog->findChild<QLineEdit*>(QStringLiteral("import-label"))->setText(QStringLiteral("fan"));
        QTRY_VERIFY(bench.jobs().job(first + 1));
        auto other = std::make_unique<ImportDialog>(bench.context(), QStringList{path});
        QVERIFY(bench.jobs().job(first + 2));
        other.reset();
        held.release();
        QTRY_VERIFY(dialog->isReady());
        QTRY_VERIFY(!bench.jobs().job(first) && !bench.jobs().job(first + 2));
        QVERIFY(!overtaken.worked);
        QVERIFY(!closed.worked);
    }

    void anImportIsLookedAtAndItsColumnsChanged()
    {
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("imported")));
        const QString path = bench.path(QStringLiteral("fan.csv"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("timestamp_ms,ax (g),speed_pct,place,label\n");
        for (int row = 0; row < 50; ++row)
            file.write(QStringLiteral("%1,%2,40,hall,%3\n")
                           .arg(row * 20)
                           .arg(row % 7)
                           .arg(row < 30 ? QStringLiteral("on") : QStringLiteral("off"))
                           .toUtf8());
        file.close();
        bench.window().showPage(QStringLiteral("dataset"));
        bench.key(Qt::Key_I, Qt::ControlModifier);
        auto* files = bench.window().findChild<QFileDialog*>();
        QVERIFY(files && QTest::qWaitForWindowExposed(files));
        QTest::keyClicks(files->findChild<QLineEdit*>(QStringLiteral("fileNameEdit")), path);
        QTest::keyClick(files->findChild<QLineEdit*>(QStringLiteral("fileNameEdit")), Qt::Key_Return);
        QTRY_VERIFY(bench.find<QDialog>(QStringLiteral("import-preview")));
        auto* dialog = static_cast<ImportDialog*>(bench.find<QDialog>(QStringLiteral("import-preview")));
        QTRY_VERIFY(dialog->isReady());
        auto* columns = dialog->findChild<QTableView*>(QStringLiteral("import-columns"));
        const auto roleOf = [columns](int row) {
            return columns->model()->index(row, ColumnModel::Role).data().toString();
        };
        QCOMPARE(columns->model()->rowCount(), 5);
        QCOMPARE(roleOf(0), QStringLiteral("Time"));
        QCOMPARE(roleOf(2), QStringLiteral("Channel")); // a number, so it is taken for one
        QCOMPARE(roleOf(3), QStringLiteral("Metadata"));
        QCOMPARE(roleOf(4), QStringLiteral("Label"));
        // The speed is no signal: chosen from the list in its cell.
        const QModelIndex cell = columns->model()->index(2, ColumnModel::Role);
        columns->setCurrentIndex(cell);
        auto* roles = columns->findChild<QComboBox*>();
        QVERIFY(roles);
        roles->setCurrentIndex(roles->findText(QStringLiteral("Metadata")));
        Q_EMIT roles->activated(roles->currentIndex());
        QTRY_VERIFY(
            dialog->isReady() &&
            dialog->findChild<QLabel*>(QStringLiteral("import-about"))->text().contains(QStringLiteral("speed_pct")));
        QCOMPARE(roleOf(2), QStringLiteral("Metadata"));
        QVERIFY(bench.project().project().recordings().list()->empty()); // nothing so far
        QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("import-accept")), Qt::LeftButton);
        QTRY_COMPARE(bench.project().project().recordings().list()->size(), std::size_t{1});
        const dataset::Recording made = bench.project().project().recordings().list()->front();
        QCOMPARE(made.stream.channels.size(), std::size_t{1});
        QCOMPARE(made.metadata.value(QStringLiteral("speed_pct")).toString(), QStringLiteral("40"));
        QCOMPARE(made.metadata.value(QStringLiteral("place")).toString(), QStringLiteral("hall"));
        QTRY_COMPARE(bench.project().project().labels().segments()->size(), std::size_t{2});
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestLabelSets)
#include "tst_label_sets.moc"
