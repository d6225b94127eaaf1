// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/neighbours_lowering.h"

#include "core/codegen/classic/step_pattern.h"
#include "device-agent/runtime/fixed_neighbours.hpp"

#include <algorithm>
#include <cmath>

namespace ember::codegen {
namespace {

constexpr double kNearlyWhole = 0.02; ///< how far a point may be from a whole number, by the rounding of its scaler
constexpr double kSameWeight = 1e-5;  ///< relative difference of weights that are the same but for rounding
constexpr double kNarrowSum = 4.29e9; ///< below 2^32
constexpr double kWideSum = 1.8e19;   ///< below 2^64
constexpr double kMostPointWeight = 4.29e9; ///< below 2^32
constexpr double kLeastPointWeight = 16;    ///< with less, a feature would weigh something else

/// Points in units of the raw features, and what a difference weighs there.
struct RealNeighbours
{
    std::size_t count = 0;
    bool cityBlocks = false;
    bool byNearness = false;
    quint32 k = 0;
    quint32 classes = 0;
    std::vector<double> points;
    std::vector<double> weights; ///< one for each feature
    std::vector<float> labels;
};

/// The nearest of the distances that step `at` makes.
bool takeNearest(const LoweredProgram& program, std::size_t at, RealNeighbours& real)
{
    if (!isStep(program, at + 1, ProgramKernel::TopK))
        return false;
    const ProgramStep& top = program.steps[at + 1];
    real.k = top.numbers[2];
    return top.operands[0] == program.steps[at].result && top.numbers[0] == 1 && top.numbers[1] == real.count &&
           top.numbers[3] == 0;
}

/// A vote of one for the class of each: two steps. `result` is where the votes are.
bool takeClasses(const LoweredProgram& program, std::size_t at, const StepOperand& indices, RealNeighbours& real,
                 StepOperand& result)
{
    if (!isStep(program, at, ProgramKernel::GatherRows) || !isStep(program, at + 1, ProgramKernel::OneHot))
        return false;
    const ProgramStep& gather = program.steps[at];
    const ProgramStep& votes = program.steps[at + 1];
    const auto labels = constantsAt(program, gather.operands[0], real.count);
    const auto values = constantsAt(program, votes.operands[1], 2);
    if (labels.empty() || values.size() != 2 || values[0] != 0.0f || values[1] != 1.0f)
        return false;
    real.labels.assign(labels.begin(), labels.end());
    real.classes = votes.numbers[1];
    result = votes.result;
    return gather.operands[1] == indices && votes.operands[0] == gather.result && gather.numbers[1] == 1 &&
           gather.numbers[2] == real.count && votes.numbers[0] == real.k;
}

/// Votes of all neighbours together, and who wins: the last two steps.
bool takeSum(const LoweredProgram& program, std::size_t at, StepFunction function, const StepOperand& votes,
             const RealNeighbours& real)
{
    if (program.steps.size() != at + 2 || !isStep(program, at, ProgramKernel::Reduce, function) ||
        !isStep(program, at + 1, ProgramKernel::ArgExtreme))
        return false;
    const ProgramStep& sum = program.steps[at];
    const ProgramStep& winner = program.steps[at + 1];
    return sum.operands[0] == votes && winner.operands[0] == sum.result && sum.numbers[0] == 1 &&
           sum.numbers[1] == real.k && sum.numbers[2] == real.classes && winner.numbers[2] == 1;
}

bool takeVotes(const LoweredProgram& program, std::size_t at, RealNeighbours& real)
{
    StepOperand votes;
    return takeNearest(program, at, real) && takeClasses(program, at + 2, program.steps[at + 1].second, real, votes) &&
           takeSum(program, at + 4, StepFunction::MeanOf, votes, real);
}

constexpr float kMostNoDistance = 1e-4f; ///< added to a length before it is turned around

/// Shares of 1 / length: the roots of squared distances, an addend, the inverse, their sum, and what each is of it.
/// Returns the first step behind; zero for other steps.
std::size_t takeShares(const LoweredProgram& program, std::size_t at, StepOperand lengths, const RealNeighbours& real,
                       StepOperand& shares)
{
    const auto follows = [&](ProgramKernel kind, StepFunction function) {
        return isStep(program, at, kind, function) && program.steps[at].operands[0] == lengths;
    };
    if (!real.cityBlocks) {
        if (!follows(ProgramKernel::Unary, StepFunction::SquareRoot))
            return 0;
        lengths = program.steps[at++].result;
    }
    if (!follows(ProgramKernel::Binary, StepFunction::Add))
        return 0;
    const auto addend = constantsAt(program, program.steps[at].operands[1], 1);
    if (addend.empty() || !(addend[0] >= 0 && addend[0] <= kMostNoDistance))
        return 0;
    lengths = program.steps[at++].result;
    if (!follows(ProgramKernel::Unary, StepFunction::Reciprocal))
        return 0;
    lengths = program.steps[at++].result;
    if (!follows(ProgramKernel::Reduce, StepFunction::SumOf) || program.steps[at].numbers[0] != 1 ||
        program.steps[at].numbers[1] != real.k || program.steps[at].numbers[2] != 1)
        return 0;
    const StepOperand sum = program.steps[at++].result;
    if (!follows(ProgramKernel::Binary, StepFunction::Divide) || program.steps[at].operands[1] != sum)
        return 0;
    shares = program.steps[at++].result;
    return at;
}

/// Votes that weigh by nearness.
bool takeWeightedVotes(const LoweredProgram& program, std::size_t at, RealNeighbours& real)
{
    if (!takeNearest(program, at, real))
        return false;
    StepOperand shares, votes;
    const ProgramStep& top = program.steps[at + 1];
    const std::size_t behind = takeShares(program, at + 2, top.result, real, shares);
    if (behind == 0 || !takeClasses(program, behind, top.second, real, votes) ||
        !isStep(program, behind + 2, ProgramKernel::Binary, StepFunction::Multiply))
        return false;
    const ProgramStep& weighted = program.steps[behind + 2];
    real.byNearness = true;
    return weighted.operands[0] == votes && weighted.operands[1] == shares && weighted.numbers[1] == real.k &&
           weighted.numbers[2] == real.classes &&
           takeSum(program, behind + 3, StepFunction::SumOf, weighted.result, real);
}

std::optional<RealNeighbours> realNeighbours(const LoweredProgram& program, std::size_t features)
{
    const AffineFront front = frontOf(program, features);
    RealNeighbours real;
    if (!isStep(program, front.next, ProgramKernel::Distances, StepFunction::SquaredDifference)) {
        if (!isStep(program, front.next, ProgramKernel::Distances, StepFunction::AbsoluteDifference))
            return std::nullopt;
        real.cityBlocks = true;
    }
    const ProgramStep& distances = program.steps[front.next];
    real.count = distances.numbers[0];
    const auto points = constantsAt(program, distances.operands[1], real.count * features);
    if (distances.numbers[1] != features || distances.operands[0] != front.value || points.empty() ||
        (!takeVotes(program, front.next, real) && !takeWeightedVotes(program, front.next, real)))
        return std::nullopt;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::size_t f = i % features;
        real.points.push_back(front.offset[f] + static_cast<double>(points[i]) / front.scale[f]);
    }
    for (const double scale : front.scale)
        real.weights.push_back(real.cityBlocks ? std::abs(scale) : scale * scale);
    return real;
}

bool setPoints(const RealNeighbours& real, FeatureType type, LoweredNeighbours& model)
{
    double most = 0;
    for (const double point : real.points) {
        const double whole = std::round(point);
        // Not even a number that is none is within.
        if (!(std::abs(point - whole) <= kNearlyWhole) || whole < -32'768 || whole > 32'767)
            return false;
        most = std::max(most, whole < 0 ? -whole - 1 : whole);
        model.points.push_back(static_cast<qint16>(whole));
    }
    model.widePoints = most > 127;
    return type == FeatureType::Int8 || type == FeatureType::Int16;
}

/// Weights so that no distance of features of this type has more bits than its sum.
bool setPointWeights(const RealNeighbours& real, FeatureType type, bool learns, LoweredNeighbours& model)
{
    const double most = *std::max_element(real.weights.begin(), real.weights.end());
    const double least = *std::min_element(real.weights.begin(), real.weights.end());
    if (!(least > 0) || !std::isfinite(most))
        return false;
    const double mostFeature = type == FeatureType::Int8 ? 128.0 : 32'768.0;
    const double mostPoint = model.widePoints ? 32'768.0 : 128.0;
    // Rows that are learned are points of the features' type.
    const double reach = mostFeature + (learns ? std::max(mostFeature, mostPoint) : mostPoint);
    const double each = (real.cityBlocks ? reach : reach * reach) * model.features;
    if (most - least <= kSameWeight * most) {
        model.wideSums = each >= kNarrowSum;
        return each < kWideSum;
    }
    const double unit = std::min(kMostPointWeight / most, kWideSum / (each * most));
    if (least * unit < kLeastPointWeight)
        return false;
    double sum = 0;
    for (const double weight : real.weights) {
        model.weights.push_back(static_cast<quint32>(std::round(weight * unit)));
        sum += model.weights.back() * (each / model.features);
    }
    model.wideSums = sum >= kNarrowSum;
    return sum < kWideSum;
}

} // namespace

