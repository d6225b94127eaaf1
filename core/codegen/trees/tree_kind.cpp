// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/trees/tree_kind.h"

#include "core/codegen/emit_text.h"
#include "core/codegen/trees/emit_trees.h"
#include "core/codegen/trees/forest_lowering.h"
#include "core/codegen/trees/run_trees.h"

namespace ember::codegen {
namespace {

// Clang nests 256 brackets; deeper trees stay tables.
constexpr int kMaxCodeDepth = 200;

const LoweredForest& forestOf(const LoweredModel& model)
{
    return *model.forest();
}

CodeStyle styleFor(const LoweredForest& forest, FeatureType type, Optimise optimise)
{
    if (optimise == Optimise::Size || forest.maxDepth > kMaxCodeDepth)
        return CodeStyle::Table;
    if (optimise == Optimise::Speed)
        return CodeStyle::Code;
    return estimatedCodeBytes(forest, type) <= kBalancedCodeBytes ? CodeStyle::Code : CodeStyle::Table;
}

/// The tables of the leaves and the type Leaves that adds one to the votes.
QString leafTables(const LoweredForest& forest)
{
    QString tables;
    QString call;
    switch (forest.leafKind) {
    case LeafKind::Hard:
        call = QStringLiteral("addHardVote(leaf, votes)");
        break;
    case LeafKind::Shares:
        if (forest.leafCounts.isEmpty()) {
            call = QStringLiteral("addFullVote(leaf, votes)");
            break;
        }
        tables = byteTable(QStringLiteral("kLeafShares"), forest.leafTable) +
                 byteTable(QStringLiteral("kLeafCounts"), forest.leafCounts);
        call = QStringLiteral("addShares(kLeafShares, kLeafCounts, %1, leaf, votes)").arg(forest.targets);
        break;
    case LeafKind::Values:
        tables = byteTable(QStringLiteral("kLeafValues"), forest.leafTable);
        call = QStringLiteral("addValues(kLeafValues, %1, leaf, votes)").arg(forest.targets);
        break;
    }
    return tables + QStringLiteral("\nstruct Leaves\n{\n"
                                   "    static void add(unsigned leaf, int32_t* votes)\n    {\n"
                                   "        ember::runtime::%1;\n    }\n};\n")
                        .arg(call);
}

QString tableForest(const LoweredForest& forest)
{
    return QStringLiteral("// How wide the fields of kNodes are; ember/forest.hpp describes the tables.\n"
                          "struct Shape\n{\n"
                          "    static constexpr uint8_t headBytes = %1;\n"
                          "    static constexpr uint8_t thresholdBytes = %2;\n"
                          "    static constexpr bool missing = %3;\n"
                          "};\n\n")
               .arg(forest.headBytes)
               .arg(forest.thresholdBytes)
               .arg(forest.missingValues ? QStringLiteral("true") : QStringLiteral("false")) +
           byteTable(QStringLiteral("kNodes"), forest.nodeTable) +
           byteTable(QStringLiteral("kRoots"), forest.rootTable) + leafTables(forest);
}

QString codeForest(const LoweredForest& forest, FeatureType type)
{
    QString text;
    if (treesNeedLeafTable(forest))
        text = leafTables(forest) + QStringLiteral("\nvoid addLeaf(unsigned leaf, int32_t* votes)\n{\n"
                                                   "    Leaves::add(leaf, votes);\n}\n\n");
    return text + printTrees(forest, type);
}

QString baseTable(const LoweredForest& forest)
{
    if (forest.baseVotes.empty())
        return {};
    QStringList values;
    for (const qint32 vote : forest.baseVotes)
        values << QString::number(vote);
    return QStringLiteral("\nconst int32_t kBaseVotes[%1] = {%2};\n")
        .arg(forest.baseVotes.size())
        .arg(values.join(QStringLiteral(", ")));
}

class TreeKind : public ModelKind
{
public:
    Result<WhyNot> lower(const model::Model& model, const Options& options, LoweredModel& lowered) const override
    {
        const std::vector<model::Node>& nodes = model.graph.nodes;
        for (const model::Node& node : nodes) {
            if (!std::holds_alternative<model::TreeEnsemble>(node.operation))
                return QStringLiteral("the operator %1").arg(model::operationName(node.operation));
        }
        if (nodes.size() != 1)
            return QStringLiteral("%1 tree ensembles").arg(nodes.size());
        const auto& ensemble = std::get<model::TreeEnsemble>(nodes.front().operation);
        EMBER_TRY(LoweredForest forest, lowerForest(ensemble, lowered.rowType(), options.vote, lowered.codes));
        lowered.classifier = ensemble.classifier;
        lowered.featureCount = static_cast<quint16>(std::min(ensemble.featureCount, 65535));
        lowered.outputType = signal::SampleType::Int32;
        lowered.outputCount = forest.targets;
        lowered.outputScale = forest.voteScale;
        lowered.style = styleFor(forest, lowered.rowType(), options.optimise);
        lowered.body = std::move(forest);
        return WhyNot();
    }

