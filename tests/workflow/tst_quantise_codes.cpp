// SPDX-License-Identifier: GPL-3.0-or-later
// What quantising the features of a model says about the code that is generated for it.
#include "core/codegen/lower.h"
#include "core/model/evaluator.h"
#include "core/model/graph_builder.h"
#include "core/model/model_file.h"
#include "core/workflow/generated_winners.h"
#include "core/workflow/model_run.h"
#include "core/workflow/quantise_model.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::workflow;
using model::Tensor;

namespace {

/// Naive Bayes of two classes and features: the first scores -sharp (x - 5)^2 - 0.02 y^2, the second
/// -18 (x - 5)^2 - 0.5 (y - 60)^2.
model::Model bayes(float sharp)
{
    model::GraphBuilder graph(2);
    const std::string row =
        graph.add("row", model::Unsqueeze{}, {graph.input(), graph.constant("axis", std::vector<qint64>{1}, {1})});
    const std::string difference = graph.binary("difference", model::BinaryKind::Subtract, row,
                                                graph.constant("mean", std::vector<float>{5, 0, 5, 60}, {2, 2}));
    const std::string squared = graph.binary("squared", model::BinaryKind::Multiply, difference, difference);
    const std::string weighted =
        graph.binary("weighted", model::BinaryKind::Multiply, squared,
                     graph.constant("weight", std::vector<float>{sharp, 0.02f, 18.0f, 0.5f}, {2, 2}));
    const std::string sum = graph.add("sum", model::Reduce{model::ReduceKind::Sum, {}, false, false},
                                      {weighted, graph.constant("last", std::vector<qint64>{2}, {1})});
    const std::string scores = graph.binary("scores", model::BinaryKind::Subtract,
                                            graph.constant("constant", std::vector<float>{0, 0}, {2}), sum);
    return std::move(graph).classifier(scores, {{QStringLiteral("here"), QStringLiteral("there")}, {}});
}

/// Rows around x = 5, most of them near, as a table with the label of the float model; `thereAlone`: of those that it
/// calls there, all said to be here.
void writeRows(const QString& path, float sharp, int count, bool thereAlone)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("x,y,label\n");
    QRandomGenerator random(4);
    for (int i = 0; i < count; ++i) {
        const double u = 2 * random.generateDouble() - 1, x = 5 + 0.3 * u * u * u;
        const double y = 75 * random.generateDouble() - 15;
        const double here = -static_cast<double>(sharp) * (x - 5) * (x - 5) - 0.02 * y * y;
        const double there = -18 * (x - 5) * (x - 5) - 0.5 * (y - 60) * (y - 60);
        if (thereAlone && here >= there)
            continue;
        file.write(QStringLiteral("%1,%2,%3\n")
                       .arg(x, 0, 'g', 9)
                       .arg(y, 0, 'g', 9)
                       .arg(here >= there || thereAlone ? QStringLiteral("here") : QStringLiteral("there"))
                       .toUtf8());
    }
}

constexpr float kBeyond = 1.8e9f; ///< more than four million times the least weight, in steps of the codes

struct Outcome
{
    QuantiseOutcome reported;
    qint64 counted = 0;    ///< rows whose winner differs in the generated code, counted here
    qint64 ofGraph = 0;    ///< rows whose winner differs in the written graph
    bool integers = false; ///< whether the generated code does without floats behind the codes
};

