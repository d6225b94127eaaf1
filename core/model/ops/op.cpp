// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/op.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::model::ops {
namespace {

// Of a value that an operation makes: some operations keep places for each element beside it.
constexpr qint64 kMaxMadeElements = 8'000'000;

} // namespace

qint64 Input::size() const
{
    return product(shape);
}

Result<Inference> inferOperation(const Operation& operation, const InferContext& context)
{
    EMBER_TRY(Inference inference, std::visit([&context](const auto& op) { return infer(op, context); }, operation));
    for (const Output& output : inference.outputs) {
        const auto each = static_cast<qint64>(std::max<std::size_t>(1, elementBytes(output.type)));
        EMBER_TRY(const qint64 count, elementCount(output.shape));
        if (count > kMaxMadeElements || count > kMaxTensorBytes / each)
            return cannot(QStringLiteral("its result of %1 has more than %2 million elements")
                              .arg(shapeText(output.shape))
                              .arg(kMaxMadeElements / 1'000'000));
    }
    return inference;
}

Status evaluateOperation(const Operation& operation, Call& call)
{
    return std::visit([&call](const auto& op) { return evaluate(op, call); }, operation);
}

Error bad(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The model is damaged: %1.").arg(what),
                 QStringLiteral("Export it again; the checker of the exporting tool may say more."));
}

Error cannot(const QString& what)
{
    return Error(ErrorKind::Unsupported, QStringLiteral("The model cannot be used: %1.").arg(what));
}

Status needInputs(const InferContext& context, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        if (!context.has(i))
            return bad(QStringLiteral("input %1 of %2 is missing").arg(i + 1).arg(count));
    }
    return {};
}

Status needType(const Input& input, std::initializer_list<TensorType> types, const char* what)
{
    if (std::find(types.begin(), types.end(), input.type) == types.end())
        return cannot(QStringLiteral("its %1 of type %2").arg(QLatin1String(what), tensorTypeName(input.type)));
    return {};
}

Status needFloat(const Input& input, const char* what)
{
    return needType(input, {TensorType::Float32, TensorType::Float64}, what);
}

Status needSameType(const Input& a, const Input& b)
{
    if (a.type != b.type)
        return bad(QStringLiteral("its inputs are %1 and %2").arg(tensorTypeName(a.type), tensorTypeName(b.type)));
    return {};
}

