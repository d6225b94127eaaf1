// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/xgboost_model.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <utility>
#include <vector>

namespace ember::trees {
namespace {

Error badModel(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("XGBoost's model cannot be read: %1.").arg(what));
}

// One tree in XGBoost's own arrays, one entry per node.
struct Arrays
{
    QJsonArray left, right, feature, condition, defaultLeft;

    static Arrays of(const QJsonObject& tree)
    {
        return {tree[QStringLiteral("left_children")].toArray(), tree[QStringLiteral("right_children")].toArray(),
                tree[QStringLiteral("split_indices")].toArray(), tree[QStringLiteral("split_conditions")].toArray(),
                tree[QStringLiteral("default_left")].toArray()};
    }

    bool isWhole() const
    {
        const qsizetype nodes = left.size();
        return nodes > 0 && right.size() == nodes && feature.size() == nodes && condition.size() == nodes &&
               defaultLeft.size() == nodes;
    }
};

class Reader
{
public:
    explicit Reader(const MarginForm& form)
        : m_form(form)
    {
        m_ensemble.classifier = form.classes > 0;
        m_ensemble.featureCount = form.columns;
        m_ensemble.targets = std::max(form.classes, 1);
        if (form.classes == 2)
            m_ensemble.postTransform = model::PostTransform::Logistic;
        else if (form.classes > 2)
            m_ensemble.postTransform = model::PostTransform::Softmax;
        if (form.base != 0.0f)
            m_ensemble.baseValues = leafValues(form.base, 0);
    }

    // Children follow their parents, the left one first. `target` is the margin that the tree adds to.
    Status addTree(const Arrays& tree, int target)
    {
        if (!tree.isWhole() || target < 0 || target >= m_ensemble.targets)
            return badModel(QStringLiteral("the arrays of a tree do not fit each other"));
        struct Pending
        {
            qsizetype at;
            qint32 parent;
            bool whenTrue;
        };
        const std::size_t before = m_ensemble.nodes.size();
        m_ensemble.roots.push_back(static_cast<qint32>(before));
        std::vector<Pending> pending{{0, -1, false}};
        while (!pending.empty()) {
            const Pending next = pending.back();
            pending.pop_back();
            const auto index = static_cast<qint32>(m_ensemble.nodes.size());
            if (next.at < 0 || next.at >= tree.left.size() || index - static_cast<qint32>(before) >= tree.left.size())
                return badModel(QStringLiteral("a tree is no tree"));
            if (next.parent >= 0) {
                model::TreeNode& parent = m_ensemble.nodes[static_cast<std::size_t>(next.parent)];
                (next.whenTrue ? parent.whenTrue : parent.whenFalse) = index;
            }
            m_ensemble.nodes.push_back(nodeOf(tree, next.at, target));
            if (m_ensemble.nodes.back().leaf >= 0)
                continue;
            if (m_ensemble.nodes.back().feature < 0 || m_ensemble.nodes.back().feature >= m_form.columns)
                return badModel(QStringLiteral("a tree asks for feature %1").arg(m_ensemble.nodes.back().feature));
            pending.push_back({tree.right[next.at].toInt(-1), index, false});
            pending.push_back({tree.left[next.at].toInt(-1), index, true});
        }
        return {};
    }

    model::TreeEnsemble take() { return std::move(m_ensemble); }

private:
    model::TreeNode nodeOf(const Arrays& tree, qsizetype at, int target)
    {
        model::TreeNode node;
        const auto value = static_cast<float>(tree.condition[at].toDouble());
        if (tree.left[at].toInt(-1) == -1) {
            const std::vector<float> leaf = leafValues(value, target);
            node.leaf = static_cast<qint32>(m_ensemble.leafValues.size() / leaf.size());
            m_ensemble.leafValues.insert(m_ensemble.leafValues.end(), leaf.begin(), leaf.end());
            return node;
        }
        node.mode = model::BranchMode::Less;
        node.missingGoesTrue = tree.defaultLeft[at].toInt() != 0 || tree.defaultLeft[at].toBool();
        node.feature = tree.feature[at].toInt(-1);
        node.threshold = value;
        return node;
    }

    std::vector<float> leafValues(float margin, int target) const
    {
        if (m_form.classes == 2)
            return {-margin, margin};
        std::vector<float> values(static_cast<std::size_t>(m_ensemble.targets), 0.0f);
        values[static_cast<std::size_t>(target)] = margin;
        return values;
    }

    MarginForm m_form;
    model::TreeEnsemble m_ensemble;
};

} // namespace

Result<model::TreeEnsemble> readXgboostModel(const QByteArray& json, const MarginForm& form)
{
    const QJsonObject booster = QJsonDocument::fromJson(json)[QStringLiteral("learner")]
                                    .toObject()[QStringLiteral("gradient_booster")]
                                    .toObject();
    const QJsonObject trees = booster[QStringLiteral("model")].toObject();
    const QJsonArray list = trees[QStringLiteral("trees")].toArray();
    const QJsonArray targets = trees[QStringLiteral("tree_info")].toArray();
    if (list.isEmpty() || targets.size() != list.size())
        return badModel(QStringLiteral("it has %1 trees for %2 targets").arg(list.size()).arg(targets.size()));
    Reader reader(form);
    for (qsizetype i = 0; i < list.size(); ++i) {
        EMBER_CHECK(reader.addTree(Arrays::of(list[i].toObject()), targets[i].toInt(-1)));
    }
    return reader.take();
}

} // namespace ember::trees
