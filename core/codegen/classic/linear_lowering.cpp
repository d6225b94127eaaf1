// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/linear_lowering.h"

#include "core/codegen/classic/step_pattern.h"
#include "device-agent/runtime/fixed_linear.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::codegen {
namespace {

constexpr double kMostNarrowWeight = 32'767;
constexpr double kMostWideWeight = 2'147'483'000;
constexpr double kMostNarrowSum = 2'147'483'000;
constexpr double kMostWideSum = 4.6e18; ///< below 2^62
constexpr int kMostBits = 16;           ///< behind the point of a score
constexpr int kLeastBits = 7;
constexpr int kMostScoreShift = 62; ///< of sums of 64 bits
constexpr double kFarPower = 16;    ///< powers of a half from there on are nothing

/// Weights in units of the raw features.
struct RealLinear
{
    std::size_t outputs = 0;
    std::vector<double> weights;
    std::vector<double> biases;
    ScoreTransform transform = ScoreTransform::None;
};

/// The steps behind the products: who wins, and what becomes of the scores.
bool takeLinearEnd(const LoweredProgram& program, std::size_t at, const StepOperand& scores, bool classifier,
                   RealLinear& real)
{
    bool wins = false;
    bool transformed = false;
    for (; at < program.steps.size(); ++at) {
        const ProgramStep& step = program.steps[at];
        const bool ofScores = !step.operands.empty() && step.operands[0] == scores;
        if (step.kind == ProgramKernel::ArgExtreme && !wins && ofScores && step.numbers[2] == 1) {
            wins = true;
        } else if (step.kind == ProgramKernel::Softmax && !transformed && ofScores && step.numbers[0] == 1) {
            transformed = true;
            real.transform = ScoreTransform::Softmax;
        } else if (step.kind == ProgramKernel::Unary && step.function == StepFunction::Logistic && !transformed &&
                   ofScores) {
            transformed = true;
            real.transform = ScoreTransform::Logistic;
        } else if (step.kind == ProgramKernel::ArgExtreme && !wins && transformed && step.numbers[2] == 1 &&
                   step.operands[0] == program.steps[at - 1].result) {
            wins = true; // of shares, which are in the order of the scores
        } else if (step.kind != ProgramKernel::Copy || !ofScores) {
            return false;
        }
    }
    return wins == classifier;
}

std::optional<RealLinear> realLinear(const LoweredProgram& program, std::size_t features, bool classifier)
{
    const AffineFront front = frontOf(program, features);
    if (!isStep(program, front.next, ProgramKernel::Dense))
        return std::nullopt;
    const ProgramStep& dense = program.steps[front.next];
    RealLinear real;
    real.outputs = dense.numbers[1];
    const auto weights = constantsAt(program, dense.operands[1], real.outputs * features);
    const auto biases = constantsAt(program, dense.operands[2], real.outputs);
    if (dense.numbers[0] != features || dense.numbers[2] != 0 || dense.operands[0] != front.value || weights.empty() ||
        biases.empty() || !takeLinearEnd(program, front.next + 1, dense.result, classifier, real))
        return std::nullopt;
    real.biases.assign(biases.begin(), biases.end());
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t f = i % features;
        const double weight = static_cast<double>(weights[i]) * front.scale[f];
        real.weights.push_back(weight);
        real.biases[i / features] -= weight * front.offset[f];
    }
    const auto isFinite = [](double value) { return std::isfinite(value); };
    if (!std::all_of(real.weights.begin(), real.weights.end(), isFinite) ||
        !std::all_of(real.biases.begin(), real.biases.end(), isFinite))
        return std::nullopt;
    return real;
}

double largestSize(const std::vector<double>& values)
{
    double most = 0;
    for (const double value : values)
        most = std::max(most, std::abs(value));
    return most;
}

/// What no score exceeds, whatever the features of the type are.
double scoreBound(const RealLinear& real, std::size_t features, double mostFeature)
{
    double bound = 0;
    for (std::size_t o = 0; o < real.outputs; ++o) {
        double sum = std::abs(real.biases[o]);
        for (std::size_t f = 0; f < features; ++f)
            sum += std::abs(real.weights[o * features + f]) * mostFeature;
        bound = std::max(bound, sum);
    }
    return bound;
}

