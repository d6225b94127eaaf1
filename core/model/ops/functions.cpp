// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/functions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace ember::model::ops {
namespace {

template <typename Real>
Real logisticOf(Real x)
{
    // Written for both signs so that exp() never overflows.
    const Real e = std::exp(-std::abs(x));
    return x >= 0 ? Real(1) / (Real(1) + e) : e / (Real(1) + e);
}

template <typename Real>
Real softplus(Real x)
{
    return std::max(x, Real(0)) + std::log1p(std::exp(-std::abs(x)));
}

template <typename Real>
Real geluTanh(Real x)
{
    const Real inner = std::sqrt(Real(2) / std::numbers::pi_v<Real>) * (x + Real(0.044715) * x * x * x);
    return Real(0.5) * x * (Real(1) + std::tanh(inner));
}

template <typename Real>
Real hardSigmoid(Real x, Real alpha, Real beta)
{
    return std::max(Real(0), std::min(Real(1), alpha * x + beta));
}

template <typename Real>
Real shrink(Real x, Real lambda, Real bias)
{
    if (x < -lambda)
        return x + bias;
    return x > lambda ? x - bias : Real(0);
}

// The functions of neural networks; the elementary ones are in apply().
template <typename Real>
Real activate(const Unary& op, Real x)
{
    const auto alpha = static_cast<Real>(op.alpha);
    const auto beta = static_cast<Real>(op.beta);
    switch (op.kind) {
    case UnaryKind::Celu:
        return std::max(x, Real(0)) + std::min(Real(0), alpha * std::expm1(x / alpha));
    case UnaryKind::Elu:
        return x < 0 ? alpha * std::expm1(x) : x;
    case UnaryKind::Gelu:
        return Real(0.5) * x * (Real(1) + std::erf(x / std::numbers::sqrt2_v<Real>));
    case UnaryKind::GeluTanh:
        return geluTanh(x);
    case UnaryKind::HardSigmoid:
        return hardSigmoid(x, alpha, beta);
    case UnaryKind::HardSwish:
        return x * hardSigmoid(x, Real(1) / Real(6), Real(0.5));
    case UnaryKind::LeakyRelu:
        return x > 0 ? x : x * alpha;
    case UnaryKind::Mish:
        return x * std::tanh(softplus(x));
    case UnaryKind::Relu:
        return std::max(x, Real(0));
    case UnaryKind::Relu6:
        return std::min(std::max(x, Real(0)), Real(6));
    case UnaryKind::ReluMinus1To1:
        return std::min(std::max(x, Real(-1)), Real(1));
    case UnaryKind::Selu:
        return beta * (x > 0 ? x : alpha * std::expm1(x));
    case UnaryKind::Shrink:
        return shrink(x, alpha, beta);
    case UnaryKind::Sigmoid:
        return logisticOf(x);
    case UnaryKind::Softplus:
        return softplus(x);
    case UnaryKind::Softsign:
        return x / (Real(1) + std::abs(x));
    case UnaryKind::ThresholdedRelu:
        return x > alpha ? x : Real(0);
    default:
        return x;
    }
}

template <typename Real>
Real apply(const Unary& op, Real x)
{
    switch (op.kind) {
    case UnaryKind::Abs:
        return std::abs(x);
    case UnaryKind::Acos:
        return std::acos(x);
    case UnaryKind::Acosh:
        return std::acosh(x);
    case UnaryKind::Asin:
        return std::asin(x);
    case UnaryKind::Asinh:
        return std::asinh(x);
    case UnaryKind::Atan:
        return std::atan(x);
    case UnaryKind::Atanh:
        return std::atanh(x);
    case UnaryKind::Ceil:
        return std::ceil(x);
    case UnaryKind::Cos:
        return std::cos(x);
    case UnaryKind::Cosh:
        return std::cosh(x);
    case UnaryKind::Erf:
        return std::erf(x);
    case UnaryKind::Exp:
        return std::exp(x);
    case UnaryKind::Floor:
        return std::floor(x);
    case UnaryKind::Log:
        return std::log(x);
    case UnaryKind::Negate:
        return -x;
    case UnaryKind::Probit:
        return static_cast<Real>(std::numbers::sqrt2 * inverseErf(2 * static_cast<double>(x) - 1));
    case UnaryKind::Reciprocal:
        return Real(1) / x;
    case UnaryKind::Round:
        return std::nearbyint(x);
    case UnaryKind::Rsqrt:
        return Real(1) / std::sqrt(x);
    case UnaryKind::Sign:
        return x > 0 ? Real(1) : (x < 0 ? Real(-1) : x);
    case UnaryKind::Sin:
        return std::sin(x);
    case UnaryKind::Sinh:
        return std::sinh(x);
    case UnaryKind::Sqrt:
        return std::sqrt(x);
    case UnaryKind::Square:
        return x * x;
    case UnaryKind::Tan:
        return std::tan(x);
    case UnaryKind::Tanh:
        return std::tanh(x);
    default:
        return activate(op, x);
    }
}

template <typename Real>
void softmaxRow(Real* scores, qint64 count, bool zerosStay)
{
    if (count == 0)
        return;
    const Real largest = *std::max_element(scores, scores + count);
    Real sum = 0;
    for (qint64 i = 0; i < count; ++i) {
        const bool stays = zerosStay && std::abs(scores[i]) < Real(1e-7);
        scores[i] = stays ? Real(0) : std::exp(scores[i] - largest);
        sum += scores[i];
    }
    for (qint64 i = 0; i < count && sum > 0; ++i)
        scores[i] /= sum;
}

template <typename Real>
void transformRow(PostTransform transform, Real* scores, qint64 count)
{
    switch (transform) {
    case PostTransform::None:
        return;
    case PostTransform::Softmax:
        return softmaxRow(scores, count, false);
    case PostTransform::SoftmaxZero:
        return softmaxRow(scores, count, true);
    case PostTransform::Logistic:
        for (qint64 i = 0; i < count; ++i)
            scores[i] = logisticOf(scores[i]);
        return;
    case PostTransform::Probit:
        for (qint64 i = 0; i < count; ++i)
            scores[i] = static_cast<Real>(std::numbers::sqrt2 * inverseErf(2 * static_cast<double>(scores[i]) - 1));
        return;
    }
}

} // namespace

float applyFunction(const Unary& op, float x)
{
    return apply(op, x);
}

double applyFunction(const Unary& op, double x)
{
    return apply(op, x);
}

float logistic(float x)
{
    return logisticOf(x);
}

double logistic(double x)
{
    return logisticOf(x);
}

// To about 2e-3 (Winitzki's formula), and two steps of Newton's method on erf, which make it exact to rounding.
double inverseErf(double x)
{
    if (std::abs(x) >= 1)
        return std::copysign(std::numeric_limits<double>::infinity(), x);
    constexpr double kA = 0.147;
    const double logTerm = std::log((1 - x) * (1 + x));
    const double half = 2 / (std::numbers::pi * kA) + logTerm / 2;
    double y = std::copysign(std::sqrt(std::sqrt(half * half - logTerm / kA) - half), x);
    for (int step = 0; step < 2; ++step)
        y -= (std::erf(y) - x) / (2 / std::sqrt(std::numbers::pi) * std::exp(-y * y));
    return y;
}

void applyTransform(PostTransform transform, float* scores, qint64 count)
{
    transformRow(transform, scores, count);
}

void applyTransform(PostTransform transform, double* scores, qint64 count)
{
    transformRow(transform, scores, count);
}

} // namespace ember::model::ops
