// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/lower_reals.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::codegen {
namespace {

/// For each element of a value of the shape `to`, the element of one of the shape `from` that is broadcast there.
std::vector<std::size_t> broadcast(const model::Shape& from, const model::Shape& to)
{
    std::vector<std::size_t> places(1, 0);
    std::size_t step = 1; // between neighbours along the dimension
    const std::size_t missing = to.size() - from.size();
    for (std::size_t d = to.size(); d-- > 0;) {
        const qint64 own = d < missing ? 1 : from[d - missing];
        std::vector<std::size_t> next;
        next.reserve(places.size() * static_cast<std::size_t>(to[d]));
        for (std::size_t i = 0; i < static_cast<std::size_t>(to[d]); ++i) {
            for (const std::size_t place : places)
                next.push_back(place + (own == 1 ? 0 : i * step));
        }
        step *= static_cast<std::size_t>(own);
        places = std::move(next);
    }
    return places;
}

/// For each element of the transposed value, its place in `from`.
std::vector<std::size_t> transposed(const model::Shape& from, std::vector<qint64> order)
{
    if (order.empty()) {
        order.resize(from.size());
        std::iota(order.rbegin(), order.rend(), 0);
    }
    std::vector<std::size_t> steps(from.size(), 1);
    for (std::size_t d = from.size(); d-- > 1;)
        steps[d - 1] = steps[d] * static_cast<std::size_t>(from[d]);
    std::vector<std::size_t> places(1, 0);
    for (const qint64 d : order) {
        std::vector<std::size_t> next;
        for (const std::size_t place : places) {
            for (std::size_t i = 0; i < static_cast<std::size_t>(from[static_cast<std::size_t>(d)]); ++i)
                next.push_back(place + i * steps[static_cast<std::size_t>(d)]);
        }
        places = std::move(next);
    }
    return places;
}

template <typename Element>
std::vector<Element> chosen(const std::vector<Element>& from, const std::vector<std::size_t>& places)
{
    std::vector<Element> to;
    to.reserve(places.size());
    for (const std::size_t place : places)
        to.push_back(from[place]);
    return to;
}

Result<RealValue> arithmetic(const model::Binary& op, const NodeValues& values, RealValue reals)
{
    const bool constantFirst = values.constants[0] != nullptr;
    const model::Constant* constant = values.constants[constantFirst ? 0 : 1];
    const bool anyOrder = op.kind == model::BinaryKind::Add || op.kind == model::BinaryKind::Multiply;
    const bool known = anyOrder || op.kind == model::BinaryKind::Subtract || op.kind == model::BinaryKind::Divide;
    const model::Shape& shape = values.output->shape;
    if (!known || !constant || (constantFirst && !anyOrder) || op.activation != model::Activation::None ||
        constant->value.type() != model::TensorType::Float32 || constant->value.rank() > shape.size() ||
        elementsOf(shape) != static_cast<qint64>(reals.source.size()))
        return noKernel(QStringLiteral("%1 in front of the first layer").arg(model::operationName(op)));
    const std::span<const float> numbers = constant->value.as<float>();
    if (!std::all_of(numbers.begin(), numbers.end(), [](float number) { return std::isfinite(number); }))
        return noKernel(QStringLiteral("a constant that is no number"));
    RealStep step{op.kind, {}};
    step.operands =
        chosen(std::vector<float>(numbers.begin(), numbers.end()), broadcast(constant->value.shape(), shape));
    reals.arithmetic.push_back(std::move(step));
    return reals;
}

} // namespace

RealValue featuresAsReals(qint64 count)
{
    RealValue reals;
    reals.source.resize(static_cast<std::size_t>(count));
    std::iota(reals.source.begin(), reals.source.end(), quint16(0));
    return reals;
}

Result<RealValue> lowerReals(const model::Operation& operation, const NodeValues& values, const RealValue& from)
{
    if (isReshape(operation))
        return from;
    if (const auto* op = std::get_if<model::Cast>(&operation); op && op->to == model::TensorType::Float32)
        return from;
    if (const auto* op = std::get_if<model::Binary>(&operation))
        return arithmetic(*op, values, from);
    if (const auto* op = std::get_if<model::Transpose>(&operation)) {
        const std::vector<std::size_t> places = transposed(values.in(0).shape, op->permutation);
        RealValue to{chosen(from.source, places), from.arithmetic};
        for (RealStep& step : to.arithmetic)
            step.operands = chosen(step.operands, places);
        return to;
    }
    return noKernel(QStringLiteral("%1 in front of the first layer").arg(model::operationName(operation)));
}

QuantiseStep quantiseReals(const RealValue& reals, const model::Quantisation& quantisation)
{
    QuantiseStep step;
    step.count = static_cast<qint64>(reals.source.size());
    step.scale = quantisation.scale();
    step.zero = quantisation.zeroPoint();
    step.arithmetic = reals.arithmetic;
    for (std::size_t i = 0; i < reals.source.size() && step.source.empty(); ++i) {
        if (reals.source[i] != i)
            step.source = reals.source;
    }
    return step;
}

} // namespace ember::codegen
