// SPDX-License-Identifier: GPL-3.0-or-later
// Frames, windows and spectra of an audio front end, as the signal library of TensorFlow Lite Micro computes them.
#include "core/model/ops/signal.h"

#include "core/model/ops/integer_fft.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace ember::model::ops {
namespace {

constexpr qint64 kMaxFftLength = 16'384; // the library's own tools make 64 to 2048

template <typename T>
T saturated(qint64 value)
{
    return static_cast<T>(std::clamp<qint64>(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

} // namespace

Status needWithin(qint64 value, qint64 least, qint64 most, const char* what)
{
    if (value < least || value > most)
        return cannot(QStringLiteral("its %1 of %2 is not within %3 and %4")
                          .arg(QLatin1String(what))
                          .arg(value)
                          .arg(least)
                          .arg(most));
    return {};
}

Status needCount(const Input& input, qint64 count, const char* what)
{
    if (input.shape != Shape{count})
        return bad(
            QStringLiteral("its %1 is %2 instead of %3").arg(QLatin1String(what), shapeText(input.shape)).arg(count));
    return {};
}

Status needState(const InferContext& context, std::size_t index, TensorType type, qint64 count)
{
    if (!context.has(index) || context.at(index).type != type || context.at(index).size() != count)
        return bad(QStringLiteral("it has no state of %1 elements").arg(count));
    return {};
}

Result<Inference> infer(const Signal& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    return std::visit([&context](const auto& step) { return inferSignal(step, context); }, op.step);
}

Status evaluate(const Signal& op, Call& call)
{
    return std::visit([&call](const auto& step) { return runSignal(step, call); }, op.step);
}

namespace {

enum FramerInputs : std::size_t
{
    kSamples,
    kKept,
    kCount
};

qint64 framerCapacity(const SignalFramer& step)
{
    const qint64 frames = (qint64{step.frameSize} + step.frameStep - 1) / step.frameStep;
    return frames * step.frameStep;
}

} // namespace

Result<Inference> inferSignal(const SignalFramer& step, const InferContext& context)
{
    const Input& x = context.at(kSamples);
    EMBER_CHECK(needType(x, {TensorType::Int16}, "input"));
    EMBER_CHECK(needWithin(step.frameSize, 1, kMaxSignalLength, "frame size"));
    EMBER_CHECK(needWithin(step.frameStep, 1, step.frameSize, "frame step"));
    const qint64 samples = innermost(x.shape);
    if (x.shape.empty() || samples < step.frameStep || samples % step.frameStep != 0)
        return bad(QStringLiteral("frames %1 samples apart of %2").arg(step.frameStep).arg(shapeText(x.shape)));
    EMBER_CHECK(needState(context, kKept, TensorType::Int16,
                          saturatedProduct(product(x.shape) / samples, framerCapacity(step))));
    EMBER_CHECK(needState(context, kCount, TensorType::Int32, 1));
    Shape frames = x.shape;
    frames.back() = samples / step.frameStep;
    frames.push_back(step.frameSize);
    Inference inference = one(TensorType::Int16, std::move(frames));
    inference.outputs.push_back({TensorType::Bool, {}});
    return inference;
}

Status runSignal(const SignalFramer& step, Call& call)
{
    const auto size = static_cast<std::size_t>(step.frameSize), hop = static_cast<std::size_t>(step.frameStep);
    const auto capacity = static_cast<std::size_t>(framerCapacity(step));
    const std::span<const qint16> x = call.in(kSamples).as<qint16>();
    const auto samples = static_cast<std::size_t>(innermost(call.in(kSamples).shape()));
    const std::span<qint16> all = call.states[kKept]->as<qint16>();
    qint32& beyond = call.states[kCount]->as<qint32>()[0]; // samples kept beside those before the beginning
    const std::size_t before = step.prefill ? size - hop : 0;
    std::size_t kept = 0;
    bool valid = true;
    for (std::size_t outer = 0; outer * samples < x.size(); ++outer) {
        const std::span<qint16> queue = all.subspan(outer * capacity, capacity);
        kept = before + static_cast<std::size_t>(beyond);
        for (std::size_t frame = 0; frame < samples / hop; ++frame) {
            const auto from = x.begin() + static_cast<std::ptrdiff_t>(outer * samples + frame * hop);
            std::copy_n(from, hop, queue.begin() + static_cast<std::ptrdiff_t>(kept));
            kept += hop;
            if (kept < size) {
                valid = false;
                continue;
            }
            const std::size_t to = (outer * (samples / hop) + frame) * size;
            std::copy_n(queue.begin(), size, call.out().as<qint16>().begin() + static_cast<std::ptrdiff_t>(to));
            std::copy(queue.begin() + step.frameStep, queue.end(), queue.begin());
            kept -= hop;
        }
    }
    beyond = static_cast<qint32>(kept - before);
    call.out(1).as<quint8>()[0] = valid ? 1 : 0;
    return {};
}

Result<Inference> inferSignal(const SignalWindow& step, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needType(context.at(0), {TensorType::Int16}, "input"));
    EMBER_CHECK(needType(context.at(1), {TensorType::Int16}, "weights"));
    EMBER_CHECK(needWithin(step.shift, 0, 31, "shift"));
    if (context.at(0).shape.empty())
        return bad(QStringLiteral("a window over one number"));
    EMBER_CHECK(needCount(context.at(1), innermost(context.at(0).shape), "window"));
    return one(TensorType::Int16, context.at(0).shape, context.at(0).size());
}

Status runSignal(const SignalWindow& step, Call& call)
{
    const std::span<const qint16> x = call.in(0).as<qint16>(), weights = call.in(1).as<qint16>();
    for (std::size_t i = 0; i < x.size(); ++i) {
        const qint32 product = qint32{x[i]} * weights[i % weights.size()];
        call.out().as<qint16>()[i] = saturated<qint16>(product >> step.shift);
    }
    return {};
}

Result<Inference> inferSignal(const SignalFftAutoScale&, const InferContext& context)
{
    EMBER_CHECK(needType(context.at(0), {TensorType::Int16}, "input"));
    if (context.at(0).shape.size() != 1)
        return bad(QStringLiteral("a signal of %1").arg(shapeText(context.at(0).shape)));
    Inference inference = one(TensorType::Int16, context.at(0).shape);
    inference.outputs.push_back({TensorType::Int32, {}});
    return inference;
}

Status runSignal(const SignalFftAutoScale&, Call& call)
{
    // The library keeps the maximum in 16 bits: the magnitude of -32768 becomes less than any other sample's.
    qint16 most = 0;
    for (const qint16 x : call.in(0).as<qint16>()) {
        if (x > most)
            most = x;
        else if (-x > most)
            most = static_cast<qint16>(-x);
    }
    const int shift = std::max(0, 15 - bitLength(static_cast<quint32>(qint32{most})));
    const std::span<const qint16> x = call.in(0).as<qint16>();
    for (std::size_t i = 0; i < x.size(); ++i)
        call.out().as<qint16>()[i] = static_cast<qint16>(qint32{x[i]} * (1 << shift));
    call.out(1).as<qint32>()[0] = shift;
    return {};
}

Result<Inference> inferSignal(const SignalFft& step, const InferContext& context)
{
    const Input& x = context.at(0);
    EMBER_CHECK(needType(x, {TensorType::Int16, TensorType::Int32, TensorType::Float32}, "input"));
    EMBER_CHECK(needWithin(step.length, 4, kMaxFftLength, "transform's length"));
    if (step.length % 2 != 0)
        return cannot(QStringLiteral("its transform's length of %1 is odd").arg(step.length));
    const qint64 pairs = step.length + 2;
    const qint64 from = innermost(x.shape);
    if (x.shape.empty() || from < 1 || (step.inverse ? from != pairs : from > step.length))
        return bad(QStringLiteral("a transform of %1 points of %2").arg(step.length).arg(shapeText(x.shape)));
    Shape shape = x.shape;
    shape.back() = step.inverse ? step.length : pairs;
    return one(x.type, std::move(shape), saturatedProduct(product(x.shape) / from, transformMacs(step.length)));
}

namespace {

template <typename T>
void runTransform(const SignalFft& step, Call& call)
{
    const RealTransform<T> transform(step.length, step.inverse);
    const std::span<const T> x = call.in(0).as<T>();
    const auto from = static_cast<std::size_t>(innermost(call.in(0).shape()));
    const auto to = static_cast<std::size_t>(innermost(call.out().shape()));
    const std::span<T> out = call.out().as<T>();
    std::vector<T> padded(static_cast<std::size_t>(step.length), T{0});
    for (std::size_t row = 0; row * from < x.size(); ++row) {
        if (step.inverse) {
            transform.backward(x.subspan(row * from, from), out.subspan(row * to, to));
            continue;
        }
        std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(row * from), from, padded.begin());
        transform.forward(padded, out.subspan(row * to, to));
    }
}

} // namespace

Status runSignal(const SignalFft& step, Call& call)
{
    if (call.in(0).type() == TensorType::Int16)
        runTransform<qint16>(step, call);
    else if (call.in(0).type() == TensorType::Int32)
        runTransform<qint32>(step, call);
    else
        runTransform<float>(step, call);
    return {};
}

Result<Inference> inferSignal(const SignalEnergy& step, const InferContext& context)
{
    EMBER_CHECK(needType(context.at(0), {TensorType::Int16}, "input"));
    const Shape& x = context.at(0).shape;
    if (x.size() != 1 || x[0] % 2 != 0)
        return bad(QStringLiteral("a spectrum of %1").arg(shapeText(x)));
    EMBER_CHECK(needWithin(step.begin, 0, x[0] / 2, "first bin"));
    EMBER_CHECK(needWithin(step.end, step.begin, x[0] / 2, "last bin"));
    return one(TensorType::UInt32, {x[0] / 2}, x[0]);
}

Status runSignal(const SignalEnergy& step, Call& call)
{
    const std::span<const qint16> x = call.in(0).as<qint16>();
    const auto square = [](qint16 value) { return static_cast<quint32>(qint32{value} * value); };
    for (auto i = static_cast<std::size_t>(step.begin); i < static_cast<std::size_t>(step.end); ++i)
        call.out().as<quint32>()[i] = square(x[2 * i]) + square(x[2 * i + 1]);
    return {};
}

Result<Inference> inferSignal(const SignalDelay& step, const InferContext& context)
{
    const Shape& x = context.at(0).shape;
    EMBER_CHECK(needType(context.at(0), {TensorType::Int16}, "input"));
    EMBER_CHECK(needWithin(step.delay, 0, kMaxSignalLength, "delay"));
    if (x.empty() || x.back() < 1)
        return bad(QStringLiteral("a signal of %1").arg(shapeText(x)));
    EMBER_CHECK(needState(context, 1, TensorType::Int16, saturatedProduct(product(x) / x.back(), step.delay)));
    return one(TensorType::Int16, x);
}

Status runSignal(const SignalDelay& step, Call& call)
{
    const auto samples = innermost(call.in(0).shape());
    const std::span<const qint16> x = call.in(0).as<qint16>();
    const std::span<qint16> kept = call.states[1]->as<qint16>();
    std::vector<qint16> line;
    for (qint64 row = 0; row * samples < call.in(0).size(); ++row) {
        const auto held = kept.begin() + row * step.delay;
        const auto from = x.begin() + row * samples;
        line.assign(held, held + step.delay);
        line.insert(line.end(), from, from + samples);
        std::copy_n(line.begin(), samples, call.out().as<qint16>().begin() + row * samples);
        std::copy_n(line.begin() + samples, step.delay, held);
    }
    return {};
}

Result<Inference> inferSignal(const SignalOverlapAdd& step, const InferContext& context)
{
    const Input& x = context.at(0);
    EMBER_CHECK(needType(x, {TensorType::Int16, TensorType::Float32}, "input"));
    if (x.shape.size() < 2 || x.size() < 1)
        return bad(QStringLiteral("frames of %1").arg(shapeText(x.shape)));
    const qint64 size = x.shape.back(), frames = x.shape[x.shape.size() - 2];
    EMBER_CHECK(needWithin(size, 1, kMaxSignalLength, "frame size"));
    EMBER_CHECK(needWithin(step.frameStep, 1, size, "frame step"));
    EMBER_CHECK(needState(context, 1, x.type, product(x.shape) / frames));
    Shape shape(x.shape.begin(), x.shape.end() - 1);
    shape.back() = saturatedProduct(frames, step.frameStep);
    return one(x.type, std::move(shape), x.size());
}

namespace {

qint16 sumOf(qint16 a, qint16 b)
{
    return saturated<qint16>(qint64{a} + b);
}

float sumOf(float a, float b)
{
    return a + b;
}

template <typename T>
void overlapAdd(const SignalOverlapAdd& step, Call& call)
{
    const Shape& shape = call.in(0).shape();
    const qint64 size = shape.back(), frames = shape[shape.size() - 2];
    const std::span<const T> x = call.in(0).as<T>();
    auto to = call.out().as<T>().begin();
    for (qint64 frame = 0; frame * size < call.in(0).size(); ++frame) {
        const std::span<T> sums = call.states[1]->as<T>().subspan(static_cast<std::size_t>(frame / frames * size),
                                                                  static_cast<std::size_t>(size));
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] = sumOf(x[static_cast<std::size_t>(frame * size) + i], sums[i]);
        to = std::copy_n(sums.begin(), step.frameStep, to);
        std::copy(sums.begin() + step.frameStep, sums.end(), sums.begin());
        std::fill(sums.end() - step.frameStep, sums.end(), T{0});
    }
}

} // namespace