Result<std::size_t> axisOf(qint64 axis, std::size_t rank)
{
    const auto size = static_cast<qint64>(rank);
    if (axis < -size || axis >= size)
        return bad(QStringLiteral("the axis %1 of a value with %2 dimensions").arg(axis).arg(rank));
    return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

Result<std::vector<std::size_t>> axesOf(std::span<const qint64> axes, std::size_t rank)
{
    std::vector<std::size_t> result;
    for (const qint64 axis : axes) {
        EMBER_TRY(const std::size_t found, axisOf(axis, rank));
        if (std::find(result.begin(), result.end(), found) != result.end())
            return bad(QStringLiteral("the axis %1 is named twice").arg(axis));
        result.push_back(found);
    }
    std::sort(result.begin(), result.end());
    return result;
}

Result<std::vector<qint64>> knownIntegers(const Input& input, const char* what)
{
    if (!input.value)
        return cannot(QStringLiteral("its %1 depends on the data").arg(QLatin1String(what)));
    if (isFloat(input.type) || input.type == TensorType::String)
        return bad(QStringLiteral("its %1 is %2").arg(QLatin1String(what), tensorTypeName(input.type)));
    if (input.value->size() > 1'000)
        return bad(QStringLiteral("its %1 has %2 elements").arg(QLatin1String(what)).arg(input.value->size()));
    return input.value->toInt64();
}

Result<Shape> broadcastShapes(const Shape& a, const Shape& b)
{
    Shape result(std::max(a.size(), b.size()), 1);
    for (std::size_t i = 0; i < result.size(); ++i) {
        const qint64 fromA = i < a.size() ? a[a.size() - 1 - i] : 1;
        const qint64 fromB = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (fromA != fromB && fromA != 1 && fromB != 1)
            return bad(QStringLiteral("%1 and %2 do not fit together").arg(shapeText(a), shapeText(b)));
        result[result.size() - 1 - i] = fromA == 1 ? fromB : fromA;
    }
    return result;
}

std::vector<qint64> stridesOf(const Shape& shape)
{
    std::vector<qint64> strides(shape.size(), 1);
    for (std::size_t d = shape.size(); d-- > 1;)
        strides[d - 1] = strides[d] * shape[d];
    return strides;
}

qint64 product(const Shape& shape, std::size_t begin, std::size_t end)
{
    qint64 result = 1;
    for (std::size_t d = begin; d < end; ++d)
        result *= shape[d];
    return result;
}

qint64 saturatedProduct(qint64 a, qint64 b)
{
    if (a > 0 && b > std::numeric_limits<qint64>::max() / a)
        return std::numeric_limits<qint64>::max();
    return a * b;
}

std::vector<qint64> broadcastIndices(const Shape& from, const Shape& shape)
{
    std::vector<qint64> strides(shape.size(), 0);
    const std::vector<qint64> own = stridesOf(from);
    const std::size_t skipped = shape.size() - from.size();
    for (std::size_t d = 0; d < from.size(); ++d)
        strides[skipped + d] = from[d] == 1 ? 0 : own[d];
    std::vector<qint64> indices;
    indices.reserve(static_cast<std::size_t>(product(shape)));
    forEachIndex(shape, [&](const std::vector<qint64>& index) {
        qint64 at = 0;
        for (std::size_t d = 0; d < index.size(); ++d)
            at += index[d] * strides[d];
        indices.push_back(at);
    });
    return indices;
}

void pick(const Tensor& from, std::span<const qint64> indices, const Tensor* fill, Tensor& to)
{
    if (from.type() == TensorType::String) {
        for (std::size_t i = 0; i < indices.size(); ++i) {
            if (indices[i] >= 0)
                to.strings()[i] = from.strings()[static_cast<std::size_t>(indices[i])];
            else if (fill)
                to.strings()[i] = fill->strings()[0];
        }
        return;
    }
    const std::size_t each = elementBytes(from.type());
    std::byte* at = to.bytes().data();
    const std::byte* source = from.bytes().data();
    for (const qint64 index : indices) {
        if (index >= 0)
            std::memcpy(at, source + static_cast<std::size_t>(index) * each, each);
        else if (fill)
            std::memcpy(at, fill->bytes().data(), each);
        at += each;
    }
}

ClampRange quantisedRange(Activation activation, const Quantisation& quantisation, TensorType type)
{
    ClampRange range{-128, 127};
    if (type == TensorType::UInt8)
        range = {0, 255};
    else if (type == TensorType::Int16)
        range = {-32768, 32767};
    const auto stored = [&quantisation](float real) {
        const double value = quantisation.zeroPoint() + std::round(static_cast<double>(real / quantisation.scale()));
        return static_cast<qint32>(std::clamp(value, -2147483648.0, 2147483647.0));
    };
    switch (activation) {
    case Activation::None:
    case Activation::Tanh:
        break;
    case Activation::Relu:
        range.low = std::max(range.low, stored(0.0f));
        break;
    case Activation::Relu6:
        range.low = std::max(range.low, stored(0.0f));
        range.high = std::min(range.high, stored(6.0f));
        break;
    case Activation::ReluMinus1To1:
        range.low = std::max(range.low, stored(-1.0f));
        range.high = std::min(range.high, stored(1.0f));
        break;
    }
    return range;
}

float activated(Activation activation, float x)
{
    switch (activation) {
    case Activation::None:
        return x;
    case Activation::Relu:
        return std::max(x, 0.0f);
    case Activation::Relu6:
        return std::min(std::max(x, 0.0f), 6.0f);
    case Activation::ReluMinus1To1:
        return std::min(std::max(x, -1.0f), 1.0f);
    case Activation::Tanh:
        return std::tanh(x);
    }
    return x;
}

} // namespace ember::model::ops
