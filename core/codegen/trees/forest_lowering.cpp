// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/trees/forest_lowering.h"

#include "core/codegen/trees/forest_leaves.h"
#include "core/codegen/trees/forest_tables.h"
#include "device-agent/runtime/forest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace ember::codegen {
namespace {

using model::BranchMode;

// Deeper trees are damaged or hostile; the walk below recurses.
constexpr int kMaxDepth = 250;
// Equality tests become two comparisons each and copy a branch: a model that grows beyond this is refused.
constexpr std::size_t kMaxNodes = 4'000'000;
constexpr std::size_t kMaxVisits = 4 * kMaxNodes;

struct IntegerRange
{
    qint64 least;
    qint64 most;
};

IntegerRange rangeOf(FeatureType type)
{
    switch (type) {
    case FeatureType::Int8:
        return {std::numeric_limits<qint8>::min(), std::numeric_limits<qint8>::max()};
    case FeatureType::Int16:
        return {std::numeric_limits<qint16>::min(), std::numeric_limits<qint16>::max()};
    default:
        return {std::numeric_limits<qint32>::min(), std::numeric_limits<qint32>::max()};
    }
}

/// The largest integer that is "at most t" ("less than t" when strict) after `real` has made it a float32, as the
/// model's own arithmetic does: beyond 2^24 several integers are one float. `real` never falls.
template <typename Real>
qint64 largestInteger(float t, bool strict, IntegerRange range, Real real)
{
    const auto passes = [&](qint64 x) { return strict ? real(x) < t : real(x) <= t; };
    if (passes(range.most))
        return range.most;
    if (!passes(range.least))
        return range.least - 1;
    qint64 good = range.least;
    qint64 bad = range.most;
    while (bad - good > 1) {
        const qint64 middle = good + (bad - good) / 2;
        (passes(middle) ? good : bad) = middle;
    }
    return good;
}

/// What a comparison with a threshold is in integers: always the same answer, or "feature <= limit".
struct Comparison
{
    std::optional<bool> always;
    qint32 limit = 0;
};

template <typename Real>
Comparison integerComparison(float t, bool strict, FeatureType type, Real real)
{
    const IntegerRange range = rangeOf(type);
    const qint64 limit = largestInteger(t, strict, range, real);
    if (limit >= range.most)
        return {true, 0};
    if (limit < range.least)
        return {false, 0};
    return {std::nullopt, static_cast<qint32>(limit)};
}

Comparison floatComparison(float t, bool strict, bool missingGoesTrue)
{
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (strict && t == -kInfinity) // Nothing is less; what is left of the question is whether there is a value.
        return missingGoesTrue ? Comparison{std::nullopt, kNothingIsAtMost} : Comparison{false, 0};
    if (strict)
        t = std::nextafter(t, -kInfinity);
    // A negative zero threshold would come between the zeros, which compare alike.
    return {std::nullopt, runtime::comparable(t == 0.0f ? 0.0f : t)};
}

class ForestBuilder
{
public:
    ForestBuilder(const model::TreeEnsemble& ensemble, FeatureType type, const std::optional<LoweredCodes>& codes,
                  std::vector<quint32> leafMapping, LoweredForest& forest)
        : m_ensemble(ensemble)
        , m_type(type)
        , m_codes(codes)
        , m_leafMapping(std::move(leafMapping))
        , m_forest(forest)
    {}

