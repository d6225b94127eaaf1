// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/validation.h"
#include "tests/learn/small_matrix.h"

#include <QTest>

using namespace ember;
using namespace ember::learn;

namespace {

RunnerOptions workerOptions()
{
    RunnerOptions options;
    options.program = QStringLiteral(EMBERLAB_TEST_WORKER);
    return options;
}

dataset::Fold fold(std::vector<qsizetype> train, std::vector<qsizetype> test)
{
    dataset::Fold f;
    f.train = std::move(train);
    f.test = std::move(test);
    return f;
}

// Rows 0..11 in three groups of four.
std::vector<dataset::Fold> threeFolds()
{
    std::vector<dataset::Fold> folds;
    for (qsizetype group = 0; group < 3; ++group) {
        dataset::Fold f;
        for (qsizetype row = 0; row < 12; ++row)
            (row / 4 == group ? f.test : f.train).push_back(row);
        f.testGroups = QStringList{QStringLiteral("s%1").arg(group)};
        folds.push_back(f);
    }
    return folds;
}

} // namespace

class TestValidation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("EMBERLAB_PLUGINS", EMBERLAB_TEST_PLUGINS "/misbehaving");
        qputenv("EMBERLAB_PLUGIN_PATH", EMBERLAB_TEST_PLUGINS "/template");
    }

    void everyRowIsPredictedByAModelThatHasNotSeenIt()
    {
        TrainingRequest request;
        request.trainer = QStringLiteral("template.one-rule");
        double last = -1;
        bool ascending = true;
        const auto report =
            crossValidate(request, test::smallMatrix(12, 3), threeFolds(), workerOptions(), [&](const Progress& p) {
                ascending = ascending && p.fraction >= last;
                last = p.fraction;
            });
        QVERIFY2(report, qPrintable(report ? QString() : report.error().toString()));
        QVERIFY(ascending);
        QCOMPARE(report->rows.size(), std::size_t(12));
        QCOMPARE(report->predicted, (std::vector<qint32>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}));
        QCOMPARE(report->metrics.accuracy, 1.0);
        QCOMPARE(report->folds.size(), std::size_t(3));
        QCOMPARE(report->folds[1].testGroups, QStringList{QStringLiteral("s1")});
        QCOMPARE(report->groups.size(), std::size_t(3));
        QCOMPARE(report->groups[2].group, QStringLiteral("s2"));
        QCOMPARE(report->groups[2].rows, 4);
        QCOMPARE(report->macroF195.low, 1.0);
    }

    // The constant trainer is right for half of the rows in every group; groups do not differ, so nothing varies.
    void scoresArePooled()
    {
        TrainingRequest request;
        request.trainer = QStringLiteral("fixture.good");
        const auto report = crossValidate(request, test::smallMatrix(12, 3), threeFolds(), workerOptions()).value();
        QCOMPARE(report.metrics.accuracy, 0.5);
        QCOMPARE(report.metrics.macroF1, (2.0 / 3) / 2);
        QCOMPARE(report.metrics.confusion.count(1, 0), 6);
        QCOMPARE(report.accuracy95.low, 0.5);
        QCOMPARE(report.accuracy95.high, 0.5);
        QCOMPARE(report.folds[0].accuracy, 0.5);
    }

    void aFoldThatFailsIsNamed()
    {
        TrainingRequest request;
        request.trainer = QStringLiteral("fixture.fail");
        const auto report = crossValidate(request, test::smallMatrix(12, 3), threeFolds(), workerOptions());
        QCOMPARE(report.error().kind, ErrorKind::Usage);
        QVERIFY(report.error().trail.join(QLatin1Char(' ')).contains(QStringLiteral("fold 1 of 3")));
    }

    void leaksAreRefused()
    {
        const Matrix m = test::smallMatrix(12, 3);
        QVERIFY(validate(fold({0, 1, 2, 3}, {4, 5}), m));
        const Status row = validate(fold({0, 1, 4}, {4, 5}), m);
        QCOMPARE(row.error().kind, ErrorKind::Usage);
        QVERIFY(row.error().message.contains(QStringLiteral("row 4")));
        const Status group = validate(fold({0, 1}, {2, 5}), m);
        QVERIFY(group.error().message.contains(QStringLiteral("'s0'")));
        dataset::Fold mixed = fold({0, 1}, {2, 5});
        mixed.mixesGroups = true; // said openly
        QVERIFY(validate(mixed, m));
        QVERIFY(!validate(fold({}, {1}), m));
        QVERIFY(!validate(fold({0}, {}), m));
        QVERIFY(!validate(fold({0}, {12}), m));
        QVERIFY(!validate(fold({-1}, {5}), m));
        QVERIFY(!crossValidate({}, m, {}, workerOptions()));
    }

    void predictionsOfOthersCanBeScored()
    {
        const Matrix m = test::smallMatrix(8, 2);
        const auto report = scorePredictions(m, {0, 1, 2, 7}, {0, 1, 1, 1}).value();
        QCOMPARE(report.metrics.accuracy, 0.75);
        QCOMPARE(report.groups[0].rows, 3);
        QVERIFY(!scorePredictions(m, {0, 1}, {0}));
        QVERIFY(!scorePredictions(m, {0, 1}, {0, 2}));
        QVERIFY(!scorePredictions(m, {0, 8}, {0, 1}));
    }

    // The threshold lets through as many normal rows as are allowed, and no more.
    void thresholdsKeepTheirFalseAlarms()
    {
        Matrix m = test::smallMatrix(12, 3);
        m.classNames = {QStringLiteral("normal"), QStringLiteral("anomaly")};
        m.labels = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1};
        ValidationReport report;
        report.task = plugin::Task::Anomaly;
        report.targets = 2;
        for (int row = 0; row < 12; ++row) {
            report.rows.push_back(row);
            report.scores.push_back(0);
            report.scores.push_back(static_cast<float>(row)); // the score is the row's number
        }
        for (const auto& [share, alarms] : {std::pair{0.0, 0}, {0.13, 1}, {0.25, 2}, {0.9, 7}}) {
            const double threshold = thresholdFor(report, m, share).value();
            const ValidationReport moved = withThreshold(report, m, threshold).value();
            QCOMPARE(moved.metrics.confusion.count(0, 1), alarms);
            QCOMPARE(moved.metrics.confusion.count(1, 1), 4);
        }
        QVERIFY(!thresholdFor(report, m, 1.0));
        QVERIFY(!thresholdFor(report, m, -0.1));
        QCOMPARE(trainingPart(m, {7, 8, 9}, plugin::Task::Anomaly)->rows(), std::size_t(1));
        QVERIFY(trainingPart(m, {7, 8, 9}, plugin::Task::Anomaly)->labels.empty());
        QVERIFY(!trainingPart(m, {8, 9}, plugin::Task::Anomaly));
    }
};

QTEST_GUILESS_MAIN(TestValidation)
#include "tst_validation.moc"
