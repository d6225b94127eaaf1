// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/op.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::model::ops {
namespace {

bool isComparison(BinaryKind kind)
{
    return kind >= BinaryKind::Equal && kind <= BinaryKind::GreaterOrEqual;
}

bool isLogical(BinaryKind kind)
{
    return kind >= BinaryKind::And;
}

template <typename Value>
bool compare(BinaryKind kind, const Value& a, const Value& b)
{
    switch (kind) {
    case BinaryKind::Equal:
        return a == b;
    case BinaryKind::NotEqual:
        return a != b;
    case BinaryKind::Less:
        return a < b;
    case BinaryKind::LessOrEqual:
        return a <= b;
    case BinaryKind::Greater:
        return a > b;
    case BinaryKind::GreaterOrEqual:
        return a >= b;
    case BinaryKind::And:
        return a != Value() && b != Value();
    case BinaryKind::Or:
        return a != Value() || b != Value();
    case BinaryKind::Xor:
        return (a != Value()) != (b != Value());
    default:
        return false;
    }
}

template <typename Real>
Real computeReal(BinaryKind kind, Real a, Real b)
{
    switch (kind) {
    case BinaryKind::Add:
        return a + b;
    case BinaryKind::Subtract:
        return a - b;
    case BinaryKind::Multiply:
        return a * b;
    case BinaryKind::Divide:
        return a / b;
    case BinaryKind::FloorDivide:
        return std::floor(a / b);
    case BinaryKind::Modulo: {
        const Real rest = std::fmod(a, b);
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    case BinaryKind::FMod:
        return std::fmod(a, b);
    case BinaryKind::Power:
        return std::pow(a, b);
    case BinaryKind::Minimum:
        return std::isnan(a) ? a : (b < a || std::isnan(b) ? b : a);
    case BinaryKind::Maximum:
        return std::isnan(a) ? a : (b > a || std::isnan(b) ? b : a);
    case BinaryKind::SquaredDifference:
        return (a - b) * (a - b);
    case BinaryKind::Prelu:
        return a < 0 ? a * b : a;
    default:
        return a;
    }
}

// Whole numbers wrap, so they are computed unsigned; a division by zero is zero.
qint64 computeWhole(BinaryKind kind, qint64 a, qint64 b)
{
    const auto ua = static_cast<quint64>(a);
    const auto ub = static_cast<quint64>(b);
    const bool divides = b != 0 && !(b == -1 && a == std::numeric_limits<qint64>::min());
    switch (kind) {
    case BinaryKind::Add:
        return static_cast<qint64>(ua + ub);
    case BinaryKind::Subtract:
        return static_cast<qint64>(ua - ub);
    case BinaryKind::Multiply:
        return static_cast<qint64>(ua * ub);
    case BinaryKind::Divide:
        return divides ? a / b : 0;
    case BinaryKind::FloorDivide:
        return divides ? a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0) : 0;
    case BinaryKind::Modulo:
        return divides ? (a % b != 0 && (a < 0) != (b < 0) ? a % b + b : a % b) : 0;
    case BinaryKind::FMod:
        return divides ? a % b : 0;
    case BinaryKind::Minimum:
        return std::min(a, b);
    case BinaryKind::Maximum:
        return std::max(a, b);
    case BinaryKind::SquaredDifference:
        return static_cast<qint64>((ua - ub) * (ua - ub));
    case BinaryKind::Prelu:
        return a < 0 ? static_cast<qint64>(ua * ub) : a;
    default:
        return a;
    }
}

// Runs `compute` over pairs of elements as they are broadcast.
template <typename A, typename B, typename Compute>
void overPairs(const Tensor& a, const Tensor& b, const A* va, const B* vb, const Shape& shape, Compute compute)
{
    const qint64 count = product(shape);
    if (a.shape() == b.shape()) {
        for (qint64 i = 0; i < count; ++i)
            compute(i, va[i], vb[i]);
        return;
    }
    const std::vector<qint64> ia = broadcastIndices(a.shape(), shape);
    const std::vector<qint64> ib = broadcastIndices(b.shape(), shape);
    for (qint64 i = 0; i < count; ++i)
        compute(i, va[ia[static_cast<std::size_t>(i)]], vb[ib[static_cast<std::size_t>(i)]]);
}

template <typename Value>
void runCompare(BinaryKind kind, const Tensor& a, const Tensor& b, const Value* va, const Value* vb, Tensor& out)
{
    const std::span<quint8> y = out.as<quint8>();
    overPairs(a, b, va, vb, out.shape(), [&](qint64 i, const Value& left, const Value& right) {
        y[static_cast<std::size_t>(i)] = compare(kind, left, right);
    });
}

template <typename Real>
void runReal(const Binary& op, Call& call)
{
    const Real* a = call.in(0).as<Real>().data();
    const Real* b = call.in(1).as<Real>().data();
    if (isComparison(op.kind))
        return runCompare(op.kind, call.in(0), call.in(1), a, b, call.out());
    const std::span<Real> y = call.out().as<Real>();
    overPairs(call.in(0), call.in(1), a, b, call.out().shape(), [&](qint64 i, Real left, Real right) {
        const Real value = computeReal(op.kind, left, right);
        y[static_cast<std::size_t>(i)] = op.activation == Activation::None
                                             ? value
                                             : static_cast<Real>(activated(op.activation, static_cast<float>(value)));
    });
}

void runWhole(const Binary& op, Call& call)
{
    const std::vector<qint64> a = call.in(0).toInt64();
    const std::vector<qint64> b = call.in(1).toInt64();
    if (isComparison(op.kind) || isLogical(op.kind))
        return runCompare(op.kind, call.in(0), call.in(1), a.data(), b.data(), call.out());
    std::vector<qint64> y(static_cast<std::size_t>(call.out().size()));
    overPairs(call.in(0), call.in(1), a.data(), b.data(), call.out().shape(), [&](qint64 i, qint64 left, qint64 right) {
        y[static_cast<std::size_t>(i)] = computeWhole(op.kind, left, right);
    });
    call.out().assign(std::span<const qint64>(y));
}

// The exponent may have any type; the result has that of the base.
void runPower(Call& call)
{
    const std::vector<double> a = call.in(0).toDouble();
    const std::vector<double> b = call.in(1).toDouble();
    std::vector<double> y(static_cast<std::size_t>(call.out().size()));
    overPairs(call.in(0), call.in(1), a.data(), b.data(), call.out().shape(),
              [&](qint64 i, double left, double right) { y[static_cast<std::size_t>(i)] = std::pow(left, right); });
    call.out().assign(std::span<const double>(y));
}

// Pairs of stored numbers, as the reference kernels compute them.
class StoredBinary
{
public:
    StoredBinary(const Binary& op, const Call& call)
        : m_kind(op.kind)
        , m_rounding(call.rounding)
        , m_a(*call.inputQuantisation[0])
        , m_b(*call.inputQuantisation[1])
    {
        const auto a = static_cast<double>(m_a.scale());
        const auto b = static_cast<double>(m_b.scale());
        double out = 1;
        if (const Quantisation* q = call.outputQuantisation[0]) {
            out = static_cast<double>(q->scale());
            m_zero = q->zeroPoint();
            m_range = quantisedRange(op.activation, *q, call.outputs[0].type());
        }
        const double twiceLargest = 2 * std::max(a, b);
        switch (op.kind) {
        case BinaryKind::Add:
        case BinaryKind::Subtract:
            m_shift = call.in(0).type() == TensorType::Int16 ? 15 : 20;
            setMultipliers(a / twiceLargest, b / twiceLargest, twiceLargest / ((1 << m_shift) * out));
            break;
        case BinaryKind::SquaredDifference:
            m_shift = 7;
            setMultipliers(a / twiceLargest, b / twiceLargest,
                           twiceLargest * twiceLargest / ((1 << (m_shift * 2)) * out));
            break;
        case BinaryKind::Prelu:
            setMultipliers(a / out, 0, a * b / out);
            break;
        case BinaryKind::Multiply:
            setMultipliers(0, 0, a * b / out);
            break;
        default: // comparisons
            m_shift = 8;
            setMultipliers(a, b, 0);
            break;
        }
    }

