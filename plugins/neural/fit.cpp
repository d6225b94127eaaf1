// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/fit.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

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
    const double loss =
        truth.label >= 0 ? crossEntropy(scores, truth.label, gradient) : squaredError(scores, truth.targets, gradient);
    for (std::size_t i = network.size(); i-- > 0;) {
        std::vector<float> before(network[i]->in().size());
        network[i]->backward(i == 0 ? row : std::span<const float>(values[i - 1]), gradient, before);
        gradient = std::move(before);
    }
    return loss;
}

Status fit(Network& network, const Examples& examples, const FitOptions& options, const ProgressSink& progress,
           const CancelToken& cancel)
{
    std::vector<LayerSteps> steps;
    for (const auto& layer : network)
        steps.push_back({Adam(layer->weights.size()), Adam(layer->bias.size())});
    std::vector<std::size_t> order(examples.count());
    std::iota(order.begin(), order.end(), 0);
    std::vector<std::vector<float>> values;
    Random random = Random::forItem(options.seed, 1);
    const auto batch = static_cast<std::size_t>(options.batch);
    const std::size_t perEpoch = (order.size() + batch - 1) / batch;
    int time = 0;
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
        shuffle(order, random);
        double loss = 0;
        for (std::size_t begin = 0; begin < order.size(); begin += batch) {
            const std::size_t end = std::min(order.size(), begin + batch);
            for (std::size_t i = begin; i < end; ++i) {
                if (cancel.isCancelled())
                    return Error(ErrorKind::Cancelled, QStringLiteral("Training was cancelled."));
                loss += learnFrom(network, examples.row(order[i]), examples.truth(order[i]), values);
            }
            const double share =
                static_cast<double>(time++) / (static_cast<double>(options.epochs) * static_cast<double>(perEpoch));
            const double rate = options.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * share));
            for (std::size_t i = 0; i < network.size(); ++i) {
                const auto count = static_cast<double>(end - begin);
                steps[i].weights.step(network[i]->weights, network[i]->weightGradients, rate, options.weightDecay,
                                      count, time);
                steps[i].bias.step(network[i]->bias, network[i]->biasGradients, rate, 0.0, count, time);
            }
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
