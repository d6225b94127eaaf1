// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/evaluator.h"
#include "core/model/model_file.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "tests/model/random_trees.h"

#include <QCryptographicHash>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>

using namespace ember;
using namespace ember::model;
using namespace ember::model::test;

namespace {

QStringList classNames(int count)
{
    QStringList names;
    for (int i = 0; i < count; ++i)
        names << QStringLiteral("class %1 \u00e4").arg(i);
    return names;
}

Model regressor(TreeEnsemble ensemble)
{
    Model m;
    m.graph.name = "r";
    m.graph.inputs = {{"x", TensorType::Float32, {-1, ensemble.featureCount}}};
    m.graph.outputs = {{"y", TensorType::Float32, {-1, ensemble.targets}}};
    m.graph.nodes = {{"trees", std::move(ensemble), {"x"}, {"y"}}};
    return m;
}

std::vector<float> randomRows(RandomTrees& random, int rows, int features)
{
    std::vector<float> values;
    for (int i = 0; i < rows * features; ++i)
        values.push_back(random.generator().bounded(20) == 0 ? std::numeric_limits<float>::quiet_NaN()
                                                             : random.number());
    return values;
}

QByteArray fileBytes(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestOnnx : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void classifiersComeBackAsTheyWere()
    {
        RandomTrees random(11);
        for (int round = 0; round < 60; ++round) {
            RandomTreesOptions options;
            options.trees = 1 + round % 7;
            options.targets = 3 + round % 4;
            options.allModes = round % 2 == 0;
            Model original = makeClassifier(random.make(options), classNames(options.targets), {});
            auto& trees = std::get<TreeEnsemble>(original.graph.nodes[0].operation);
            trees.postTransform = static_cast<PostTransform>(round % 5);
            if (round % 3 == 0)
                trees.baseValues.assign(std::size_t(options.targets), random.number());
            original.featureNames = {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c\"d"), QString(),
                                     QStringLiteral("e")};
            original.properties = {{QStringLiteral("emberlab.seed"), QStringLiteral("7")},
                                   {QStringLiteral("a"), QStringLiteral("\u2265")}};

            const QByteArray bytes = writeOnnx(original).value();
            const auto back = readOnnx(bytes);
            QVERIFY2(back, qPrintable(back ? QString() : back.error().toString()));
            QVERIFY(sameEnsemble(treesOf(*back), trees));
            QCOMPARE(back->classNames, original.classNames);
            QCOMPARE(back->featureNames, original.featureNames);
            QCOMPARE(back->properties, original.properties);
            QCOMPARE(writeOnnx(*back).value(), bytes);

            const auto rows = randomRows(random, 50, options.features);
            QCOMPARE(evaluate(*back, rows)->scores, evaluate(original, rows)->scores);
        }
    }

    void regressorsComeBackAsTheyWere()
    {
        RandomTrees random(12);
        for (int round = 0; round < 40; ++round) {
            RandomTreesOptions options;
            options.classifier = false;
            options.targets = 1 + round % 3;
            TreeEnsemble trees = random.make(options);
            trees.aggregate = static_cast<Aggregate>(round % 4);
            const Model original = regressor(trees);
            const QByteArray bytes = writeOnnx(original).value();
            const Model back = readOnnx(bytes).value();
            QVERIFY(sameEnsemble(treesOf(back), trees));
            QCOMPARE(writeOnnx(back).value(), bytes);
        }
    }

    // Other runtimes take "score of the second class above zero" for the label unless the one-column form is used.
    void twoClassForestsAreWrittenInOneColumn()
    {
        RandomTrees random(13);
        RandomTreesOptions options;
        options.targets = 2;
        options.trees = 5;
        TreeEnsemble trees = random.make(options);
        const float whole = 1.0f / 5.0f;
        for (std::size_t i = 0; i < trees.leafValues.size(); i += 2) {
            trees.leafValues[i + 1] = float(random.generator().bounded(8)) / 7.0f * whole;
            trees.leafValues[i] = whole - trees.leafValues[i + 1];
        }
        shareEqualLeaves(trees);
        QVERIFY(isShareForest(trees));
        const Model original = makeClassifier(trees, classNames(2), {});
        const QByteArray bytes = writeOnnx(original).value();
        const Model back = readOnnx(bytes).value();
        QVERIFY(sameEnsemble(treesOf(back), trees));
        const auto leaves =
            std::count_if(trees.nodes.begin(), trees.nodes.end(), [](const TreeNode& n) { return n.leaf >= 0; });
        const auto inner = qint64(trees.nodes.size()) - leaves;
        // One number for each leaf, and one threshold for every node.
        QCOMPARE(summariseOnnx(bytes)->parameters, leaves + (leaves + inner));

        // Margins, with and without a base value, take the same form.
        TreeEnsemble margins = random.make(options);
        margins.postTransform = PostTransform::Logistic;
        for (const bool withBase : {false, true}) {
            for (std::size_t i = 0; i < margins.leafValues.size(); i += 2)
                margins.leafValues[i] = -margins.leafValues[i + 1];
            margins.baseValues = withBase ? std::vector<float>{-0.5f, 0.5f} : std::vector<float>{};
            shareEqualLeaves(margins);
            QVERIFY(isMarginForest(margins));
            const Model read = readOnnx(writeOnnx(makeClassifier(margins, classNames(2), {})).value()).value();
            QVERIFY(sameEnsemble(treesOf(read), margins));
        }

        // Any other two-class ensemble keeps both columns.
        trees.leafValues[0] += 0.5f;
        QVERIFY(!isShareForest(trees));
        QVERIFY(sameEnsemble(treesOf(readOnnx(writeOnnx(makeClassifier(trees, classNames(2), {})).value()).value()),
                             trees));
    }

