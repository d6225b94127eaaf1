// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/confusion_plot.h"
#include "app/gui/shell/page.h"
#include "app/gui/train/class_scores.h"
#include "app/gui/train/curve_plot.h"
#include "app/gui/train/run_model.h"
#include "tests/gui/workbench.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QScrollArea>
#include <QSpinBox>
#include <QTableView>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

constexpr int kTrainMs = 40'000;
const QStringList kSubjects{QStringLiteral("s01"), QStringLiteral("s02"), QStringLiteral("s03")};

std::vector<dataset::Run> runsOf(Workbench& bench)
{
    return bench.project().project().runs().list().value_or(std::vector<dataset::Run>{});
}

QTableView* runTable(Workbench& bench)
{
    return bench.find<QTableView>(QStringLiteral("runs"));
}

QString cell(Workbench& bench, int row, RunModel::Column column)
{
    return runTable(bench)->model()->index(row, column).data().toString();
}

/// Opens the Train page and chooses the trainer by a click on its card.
bool chooseTrainer(Workbench& bench, const QString& id)
{
    bench.click(QStringLiteral("rail-train"));
    const QString card = QStringLiteral("trainer-") + id;
    const QString more = QStringLiteral("trainer-more");
    if (!QTest::qWaitFor([&] { return bench.find(more) != nullptr; }, 30'000))
        return false;
    // Only the chosen one is shown until others are asked for.
    if (!bench.find(card) && !bench.click(more))
        return false;
    if (!QTest::qWaitFor([&] { return bench.find(card) && !bench.find(card)->size().isEmpty(); }, 5'000))
        return false;
    // The list scrolls; a person would, too.
    for (QWidget* parent = bench.find(card); parent; parent = parent->parentWidget()) {
        if (auto* scroll = qobject_cast<QScrollArea*>(parent))
            scroll->ensureWidgetVisible(bench.find(card));
    }
    bench.page()->findChild<QSpinBox*>(QStringLiteral("folds"))->setValue(static_cast<int>(kSubjects.size()));
    return bench.click(card) && bench.find<QAbstractButton>(card)->isChecked() &&
           !bench.find(QStringLiteral("trainer-filter"));
}

} // namespace

class TestTrainPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aForestIsTrainedAndItsScoresAppear()
    {
        Workbench bench;
        QVERIFY(bench.openDemo(kSubjects));
        QVERIFY(chooseTrainer(bench, QStringLiteral("trees.random-forest")));
        const QAbstractItemModelTester tester(runTable(bench)->model(),
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(runTable(bench)->model()->rowCount(), 0);
        auto* trees = bench.page()->findChild<QSpinBox*>(QStringLiteral("trees"));
        QVERIFY(trees);
        trees->setValue(7);

        QVERIFY(bench.click(QStringLiteral("main-action")));
        QCOMPARE(bench.jobs().activeCount(), 1);
        QTRY_VERIFY(bench.shows(QStringLiteral("Random forest"))); // the strip says what runs
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("Macro F1")) && bench.jobs().activeCount() == 0,
                                  qPrintable(bench.visibleText()), kTrainMs);
        QTRY_COMPARE(runTable(bench)->model()->rowCount(), 1);
        QCOMPARE(cell(bench, 0, RunModel::Trainer), QStringLiteral("trees.random-forest"));
        QCOMPARE(cell(bench, 0, RunModel::State), QStringLiteral("finished"));

        // What is shown is what is stored, and better than the chance of five classes.
        const auto runs = runsOf(bench);
        QCOMPARE(static_cast<int>(runs.size()), 1);
        QCOMPARE(runs.front().parameters.value(QStringLiteral("trees")).toInt(), 7);
        const double f1 = runs.front().scores.value(QStringLiteral("f1")).toDouble();
        QVERIFY(f1 > 0.3 && f1 < 1.0);
        QVERIFY(bench.shows(QString::number(f1, 'f', 3)));
        auto* confusion = bench.page()->findChild<ConfusionPlot*>();
        QVERIFY(confusion && confusion->isVisible());
        const QString csv = confusion->exportable().csv();
        QCOMPARE(csv.count(QLatin1Char('\n')), 6);
        const auto scores = readScores(runs.front().scores);
        qint64 windows = 0;
        for (int truth = 0; truth < scores.confusion.classes(); ++truth)
            windows += scores.confusion.rowTotal(truth);
        QCOMPARE(windows, runs.front().windows.value(QStringLiteral("count")).toInteger());
        QVERIFY(bench.page()->findChild<ClassScores*>()->isVisible());

        // A curve for each class, and in another view the same rates.
        auto* curves = bench.page()->findChild<CurvePlot*>();
        QVERIFY(curves && scores.curves.size() == 5);
        QCOMPARE(curves->kind(), CurveKind::Roc);
        QVERIFY(curves->csv().contains(scores.curves.front().name));
        bench.page()->findChild<QAbstractButton*>(QStringLiteral("curve-reliability"))->click();
        QCOMPARE(curves->kind(), CurveKind::Reliability);
        QCOMPARE(curves->csv().count(QLatin1Char('\n')), 1 + static_cast<int>(scores.shareBins.size()));

        // The same seed again gives the same scores; the newest run is the one that is shown.
        bench.key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(runsOf(bench).size() == 2 && bench.jobs().activeCount() == 0, kTrainMs);
        QTRY_COMPARE(runTable(bench)->model()->rowCount(), 2);
        QCOMPARE(runsOf(bench)[1].scores, runsOf(bench)[0].scores);
        QTRY_COMPARE(runTable(bench)->currentIndex().siblingAtColumn(RunModel::Name).data().toString(),
                     QStringLiteral("Run 2"));
        QTRY_COMPARE(bench.find(QStringLiteral("toast")) != nullptr, true);
        compareCurves(bench, scores);
    }

private:
    // The curves of both runs, which are the same, over each other for a class at a time.
    void compareCurves(Workbench& bench, const RunScores& scores)
    {
        QVERIFY(bench.click(QStringLiteral("rail-compare")));
        QVERIFY(bench.click(QStringLiteral("compare-curves")));
        auto* plot = bench.page()->findChild<CurvePlot*>();
        const auto points = [&](const RunScores::Curve& curve) { return static_cast<int>(curve.precision.size()); };
        const auto lines = [&] { return static_cast<int>(plot->csv().count(QLatin1Char('\n'))) - 1; };
        auto* classes = bench.find<QComboBox>(QStringLiteral("curve-class"));
        QVERIFY(plot && classes);
        QCOMPARE(classes->count(), static_cast<int>(scores.curves.size()));
        bench.find<QTableView>(QStringLiteral("compare-runs"))->selectRow(0);
        QVERIFY(bench.shows(QStringLiteral("Ctrl+click")));
        bench.find<QTableView>(QStringLiteral("compare-runs"))->selectAll();
        QVERIFY(!bench.shows(QStringLiteral("Ctrl+click")));
        for (const RunScores::Curve& curve : scores.curves) {
            classes->setCurrentText(curve.name);
            Q_EMIT classes->activated(classes->currentIndex());
            QCOMPARE(lines(), 2 * points(curve));
        }
        for (const char* run : {"Run 1", "Run 2"})
            QVERIFY(plot->csv().contains(QLatin1String(run)));
        bench.page()->findChild<QAbstractButton*>(QStringLiteral("curve-reliability"))->click();
        QCOMPARE(lines(), 2 * static_cast<int>(scores.shareBins.size()));
        QVERIFY(bench.click(QStringLiteral("compare-costs")));
        QVERIFY(!plot->isVisible());
    }

private Q_SLOTS:
    void aCrashingPluginIsAFailedRunAndTheWindowGoesOn()
    {
        Workbench bench;
        QVERIFY(bench.openDemo(kSubjects));
        QVERIFY(chooseTrainer(bench, QStringLiteral("fixture.crash")));
        QVERIFY(bench.click(QStringLiteral("main-action")));
        QTRY_VERIFY_WITH_TIMEOUT(!runsOf(bench).empty() && bench.jobs().activeCount() == 0, kTrainMs);
        const auto runs = runsOf(bench);
        QCOMPARE(runs.front().status, dataset::RunStatus::Failed);
        QVERIFY2(runs.front().reason.contains(QStringLiteral("crash")), qPrintable(runs.front().reason));
        QTRY_COMPARE(runTable(bench)->model()->rowCount(), 1);
        QCOMPARE(cell(bench, 0, RunModel::State).left(6), QStringLiteral("failed"));
        QVERIFY2(bench.visibleText().count(QStringLiteral("crash")) >= 2, qPrintable(bench.visibleText()));

        // Everything works as before.
        QVERIFY(chooseTrainer(bench, QStringLiteral("trees.decision-tree")));
        QVERIFY(bench.click(QStringLiteral("main-action")));
        QTRY_VERIFY_WITH_TIMEOUT(runsOf(bench).size() == 2 && bench.jobs().activeCount() == 0, kTrainMs);
        QCOMPARE(runsOf(bench).back().status, dataset::RunStatus::Finished);
        QTRY_VERIFY(bench.shows(QStringLiteral("Macro F1")));
        // What went wrong before is not said of what went well.
        QVERIFY2(!bench.shows(QStringLiteral("crashed")), qPrintable(bench.visibleText()));
    }

    void aHangingPluginIsCancelledFromTheTray()
    {
        Workbench bench;
        QVERIFY(bench.openDemo(kSubjects));
        QVERIFY(chooseTrainer(bench, QStringLiteral("fixture.hang")));
        QVERIFY(bench.click(QStringLiteral("main-action")));
        QTRY_VERIFY_WITH_TIMEOUT(!runsOf(bench).empty(), kTrainMs); // it is being trained
        QVERIFY(bench.click(QStringLiteral("jobs-toggle")));
        QTRY_VERIFY(bench.button(QStringLiteral("Cancel")));
        QVERIFY(bench.clickText(QStringLiteral("Cancel")));
        QTRY_VERIFY_WITH_TIMEOUT(bench.jobs().activeCount() == 0, kTrainMs);
        QTRY_COMPARE(runsOf(bench).front().status, dataset::RunStatus::Cancelled);
        QTRY_COMPARE(cell(bench, 0, RunModel::State), QStringLiteral("cancelled"));
    }

    void withoutLabelsItSaysWhatIsMissing()
    {
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("empty")));
        bench.click(QStringLiteral("rail-train"));
        QVERIFY(bench.page()->isEmptyShown());
        QVERIFY(bench.shows(QStringLiteral("recordings with labels")));
        QVERIFY(bench.clickText(QStringLiteral("Go to Capture")));
        QCOMPARE(bench.window().currentPage(), QStringLiteral("capture"));
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestTrainPage)
#include "tst_train_page.moc"
