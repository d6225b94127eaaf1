// SPDX-License-Identifier: GPL-3.0-or-later
// Every trainer beside the forests as users meet it: in a worker process, on real digits, as an ONNX file.
#include "core/learn/job_runner.h"
#include "core/learn/metrics.h"
#include "core/learn/table.h"
#include "core/model/evaluator.h"
#include "core/model/graph_builder.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"

#include <QTest>

#include <algorithm>
#include <functional>

using namespace ember;
using namespace ember::learn;

namespace {

Result<JobResult> train(const QString& trainer, const Matrix& matrix, const QVariantMap& parameters)
{
    RunnerOptions options;
    options.program = QStringLiteral(EMBERLAB_TEST_WORKER);
    TrainingRequest request;
    request.trainer = trainer;
    request.parameters = parameters;
    request.seed = 7;
    return trainInWorker(request, matrix, options);
}

QVariantMap settings(const QString& text)
{
    QVariantMap map;
    for (const QString& pair : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const QString value = pair.section(QLatin1Char('='), 1);
        bool isNumber = false;
        const double number = value.toDouble(&isNumber);
        map.insert(pair.section(QLatin1Char('='), 0, 0), isNumber ? QVariant(number) : QVariant(value));
    }
    return map;
}

double accuracyOf(const model::Evaluation& evaluation, const Matrix& matrix)
{
    return metricsOf(Confusion::of(matrix.labels, evaluation.winners, static_cast<int>(matrix.classNames.size())))
        .accuracy;
}

// `count` real digits, then as many whose last pixels are in reverse order.
Matrix withStrangers(const Matrix& matrix, std::size_t count)
{
    Matrix all;
    all.columns = matrix.columns;
    all.featureNames = matrix.featureNames;
    for (std::size_t row = 0; row < count * 2; ++row) {
        const auto first = matrix.features.begin() + static_cast<std::ptrdiff_t>(row * matrix.columns);
        all.features.insert(all.features.end(), first, first + static_cast<std::ptrdiff_t>(matrix.columns));
        if (row >= count) // its pixels in another order
            std::reverse(all.features.end() - static_cast<std::ptrdiff_t>(matrix.columns / 2 + 13), all.features.end());
    }
    return all;
}

} // namespace

