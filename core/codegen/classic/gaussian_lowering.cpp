// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/gaussian_lowering.h"

#include "core/codegen/classic/step_pattern.h"
#include "device-agent/runtime/gaussian.hpp"

#include <algorithm>
#include <cmath>

namespace ember::codegen {
namespace {

constexpr int kMostFractionBits = 8;
constexpr int kLeastFractionBits = 4; ///< with fewer, means are too coarse for features of small variance
constexpr double kReach = 6;          ///< standard deviations around a mean in which a feature counts exactly
constexpr int kWeightBits = 11;
constexpr int kMostShift = 21;  ///< a shifted weight has 32 bits
constexpr int kLeastShift = 14; ///< of the largest weight: a difference of one must still decide
constexpr int kScoreBits = 8;   ///< behind the point of a score, where there is room

constexpr double kNever = -1e7; ///< a component of such a constant is there to fill a group

/// Means and weights in the units of the raw features: a component scores constant - sum of weight (x - mean)^2.
struct RealGaussian
{
    std::vector<double> means;
    std::vector<double> weights;
    std::vector<double> constants;
    std::size_t classes = 0;
    std::size_t perClass = 1;
    bool detector = false;
    bool largestAlone = false;      ///< a class scores as its best component does, not as their sum
    bool centres = false;           ///< nearest centres: nothing is known of how far a class spreads
    double spread = std::sqrt(0.5); ///< a standard deviation is this by the root of the weight
};

/// Whether a binary step is on two rows of `count` elements; of one element it may be broadcast as well.
bool isElementwise(const ProgramStep& step, std::size_t count)
{
    return step.numbers[2] == count && (count == 1 || (step.numbers[5] == 1 && step.numbers[8] == 1));
}

/// Takes the winner of the classes, or the decision of a detector: its threshold comes off every component's constant.
bool takeWinner(const LoweredProgram& program, std::size_t at, StepOperand scores, RealGaussian& real)
{
    if (isStep(program, at, ProgramKernel::ArgExtreme))
        return program.steps.size() == at + 1 && program.steps[at].operands[0] == scores &&
               program.steps[at].numbers[2] == 1;
    const auto threshold = real.classes == 1 ? detectorThreshold(program, at, scores) : std::nullopt;
    if (!threshold)
        return false;
    real.detector = true;
    for (double& constant : real.constants)
        constant -= *threshold;
    return true;
}

/// Whether the steps behind the scores are those of a classifier: the winner, and in a mixture the sums before.
bool takeGaussianEnd(const LoweredProgram& program, std::size_t at, StepOperand scores, RealGaussian& real)
{
    if (isStep(program, at, ProgramKernel::LogSumExp)) {
        const ProgramStep& sums = program.steps[at];
        if (sums.operands[0] != scores || std::size_t{sums.numbers[0]} * sums.numbers[1] != real.constants.size())
            return false;
        real.classes = sums.numbers[0];
        real.perClass = sums.numbers[1];
        scores = sums.result;
        ++at;
    }
    return takeWinner(program, at, scores, real);
}

std::optional<RealGaussian> realGaussian(const LoweredProgram& program, std::size_t features)
{
    const AffineFront front = frontOf(program, features);
    const std::size_t at = front.next;
    const bool scaled = isStep(program, at, ProgramKernel::ScaledDistances);
    if ((!scaled && !isStep(program, at, ProgramKernel::WeightedDistances)) ||
        !isStep(program, at + 1, ProgramKernel::Binary, StepFunction::Subtract))
        return std::nullopt;
    const ProgramStep& distances = program.steps[at];
    const ProgramStep& scores = program.steps[at + 1];
    const std::size_t count = distances.numbers[0];
    const auto means = constantsAt(program, distances.operands[1], count * features);
    const auto factors = constantsAt(program, distances.operands[2], count * features);
    const auto constants = constantsAt(program, scores.operands[0], count);
    if (distances.numbers[1] != features || distances.operands[0] != front.value || means.empty() || factors.empty() ||
        constants.empty() || scores.operands[1] != distances.result || !isElementwise(scores, count))
        return std::nullopt;
    RealGaussian real;
    real.classes = count;
    real.constants.assign(constants.begin(), constants.end());
    if (!takeGaussianEnd(program, at + 2, scores.result, real))
        return std::nullopt;
    for (std::size_t i = 0; i < means.size(); ++i) {
        const std::size_t f = i % features;
        const auto factor = static_cast<double>(factors[i]);
        real.means.push_back(front.offset[f] + static_cast<double>(means[i]) / front.scale[f]);
        real.weights.push_back((scaled ? factor * factor : factor) * front.scale[f] * front.scale[f]);
    }
    return real;
}

/// Factors of covariances in units of the raw features: a component scores constant - sum of (factors x + offset)^2.
std::optional<RealGaussian> realWhitened(const LoweredProgram& program, std::size_t features)
{
    const AffineFront front = frontOf(program, features);
    const std::size_t at = front.next;
    if (!isStep(program, at, ProgramKernel::Dense) ||
        !isStep(program, at + 1, ProgramKernel::Reduce, StepFunction::SumOfSquares) ||
        !isStep(program, at + 2, ProgramKernel::Binary, StepFunction::Subtract))
        return std::nullopt;
    const ProgramStep& dense = program.steps[at];
    const ProgramStep& squares = program.steps[at + 1];
    const ProgramStep& scores = program.steps[at + 2];
    const std::size_t count = squares.numbers[0];
    const auto factors = constantsAt(program, dense.operands[1], count * features * features);
    const auto offsets = constantsAt(program, dense.operands[2], count * features);
    const auto constants = constantsAt(program, scores.operands[0], count);
    if (dense.numbers[0] != features || dense.numbers[1] != count * features || dense.numbers[2] != 0 ||
        dense.operands[0] != front.value || squares.operands[0] != dense.result || squares.numbers[1] != features ||
        squares.numbers[2] != 1 || factors.empty() || offsets.empty() || constants.empty() ||
        scores.operands[1] != squares.result || !isElementwise(scores, count))
        return std::nullopt;
    RealGaussian real;
    real.classes = count;
    real.constants.assign(constants.begin(), constants.end());
    if (!takeGaussianEnd(program, at + 3, scores.result, real))
        return std::nullopt;
    real.means.assign(offsets.begin(), offsets.end());
    for (std::size_t i = 0; i < factors.size(); ++i) {
        const std::size_t f = i % features;
        real.weights.push_back(static_cast<double>(factors[i]) * front.scale[f]);
        real.means[i / features] -= real.weights.back() * front.offset[f];
    }
    return real;
}

constexpr float kFarPoint = 1e12f; ///< a centre with such a coordinate is there to fill a group

/// The nearest centres: a class scores the least of its squared distances, negated.
std::optional<RealGaussian> realCentres(const LoweredProgram& program, std::size_t features)
{
    const AffineFront front = frontOf(program, features);
    std::size_t at = front.next;
    if (!isStep(program, at, ProgramKernel::Distances, StepFunction::SquaredDifference))
        return std::nullopt;
    const ProgramStep& distances = program.steps[at];
    const std::size_t count = distances.numbers[0];
    const auto points = constantsAt(program, distances.operands[1], count * features);
    if (distances.numbers[1] != features || distances.operands[0] != front.value || points.empty())
        return std::nullopt;
    RealGaussian real;
    real.largestAlone = true;
    real.centres = true;
    real.spread = 1; // of all rows, which is what the scaler knows
    real.classes = count;
    real.constants.assign(count, 0.0);
    StepOperand nearest = distances.result;
    if (isStep(program, ++at, ProgramKernel::Reduce, StepFunction::MinimumOf)) {
        const ProgramStep& least = program.steps[at++];
        real.classes = least.numbers[0];
        real.perClass = least.numbers[1];
        if (least.operands[0] != nearest || least.numbers[2] != 1 || real.classes * real.perClass != count)
            return std::nullopt;
        nearest = least.result;
    }
    if (!isStep(program, at, ProgramKernel::Unary, StepFunction::Negate) || program.steps[at].operands[0] != nearest ||
        program.steps[at].numbers[0] != real.classes || !takeWinner(program, at + 1, program.steps[at].result, real))
        return std::nullopt;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::size_t f = i % features;
        real.means.push_back(front.offset[f] + static_cast<double>(points[i]) / front.scale[f]);
        real.weights.push_back(front.scale[f] * front.scale[f]);
        if (std::abs(points[i]) > kFarPoint)
            real.constants[i / features] = 2 * kNever;
    }
    return real;
}

/// Drops what fills groups, and notes where those of each class begin. False when a class has none.
bool setGroups(RealGaussian& real, LoweredGaussian& model)
{
    const std::size_t means = real.means.size() / real.constants.size();
    const std::size_t weights = real.weights.size() / real.constants.size();
    const auto append = [](const std::vector<double>& from, std::size_t width, std::size_t k, std::vector<double>& to) {
        const auto first = from.begin() + static_cast<std::ptrdiff_t>(k * width);
        to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(width));
    };
    RealGaussian kept = real;
    kept.means.clear();
    kept.weights.clear();
    kept.constants.clear();
    for (std::size_t k = 0; k < real.constants.size(); ++k) {
        if (k % real.perClass == 0)
            model.firsts.push_back(static_cast<quint16>(kept.constants.size()));
        if (real.constants[k] < kNever)
            continue;
        append(real.means, means, k, kept.means);
        append(real.weights, weights, k, kept.weights);
        kept.constants.push_back(real.constants[k]);
    }
    model.firsts.push_back(static_cast<quint16>(kept.constants.size()));
    real = std::move(kept);
    if (std::adjacent_find(model.firsts.begin(), model.firsts.end()) != model.firsts.end())
        return false;
    model.detector = real.detector;
    if (real.perClass == 1)
        model.firsts.clear();
    for (unsigned i = 0; !model.firsts.empty() && i <= runtime::kLogSteps; ++i) {
        if (real.largestAlone) {
            model.logs.push_back(0);
            continue;
        }
        const double apart = std::ldexp(i, static_cast<int>(runtime::kLogStepBits) - kScoreBits);
        model.logs.push_back(static_cast<quint8>(std::round(std::ldexp(std::log1p(std::exp(-apart)), kScoreBits))));
    }
    return true;
}

