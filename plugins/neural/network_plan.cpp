// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/network_plan.h"

#include "plugins/common/parameters.h"
#include "plugins/neural/recurrent.h"
#include "plugins/neural/rounding.h"

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
            common::integerParameter("first-stride", 1, 1, 8, "First stride",
                                     "Steps of the first convolution, where most of the time goes; 2 makes a network "
                                     "of images about four times cheaper."),
            common::booleanParameter("depthwise", false, "Depthwise separable",
                                     "Convolutions after the first as one per channel and one across channels: several "
                                     "times cheaper, a little less accurate."),
            common::choiceParameter("pool", {QStringLiteral("none"), QStringLiteral("average"), QStringLiteral("time")},
                                    "Pool",
                                    "average: only how strong each filter answers on the whole, wherever that is, "
                                    "which saves weights; time: of images, at which pitch but not when; none: also "
                                    "where.")};
}

bool isRecurrent(Kind kind)
{
    return kind == Kind::Gru || kind == Kind::Lstm;
}

QList<ParameterSpec> recurrentParameters()
{
    return {
        common::integerParameter("units", 16, 1, 512, "Units",
                                 "Numbers of the state; flash and time grow with their square."),
        common::integerParameter("channels", 0, 0, 65'536, "Channels",
                                 "Numbers of a row that belong to one moment; 0: what the feature pipeline says, or "
                                 "else one.")};
}

QList<ParameterSpec> augmentationParameters()
{
    return {common::realParameter("augment-shift", 0, 0, 0.5, "Shift in time",
                                  "Rows are shown earlier or later by up to this share of their time, so that fewer "
                                  "recordings do; training takes more epochs with any of these."),
            common::realParameter("augment-stretch", 0, 0, 0.5, "Change of tempo",
                                  "Rows are shown faster or slower by up to this share."),
            common::realParameter("augment-pitch", 0, 0, 0.5, "Change of pitch",
                                  "Images are moved along their width, the bands of a spectrogram, by up to this "
                                  "share of it."),
            common::realParameter("augment-level", 0, 0, 10, "Change of level",
                                  "Added to all values of a row together, in standard deviations; of a spectrogram "
                                  "in decibels that is the loudness."),
            common::realParameter("augment-floor", 0, 0, 10, "Noise behind",
                                  "Quiet values of a row are lifted by up to this, in standard deviations, as steady "
                                  "noise does to a spectrogram in decibels."),
            common::realParameter("augment-noise", 0, 0, 10, "Noise",
                                  "Normal noise of up to this deviation on each value, in standard deviations."),
            common::realParameter("augment-mask", 0, 0, 0.5, "Stripes left out",
                                  "A stripe of time and one of an image's width are blanked, each up to this share."),
            common::realParameter("augment-colour", 0, 0, 10, "Change of colour",
                                  "Images are raised and lowered smoothly along their width, by this deviation, as "
                                  "other microphones and rooms do to a spectrogram in decibels."),
            common::realParameter("augment-tract", 0, 0, 0.5, "Other speakers",
                                  "Images are stretched along their width, from the low end, by up to this share, as "
                                  "longer and shorter vocal tracts do to a spectrogram."),
            common::realParameter("augment-mix", 0, 0, 0.5, "Mixing",
                                  "Rows are mixed with up to this share of another, and so are their classes.")};
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

// A row as a series of steps: the first dimension of a shape is time.
Status chooseSteps(const TrainingView& data, qint64 channels, NetworkPlan& plan)
{
    const auto columns = static_cast<qint64>(data.columns);
    if (channels == 0)
        channels = data.shape.empty() ? 1 : columns / data.shape.front();
    if (columns % channels != 0)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("The %1 values of a row are no whole number of steps of %2.").arg(columns).arg(channels));
    plan.volume = {channels, 1, columns / channels};
    plan.input.order = RowOrder::Steps;
    return {};
}

