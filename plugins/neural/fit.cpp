// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/fit.h"

#include "plugins/neural/rounding.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace ember::neural {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kTiny = 1e-8;

// First and second moments of the gradients of one list of weights.
class Adam
{
public:
    explicit Adam(std::size_t count)
        : m_first(count, 0.0)
        , m_second(count, 0.0)
    {}

    void step(std::vector<float>& weights, std::vector<float>& gradients, double rate, double decay, double count,
              int time)
    {
        const double correct1 = 1 - std::pow(kBeta1, time), correct2 = 1 - std::pow(kBeta2, time);
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const double g = static_cast<double>(gradients[i]) / count;
            m_first[i] = kBeta1 * m_first[i] + (1 - kBeta1) * g;
            m_second[i] = kBeta2 * m_second[i] + (1 - kBeta2) * g * g;
            const double change = m_first[i] / correct1 / (std::sqrt(m_second[i] / correct2) + kTiny);
            const auto w = static_cast<double>(weights[i]);
            weights[i] = static_cast<float>(w - rate * (change + decay * w));
            gradients[i] = 0;
        }
    }

private:
    std::vector<double> m_first, m_second;
};

struct LayerSteps
{
    Adam weights;
    Adam bias;
};

void shuffle(std::vector<std::size_t>& order, Random& random)
{
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(i))]);
}

double lossOf(std::span<const float> scores, const Truth& truth, std::span<float> gradient)
{
    if (truth.label < 0)
        return squaredError(scores, truth.targets, gradient);
    double loss = crossEntropy(scores, truth.label, gradient);
    if (truth.other < 0)
        return loss;
    std::vector<float> ofOther(gradient.size());
    loss += static_cast<double>(truth.otherShare) * (crossEntropy(scores, truth.other, ofOther) - loss);
    for (std::size_t i = 0; i < gradient.size(); ++i)
        gradient[i] += truth.otherShare * (ofOther[i] - gradient[i]);
    return loss;
}

double squaredLength(const Network& network)
{
    double sum = 0;
    for (const auto& layer : network) {
        for (const auto* gradients : {&layer->weightGradients, &layer->biasGradients}) {
            for (const float g : *gradients)
                sum += static_cast<double>(g) * static_cast<double>(g);
        }
    }
    return sum;
}

void widen(std::pair<float, float>& range, std::span<const float> values)
{
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    range = {std::min(range.first, *low), std::max(range.second, *high)};
}

// Gives rounding layers the ranges of what comes to them on all rows, as a calibration with these rows will.
void setRanges(Network& network, const Examples& examples)
{
    std::vector<std::vector<float>> values;
    std::vector<std::pair<float, float>> ranges(network.size(), {0.0f, 0.0f});
    for (std::size_t i = 0; i < examples.count(); ++i) {
        forwardAll(network, examples.row(i), values);
        for (std::size_t l = 0; l < network.size(); ++l)
            widen(ranges[l], l == 0 ? examples.row(i) : std::span<const float>(values[l - 1]));
    }
    for (std::size_t l = 0; l < network.size(); ++l) {
        if (auto* rounding = dynamic_cast<RoundingLayer*>(network[l].get()))
            rounding->setRange(ranges[l].first, ranges[l].second);
    }
}

// The rows of an epoch, changed and mixed as the options ask. What happens to a row depends on the seed, the epoch and
// the row alone.
class Presenter
{
public:
    Presenter(const Examples& examples, const FitOptions& options)
        : m_examples(examples)
        , m_options(options)
        , m_row(examples.columns)
        , m_other(examples.columns)
    {}

    struct Shown
    {
        std::span<const float> row;
        Truth truth;
    };

    Shown show(std::size_t index, int epoch)
    {
        Random random = Random::forItem(m_options.seed + 2, static_cast<quint64>(epoch) * m_examples.count() + index);
        Shown shown{changed(index, m_row, random), m_examples.truth(index)};
        if (m_options.mix <= 0 || shown.truth.label < 0)
            return shown;
        const auto other = static_cast<std::size_t>(random.below(m_examples.count()));
        const std::span<const float> second = changed(other, m_other, random);
        shown.truth.other = m_examples.labels[other];
        shown.truth.otherShare = static_cast<float>(m_options.mix * random.unit());
        m_mixed.resize(m_examples.columns);
        for (std::size_t i = 0; i < m_mixed.size(); ++i)
            m_mixed[i] = shown.row[i] + shown.truth.otherShare * (second[i] - shown.row[i]);
        shown.row = m_mixed;
        return shown;
    }

private:
    std::span<const float> changed(std::size_t index, std::vector<float>& to, Random& random) const
    {
        if (!m_options.augmenter)
            return m_examples.row(index);
        m_options.augmenter->change(m_examples.row(index), to, random);
        return to;
    }

    const Examples& m_examples;
    const FitOptions& m_options;
    std::vector<float> m_row, m_other, m_mixed;
};

class Descent
{
public:
    Descent(Network& network, const FitOptions& options, std::size_t stepsInAll)
        : m_network(network)
        , m_options(options)
        , m_stepsInAll(static_cast<double>(stepsInAll))
    {
        for (const auto& layer : network)
            m_steps.push_back({Adam(layer->weights.size()), Adam(layer->bias.size())});
    }

    // Between the two, layers compute with rounded weights; what is learnt goes to the reals behind them.
    void beginRounded()
    {
        for (const auto& layer : m_network) {
            m_reals.push_back(roundedWeights(*layer));
            std::swap(m_reals.back(), layer->weights);
        }
    }
    void endRounded()
    {
        for (std::size_t i = 0; i < m_reals.size(); ++i)
            std::swap(m_reals[i], m_network[i]->weights);
        m_reals.clear();
    }