/// Bits behind the point with which all means and what lies around them fit, as far as features go; below zero when
/// not.
int fractionBitsFor(const RealGaussian& real, double mostFeature)
{
    double reach = 1;
    for (std::size_t i = 0; i < real.means.size(); ++i) {
        const double mean = std::abs(real.means[i]);
        const double around = mean + kReach * std::sqrt(0.5 / real.weights[i]);
        reach = std::max(reach, std::min(around, std::max(mean, mostFeature)));
    }
    return std::min(kMostFractionBits, static_cast<int>(std::floor(std::log2(runtime::kMostFixed / reach))));
}

/// Mantissa and shift of the nearest such number; the largest there is for what is larger.
quint32 packedWeight(double weight, int mostShift)
{
    int shift = std::max(0, std::ilogb(std::max(weight, 1.0)) - (kWeightBits - 1));
    double mantissa = std::round(std::ldexp(weight, -shift));
    if (mantissa >= 1 << kWeightBits) {
        ++shift;
        mantissa = std::round(std::ldexp(weight, -shift));
    }
    if (shift > mostShift)
        return ((1u << kWeightBits) - 1) << 5 | static_cast<quint32>(mostShift);
    return static_cast<quint32>(mantissa) << 5 | static_cast<quint32>(shift);
}

