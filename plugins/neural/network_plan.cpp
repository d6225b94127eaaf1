// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/network_plan.h"

#include "plugins/common/parameters.h"

namespace ember::neural {
namespace {

using plugin::ParameterSpec;
using plugin::ParameterType;
using plugin::TrainingView;

constexpr qint64 kMaxWidth = 4'096; ///< of a layer

ParameterSpec text(const char* key, const QString& byDefault, const char* name, const char* help)
{
    ParameterSpec spec;
    spec.key = QLatin1String(key);
    spec.type = ParameterType::Text;
    spec.defaultValue = byDefault;
    spec.name = QLatin1String(name);
    spec.help = QLatin1String(help);
    return spec;
}

QList<ParameterSpec> convolutionParameters()
{
    return {text("shape", QString(), "Shape",
                 "Channels x height x width of a row, as 3x1x50 for fifty readings of three axes; empty: what the "
                 "feature pipeline says, or else a series of one channel."),
            text("filters", QStringLiteral("16,16,16"), "Filters",
                 "Outputs of each convolution, separated by commas; more cost flash and time."),
            common::integerParameter("kernel", 5, 1, 31, "Kernel",
                                     "Width of each convolution, an odd number; time grows with it, or its square for "
                                     "images."),
            common::integerParameter("stride", 2, 1, 8, "Stride",
                                     "Steps of each convolution but the first; larger ones make everything behind "
                                     "them cheaper."),
            common::booleanParameter("depthwise", false, "Depthwise separable",
                                     "Convolutions after the first as one per channel and one across channels: several "
                                     "times cheaper, a little less accurate."),
            common::choiceParameter("pool", {QStringLiteral("none"), QStringLiteral("average")}, "Pool",
                                    "average: only how strong each filter answers on the whole, wherever that is, "
                                    "which saves weights; none: also where.")};
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

Volume volumeOfShape(const std::vector<int>& shape)
{
    const qint64 channels = shape.back();
    return shape.size() == 2 ? Volume{channels, 1, shape[0]} : Volume{channels, shape[0], shape[1]};
}

// The volume of a row and, for rows of a pipeline with a shape, that its channels come last.
Status chooseVolume(Kind kind, const TrainingView& data, const QString& shape, NetworkPlan& plan)
{
    plan.volume = {static_cast<qint64>(data.columns), 1, 1};
    if (kind != Kind::Convolution)
        return {};
    plan.volume = {1, 1, static_cast<qint64>(data.columns)};
    if (shape.isEmpty()) {
        if (data.shape.size() == 2 || data.shape.size() == 3) {
            plan.volume = volumeOfShape(data.shape);
            plan.input.order = RowOrder::ChannelsLast;
        }
        return {};
    }
    EMBER_TRY(const std::vector<qint64> sizes, sizesOf(shape, QLatin1Char('x'), "the shape"));
    plan.volume = sizes.size() == 3 ? Volume{sizes[0], sizes[1], sizes[2]} : Volume{};
    if (sizes.size() != 3 || plan.volume.size() != data.columns)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("The shape '%1' does not hold the %2 values of a row.").arg(shape).arg(data.columns));
    return {};
}

Status addConvolutions(Network& network, Volume& volume, const QVariantMap& parameters, Random& random)
{
    EMBER_TRY(const std::vector<qint64> filters,
              sizesOf(common::choice(parameters, "filters"), QLatin1Char(','), "a convolution"));
    const int kernel = common::integer(parameters, "kernel");
    if (kernel % 2 == 0)
        return Error(ErrorKind::Usage, QStringLiteral("The kernel %1 is not an odd number.").arg(kernel));
    const auto add = [&](const ConvLayer::Shape& shape) {
        network.push_back(std::make_unique<ConvLayer>(volume, shape, random));
        volume = network.back()->out();
        network.push_back(std::make_unique<ReluLayer>(volume));
    };
    for (std::size_t i = 0; i < filters.size(); ++i) {
        const qint64 stride = i == 0 ? 1 : common::integer(parameters, "stride");
        if (common::boolean(parameters, "depthwise") && i > 0) {
            add({volume.channels, kernel, stride, true});
            add({filters[i], 1, 1, false});
        } else {
            add({filters[i], kernel, stride, false});
        }
    }
    if (common::choice(parameters, "pool") == QLatin1String("average")) {
        network.push_back(std::make_unique<AverageLayer>(volume));
        volume = network.back()->out();
    }
    return {};
}

void addDense(Network& network, Volume& volume, qint64 outputs, bool rectified, Random& random)
{
    network.push_back(std::make_unique<DenseLayer>(volume, outputs, random));
    volume = network.back()->out();
    if (rectified)
        network.push_back(std::make_unique<ReluLayer>(volume));
}

} // namespace

QList<ParameterSpec> parametersOf(Kind kind)
{
    QList<ParameterSpec> specs;
    if (kind == Kind::Convolution)
        specs = convolutionParameters();
    const QString hidden = kind == Kind::Perceptron    ? QStringLiteral("32,16")
                           : kind == Kind::Autoencoder ? QStringLiteral("16,4")
                                                       : QString();
    specs << text("hidden", hidden, "Hidden layers",
                  kind == Kind::Autoencoder
                      ? "Sizes of the layers from the input to the narrowest, separated by commas; they are repeated "
                        "backwards behind it. A narrower middle remembers less, and finds more anomalies."
                      : "Sizes of the dense layers before the last, separated by commas.")
          << common::integerParameter("epochs", kind == Kind::Convolution ? 60 : 80, 1, 10'000, "Epochs",
                                      "How often every row is seen; training time grows in proportion.")
          << common::integerParameter("batch", kind == Kind::Convolution ? 16 : 32, 1, 4'096, "Batch",
                                      "Rows for each step; larger ones are steadier and need more epochs.")
          << common::realParameter("learning-rate", 0.003, 1e-6, 1.0, "Learning rate",
                                   "Size of the first steps; too large ones lead nowhere.")
          << common::realParameter("weight-decay", 1e-4, 0.0, 1.0, "Weight decay",
                                   "Pull of all weights toward zero, against learning by heart.");
    if (kind == Kind::Autoencoder)
        return specs << common::contaminationParameter();
    return specs << common::choiceParameter(
               "quantise", {QStringLiteral("none"), QStringLiteral("int8")}, "Quantise",
               "int8: afterwards in 8-bit integers, with the training rows as calibration; a quarter of the flash, "
               "and fast without a floating-point unit.");
}

std::vector<float> NetworkPlan::prepared(std::span<const float> rows) const
{
    std::vector<float> values = scaled(rows, input.scaling);
    return input.order == RowOrder::ChannelsLast ? channelsFirst(values, volume) : values;
}

Result<NetworkPlan> planNetwork(Kind kind, const TrainingView& data, const QVariantMap& parameters, qint64 outputs,
                                quint64 seed)
{
    NetworkPlan plan;
    plan.input.columns = data.columns;
    EMBER_CHECK(chooseVolume(kind, data, common::choice(parameters, "shape"), plan));
    const bool perChannel = plan.input.order == RowOrder::ChannelsLast;
    plan.input.scaling =
        scalingOf(data.features, perChannel ? static_cast<std::size_t>(plan.volume.channels) : data.columns);

    Random random = Random::forItem(seed, 0);
    Volume volume = plan.volume;
    if (kind == Kind::Convolution)
        EMBER_CHECK(addConvolutions(plan.network, volume, parameters, random));
    EMBER_TRY(std::vector<qint64> hidden,
              sizesOf(common::choice(parameters, "hidden"), QLatin1Char(','), "a hidden layer"));
    if (kind == Kind::Autoencoder && !hidden.empty())
        hidden.insert(hidden.end(), hidden.rbegin() + 1, hidden.rend());
    for (const qint64 size : hidden)
        addDense(plan.network, volume, size, true, random);
    addDense(plan.network, volume, outputs, false, random);
    return plan;
}

} // namespace ember::neural
