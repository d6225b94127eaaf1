// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tree_tools.h"

#include <bit>
#include <unordered_map>

namespace ember::model {

void shareEqualLeaves(TreeEnsemble& ensemble)
{
    // Rows are compared by their bits: -0 and 0 stay apart, so that nothing a file said is lost.
    const auto targets = static_cast<std::size_t>(ensemble.targets);
    const auto rowBytes = targets * sizeof(float);
    std::unordered_map<std::string, qint32> known;
    std::vector<float> shared;
    // Many nodes may name one leaf; its row is looked at once.
    std::vector<qint32> place(ensemble.leafValues.size() / targets, -1);
    for (TreeNode& node : ensemble.nodes) {
        if (node.leaf < 0)
            continue;
        if (qint32& seen = place[static_cast<std::size_t>(node.leaf)]; seen >= 0) {
            node.leaf = seen;
            continue;
        }
        const float* row = ensemble.leafValues.data() + static_cast<std::size_t>(node.leaf) * targets;
        std::string key(reinterpret_cast<const char*>(row), rowBytes);
        const auto next = static_cast<qint32>(shared.size() / targets);
        const auto [entry, isNew] = known.try_emplace(std::move(key), next);
        if (isNew)
            shared.insert(shared.end(), row, row + targets);
        place[static_cast<std::size_t>(node.leaf)] = entry->second;
        node.leaf = entry->second;
    }
    ensemble.leafValues = std::move(shared);
}

bool isShareForest(const TreeEnsemble& ensemble)
{
    if (!ensemble.classifier || ensemble.targets != 2 || !ensemble.baseValues.empty() || ensemble.roots.empty() ||
        ensemble.aggregate != Aggregate::Sum || ensemble.postTransform != PostTransform::None)
        return false;
    const float whole = 1.0f / static_cast<float>(ensemble.roots.size());
    for (std::size_t i = 0; i + 1 < ensemble.leafValues.size(); i += 2) {
        const float second = ensemble.leafValues[i + 1];
        if (!(second >= 0.0f && second <= whole) || ensemble.leafValues[i] != whole - second)
            return false;
    }
    return true;
}

bool isMarginForest(const TreeEnsemble& ensemble)
{
    if (!ensemble.classifier || ensemble.targets != 2 || ensemble.aggregate != Aggregate::Sum)
        return false;
    // By bits, because -0 and 0 must come back as they were.
    const auto opposite = [](const std::vector<float>& pairs) {
        for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
            if (std::bit_cast<quint32>(pairs[i]) != std::bit_cast<quint32>(-pairs[i + 1]))
                return false;
        }
        return true;
    };
    if (!opposite(ensemble.leafValues) || !opposite(ensemble.baseValues))
        return false;
    // Without a transform, readers tell margins from shares by a negative value.
    bool anyNegative = false;
    for (std::size_t i = 1; i < ensemble.leafValues.size(); i += 2)
        anyNegative = anyNegative || ensemble.leafValues[i] < 0;
    return anyNegative;
}

Model makeClassifier(TreeEnsemble ensemble, const QStringList& classNames, const QStringList& featureNames)
{
    Model model;
    model.classNames = classNames;
    model.featureNames = featureNames;
    model.graph.name = "classifier";
    model.graph.inputs = {{"features", TensorType::Float32, {-1, ensemble.featureCount}}};
    model.graph.outputs = {{"label", TensorType::String, {-1}},
                           {"scores", TensorType::Float32, {-1, ensemble.targets}}};
    model.graph.nodes = {{"trees", std::move(ensemble), {"features"}, {"label", "scores"}}};
    return model;
}

} // namespace ember::model