    qint32 compute(qint32 storedA, qint32 storedB) const
    {
        const qint32 a = storedA - m_a.zeroPoint();
        const qint32 b = storedB - m_b.zeroPoint();
        qint32 result = 0;
        switch (m_kind) {
        case BinaryKind::Multiply:
            result = scaleBy(wrapped(static_cast<qint64>(a) * b), m_out, m_rounding);
            break;
        case BinaryKind::Prelu:
            result = a >= 0 ? scaleBy(a, m_scaleA, m_rounding)
                            : scaleBy(wrapped(static_cast<qint64>(a) * b), m_out, m_rounding);
            break;
        case BinaryKind::SquaredDifference: {
            const qint64 difference = static_cast<qint64>(shifted(a, m_scaleA)) - shifted(b, m_scaleB);
            result = scaleBy(wrapped(difference * difference), m_out, m_rounding);
            break;
        }
        case BinaryKind::Subtract:
            result =
                scaleBy(wrapped(static_cast<qint64>(shifted(a, m_scaleA)) - shifted(b, m_scaleB)), m_out, m_rounding);
            break;
        default:
            result =
                scaleBy(wrapped(static_cast<qint64>(shifted(a, m_scaleA)) + shifted(b, m_scaleB)), m_out, m_rounding);
            break;
        }
        return static_cast<qint32>(std::clamp<qint64>(static_cast<qint64>(result) + m_zero, m_range.low, m_range.high));
    }

