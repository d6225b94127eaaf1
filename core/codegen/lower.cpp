// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/lower.h"

#include "core/base/content_hash.h"
#include "core/codegen/emit_trees.h"
#include "core/codegen/forest_lowering.h"
#include "core/features/emit_plan.h"
#include "core/model/validate.h"

#include <QJsonDocument>

namespace ember::codegen {
namespace {

// Part of every hash: raised whenever the same lowered model would generate different code.
constexpr int kGeneratorVersion = 1;
// Clang nests 256 brackets; deeper trees stay tables.
constexpr int kMaxCodeDepth = 200;

Result<const model::TreeEnsemble*> ensembleOf(const model::Graph& graph)
{
    for (const model::Node& node : graph.nodes) {
        if (!std::holds_alternative<model::TreeEnsemble>(node.operation))
            return Error(ErrorKind::Unsupported,
                         QStringLiteral("Code is not yet generated for the operator %1; only for one tree ensemble.")
                             .arg(model::operationName(node.operation)),
                         QStringLiteral("'emberlab model run' computes such a model on this machine."));
    }
    if (graph.nodes.size() != 1)
        return Error(
            ErrorKind::Unsupported,
            QStringLiteral("Code is generated for one tree ensemble; the model has %1.").arg(graph.nodes.size()),
            QStringLiteral("Export the forest without steps before or behind it."));
    return std::get_if<model::TreeEnsemble>(&graph.nodes.front().operation);
}

Result<FeatureType> ownFeatureType(const model::Graph& graph)
{
    if (graph.inputs.empty())
        return Error(ErrorKind::BadData, QStringLiteral("The model has no input."));
    switch (graph.inputs.front().type) {
    case model::TensorType::Float32:
        return FeatureType::Float32;
    case model::TensorType::Int64: // The narrower type is what a microcontroller can afford.
    case model::TensorType::Int32:
        return FeatureType::Int32;
    case model::TensorType::Int16:
        return FeatureType::Int16;
    case model::TensorType::Int8:
        return FeatureType::Int8;
    case model::TensorType::String:
    case model::TensorType::Bool:
    case model::TensorType::UInt8:
    case model::TensorType::UInt16:
    case model::TensorType::UInt32:
    case model::TensorType::UInt64:
    case model::TensorType::Float64:
        break;
    }
    return Error(ErrorKind::Unsupported,
                 QStringLiteral("The model takes %1; code is generated for numbers of other types.")
                     .arg(model::tensorTypeName(graph.inputs.front().type)));
}

Result<std::optional<features::Pipeline>> pipelineOf(const model::Model& model)
{
    const QString text = model.properties.value(QStringLiteral("emberlab.pipeline"));
    if (text.isEmpty())
        return std::optional<features::Pipeline>();
    const QJsonDocument json = QJsonDocument::fromJson(text.toUtf8());
    if (!json.isObject())
        return Error(ErrorKind::BadData, QStringLiteral("The model's feature pipeline is not readable."),
                     QStringLiteral("Train the model again; its property emberlab.pipeline is damaged."));
    EMBER_TRY(features::Pipeline pipeline, features::pipelineFromJson(json.object()));
    return std::optional(std::move(pipeline));
}

Status checkPipeline(const features::Pipeline& pipeline, const LoweredModel& lowered, FeatureType wanted)
{
    EMBER_TRY(const features::ExtractionPlan plan, features::planFor(pipeline));
    if (plan.features != lowered.featureCount)
        return Error(ErrorKind::BadData, QStringLiteral("The model takes %1 features, its pipeline computes %2.")
                                             .arg(lowered.featureCount)
                                             .arg(plan.features));
    if (plan.windowRows > 65535)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("A window of %1 rows is too long for a board; at most 65535 "
                                    "rows are possible.")
                         .arg(plan.windowRows));
    if (wanted != FeatureType::Auto && wanted != FeatureType::Float32)
        return Error(ErrorKind::Usage,
                     QStringLiteral("This model computes its features itself, as float32; %1 is not possible.")
                         .arg(featureTypeName(wanted)),
                     QStringLiteral("Leave out --feature-type."));
    return {};
}

CodeStyle styleFor(const LoweredForest& forest, FeatureType type, Optimise optimise)
{
    if (optimise == Optimise::Size || forest.maxDepth > kMaxCodeDepth)
        return CodeStyle::Table;
    if (optimise == Optimise::Speed)
        return CodeStyle::Code;
    return estimatedCodeBytes(forest, type) <= kBalancedCodeBytes ? CodeStyle::Code : CodeStyle::Table;
}

QString nameFor(const model::Model& model, const QString& wanted)
{
    if (!wanted.isEmpty())
        return wanted;
    const QString own = QString::fromStdString(model.graph.name);
    return own.isEmpty() ? QStringLiteral("model") : own;
}

Result<QStringList> classNamesOf(const model::Model& model, const model::TreeEnsemble& ensemble)
{
    if (!ensemble.classifier)
        return QStringList();
    if (model.classNames.size() == ensemble.targets)
        return model.classNames;
    if (!model.classNames.isEmpty())
        return Error(ErrorKind::BadData, QStringLiteral("The model has %1 class names for %2 classes.")
                                             .arg(model.classNames.size())
                                             .arg(ensemble.targets));
    QStringList names;
    for (qint32 i = 0; i < ensemble.targets; ++i)
        names << QString::number(i);
    return names;
}

void hashForest(ContentHash& hash, const LoweredForest& forest)
{
    hash.add(static_cast<int>(forest.leafKind)).add(forest.targets).add(forest.voteScale);
    hash.add(forest.missingValues).add(forest.headBytes).add(forest.thresholdBytes).add(forest.rootBytes);
    hash.add(std::span<const qint32>(forest.baseVotes));
    hash.add(forest.nodeTable).add(forest.rootTable).add(forest.leafTable).add(forest.leafCounts);
}

QString hashOf(const LoweredModel& model)
{
    ContentHash hash;
    hash.add(kGeneratorVersion).add(model.name).add(model.title);
    hash.add(static_cast<int>(model.featureType)).add(static_cast<int>(model.vote));
    hash.add(static_cast<int>(model.optimise)).add(static_cast<int>(model.style));
    hash.add(model.classifier).add(model.featureCount);
    hash.add(static_cast<qint64>(model.classNames.size()));
    for (const QString& name : model.classNames)
        hash.add(name);
    hash.add(static_cast<qint64>(model.featureNames.size()));
    for (const QString& name : model.featureNames)
        hash.add(name);
    hash.add(model.pipeline ? features::pipelineHash(*model.pipeline) : QString());
    hash.add(model.datasetHash).add(model.trainer);
    hashForest(hash, model.forest);
    return hash.hex();
}

} // namespace