    void addTo(ContentHash& hash, const LoweredModel& model) const override
    {
        const LoweredForest& forest = forestOf(model);
        hash.add(static_cast<int>(forest.leafKind)).add(forest.targets).add(forest.voteScale);
        hash.add(forest.missingValues).add(forest.headBytes).add(forest.thresholdBytes).add(forest.rootBytes);
        hash.add(std::span<const qint32>(forest.baseVotes));
        hash.add(forest.nodeTable).add(forest.rootTable).add(forest.leafTable).add(forest.leafCounts);
    }

    QString title() const override { return QStringLiteral("forest"); }

    QString description(const LoweredModel& model) const override
    {
        return QStringLiteral("%1 trees, %2 comparisons, at most %3 for one tree; %4 votes; written as %5")
            .arg(forestOf(model).roots.size())
            .arg(forestOf(model).nodes.size())
            .arg(forestOf(model).maxDepth)
            .arg(voteName(model.vote),
                 model.style == CodeStyle::Table ? QStringLiteral("tables") : QStringLiteral("code"));
    }

    QStringList includes(const LoweredModel&) const override { return {QStringLiteral("forest.hpp")}; }

    QStringList runtimeHeaders(const LoweredModel&) const override
    {
        return {QStringLiteral("flash_data.hpp"), QStringLiteral("forest.hpp")};
    }

    QString printTables(const EmitContext& context) const override
    {
        const LoweredForest& forest = forestOf(context.model);
        return (context.model.style == CodeStyle::Table ? tableForest(forest)
                                                        : codeForest(forest, context.model.rowType())) +
               baseTable(forest);
    }

    QString printInfer(const EmitContext& context) const override
    {
        const LoweredModel& model = context.model;
        const LoweredForest& forest = forestOf(model);
        const QString start =
            forest.baseVotes.empty()
                ? QStringLiteral("    ember::runtime::clearVotes(votes, %1_VOTE_COUNT);\n").arg(context.macro)
                : QStringLiteral(
                      "    for (uint16_t i = 0; i < %1_VOTE_COUNT; ++i)\n        votes[i] = %2::kBaseVotes[i];\n")
                      .arg(context.macro, model.name);
        const QString trees =
            model.style == CodeStyle::Code
                ? QStringLiteral("    %1::addTrees(features, votes);\n").arg(model.name)
                : QStringLiteral(
                      "    ember::runtime::addForest(%1::Shape{}, %1::kNodes, %1::kRoots, %2, %3, %1::Leaves{},\n"
                      "                              features, votes);\n")
                      .arg(model.name)
                      .arg(forest.rootBytes)
                      .arg(forest.roots.size());
        return start + trees +
               QStringLiteral("    return ember::runtime::winnerOf(votes, %1_VOTE_COUNT);\n").arg(context.macro);
    }

    qint64 constantBytes(const LoweredModel& model) const override
    {
        const LoweredForest& forest = forestOf(model);
        if (model.style == CodeStyle::Table)
            return forest.tableBytes();
        const qint64 base = static_cast<qint64>(forest.baseVotes.size()) * 4;
        return treesNeedLeafTable(forest) ? base + forest.leafTable.size() + forest.leafCounts.size() : base;
    }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        return runTrees(forestOf(model), model.rowType(), features);
    }
};

} // namespace

const ModelKind& treeKind()
{
    static const TreeKind kind;
    return kind;
}

qint64 LoweredForest::tableBytes() const
{
    return nodeTable.size() + rootTable.size() + leafTable.size() + leafCounts.size() +
           static_cast<qint64>(baseVotes.size()) * 4;
}

} // namespace ember::codegen
