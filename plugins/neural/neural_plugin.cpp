// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/neural_plugin.h"

#include "core/model/quantise.h"
#include "plugins/neural/fit.h"

#include <exception>
#include <set>

namespace ember::neural {
namespace {

using plugin::ParameterSpec;
using plugin::ParameterType;

constexpr qint64 kMaxWidth = 4'096; ///< of a layer

ParameterSpec parameter(const char* key, ParameterType type, const QVariant& byDefault, const char* name,
                        const char* help)
{
    ParameterSpec spec;
    spec.key = QLatin1String(key);
    spec.type = type;
    spec.defaultValue = byDefault;
    spec.name = QLatin1String(name);
    spec.help = QLatin1String(help);
    return spec;
}

ParameterSpec number(const char* key, ParameterType type, const QVariant& byDefault, const QVariant& low,
                     const QVariant& high, const char* name, const char* help)
{
    ParameterSpec spec = parameter(key, type, byDefault, name, help);
    spec.minimum = low;
    spec.maximum = high;
    return spec;
}

QList<ParameterSpec> specsOf(Kind kind)
{
    QList<ParameterSpec> specs;
    if (kind == Kind::Convolution) {
        specs << parameter("shape", ParameterType::Text, QString(), "Shape",
                           "Channels x height x width of a row, as 3x1x50 for fifty readings of three axes; empty: a "
                           "series of one channel.")
              << parameter("filters", ParameterType::Text, QStringLiteral("8,16"), "Filters",
                           "Outputs of each convolution, separated by commas; more cost flash and time.")
              << number("kernel", ParameterType::Integer, 3, 1, 31, "Kernel",
                        "Width of each convolution, an odd number; time grows with it, or its square for images.")
              << number("stride", ParameterType::Integer, 2, 1, 8, "Stride",
                        "Steps of each convolution but the first; larger ones make everything behind them cheaper.")
              << parameter("depthwise", ParameterType::Boolean, false, "Depthwise separable",
                           "Convolutions after the first as one per channel and one across channels: several times "
                           "cheaper, a little less accurate.");
    }
    specs << parameter("hidden", ParameterType::Text, kind == Kind::Perceptron ? QStringLiteral("32,16") : QString(),
                       "Hidden layers", "Sizes of the dense layers before the last, separated by commas.")
          << number("epochs", ParameterType::Integer, kind == Kind::Perceptron ? 80 : 40, 1, 10'000, "Epochs",
                    "How often every row is seen; training time grows in proportion.")
          << number("batch", ParameterType::Integer, 32, 1, 4'096, "Batch",
                    "Rows for each step; larger ones are steadier and need more epochs.")
          << number("learning-rate", ParameterType::Real, 0.003, 1e-6, 1.0, "Learning rate",
                    "Size of the first steps; too large ones lead nowhere.")
          << number("weight-decay", ParameterType::Real, 1e-4, 0.0, 1.0, "Weight decay",
                    "Pull of all weights toward zero, against learning by heart.");
    ParameterSpec quantise = parameter("quantise", ParameterType::Choice, QStringLiteral("none"), "Quantise",
                                       "int8: afterwards in 8-bit integers, with the training rows as calibration; a "
                                       "quarter of the flash, and fast without a floating-point unit.");
    quantise.choices = {QStringLiteral("none"), QStringLiteral("int8")};
    return specs << quantise;
}

Result<std::vector<qint64>> sizesOf(const QString& text, const QChar separator, const char* what)
{
    std::vector<qint64> sizes;
    for (const QString& part : text.split(separator, Qt::SkipEmptyParts)) {
        bool fine = false;
        const qint64 size = part.trimmed().toLongLong(&fine);
        if (!fine || size < 1 || size > kMaxWidth)
            return Error(ErrorKind::Usage, QStringLiteral("'%1' is no size for %2.").arg(part, QLatin1String(what)),
                         QStringLiteral("Give whole numbers from 1 to %1.").arg(kMaxWidth));
        sizes.push_back(size);
    }
    return sizes;
}

Result<Volume> volumeOf(const QString& text, std::size_t columns)
{
    if (text.isEmpty())
        return Volume{1, 1, static_cast<qint64>(columns)};
    EMBER_TRY(const std::vector<qint64> sizes, sizesOf(text, QLatin1Char('x'), "the shape"));
    const Volume volume = sizes.size() == 3 ? Volume{sizes[0], sizes[1], sizes[2]} : Volume{};
    if (sizes.size() != 3 || volume.size() != columns)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The shape '%1' does not hold the %2 values of a row.").arg(text).arg(columns));
    return volume;
}

Status addConvolutions(Network& network, Volume& volume, const QVariantMap& parameters, Random& random)
{
    EMBER_TRY(const std::vector<qint64> filters,
              sizesOf(parameters.value(QStringLiteral("filters")).toString(), QLatin1Char(','), "a convolution"));
    const qint64 kernel = parameters.value(QStringLiteral("kernel")).toLongLong();
    if (kernel % 2 == 0)
        return Error(ErrorKind::Usage, QStringLiteral("The kernel %1 is not an odd number.").arg(kernel));
    const auto add = [&](const ConvLayer::Shape& shape) {
        network.push_back(std::make_unique<ConvLayer>(volume, shape, random));
        volume = network.back()->out();
        network.push_back(std::make_unique<ReluLayer>(volume));
    };
    const bool depthwise = parameters.value(QStringLiteral("depthwise")).toBool();
    for (std::size_t i = 0; i < filters.size(); ++i) {
        const qint64 stride = i == 0 ? 1 : parameters.value(QStringLiteral("stride")).toLongLong();
        if (depthwise && i > 0) {
            add({volume.channels, kernel, stride, true});
            add({filters[i], 1, 1, false});
        } else {
            add({filters[i], kernel, stride, false});
        }
    }
    return {};
}

Result<Network> networkFor(Kind kind, const plugin::TrainingView& data, const QVariantMap& parameters, quint64 seed)
{
    Random random = Random::forItem(seed, 0);
    Network network;
    Volume volume{static_cast<qint64>(data.columns), 1, 1};
    if (kind == Kind::Convolution) {
        EMBER_TRY(volume, volumeOf(parameters.value(QStringLiteral("shape")).toString(), data.columns));
        EMBER_CHECK(addConvolutions(network, volume, parameters, random));
    }
    EMBER_TRY(const std::vector<qint64> hidden,
              sizesOf(parameters.value(QStringLiteral("hidden")).toString(), QLatin1Char(','), "a hidden layer"));
    for (const qint64 size : hidden) {
        network.push_back(std::make_unique<DenseLayer>(volume, size, random));
        volume = network.back()->out();
        network.push_back(std::make_unique<ReluLayer>(volume));
    }
    network.push_back(std::make_unique<DenseLayer>(volume, data.classNames.size(), random));
    return network;
}

Status checkData(const plugin::TrainingView& data)
{
    const std::set<qint32> present(data.labels.begin(), data.labels.end());
    if (data.rows() < 2 || data.labels.size() != data.rows() || present.size() < 2)
        return Error(ErrorKind::Usage,
                     QStringLiteral("%1 labelled rows of %2 classes are too few to learn from.")
                         .arg(data.rows())
                         .arg(present.size()),
                     QStringLiteral("Label more data; a classifier needs rows of at least two classes."));
    return {};
}

Result<model::Model> trainNetwork(Kind kind, const plugin::TrainingView& data, const QVariantMap& parameters,
                                  const plugin::TrainingContext& context)
{
    EMBER_CHECK(checkData(data));
    EMBER_TRY(Network network, networkFor(kind, data, parameters, context.seed));
    const Scaling scaling = scalingOf(data.features, data.columns);
    const std::vector<float> rows = scaled(data.features, scaling);
    FitOptions options;
    options.epochs = parameters.value(QStringLiteral("epochs")).toInt();
    options.batch = parameters.value(QStringLiteral("batch")).toInt();
    options.learningRate = parameters.value(QStringLiteral("learning-rate")).toDouble();
    options.weightDecay = parameters.value(QStringLiteral("weight-decay")).toDouble();
    options.seed = context.seed;
    EMBER_CHECK(fit(network, {rows, data.columns, data.labels}, options, context.progress, context.cancel));
    model::Model reals = modelOf(network, scaling, data.classNames, data.featureNames);
    if (parameters.value(QStringLiteral("quantise")).toString() != QStringLiteral("int8"))
        return reals;
    const model::Tensor calibration =
        model::Tensor::of(std::vector<float>(data.features.begin(), data.features.end()),
                          {static_cast<qint64>(data.rows()), static_cast<qint64>(data.columns)});
    EMBER_TRY(model::QuantisedModel quantised, model::quantise(reals, {calibration}));
    return std::move(quantised.model);
}

} // namespace

plugin::TrainerInfo NeuralTrainer::info() const noexcept
{
    plugin::TrainerInfo info;
    const bool dense = m_kind == Kind::Perceptron;
    info.id = dense ? QStringLiteral("neural.mlp") : QStringLiteral("neural.cnn");
    info.name = dense ? QStringLiteral("Multi-layer perceptron") : QStringLiteral("Convolutional network");
    info.summary = dense ? QStringLiteral("Dense layers with rectifiers between them.")
                         : QStringLiteral("Convolutions along a series or over an image, then dense layers.");
    info.whenToUse = dense ? QStringLiteral("When classes are not separated by thresholds of single features.")
                           : QStringLiteral("On windows, spectrograms or images whose patterns may be anywhere.");
    info.tasks = {plugin::Task::Classification};
    info.canQuantise = true;
    info.parameters = specsOf(m_kind);
    return info;
}

Result<model::Model> NeuralTrainer::train(const plugin::TrainingView& data, const QVariantMap& parameters,
                                          const plugin::TrainingContext& context) noexcept
{
    try {
        return trainNetwork(m_kind, data, parameters, context);
    } catch (const std::exception& e) {
        return Error(ErrorKind::Failed,
                     QStringLiteral("Training the network failed: %1.").arg(QString::fromUtf8(e.what())),
                     QStringLiteral("Use smaller layers, or fewer rows."));
    }
}

} // namespace ember::neural
