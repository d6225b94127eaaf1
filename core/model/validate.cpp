// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/validate.h"

#include <QSet>

#include <algorithm>
#include <cmath>
#include <set>

namespace ember::model {
namespace {

Error badModel(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The model is damaged: %1.").arg(what),
                 QStringLiteral("Train or convert it again; this file cannot be used."));
}

Status validateSizes(const TreeEnsemble& e)
{
    if (e.featureCount < 1 || e.featureCount > kMaxFeatures)
        return badModel(QStringLiteral("%1 features").arg(e.featureCount));
    if (e.targets < 1 || e.targets > kMaxTargets)
        return badModel(QStringLiteral("%1 targets").arg(e.targets));
    if (e.roots.empty())
        return badModel(QStringLiteral("it has no trees"));
    if (e.nodes.size() > std::size_t(kMaxTreeNodes) || e.leafValues.size() > std::size_t(kMaxLeafValues))
        return badModel(QStringLiteral("%1 nodes and %2 leaf values are beyond every limit")
                            .arg(e.nodes.size())
                            .arg(e.leafValues.size()));
    if (e.leafValues.empty() || e.leafValues.size() % std::size_t(e.targets) != 0)
        return badModel(QStringLiteral("%1 leaf values for %2 targets").arg(e.leafValues.size()).arg(e.targets));
    if (!e.baseValues.empty() && e.baseValues.size() != std::size_t(e.targets))
        return badModel(QStringLiteral("%1 base values for %2 targets").arg(e.baseValues.size()).arg(e.targets));
    return {};
}

Status validateNode(const TreeEnsemble& e, std::size_t index)
{
    const TreeNode& node = e.nodes[index];
    const auto leaves = static_cast<qint64>(e.leafValues.size()) / e.targets;
    if (node.leaf >= 0) {
        if (node.leaf >= leaves)
            return badModel(QStringLiteral("tree node %1 names leaf %2 of %3").arg(index).arg(node.leaf).arg(leaves));
        return {};
    }
    if (node.mode > BranchMode::NotEqual)
        return badModel(QStringLiteral("tree node %1 has an unknown comparison").arg(index));
    if (node.feature < 0 || node.feature >= e.featureCount)
        return badModel(
            QStringLiteral("tree node %1 reads feature %2 of %3").arg(index).arg(node.feature).arg(e.featureCount));
    // An infinite threshold still compares; one that is not a number would send every row the same way unnoticed.
    if (std::isnan(node.threshold))
        return badModel(QStringLiteral("the threshold of tree node %1 is not a number").arg(index));
    for (const qint32 child : {node.whenTrue, node.whenFalse}) {
        if (child <= static_cast<qint64>(index) || child >= static_cast<qint64>(e.nodes.size()))
            return badModel(QStringLiteral("tree node %1 has child %2").arg(index).arg(child));
    }
    return {};
}

// Every node has exactly one parent, or is a root: then the nodes are trees and none is shared or forgotten.
Status validateParents(const TreeEnsemble& e)
{
    std::vector<quint8> parents(e.nodes.size(), 0);
    const auto count = [&parents](qint32 node) {
        quint8& n = parents[static_cast<std::size_t>(node)];
        n = static_cast<quint8>(std::min(n + 1, 2));
    };
    for (const qint32 root : e.roots) {
        if (root < 0 || root >= static_cast<qint64>(e.nodes.size()))
            return badModel(QStringLiteral("a tree begins at node %1").arg(root));
        count(root);
    }
    for (const TreeNode& node : e.nodes) {
        if (node.leaf < 0) {
            count(node.whenTrue);
            count(node.whenFalse);
        }
    }
    const auto odd = std::find_if(parents.begin(), parents.end(), [](quint8 n) { return n != 1; });
    if (odd != parents.end())
        return badModel(QStringLiteral("tree node %1 %2")
                            .arg(odd - parents.begin())
                            .arg(*odd == 0 ? QStringLiteral("belongs to no tree")
                                           : QStringLiteral("is reached in more than one way")));
    return {};
}

bool allFinite(const std::vector<float>& values)
{
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

Status validateNames(const Model& model, const Node& node, const TreeEnsemble& ensemble)
{
    if (!model.featureNames.isEmpty() && model.featureNames.size() != ensemble.featureCount)
        return badModel(QStringLiteral("%1 feature names for %2 features")
                            .arg(model.featureNames.size())
                            .arg(ensemble.featureCount));
    const qsizetype expectedClasses = ensemble.classifier ? ensemble.targets : 0;
    if (model.classNames.size() != expectedClasses)
        return badModel(
            QStringLiteral("%1 class names for %2 classes").arg(model.classNames.size()).arg(expectedClasses));
    const QSet<QString> distinct(model.classNames.begin(), model.classNames.end());
    if (distinct.size() != model.classNames.size())
        return badModel(QStringLiteral("two classes have the same name"));
    const std::size_t outputs = ensemble.classifier ? 2 : 1;
    if (node.inputs.size() != 1 || node.outputs.size() != outputs)
        return badModel(QStringLiteral("a tree ensemble with %1 inputs and %2 outputs")
                            .arg(node.inputs.size())
                            .arg(node.outputs.size()));
    return {};
}

// The names that exist before any node has run, each once.
Status collectSources(const Graph& graph, std::set<std::string>& known)
{
    const auto add = [&known](const std::string& name) -> Status {
        if (name.empty() || !known.insert(name).second)
            return badModel(QStringLiteral("two values are called '%1'").arg(QString::fromStdString(name)));
        return {};
    };
    for (const ValueInfo& input : graph.inputs)
        EMBER_CHECK(add(input.name));
    for (const auto& [name, constant] : graph.constants)
        EMBER_CHECK(add(name));
    for (const ValueInfo& state : graph.states)
        EMBER_CHECK(add(state.name));
    return {};
}

Status validateWires(const Graph& graph)
{
    std::set<std::string> known;
    EMBER_CHECK(collectSources(graph, known));
    for (const Node& node : graph.nodes) {
        for (const std::string& name : node.inputs) {
            if (!name.empty() && !known.contains(name))
                return badModel(QStringLiteral("node '%1' reads '%2', which nothing before it makes")
                                    .arg(QString::fromStdString(node.name), QString::fromStdString(name)));
        }
        for (const std::string& name : node.outputs) {
            if (!name.empty() && !known.insert(name).second)
                return badModel(QStringLiteral("two values are called '%1'").arg(QString::fromStdString(name)));
        }
    }
    for (const ValueInfo& output : graph.outputs) {
        if (!known.contains(output.name))
            return badModel(QStringLiteral("nothing makes the output '%1'").arg(QString::fromStdString(output.name)));
    }
    return {};
}

} // namespace

Status validate(const TreeEnsemble& ensemble)
{
    EMBER_CHECK(validateSizes(ensemble));
    for (std::size_t i = 0; i < ensemble.nodes.size(); ++i)
        EMBER_CHECK(validateNode(ensemble, i));
    EMBER_CHECK(validateParents(ensemble));
    if (!allFinite(ensemble.leafValues))
        return badModel(QStringLiteral("a leaf value is not a finite number"));
    if (!allFinite(ensemble.baseValues))
        return badModel(QStringLiteral("a base value is not a finite number"));
    return {};
}

namespace {

Status validateQuantisation(const Quantisation& q, const Shape& shape, const std::string& name)
{
    const auto bad = [&name](const QString& what) {
        return badModel(QStringLiteral("%1 of '%2'").arg(what, QString::fromStdString(name)));
    };
    if (q.scales.empty() || q.scales.size() != q.zeroPoints.size())
        return bad(QStringLiteral("%1 scales and %2 zero points").arg(q.scales.size()).arg(q.zeroPoints.size()));
    for (const float scale : q.scales) {
        if (!std::isfinite(scale) || scale <= 0)
            return bad(QStringLiteral("the scale %1").arg(static_cast<double>(scale)));
    }
    for (const qint32 zero : q.zeroPoints) {
        if (zero < -65'536 || zero > 65'536)
            return bad(QStringLiteral("the zero point %1").arg(zero));
    }
    if (!q.perChannel())
        return {};
    if (q.axis < 0 || static_cast<std::size_t>(q.axis) >= shape.size() ||
        shape[static_cast<std::size_t>(q.axis)] != static_cast<qint64>(q.scales.size()))
        return bad(QStringLiteral("%1 scales along axis %2").arg(q.scales.size()).arg(q.axis));
    return {};
}

Status validateValues(const Graph& graph)
{
    const auto check = [](const ValueInfo& info) -> Status {
        return info.quantisation ? validateQuantisation(*info.quantisation, info.shape, info.name) : Status();
    };
    for (const ValueInfo& info : graph.inputs)
        EMBER_CHECK(check(info));
    for (const ValueInfo& info : graph.outputs)
        EMBER_CHECK(check(info));
    for (const ValueInfo& info : graph.states)
        EMBER_CHECK(check(info));
    for (const auto& [name, info] : graph.values)
        EMBER_CHECK(check(info));
    for (const auto& [name, constant] : graph.constants) {
        if (constant.quantisation)
            EMBER_CHECK(validateQuantisation(*constant.quantisation, constant.value.shape(), name));
    }
    return {};
}

// Beside the values of a run, what is kept between runs takes memory all the time.
Status validateStates(const Graph& graph)
{
    constexpr qint64 kMaxStateBytes = 32'000'000;
    qint64 bytes = 0;
    for (const ValueInfo& state : graph.states) {
        EMBER_TRY(const qint64 count, elementCount(state.shape));
        bytes += count * static_cast<qint64>(std::max<std::size_t>(1, elementBytes(state.type)));
        if (bytes > kMaxStateBytes)
            return Error(ErrorKind::Unsupported,
                         QStringLiteral("The model cannot be used: its states need more than %1 MB.")
                             .arg(kMaxStateBytes / 1'000'000));
    }
    return {};
}

Status validateGraph(const Graph& graph)
{
    if (graph.nodes.empty() || graph.outputs.empty() || graph.nodes.size() > kMaxNodes)
        return badModel(
            QStringLiteral("it has %1 nodes and %2 outputs").arg(graph.nodes.size()).arg(graph.outputs.size()));
    EMBER_CHECK(validateValues(graph));
    EMBER_CHECK(validateStates(graph));
    for (const Node& node : graph.nodes) {
        if (node.inputs.size() > kMaxNodeEnds || node.outputs.size() > kMaxNodeEnds || node.outputs.empty())
            return badModel(QStringLiteral("node '%1' has %2 inputs and %3 outputs")
                                .arg(QString::fromStdString(node.name))
                                .arg(node.inputs.size())
                                .arg(node.outputs.size()));
        if (const auto* trees = std::get_if<TreeEnsemble>(&node.operation))
            EMBER_CHECK(validate(*trees));
    }
    return {};
}

} // namespace

Status validate(const Model& model)
{
    if (model.graph.nodes.empty())
        return badModel(QStringLiteral("it has no nodes"));
    if (isTreeModel(model) && model.graph.inputs.size() != 1)
        return badModel(QStringLiteral("it has %1 nodes and %2 inputs")
                            .arg(model.graph.nodes.size())
                            .arg(model.graph.inputs.size()));
    EMBER_CHECK(validateWires(model.graph));
    if (!isTreeModel(model))
        return validateGraph(model.graph);
    const Node& node = model.graph.nodes.front();
    const auto& ensemble = std::get<TreeEnsemble>(node.operation);
    EMBER_CHECK(validate(ensemble));
    return validateNames(model, node, ensemble);
}

} // namespace ember::model