    void nodesInAnyValidOrderAreWrittenTreeByTree()
    {
        // Two stumps whose nodes are interleaved.
        TreeEnsemble e;
        e.featureCount = 2;
        e.targets = 3;
        e.roots = {0, 1};
        e.nodes.resize(6);
        e.nodes[0] = {BranchMode::LessOrEqual, false, 0, 1.0f, 2, 5, -1};
        e.nodes[1] = {BranchMode::Less, false, 1, 2.0f, 3, 4, -1};
        for (int i = 2; i < 6; ++i)
            e.nodes[std::size_t(i)].leaf = i - 2;
        e.leafValues = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        const Model original = makeClassifier(e, classNames(3), {});
        const Model back = readOnnx(writeOnnx(original).value()).value();
        QCOMPARE(treesOf(back).roots, (std::vector<qint32>{0, 3}));
        const std::vector<float> rows{0, 0, 0, 5, 5, 0, 5, 5};
        QCOMPARE(evaluate(back, rows)->scores, evaluate(original, rows)->scores);
    }

    void filesAreStableAndHashesAreThoseOfTheFile()
    {
        const QString path = QStringLiteral(EMBERLAB_TEST_DATA "/models/digits_rf10.onnx");
        const Model model = loadModel(path).value();
        QTemporaryDir folder;
        const QString copy = folder.filePath(QStringLiteral("copy.onnx"));
        QVERIFY(saveModel(model, copy));
        const QByteArray bytes = fileBytes(copy);
        QCOMPARE(bytes, writeOnnx(loadModel(copy).value()).value());
        QCOMPARE(modelHash(model).value(),
                 QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex()));
    }

    void whatIsNoTreeIsAGraph()
    {
        const QByteArray bytes = fileBytes(QStringLiteral(EMBERLAB_TEST_DATA "/models/linear_regressor.onnx"));
        const auto model = readOnnx(bytes);
        QVERIFY2(model, model ? "" : qPrintable(model.error().toString()));
        QVERIFY(!isTreeModel(*model));
        QCOMPARE(operationName(model->graph.nodes[0].operation), QStringLiteral("LinearModel"));
        const ModelSummary summary = summariseOnnx(bytes).value();
        QVERIFY(summary.unsupported.isEmpty());
        QCOMPARE(summary.inputs.size(), std::size_t(1));
        QCOMPARE(operationName(readOnnx(writeOnnx(*model).value()).value().graph.nodes[0].operation),
                 QStringLiteral("LinearModel"));
        // It is evaluated like any other model.
        QVERIFY(Evaluator::create(*model));
    }

    void unknownOperatorsAreRefusedByName()
    {
        const QByteArray bytes = fileBytes(QStringLiteral(EMBERLAB_TEST_DATA "/models/linear_regressor.onnx"))
                                     .replace("LinearRegressor", "LinearRegresso_");
        const auto model = readOnnx(bytes);
        QVERIFY(!model);
        QCOMPARE(model.error().kind, ErrorKind::Unsupported);
        QVERIFY2(model.error().message.contains(QStringLiteral("ai.onnx.ml.LinearRegresso_")),
                 qPrintable(model.error().message));
        QCOMPARE(summariseOnnx(bytes).value().unsupported, QStringList{QStringLiteral("ai.onnx.ml.LinearRegresso_")});
    }

    void whatOnnxCannotSayIsRefused()
    {
        RandomTrees random(14);
        Model model = makeClassifier(random.make({}), classNames(3), {});
        std::get<TreeEnsemble>(model.graph.nodes[0].operation).aggregate = Aggregate::Average;
        QCOMPARE(writeOnnx(model).error().kind, ErrorKind::Unsupported);
        std::get<TreeEnsemble>(model.graph.nodes[0].operation).aggregate = Aggregate::Sum;
        model.graph.inputs[0].type = TensorType::Int16;
        QCOMPARE(writeOnnx(model).error().kind, ErrorKind::Unsupported);
    }

    void missingAndUnwritableFilesAreNamed()
    {
        const auto missing = loadModel(QStringLiteral("/nowhere/m.onnx"));
        QCOMPARE(missing.error().kind, ErrorKind::NotFound);
        QVERIFY(missing.error().message.contains(QStringLiteral("/nowhere/m.onnx")));
        RandomTrees random(15);
        const Status saved =
            saveModel(makeClassifier(random.make({}), classNames(3), {}), QStringLiteral("/nowhere/m.onnx"));
        QCOMPARE(saved.error().kind, ErrorKind::Io);
    }
};

QTEST_GUILESS_MAIN(TestOnnx)
#include "tst_onnx.moc"
