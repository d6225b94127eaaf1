// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/evaluator.h"
#include "core/model/feature_codes.h"
#include "core/model/graph_builder.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "tests/model/random_trees.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <set>

using namespace ember;
using namespace ember::model;
using namespace ember::model::test;

namespace {

Model forest(quint32 seed, bool allModes = false)
{
    RandomTrees maker(seed);
    return makeClassifier(maker.make({.trees = 8, .targets = 3, .features = 5, .maxDepth = 5, .allModes = allModes}),
                          {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}, {});
}

// Whether a feature is so near to a threshold that rounding to the next code may take it to the other side.
bool isBesideThreshold(const TreeEnsemble& trees, const FeatureCodes& codes, const float* row)
{
    return std::any_of(trees.nodes.begin(), trees.nodes.end(), [&](const TreeNode& node) {
        if (node.leaf >= 0)
            return false;
        const auto f = static_cast<std::size_t>(node.feature);
        const double apart = std::abs(static_cast<double>(row[f]) - static_cast<double>(node.threshold));
        return apart <= static_cast<double>(codes.scales[f]) / 2 + 1e-5;
    });
}

} // namespace

/// Features as whole numbers in front of trees, neighbours and support vectors.
class TestFeatureCodes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void codedTreesDifferOnlyBesideTheirThresholds_data()
    {
        QTest::addColumn<int>("type");
        QTest::newRow("int8") << static_cast<int>(TensorType::Int8);
        QTest::newRow("int16") << static_cast<int>(TensorType::Int16);
    }
    void codedTreesDifferOnlyBesideTheirThresholds()
    {
        QFETCH(int, type);
        QRandomGenerator random(12);
        const Model model = forest(31);
        std::vector<float> rows(5 * 4'000);
        for (float& value : rows)
            value = static_cast<float>(random.generateDouble() * 24 - 12);
        const CodedModel coded =
            codeFeatures(model, Tensor::of(rows, {4'000, 5}), static_cast<TensorType>(type)).value();
        const Model stored = readOnnx(writeOnnx(coded.model).value()).value();
        const Evaluation before = evaluate(model, rows).value();
        const Evaluation after = evaluate(stored, rows).value();
        int apart = 0, different = 0;
        for (std::size_t row = 0; row < 4'000; ++row) {
            const bool beside = isBesideThreshold(treesOf(model), coded.codes, rows.data() + 5 * row);
            const bool same = std::ranges::equal(before.row(row), after.row(row));
            apart += beside ? 0 : 1;
            different += same ? 0 : 1;
            QVERIFY(same || beside);
            if (same)
                QCOMPARE(before.winners[row], after.winners[row]);
        }
        QVERIFY2(apart > 200 && (static_cast<TensorType>(type) == TensorType::Int8 ? different > 20 : different < 10),
                 qPrintable(QStringLiteral("%1 %2").arg(apart).arg(different)));
        QCOMPARE(coded.mergedThresholds, 0);
        QVERIFY(splitCodes(stored.graph).has_value());
    }

    void wholeFeaturesOfTreesStayAsTheyAre()
    {
        QRandomGenerator random(14);
        const Model model = forest(33);
        std::vector<float> rows(5 * 500);
        for (float& value : rows)
            value = static_cast<float>(random.bounded(-13, 14));
        const CodedModel coded = codeFeatures(model, Tensor::of(rows, {500, 5}), TensorType::Int8).value();
        QCOMPARE(coded.codes.scales, std::vector<float>(5, 1.0f));
        QCOMPARE(coded.codes.offsets, std::vector<float>(5, 0.0f));
        QCOMPARE(evaluate(coded.model, rows).value().scores, evaluate(model, rows).value().scores);
    }

    void thresholdsThatBecomeOneAreCounted()
    {
        Model model = forest(35);
        auto& trees = std::get<TreeEnsemble>(model.graph.nodes[0].operation);
        std::set<float> known;
        for (TreeNode& node : trees.nodes) {
            if (node.leaf < 0 && node.feature == 0)
                known.insert(node.threshold = 1000 * node.threshold);
        }
        QVERIFY(known.size() > 3);
        // One threshold far from all others leaves no codes between those.
        for (TreeNode& node : trees.nodes) {
            if (node.leaf < 0 && node.feature == 0 && node.threshold == *known.begin())
                node.threshold = 1e9f;
        }
        std::vector<float> rows(50, 0.5f);
        const CodedModel coded = codeFeatures(model, Tensor::of(rows, {10, 5}), TensorType::Int8).value();
        QCOMPARE(coded.mergedThresholds, static_cast<int>(known.size()) - 2);
    }

    void storedRowsMoveToCodes()
    {
        QRandomGenerator random(41);
        const auto numbers = [&random](std::size_t count, double low, double high) {
            std::vector<float> values(count);
            for (float& value : values)
                value = static_cast<float>(low + random.generateDouble() * (high - low));
            return values;
        };
        GraphBuilder graph(4);
        const std::vector<float> mean = numbers(4, -3, 3);
        const std::vector<float> scale = numbers(4, 0.2, 2);
        const std::string x = graph.scaled(mean, scale);
        const std::string distance = graph.squaredDistances("distance", x, numbers(7 * 4, -2, 2), 4);
        graph.add("scores", Unary{UnaryKind::Negate}, {distance});
        QStringList names;
        for (int i = 0; i < 7; ++i)
            names << QString::number(i);
        const Model model = std::move(graph).classifier("scores", {names, {}});
        const CodedModel coded =
            codeFeatures(model, Tensor::of(numbers(4 * 50, -6, 6), {50, 4}), TensorType::Int8).value();
        QVERIFY(coded.movedPoints > 14);
        const std::vector<float> before = model.graph.constants.at("distance/points").value.toFloat();
        const std::vector<float> after = coded.model.graph.constants.at("distance/points").value.toFloat();
        for (std::size_t i = 0; i < after.size(); ++i) {
            const std::size_t f = i % 4;
            const auto codeOf = [&](float point) {
                const double raw = static_cast<double>(point) / static_cast<double>(scale[f]) +
                                   static_cast<double>(mean[f]) - static_cast<double>(coded.codes.offsets[f]);
                return raw / static_cast<double>(coded.codes.scales[f]);
            };
            QVERIFY(std::abs(codeOf(after[i]) - std::round(codeOf(after[i]))) < 1e-3);
            // Those within reach of the codes move by half a step at most.
            if (std::abs(codeOf(before[i])) < 127)
                QVERIFY(std::abs(codeOf(after[i]) - codeOf(before[i])) < 0.501);
        }
    }

    void whatNoCodeSaysIsRefused()
    {
        const Tensor rows = Tensor::of(std::vector<float>(50, 0.5f), {10, 5});
        const auto why = [&rows](const Model& model) {
            const auto coded = codeFeatures(model, rows, TensorType::Int8);
            return coded ? QString() : coded.error().message;
        };
        Model model = forest(31);
        auto& trees = std::get<TreeEnsemble>(model.graph.nodes[0].operation);
        TreeNode& split =
            *std::find_if(trees.nodes.begin(), trees.nodes.end(), [](const TreeNode& node) { return node.leaf < 0; });
        split.missingGoesTrue = true;
        QVERIFY(why(model).contains(QStringLiteral("is missing")));
        split.missingGoesTrue = false;
        split.mode = BranchMode::Equal;
        split.threshold = 0.3f;
        QVERIFY2(why(model).contains(QStringLiteral("no code stands for")), qPrintable(why(model)));
        const Model coded = codeFeatures(forest(31), rows, TensorType::Int8).value().model;
        QVERIFY(why(coded).contains(QStringLiteral("already")));
        for (int node = 0; node < 4; ++node) {
            Model damaged = coded;
            damaged.graph.nodes[static_cast<std::size_t>(node)].inputs.resize(1);
            QVERIFY(!splitCodes(damaged.graph));
        }
        Tensor missing = rows;
        missing.as<float>()[7] = NAN;
        QCOMPARE(codeFeatures(forest(31), missing, TensorType::Int16).error().kind, ErrorKind::BadData);
        Model whole = forest(31);
        whole.graph.inputs[0].type = TensorType::Int32;
        QVERIFY(why(whole).contains(QStringLiteral("int32 already")));
    }

    // Codes lie where thresholds do, which must then be thresholds of the features.
    void treesThatReadSomethingElseAreRefused()
    {
        const Tensor rows = Tensor::of(std::vector<float>(50, 0.5f), {10, 5});
        const auto why = [&rows](const Model& model) {
            const auto coded = codeFeatures(model, rows, TensorType::Int8);
            return coded ? QString() : coded.error().message;
        };
        const auto behind = [](Operation operation, const std::vector<std::string>& with) {
            GraphBuilder graph(5);
            graph.constant("mean", std::vector<float>(5, 3.0f), {5});
            graph.constant("places", std::vector<qint64>{0, 4, 4, 2, 1, 3, 0}, {7});
            std::vector<std::string> inputs{graph.input()};
            inputs.insert(inputs.end(), with.begin(), with.end());
            const std::string x = graph.add("front", std::move(operation), inputs);
            RandomTrees maker(31);
            TreeEnsemble trees =
                maker.make({.trees = 8, .targets = 3, .features = 5, .maxDepth = 5, .allModes = false});
            return std::move(graph).classifier(std::move(trees), x, 3,
                                               {{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}, {}});
        };
        QVERIFY2(why(behind(Binary{BinaryKind::Subtract, Activation::None}, {"mean"}))
                     .contains(QStringLiteral("something else")),
                 "scaled");
        QVERIFY(why(behind(Cast{TensorType::Int64}, {})).contains(QStringLiteral("something else")));
        QCOMPARE(why(behind(Cast{TensorType::Float32}, {})), QString());
        // A test of equality on a column that the input does not have.
        Model wide = behind(Gather{1}, {"places"});
        auto& trees = std::get<TreeEnsemble>(wide.graph.nodes[1].operation);
        trees.featureCount = 7;
        for (TreeNode& node : trees.nodes) {
            if (node.leaf < 0) {
                node.mode = BranchMode::Equal;
                node.feature = 6;
            }
        }
        QVERIFY(why(wide).contains(QStringLiteral("something else")));
        wide.graph.nodes[1].inputs[0] = wide.graph.inputs[0].name;
        wide.graph.nodes.erase(wide.graph.nodes.begin());
        QVERIFY2(why(wide).contains(QStringLiteral("7 features of 5")), qPrintable(why(wide)));

        Model shared = behind(Cast{TensorType::Float32}, {});
        shared.graph.nodes.push_back({"beside", Unary{UnaryKind::Negate}, {shared.graph.inputs[0].name}, {"beside"}});
        QVERIFY(why(shared).contains(QStringLiteral("not its trees alone")));
        Model twice = behind(Cast{TensorType::Float32}, {});
        Node second = twice.graph.nodes[1];
        second.outputs = {"second/label", "second/scores"};
        twice.graph.nodes.push_back(second);
        QVERIFY(why(twice).contains(QStringLiteral("2 tree ensembles")));
    }
};

QTEST_GUILESS_MAIN(TestFeatureCodes)
#include "tst_feature_codes.moc"