    void step(double count)
    {
        const double share = static_cast<double>(m_time++) / m_stepsInAll;
        const double rate = m_options.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * share));
        if (m_options.clip > 0)
            count *= std::max(1.0, std::sqrt(squaredLength(m_network)) / count / m_options.clip);
        for (std::size_t i = 0; i < m_network.size(); ++i) {
            Layer& layer = *m_network[i];
            m_steps[i].weights.step(layer.weights, layer.weightGradients, rate, m_options.weightDecay, count, m_time);
            m_steps[i].bias.step(layer.bias, layer.biasGradients, rate, 0.0, count, m_time);
        }
    }

private:
    Network& m_network;
    const FitOptions& m_options;
    double m_stepsInAll;
    std::vector<LayerSteps> m_steps;
    std::vector<std::vector<float>> m_reals;
    int m_time = 0;
};

} // namespace

std::span<const float> forwardAll(const Network& network, std::span<const float> row,
                                  std::vector<std::vector<float>>& values)
{
    values.resize(network.size());
    std::span<const float> x = row;
    for (std::size_t i = 0; i < network.size(); ++i) {
        values[i].resize(network[i]->out().size());
        network[i]->forward(x, values[i]);
        x = values[i];
    }
    return x;
}

double learnFrom(Network& network, std::span<const float> row, const Truth& truth,
                 std::vector<std::vector<float>>& values)
{
    const std::span<const float> scores = forwardAll(network, row, values);
    std::vector<float> gradient(scores.size());
    const double loss = lossOf(scores, truth, gradient);
    const auto first = std::find_if(network.begin(), network.end(), [](const auto& l) { return !l->weights.empty(); });
    const auto last = static_cast<std::size_t>(first - network.begin());
    for (std::size_t i = network.size(); i-- > last;) {
        std::vector<float> before(i == last ? 0 : network[i]->in().size()); // nobody in front learns from it
        network[i]->backward(i == 0 ? row : std::span<const float>(values[i - 1]), gradient, before);
        gradient = std::move(before);
    }
    return loss;
}

Status fit(Network& network, const Examples& examples, const FitOptions& options, const ProgressSink& progress,
           const CancelToken& cancel)
{
    std::vector<std::size_t> order(examples.count());
    std::iota(order.begin(), order.end(), 0);
    std::vector<std::vector<float>> values;
    Random random = Random::forItem(options.seed, 1);
    Presenter presenter(examples, options);
    const auto batch = static_cast<std::size_t>(options.batch);
    const std::size_t perEpoch = (order.size() + batch - 1) / batch;
    Descent descent(network, options, static_cast<std::size_t>(options.epochs) * perEpoch);
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
        const bool rounded = epoch >= (1 - options.roundedShare) * options.epochs;
        if (rounded)
            setRanges(network, examples);
        shuffle(order, random);
        double loss = 0;
        for (std::size_t begin = 0; begin < order.size(); begin += batch) {
            const std::size_t end = std::min(order.size(), begin + batch);
            if (rounded)
                descent.beginRounded();
            for (std::size_t i = begin; i < end; ++i) {
                if (cancel.isCancelled())
                    return Error(ErrorKind::Cancelled, QStringLiteral("Training was cancelled."));
                const auto [row, truth] = presenter.show(order[i], epoch);
                loss += learnFrom(network, row, truth, values);
            }
            descent.endRounded();
            descent.step(static_cast<double>(end - begin));
        }
        loss /= static_cast<double>(examples.count());
        if (!std::isfinite(loss))
            return Error(ErrorKind::Failed, QStringLiteral("Training left the numbers: the loss is not finite."),
                         QStringLiteral("Try a smaller learning rate."));
        report(progress, QStringLiteral("Training"), static_cast<double>(epoch + 1) / options.epochs,
               QStringLiteral("loss=%1").arg(loss, 0, 'g', 5));
    }
    return {};
}

Scaling scalingOf(std::span<const float> rows, std::size_t channels)
{
    Scaling scaling;
    const auto count = static_cast<double>(rows.size() / channels);
    for (std::size_t c = 0; c < channels; ++c) {
        double sum = 0, squares = 0;
        for (std::size_t i = c; i < rows.size(); i += channels)
            sum += static_cast<double>(rows[i]);
        const double mean = sum / count;
        for (std::size_t i = c; i < rows.size(); i += channels) {
            const double off = static_cast<double>(rows[i]) - mean;
            squares += off * off;
        }
        const double deviation = std::sqrt(squares / count);
        scaling.mean.push_back(static_cast<float>(mean));
        scaling.factor.push_back(deviation > 1e-12 ? static_cast<float>(1 / deviation) : 1.0f);
    }
    return scaling;
}

std::vector<float> scaled(std::span<const float> rows, const Scaling& scaling)
{
    const std::size_t channels = scaling.mean.size();
    std::vector<float> result(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        result[i] = (rows[i] - scaling.mean[i % channels]) * scaling.factor[i % channels];
    return result;
}

std::vector<float> channelsFirst(std::span<const float> rows, Volume volume)
{
    const auto channels = static_cast<std::size_t>(volume.channels);
    const std::size_t size = volume.size(), cells = size / channels;
    std::vector<float> turned(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::size_t at = i % size;
        turned[i - at + at % channels * cells + at / channels] = rows[i];
    }
    return turned;
}

} // namespace ember::neural
