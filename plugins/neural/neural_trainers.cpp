// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/neural_trainers.h"

#include "core/model/quantise.h"
#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"
#include "plugins/common/rows.h"
#include "plugins/neural/network_plan.h"

namespace ember::neural {

using plugin::TrainingContext;
using plugin::TrainingView;

namespace {

constexpr double kAwareShare = 1.0 / 3; // of the epochs of "int8-aware"
constexpr double kLongestStep = 1;      // gradient through many steps of a recurrent layer

FitOptions fitOptions(Kind kind, const QVariantMap& parameters, quint64 seed)
{
    FitOptions options;
    options.epochs = common::integer(parameters, "epochs");
    options.batch = common::integer(parameters, "batch");
    options.learningRate = common::real(parameters, "learning-rate");
    options.weightDecay = common::real(parameters, "weight-decay");
    options.mix = parameters.value(QStringLiteral("augment-mix"), 0.0).toDouble();
    options.clip = kind == Kind::Gru || kind == Kind::Lstm ? kLongestStep : 0;
    options.roundedShare = common::choice(parameters, "quantise") == QLatin1String("int8-aware") ? kAwareShare : 0;
    options.seed = seed;
    return options;
}

Status fitPlan(Kind kind, NetworkPlan& plan, const Examples& examples, const QVariantMap& parameters,
               const TrainingContext& context)
{
    FitOptions options = fitOptions(kind, parameters, context.seed);
    const Augmentation augmentation = augmentationOf(kind, parameters);
    // Steps of a series are the rows of an image to whoever moves them in time.
    const Volume& v = plan.volume;
    const Augmenter augmenter(augmentation, plan.input.order == RowOrder::Steps ? Volume{1, v.width, v.channels} : v);
    if (!augmentation.isNone())
        options.augmenter = &augmenter;
    return fit(plan.network, examples, options, context.progress, context.cancel);
}

Result<model::Model> quantisedIfAsked(model::Model reals, const TrainingView& data, const QVariantMap& parameters)
{
    if (!common::choice(parameters, "quantise").startsWith(QLatin1String("int8")))
        return reals;
    const model::Tensor calibration =
        model::Tensor::of(std::vector<float>(data.features.begin(), data.features.end()),
                          {static_cast<qint64>(data.rows()), static_cast<qint64>(data.columns)});
    EMBER_TRY(model::QuantisedModel quantised, model::quantise(reals, {calibration}));
    return std::move(quantised.model);
}

Result<model::Model> trainClassifier(Kind kind, const TrainingView& data, const QVariantMap& parameters,
                                     const TrainingContext& context)
{
    EMBER_TRY(NetworkPlan plan, planNetwork(kind, data, parameters, data.classNames.size(), context.seed));
    const std::vector<float> rows = plan.prepared(data.features);
    EMBER_CHECK(fitPlan(kind, plan, {rows, data.columns, data.labels, {}, 0}, parameters, context));
    return quantisedIfAsked(classifierOf(plan.network, plan.input, {data.classNames, data.featureNames}), data,
                            parameters);
}

Result<model::Model> trainRegressor(Kind kind, const TrainingView& data, const QVariantMap& parameters,
                                    const TrainingContext& context)
{
    EMBER_TRY(NetworkPlan plan, planNetwork(kind, data, parameters, 1, context.seed));
    const std::vector<float> rows = plan.prepared(data.features);
    const Scaling scaling = scalingOf(data.targets, 1);
    const std::vector<float> targets = scaled(data.targets, scaling);
    EMBER_CHECK(fitPlan(kind, plan, {rows, data.columns, {}, targets, 1}, parameters, context));
    return quantisedIfAsked(
        regressorOf(plan.network, plan.input, 1.0f / scaling.factor.front(), scaling.mean.front(), data.featureNames),
        data, parameters);
}

Result<model::Model> train(Kind kind, const TrainingView& data, const QVariantMap& parameters,
                           const TrainingContext& context)
{
    return common::taskOf(data) == plugin::Task::Regression ? trainRegressor(kind, data, parameters, context)
                                                            : trainClassifier(kind, data, parameters, context);
}

// Mean squared errors of what the network says of each row to the row itself.
std::vector<double> errorsOf(const Network& network, const Examples& examples)
{
    std::vector<double> errors;
    std::vector<std::vector<float>> values;
    std::vector<float> unused(examples.columns);
    for (std::size_t i = 0; i < examples.count(); ++i)
        errors.push_back(squaredError(forwardAll(network, examples.row(i), values), examples.row(i), unused));
    return errors;
}

} // namespace

plugin::TrainerInfo perceptronInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("neural.mlp");
    info.name = QStringLiteral("Multi-layer perceptron");
    info.summary = QStringLiteral("Dense layers with rectifiers between them.");
    info.whenToUse = QStringLiteral("When classes are not separated by thresholds of single features.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Regression};
    info.canQuantise = true;
    info.parameters = parametersOf(Kind::Perceptron);
    return info;
}

Result<model::Model> trainPerceptron(const TrainingView& data, const QVariantMap& parameters,
                                     const TrainingContext& context)
{
    return train(Kind::Perceptron, data, parameters, context);
}

plugin::TrainerInfo convolutionInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("neural.cnn");
    info.name = QStringLiteral("Convolutional network");
    info.summary = QStringLiteral("Convolutions along a series or over an image, then dense layers.");
    info.whenToUse = QStringLiteral("On raw windows, spectrograms or images whose patterns may be anywhere.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Regression};
    info.canQuantise = true;
    info.parameters = parametersOf(Kind::Convolution);
    return info;
}

Result<model::Model> trainConvolution(const TrainingView& data, const QVariantMap& parameters,
                                      const TrainingContext& context)
{
    return train(Kind::Convolution, data, parameters, context);
}

plugin::TrainerInfo gruInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("neural.gru");
    info.name = QStringLiteral("Gated recurrent units");
    info.summary = QStringLiteral("Reads a series step by step and remembers what matters, then dense layers.");
    info.whenToUse = QStringLiteral("On raw windows or frames whose meaning lies in the order of what happens.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Regression};
    info.parameters = parametersOf(Kind::Gru);
    return info;
}

Result<model::Model> trainGru(const TrainingView& data, const QVariantMap& parameters, const TrainingContext& context)
{
    return train(Kind::Gru, data, parameters, context);
}

plugin::TrainerInfo lstmInfo()
{
    plugin::TrainerInfo info = gruInfo();
    info.id = QStringLiteral("neural.lstm");
    info.name = QStringLiteral("Long short-term memory");
    info.whenToUse = QStringLiteral("Where gated recurrent units forget too soon; a third more weights.");
    return info;
}

Result<model::Model> trainLstm(const TrainingView& data, const QVariantMap& parameters, const TrainingContext& context)
{
    return train(Kind::Lstm, data, parameters, context);
}

plugin::TrainerInfo autoencoderInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("neural.autoencoder");
    info.name = QStringLiteral("Autoencoder");
    info.summary = QStringLiteral("Learns to say normal rows again through a narrow layer; what it cannot say is an "
                                  "anomaly.");
    info.whenToUse = QStringLiteral("When normal rows lie on a bent surface that ellipses and clouds do not follow.");
    info.tasks = {plugin::Task::Anomaly};
    info.parameters = parametersOf(Kind::Autoencoder);
    return info;
}

Result<model::Model> trainAutoencoder(const TrainingView& data, const QVariantMap& parameters,
                                      const TrainingContext& context)
{
    const auto outputs = static_cast<qint64>(data.columns);
    EMBER_TRY(NetworkPlan plan, planNetwork(Kind::Autoencoder, data, parameters, outputs, context.seed));
    const std::vector<float> rows = plan.prepared(data.features);
    const Examples examples{rows, data.columns, {}, rows, data.columns};
    EMBER_CHECK(fitPlan(Kind::Autoencoder, plan, examples, parameters, context));
    const double threshold =
        common::quantile(errorsOf(plan.network, examples), 1 - common::real(parameters, "contamination"));
    return detectorOf(plan.network, plan.input, static_cast<float>(threshold), data.featureNames);
}

} // namespace ember::neural