/// The largest power of two with which `value` stays at most `limit`.
int bitsWithin(double value, double limit)
{
    const double most = std::min(limit / value, std::numeric_limits<double>::max());
    return value > 0 ? static_cast<int>(std::floor(std::log2(most))) : 30;
}

double mostFeatureOf(FeatureType type)
{
    switch (type) {
    case FeatureType::Int8:
        return 128;
    case FeatureType::Int16:
        return 32'768;
    default:
        return 2'147'483'648.0;
    }
}

/// Scores of 2^bits as powers of a half.
void setShares(int bits, LoweredLinear& model)
{
    const double perUnit = std::ldexp(65536 / std::log(2.0), -bits); // of the exponent, for a difference of one
    const int shift = 30 - std::ilogb(perUnit);
    model.slopeShift = static_cast<quint8>(shift);
    model.slope = static_cast<quint32>(std::round(std::ldexp(perUnit, shift)));
    // With the slope as it is now, so that no exponent reaches the end of the table.
    const double far = std::floor(std::ldexp(kFarPower * 65536, shift) / model.slope);
    model.farAway = static_cast<quint32>(std::min(far, static_cast<double>(std::numeric_limits<quint32>::max())));
    for (unsigned i = 0; i <= runtime::kPowerSteps; ++i)
        model.powers.push_back(static_cast<quint16>(std::round(65535 * std::exp2(-double(i) / runtime::kPowerSteps))));
}

} // namespace

std::optional<IntegerLinear> integerLinear(const LoweredProgram& program, const LoweredModel& lowered)
{
    const std::size_t features = lowered.featureCount;
    const auto real = realLinear(program, features, lowered.classifier);
    if (!real || real->outputs > 65'535)
        return std::nullopt;
    const double mostWeight = largestSize(real->weights);
    const double bound = scoreBound(*real, features, mostFeatureOf(lowered.rowType()));
    if (!(mostWeight > 0) || bound > 1e15)
        return std::nullopt;
    IntegerLinear result;
    LoweredLinear& model = result.model;
    model.features = static_cast<quint16>(features);
    model.outputs = static_cast<quint16>(real->outputs);
    model.classifier = lowered.classifier;
    model.transform = real->transform;
    // Features of 8 bits are alike in size, and so weigh what their weights say; wider ones may differ by any factor.
    model.wide = lowered.rowType() != FeatureType::Int8;
    // Each weight is rounded by a half at most.
    const double rounding = 0.5 * mostFeatureOf(lowered.rowType()) * static_cast<double>(features);
    const int bits = std::min(bitsWithin(mostWeight, model.wide ? kMostWideWeight : kMostNarrowWeight),
                              bitsWithin(bound, (model.wide ? kMostWideSum : kMostNarrowSum) - rounding));
    // Shares are nothing long before a score is too large; a score that is the answer must fit.
    const bool shares = model.transform != ScoreTransform::None;
    const int scoreBits = std::min({bits, kMostBits, shares ? kMostBits : bitsWithin(bound, runtime::kMostScore)});
    const double mostBias = largestSize(real->biases);
    if (scoreBits < kLeastBits || bits - scoreBits > kMostScoreShift ||
        std::ldexp(mostBias, scoreBits) > runtime::kMostScore)
        return std::nullopt;
    if (shares)
        setShares(scoreBits, model);
    model.scoreShift = static_cast<quint8>(bits - scoreBits);
    model.scoreBits = static_cast<quint8>(scoreBits);
    for (const double weight : real->weights)
        model.weights.push_back(static_cast<qint32>(std::round(std::ldexp(weight, bits))));
    for (const double bias : real->biases)
        model.biases.push_back(static_cast<qint32>(std::round(std::ldexp(bias, scoreBits))));
    result.scoreScale = model.transform == ScoreTransform::None ? std::exp2(scoreBits) : 65535;
    return result;
}

} // namespace ember::codegen
