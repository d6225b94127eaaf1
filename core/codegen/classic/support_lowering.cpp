// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/support_lowering.h"

#include "core/codegen/classic/step_pattern.h"
#include "device-agent/runtime/support.hpp"

#include <algorithm>
#include <cmath>

namespace ember::codegen {
namespace {

constexpr double kWhole = 0.02; ///< how far a support vector may be from whole numbers: it is one, after rounding
constexpr double kEqual = 1e-5; ///< relative difference of weights that are one weight
constexpr double kSums = 4294967295.0;
constexpr double kFarExponent = 16; ///< kernels of 16 bits are zero below 2^-16
constexpr double kLeastFar = 1000;  ///< with fewer steps to there, distances are too coarse

/// What the steps say, in the units of the raw features.
struct RealSupport
{
    std::size_t classes = 0;
    std::size_t count = 0;
    std::vector<double> vectors;
    std::vector<double> weights; ///< of squared differences
    double gamma = 0;
    SupportForm form = SupportForm::Pairs;
    std::span<const float> coefficients;
    std::vector<double> rho;
    std::span<const float> firsts; ///< of pairs
};

/// Decisions of pairs, the winner, and with two classes both signs of the decision.
bool takePairs(const LoweredProgram& program, std::size_t at, StepOperand kernels, RealSupport& real)
{
    if (!isStep(program, at, ProgramKernel::PairDecisions) || !isStep(program, at + 1, ProgramKernel::PairWinner))
        return false;
    const ProgramStep& pairs = program.steps[at];
    real.classes = pairs.numbers[0];
    if (pairs.operands[0] != kernels || program.steps.size() - at != (real.classes == 2 ? 3 : 2))
        return false;
    real.coefficients = constantsAt(program, pairs.operands[1], (real.classes - 1) * real.count);
    const auto rho = constantsAt(program, pairs.operands[2], real.classes * (real.classes - 1) / 2);
    real.rho.assign(rho.begin(), rho.end());
    real.firsts = constantsAt(program, pairs.operands[3], real.classes + 1);
    return !real.coefficients.empty() && !rho.empty() && !real.firsts.empty();
}

/// Scores from all vectors, which each have an addend of their own behind them or not, and the largest; or one that a
/// detector decides by.
bool takeScores(const LoweredProgram& program, std::size_t at, StepOperand kernels, RealSupport& real)
{
    if (!isStep(program, at, ProgramKernel::Dense) || program.steps[at].operands[0] != kernels ||
        program.steps[at].numbers[0] != real.count || program.steps[at].numbers[2] != 0)
        return false;
    const ProgramStep& dense = program.steps[at];
    real.classes = dense.numbers[1];
    real.coefficients = constantsAt(program, dense.operands[1], real.classes * real.count);
    const auto bias = constantsAt(program, dense.operands[2], real.classes);
    real.rho.assign(bias.begin(), bias.end());
    if (real.coefficients.empty() || bias.empty())
        return false;
    StepOperand scores = dense.result;
    if (const auto threshold = real.classes == 1 ? detectorThreshold(program, at + 1, scores) : std::nullopt) {
        real.form = SupportForm::Detector;
        real.rho[0] -= *threshold;
        return true;
    }
    real.form = SupportForm::Scores;
    if (isStep(program, at + 1, ProgramKernel::Binary, StepFunction::Add)) {
        const ProgramStep& add = program.steps[++at];
        const auto more = constantsAt(program, add.operands[1], real.classes);
        if (add.operands[0] != scores || more.empty() || add.numbers[2] != real.classes || add.numbers[5] != 1 ||
            add.numbers[8] != 1)
            return false;
        for (std::size_t c = 0; c < real.classes; ++c)
            real.rho[c] += static_cast<double>(more[c]);
        scores = add.result;
    }
    return real.classes > 1 && isStep(program, at + 1, ProgramKernel::ArgExtreme) && program.steps.size() == at + 2 &&
           program.steps[at + 1].operands[0] == scores && program.steps[at + 1].numbers[2] == 1;
}

/// Distances, times -gamma, exponential, and what is made of these kernels.
std::optional<RealSupport> realSupport(const LoweredProgram& program, std::size_t features)
{
    const AffineFront front = frontOf(program, features);
    const std::size_t at = front.next;
    if (!isStep(program, at, ProgramKernel::Distances, StepFunction::SquaredDifference) ||
        !isStep(program, at + 1, ProgramKernel::Binary, StepFunction::Multiply) ||
        !isStep(program, at + 2, ProgramKernel::Unary, StepFunction::Exponential))
        return std::nullopt;
    const ProgramStep* steps = program.steps.data() + at;
    RealSupport real;
    real.count = steps[0].numbers[0];
    if (steps[0].numbers[1] != features || steps[0].operands[0] != front.value ||
        steps[1].operands[0] != steps[0].result || steps[2].operands[0] != steps[1].result)
        return std::nullopt;
    const auto vectors = constantsAt(program, steps[0].operands[1], real.count * features);
    const auto slope = constantsAt(program, steps[1].operands[1], 1);
    if (vectors.empty() || slope.empty() ||
        (!takePairs(program, at + 3, steps[2].result, real) && !takeScores(program, at + 3, steps[2].result, real)))
        return std::nullopt;
    real.gamma = -static_cast<double>(slope[0]);
    for (std::size_t i = 0; i < vectors.size(); ++i)
        real.vectors.push_back(front.offset[i % features] +
                               static_cast<double>(vectors[i]) / front.scale[i % features]);
    for (const double scale : front.scale)
        real.weights.push_back(scale * scale);
    return real;
}

/// Whole support vectors as bytes around centres; false when they are none.
bool setVectors(const RealSupport& real, LoweredSupport& model)
{
    const std::size_t features = model.features;
    const std::size_t padded = runtime::paddedFeatures(model.features);
    model.vectors.assign(real.count * padded, 0);
    std::vector<qint16> centres;
    for (std::size_t f = 0; f < features; ++f) {
        double low = real.vectors[f];
        double high = low;
        for (std::size_t v = 0; v < real.count; ++v) {
            const double value = real.vectors[v * features + f];
            if (!(std::abs(value - std::round(value)) <= kWhole))
                return false;
            low = std::min(low, std::round(value));
            high = std::max(high, std::round(value));
        }
        const double centre = low >= -127 && high <= 127 ? 0 : std::round((low + high) / 2);
        if (high - centre > 127 || low - centre < -127 || std::abs(centre) > 32767)
            return false;
        centres.push_back(static_cast<qint16>(centre));
        for (std::size_t v = 0; v < real.count; ++v)
            model.vectors[v * padded + f] = static_cast<qint8>(std::round(real.vectors[v * features + f]) - centre);
    }
    if (std::any_of(centres.begin(), centres.end(), [](qint16 centre) { return centre != 0; }))
        model.centres = std::move(centres);
    return true;
}

bool weighsAlike(const std::vector<double>& weights)
{
    const auto [least, most] = std::minmax_element(weights.begin(), weights.end());
    return *most - *least <= kEqual * *most;
}

/// Largest magnitude of a vector's cell for each feature.
std::vector<double> reachOf(const LoweredSupport& model)
{
    const std::size_t padded = runtime::paddedFeatures(model.features);
    std::vector<double> reach(model.features, 0);
    for (std::size_t i = 0; i < model.vectors.size(); ++i) {
        if (i % padded < model.features)
            reach[i % padded] = std::max(reach[i % padded], std::abs(static_cast<double>(model.vectors[i])));
    }
    return reach;
}

/// How far a feature of such a weight must be from every vector to be too far away alone. A feature beyond counts as
/// this, which changes nothing: the kernels are zero.
double limitOf(double reach, double weight, double far)
{
    return std::ceil(reach + std::sqrt(far / weight)) + 1;
}

/// All features weigh the same: distances are those of the raw features. False when they have no room.
bool setPlain(LoweredSupport& model, double far)
{
    double most = 0;
    for (const double reach : reachOf(model))
        most = std::max(most, limitOf(reach, 1, far));
    const double padded = runtime::paddedFeatures(model.features);
    if (padded * (most + 128) * (most + 128) >= kSums || padded * most * 128 >= INT32_MAX || most > INT16_MAX)
        return false;
    model.mostFeature = static_cast<qint16>(most);
    return true;
}

/// Weights as whole numbers, so many times themselves; what the largest distance is then.
double setWeights(const std::vector<double>& weights, double far, double unit, LoweredSupport& model)
{
    const std::vector<double> reach = reachOf(model);
    model.weights.clear();
    double largest = 0;
    for (std::size_t f = 0; f < weights.size(); ++f) {
        const double weight = std::round(weights[f] * unit);
        const double limit = weight > 0 ? std::min(limitOf(reach[f], weight, far * unit), 1e9) : 0;
        largest += weight * (limit + reach[f]) * (limit + reach[f]);
        if (weight >= kSums)
            return weight;
        model.weights.push_back({static_cast<quint32>(weight), static_cast<qint32>(limit)});
    }
    return largest;
}

/// Chooses the unit of distances. Returns how many of them are one of the float model's; zero when nothing fits.
double setUnit(const RealSupport& real, LoweredSupport& model)
{
    const double far = kFarExponent * std::log(2.0) / real.gamma;
    if (!(real.gamma > 0) || !std::isfinite(far))
        return 0;
    if (weighsAlike(real.weights)) {
        const double unit = 1 / real.weights.front();
        if (far * unit >= kLeastFar && setPlain(model, far * unit))
            return unit;
    }
    double unit = kSums / far;
    while (far * unit >= kLeastFar) {
        if (setWeights(real.weights, far, unit, model) < kSums)
            return unit;
        unit /= 2;
    }
    return 0;
}

quint32 weightOf(const LoweredSupport& model, std::size_t feature)
{
    return model.weights.empty() ? 1 : model.weights[feature].weight;
}

void setLengths(LoweredSupport& model)
{
    const std::size_t padded = runtime::paddedFeatures(model.features);
    for (std::size_t v = 0; v < model.vectorCount; ++v) {
        quint32 sum = 0;
        for (std::size_t f = 0; f < model.features; ++f) {
            const qint32 cell = model.vectors[v * padded + f];
            sum += weightOf(model, f) * static_cast<quint32>(cell * cell);
        }
        model.lengths.push_back(sum);
    }
}

/// The exponent of 2^-(d * gamma / ln 2), with 16 bits behind the point, as the upper half of a product of 32-bit
/// numbers.
void setSlope(double gamma, LoweredSupport& model)
{
    const double perUnit = gamma / std::log(2.0) * 65536;
    const double far = kFarExponent * 65536 / perUnit;
    while (std::ldexp(far + 2, model.distanceShift + 1) < kSums)
        ++model.distanceShift;
    model.slope = static_cast<quint32>(std::round(std::ldexp(perUnit, 32 - model.distanceShift)));
    // The first distance whose exponent is large enough, with the slope as it is now.
    const quint64 step = quint64{model.slope} << model.distanceShift;
    model.farAway = static_cast<quint32>(((quint64{16} << 48) + step - 1) / step);
}

/// A class that was not there in training has such a score.
bool neverWins(double rho)
{
    return rho < -1e20;
}

/// Then its sum of kernels is nothing, and the least number there is stays what it is.
bool hasNoCoefficients(const RealSupport& real, std::size_t row)
{
    const auto own = real.coefficients.subspan(row * real.count, real.count);
    return real.form == SupportForm::Scores &&
           std::all_of(own.begin(), own.end(), [](float c) { return !(c < 0) && !(c > 0); });
}

/// Returns what a decision of one becomes; zero when the machine says nothing or too much.
double setCoefficients(const RealSupport& real, LoweredSupport& model)
{
    double most = 0;
    for (const float coefficient : real.coefficients)
        most = std::max(most, static_cast<double>(std::abs(coefficient)));
    if (!(most > 0) || !std::isfinite(most))
        return 0;
    const double scale = 32767 / most;
    for (const float coefficient : real.coefficients)
        model.coefficients.push_back(static_cast<qint16>(std::round(static_cast<double>(coefficient) * scale)));
    // No decision is larger than all coefficients of its pair, and rho.
    double bound = 0;
    for (const double rho : real.rho) {
        if (!neverWins(rho))
            bound = std::max(bound, std::abs(rho));
    }
    bound = (bound + 2 * most * static_cast<double>(real.count)) * scale * 65535;
    int shift = 0;
    while (std::ldexp(bound, -shift) >= INT32_MAX && shift < 31)
        ++shift;
    if (std::ldexp(bound, -shift) >= INT32_MAX)
        return 0;
    model.decisionShift = static_cast<quint8>(shift);
    const double unit = std::ldexp(scale * 65535, -shift);
    for (std::size_t c = 0; c < real.rho.size(); ++c) {
        if (neverWins(real.rho[c]) && !hasNoCoefficients(real, c))
            return 0;
        model.rho.push_back(neverWins(real.rho[c]) ? INT32_MIN : static_cast<qint32>(std::round(real.rho[c] * unit)));
    }
    return unit;
}

} // namespace

std::optional<IntegerSupport> integerSupport(const LoweredProgram& program, std::size_t features)
{
    const auto real = realSupport(program, features);
    if (!real || real->count > 65'535)
        return std::nullopt;
    IntegerSupport result;
    LoweredSupport& model = result.model;
    model.form = real->form;
    model.features = static_cast<quint16>(features);
    model.vectorCount = static_cast<quint16>(real->count);
    model.classes = static_cast<quint16>(real->classes);
    if (!setVectors(*real, model))
        return std::nullopt;
    const double unit = setUnit(*real, model);
    if (!(unit > 0))
        return std::nullopt;
    setSlope(real->gamma / unit, model);
    setLengths(model);
    for (unsigned i = 0; i <= runtime::kPowerSteps; ++i)
        model.powers.push_back(static_cast<quint16>(std::round(65535 * std::exp2(-double(i) / runtime::kPowerSteps))));
    result.decisionScale = setCoefficients(*real, model);
    if (!(result.decisionScale > 0))
        return std::nullopt;
    for (const float first : real->firsts)
        model.firsts.push_back(static_cast<quint16>(first));
    return result;
}

} // namespace ember::codegen
