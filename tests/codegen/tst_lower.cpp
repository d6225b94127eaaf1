// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/host_program.h"
#include "core/codegen/lower.h"
#include "core/model/evaluator.h"
#include "core/model/feature_codes.h"
#include "tests/codegen/sample_models.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace ember;
using namespace ember::codegen;
using namespace ember::codegen::test;
using model::BranchMode;
using model::test::RandomTrees;

namespace {

/// One comparison whose sides are classes 0 and 1.
model::TreeEnsemble stump(BranchMode mode, float threshold, bool missingGoesTrue)
{
    model::TreeEnsemble e;
    e.featureCount = 1;
    e.targets = 2;
    e.roots = {0};
    e.nodes = {{mode, missingGoesTrue, 0, threshold, 1, 2, -1}, {}, {}};
    e.nodes[1].leaf = 0;
    e.nodes[2].leaf = 1;
    e.leafValues = {1.0f, 0.0f, 0.0f, 1.0f};
    return e;
}

HostProgram programOf(const model::Model& model, const Options& options = {})
{
    return HostProgram::make(lower(model, options).value()).value();
}

/// Votes of every row, one after the other.
std::vector<qint32> votesOf(const HostProgram& program, const std::vector<float>& rows)
{
    std::vector<qint32> all;
    const std::size_t columns = program.model().featureCount;
    for (std::size_t at = 0; at < rows.size(); at += columns) {
        const QByteArray encoded = program.encodeFeatures(std::span(rows).subspan(at, columns)).value();
        const HostOutput output = program.runFeatures(encoded).value();
        const std::vector<qint32> votes = output.outputs.integers();
        all.insert(all.end(), votes.begin(), votes.end());
    }
    return all;
}

std::vector<qint32> winnersOf(const HostProgram& program, const std::vector<float>& rows)
{
    std::vector<qint32> all;
    const std::size_t columns = program.model().featureCount;
    for (std::size_t at = 0; at < rows.size(); at += columns)
        all.push_back(
            program.runFeatures(program.encodeFeatures(std::span(rows).subspan(at, columns)).value()).value().winner);
    return all;
}

model::TensorType tensorType(FeatureType type)
{
    switch (type) {
    case FeatureType::Int8:
        return model::TensorType::Int8;
    case FeatureType::Int16:
        return model::TensorType::Int16;
    case FeatureType::Int32:
        return model::TensorType::Int32;
    default:
        return model::TensorType::Float32;
    }
}

} // namespace

