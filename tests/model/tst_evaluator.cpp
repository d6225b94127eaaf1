// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/evaluator.h"
#include "core/model/model_file.h"
#include "core/model/tree_tools.h"
#include "core/signal/npy.h"
#include "tests/model/random_trees.h"

#include <QFile>
#include <QTest>

#include <cmath>
#include <limits>

using namespace ember;
using namespace ember::model;

namespace {

QString dataPath(const QString& name)
{
    return QStringLiteral(EMBERLAB_TEST_DATA "/models/") + name;
}

std::vector<float> floats(const QString& name)
{
    const auto array = signal::readNpy(dataPath(name));
    return array ? array->toFloat() : std::vector<float>();
}

float largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    float largest = a.size() == b.size() ? 0.0f : std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

// A single tree node with one leaf for each side, as a regressor of one value: what it answers says which way it went.
float branch(BranchMode mode, float threshold, bool missingGoesTrue, float value)
{
    TreeEnsemble e;
    e.classifier = false;
    e.featureCount = 1;
    e.targets = 1;
    e.roots = {0};
    e.nodes = {{mode, missingGoesTrue, 0, threshold, 1, 2, -1}, {}, {}};
    e.nodes[1].leaf = 0;
    e.nodes[2].leaf = 1;
    e.leafValues = {1.0f, 0.0f};
    Model m;
    m.graph.inputs = {{"x", TensorType::Float32, {-1, 1}}};
    m.graph.outputs = {{"y", TensorType::Float32, {-1, 1}}};
    m.graph.nodes = {{"trees", e, {"x"}, {"y"}}};
    const auto result = evaluate(m, std::span<const float>(&value, 1));
    return result ? result->scores.front() : -1.0f;
}

// One leaf per tree with the given rows: the sum, the base values and the transform are all that is left.
Model constantForest(const std::vector<std::vector<float>>& rows, PostTransform transform, Aggregate aggregate,
                     std::vector<float> base = {})
{
    TreeEnsemble e;
    e.classifier = false;
    e.featureCount = 1;
    e.targets = static_cast<qint32>(rows.front().size());
    e.aggregate = aggregate;
    e.postTransform = transform;
    e.baseValues = std::move(base);
    for (std::size_t t = 0; t < rows.size(); ++t) {
        e.roots.push_back(static_cast<qint32>(t));
        TreeNode leaf;
        leaf.leaf = static_cast<qint32>(t);
        e.nodes.push_back(leaf);
        e.leafValues.insert(e.leafValues.end(), rows[t].begin(), rows[t].end());
    }
    Model m;
    m.graph.inputs = {{"x", TensorType::Float32, {-1, 1}}};
    m.graph.outputs = {{"y", TensorType::Float32, {-1, e.targets}}};
    m.graph.nodes = {{"trees", e, {"x"}, {"y"}}};
    return m;
}

std::vector<float> answer(const Model& model)
{
    const float x = 0;
    const auto result = evaluate(model, std::span<const float>(&x, 1));
    return result ? result->scores : std::vector<float>();
}

} // namespace