qint64 LoweredForest::tableBytes() const
{
    return nodeTable.size() + rootTable.size() + leafTable.size() + leafCounts.size() +
           static_cast<qint64>(baseVotes.size()) * 4;
}

Result<LoweredModel> lower(const model::Model& model, const Options& options)
{
    EMBER_CHECK(model::validate(model));
    EMBER_TRY(const model::TreeEnsemble* ensemble, ensembleOf(model.graph));
    EMBER_TRY(const FeatureType own, ownFeatureType(model.graph));

    LoweredModel lowered;
    lowered.title = nameFor(model, options.name);
    lowered.name = identifierFrom(lowered.title);
    lowered.vote = options.vote;
    lowered.optimise = options.optimise;
    lowered.classifier = ensemble->classifier;
    lowered.featureCount = static_cast<quint16>(std::min(ensemble->featureCount, 65535));
    EMBER_TRY(lowered.classNames, classNamesOf(model, *ensemble));
    if (model.featureNames.size() == ensemble->featureCount)
        lowered.featureNames = model.featureNames;
    EMBER_TRY(lowered.pipeline, pipelineOf(model));
    lowered.featureType = options.featureType == FeatureType::Auto ? own : options.featureType;
    if (lowered.pipeline) {
        EMBER_CHECK(checkPipeline(*lowered.pipeline, lowered, options.featureType));
        lowered.featureType = FeatureType::Float32;
    }
    lowered.datasetHash = model.properties.value(QStringLiteral("emberlab.dataset"));
    lowered.trainer = model.properties.value(QStringLiteral("emberlab.trainer"));
    EMBER_TRY(lowered.forest, lowerForest(*ensemble, lowered.featureType, options.vote));
    lowered.style = styleFor(lowered.forest, lowered.featureType, options.optimise);
    lowered.hash = hashOf(lowered);
    return lowered;
}

} // namespace ember::codegen
