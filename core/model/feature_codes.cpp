// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/feature_codes.h"

#include "core/model/snap_points.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace ember::model {
namespace {

constexpr char kOffsets[] = "codes/offset";
constexpr char kScales[] = "codes/scale";
constexpr char kZeros[] = "codes/zero";
constexpr char kCentred[] = "codes/centred";
constexpr char kCodes[] = "codes/number";
constexpr char kSteps[] = "codes/steps";
constexpr char kCoded[] = "codes/feature";
constexpr int kSpare = 2; ///< codes beyond the outermost thresholds: what is cut off there is told from none of them

Error cannotCode(const QString& what)
{
    return Error(ErrorKind::Unsupported, QStringLiteral("Features cannot become whole numbers: %1.").arg(what),
                 QStringLiteral("Generate code for the model as it is; floats are compared exactly there."));
}

/// A float that stays what it is.
bool isSameFloat(const Node& node)
{
    const auto* cast = std::get_if<Cast>(&node.operation);
    return cast && (cast->to == TensorType::Float32 || cast->to == TensorType::Float64);
}

/// The trees of a graph; null where there are none. Codes lie where thresholds do, so that all thresholds must be of
/// the features themselves, and nothing but the trees may read them.
Result<const TreeEnsemble*> treesOf(const Graph& graph)
{
    const TreeEnsemble* trees = nullptr;
    std::set<std::string> same{graph.inputs[0].name};
    std::size_t ensembles = 0, others = 0;
    for (const Node& node : graph.nodes) {
        const bool reads = std::any_of(node.inputs.begin(), node.inputs.end(),
                                       [&same](const std::string& name) { return same.contains(name); });
        const auto* found = std::get_if<TreeEnsemble>(&node.operation);
        ensembles += found ? 1 : 0;
        if (found && reads)
            trees = found;
        else if (reads && isSameFloat(node))
            same.insert(node.outputs[0]);
        else
            others += reads ? 1 : 0;
    }
    if (ensembles == 0)
        return trees;
    if (ensembles > 1)
        return cannotCode(QStringLiteral("it has %1 tree ensembles").arg(ensembles));
    if (!trees || others > 0)
        return cannotCode(trees ? QStringLiteral("not its trees alone read them")
                                : QStringLiteral("its trees read something else than the features"));
    if (trees->featureCount > graph.inputs[0].shape[1])
        return cannotCode(
            QStringLiteral("its trees read %1 features of %2").arg(trees->featureCount).arg(graph.inputs[0].shape[1]));
    return trees;
}

using Thresholds = std::vector<std::set<float>>;

Result<Thresholds> thresholdsOf(const TreeEnsemble& trees)
{
    Thresholds all(static_cast<std::size_t>(trees.featureCount));
    for (const TreeNode& node : trees.nodes) {
        if (node.leaf >= 0)
            continue;
        if (node.missingGoesTrue)
            return cannotCode(
                QStringLiteral("its trees ask whether feature %1 is missing, which no number says").arg(node.feature));
        all[static_cast<std::size_t>(node.feature)].insert(node.threshold);
    }
    return all;
}

struct Column
{
    ValueRange range;
    bool whole = true;
};

Result<std::vector<Column>> columnsOf(const Tensor& rows, std::size_t features)
{
    std::vector<Column> columns(features);
    const std::vector<float> values = rows.toFloat();
    for (std::size_t i = 0; i < values.size(); ++i) {
        Column& column = columns[i % features];
        if (!std::isfinite(values[i]))
            return Error(ErrorKind::BadData,
                         QStringLiteral("Row %1 has no number for feature %2.").arg(i / features).arg(i % features),
                         QStringLiteral("Whole numbers cannot be missing: leave such rows out."));
        column.range.low = i < features ? values[i] : std::min(column.range.low, values[i]);
        column.range.high = i < features ? values[i] : std::max(column.range.high, values[i]);
        column.whole = column.whole && values[i] == std::floor(values[i]);
    }
    return columns;
}

/// Offset and scale with which the codes hold a range.
void setCode(FeatureCodes& codes, ValueRange range, int spare)
{
    const double low = static_cast<double>(range.low);
    const double high = static_cast<double>(range.high);
    const double steps = 2.0 * (codes.most() - spare);
    const auto scale = static_cast<float>((high - low) / steps);
    codes.offsets.push_back(static_cast<float>(low / 2 + high / 2));
    codes.scales.push_back(std::isnormal(scale) ? scale : 1.0f);
}

void addCode(FeatureCodes& codes, const Column& column, const std::set<float>* thresholds)
{
    const auto most = static_cast<float>(codes.most());
    // Thresholds beyond the range would be met by what is cut off there.
    const bool fits =
        column.range.low >= -most && column.range.high <= most &&
        (!thresholds || thresholds->empty() || (*thresholds->begin() >= -most && *thresholds->rbegin() < most));
    if (column.whole && fits) {
        codes.offsets.push_back(0);
        codes.scales.push_back(1);
    } else if (!thresholds || thresholds->empty()) {
        setCode(codes, column.range, 0);
    } else if (thresholds->size() == 1) {
        const float half = (column.range.high - column.range.low) / 2;
        setCode(codes, {*thresholds->begin() - half, *thresholds->begin() + half}, kSpare);
    } else {
        setCode(codes, {*thresholds->begin(), *thresholds->rbegin()}, kSpare);
    }
}

/// The largest code that stands for at most `threshold`; one below all for none.
qint64 largestCode(const FeatureCodes& codes, std::size_t feature, float threshold)
{
    qint64 good = -codes.most() - 1;
    qint64 bad = codes.most() + 1;
    while (bad - good > 1) {
        const qint64 middle = good + (bad - good) / 2;
        (codes.realOf(feature, middle) <= threshold ? good : bad) = middle;
    }
    return good;
}

/// Counts thresholds, and those that no code tells apart; refuses tests of equality that codes would change.
Status checkThresholds(const TreeEnsemble& trees, const Thresholds& thresholds, CodedModel& coded)
{
    for (const TreeNode& node : trees.nodes) {
        if (node.leaf >= 0 || (node.mode != BranchMode::Equal && node.mode != BranchMode::NotEqual))
            continue;
        const auto f = static_cast<std::size_t>(node.feature);
        if (coded.codes.realOf(f, largestCode(coded.codes, f, node.threshold)) != node.threshold)
            return cannotCode(QStringLiteral("its trees test whether feature %1 is %2, which no code stands for")
                                  .arg(node.feature)
                                  .arg(static_cast<double>(node.threshold)));
    }
    for (std::size_t f = 0; f < thresholds.size(); ++f) {
        coded.thresholds += static_cast<int>(thresholds[f].size());
        if (coded.codes.isWhole(f))
            continue; // between two whole numbers, all thresholds ask the same
        std::set<qint64> codes;
        for (const float threshold : thresholds[f])
            codes.insert(largestCode(coded.codes, f, threshold));
        coded.mergedThresholds += static_cast<int>(thresholds[f].size() - codes.size());
    }
    return {};
}

/// A tree model that names its label itself becomes a graph in which a table does.
void nameLabels(Model& model)
{
    Graph& graph = model.graph;
    Node& trees = graph.nodes.front();
    const std::string label = trees.outputs[0];
    trees.outputs[0] = label + "/index";
    std::vector<std::string> texts;
    std::vector<qint64> numbers;
    for (const QString& name : model.classNames) {
        texts.push_back(name.toStdString());
        numbers.push_back(name.toLongLong());
    }
    const auto count = static_cast<qint64>(texts.size());
    const bool isText = graph.outputs[0].type == TensorType::String;
    graph.constants[label + "/names"] = {isText ? Tensor::ofStrings(std::move(texts), {count})
                                                : Tensor::of(numbers, {count})};
    graph.nodes.push_back({label, Gather{0}, {label + "/names", label + "/index"}, {label}});
}

void putInFront(Graph& graph, const FeatureCodes& codes)
{
    const std::string input = graph.inputs[0].name;
    const auto count = static_cast<qint64>(codes.size());
    graph.constants[kOffsets] = {Tensor::of(codes.offsets, {count})};
    graph.constants[kScales] = {Tensor::of(codes.scales, {count})};
    graph.constants[kZeros] = {codes.type == TensorType::Int8
                                   ? Tensor::of(std::vector<qint8>(codes.size(), 0), {count})
                                   : Tensor::of(std::vector<qint16>(codes.size(), 0), {count})};
    for (Node& node : graph.nodes)
        std::replace(node.inputs.begin(), node.inputs.end(), input, std::string(kCoded));
    const std::vector<Node> front = {
        {kCentred, Binary{BinaryKind::Subtract, Activation::None}, {input, kOffsets}, {kCentred}},
        {kCodes, QuantizeLinear{}, {kCentred, kScales, kZeros}, {kCodes}},
        {kSteps, DequantizeLinear{}, {kCodes, kScales, kZeros}, {kSteps}},
        {kCoded, Binary{BinaryKind::Add, Activation::None}, {kSteps, kOffsets}, {kCoded}}};
    graph.nodes.insert(graph.nodes.begin(), front.begin(), front.end());
}

Status checkForm(const Model& model, const Tensor& rows)
{
    const Graph& graph = model.graph;
    if (graph.inputs.size() != 1 || graph.inputs[0].shape.size() != 2 || graph.inputs[0].shape[1] < 1)
        return cannotCode(QStringLiteral("its input is no row of features"));
    if (graph.inputs[0].type != TensorType::Float32)
        return Error(
            ErrorKind::Unsupported,
            QStringLiteral("The features of this model are %1 already.").arg(tensorTypeName(graph.inputs[0].type)),
            QStringLiteral("Give '--feature-type int8' or int16 to estimate, generate and verify."));
    if (splitCodes(graph))
        return cannotCode(QStringLiteral("they are already"));
    if (!graph.states.empty())
        return cannotCode(QStringLiteral("it keeps states"));
    if (rows.rank() != 2 || rows.shape()[1] != graph.inputs[0].shape[1] || rows.shape()[0] < 1)
        return Error(ErrorKind::Usage, QStringLiteral("The rows are %1; the model takes %2.")
                                           .arg(shapeText(rows.shape()), shapeText(graph.inputs[0].shape)));
    return {};
}

const Tensor* constantOf(const Graph& graph, const std::string& name, TensorType type, std::size_t count)
{
    const auto found = graph.constants.find(name);
    return found != graph.constants.end() && found->second.value.type() == type &&
                   found->second.value.size() == static_cast<qint64>(count)
               ? &found->second.value
               : nullptr;
}

} // namespace