class TestEvaluator : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agreesWithScikitLearnOnTheDigits_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("expected");
        QTest::newRow("tree") << "digits_dt8.onnx"
                              << "digits_dt8";
        QTest::newRow("tree, float input") << "digits_dt8_float.onnx"
                                           << "digits_dt8";
        QTest::newRow("forest") << "digits_rf10.onnx"
                                << "digits_rf10";
        QTest::newRow("extra trees") << "digits_et10.onnx"
                                     << "digits_et10";
    }
    void agreesWithScikitLearnOnTheDigits()
    {
        QFETCH(QString, model);
        QFETCH(QString, expected);
        const auto loaded = loadModel(dataPath(model));
        QVERIFY2(loaded, qPrintable(loaded ? QString() : loaded.error().toString()));
        const std::vector<float> rows = floats(QStringLiteral("digits_test_X_int32.npy"));
        const auto labels =
            signal::readNpy(dataPath(expected + QStringLiteral("_expected_label.npy")))->toInt32().value();
        for (const Rounding rounding : {Rounding::Single, Rounding::Double}) {
            const auto result = evaluate(*loaded, rows, rounding);
            QVERIFY(result);
            QCOMPARE(result->rows(), std::size_t(450));
            QCOMPARE(result->winners, labels);
            QVERIFY(largestDifference(result->scores, floats(expected + QStringLiteral("_expected_prob.npy"))) < 1e-5f);
        }
    }

    void agreesWithScikitLearnOnIris()
    {
        const Model model = loadModel(dataPath(QStringLiteral("rf_iris.onnx"))).value();
        const auto result = evaluate(model, floats(QStringLiteral("rf_iris.iris_input.npy"))).value();
        const auto labels =
            signal::readNpy(dataPath(QStringLiteral("rf_iris.iris_expected_label.npy")))->toInt32().value();
        QCOMPARE(result.winners, labels);
        QVERIFY(largestDifference(result.scores, floats(QStringLiteral("rf_iris.iris_expected_probabilities.npy"))) <
                1e-5f);
        QCOMPARE(model.classNames, (QStringList{QStringLiteral("0"), QStringLiteral("1"), QStringLiteral("2")}));
    }

    void agreesWithRecordedAnswers_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QStringList>("labels");
        const auto row = [](const char* folder, const QString& labels) {
            QTest::newRow(folder) << QString::fromLatin1(folder) << labels.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        };
        row("sklearn/SklearnBinDecisionTreeClassifier", QStringLiteral("A B A"));
        row("sklearn/SklearnBinRandomForestClassifier", QStringLiteral("A A A"));
        row("sklearn/SklearnBinGradientBoostingClassifier", QStringLiteral("A B A"));
        row("sklearn/SklearnMclDecisionTreeClassifier", QStringLiteral("0 1 2 1 1 2"));
        row("sklearn/SklearnMclRandomForestClassifier", QStringLiteral("0 1 2 1 1 2"));
        row("sklearn/SklearnOneDecisionTreeClassifier", QStringLiteral("1 1 1"));
        row("sklearn/SklearnMRgDecisionTreeRegressor", QString());
        row("sklearn/SklearnMRgRandomForestRegressor", QString());
        row("sklearn/SklearnRegExtraTreesRegressor", QString());
        row("sklearn/SklearnRegRandomForestRegressor", QString());
        row("xgboost_classifier_tree", QStringLiteral("0"));
    }
    void agreesWithRecordedAnswers()
    {
        QFETCH(QString, folder);
        QFETCH(QStringList, labels);
        const auto model = loadModel(dataPath(folder + QStringLiteral("/model.onnx")));
        QVERIFY2(model, qPrintable(model ? QString() : model.error().toString()));
        const auto result = evaluate(*model, floats(folder + QStringLiteral("/input.npy"))).value();
        QStringList winners;
        for (const qint32 winner : result.winners)
            winners << model->classNames[winner];
        QCOMPARE(winners, labels);
        const bool classifier = QFile::exists(dataPath(folder + QStringLiteral("/expected_1.npy")));
        const auto expected =
            floats(folder + (classifier ? QStringLiteral("/expected_1.npy") : QStringLiteral("/expected_0.npy")));
        QVERIFY(largestDifference(result.scores, expected) < 1e-5f * std::max(1.0f, std::abs(expected[0])));
    }

    void comparisonsAndMissingValues()
    {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        struct Case
        {
            BranchMode mode;
            float below, equal, above;
        };
        for (const Case& c : {Case{BranchMode::LessOrEqual, 1, 1, 0}, Case{BranchMode::Less, 1, 0, 0},
                              Case{BranchMode::GreaterOrEqual, 0, 1, 1}, Case{BranchMode::Greater, 0, 0, 1},
                              Case{BranchMode::Equal, 0, 1, 0}, Case{BranchMode::NotEqual, 1, 0, 1}}) {
            QCOMPARE(branch(c.mode, 2.0f, false, 1.0f), c.below);
            QCOMPARE(branch(c.mode, 2.0f, false, 2.0f), c.equal);
            QCOMPARE(branch(c.mode, 2.0f, false, 3.0f), c.above);
            QCOMPARE(branch(c.mode, 2.0f, true, nan), 1.0f);
            QCOMPARE(branch(c.mode, 2.0f, false, nan), c.mode == BranchMode::NotEqual ? 1.0f : 0.0f);
        }
    }

    void aggregatesAndBaseValues()
    {
        const std::vector<std::vector<float>> rows{{1, -2}, {4, 6}, {1, 2}};
        QCOMPARE(answer(constantForest(rows, PostTransform::None, Aggregate::Sum, {10, 20})),
                 (std::vector<float>{16, 26}));
        QCOMPARE(answer(constantForest(rows, PostTransform::None, Aggregate::Average, {10, 20})),
                 (std::vector<float>{12, 22}));
        QCOMPARE(answer(constantForest(rows, PostTransform::None, Aggregate::Minimum)), (std::vector<float>{1, -2}));
        QCOMPARE(answer(constantForest(rows, PostTransform::None, Aggregate::Maximum)), (std::vector<float>{4, 6}));
    }

    void transforms()
    {
        const std::vector<std::vector<float>> rows{{1.5f, 0.0f, -3.0f}};
        const double sum = std::exp(1.5) + 1 + std::exp(-3.0);
        const auto soft = answer(constantForest(rows, PostTransform::Softmax, Aggregate::Sum));
        QVERIFY(largestDifference(soft, {float(std::exp(1.5) / sum), float(1 / sum), float(std::exp(-3.0) / sum)}) <
                1e-6f);
        const auto zero = answer(constantForest(rows, PostTransform::SoftmaxZero, Aggregate::Sum));
        QVERIFY(largestDifference(zero, {float(std::exp(1.5) / (sum - 1)), 0.0f, float(std::exp(-3.0) / (sum - 1))}) <
                1e-6f);
        const auto logistic = answer(constantForest(rows, PostTransform::Logistic, Aggregate::Sum));
        QVERIFY(largestDifference(logistic, {float(1 / (1 + std::exp(-1.5))), 0.5f, float(1 / (1 + std::exp(3.0)))}) <
                1e-6f);
        // Quantiles of the normal distribution from tables.
        const auto probit = answer(constantForest({{0.5f, 0.975f, 0.01f}}, PostTransform::Probit, Aggregate::Sum));
        QVERIFY(largestDifference(probit, {0.0f, 1.959964f, -2.326348f}) < 1e-5f);
        const auto huge = answer(constantForest({{1000.0f, -1000.0f}}, PostTransform::Logistic, Aggregate::Sum));
        QCOMPARE(huge, (std::vector<float>{1.0f, 0.0f}));
    }

    void theFirstOfEqualScoresWins()
    {
        TreeEnsemble e;
        e.featureCount = 1;
        e.targets = 3;
        e.roots = {0};
        e.nodes.resize(1);
        e.nodes[0].leaf = 0;
        e.leafValues = {0.25f, 0.375f, 0.375f};
        const QStringList names{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")};
        const float x = 0;
        QCOMPARE(evaluate(makeClassifier(e, names, {}), std::span<const float>(&x, 1))->winners,
                 (std::vector<qint32>{1}));
    }

    void rowsMustBeWhole()
    {
        const Model model = loadModel(dataPath(QStringLiteral("rf_iris.onnx"))).value();
        const std::vector<float> five(5, 1.0f);
        const auto result = evaluate(model, five);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Usage);
        QCOMPARE(evaluate(model, {})->rows(), std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(TestEvaluator)
#include "tst_evaluator.moc"