Status runSignal(const SignalOverlapAdd& step, Call& call)
{
    if (call.in(0).type() == TensorType::Int16)
        overlapAdd<qint16>(step, call);
    else
        overlapAdd<float>(step, call);
    return {};
}

Result<Inference> inferSignal(const SignalStacker& step, const InferContext& context)
{
    EMBER_CHECK(needType(context.at(0), {TensorType::Int16}, "input"));
    EMBER_CHECK(needWithin(step.channels, 1, kMaxSignalLength, "number of channels"));
    EMBER_CHECK(needWithin(step.left, 0, kMaxSignalLength, "left context"));
    EMBER_CHECK(needWithin(step.right, 0, kMaxSignalLength, "right context"));
    const qint64 frames = qint64{step.left} + 1 + step.right;
    EMBER_CHECK(needWithin(step.step, 1, frames, "step"));
    EMBER_CHECK(needCount(context.at(0), step.channels, "frame"));
    EMBER_CHECK(needState(context, 1, TensorType::Int16, frames * step.channels));
    EMBER_CHECK(needState(context, 2, TensorType::Int32, 2));
    Inference inference = one(TensorType::Int16, {frames * step.channels});
    inference.outputs.push_back({TensorType::Bool, {}});
    return inference;
}

Status runSignal(const SignalStacker& step, Call& call)
{
    const std::span<const qint16> x = call.in(0).as<qint16>();
    const std::span<qint16> queue = call.states[1]->as<qint16>();
    qint32& kept = call.states[2]->as<qint32>()[0];
    qint32& begun = call.states[2]->as<qint32>()[1];
    for (qint32 copies = begun ? 1 : 1 + step.left; copies > 0; --copies)
        std::copy(x.begin(), x.end(), queue.begin() + qint64{kept++} * step.channels);
    begun = 1;
    const bool full = kept == step.left + 1 + step.right;
    if (full) {
        std::copy(queue.begin(), queue.end(), call.out().as<qint16>().begin());
        std::copy(queue.begin() + qint64{step.step} * step.channels, queue.end(), queue.begin());
        kept -= step.step;
    }
    call.out(1).as<quint8>()[0] = full ? 1 : 0;
    return {};
}

} // namespace ember::model::ops
