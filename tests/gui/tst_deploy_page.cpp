// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/bundle_button.h"
#include "app/gui/shell/page.h"
#include "core/base/resources.h"
#include "core/dataset/project.h"
#include "core/workflow/demo.h"
#include "core/workflow/run_costs.h"
#include "core/workflow/training.h"
#include "tests/gui/workbench.h"
#include "tests/support/children.h"

#include <QComboBox>
#include <QDir>
#include <QMenu>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>

#include <cmath>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

constexpr int kStepMs = 120'000;
const QString kBoard = QStringLiteral("mps2-an386");

/// A copy of the demo project with one small forest in it, on the Deploy page with the target loaded.
bool openTrained(Workbench& bench, const QString& trained)
{
    const QString copy = bench.path(QStringLiteral("activity.ember"));
    if (!QFile::copy(trained, copy))
        return false;
    bench.window().openProject(copy);
    bench.window().showPage(QStringLiteral("deploy"));
    auto* board = bench.find<QComboBox>(QStringLiteral("deploy-board-choice"));
    return board && board->currentData().toString() == kBoard &&
           QTest::qWaitFor(
               [&] {
                   const QWidget* deploy = bench.find(QStringLiteral("main-action"));
                   return deploy && deploy->isEnabled();
               },
               30'000);
}

} // namespace

class TestDeployPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        // The firmware that was flashed by an earlier run must not take part.
        QVERIFY(QDir(qEnvironmentVariable("EMBERLAB_STATE")).removeRecursively());
        const auto demo = workflow::demoProject();
        QVERIFY2(demo, qPrintable(demo ? QString() : demo.error().toString()));
        const auto train = [&](const QString& path, const QString& trainer, const QVariantMap& parameters) {
            workflow::TrainRequest request;
            request.project = path;
            request.trainer = trainer;
            request.parameters = parameters;
            request.features.windowSeconds = 1.0;
            request.features.strideSeconds = 0.5;
            request.validation.folds = 2;
            const auto trained = workflow::train(request);
            QVERIFY2(trained, qPrintable(trained ? QString() : trained.error().toString()));
        };
        m_trained = m_folder.filePath(QStringLiteral("trained.ember"));
        QVERIFY(QFile::copy(*demo, m_trained));
        train(m_trained, QStringLiteral("trees.random-forest"), {{QStringLiteral("trees"), 5}});
        m_learner = m_folder.filePath(QStringLiteral("learner.ember"));
        QVERIFY(QFile::copy(*demo, m_learner));
        train(m_learner, QStringLiteral("linear.logistic"), {});
    }

    void fromAModelToABoardThatAgreesLive()
    {
        Workbench bench;
        QVERIFY(openTrained(bench, m_trained));
        QVERIFY(bench.shows(QStringLiteral("Not verified on this board yet")));
        // What the model costs alone is kept with its run, so that runs can be compared.
        const QString ref = QStringLiteral("%1#%2")
                                .arg(bench.project().project().path())
                                .arg(bench.project().project().runs().list()->front().model.value);
        const auto kept = [&ref](codegen::Optimise optimise) {
            codegen::Options options;
            options.optimise = optimise;
            return workflow::storedProfile(workflow::prepareDeployment(ref, kBoard, options).value());
        };
        QVERIFY(!kept(codegen::Optimise::Size));
        QVERIFY(bench.click(QStringLiteral("step-build")));
        QTRY_VERIFY2_WITH_TIMEOUT(kept(codegen::Optimise::Size), qPrintable(bench.visibleText()), kStepMs);
        QCOMPARE(kept(codegen::Optimise::Size)->source, footprint::CostSource::Emulated);
        QVERIFY(kept(codegen::Optimise::Size)->instructions.cost);
        QVERIFY(!kept(codegen::Optimise::Speed)); // what smaller code costs is not what faster code costs
        QTRY_VERIFY_WITH_TIMEOUT(bench.find(QStringLiteral("main-action"))->isEnabled(), kStepMs);
        // The board is to tell events as the desktop does.
        QVERIFY(!bench.find(QStringLiteral("events-patience")));
        QVERIFY(bench.click(QStringLiteral("deploy-events")));
        QTRY_VERIFY_WITH_TIMEOUT(bench.find(QStringLiteral("events-patience")), 30'000);
        bench.find<QSpinBox>(QStringLiteral("events-patience"))->setValue(1);
        const auto stored = [&bench](const char* field = "patience") {
            const dataset::Run run = bench.project().project().runs().list()->front();
            return run.scores.value(QLatin1String("events"))[QLatin1String("choice")][QLatin1String(field)].toInt();
        };
        QTRY_COMPARE_WITH_TIMEOUT(stored(), 1, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(bench.find(QStringLiteral("main-action"))->isEnabled(), 30'000);
        bench.find<QSpinBox>(QStringLiteral("events-dead-time"))->setValue(2); // Deploy takes it along
        QVERIFY(bench.click(QStringLiteral("main-action")));
        QVERIFY(!bench.find(QStringLiteral("main-action"))->isEnabled()); // not twice at once
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("label flips, bit exact")),
                                  qPrintable(bench.visibleText()), kStepMs);
        QCOMPARE(stored("dead_time"), 2);
        const QString said = bench.visibleText();
        const QRegularExpression events(QStringLiteral("(\\d+) events as on the desktop"));
        QVERIFY2(events.match(said).captured(1).toInt() > 5, qPrintable(said));
        QVERIFY2(said.contains(QRegularExpression(QStringLiteral("\\d+ files in activity-"))), qPrintable(said));
        QVERIFY2(said.contains(QRegularExpression(QStringLiteral("B flash, .*B RAM, [\\d,]+ instructions"))),
                 qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("build id confirmed")), qPrintable(said));
        // Time with what it assumes; energy says why it is not known.
        QVERIFY2(said.contains(QStringLiteral("1.4 cycles an instruction on Cortex-M4F")), qPrintable(said));
        QVERIFY2(said.contains(QRegularExpression(QStringLiteral("[\\d.]+ % of the time"))), qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("the board file has no supply current")), qPrintable(said));
        QVERIFY2(said.contains(QRegularExpression(QStringLiteral("\\d\\d\\d windows, 0 label flips"))),
                 qPrintable(said));

        // The proof and the costs are in the project, with their source.
        const dataset::Project& project = bench.project().project();
        const dataset::Run run = project.runs().list()->front();
        const auto proofs = project.models().verifications(run.model);
        QVERIFY(proofs && proofs->size() == 1);
        QCOMPARE(proofs->front().labelFlips, 0);
        QVERIFY(proofs->front().bitExact);
        QVERIFY(!kept(codegen::Optimise::Size)); // of code that tells events, it is not
        QVERIFY(QFile::exists(
            bench.path(QStringLiteral("activity-%1-%2").arg(project.models().get(run.model)->name, kBoard))));

        auto* button = bench.find<BundleButton>(QStringLiteral("deploy-export"));
        QVERIFY(button && button->isEnabled());
        QCOMPARE(static_cast<std::size_t>(button->menu()->actions().size()), codegen::bundleKinds().size());
        button->write(codegen::BundleKind::Arduino, bench.path(QStringLiteral("library.zip")));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("library.zip written")), qPrintable(bench.visibleText()),
                                  kStepMs);
        const auto exports = project.models().exports(run.model);
        QVERIFY(exports && exports->size() == 1);
        QCOMPARE(exports->front().kind, QStringLiteral("arduino"));

        QVERIFY2(bench.clickText(QStringLiteral("Show live")), qPrintable(bench.visibleText()));
        QCOMPARE(bench.window().currentPage(), QStringLiteral("deploy"));
        const QRegularExpression agreed(QStringLiteral("(\\d+) of (\\d+) windows agree in every vote"));
        const auto windows = [&] { return agreed.match(bench.visibleText()); };
        QTRY_VERIFY2_WITH_TIMEOUT(windows().hasMatch() && windows().captured(2).toInt() >= 3,
                                  qPrintable(bench.visibleText()), 60'000);
        const auto match = windows();
        QCOMPARE(match.captured(1), match.captured(2));
        QVERIFY(bench.shows(QStringLiteral("Desktop, same window")));
        QVERIFY(bench.devices().description()->model.has_value());
        QCOMPARE(bench.devices().description()->model->eventPatience, 1);
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("event begins: ")), qPrintable(bench.visibleText()),
                                  60'000);
    }

    void theConnectedBoardIsTaughtAndForgets()
    {
        Workbench bench;
        QVERIFY(openTrained(bench, m_learner));
        const auto showTab = [&bench](int index) {
            QTabBar* tabs = bench.find<QTabWidget>(QStringLiteral("deploy-tabs"))->tabBar();
            QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(index).center());
        };
        showTab(1);
        QVERIFY(!bench.find(QStringLiteral("learn-try"))->isEnabled());
        QVERIFY(bench.click(QStringLiteral("learn-wanted")));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.find(QStringLiteral("learn-try"))->isEnabled(), qPrintable(bench.visibleText()),
                                  30'000);
        QVERIFY(!bench.find(QStringLiteral("learn-teach"))->isEnabled()); // the board does not have this code yet
        QVERIFY(bench.click(QStringLiteral("step-flash")));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("build id confirmed")), qPrintable(bench.visibleText()),
                                  kStepMs);
        showTab(0);
        QVERIFY2(bench.clickText(QStringLiteral("Show live")), qPrintable(bench.visibleText()));
        QTRY_VERIFY_WITH_TIMEOUT(bench.devices().isStreaming(), kStepMs);
        showTab(1);
        QTRY_VERIFY2_WITH_TIMEOUT(bench.find(QStringLiteral("learn-teach"))->isEnabled(),
                                  qPrintable(bench.visibleText()), kStepMs);
        QVERIFY(bench.click(QStringLiteral("learn-teach")));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("Board, answers")), qPrintable(bench.visibleText()),
                                  kStepMs);
        const QString said = bench.visibleText();
        QVERIFY2(said.contains(QRegularExpression(QStringLiteral("all [\\d,]+ are the desktop's"))), qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("no weight changes by more than")), qPrintable(said));
        // Not from within a number: all places are counted where the expression fits.
        const QRegularExpression right(QStringLiteral("(?<![\\d.])[\\d.]+ % before, [\\d.]+ % after"));
        QCOMPARE(said.count(right), 3); // new and known ones on the desktop, new ones on the board
        QTRY_VERIFY_WITH_TIMEOUT(bench.devices().isStreaming(), kStepMs); // the link was given back
        QTRY_VERIFY(bench.find(QStringLiteral("learn-forget"))->isEnabled());
        QVERIFY(!bench.find(QStringLiteral("learn-keep"))->isEnabled()); // this board has no place for it
        QVERIFY(bench.click(QStringLiteral("learn-forget")));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("0 taught windows")), qPrintable(bench.visibleText()),
                                  kStepMs);
    }

    void aModelThatCannotLearnSaysWhy()
    {
        Workbench bench;
        QVERIFY(openTrained(bench, m_trained));
        auto* tabs = bench.find<QTabWidget>(QStringLiteral("deploy-tabs"));
        tabs->setCurrentIndex(1);
        QVERIFY(bench.click(QStringLiteral("learn-wanted")));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("This model cannot learn on the board: ")),
                                  qPrintable(bench.visibleText()), 30'000);
        QVERIFY2(bench.shows(QStringLiteral("linear classifiers learn")), qPrintable(bench.visibleText()));
        QVERIFY(!bench.find(QStringLiteral("learn-try"))->isEnabled());
        QVERIFY(bench.find(QStringLiteral("main-action"))->isEnabled()); // it can be deployed as it is
    }

    void aBoardWithKnownCurrentsSaysHowLongABatteryLasts()
    {
        Workbench bench;
        QVERIFY(openTrained(bench, m_trained));
        auto* board = bench.find<QComboBox>(QStringLiteral("deploy-board-choice"));
        board->setCurrentIndex(board->findData(QStringLiteral("nucleo-l476rg")));
        Q_EMIT board->activated(board->currentIndex());
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("mA, estimated")), qPrintable(bench.visibleText()),
                                  30'000);
        QVERIFY(!bench.shows(QStringLiteral("days, estimated")));
        auto* battery = bench.find<QSpinBox>(QStringLiteral("deploy-battery"));
        QVERIFY(battery);
        const auto days = [&bench] {
            const QRegularExpression lasts(QStringLiteral("([\\d,.]+) days, estimated"));
            return lasts.match(bench.visibleText()).captured(1).remove(QLatin1Char(',')).toDouble();
        };
        battery->setValue(220);
        QTRY_VERIFY2(days() > 0, qPrintable(bench.visibleText()));
        const double one = days();
        battery->setValue(440);
        QTRY_VERIFY2(std::abs(days() / one - 2) < 0.02, qPrintable(bench.visibleText())); // three digits are shown
        battery->setValue(0);
        QTRY_VERIFY(!bench.shows(QStringLiteral("days, estimated")));
    }

    void anEmulatorThatDiesWhileFlashingFailsTheStepAndTheNextTryWorks()
    {
        Workbench bench;
        QVERIFY(openTrained(bench, m_trained));
        // The real emulator, but its processor never runs: so there is time to pull the plug before it has booted.
        const QString qemu = QStandardPaths::findExecutable(QStringLiteral("qemu-system-arm"));
        QFile wrapper(bench.path(QStringLiteral("qemu-system-arm")));
        QVERIFY(wrapper.open(QIODevice::WriteOnly));
        wrapper.write("#!/bin/sh\nexec '" + qemu.toUtf8() + "' \"$@\" -S\n");
        wrapper.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        wrapper.close();
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", bench.path({}).toUtf8() + ':' + path);
        QVERIFY(bench.click(QStringLiteral("step-flash")));
        QVERIFY(QTest::qWaitFor(
            [] { return killChildren(QCoreApplication::applicationPid(), QStringLiteral("qemu-system-arm")) > 0; },
            kStepMs));
        qputenv("PATH", path);
        QTRY_VERIFY2_WITH_TIMEOUT(bench.find(QStringLiteral("step-flash"))->isEnabled(),
                                  qPrintable(bench.visibleText()), kStepMs);
        QVERIFY2(bench.shows(QStringLiteral("Flash · failed")), qPrintable(bench.visibleText()));
        QVERIFY2(!bench.shows(QStringLiteral("build id confirmed")), qPrintable(bench.visibleText()));

        QVERIFY(bench.click(QStringLiteral("step-flash")));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("build id confirmed")), qPrintable(bench.visibleText()),
                                  kStepMs);
    }

    void anEmulatorThatDiesWhileLiveIsSaidAndCanBeStartedAgain()
    {
        Workbench bench;
        QVERIFY(openTrained(bench, m_trained));
        QVERIFY2(bench.clickText(QStringLiteral("Show live inference")), qPrintable(bench.visibleText()));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("windows agree")), qPrintable(bench.visibleText()),
                                  kStepMs);
        QCOMPARE(killChildren(QCoreApplication::applicationPid(), QStringLiteral("qemu-system-arm")), 1);
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("has ended")), qPrintable(bench.visibleText()), 30'000);
        QVERIFY(bench.clickText(QStringLiteral("Start again")));
        QTRY_VERIFY_WITH_TIMEOUT(bench.devices().isStreaming(), kStepMs);
        QTRY_VERIFY(!bench.shows(QStringLiteral("has ended")));
    }

    void aModelForOtherRowsIsExplained()
    {
        // Imported rows are float32, a board's are int16: the board streams, and the page says why it does not infer.
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01"), QStringLiteral("s02")}));
        workflow::TrainRequest request;
        request.project = bench.project().path();
        request.trainer = QStringLiteral("trees.decision-tree");
        request.validation.folds = 2;
        QVERIFY(workflow::train(request));
        bench.project().announceChange();
        bench.window().showPage(QStringLiteral("deploy"));
        QTRY_VERIFY_WITH_TIMEOUT(
            bench.find(QStringLiteral("step-flash")) && bench.find(QStringLiteral("step-flash"))->isEnabled(), 30'000);
        QVERIFY(bench.click(QStringLiteral("step-flash")));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("build id confirmed")), qPrintable(bench.visibleText()),
                                  kStepMs);
        QVERIFY2(bench.clickText(QStringLiteral("Show live inference")), qPrintable(bench.visibleText()));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.devices().isStreaming(), qPrintable(bench.visibleText()), kStepMs);
        QTRY_VERIFY2(bench.shows(QStringLiteral("does not take what this board measures")),
                     qPrintable(bench.visibleText()));
        QTRY_VERIFY(bench.devices().live() && bench.devices().live()->endRow() > 20);
    }

private:
    QTemporaryDir m_folder;
    QString m_trained;
    QString m_learner;
};

EMBER_WORKBENCH_TEST_MAIN(TestDeployPage)
#include "tst_deploy_page.moc"