std::optional<IntegerNeighbours> integerNeighbours(const LoweredProgram& program, const LoweredModel& lowered,
                                                   bool learns)
{
    const auto real = realNeighbours(program, lowered.featureCount);
    constexpr std::size_t kMost = 65'535;
    constexpr quint32 kMostShares = 32'768; ///< votes of 16 bits whose sum has 31
    if (!real || real->count > kMost || real->classes > kMost || real->k > real->count || !lowered.classifier ||
        (real->byNearness && real->k > kMostShares))
        return std::nullopt;
    IntegerNeighbours result;
    LoweredNeighbours& model = result.model;
    model.features = lowered.featureCount;
    model.pointCount = static_cast<quint16>(real->count);
    model.classes = static_cast<quint16>(real->classes);
    model.k = static_cast<quint16>(real->k);
    model.cityBlocks = real->cityBlocks;
    model.byNearness = real->byNearness;
    for (const float label : real->labels) {
        if (!(label >= 0 && label < static_cast<float>(real->classes)))
            return std::nullopt;
        model.labels.push_back(static_cast<quint16>(label));
    }
    if (!setPoints(*real, lowered.rowType(), model) || !setPointWeights(*real, lowered.rowType(), learns, model))
        return std::nullopt;
    result.voteScale = real->byNearness ? 1 << runtime::kShareBits : static_cast<double>(real->k);
    return result;
}

} // namespace ember::codegen