class TestTrainers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_digits = readTable(QStringLiteral(EMBERLAB_TEST_DATA "/tables/digits_train.csv")).value();
        m_test = readTable(QStringLiteral(EMBERLAB_TEST_DATA "/tables/digits_test.csv")).value();
    }

    void classifiersLearnDigits_data()
    {
        QTest::addColumn<QString>("trainer");
        QTest::addColumn<QString>("parameters");
        QTest::addColumn<double>("atLeast"); // some points below what it reaches, to notice a break
        QTest::newRow("bayes") << "bayes.gaussian"
                               << "" << 0.79;
        QTest::newRow("logistic") << "linear.logistic"
                                  << "" << 0.95;
        QTest::newRow("ridge") << "linear.ridge"
                               << "" << 0.91;
        QTest::newRow("sefr") << "linear.sefr"
                              << "" << 0.80;
        QTest::newRow("svm rbf") << "kernel.svm"
                                 << "" << 0.96;
        QTest::newRow("svm linear") << "kernel.svm"
                                    << "kernel=linear" << 0.95;
        QTest::newRow("svm polynomial") << "kernel.svm"
                                        << "kernel=polynomial coef0=1" << 0.95;
        QTest::newRow("rvm") << "kernel.rvm"
                             << "candidates=60" << 0.88;
        QTest::newRow("boosting") << "trees.gradient-boosting"
                                  << "rounds=30" << 0.89;
        QTest::newRow("knn") << "neighbours.knn"
                             << "" << 0.94;
        QTest::newRow("knn condensed") << "neighbours.knn"
                                       << "k=1 condense=hart" << 0.90;
        QTest::newRow("knn weighted") << "neighbours.knn"
                                      << "weights=distance metric=manhattan" << 0.94;
        QTest::newRow("protonn") << "neighbours.protonn"
                                 << "max-iterations=100" << 0.92;
        QTest::newRow("bonsai") << "trees.bonsai"
                                << "max-iterations=150" << 0.90;
        QTest::newRow("gmm full") << "mixture.gmm"
                                  << "" << 0.93;
        QTest::newRow("gmm diagonal") << "mixture.gmm"
                                      << "components=3 covariance=diagonal" << 0.86;
        QTest::newRow("gmm spherical") << "mixture.gmm"
                                       << "components=3 covariance=spherical" << 0.86;
        QTest::newRow("gmm tied") << "mixture.gmm"
                                  << "components=2 covariance=tied" << 0.93;
        QTest::newRow("k-means") << "mixture.kmeans"
                                 << "" << 0.91;
    }
    void classifiersLearnDigits()
    {
        QFETCH(QString, trainer);
        QFETCH(QString, parameters);
        QFETCH(double, atLeast);
        const auto one = train(trainer, m_digits, settings(parameters));
        QVERIFY2(one, qPrintable(one ? QString() : one.error().toString()));
        const auto evaluation = model::evaluate(one->model, m_test.features);
        QVERIFY2(evaluation, qPrintable(evaluation ? QString() : evaluation.error().toString()));
        const double accuracy = accuracyOf(*evaluation, m_test);
        QVERIFY2(accuracy > atLeast, qPrintable(QString::number(accuracy)));

        const auto two = train(trainer, m_digits, settings(parameters));
        const QByteArray bytes = model::writeOnnx(one->model).value();
        QVERIFY2(bytes == model::writeOnnx(two->model).value(), "the same seed, another model");
        const auto back = model::readOnnx(bytes);
        QVERIFY2(back, qPrintable(back ? QString() : back.error().toString()));
        const auto again = model::evaluate(*back, m_test.features).value();
        QVERIFY(again.scores == evaluation->scores && again.winners == evaluation->winners);
    }

    void detectorsFindStrangers_data()
    {
        QTest::addColumn<QString>("trainer");
        QTest::addColumn<QString>("parameters");
        QTest::newRow("isolation forest") << "trees.isolation-forest"
                                          << "contamination=0.1";
        QTest::newRow("one-class svm") << "kernel.one-class-svm"
                                       << "nu=0.1";
        QTest::newRow("gmm") << "mixture.gmm"
                             << "contamination=0.1 covariance=diagonal components=4";
        QTest::newRow("k-means") << "mixture.kmeans"
                                 << "contamination=0.1";
        QTest::newRow("elliptic") << "mixture.elliptic"
                                  << "contamination=0.1 regularisation=0.01";
        QTest::newRow("autoencoder") << "neural.autoencoder"
                                     << "contamination=0.1 hidden=24,8 epochs=30";
    }
    void detectorsFindStrangers()
    {
        QFETCH(QString, trainer);
        QFETCH(QString, parameters);
        Matrix normal = m_digits;
        normal.labels.clear();
        normal.classNames.clear();
        const auto trained = train(trainer, normal, settings(parameters));
        QVERIFY2(trained, qPrintable(trained ? QString() : trained.error().toString()));
        QCOMPARE(trained->model.classNames, (QStringList{QStringLiteral("normal"), QStringLiteral("anomaly")}));
        const auto own = model::evaluate(trained->model, normal.features).value();
        const auto found = static_cast<double>(std::count(own.winners.begin(), own.winners.end(), 1));
        QVERIFY2(std::abs(found / static_cast<double>(normal.rows()) - 0.1) < 0.02, qPrintable(QString::number(found)));

        const auto seen = model::evaluate(trained->model, withStrangers(m_test, 200).features).value();
        std::vector<double> scores;
        std::vector<bool> strange;
        for (std::size_t row = 0; row < seen.rows(); ++row) {
            scores.push_back(static_cast<double>(seen.row(row)[1]));
            strange.push_back(row >= 200);
        }
        const double auc = rocAuc(scores, strange).value();
        QVERIFY2(auc > 0.8, qPrintable(QString::number(auc)));
        const auto back = model::readOnnx(model::writeOnnx(trained->model).value());
        QVERIFY2(back, qPrintable(back ? QString() : back.error().toString()));
        QVERIFY(model::evaluate(*back, normal.features)->winners == own.winners);

        // Moved to the score that a tenth as many lie above, the threshold lets just those through.
        std::vector<double> ownScores;
        for (std::size_t row = 0; row < own.rows(); ++row)
            ownScores.push_back(static_cast<double>(own.row(row)[1]) - static_cast<double>(own.row(row)[0]));
        std::sort(ownScores.begin(), ownScores.end(), std::greater<>());
        model::Model moved = trained->model;
        QVERIFY(model::moveThreshold(moved, static_cast<float>(ownScores[normal.rows() / 100])));
        const auto stricter = model::evaluate(moved, normal.features).value();
        const auto rest = std::count(stricter.winners.begin(), stricter.winners.end(), 1);
        QVERIFY2(std::abs(static_cast<double>(rest) / static_cast<double>(normal.rows()) - 0.01) < 0.003,
                 qPrintable(QString::number(rest)));
    }

    void regressorsLearnACurve_data()
    {
        QTest::addColumn<QString>("trainer");
        QTest::addColumn<QString>("parameters");
        QTest::addColumn<double>("atLeast");
        QTest::newRow("boosting") << "trees.gradient-boosting"
                                  << "" << 0.95;
        QTest::newRow("svm") << "kernel.svm"
                             << "epsilon=0.05 c=10" << 0.97;
        QTest::newRow("rvm") << "kernel.rvm"
                             << "" << 0.97;
        QTest::newRow("knn") << "neighbours.knn"
                             << "" << 0.95;
        QTest::newRow("knn weighted") << "neighbours.knn"
                                      << "weights=distance" << 0.95;
        QTest::newRow("tree") << "trees.decision-tree"
                              << "" << 0.95;
        QTest::newRow("forest") << "trees.random-forest"
                                << "max-features=all" << 0.97;
        QTest::newRow("extra trees") << "trees.extra-trees"
                                     << "max-features=all" << 0.97;
        QTest::newRow("mlp") << "neural.mlp"
                             << "" << 0.97;
        QTest::newRow("ridge") << "linear.ridge"
                               << "" << 0.5; // the curve is not straight
    }
    void regressorsLearnACurve()
    {
        QFETCH(QString, trainer);
        QFETCH(QString, parameters);
        QFETCH(double, atLeast);
        const auto curve = [](int rows, double offset) {
            Matrix matrix;
            matrix.columns = 2;
            for (int i = 0; i < rows; ++i) {
                const double x = -2 + 4 * (i + offset) / rows, y = std::fmod(i * 0.618, 1.0);
                matrix.features.insert(matrix.features.end(), {static_cast<float>(x), static_cast<float>(y)});
                matrix.targets.push_back(static_cast<float>(3 * std::sin(x) + y + 20));
            }
            return matrix;
        };
        const Matrix test = curve(157, 0.5);
        const auto trained = train(trainer, curve(300, 0), settings(parameters));
        QVERIFY2(trained, qPrintable(trained ? QString() : trained.error().toString()));
        const auto evaluation = model::evaluate(trained->model, test.features).value();
        QVERIFY(evaluation.winners.empty());
        const RegressionMetrics metrics = regressionMetricsOf(test.targets, evaluation.scores);
        QVERIFY2(metrics.r2 > atLeast, qPrintable(QString::number(metrics.r2)));
        const auto back = model::readOnnx(model::writeOnnx(trained->model).value());
        QVERIFY2(back, qPrintable(back ? QString() : back.error().toString()));
        QVERIFY(model::evaluate(*back, test.features)->scores == evaluation.scores);
    }

    // A fold may lack a class: it keeps its name and never wins.
    void aClassWithoutRowsNeverWins_data() { classifiersLearnDigits_data(); }
    void aClassWithoutRowsNeverWins()
    {
        QFETCH(QString, trainer);
        QFETCH(QString, parameters);
        std::vector<qsizetype> rows;
        for (std::size_t row = 0; row < m_digits.rows(); ++row) {
            if (m_digits.labels[row] != 4 && row % 3 == 0)
                rows.push_back(static_cast<qsizetype>(row));
        }
        const auto trained = train(trainer, m_digits.select(rows), settings(parameters));
        QVERIFY2(trained, qPrintable(trained ? QString() : trained.error().toString()));
        QCOMPARE(trained->model.classNames, m_digits.classNames);
        const auto evaluation = model::evaluate(trained->model, m_test.features).value();
        QCOMPARE(std::count(evaluation.winners.begin(), evaluation.winners.end(), 4), 0);
        QVERIFY(accuracyOf(evaluation, m_test) > 0.6);
    }

private:
    Matrix m_digits, m_test;
};

QTEST_GUILESS_MAIN(TestTrainers)
#include "tst_trainers.moc"