/// Quantises the model on its rows, all of which are compared.
Result<Outcome> quantised(float sharp, const QTemporaryDir& folder, std::optional<double> maxFlips = std::nullopt,
                          bool thereAlone = false)
{
    const QString rows = folder.filePath(QStringLiteral("rows.csv"));
    writeRows(rows, sharp, 400, thereAlone);
    QuantiseRequest request;
    request.model = folder.filePath(QStringLiteral("bayes.onnx"));
    EMBER_CHECK(model::saveModel(bayes(sharp), request.model));
    request.calibration = {rows};
    request.test = {rows};
    request.output = folder.filePath(QStringLiteral("coded.onnx"));
    request.features = model::TensorType::Int8;
    request.maxFlipPercent = maxFlips;
    Outcome outcome;
    EMBER_TRY(outcome.reported, quantiseModel(request));
    EMBER_TRY(const model::Model coded, model::loadModel(request.output));
    EMBER_TRY(const Tensor table, readRows(rows, bayes(sharp).graph.inputs[0], request.labelColumn));
    EMBER_TRY(const auto first, generatedWinners(bayes(sharp), table));
    EMBER_TRY(const auto then, generatedWinners(coded, table));
    const std::vector<float> values = table.toFloat();
    EMBER_TRY(const model::Evaluation before, model::evaluate(bayes(sharp), values));
    EMBER_TRY(const model::Evaluation after, model::evaluate(coded, values));
    for (std::size_t i = 0; i < first->winners.size(); ++i) {
        outcome.counted += first->winners[i] != then->winners[i] ? 1 : 0;
        outcome.ofGraph += before.winners[i] != after.winners[i] ? 1 : 0;
    }
    EMBER_TRY(const codegen::LoweredModel lowered, codegen::lower(coded));
    outcome.integers = std::holds_alternative<codegen::LoweredGaussian>(lowered.body);
    return outcome;
}

} // namespace

class TestQuantiseCodes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // A weight far beyond what the kernel's integers hold is cut: the graph of floats behind the codes does not know.
    void flipsOfTheGeneratedIntegersCount()
    {
        const QTemporaryDir folder;
        const auto outcome = quantised(kBeyond, folder);
        QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
        QVERIFY(outcome->integers);
        QVERIFY2(outcome->counted > outcome->ofGraph + 10,
                 qPrintable(QStringLiteral("%1 and %2").arg(outcome->counted).arg(outcome->ofGraph)));
        QCOMPARE(outcome->reported.generatedFlips.value_or(-1), outcome->counted);
        QVERIFY(outcome->reported.labelFlips >= outcome->counted);
        qint64 byClass = 0;
        for (const QuantiseOutcome::ClassFlips& one : outcome->reported.classes)
            byClass += one.flips;
        QCOMPARE(byClass, outcome->reported.labelFlips);
        // The labels of the table are those of the float model.
        QCOMPARE(outcome->reported.accuracyBefore.value_or(0), 1.0);
        QCOMPARE(outcome->reported.accuracyAfter.value_or(0),
                 1.0 - static_cast<double>(outcome->reported.labelFlips) / 400);
        QCOMPARE(quantiseToJson(outcome->reported).value(QStringLiteral("generated_flips")).toInteger(-1),
                 outcome->counted);
    }

    // No row was of the class before: its name is the model's, not a row's.
    void aClassThatNoRowHadHasItsName()
    {
        const QTemporaryDir folder;
        const auto outcome = quantised(kBeyond, folder, std::nullopt, true);
        QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
        QVERIFY(outcome->counted > outcome->ofGraph);
        QCOMPARE(outcome->reported.classes.size(), std::size_t{1});
        QCOMPARE(outcome->reported.accuracyBefore.value_or(-1), 0.0);
        QCOMPARE(outcome->reported.accuracyAfter.value_or(-1),
                 static_cast<double>(outcome->reported.labelFlips) / static_cast<double>(outcome->reported.rows));
    }

    void theyAreRefusedWhereNoneIsAllowed()
    {
        const QTemporaryDir folder;
        const auto refused = quantised(kBeyond, folder, 1.0);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Gate);
        QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("coded.onnx"))));
    }

    // With weights within reach the integers say what the floats say.
    void weightsWithinReachAreExact()
    {
        const QTemporaryDir folder;
        const auto outcome = quantised(30.0f, folder);
        QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
        QVERIFY(outcome->integers);
        QVERIFY(outcome->counted <= 3); // rows whose code lies on the other side
        QCOMPARE(outcome->counted, outcome->ofGraph);
        QCOMPARE(outcome->reported.generatedFlips.value_or(-1), outcome->counted);
        QCOMPARE(outcome->reported.labelFlips, outcome->counted);
    }
};

QTEST_GUILESS_MAIN(TestQuantiseCodes)
#include "tst_quantise_codes.moc"