    bool test(qint32 storedA, qint32 storedB) const
    {
        return compare(m_kind, shifted(storedA - m_a.zeroPoint(), m_scaleA),
                       shifted(storedB - m_b.zeroPoint(), m_scaleB));
    }

private:
    void setMultipliers(double a, double b, double out)
    {
        m_scaleA = makeMultiplier(a, m_rounding);
        m_scaleB = makeMultiplier(b, m_rounding);
        m_out = makeMultiplier(out, m_rounding);
    }

    static qint32 wrapped(qint64 x) { return static_cast<qint32>(static_cast<quint32>(static_cast<quint64>(x))); }
    qint32 shifted(qint32 x, Multiplier m) const
    {
        return scaleBy(wrapped(static_cast<qint64>(x) * (1LL << m_shift)), m, m_rounding);
    }

    BinaryKind m_kind;
    RequantiseRounding m_rounding;
    const Quantisation& m_a;
    const Quantisation& m_b;
    qint32 m_zero = 0;
    ClampRange m_range;
    int m_shift = 0;
    Multiplier m_scaleA, m_scaleB, m_out;
};

template <typename Stored>
void runStored(const Binary& op, Call& call)
{
    const Stored* a = call.in(0).as<Stored>().data();
    const Stored* b = call.in(1).as<Stored>().data();
    if (op.kind == BinaryKind::Minimum || op.kind == BinaryKind::Maximum)
        return runWhole(op, call);
    const StoredBinary pairs(op, call);
    if (isComparison(op.kind)) {
        const std::span<quint8> y = call.out().as<quint8>();
        overPairs(call.in(0), call.in(1), a, b, call.out().shape(), [&](qint64 i, Stored left, Stored right) {
            y[static_cast<std::size_t>(i)] = pairs.test(left, right);
        });
        return;
    }
    const std::span<Stored> y = call.out().as<Stored>();
    overPairs(call.in(0), call.in(1), a, b, call.out().shape(), [&](qint64 i, Stored left, Stored right) {
        y[static_cast<std::size_t>(i)] = static_cast<Stored>(pairs.compute(left, right));
    });
}

Status checkStored(const Binary& op, const InferContext& context)
{
    EMBER_CHECK(needType(context.at(0), {TensorType::Int8, TensorType::Int16}, "input"));
    if (!context.at(1).quantisation)
        return bad(QStringLiteral("one of its inputs has a scale, the other has none"));
    switch (op.kind) {
    case BinaryKind::Divide:
    case BinaryKind::FloorDivide:
    case BinaryKind::Modulo:
    case BinaryKind::FMod:
    case BinaryKind::Power:
        return cannot(QStringLiteral("this operation of integers with scales"));
    default:
        break;
    }
    if (isComparison(op.kind))
        return {};
    if (context.declared.empty() || !context.declared[0] || !context.declared[0]->quantisation ||
        context.declared[0]->type != context.at(0).type)
        return bad(QStringLiteral("an integer operation without a scale for its result"));
    if ((op.kind == BinaryKind::Minimum || op.kind == BinaryKind::Maximum) &&
        (context.at(0).quantisation->scale() != context.at(1).quantisation->scale() ||
         context.at(0).quantisation->zeroPoint() != context.at(1).quantisation->zeroPoint()))
        return cannot(QStringLiteral("the larger or smaller of integers with different scales"));
    return {};
}

} // namespace

Result<Inference> infer(const Binary& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    const Input& a = context.at(0);
    const Input& b = context.at(1);
    EMBER_TRY(Shape shape, broadcastShapes(a.shape, b.shape));
    if (op.kind != BinaryKind::Power)
        EMBER_CHECK(needSameType(a, b));
    if (isLogical(op.kind)) {
        EMBER_CHECK(needType(a, {TensorType::Bool}, "input"));
        return one(TensorType::Bool, std::move(shape));
    }
    if (a.type == TensorType::String || b.type == TensorType::String) {
        if (op.kind != BinaryKind::Equal && op.kind != BinaryKind::NotEqual)
            return cannot(QStringLiteral("arithmetic with text"));
    } else if (isQuantised(a.type, a.quantisation)) {
        EMBER_CHECK(checkStored(op, context));
    } else if (a.type == TensorType::Bool && !isComparison(op.kind)) {
        return cannot(QStringLiteral("arithmetic with truth values"));
    }
    return one(isComparison(op.kind) ? TensorType::Bool : a.type, std::move(shape));
}

