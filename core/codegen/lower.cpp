// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/lower.h"

#include "core/base/content_hash.h"
#include "core/codegen/kind.h"
#include "core/codegen/unknown.h"
#include "core/features/emit_plan.h"
#include "core/model/feature_codes.h"
#include "core/model/least_share.h"
#include "core/model/validate.h"

#include <QJsonDocument>

#include <algorithm>

namespace ember::codegen {
namespace {

// Part of every hash: raised whenever the same lowered model would generate different code.
constexpr int kGeneratorVersion = 1;

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

QString nameFor(const model::Model& model, const QString& wanted)
{
    if (!wanted.isEmpty())
        return wanted;
    const QString own = QString::fromStdString(model.graph.name);
    return own.isEmpty() ? QStringLiteral("model") : own;
}

Result<QStringList> classNamesOf(const model::Model& model, const LoweredModel& lowered)
{
    if (!lowered.classifier)
        return QStringList();
    const int classes = lowered.classCount > 0 ? lowered.classCount : lowered.outputCount;
    if (model.classNames.size() == classes)
        return model.classNames;
    if (!model.classNames.isEmpty())
        return Error(
            ErrorKind::BadData,
            QStringLiteral("The model has %1 class names for %2 classes.").arg(model.classNames.size()).arg(classes));
    QStringList names;
    for (int i = 0; i < classes; ++i)
        names << QString::number(i);
    return names;
}

/// The first kind that takes the graph fills the model.
Status lowerBody(const model::Model& model, const Options& options, LoweredModel& lowered)
{
    WhyNot why;
    for (const ModelKind* kind : modelKinds()) {
        LoweredModel attempt = lowered;
        EMBER_TRY(why, kind->lower(model, options, attempt));
        if (why.isEmpty()) {
            lowered = std::move(attempt);
            return {};
        }
    }
    return Error(ErrorKind::Unsupported, QStringLiteral("Code is not yet generated for this model: %1.").arg(why),
                 QStringLiteral("'emberlab model run' computes such a model on this machine."));
}

/// Drops the table that names a forest's label: the generated code knows the names itself.
void dropLabelNames(const model::Node& trees, model::Graph& graph)
{
    if (!std::get<model::TreeEnsemble>(trees.operation).classifier)
        return;
    const std::string label = trees.outputs[0];
    std::erase_if(graph.nodes, [&](const model::Node& node) {
        return std::holds_alternative<model::Gather>(node.operation) && node.inputs.size() == 2 &&
               node.inputs[1] == label && graph.constants.contains(node.inputs[0]);
    });
}

/// What stands behind codes, with the floats that the codes stand for made from them where it is no forest: those are
/// lowered with thresholds in codes. Errors: Unsupported for a forest that reads something else.
Result<model::Model> behindCodes(const model::Model& model, model::SplitCodes split)
{
    model::Model rest = model;
    rest.graph = std::move(split.rest);
    const auto isForest = [](const model::Node& node) {
        return std::holds_alternative<model::TreeEnsemble>(node.operation);
    };
    std::vector<model::Node>& nodes = rest.graph.nodes;
    if (const auto trees = std::find_if(nodes.begin(), nodes.end(), isForest); trees != nodes.end()) {
        if (trees->inputs != std::vector{rest.graph.inputs[0].name})
            return Error(ErrorKind::Unsupported,
                         QStringLiteral("Code is not yet generated for trees that do not read the features themselves, "
                                        "behind features that became whole numbers."),
                         QStringLiteral("Generate code for the model as it was before 'emberlab model quantise'."));
        dropLabelNames(model::Node(*trees), rest.graph);
        return rest;
    }
    const std::string real = rest.graph.inputs[0].name;
    const auto count = static_cast<qint64>(split.codes.size());
    rest.graph.inputs[0].name = real + "/number";
    rest.graph.constants[real + "/scale"] = {model::Tensor::of(split.codes.scales, {count})};
    rest.graph.constants[real + "/offset"] = {model::Tensor::of(split.codes.offsets, {count})};
    using model::Binary;
    const std::vector<model::Node> front = {
        {real + "/steps",
         Binary{model::BinaryKind::Multiply, model::Activation::None},
         {real + "/number", real + "/scale"},
         {real + "/steps"}},
        {real, Binary{model::BinaryKind::Add, model::Activation::None}, {real + "/steps", real + "/offset"}, {real}}};
    nodes.insert(nodes.begin(), front.begin(), front.end());
    return rest;
}

LoweredCodes loweredCodes(const model::FeatureCodes& codes)
{
    LoweredCodes lowered;
    lowered.type = codes.type == model::TensorType::Int8 ? FeatureType::Int8 : FeatureType::Int16;
    lowered.constants = codes.offsets;
    lowered.constants.insert(lowered.constants.end(), codes.scales.begin(), codes.scales.end());
    return lowered;
}

Status lowerCoded(const model::Model& model, model::SplitCodes split, const Options& options, LoweredModel& lowered)
{
    if (options.featureType != FeatureType::Auto && options.featureType != FeatureType::Float32)
        return Error(ErrorKind::Usage,
                     QStringLiteral("This model makes whole numbers of its features itself; it takes float32."),
                     QStringLiteral("Leave out --feature-type."));
    lowered.codes = loweredCodes(split.codes);
    const std::size_t features = split.codes.size();
    if (features > 65'535)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The model has %1 features; at most 65535 can be generated.").arg(features));
    EMBER_TRY(const model::Model rest, behindCodes(model, std::move(split)));
    EMBER_CHECK(lowerBody(rest, options, lowered));
    lowered.featureCount = static_cast<quint16>(features);
    return {};
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
    if (model.leastShare > 0)
        hash.add(QStringLiteral("unknown")).add(model.leastShare).add(model.givesShares);
    if (model.codes)
        hash.add(static_cast<int>(model.codes->type)).add(std::span<const float>(model.codes->constants));
    kindOf(model).addTo(hash, model);
    if (const auto& learning = model.learning) {
        hash.add(QStringLiteral("learning")).add(learning->rows).add(learning->votes).add(learning->prior);
        hash.add(learning->memory).add(learning->driftBits).add(std::span<const quint16>(learning->limits));
        hash.add(learning->weightLimit).add(learning->weightStep).add(learning->marginBits);
    }
    if (model.events)
        addTo(hash, *model.events);
    return hash.hex();
}

} // namespace

Result<LoweredModel> lower(const model::Model& model, const Options& options)
{
    EMBER_CHECK(model::validate(model));
    EMBER_TRY(const FeatureType own, ownFeatureType(model.graph));

    LoweredModel lowered;
    lowered.title = nameFor(model, options.name);
    lowered.name = identifierFrom(lowered.title);
    lowered.vote = options.vote;
    lowered.optimise = options.optimise;
    if (options.learning)
        EMBER_CHECK(checkLearningOptions(*options.learning));
    EMBER_TRY(lowered.pipeline, pipelineOf(model));
    lowered.featureType = options.featureType == FeatureType::Auto ? own : options.featureType;
    if (lowered.pipeline)
        lowered.featureType = FeatureType::Float32;
    if (auto split = model::splitCodes(model.graph))
        EMBER_CHECK(lowerCoded(model, std::move(*split), options, lowered));
    else
        EMBER_CHECK(lowerBody(model, options, lowered));
    EMBER_TRY(lowered.classNames, classNamesOf(model, lowered));
    if (model.featureNames.size() == lowered.featureCount)
        lowered.featureNames = model.featureNames;
    if (lowered.pipeline) {
        EMBER_CHECK(checkPipeline(*lowered.pipeline, lowered, options.featureType));
    }
    if (options.learning)
        EMBER_CHECK(addLearning(*options.learning, lowered));
    if (options.events)
        EMBER_CHECK(addEvents(*options.events, lowered));
    lowered.leastShare = model::leastShareOf(model).value_or(0);
    lowered.givesShares = givesShares(model.graph, lowered);
    lowered.datasetHash = model.properties.value(QStringLiteral("emberlab.dataset"));
    lowered.trainer = model.properties.value(QStringLiteral("emberlab.trainer"));
    lowered.hash = hashOf(lowered);
    return lowered;
}

} // namespace ember::codegen