    Status addTree(qint32 root)
    {
        const auto first = static_cast<qint32>(m_forest.nodes.size());
        const qint32 top = lower(root, 0);
        if (m_tooLarge)
            return Error(ErrorKind::Unsupported,
                         QStringLiteral("Trees that test for equality become too large as comparisons."),
                         QStringLiteral("Encode categories as separate features, or train without them."));
        if (top < 0) // A tree that is one leaf is a node with that leaf on both sides.
            m_forest.nodes.push_back({0, false, 0, top, top});
        m_forest.roots.push_back(first);
        return {};
    }

private:
    /// Appends the subtree of a model node, in pre-order; returns its node, or -1 - leaf.
    qint32 lower(qint32 index, int depth)
    {
        // A test for equality lowers one side twice. What is visited counts, not what stays: subtrees that collapse
        // into a leaf would hide that their number doubles with every level.
        if (m_tooLarge || ++m_visits > kMaxVisits) {
            m_tooLarge = true;
            return -1;
        }
        const model::TreeNode& node = m_ensemble.nodes[static_cast<std::size_t>(index)];
        if (node.leaf >= 0)
            return -1 - static_cast<qint32>(m_leafMapping[static_cast<std::size_t>(node.leaf)]);
        switch (node.mode) {
        case BranchMode::LessOrEqual:
            return compare(node, false, node.missingGoesTrue, node.whenTrue, node.whenFalse, depth);
        case BranchMode::Less:
            return compare(node, true, node.missingGoesTrue, node.whenTrue, node.whenFalse, depth);
        // The opposites swap sides, and with them the side of NaN.
        case BranchMode::GreaterOrEqual:
            return compare(node, true, !node.missingGoesTrue, node.whenFalse, node.whenTrue, depth);
        case BranchMode::Greater:
            return compare(node, false, !node.missingGoesTrue, node.whenFalse, node.whenTrue, depth);
        case BranchMode::Equal:
            return equal(node, node.missingGoesTrue, node.whenTrue, node.whenFalse, depth);
        case BranchMode::NotEqual:
            return equal(node, false, node.whenFalse, node.whenTrue, depth); // NaN differs from everything
        }
        Q_UNREACHABLE();
    }

    qint32 compare(const model::TreeNode& node, bool strict, bool missingGoesTrue, qint32 whenTrue, qint32 whenFalse,
                   int depth)
    {
        return append(
            node, strict, missingGoesTrue, depth, [&](int d) { return lower(whenTrue, d); },
            [&](int d) { return lower(whenFalse, d); });
    }

    /// x == t is x <= t and not x < t.
    qint32 equal(const model::TreeNode& node, bool missingIsEqual, qint32 whenEqual, qint32 whenNot, int depth)
    {
        const auto inner = [&](int d) { return compare(node, true, false, whenNot, whenEqual, d); };
        return append(node, false, missingIsEqual, depth, inner, [&](int d) { return lower(whenNot, d); });
    }

    template <typename TrueSide, typename FalseSide>
    qint32 append(const model::TreeNode& node, bool strict, bool missingGoesTrue, int depth, TrueSide trueSide,
                  FalseSide falseSide)
    {
        const bool isFloat = m_type == FeatureType::Float32;
        const auto real = [&](qint64 x) {
            const auto number = static_cast<float>(x);
            if (!m_codes)
                return number;
            const auto f = static_cast<std::size_t>(node.feature);
            const float steps = number * m_codes->constants[m_codes->constants.size() / 2 + f];
            return steps + m_codes->constants[f];
        };
        const Comparison comparison = isFloat ? floatComparison(node.threshold, strict, missingGoesTrue)
                                              : integerComparison(node.threshold, strict, m_type, real);
        if (comparison.always)
            return *comparison.always ? trueSide(depth) : falseSide(depth);
        if (m_forest.nodes.size() >= kMaxNodes || depth > 2 * kMaxDepth) {
            m_tooLarge = true;
            return -1;
        }
        const std::size_t at = m_forest.nodes.size();
        LoweredNode lowered;
        lowered.feature = static_cast<quint16>(node.feature);
        lowered.missingGoesTrue = isFloat && missingGoesTrue;
        lowered.threshold = comparison.limit;
        m_forest.nodes.push_back(lowered);
        const qint32 whenTrue = trueSide(depth + 1);
        const qint32 whenFalse = falseSide(depth + 1);
        if (whenTrue < 0 && whenTrue == whenFalse) {
            m_forest.nodes.resize(at); // Both answers are the same leaf: there is nothing to ask.
            return whenTrue;
        }
        m_forest.nodes[at].whenTrue = whenTrue;
        m_forest.nodes[at].whenFalse = whenFalse;
        return static_cast<qint32>(at);
    }