float FeatureCodes::realOf(std::size_t feature, qint64 code) const
{
    const float steps = static_cast<float>(code) * scales[feature];
    return steps + offsets[feature];
}

Result<CodedModel> codeFeatures(const Model& model, const Tensor& rows, TensorType type)
{
    EMBER_CHECK(checkForm(model, rows));
    const auto features = static_cast<std::size_t>(rows.shape()[1]);
    EMBER_TRY(const std::vector<Column> columns, columnsOf(rows, features));
    EMBER_TRY(const TreeEnsemble* trees, treesOf(model.graph));
    Thresholds thresholds(features);
    if (trees) {
        EMBER_TRY(thresholds, thresholdsOf(*trees));
        thresholds.resize(features);
    }
    CodedModel coded;
    coded.codes.type = type;
    for (std::size_t f = 0; f < features; ++f)
        addCode(coded.codes, columns[f], trees ? &thresholds[f] : nullptr);
    if (trees)
        EMBER_CHECK(checkThresholds(*trees, thresholds, coded));
    for (std::size_t f = 0; f < features; ++f)
        coded.ranges.push_back({coded.codes.realOf(f, -coded.codes.most()), coded.codes.realOf(f, coded.codes.most())});
    coded.model = model;
    if (isTreeModel(model) && trees->classifier)
        nameLabels(coded.model);
    putInFront(coded.model.graph, coded.codes);
    coded.movedPoints = detail::snapPoints(coded.model.graph, kCoded, coded.codes);
    return coded;
}