class TestLower : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Leaves are quarters, so float32 sums are exact and the integer votes have to be the same numbers.
    void votesAreTheReferencesScores_data()
    {
        QTest::addColumn<FeatureType>("type");
        QTest::addColumn<int>("trees");
        QTest::addColumn<int>("targets");
        QTest::addColumn<int>("features");
        QTest::addColumn<int>("depth");
        QTest::addColumn<bool>("classifier");
        QTest::newRow("float32") << FeatureType::Float32 << 5 << 3 << 5 << 5 << true;
        QTest::newRow("float32, one value") << FeatureType::Float32 << 9 << 1 << 3 << 6 << false;
        QTest::newRow("float32, wide heads") << FeatureType::Float32 << 6 << 4 << 90 << 6 << true;
        QTest::newRow("int32") << FeatureType::Int32 << 5 << 3 << 5 << 5 << true;
        QTest::newRow("int16") << FeatureType::Int16 << 5 << 20 << 63 << 6 << true;
        QTest::newRow("int16, wide heads") << FeatureType::Int16 << 5 << 2 << 64 << 6 << true;
        QTest::newRow("int8") << FeatureType::Int8 << 5 << 3 << 5 << 5 << true;
        QTest::newRow("large") << FeatureType::Int16 << 12 << 3 << 30 << 11 << true;
    }
    void votesAreTheReferencesScores()
    {
        QFETCH(FeatureType, type);
        QFETCH(int, trees);
        QFETCH(int, targets);
        QFETCH(int, features);
        QFETCH(int, depth);
        QFETCH(bool, classifier);
        const bool isFloat = type == FeatureType::Float32;
        for (quint32 seed = 1; seed <= 12; ++seed) {
            RandomTrees maker(seed);
            const model::TreeEnsemble ensemble = maker.make({.trees = trees,
                                                             .targets = targets,
                                                             .features = features,
                                                             .maxDepth = depth,
                                                             .classifier = classifier,
                                                             .allModes = depth < 10});
            const model::Model model = modelOf(ensemble, tensorType(type));
            const HostProgram program = programOf(model);
            QCOMPARE(program.model().featureType, type);
            const std::vector<float> rows =
                isFloat ? awkwardRows(maker.generator(), 150, features) : wholeRows(maker.generator(), 150, features);
            const model::Evaluation reference = model::evaluate(model, rows).value();
            const std::vector<qint32> votes = votesOf(program, rows);
            QCOMPARE(votes.size(), reference.scores.size());
            for (std::size_t i = 0; i < votes.size(); ++i)
                QCOMPARE(static_cast<double>(votes[i]),
                         static_cast<double>(reference.scores[i]) * program.model().forest()->voteScale);
            if (classifier)
                QCOMPARE(winnersOf(program, rows), reference.winners);
        }
    }

    void averagesAndBaseValuesKeepTheScale()
    {
        RandomTrees maker(3);
        model::TreeEnsemble ensemble = maker.make({.trees = 4, .targets = 2, .classifier = false});
        ensemble.aggregate = model::Aggregate::Average;
        ensemble.baseValues = {2.5f, -1.25f};
        const model::Model model = modelOf(ensemble);
        const HostProgram program = programOf(model);
        const std::vector<float> rows = awkwardRows(maker.generator(), 100, ensemble.featureCount);
        const model::Evaluation reference = model::evaluate(model, rows).value();
        const std::vector<qint32> votes = votesOf(program, rows);
        for (std::size_t i = 0; i < votes.size(); ++i)
            QCOMPARE(static_cast<double>(votes[i]),
                     static_cast<double>(reference.scores[i]) * program.model().forest()->voteScale);
    }

    void sharesAreTheReferencesToTheLastVote()
    {
        constexpr int kTrees = 9;
        for (quint32 seed = 1; seed <= 20; ++seed) {
            RandomTrees maker(seed);
            const int targets = maker.generator().bounded(2, 24);
            model::TreeEnsemble ensemble =
                maker.make({.trees = kTrees, .targets = targets, .features = 8, .maxDepth = 6});
            makeShares(ensemble, 1.0f / kTrees, maker.generator());
            const model::Model model = modelOf(ensemble);
            const HostProgram program = programOf(model);
            const LoweredForest& forest = *program.model().forest();
            QCOMPARE(forest.leafKind, LeafKind::Shares);
            const std::vector<float> rows = awkwardRows(maker.generator(), 100, 8);
            const model::Evaluation reference = model::evaluate(model, rows, model::Rounding::Double).value();
            const std::vector<qint32> votes = votesOf(program, rows);
            for (std::size_t row = 0; row < reference.rows(); ++row) {
                qint64 sum = 0;
                for (std::size_t t = 0; t < static_cast<std::size_t>(targets); ++t) {
                    const qint32 vote = votes[row * static_cast<std::size_t>(targets) + t];
                    sum += vote;
                    // Half a vote of rounding for each tree, and all of it for the target that gets the rest.
                    const double exact = static_cast<double>(reference.row(row)[t]) * forest.voteScale;
                    QVERIFY(std::abs(vote - exact) <= 0.5 * kTrees * targets + 1);
                }
                QCOMPARE(sum, qint64{kTrees} * 55440);
            }
        }
    }

    void hardVotesCountTreesByTheirLargestLeafValue()
    {
        RandomTrees maker(11);
        model::TreeEnsemble ensemble = maker.make({.trees = 8, .targets = 4, .features = 6, .maxDepth = 5});
        makeShares(ensemble, 0.125f, maker.generator());
        const std::vector<float> rows = awkwardRows(maker.generator(), 200, 6);
        std::vector<qint32> expected(200 * 4, 0);
        for (const qint32 root : ensemble.roots) {
            model::TreeEnsemble one = ensemble;
            one.roots = {root};
            // The reference walks one tree at a time; nodes of the others are not reached.
            one.nodes.assign(ensemble.nodes.begin() + root, ensemble.nodes.end());
            const auto end = std::find(ensemble.roots.begin(), ensemble.roots.end(), root) + 1;
            one.nodes.resize(static_cast<std::size_t>(
                (end == ensemble.roots.end() ? static_cast<qint32>(ensemble.nodes.size()) : *end) - root));
            for (model::TreeNode& node : one.nodes) {
                node.whenTrue -= root;
                node.whenFalse -= root;
            }
            one.roots = {0};
            const model::Evaluation single = model::evaluate(modelOf(one), rows).value();
            for (std::size_t row = 0; row < 200; ++row)
                ++expected[row * 4 + static_cast<std::size_t>(single.winners[row])];
        }
        const HostProgram program = programOf(modelOf(ensemble), {.vote = Vote::Hard});
        QCOMPARE(votesOf(program, rows), expected);
    }

    void recordedModelsGiveTheRecordedLabels_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("input");
        QTest::addColumn<QString>("labels");
        QTest::addColumn<FeatureType>("type");
        for (const char* name : {"digits_dt8", "digits_rf10", "digits_et10"}) {
            const QString base = QString::fromLatin1(name);
            for (const FeatureType type : {FeatureType::Auto, FeatureType::Int16, FeatureType::Int8})
                QTest::addRow("%s as %s", name, qPrintable(featureTypeName(type)))
                    << base + QStringLiteral(".onnx") << QStringLiteral("digits_test_X_int32.npy")
                    << base + QStringLiteral("_expected_label.npy") << type;
        }
        QTest::newRow("digits_dt8 in float")
            << QStringLiteral("digits_dt8_float.onnx") << QStringLiteral("digits_test_X_int32.npy")
            << QStringLiteral("digits_dt8_expected_label.npy") << FeatureType::Auto;
        QTest::newRow("iris") << QStringLiteral("rf_iris.onnx") << QStringLiteral("rf_iris.iris_input.npy")
                              << QStringLiteral("rf_iris.iris_expected_label.npy") << FeatureType::Auto;
    }
    void recordedModelsGiveTheRecordedLabels()
    {
        QFETCH(QString, model);
        QFETCH(QString, input);
        QFETCH(QString, labels);
        QFETCH(FeatureType, type);
        const HostProgram program = programOf(model::loadModel(modelPath(model)).value(), {.featureType = type});
        const std::vector<float> rows = tableOf(input);
        const std::vector<qint32> expected = labelsOf(labels);
        QVERIFY(expected.size() >= 150);
        const std::vector<qint32> winners = winnersOf(program, rows);
        QCOMPARE(winners.size(), expected.size());
        for (std::size_t i = 0; i < winners.size(); ++i)
            QCOMPARE(program.model().classNames[winners[i]].toInt(), expected[i]);
    }

    // Every way to compare, at every float around the threshold and at every integer near it.
    void comparisonsAgreeAtTheThreshold()
    {
        const float infinity = std::numeric_limits<float>::infinity();
        const std::vector<float> thresholds = {
            infinity,    -infinity,  0.0f,    -0.0f,    0.5f,         -0.5f,    2.0f,     -3.0f,         126.9f,
            127.0f,      -128.0f,    -128.5f, 32767.4f, 1e-42f,       -1e-42f,  1.0e9f,   -2147483648.f, 16777216.f,
            16777217.5f, 33554434.f, 3.4e38f, -3.4e38f, 2147483520.f, 40000.5f, -40000.5f};
        for (const float t : thresholds) {
            std::vector<float> values = {t,
                                         std::nextafter(t, infinity),
                                         std::nextafter(t, -infinity),
                                         0.0f,
                                         -0.0f,
                                         infinity,
                                         -infinity,
                                         std::numeric_limits<float>::quiet_NaN()};
            for (int mode = 0; mode < 6; ++mode) {
                for (const bool missing : {false, true}) {
                    const model::Model model = modelOf(stump(static_cast<BranchMode>(mode), t, missing));
                    const model::Evaluation reference = model::evaluate(model, values).value();
                    QCOMPARE(winnersOf(programOf(model), values), reference.winners);
                }
            }
        }
    }

    void wideIntegersCompareAsTheFloatsTheyBecome()
    {
        // 16777217 is no float: as a float it is 16777216, which is at most 16777216.
        const model::Model model = modelOf(stump(BranchMode::LessOrEqual, 16777216.f, false), model::TensorType::Int32);
        const HostProgram program = programOf(model);
        const auto winner = [&](qint32 x) {
            return program.runFeatures(QByteArray(reinterpret_cast<const char*>(&x), 4)).value().winner;
        };
        for (qint32 x = 16777200; x < 16777230; ++x)
            QCOMPARE(winner(x), quint16(static_cast<float>(x) <= 16777216.f ? 0 : 1));
        for (const qint32 x : {std::numeric_limits<qint32>::min(), -1, 0, std::numeric_limits<qint32>::max()})
            QCOMPARE(winner(x), quint16(static_cast<float>(x) <= 16777216.f ? 0 : 1));
    }

    void questionsWithOneAnswerAreNotAsked()
    {
        // No int8 is above 127.5, and both sides of the inner comparison give the same.
        model::TreeEnsemble ensemble = stump(BranchMode::Greater, 127.5f, false);
        LoweredModel lowered = lower(modelOf(ensemble, model::TensorType::Int8)).value();
        QCOMPARE(lowered.forest()->nodes.size(), std::size_t(1));
        QCOMPARE(lowered.forest()->nodes.front().whenTrue, -1 - 1);
        QCOMPARE(lowered.forest()->nodes.front().whenFalse, -1 - 1);

        ensemble = stump(BranchMode::LessOrEqual, 3.0f, false);
        ensemble.leafValues = {0.6f, 0.4f, 0.8f, 0.2f};
        QCOMPARE(lower(modelOf(ensemble)).value().forest()->nodes.front().whenTrue, -1 - 2);
        lowered = lower(modelOf(ensemble), {.vote = Vote::Hard}).value();
        QCOMPARE(lowered.forest()->nodes.front().whenTrue, lowered.forest()->nodes.front().whenFalse);
    }

    void tablesGrowOnlyAsWideAsTheyMust()
    {
        const model::Model digits = model::loadModel(modelPath(QStringLiteral("digits_rf10.onnx"))).value();
        const LoweredForest forest = *lower(digits, {.featureType = FeatureType::Int16}).value().forest();
        QCOMPARE(int(forest.headBytes), 1);
        QCOMPARE(int(forest.thresholdBytes), 1);
        QCOMPARE(int(forest.rootBytes), 2);
        // 1025 comparisons: three bytes and a little each, and the shares of 207 mixed leaves.
        QVERIFY2(forest.tableBytes() < 4900, qPrintable(QString::number(forest.tableBytes())));
        QVERIFY(lower(digits, {.vote = Vote::Hard}).value().forest()->tableBytes() < 3200);

        RandomTrees maker(5);
        const model::Model large =
            modelOf(maker.make({.trees = 400, .targets = 2, .features = 2000, .maxDepth = 12, .allModes = false}));
        const LoweredForest wide = *lower(large).value().forest();
        QCOMPARE(int(wide.headBytes), 2);
        QCOMPARE(int(wide.thresholdBytes), 4);
        QCOMPARE(int(wide.rootBytes), 4);
    }

    void windowModelsRunFromRawRows()
    {
        const features::Pipeline pipeline = motionPipeline(64, 32);
        const std::vector<QByteArray> windows = motionWindows(1, 60, 64);
        const model::Model model = windowModel(pipeline, windows, 2);
        const HostProgram program = programOf(model);
        QCOMPARE(program.windowBytes(), qsizetype(64 * 3 * 2));
        QSet<int> winners;
        for (const QByteArray& window : windows) {
            const HostOutput output = program.runWindow(window).value();
            const std::vector<float> features = features::extract(pipeline, window).value();
            QCOMPARE(output.features, QByteArray(reinterpret_cast<const char*>(features.data()),
                                                 static_cast<qsizetype>(features.size() * sizeof(float))));
            QCOMPARE(qint32(output.winner), model::evaluate(model, features).value().winners.front());
            winners << output.winner;
        }
        QVERIFY(winners.size() > 1);
        QCOMPARE(program.runWindow(windows.front().left(10)).error().kind, ErrorKind::BadData);
        QCOMPARE(lower(model, {.featureType = FeatureType::Int16}).error().kind, ErrorKind::Usage);
    }

    void whatCannotBeGeneratedIsSaid()
    {
        RandomTrees maker(1);
        model::TreeEnsemble ensemble = maker.make({});
        const auto refused = [](const model::Model& model, const Options& options = {}) {
            const auto lowered = lower(model, options);
            return lowered ? QStringLiteral("accepted") : errorKindName(lowered.error().kind);
        };
        ensemble.aggregate = model::Aggregate::Maximum;
        QCOMPARE(refused(modelOf(ensemble)), QStringLiteral("unsupported"));
        ensemble.aggregate = model::Aggregate::Sum;
        ensemble.postTransform = model::PostTransform::SoftmaxZero;
        QCOMPARE(refused(modelOf(ensemble)), QStringLiteral("unsupported"));
        ensemble.postTransform = model::PostTransform::Softmax;
        QCOMPARE(refused(modelOf(ensemble)), QStringLiteral("accepted"));

        model::Model text = modelOf(ensemble);
        text.graph.inputs.front().type = model::TensorType::String;
        QCOMPARE(refused(text), QStringLiteral("unsupported"));
        const model::TreeEnsemble regressor = maker.make({.classifier = false});
        QCOMPARE(refused(modelOf(regressor), {.vote = Vote::Hard}), QStringLiteral("usage"));

        model::TreeEnsemble deep;
        deep.featureCount = 1;
        deep.targets = 2;
        deep.roots = {0};
        deep.leafValues = {1, 0, 0, 1};
        for (qint32 i = 0; i < 600; i += 2) {
            deep.nodes.push_back({BranchMode::LessOrEqual, false, 0, static_cast<float>(i), i + 1, i + 2, -1});
            deep.nodes.emplace_back();
            deep.nodes.back().leaf = 0;
        }
        deep.nodes.emplace_back();
        deep.nodes.back().leaf = 1;
        QCOMPARE(refused(modelOf(deep)), QStringLiteral("unsupported"));

        // Each test for equality copies the branch that follows it: two to the power of their number.
        model::TreeEnsemble equal = deep;
        equal.nodes.resize(120);
        equal.nodes.emplace_back();
        equal.nodes.back().leaf = 1;
        for (std::size_t i = 0; i < 120; i += 2)
            equal.nodes[i].mode = BranchMode::Equal;
        QCOMPARE(refused(modelOf(equal)), QStringLiteral("unsupported"));
        // With equal answers everywhere nothing of it stays, and the walk would take for ever.
        for (model::TreeNode& node : equal.nodes)
            node.leaf = node.leaf < 0 ? -1 : 0;
        QCOMPARE(refused(modelOf(equal)), QStringLiteral("unsupported"));

        model::Model damaged = modelOf(maker.make({}));
        damaged.properties[QStringLiteral("emberlab.pipeline")] = QStringLiteral("{\"");
        QCOMPARE(refused(damaged), QStringLiteral("bad-data"));
    }

    // Behind codes only the table of labels is dropped.
    void whatPicksFeaturesBehindCodesIsNoTableOfLabels()
    {
        RandomTrees maker(4);
        const model::Model trees = modelOf(maker.make({.features = 5, .allModes = false}));
        std::vector<float> calibration(50);
        for (float& value : calibration)
            value = static_cast<float>(maker.generator().generateDouble() * 24 - 12);
        const model::Model coded =
            model::codeFeatures(trees, model::Tensor::of(calibration, {10, 5}), model::TensorType::Int16).value().model;
        QCOMPARE(lower(coded).value().featureCount, quint16(5));
        const std::vector<model::Node>& nodes = coded.graph.nodes;
        const auto place = std::find_if(nodes.begin(), nodes.end(), [](const model::Node& node) {
            return std::holds_alternative<model::TreeEnsemble>(node.operation);
        });
        const auto at = place - nodes.begin();
        model::Model picked = coded;
        picked.graph.constants["places"] = {model::Tensor::of(std::vector<qint64>{4, 3, 2, 1, 0}, {5})};
        picked.graph.nodes.insert(picked.graph.nodes.begin() + at,
                                  {"picked", model::Gather{1}, {place->inputs[0], "places"}, {"picked"}});
        picked.graph.nodes[static_cast<std::size_t>(at) + 1].inputs[0] = "picked";
        QVERIFY(model::evaluate(picked, calibration)->scores != model::evaluate(coded, calibration)->scores);
        QCOMPARE(lower(picked).error().kind, ErrorKind::Unsupported);
        QVERIFY(lower(picked).error().message.contains(QLatin1String("do not read the features themselves")));

        model::Model constant = coded;
        constant.graph.constants["row"] = {model::Tensor::of(std::vector<float>(5, 1.0f), {1, 5})};
        constant.graph.nodes[static_cast<std::size_t>(at)].inputs[0] = "row";
        QCOMPARE(lower(constant).error().kind, ErrorKind::Unsupported);
        // What picks from another list is refused, not passed over.
        model::Model beside = coded;
        beside.graph.nodes.push_back({"beside", model::Gather{0}, {"row", "places"}, {"beside"}});
        beside.graph.constants["row"] = {model::Tensor::of(std::vector<float>{1, 2}, {2})};
        beside.graph.constants["places"] = {model::Tensor::of(std::vector<qint64>{0, 1}, {2})};
        QCOMPARE(lower(beside).error().kind, ErrorKind::Unsupported);
    }

    void featuresThatDoNotFitTheirTypeAreRefused()
    {
        const HostProgram program = programOf(modelOf(stump(BranchMode::Less, 3, false), model::TensorType::Int8));
        const auto kind = [&](float value) {
            const auto encoded = program.encodeFeatures(std::span<const float>(&value, 1));
            return encoded ? QStringLiteral("accepted") : errorKindName(encoded.error().kind);
        };
        QCOMPARE(kind(-128.0f), QStringLiteral("accepted"));
        QCOMPARE(kind(127.0f), QStringLiteral("accepted"));
        for (const float value : {128.0f, -129.0f, 0.5f, std::numeric_limits<float>::quiet_NaN(), 1e30f})
            QCOMPARE(kind(value), QStringLiteral("usage"));
        QCOMPARE(program.encodeFeatures({}).error().kind, ErrorKind::Usage);
        QCOMPARE(program.runFeatures(QByteArray(2, 'x')).error().kind, ErrorKind::BadData);
        QCOMPARE(program.runWindow(QByteArray()).error().kind, ErrorKind::Usage);
    }

    void namesBecomeIdentifiers_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("name");
        QTest::newRow("plain") << "gestures"
                               << "gestures";
        QTest::newRow("spaces") << "My  Gestures (v2)"
                                << "my_gestures_v2";
        QTest::newRow("digit") << "3d moves"
                               << "m3d_moves";
        QTest::newRow("keyword") << "int"
                                 << "int_model";
        QTest::newRow("library") << "signal"
                                 << "signal_model";
        QTest::newRow("type") << "uint8_t"
                              << "uint8_t_model";
        QTest::newRow("nothing") << QStringLiteral("\u6b69\u304f") << "model";
        QTest::newRow("umlauts") << QStringLiteral("Gr\u00f6\u00dfe") << "gr_e";
        QTest::newRow("underscores") << "__x__y__"
                                     << "x_y";
        QTest::newRow("injection") << "a\"; } int main() { //"
                                   << "a_int_main";
        QTest::newRow("long") << QString(100, QLatin1Char('x')) << QString(40, QLatin1Char('x'));
    }
    void namesBecomeIdentifiers()
    {
        QFETCH(QString, text);
        QFETCH(QString, name);
        QCOMPARE(identifierFrom(text), name);
    }

    void hashesTellModelsAndOptionsApart()
    {
        RandomTrees maker(8);
        const model::Model model = modelOf(maker.make({}));
        const QString hash = lower(model).value().hash;
        QCOMPARE(hash.size(), qsizetype(64));
        QCOMPARE(lower(model).value().hash, hash);
        QVERIFY(lower(model, {.vote = Vote::Hard}).value().hash != hash);
        QVERIFY(lower(model, {.optimise = Optimise::Speed}).value().hash != hash);
        QVERIFY(lower(model, {.name = QStringLiteral("other")}).value().hash != hash);
        model::Model renamed = model;
        renamed.classNames.front() = QStringLiteral("something else");
        QVERIFY(lower(renamed).value().hash != hash);
        model::Model moved = model;
        for (model::TreeNode& node : std::get<model::TreeEnsemble>(moved.graph.nodes.front().operation).nodes)
            node.threshold += 0.125f;
        QVERIFY(lower(moved).value().hash != hash);
    }
};

QTEST_GUILESS_MAIN(TestLower)
#include "tst_lower.moc"