void addRecurrent(Kind kind, Network& network, Volume& volume, qint64 units, Random& random)
{
    if (kind == Kind::Gru)
        network.push_back(std::make_unique<GruLayer>(volume, units, random));
    else
        network.push_back(std::make_unique<LstmLayer>(volume, units, random));
    volume = network.back()->out();
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
    const bool isImage = volume.height > 1; // before strides make it flat; the time of a series is its width
    for (std::size_t i = 0; i < filters.size(); ++i) {
        const qint64 stride = common::integer(parameters, i == 0 ? "first-stride" : "stride");
        if (common::boolean(parameters, "depthwise") && i > 0) {
            add({volume.channels, kernel, stride, true});
            add({filters[i], 1, 1, false});
        } else {
            add({filters[i], kernel, stride, false});
        }
    }
    const QString pool = common::choice(parameters, "pool");
    if (pool != QLatin1String("none")) {
        const bool pitches = pool == QLatin1String("time") && isImage;
        network.push_back(std::make_unique<AverageLayer>(volume, pitches ? AverageOver::Height : AverageOver::Cells));
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
    if (isRecurrent(kind))
        specs = recurrentParameters();
    const bool ordered = !specs.empty();
    const QString hidden = kind == Kind::Perceptron    ? QStringLiteral("32,16")
                           : kind == Kind::Autoencoder ? QStringLiteral("16,4")
                                                       : QString();
    specs << text("hidden", hidden, "Hidden layers",
                  kind == Kind::Autoencoder
                      ? "Sizes of the layers from the input to the narrowest, separated by commas; they are repeated "
                        "backwards behind it. A narrower middle remembers less, and finds more anomalies."
                      : "Sizes of the dense layers before the last, separated by commas.")
          << common::integerParameter("epochs", ordered ? 60 : 80, 1, 10'000, "Epochs",
                                      "How often every row is seen; training time grows in proportion.")
          << common::integerParameter("batch", ordered ? 16 : 32, 1, 4'096, "Batch",
                                      "Rows for each step; larger ones are steadier and need more epochs.")
          << common::realParameter("learning-rate", 0.003, 1e-6, 1.0, "Learning rate",
                                   "Size of the first steps; too large ones lead nowhere.")
          << common::realParameter("weight-decay", 1e-4, 0.0, 1.0, "Weight decay",
                                   "Pull of all weights toward zero, against learning by heart.");
    if (ordered)
        specs << augmentationParameters();
    if (kind == Kind::Autoencoder)
        return specs << common::contaminationParameter();
    if (isRecurrent(kind))
        return specs;
    return specs << common::choiceParameter(
               "quantise", {QStringLiteral("none"), QStringLiteral("int8"), QStringLiteral("int8-aware")}, "Quantise",
               "int8: afterwards in 8-bit integers, with the training rows as calibration; a quarter of the flash, "
               "and fast without a floating-point unit. int8-aware: the last third of the training computes with "
               "the rounded weights and values, so that the network learns to live with them.");
}

Augmentation augmentationOf(Kind kind, const QVariantMap& parameters)
{
    if (kind != Kind::Convolution && !isRecurrent(kind))
        return {};
    return {common::real(parameters, "augment-shift"), common::real(parameters, "augment-stretch"),
            common::real(parameters, "augment-pitch"), common::real(parameters, "augment-level"),
            common::real(parameters, "augment-floor"), common::real(parameters, "augment-noise"),
            common::real(parameters, "augment-mask"),  common::real(parameters, "augment-colour"),
            common::real(parameters, "augment-tract")};
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
    if (isRecurrent(kind))
        EMBER_CHECK(chooseSteps(data, common::integer(parameters, "channels"), plan));
    else
        EMBER_CHECK(chooseVolume(kind, data, common::choice(parameters, "shape"), plan));
    const bool perChannel = plan.input.order != RowOrder::ChannelsFirst;
    plan.input.scaling =
        scalingOf(data.features, perChannel ? static_cast<std::size_t>(plan.volume.channels) : data.columns);

    Random random = Random::forItem(seed, 0);
    Volume volume = plan.volume;
    if (isRecurrent(kind))
        addRecurrent(kind, plan.network, volume, common::integer(parameters, "units"), random);
    if (kind == Kind::Convolution)
        EMBER_CHECK(addConvolutions(plan.network, volume, parameters, random));
    EMBER_TRY(std::vector<qint64> hidden,
              sizesOf(common::choice(parameters, "hidden"), QLatin1Char(','), "a hidden layer"));
    if (kind == Kind::Autoencoder && !hidden.empty())
        hidden.insert(hidden.end(), hidden.rbegin() + 1, hidden.rend());
    for (const qint64 size : hidden)
        addDense(plan.network, volume, size, true, random);
    addDense(plan.network, volume, outputs, false, random);
    if (common::choice(parameters, "quantise") == QLatin1String("int8-aware"))
        plan.network = withRounding(std::move(plan.network));
    return plan;
}

} // namespace ember::neural