std::optional<SplitCodes> splitCodes(const Graph& graph)
{
    const std::vector<Node>& nodes = graph.nodes;
    if (graph.inputs.size() != 1 || graph.inputs[0].shape.size() != 2 || nodes.size() < 5)
        return std::nullopt;
    const auto features = static_cast<std::size_t>(std::max<qint64>(graph.inputs[0].shape[1], 0));
    const auto* centre = std::get_if<Binary>(&nodes[0].operation);
    const auto* back = std::get_if<Binary>(&nodes[3].operation);
    const auto* code = std::get_if<QuantizeLinear>(&nodes[1].operation);
    const auto* real = std::get_if<DequantizeLinear>(&nodes[2].operation);
    if (!centre || !back || !code || !real || centre->kind != BinaryKind::Subtract || back->kind != BinaryKind::Add ||
        code->blockSize != 0 || real->blockSize != 0 || features == 0 || nodes[0].inputs.size() != 2 ||
        nodes[1].inputs.size() != 3 || nodes[2].inputs.size() != 3 || nodes[3].inputs.size() != 2)
        return std::nullopt;
    for (std::size_t i = 0; i < 4; ++i) {
        if (nodes[i].outputs.size() != 1 || nodes[i].outputs[0].empty())
            return std::nullopt;
    }
    const bool chained = nodes[0].inputs[0] == graph.inputs[0].name && nodes[1].inputs[0] == nodes[0].outputs[0] &&
                         nodes[2].inputs[0] == nodes[1].outputs[0] && nodes[3].inputs[0] == nodes[2].outputs[0] &&
                         nodes[3].inputs[1] == nodes[0].inputs[1] && nodes[2].inputs[1] == nodes[1].inputs[1] &&
                         nodes[2].inputs[2] == nodes[1].inputs[2];
    const Tensor* offsets = constantOf(graph, nodes[0].inputs[1], TensorType::Float32, features);
    const Tensor* scales = constantOf(graph, nodes[1].inputs[1], TensorType::Float32, features);
    if (!chained || !offsets || !scales)
        return std::nullopt;
    SplitCodes split;
    const Tensor* zeros = nullptr;
    for (const TensorType type : {TensorType::Int8, TensorType::Int16}) {
        if (const Tensor* found = constantOf(graph, nodes[1].inputs[2], type, features)) {
            zeros = found;
            split.codes.type = type;
        }
    }
    const std::vector<qint64> zeroPoints = zeros ? zeros->toInt64() : std::vector<qint64>{1};
    const std::vector<float> steps = scales->toFloat();
    split.codes.offsets = offsets->toFloat();
    split.codes.scales = steps;
    const bool plain = std::all_of(zeroPoints.begin(), zeroPoints.end(), [](qint64 zero) { return zero == 0; }) &&
                       std::all_of(steps.begin(), steps.end(), [](float s) { return std::isnormal(s) && s > 0; });
    // Nobody else may read what lies before the codes.
    std::set<std::string> inner{graph.inputs[0].name, nodes[0].outputs[0], nodes[1].outputs[0], nodes[2].outputs[0]};
    bool alone = true;
    for (std::size_t i = 4; i < nodes.size(); ++i) {
        for (const std::string& name : nodes[i].inputs)
            alone = alone && !inner.contains(name);
    }
    for (const ValueInfo& output : graph.outputs)
        alone = alone && !inner.contains(output.name);
    if (!plain || !alone)
        return std::nullopt;
    split.rest = graph;
    split.rest.nodes.erase(split.rest.nodes.begin(), split.rest.nodes.begin() + 4);
    split.rest.inputs[0].name = nodes[3].outputs[0];
    return split;
}

} // namespace ember::model
