// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/label_buttons.h"
#include "app/gui/dataset/recording_model.h"
#include "app/gui/models/graph_picture.h"
#include "app/gui/models/model_window.h"
#include "app/gui/shell/command_palette.h"
#include "app/gui/shell/page.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/train/run_model.h"
#include "core/dataset/edits.h"
#include "tests/gui/workbench.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLineEdit>
#include <QProcess>
#include <QSignalSpy>
#include <QTableView>
#include <QTableWidget>
#include <QUndoStack>

#include <unistd.h>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

const QStringList kPages{QStringLiteral("devices"),  QStringLiteral("capture"), QStringLiteral("dataset"),
                         QStringLiteral("features"), QStringLiteral("train"),   QStringLiteral("compare"),
                         QStringLiteral("deploy")};

/// Every row of every table that edits may touch, so that "exact" means every byte.
QByteArray contentOf(const dataset::Project& project)
{
    QByteArray all;
    for (const dataset::Recording& r : *project.recordings().list(true))
        all += QStringLiteral("r %1 %2 %3 %4\n").arg(r.id.value).arg(r.name, r.group.name, r.contentHash).toUtf8();
    for (const dataset::Recording& r : *project.recordings().list())
        all += QStringLiteral("kept %1\n").arg(r.id.value).toUtf8();
    for (const dataset::Label& l : *project.labels().labels())
        all += QStringLiteral("l %1 %2 %3\n").arg(l.id.value).arg(l.name).arg(l.colour).toUtf8();
    for (const dataset::Segment& s : *project.labels().segments())
        all += QStringLiteral("s %1 %2 %3 %4 %5\n")
                   .arg(s.id.value)
                   .arg(s.recording.value)
                   .arg(s.label.value)
                   .arg(s.begin)
                   .arg(s.end)
                   .toUtf8();
    return all;
}

} // namespace

