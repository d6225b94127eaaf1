// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"
#include "core/model/feature_codes.h"
#include "core/model/model_file.h"
#include "core/model/onnx_writer.h"
#include "core/model/tree_tools.h"
#include "core/workflow/model_run.h"
#include "core/workflow/quantise_model.h"

#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::workflow;
using model::Tensor;
using model::TensorType;

namespace {

/// A filter of one unit that sums its last two inputs; `open`: it leaves the batch to the caller.
model::Model filter(bool open)
{
    model::Model model;
    model.graph.inputs = {{"x", TensorType::Float32, {open ? -1 : 1, 1}}};
    model.graph.outputs = {{"y", TensorType::Float32, {1, 1}}};
    model.graph.states = {{"s", TensorType::Float32, {1, 2}}};
    model.graph.constants["f"] = {Tensor::of(std::vector<float>{1.0f}, {1, 1})};
    model.graph.constants["t"] = {Tensor::of(std::vector<float>{1.0f, 1.0f}, {1, 2})};
    model.graph.nodes = {{"svdf", model::Svdf{1, model::Activation::None}, {"x", "f", "t", "", "s"}, {"y"}}};
    return model;
}

std::vector<float> filtered(bool open, qint64 resetEvery)
{
    const auto interpreter = model::Interpreter::create(filter(open)).value();
    qint64 runs = 0;
    const std::vector<Tensor> results = runFrames(interpreter, {Tensor::of(std::vector<float>{1, 2, 4, 8, 16}, {5, 1})},
                                                  model::RequantiseRounding::Double, resetEvery, runs)
                                            .value();
    return runs == 5 && results[0].shape() == model::Shape{5, 1} ? results[0].toFloat() : std::vector<float>();
}

} // namespace

/// Models on files and frames, without the command line.
class TestModelRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void statesAreKeptFromFrameToFrame()
    {
        for (const bool open : {false, true}) {
            QCOMPARE(filtered(open, 0), (std::vector<float>{1, 3, 6, 12, 24}));
            QCOMPARE(filtered(open, 2), (std::vector<float>{1, 3, 4, 12, 16}));
            QCOMPARE(filtered(open, 1), (std::vector<float>{1, 2, 4, 8, 16}));
            QCOMPARE(filtered(open, 5), (std::vector<float>{1, 3, 6, 12, 24}));
        }
        const auto interpreter = model::Interpreter::create(filter(false)).value();
        const auto apart = runInBatches(interpreter, {Tensor::of(std::vector<float>{1, 2, 4}, {3, 1})},
                                        model::RequantiseRounding::Double);
        QCOMPARE(apart.value()[0].toFloat(), (std::vector<float>{1, 2, 4}));
    }

    void rowsOfTextAreFrames()
    {
        QTemporaryDir folder;
        const QString csv = folder.filePath(QStringLiteral("rows.csv"));
        const auto outcome = [&](const QByteArray& text) {
            QFile file(csv);
            if (!file.open(QIODevice::WriteOnly))
                qFatal("no file");
            file.write(text);
            file.close();
            RunModelRequest request;
            request.model = QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/hello_world_int8.tflite");
            request.inputs = QStringList{csv};
            request.outputDirectory = folder.filePath(QStringLiteral("out"));
            return runModel(request);
        };
        QCOMPARE(outcome("1\n2\n3\n").value().runs, qint64(3));
        QCOMPARE(outcome("phase\n\n# a remark\n-7\r\n9\n").value().runs, qint64(2));
        QVERIFY(outcome("1\nx\n").error().message.contains(QStringLiteral("Row 2")));
        QVERIFY(outcome("1\n2,3\n").error().message.contains(QStringLiteral("2 numbers, the first has 1")));
        QVERIFY(outcome("").error().message.contains(QStringLiteral("no rows")));
        QCOMPARE(outcome("1.5\n").error().kind, ErrorKind::Usage); // is no int8
    }

    // Codes of trees lie around their thresholds; what is cut off beyond them is said, and changes nothing.
    void whatCodesOfTreesCutOffIsSaid()
    {
        QTemporaryDir folder;
        model::TreeEnsemble trees;
        trees.featureCount = 1;
        trees.targets = 2;
        trees.roots = {0};
        trees.nodes = {{model::BranchMode::LessOrEqual, false, 0, 10.0f, 1, 2, -1},
                       {},
                       {model::BranchMode::LessOrEqual, false, 0, 20.0f, 3, 4, -1},
                       {},
                       {}};
        trees.nodes[1].leaf = trees.nodes[4].leaf = 0;
        trees.nodes[3].leaf = 1;
        trees.leafValues = {1, 0, 0, 1};
        QuantiseRequest request;
        request.model = folder.filePath(QStringLiteral("trees.onnx"));
        const model::Model model =
            model::makeClassifier(trees, {QStringLiteral("out"), QStringLiteral("in")}, {QStringLiteral("height")});
        QVERIFY(model::saveModel(model, request.model));
        QFile rows(folder.filePath(QStringLiteral("rows.csv")));
        QVERIFY(rows.open(QIODevice::WriteOnly));
        rows.write("height\n");
        for (int i = 0; i < 100; ++i)
            rows.write(QByteArray::number(i + 0.5) + '\n');
        rows.close();
        request.calibration = request.test = QStringList{rows.fileName()};
        request.features = TensorType::Int8;
        request.output = folder.filePath(QStringLiteral("q.onnx"));
        const auto outcome = quantiseModel(request);
        QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
        // Steps of 10 / 250 around 15: only 10.5 to 19.5 are within.
        QCOMPARE(outcome->outside.at("height"), 0.9);
        QCOMPARE(outcome->labelFlips, qint64(0));
    }

    // A model of a project is quantised like a file.
    void modelsOfProjectsAreQuantised()
    {
        QTemporaryDir folder;
        const QString data = QStringLiteral(EMBERLAB_TEST_DATA);
        const QString path = folder.filePath(QStringLiteral("p.ember"));
        const auto stored = model::loadModel(data + QStringLiteral("/models/digits_dt8_float.onnx")).value();
        {
            const auto project = dataset::Project::create(path);
            QVERIFY(project);
            QVERIFY(project->models().add({{}, {}, QStringLiteral("tree"), {}, {}}, model::writeOnnx(stored).value()));
        }
        QuantiseRequest request;
        request.calibration = QStringList{data + QStringLiteral("/tables/digits_train.csv")};
        request.features = TensorType::Int8;
        request.output = folder.filePath(QStringLiteral("q.onnx"));
        for (const QString& ref : {path, path + QStringLiteral("#1")}) {
            request.model = ref;
            const auto outcome = quantiseModel(request);
            QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
            QVERIFY(outcome->codes && outcome->rows > 50);
            QCOMPARE(outcome->labelFlips, qint64(0));
            QVERIFY(outcome->bytesBefore > 1'000);
            QVERIFY(model::splitCodes(model::loadModel(request.output).value().graph).has_value());
        }
        request.options.equalise = true; // would be passed over
        QCOMPARE(quantiseModel(request).error().kind, ErrorKind::Usage);
        request.options.equalise = false;
        request.model = path + QStringLiteral("#7");
        QCOMPARE(quantiseModel(request).error().kind, ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestModelRun)
#include "tst_model_run.moc"