Status evaluate(const Binary& op, Call& call)
{
    const TensorType type = call.in(0).type();
    if (type == TensorType::String)
        runCompare(op.kind, call.in(0), call.in(1), call.in(0).strings().data(), call.in(1).strings().data(),
                   call.out());
    else if (isQuantised(type, call.inputQuantisation[0]) && op.kind != BinaryKind::Power)
        type == TensorType::Int8 ? runStored<qint8>(op, call) : runStored<qint16>(op, call);
    else if (op.kind == BinaryKind::Power && (type != call.in(1).type() || !isFloat(type)))
        runPower(call);
    else if (type == TensorType::Float32)
        runReal<float>(op, call);
    else if (type == TensorType::Float64)
        runReal<double>(op, call);
    else
        runWhole(op, call);
    return {};
}

Result<Inference> infer(const Where&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    EMBER_CHECK(needType(context.at(0), {TensorType::Bool}, "condition"));
    EMBER_CHECK(needSameType(context.at(1), context.at(2)));
    EMBER_TRY(const Shape both, broadcastShapes(context.at(1).shape, context.at(2).shape));
    EMBER_TRY(Shape shape, broadcastShapes(context.at(0).shape, both));
    return one(context.at(1).type, std::move(shape));
}

Status evaluate(const Where&, Call& call)
{
    const Shape& shape = call.out().shape();
    const std::vector<qint64> condition = broadcastIndices(call.in(0).shape(), shape);
    std::vector<qint64> whenTrue = broadcastIndices(call.in(1).shape(), shape);
    std::vector<qint64> whenFalse = broadcastIndices(call.in(2).shape(), shape);
    const std::span<const quint8> holds = call.in(0).as<quint8>();
    for (std::size_t i = 0; i < condition.size(); ++i)
        (holds[static_cast<std::size_t>(condition[i])] ? whenFalse[i] : whenTrue[i]) = -1;
    // What the first pass leaves out, the second one fills.
    pick(call.in(1), whenTrue, nullptr, call.out());
    const std::size_t each = elementBytes(call.out().type());
    for (std::size_t i = 0; i < whenFalse.size(); ++i) {
        if (whenFalse[i] < 0)
            continue;
        const auto from = static_cast<std::size_t>(whenFalse[i]);
        if (call.out().type() == TensorType::String)
            call.out().strings()[i] = call.in(2).strings()[from];
        else
            std::memcpy(call.out().bytes().data() + i * each, call.in(2).bytes().data() + from * each, each);
    }
    return {};
}

Result<Inference> infer(const Cast& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    return one(op.to, context.at(0).shape);
}

namespace {

Status castFromText(const Tensor& x, Tensor& y)
{
    std::vector<double> values(x.strings().size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        bool good = false;
        values[i] = QString::fromStdString(x.strings()[i]).toDouble(&good);
        if (!good)
            return bad(QStringLiteral("'%1' is no number").arg(QString::fromStdString(x.strings()[i]).left(40)));
    }
    y.assign(std::span<const double>(values));
    return {};
}

void castToText(const Tensor& x, Tensor& y)
{
    if (isFloat(x.type())) {
        const std::vector<double> values = x.toDouble();
        for (std::size_t i = 0; i < values.size(); ++i)
            y.strings()[i] = QString::number(values[i], 'g', x.type() == TensorType::Float32 ? 8 : 16).toStdString();
        return;
    }
    const std::vector<qint64> values = x.toInt64();
    for (std::size_t i = 0; i < values.size(); ++i)
        y.strings()[i] = std::to_string(values[i]);
}

} // namespace

Status evaluate(const Cast& op, Call& call)
{
    const Tensor& x = call.in(0);
    if (x.type() == op.to) {
        call.out() = x;
    } else if (x.type() == TensorType::String) {
        return castFromText(x, call.out());
    } else if (op.to == TensorType::String) {
        castToText(x, call.out());
    } else if (isFloat(x.type())) {
        call.out().assign(std::span<const double>(x.toDouble()));
    } else {
        call.out().assign(std::span<const qint64>(x.toInt64()));
    }
    return {};
}

} // namespace ember::model::ops