class TestShell : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theRailAndTheKeysLeadToEveryPage()
    {
        Workbench bench;
        QCOMPARE(bench.window().currentPage(), kPages.front());
        for (const QString& page : kPages) {
            QVERIFY(bench.click(QStringLiteral("rail-") + page));
            QCOMPARE(bench.window().currentPage(), page);
            QVERIFY(bench.page()->isVisible());
        }
        for (int i = 0; i < kPages.size(); ++i) {
            bench.key(static_cast<Qt::Key>(Qt::Key_1 + i), Qt::ControlModifier);
            QCOMPARE(bench.window().currentPage(), kPages[i]);
        }
        const int wide = bench.find(QStringLiteral("rail-devices"))->width();
        bench.key(Qt::Key_B, Qt::ControlModifier);
        QTRY_VERIFY(bench.find(QStringLiteral("rail-devices"))->width() < wide / 2);
    }

    void whatWasChosenIsRemembered()
    {
        Workbench bench;
        bench.click(QStringLiteral("rail-train"));
        QCOMPARE(bench.settings().get(settings::kLastPage), QStringLiteral("train"));
        bench.key(Qt::Key_B, Qt::ControlModifier);
        QCOMPARE(bench.settings().get(settings::kRailWide), false);
    }

    void thePaletteFindsAndRuns()
    {
        Workbench bench;
        bench.key(Qt::Key_K, Qt::ControlModifier);
        auto* palette = bench.find<CommandPalette>(QStringLiteral("palette"));
        QVERIFY(palette);
        QVERIFY(palette->shownTexts().size() > 10);
        bench.type(QStringLiteral("dark"));
        QCOMPARE(palette->shownTexts().value(0), QStringLiteral("Dark theme"));
        bench.key(Qt::Key_Return);
        QVERIFY(!palette->isVisible());
        QCOMPARE(bench.theme().mode(), ThemeHub::Mode::Dark);

        bench.key(Qt::Key_K, Qt::ControlModifier);
        bench.type(QStringLiteral("zzzz"));
        QCOMPARE(palette->shownTexts().size(), 0);
        bench.key(Qt::Key_Return); // nothing to run, nothing to crash
        QVERIFY(palette->isVisible());
        bench.key(Qt::Key_Escape);
        QVERIFY(!palette->isVisible());

        // By the mouse, too: the search in the top bar.
        QVERIFY(bench.click(QStringLiteral("search")));
        QVERIFY(palette->isVisible());
        bench.type(QStringLiteral("compare"));
        bench.key(Qt::Key_Return);
        QCOMPARE(bench.window().currentPage(), QStringLiteral("compare"));
    }

    void theQuestionMarkShowsTheKeysOfThePage()
    {
        Workbench bench;
        bench.click(QStringLiteral("rail-capture"));
        bench.type(QStringLiteral("?"));
        auto* keys = bench.find(QStringLiteral("keys"));
        QVERIFY(keys);
        QVERIFY(bench.shows(QStringLiteral("Start or end a take")));
        QVERIFY(bench.shows(QStringLiteral("Ctrl+K")));
        bench.key(Qt::Key_Escape);
        QVERIFY(!keys->isVisible());
    }

    void everyPageSaysWhatToDoWithoutAProject()
    {
        Workbench bench;
        for (const QString& page : kPages) {
            bench.click(QStringLiteral("rail-") + page);
            if (page == QStringLiteral("devices"))
                continue; // it works without
            QVERIFY2(bench.page()->isEmptyShown(), qPrintable(page));
            QVERIFY(!bench.find(QStringLiteral("main-action")));
            QVERIFY2(bench.button(QStringLiteral("New project")) || bench.button(QStringLiteral("Choose a board")),
                     qPrintable(page));
        }
    }

    void aNewProjectIsMadeByKeys()
    {
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("gestures")));
        QCOMPARE(bench.project().path(), bench.path(QStringLiteral("gestures.ember")));
        QVERIFY(bench.shows(QStringLiteral("gestures")));
        QCOMPARE(bench.window().windowTitle().section(QLatin1Char(' '), 0, 0), QStringLiteral("gestures"));
        for (const QString& page : kPages)
            QVERIFY(bench.click(QStringLiteral("rail-") + page));
    }

    void undoAndRedoRestoreExactly()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        bench.click(QStringLiteral("rail-dataset"));
        const dataset::Project& project = bench.project().project();
        const QByteArray before = contentOf(project);

        // Rename, regroup, discard: by the fields and keys of the page.
        auto* name = bench.find<QLineEdit>(QStringLiteral("recording-name"));
        QVERIFY(name);
        QTest::mouseClick(name, Qt::LeftButton);
        name->selectAll();
        QTest::keyClicks(name, QStringLiteral("morning"));
        QTest::keyClick(name, Qt::Key_Return);
        auto* group = bench.find<QLineEdit>(QStringLiteral("recording-group"));
        QTest::mouseClick(group, Qt::LeftButton);
        group->selectAll();
        QTest::keyClicks(group, QStringLiteral("anna"));
        QTest::keyClick(group, Qt::Key_Return);
        QCOMPARE(bench.project().undoStack().count(), 2);
        auto* table = bench.find<QTableView>(QStringLiteral("recordings"));
        const auto rows = table->model()->rowCount();
        table->setFocus();
        bench.key(Qt::Key_Delete);
        QTRY_COMPARE(table->model()->rowCount(), rows - 1);
        const QByteArray after = contentOf(project);
        QVERIFY(after != before);
        QVERIFY(after.contains("morning"));
        QVERIFY(after.contains("anna"));

        for (int round = 0; round < 2; ++round) {
            for (int i = 0; i < 3; ++i)
                bench.key(Qt::Key_Z, Qt::ControlModifier);
            QCOMPARE(contentOf(project), before);
            QCOMPARE(table->model()->rowCount(), rows);
            for (int i = 0; i < 3; ++i)
                bench.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
            QCOMPARE(contentOf(project), after);
        }
        // The line at the lower edge says what it will take back, and does.
        QVERIFY(bench.click(QStringLiteral("undo-text")));
        QTRY_COMPARE(table->model()->rowCount(), rows);
    }

    void anUndoThatSomebodyElseMadeImpossibleSaysSo()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        const dataset::Recording first = bench.project().project().recordings().list()->front();
        QVERIFY(bench.project().edit(dataset::Edit(dataset::TrashRecording{first.id, true})));
        {
            auto other = dataset::Project::open(bench.project().path());
            QVERIFY(other);
            QCOMPARE(other->recordings().emptyTrash().value(), 1);
        }
        bench.key(Qt::Key_Z, Qt::ControlModifier);
        QTRY_VERIFY(bench.shows(QStringLiteral("Not undone")));
    }

    void aBadProjectIsRefusedWithAReason_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("reason");
        QTest::newRow("text") << QByteArray("hello, this is no database\n").repeated(100)
                              << QStringLiteral("not a project");
        QTest::newRow("empty") << QByteArray() << QStringLiteral("is empty");
        QTest::newRow("cut off") << QByteArray("SQLite format 3\0", 16) << QStringLiteral("");
    }

    void aBadProjectIsRefusedWithAReason()
    {
        QFETCH(const QByteArray, content);
        QFETCH(const QString, reason);
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("good")));
        const QString path = bench.path(QStringLiteral("bad.ember"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        bench.window().openProject(path);
        const auto* toast = bench.find(QStringLiteral("toast"));
        QVERIFY(toast);
        QVERIFY2(bench.shows(QStringLiteral("bad.ember")), qPrintable(bench.visibleText()));
        QVERIFY2(bench.shows(reason), qPrintable(bench.visibleText()));
        QVERIFY(toast->geometry().right() < bench.window().width());
        // What was open stays open, and the file is as it was.
        QCOMPARE(bench.project().name(), QStringLiteral("good"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), content);
        QVERIFY(bench.clickText(QStringLiteral("Dismiss")));
        QVERIFY(!bench.find(QStringLiteral("toast")));
    }

    void aNewerProjectIsReadOrRefused_data()
    {
        QTest::addColumn<int>("oldestReader");
        QTest::addColumn<bool>("opens");
        QTest::newRow("lets us read") << 1 << true;
        QTest::newRow("does not") << 99 << false;
    }

    void aNewerProjectIsReadOrRefused()
    {
        QFETCH(const int, oldestReader);
        QFETCH(const bool, opens);
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        const QString path = bench.project().path();
        bench.project().close();
        {
            auto project = dataset::Project::open(path);
            QVERIFY(project);
            QVERIFY(project->database().execute(
                QStringLiteral("UPDATE meta SET value = '%1' WHERE key = 'oldest_reader'; PRAGMA user_version = 99")
                    .arg(oldestReader)
                    .toUtf8()));
        }
        bench.window().openProject(path);
        QCOMPARE(bench.project().isOpen(), opens);
        QVERIFY2(bench.shows(QStringLiteral("newer program")), qPrintable(bench.visibleText()));
        if (!opens)
            return;
        QVERIFY(!bench.project().isWritable());
        QVERIFY(bench.shows(QStringLiteral("(read-only)")));
        bench.click(QStringLiteral("rail-dataset"));
        QVERIFY(bench.find<QTableView>(QStringLiteral("recordings"))->model()->rowCount() > 0);
        QVERIFY(!bench.find(QStringLiteral("main-action"))->isEnabled());
        bench.find<QTableView>(QStringLiteral("recordings"))->setFocus();
        bench.key(Qt::Key_Delete);
        QCOMPARE(bench.project().undoStack().count(), 0);
        bench.click(QStringLiteral("rail-train"));
        QVERIFY(!bench.find(QStringLiteral("main-action")) || !bench.find(QStringLiteral("main-action"))->isEnabled());
    }

    void aProjectThatCannotBeWrittenIsOpenedForReading()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        const QString path = bench.project().path();
        const QString folder = QFileInfo(path).path();
        bench.project().close();
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther));
        const QFile::Permissions open(QFile::ReadOwner | QFile::ExeOwner | QFile::ReadGroup | QFile::ExeGroup |
                                      QFile::ReadOther | QFile::ExeOther);
        QVERIFY(QFile::setPermissions(folder, open));
        // To the superuser everything can be written: look at it as nobody.
        constexpr uid_t kNobody = 65534;
        const bool isRoot = ::geteuid() == 0;
        QVERIFY(!isRoot || ::seteuid(kNobody) == 0);
        bench.window().openProject(path);
        const bool isOpen = bench.project().isOpen();
        const bool isWritable = bench.project().isWritable();
        const QString said = bench.visibleText();
        QVERIFY(!isRoot || ::seteuid(0) == 0);
        QVERIFY(QFile::setPermissions(folder, open | QFile::WriteOwner));
        QVERIFY2(isOpen, qPrintable(said));
        QVERIFY(!isWritable);
        QVERIFY2(said.contains(QStringLiteral("for reading only")), qPrintable(said));
        QVERIFY(said.contains(QStringLiteral("(read-only)")));
    }

    void aToastGoesByItself()
    {
        Workbench bench;
        bench.context().toasts.show(QStringLiteral("Saved"));
        QVERIFY(bench.find(QStringLiteral("toast")));
        QTRY_VERIFY_WITH_TIMEOUT(!bench.find(QStringLiteral("toast")), 2 * bench.theme().metrics().toastMs);
    }

    void theItemModelsKeepTheirPromises()
    {
        Workbench bench;
        RecordingModel recordings;
        RunModel runs;
        const QAbstractItemModelTester recordingTester(&recordings,
                                                       QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QAbstractItemModelTester runTester(&runs, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(bench.openDemo({QStringLiteral("s01"), QStringLiteral("s02")}));
        const dataset::Project& project = bench.project().project();
        recordings.load(&project);
        const int all = recordings.rowCount();
        QVERIFY(all >= 2);
        QSignalSpy reset(&recordings, &QAbstractItemModel::modelReset);
        recordings.load(&project); // the same again is no news
        QCOMPARE(reset.count(), 0);
        const dataset::RecordingId first = recordings.at(0)->id;
        QVERIFY(bench.project().edit(dataset::Edit(dataset::RenameRecording{first, QStringLiteral("other")})));
        QSignalSpy changed(&recordings, &QAbstractItemModel::dataChanged);
        recordings.load(&project);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(recordings.index(0, RecordingModel::Name).data().toString(), QStringLiteral("other"));
        QVERIFY(bench.project().edit(dataset::Edit(dataset::TrashRecording{first, true})));
        recordings.load(&project);
        QCOMPARE(recordings.rowCount(), all - 1);
        QCOMPARE(recordings.rowOf(first), -1);
        recordings.load(nullptr);
        QCOMPARE(recordings.rowCount(), 0);

        runs.load(&project);
        QCOMPARE(runs.rowCount(), 0);
        dataset::Run run;
        run.name = QStringLiteral("a run");
        QVERIFY(project.runs().add(run));
        runs.load(&project);
        QCOMPARE(runs.rowCount(), 1);
        runs.load(nullptr);
        QCOMPARE(runs.rowCount(), 0);
    }

    void everyModelInTheWindowKeepsItsPromises()
    {
        Workbench bench;
        // Gone before the window is: a model that is being destroyed promises nothing.
        std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
        for (QAbstractItemModel* model : bench.window().findChildren<QAbstractItemModel*>())
            testers.push_back(std::make_unique<QAbstractItemModelTester>(
                model, QAbstractItemModelTester::FailureReportingMode::QtTest));
        QVERIFY(testers.size() >= 6);
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        for (const QString& page : kPages)
            QVERIFY(bench.click(QStringLiteral("rail-") + page));
        bench.click(QStringLiteral("rail-dataset"));
        QTest::keyClicks(bench.find<QLineEdit>(QStringLiteral("filter")), QStringLiteral("s01-02"));
        QCOMPARE(bench.find<QTableView>(QStringLiteral("recordings"))->model()->rowCount(), 1);
        bench.project().close();
        QTRY_COMPARE(bench.jobs().activeCount(), 0);
    }

    void aModelFromElsewhereIsReported()
    {
        Workbench bench;
        const auto report = [&bench](const QString& path) {
            auto* window = new ModelWindow(path, bench.context(), &bench.window());
            QSignalSpy shown(window, &ModelWindow::shown);
            window->show();
            return shown.count() > 0 || shown.wait(120'000) ? window : nullptr;
        };
        const ModelWindow* keywords =
            report(QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/mlperf_tiny_kws_int8.tflite"));
        QVERIFY(keywords);
        const auto* graph = keywords->findChild<GraphPicture*>();
        QCOMPARE(graph->steps().size(), std::size_t(13));
        qint64 macs = 0;
        for (const workflow::ModelStep& step : graph->steps())
            macs += step.macs;
        QCOMPARE(macs, qint64(2'656'768));
        const auto* boards = keywords->findChild<QTableWidget*>(QStringLiteral("model-boards"));
        int fitting = 0, refused = 0;
        for (int row = 0; row < boards->rowCount(); ++row) {
            const bool fits = boards->item(row, 4)->text() == QStringLiteral("fits");
            fitting += fits ? 1 : 0;
            refused += fits ? 0 : 1;
            QVERIFY(!boards->item(row, 4)->text().isEmpty());
        }
        QVERIFY(fitting > 0);
        QVERIFY(refused > 0); // an Uno has 2 kB of RAM

        // What cannot be computed is named, and has no costs.
        const ModelWindow* front =
            report(QStringLiteral(EMBERLAB_TEST_DATA "/models/onnx-node/test_identity_sequence/model.onnx"));
        QVERIFY(front);
        QVERIFY(front->findChild<GraphPicture*>()->steps().empty());
        QCOMPARE(front->findChild<QTableWidget*>(QStringLiteral("model-boards"))->rowCount(), 0);
    }

    void theProgramOpensItsDemo()
    {
        const QString state = QTemporaryDir().path();
        QProcess program;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("EMBERLAB_STATE"), state);
        environment.insert(QStringLiteral("XDG_CONFIG_HOME"), state);
        program.setProcessEnvironment(environment);
        program.start(QStringLiteral(EMBERLAB_PROGRAM), {QStringLiteral("gui"), QStringLiteral("--demo")});
        QVERIFY(program.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(state + QStringLiteral("/demo/demo.ember")) ||
                                     program.state() == QProcess::NotRunning,
                                 60'000);
        QVERIFY2(program.state() == QProcess::Running, program.readAllStandardError());
        const auto demo =
            dataset::Project::open(state + QStringLiteral("/demo/demo.ember"), dataset::Project::Access::ReadOnly);
        QVERIFY(demo);
        const auto recordings = demo->recordings().list();
        QCOMPARE(static_cast<int>(recordings->size()), 8);
        // As a board's sensor gives them, so that takes recorded with one can be trained together with these.
        QCOMPARE(recordings->front().stream.type, signal::SampleType::Int16);
        QCOMPARE(static_cast<int>(demo->labels().labels()->size()), 5);
        program.terminate();
        QVERIFY(program.waitForFinished(30'000));
        QDir(state).removeRecursively();
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestShell)
#include "tst_shell.moc"
