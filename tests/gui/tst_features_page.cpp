// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/timeline.h"
#include "app/gui/features/explorer.h"
#include "app/gui/features/pipeline_edits.h"
#include "app/gui/features/stage_preview.h"
#include "app/gui/plot/bar_list.h"
#include "app/gui/plot/category_legend.h"
#include "app/gui/plot/correlation_map.h"
#include "app/gui/plot/density_plot.h"
#include "app/gui/plot/point_index.h"
#include "app/gui/plot/scatter_plot.h"
#include "app/gui/shell/page.h"
#include "core/base/random.h"
#include "core/features/pipeline_text.h"
#include "core/features/presets.h"
#include "tests/gui/workbench.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QMenu>
#include <QTableView>

#include <cmath>
#include <functional>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

constexpr int kComputeMs = 60'000;
const QStringList kSubjects{QStringLiteral("s01"), QStringLiteral("s02"), QStringLiteral("s03")};

ScatterPlot* plotOf(Workbench& bench)
{
    return bench.find<ScatterPlot>(QStringLiteral("explorer-plot"));
}

/// Points on the plot, 0 while something else is shown in its place.
std::size_t pointsIn(Workbench& bench)
{
    const ScatterPlot* plot = plotOf(bench);
    return plot ? plot->points().size() : 0;
}

bool openExplorer(Workbench& bench)
{
    return bench.openDemo(kSubjects) && bench.click(QStringLiteral("rail-features")) &&
           QTest::qWaitFor([&] { return pointsIn(bench) > 0; }, kComputeMs);
}

/// Opens the list of a choice and takes an entry of it by the keyboard.
void chooseEntry(QComboBox* box, int index)
{
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    for (int i = 0; i < index; ++i)
        QTest::keyClick(box, Qt::Key_Down);
}

/// Draws along the corners with the left button down.
void drag(ScatterPlot* plot, const QPolygonF& corners, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    QTest::mousePress(plot, Qt::LeftButton, modifiers, corners.first().toPoint());
    const auto moveTo = [plot](const QPointF& at) {
        QMouseEvent move(QEvent::MouseMove, at, plot->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(plot, &move);
    };
    for (qsizetype i = 1; i < corners.size(); ++i) {
        for (int step = 1; step <= 5; ++step)
            moveTo(corners[i - 1] + (corners[i] - corners[i - 1]) * step / 5);
    }
    QTest::mouseRelease(plot, Qt::LeftButton, modifiers, corners.last().toPoint());
}

/// Those that the drawn line goes around, by the definition.
std::vector<std::size_t> inside(const ScatterPlot* plot, const QPolygonF& corners)
{
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < plot->points().size(); ++i) {
        if (plot->isShown(i) && corners.containsPoint(plot->pixelOf(i), Qt::OddEvenFill))
            found.push_back(i);
    }
    return found;
}

/// Clicks a button that opens a menu, and then an entry of the menu; without such an entry it is closed.
void pickFromMenu(Workbench& bench, const QString& button, const std::function<bool(const QAction*)>& wanted)
{
    // The click returns when the menu is closed.
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &poll, [&] {
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        if (!menu)
            return;
        poll.stop();
        for (QAction* action : menu->actions()) {
            if (wanted(action)) {
                QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
                return;
            }
        }
        menu->close();
    });
    poll.start(20);
    bench.click(button);
}

/// The left half of the plot.
QPolygonF leftHalf(const ScatterPlot* plot)
{
    const QRectF area = plot->axisRect()->rect();
    const QRectF half(area.topLeft() + QPointF(2, 2), QPointF(area.center().x(), area.bottom() - 2));
    return QPolygonF{half.topLeft(), half.topRight(), half.bottomRight(), half.bottomLeft()};
}

std::vector<dataset::Segment> segmentsOf(Workbench& bench)
{
    return bench.project().project().labels().segments().value_or(std::vector<dataset::Segment>{});
}

} // namespace

class TestFeaturesPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tsneLassoAndTheTimeline()
    {
        Workbench bench;
        QVERIFY(openExplorer(bench));
        const std::size_t windows = pointsIn(bench);
        const std::vector<QPointF> byPca = plotOf(bench)->points();
        chooseEntry(bench.find<QComboBox>(QStringLiteral("explorer-layout")), 1);
        QTRY_VERIFY_WITH_TIMEOUT(pointsIn(bench) == windows && plotOf(bench)->points() != byPca, kComputeMs);

        ScatterPlot* plot = plotOf(bench);
        const QPolygonF lasso = leftHalf(plot);
        const std::vector<std::size_t> wanted = inside(plot, lasso);
        QVERIFY(!wanted.empty() && wanted.size() < windows);
        drag(plot, lasso);
        QCOMPARE(plot->chosen(), wanted);
        QVERIFY2(bench.shows(QStringLiteral("windows chosen")), qPrintable(bench.visibleText()));
        auto* table = bench.find<QTableView>(QStringLiteral("chosen-windows"));
        const QAbstractItemModelTester tester(table->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(table->model()->rowCount(), static_cast<int>(wanted.size()));

        // A double click opens that very window.
        QTest::mouseDClick(plot, Qt::LeftButton, {}, plot->pixelOf(wanted.front()).toPoint());
        QCOMPARE(bench.window().currentPage(), QStringLiteral("dataset"));
        auto* timeline = bench.page()->findChild<Timeline*>();
        QVERIFY(timeline->recordingId().isValid());
        // Two seconds, with as much before and after where there is any.
        QVERIFY2(timeline->time().length() > 1.9 && timeline->time().length() < 6.1,
                 qPrintable(QString::number(timeline->time().length())));

        // What was chosen is still there, in the rectangle, too, and Ctrl adds to it.
        bench.click(QStringLiteral("rail-features"));
        QTRY_VERIFY_WITH_TIMEOUT(pointsIn(bench) == windows, kComputeMs);
        plot = plotOf(bench);
        bench.click(QStringLiteral("explorer-rectangle"));
        const QRectF area = plot->axisRect()->rect();
        const QPolygonF upper(QRectF(area.topLeft() + QPointF(2, 2), QPointF(area.right() - 2, area.center().y())));
        const std::vector<std::size_t> above = inside(plot, upper);
        drag(plot, QPolygonF{upper[0], upper[2]});
        QCOMPARE(plot->chosen(), above);
        const QPolygonF left = leftHalf(plot);
        drag(plot, QPolygonF{left[0], left[2]}, Qt::ControlModifier);
        QVERIFY(plot->chosen().size() > above.size() && plot->chosen().size() < windows);
    }

    void chosenWindowsGetALabelAndUndoTakesItBack()
    {
        Workbench bench;
        QVERIFY(openExplorer(bench));
        const std::vector<dataset::Segment> before = segmentsOf(bench);
        ScatterPlot* plot = plotOf(bench);
        drag(plot, leftHalf(plot));
        QVERIFY(!plot->chosen().empty());
        pickFromMenu(bench, QStringLiteral("chosen-label"),
                     [](const QAction* action) { return action->text() == QStringLiteral("WALKING"); });
        QTRY_VERIFY_WITH_TIMEOUT(segmentsOf(bench) != before, kComputeMs);
        const auto labels = bench.project().project().labels().labels();
        qint64 walkingBefore = 0;
        qint64 walkingNow = 0;
        for (const dataset::Label& label : *labels) {
            if (label.name != QStringLiteral("WALKING"))
                continue;
            for (const dataset::Segment& segment : before)
                walkingBefore += segment.label == label.id ? segment.end - segment.begin : 0;
            for (const dataset::Segment& segment : segmentsOf(bench))
                walkingNow += segment.label == label.id ? segment.end - segment.begin : 0;
        }
        QVERIFY(walkingNow > walkingBefore);
        bench.project().undoStack().undo();
        QCOMPARE(segmentsOf(bench), before);
    }

    void theLegendHidesAndTheKeysGoFromPointToPoint()
    {
        Workbench bench;
        QVERIFY(openExplorer(bench));
        ScatterPlot* plot = plotOf(bench);
        auto* legend = bench.find<CategoryLegend>(QStringLiteral("legend"));
        QCOMPARE(legend->count(), static_cast<int>(plot->categories().size()));
        QTest::mouseClick(legend->viewport(), Qt::LeftButton, {}, legend->visualItemRect(legend->item(0)).center());
        QVERIFY(plot->categories()[0].isHidden && !plot->categories()[1].isHidden);
        plot->setFocus();
        QTest::keyClick(plot, Qt::Key_A, Qt::ControlModifier);
        qint64 shown = 0;
        for (const Category& category : plot->categories())
            shown += category.isHidden ? 0 : category.count;
        QCOMPARE(static_cast<qint64>(plot->chosen().size()), shown);
        QTest::keyClick(plot, Qt::Key_Escape);
        QVERIFY(plot->chosen().empty());
        QTest::keyClick(plot, Qt::Key_Right);
        QVERIFY(plot->current());
        const double x = plot->pixelOf(*plot->current()).x();
        QTest::keyClick(plot, Qt::Key_Right);
        QVERIFY(plot->pixelOf(*plot->current()).x() > x);
        QTest::keyClick(plot, Qt::Key_Return);
        QCOMPARE(bench.window().currentPage(), QStringLiteral("dataset"));
    }

    void singleFeatures()
    {
        Workbench bench;
        QVERIFY(openExplorer(bench));
        auto* bars = bench.page()->findChild<BarList*>(QStringLiteral("feature-bars"));
        QVERIFY(bars->bars().size() > 5);
        for (std::size_t i = 1; i < bars->bars().size(); ++i)
            QVERIFY(bars->bars()[i - 1].value >= bars->bars()[i].value);
        QTest::mouseClick(bars, Qt::LeftButton, {}, bars->lineOf(bars->bars()[2].tag).center());
        QVERIFY(bench.page()
                    ->findChild<DensityPlot*>()
                    ->csv()
                    .section(QLatin1Char('\n'), 0, 0)
                    .contains(bars->bars()[2].name));

        auto* map = bench.page()->findChild<CorrelationMap*>();
        Q_EMIT map->pairChosen(3, 1);
        QCOMPARE(bench.find<QComboBox>(QStringLiteral("explorer-x"))->currentIndex(), 3);
        QCOMPARE(bench.find<QComboBox>(QStringLiteral("explorer-y"))->currentIndex(), 1);
        // The points are the features' own numbers.
        const auto rows = plotOf(bench)->csv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(static_cast<std::size_t>(rows.size()), plotOf(bench)->points().size() + 1);
    }

    void thePipelineIsChangedAndUndoBringsItBack()
    {
        Workbench bench;
        QVERIFY(openExplorer(bench));
        auto* names = bench.page()->findChild<QTableView*>(QStringLiteral("feature-names"))->model();
        const auto listed = [names] {
            QStringList all;
            for (int i = 0; i < names->rowCount(); ++i)
                all << names->index(i, 1).data().toString();
            return all;
        };
        const QStringList preset = listed();
        QVERIFY(!preset.isEmpty());
        const auto add = [&bench](const QString& id) {
            pickFromMenu(bench, QStringLiteral("add-part-button"),
                         [id](const QAction* action) { return action->data() == id; });
        };
        add(QStringLiteral("correlation"));
        QTRY_VERIFY2_WITH_TIMEOUT(listed().size() > preset.size(), qPrintable(bench.visibleText()), kComputeMs);
        QCOMPARE(listed().first(preset.size()), preset);
        QVERIFY(bench.shows(QStringLiteral("Your own pipeline")));
        QTRY_COMPARE_WITH_TIMEOUT(static_cast<qsizetype>(bench.page()->findChild<BarList*>()->bars().size()),
                                  listed().size(), kComputeMs);

        // A stage in front, then its settings by the form.
        add(QStringLiteral("remove-mean"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.find(QStringLiteral("stage-0")), kComputeMs);
        auto* preview = bench.page()->findChild<StagePreview*>();
        QTRY_COMPARE_WITH_TIMEOUT(static_cast<int>(preview->panels().size()), 2, kComputeMs);
        const features::StagedSignals raw = preview->panels()[0].content;
        const features::StagedSignals after = preview->panels()[1].content;
        for (std::size_t i = 0; i < raw.values.size(); ++i) {
            double mean = 0;
            for (const float value : raw.values[i])
                mean += static_cast<double>(value) / raw.rows;
            for (std::size_t row = 0; row < raw.values[i].size(); ++row)
                QVERIFY2(std::abs(static_cast<double>(raw.values[i][row]) - mean -
                                  static_cast<double>(after.values[i][row])) < 1e-4 * (1 + std::abs(mean)),
                         qPrintable(QStringLiteral("signal %1 row %2: %3, mean %4, then %5")
                                        .arg(i)
                                        .arg(row)
                                        .arg(static_cast<double>(raw.values[i][row]))
                                        .arg(mean)
                                        .arg(static_cast<double>(after.values[i][row]))));
        }
        QVERIFY(bench.click(QStringLiteral("stage-0"))); // chosen when it was added; a click lets go
        QVERIFY(bench.click(QStringLiteral("block-0")));
        QCheckBox* skewness = nullptr;
        for (QCheckBox* box : bench.page()->findChildren<QCheckBox*>()) {
            if (box->text() == QStringLiteral("skewness"))
                skewness = box;
        }
        QVERIFY(skewness && !skewness->isChecked());
        skewness->click();
        QTRY_VERIFY_WITH_TIMEOUT(listed().filter(QStringLiteral(".skewness")).size() > 0, kComputeMs);

        QVERIFY(bench.click(QStringLiteral("part-right")));
        QTRY_VERIFY_WITH_TIMEOUT(listed().first() != preset.first(), kComputeMs);
        QVERIFY(bench.click(QStringLiteral("part-remove")));
        QTRY_VERIFY_WITH_TIMEOUT(listed().filter(QStringLiteral(".skewness")).isEmpty(), kComputeMs);

        // Back step by step, and forth again.
        QTRY_COMPARE_WITH_TIMEOUT(bench.project().undoStack().index(), 5, kComputeMs);
        auto* choice = bench.find<QComboBox>(QStringLiteral("preset"));
        for (int i = 0; i < 5; ++i)
            bench.project().undoStack().undo();
        QCOMPARE(bench.project().undoStack().index(), 0);
        QCOMPARE(choice->currentData().toString(), QStringLiteral("auto"));
        QTRY_COMPARE_WITH_TIMEOUT(listed(), preset, kComputeMs);
        bench.project().undoStack().redo();
        QCOMPARE(choice->currentData().toString(), QStringLiteral("own"));
        QVERIFY2(bench.window().width() <= 1280, qPrintable(QString::number(bench.window().width())));

        // What was made here is what Train offers.
        bench.click(QStringLiteral("rail-train"));
        QTRY_COMPARE_WITH_TIMEOUT(bench.find<QComboBox>(QStringLiteral("preset"))->currentData().toString(),
                                  QStringLiteral("own"), kComputeMs);
    }

    // Ctrl+Z is a shortcut of the window unless the field has something of its own to undo.
    void undoByKeyBelongsToAFieldOnlyWhileItHasSomethingToUndo()
    {
        Workbench bench;
        QLineEdit line;
        QDoubleSpinBox number;
        const auto keepsTheKey = [](QWidget& field, Qt::KeyboardModifiers more = {}) {
            QKeyEvent press(QEvent::ShortcutOverride, Qt::Key_Z, Qt::ControlModifier | more);
            press.ignore();
            QCoreApplication::sendEvent(&field, &press);
            return press.isAccepted();
        };
        QVERIFY(!keepsTheKey(line));
        QVERIFY(!keepsTheKey(number));
        QTest::keyClicks(&line, QStringLiteral("walk"));
        QVERIFY(keepsTheKey(line));
        QVERIFY(!keepsTheKey(line, Qt::ShiftModifier)); // nothing to do again yet
        line.undo();
        QVERIFY(!keepsTheKey(line));
        QVERIFY(keepsTheKey(line, Qt::ShiftModifier));
    }

    void aPipelineAsTextIsTheSamePipeline()
    {
        signal::StreamSpec stream;
        stream.rateHz = 100;
        for (const char* name : {"ax", "ay", "az"})
            stream.channels.push_back({QString::fromLatin1(name), QStringLiteral("m/s2"), 1.0, 0.0});
        auto pipeline = features::presetPipeline(QStringLiteral("motion"), stream, 200, 100);
        QVERIFY(pipeline);
        auto more = withPart(*pipeline, true, QStringLiteral("gravity"));
        QVERIFY(more);
        const QByteArray text = features::pipelineText(*more);
        QVERIFY(text.contains("\"ay\""));
        const auto again = features::pipelineFromText(text, stream, 200, 100);
        QVERIFY(again);
        QCOMPARE(*again, *more);
        // What cannot be computed is refused, and says why.
        QVERIFY(!withPart(*pipeline, false, QStringLiteral("no such block")));
        QVERIFY(!withPartMoved(*pipeline, {false, 0}, -1));
    }

    void anEmptyProjectSaysWhatIsMissing()
    {
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("empty")));
        bench.click(QStringLiteral("rail-features"));
        QVERIFY(bench.page()->isEmptyShown());
        QVERIFY(bench.clickText(QStringLiteral("Go to Dataset")));
        QCOMPARE(bench.window().currentPage(), QStringLiteral("dataset"));
    }

    void theIndexFindsWhatLookingAtAllFinds()
    {
        Random random(3);
        std::vector<QPointF> points;
        for (int i = 0; i < 3000; ++i)
            points.emplace_back(random.normal() * 5, random.normal());
        points[17] = QPointF(NAN, 0);
        points[18] = points[40]; // two at one place: the lower number
        const PointIndex index(points);
        int hits = 0;
        for (int i = 0; i < 500; ++i) {
            const QPointF at(random.normal() * 5, random.normal());
            std::optional<std::size_t> nearest;
            double best = 10;
            for (std::size_t p = 0; p < points.size(); ++p) {
                const double away = std::hypot((points[p].x() - at.x()) * 40, (points[p].y() - at.y()) * 90);
                if (p % 3 != 0 && (nearest ? away < best : away <= best)) {
                    best = away;
                    nearest = p;
                }
            }
            QCOMPARE(index.nearest(at, 40, 90, 10, [](std::size_t p) { return p % 3 != 0; }), nearest);
            hits += nearest ? 1 : 0;
        }
        QVERIFY(hits > 100 && hits < 500);
        QCOMPARE(index.nearest(points[40], 40, 90, 10), std::optional<std::size_t>(18));
        QVERIFY(!PointIndex().nearest({0, 0}, 1, 1, 10));
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestFeaturesPage)
#include "tst_features_page.moc"