    const model::TreeEnsemble& m_ensemble;
    FeatureType m_type;
    const std::optional<LoweredCodes>& m_codes;
    std::vector<quint32> m_leafMapping;
    LoweredForest& m_forest;
    std::size_t m_visits = 0;
    bool m_tooLarge = false;
};

/// Children come after their parents, so one pass forwards is enough.
int depthOf(const model::TreeEnsemble& ensemble)
{
    std::vector<int> depth(ensemble.nodes.size(), 0);
    int deepest = 0;
    for (std::size_t i = 0; i < ensemble.nodes.size(); ++i) {
        const model::TreeNode& node = ensemble.nodes[i];
        if (node.leaf >= 0)
            continue;
        for (const qint32 child : {node.whenTrue, node.whenFalse})
            depth[static_cast<std::size_t>(child)] = depth[i] + 1;
        deepest = std::max(deepest, depth[i] + 1);
    }
    return deepest;
}

int depthOf(const std::vector<LoweredNode>& nodes)
{
    std::vector<int> depth(nodes.size(), 1);
    int deepest = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        deepest = std::max(deepest, depth[i]);
        for (const qint32 child : {nodes[i].whenTrue, nodes[i].whenFalse}) {
            if (child >= 0)
                depth[static_cast<std::size_t>(child)] = depth[i] + 1;
        }
    }
    return deepest;
}

Status checkSupported(const model::TreeEnsemble& ensemble)
{
    using model::Aggregate;
    if (ensemble.aggregate == Aggregate::Minimum || ensemble.aggregate == Aggregate::Maximum)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The forest takes the minimum or maximum of its trees; code can be generated for "
                                    "sums and averages."));
    if (ensemble.postTransform == model::PostTransform::SoftmaxZero)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The transform SOFTMAX_ZERO does not keep the order of the votes."),
                     QStringLiteral("Export the model with SOFTMAX."));
    if (ensemble.postTransform != model::PostTransform::None && !ensemble.classifier)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("A regressor with a transform after the sum cannot be generated."),
                     QStringLiteral("Export it without the transform and apply that in your program."));
    if (ensemble.targets > std::numeric_limits<quint16>::max())
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The model has %1 outputs; at most 65535 can be generated.").arg(ensemble.targets));
    if (ensemble.featureCount > std::numeric_limits<quint16>::max())
        return Error(
            ErrorKind::Unsupported,
            QStringLiteral("The model has %1 features; at most 65535 can be generated.").arg(ensemble.featureCount));
    if (ensemble.roots.size() > std::numeric_limits<quint16>::max())
        return Error(
            ErrorKind::Unsupported,
            QStringLiteral("The forest has %1 trees; at most 65535 can be generated.").arg(ensemble.roots.size()));
    if (const int depth = depthOf(ensemble); depth > kMaxDepth)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("A tree is %1 levels deep; at most %2 can be generated.").arg(depth).arg(kMaxDepth),
                     QStringLiteral("Train with a limit on the depth."));
    return {};
}

} // namespace

Result<LoweredForest> lowerForest(const model::TreeEnsemble& ensemble, FeatureType type, Vote vote,
                                  const std::optional<LoweredCodes>& codes)
{
    EMBER_CHECK(checkSupported(ensemble));
    if (codes && codes->constants.size() / 2 < static_cast<std::size_t>(ensemble.featureCount))
        return Error(ErrorKind::BadData, QStringLiteral("The trees read feature %1 of %2.")
                                             .arg(ensemble.featureCount - 1)
                                             .arg(codes->constants.size() / 2));
    LoweredForest forest;
    forest.targets = static_cast<quint16>(ensemble.targets);
    EMBER_TRY(std::vector<quint32> leafMapping, lowerLeaves(ensemble, vote, forest));
    ForestBuilder builder(ensemble, type, codes, std::move(leafMapping), forest);
    for (const qint32 root : ensemble.roots)
        EMBER_CHECK(builder.addTree(root));
    forest.maxDepth = depthOf(forest.nodes);
    forest.missingValues =
        std::any_of(forest.nodes.begin(), forest.nodes.end(), [](const LoweredNode& n) { return n.missingGoesTrue; });
    EMBER_CHECK(encodeTables(forest));
    return forest;
}

} // namespace ember::codegen