/// Mean in the upper half, packed weight in the lower.
std::vector<quint32> tableOf(const RealGaussian& real, int fraction, int unit, int mostShift)
{
    std::vector<quint32> table;
    for (std::size_t i = 0; i < real.means.size(); ++i) {
        const auto mean = static_cast<qint32>(std::round(std::ldexp(real.means[i], fraction)));
        table.push_back(static_cast<quint32>(mean) << 16 | packedWeight(std::ldexp(real.weights[i], unit), mostShift));
    }
    return table;
}

/// Whether no class can sum to more than 62 bits, whatever the features are and wherever means `move`.
bool sumsFit(const std::vector<quint32>& table, std::size_t features, bool move)
{
    double sum = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        sum = i % features == 0 ? 0 : sum;
        const double mean = std::abs(static_cast<double>(static_cast<qint32>(table[i]) >> 16));
        const double most = runtime::kMostFixed + (move ? double{runtime::kMostFixed} : mean);
        sum += most * most * std::ldexp(table[i] >> 5 & 0x7FF, static_cast<int>(table[i] & 31));
        if (sum >= std::ldexp(1.0, 62))
            return false;
    }
    return true;
}

} // namespace

namespace {

bool setConstants(const RealGaussian& real, LoweredGaussian& model)
{
    for (const double constant : real.constants) {
        const double scaled = std::round(std::ldexp(constant, kScoreBits));
        if (!(std::abs(scaled) < INT32_MAX))
            return false;
        model.constants.push_back(static_cast<qint32>(scaled));
    }
    model.components = static_cast<quint16>(real.constants.size());
    model.classes = static_cast<quint16>(real.classes);
    return true;
}

/// Most of what a whitened feature can be, before bits are chosen.
double largestWhitened(const RealGaussian& real, std::size_t features, double mostFeature)
{
    double most = 0;
    for (std::size_t row = 0; row < real.means.size(); ++row) {
        double sum = 0;
        for (std::size_t f = 0; f < features; ++f)
            sum += std::abs(real.weights[row * features + f]) * mostFeature;
        most = std::max(most, sum);
    }
    return most;
}

/// With covariances. The features of `type` are taken as they are.
std::optional<IntegerGaussian> integerWhitened(const LoweredProgram& program, std::size_t features, FeatureType type)
{
    auto real = realWhitened(program, features);
    IntegerGaussian result;
    LoweredGaussian& model = result.model;
    if (!real || type == FeatureType::Int32 || real->constants.size() > 65'535 || features > 1'024 ||
        !setGroups(*real, model))
        return std::nullopt;
    double mostFactor = 0, mostOffset = 0;
    for (const double factor : real->weights)
        mostFactor = std::max(mostFactor, std::abs(factor));
    for (const double offset : real->means)
        mostOffset = std::max(mostOffset, std::abs(offset));
    const double most = largestWhitened(*real, features, type == FeatureType::Int8 ? 128 : 32'768);
    constexpr int kWhite = static_cast<int>(runtime::kWhitenedBits);
    if (!(mostFactor > 0) || !std::isfinite(most) || std::ldexp(mostOffset, kWhite) >= INT32_MAX)
        return std::nullopt;
    const int bits = std::min(static_cast<int>(std::floor(std::log2(INT32_MAX / mostFactor))),
                              static_cast<int>(std::floor(std::log2(4.6e18 / most))));
    if (bits < kWhite || bits - kWhite > 62 || !setConstants(*real, model))
        return std::nullopt;
    model.features = static_cast<quint16>(features);
    model.fractionBits = static_cast<quint8>(bits - kWhite);
    model.scoreShift = static_cast<quint8>(2 * kWhite - kScoreBits);
    for (const double factor : real->weights)
        model.factors.push_back(static_cast<qint32>(std::round(std::ldexp(factor, bits))));
    for (const double offset : real->means)
        model.offsets.push_back(static_cast<qint32>(std::round(std::ldexp(offset, kWhite))));
    result.scoreScale = 1 << kScoreBits;
    return result;
}

} // namespace

std::optional<IntegerGaussian> integerGaussian(const LoweredProgram& program, std::size_t features, FeatureType type,
                                               bool learns)
{
    if (auto whitened = integerWhitened(program, features, type))
        return whitened;
    auto real = realGaussian(program, features);
    if (!real)
        real = realCentres(program, features);
    IntegerGaussian result;
    LoweredGaussian& model = result.model;
    if (!real || real->constants.size() > 65'535 || !setGroups(*real, model) ||
        !std::all_of(real->weights.begin(), real->weights.end(),
                     [](double weight) { return std::isfinite(weight) && weight > 0; }))
        return std::nullopt;
    // Code that learns has no floats to go back to, and uses that no feature of 8 bits is further away than that.
    const int fraction = fractionBitsFor(*real, learns && type == FeatureType::Int8 ? 128.0 : HUGE_VAL);
    if (fraction < kLeastFractionBits)
        return std::nullopt;
    // The smallest weight keeps all its bits; the largest, of features that hardly vary, become one as large as the
    // sums have room for.
    const double least = *std::min_element(real->weights.begin(), real->weights.end());
    const int unit = kWeightBits - 1 - std::ilogb(least); // a sum of 2^unit * 2^(2 fraction) is one
    int mostShift = kMostShift;
    std::vector<quint32> table = tableOf(*real, fraction, unit, mostShift);
    while (!sumsFit(table, features, learns) && mostShift > kLeastShift)
        table = tableOf(*real, fraction, unit, --mostShift);
    if (!sumsFit(table, features, learns))
        return std::nullopt;
    const int shift = unit + 2 * fraction - kScoreBits;
    if (shift < 0 || shift > 31 || !setConstants(*real, model))
        return std::nullopt;
    model.features = static_cast<quint16>(features);
    model.fractionBits = static_cast<quint8>(fraction);
    model.scoreShift = static_cast<quint8>(shift);
    model.mostFeature = runtime::kMostFixed >> fraction;
    model.table = std::move(table);
    for (const double weight : real->weights)
        model.spreads.push_back(real->spread / std::sqrt(weight));
    model.centres = real->centres;
    result.scoreScale = 1 << kScoreBits;
    return result;
}

} // namespace ember::codegen
