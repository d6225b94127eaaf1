// SPDX-License-Identifier: GPL-3.0-or-later
// The channels of a filter bank in an audio front end, as the signal library of TensorFlow Lite Micro computes them:
// sums, roots, noise, gains (per-channel energy normalisation: Wang et al., "Trainable Frontend For Robust and
// Far-Field Keyword Spotting", ICASSP 2017) and logarithms. Unsigned numbers wrap, as they do on the board.
#include "core/model/ops/signal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace ember::model::ops {
namespace {

enum BankInputs : std::size_t
{
    kBins,
    kWeights,
    kUnweights,
    kBinBegins,
    kWeightBegins,
    kWidths
};

// The nearest root, but never more than half of the bits can say.
quint32 rootOf(quint64 x)
{
    quint64 root = 0;
    for (quint64 bit = quint64{1} << 31; bit > 0; bit >>= 1) {
        if ((root | bit) * (root | bit) <= x)
            root |= bit;
    }
    const quint64 most = x >> 32 == 0 ? 0xFFFF : 0xFFFF'FFFF;
    return static_cast<quint32>(x - root * root > root && root != most ? root + 1 : root);
}

constexpr int kGainIntervals = 32; // one for each bit of the noise
constexpr qint64 kGainTable = 4 * kGainIntervals - 3;

// A square function between each two powers of two: its value and two differences lie in the table.
qint16 gainFor(quint32 noise, std::span<const qint16> table)
{
    if (noise <= 2)
        return table[noise];
    const int interval = bitLength(noise);
    const std::span<const qint16> entry = table.subspan(static_cast<std::size_t>(4 * interval - 6), 3);
    const auto part =
        static_cast<qint32>((interval < 11 ? noise << (11 - interval) : noise >> (interval - 11)) & 0x3FF);
    const qint64 slope = ((qint32{entry[2]} * part) >> 5) + qint64{entry[1]} * 32;
    const auto change = static_cast<qint32>(slope * part); // wraps
    return static_cast<qint16>(((qint64{change} + (1 << 14)) >> 15) + entry[0]);
}

// x^2 / 4 below 2, x - 1 from there on; 12 bits behind the point become 6.
quint32 shrunk(quint32 x)
{
    constexpr int kBits = 12, kResultBits = 6;
    return x < quint32{2} << kBits ? (x * x) >> (2 + 2 * kBits - kResultBits)
                                   : (x >> (kBits - kResultBits)) - (1U << kResultBits);
}

constexpr int kLogBits = 16;
constexpr int kLogSegmentBits = 7;

// What log2(1 + x) is more than x, 16 bits behind the point, and one more at the end.
const std::array<qint32, (1 << kLogSegmentBits) + 2>& logTable()
{
    static const auto table = [] {
        std::array<qint32, (1 << kLogSegmentBits) + 2> made{};
        for (std::size_t i = 0; i <= 1 << kLogSegmentBits; ++i) {
            const double x = std::ldexp(static_cast<double>(i), -kLogSegmentBits);
            made[i] = static_cast<qint32>(std::lround(std::ldexp(std::log2(1 + x) - x, kLogBits)));
        }
        return made;
    }();
    return table;
}

// ln(x) * scale for x > 1.
quint32 scaledLog(quint32 x, quint32 scale)
{
    constexpr quint64 kLn2 = 45'426, kHalf = 1 << (kLogBits - 1); // ln 2, 16 bits behind the point
    const int whole = bitLength(x) - 1;
    const quint32 rest = x - (quint32{1} << whole);
    const auto part = static_cast<qint32>(whole < kLogBits ? rest << (kLogBits - whole) : rest >> (whole - kLogBits));
    const auto segment = static_cast<std::size_t>(part >> (kLogBits - kLogSegmentBits));
    const qint32 here = logTable()[segment], next = logTable()[segment + 1];
    const qint32 into = part - (static_cast<qint32>(segment) << (kLogBits - kLogSegmentBits));
    const auto fraction = static_cast<quint32>(part + here + (((next - here) * into) >> kLogBits));
    const quint32 log2 = (static_cast<quint32>(whole) << kLogBits) + fraction;
    const auto natural = static_cast<quint32>((kLn2 * log2 + kHalf) >> kLogBits);
    return (scale * natural + static_cast<quint32>(kHalf)) >> kLogBits;
}

Status needChannels(const Input& x, TensorType type)
{
    EMBER_CHECK(needType(x, {type}, "input"));
    if (x.shape.size() != 1)
        return bad(QStringLiteral("channels of %1").arg(shapeText(x.shape)));
    return {};
}

} // namespace

Result<Inference> inferSignal(const SignalFilterBank& step, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 6));
    EMBER_CHECK(needChannels(context.at(kBins), TensorType::UInt32));
    EMBER_CHECK(needWithin(step.channels, 1, kMaxSignalLength, "number of channels"));
    for (std::size_t i = kWeights; i <= kWidths; ++i)
        EMBER_CHECK(needType(context.at(i), {TensorType::Int16}, "table"));
    if (context.at(kWeights).shape.size() != 1)
        return bad(QStringLiteral("weights of %1").arg(shapeText(context.at(kWeights).shape)));
    EMBER_CHECK(needCount(context.at(kUnweights), context.at(kWeights).size(), "table of unweights"));
    for (std::size_t i = kBinBegins; i <= kWidths; ++i)
        EMBER_CHECK(needCount(context.at(i), qint64{step.channels} + 1, "table of channels"));
    return one(TensorType::UInt64, {step.channels}, saturatedProduct(2 * context.at(kWeights).size(), 1));
}

Status runSignal(const SignalFilterBank& step, Call& call)
{
    const std::span<const quint32> bins = call.in(kBins).as<quint32>();
    const std::span<const qint16> weights = call.in(kWeights).as<qint16>();
    const std::span<const qint16> unweights = call.in(kUnweights).as<qint16>();
    const auto within = [](qint64 begin, qint64 count, std::size_t size) {
        return begin >= 0 && begin + count <= static_cast<qint64>(size);
    };
    quint64 sum = 0, next = 0;
    for (std::size_t c = 0; c <= static_cast<std::size_t>(step.channels); ++c) {
        const qint64 bin = call.in(kBinBegins).as<qint16>()[c];
        const qint64 weight = call.in(kWeightBegins).as<qint16>()[c];
        const qint64 width = std::max<qint64>(0, call.in(kWidths).as<qint16>()[c]);
        if (width > 0 && (!within(bin, width, bins.size()) || !within(weight, width, weights.size())))
            return bad(QStringLiteral("channel %1 of its filter bank reads %2 bins from %3 on, of %4")
                           .arg(c)
                           .arg(width)
                           .arg(bin)
                           .arg(bins.size()));
        for (qint64 i = 0; i < width; ++i) {
            const quint64 energy = bins[static_cast<std::size_t>(bin + i)];
            const auto at = static_cast<std::size_t>(weight + i);
            sum += static_cast<quint64>(qint64{weights[at]}) * energy;
            next += static_cast<quint64>(qint64{unweights[at]}) * energy;
        }
        if (c > 0) // the first collects what bins before the first channel give to it
            call.out().as<quint64>()[c - 1] = sum;
        sum = next;
        next = 0;
    }
    return {};
}

Result<Inference> inferSignal(const SignalFilterBankSquareRoot&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needChannels(context.at(0), TensorType::UInt64));
    EMBER_CHECK(needType(context.at(1), {TensorType::Int32}, "scale"));
    if (context.at(1).size() != 1)
        return bad(QStringLiteral("%1 scales of a root").arg(context.at(1).size()));
    return one(TensorType::UInt32, context.at(0).shape, context.at(0).size());
}

Status runSignal(const SignalFilterBankSquareRoot&, Call& call)
{
    const qint32 shift = call.in(1).as<qint32>()[0];
    EMBER_CHECK(needWithin(shift, 0, 31, "scale in bits"));
    const std::span<const quint64> x = call.in(0).as<quint64>();
    for (std::size_t i = 0; i < x.size(); ++i)
        call.out().as<quint32>()[i] = rootOf(x[i]) >> shift;
    return {};
}

Result<Inference> inferSignal(const SignalSpectralSubtraction& step, const InferContext& context)
{
    EMBER_CHECK(needChannels(context.at(0), TensorType::UInt32));
    EMBER_CHECK(needWithin(step.channels, 1, kMaxSignalLength, "number of channels"));
    EMBER_CHECK(needCount(context.at(0), step.channels, "input"));
    EMBER_CHECK(needWithin(step.smoothingBits, 0, 31, "number of smoothing bits"));
    EMBER_CHECK(needWithin(step.bits, 0, 63, "number of scaling bits"));
    EMBER_CHECK(needState(context, 1, TensorType::UInt32, step.channels));
    Inference inference = one(TensorType::UInt32, {step.channels}, 3 * qint64{step.channels});
    inference.outputs.push_back({TensorType::UInt32, {step.channels}});
    return inference;
}

Status runSignal(const SignalSpectralSubtraction& step, Call& call)
{
    const std::span<const quint32> x = call.in(0).as<quint32>();
    const std::span<quint32> noise = call.states[1]->as<quint32>();
    for (std::size_t c = 0; c < x.size(); ++c) {
        const bool odd = c % 2 != 0;
        const quint64 follow = odd ? step.alternateSmoothing : step.smoothing;
        const quint64 stay = odd ? step.alternateOneMinusSmoothing : step.oneMinusSmoothing;
        const quint32 signal = x[c] << step.smoothingBits;
        noise[c] = static_cast<quint32>((signal * follow + noise[c] * stay) >> step.bits);
        const quint32 estimate = std::min(noise[c], signal);
        if (step.clamping)
            noise[c] = estimate;
        const auto least = static_cast<quint32>((quint64{x[c]} * step.minSignalRemaining) >> step.bits);
        call.out().as<quint32>()[c] = std::max((signal - estimate) >> step.smoothingBits, least);
        call.out(1).as<quint32>()[c] = noise[c];
    }
    return {};
}

Result<Inference> inferSignal(const SignalPcan& step, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    EMBER_CHECK(needChannels(context.at(0), TensorType::UInt32));
    EMBER_CHECK(needType(context.at(1), {TensorType::UInt32}, "noise"));
    EMBER_CHECK(needCount(context.at(1), context.at(0).size(), "noise"));
    EMBER_CHECK(needType(context.at(2), {TensorType::Int16}, "table of gains"));
    EMBER_CHECK(needWithin(context.at(2).size(), kGainTable, kMaxSignalLength, "number of gains"));
    EMBER_CHECK(needWithin(step.snrShift, 0, 63, "shift"));
    return one(TensorType::UInt32, context.at(0).shape, 4 * context.at(0).size());
}

Status runSignal(const SignalPcan& step, Call& call)
{
    const std::span<const quint32> x = call.in(0).as<quint32>(), noise = call.in(1).as<quint32>();
    for (std::size_t c = 0; c < x.size(); ++c) {
        const auto gain = static_cast<quint32>(qint32{gainFor(noise[c], call.in(2).as<qint16>())});
        call.out().as<quint32>()[c] = shrunk(static_cast<quint32>((quint64{x[c]} * gain) >> step.snrShift));
    }
    return {};
}

Result<Inference> inferSignal(const SignalFilterBankLog& step, const InferContext& context)
{
    EMBER_CHECK(needChannels(context.at(0), TensorType::UInt32));
    EMBER_CHECK(needWithin(step.outputScale, 1, std::numeric_limits<qint32>::max(), "scale"));
    EMBER_CHECK(needWithin(step.correctionBits, 0, 31, "number of correction bits"));
    return one(TensorType::Int16, context.at(0).shape, 3 * context.at(0).size());
}

Status runSignal(const SignalFilterBankLog& step, Call& call)
{
    const std::span<const quint32> x = call.in(0).as<quint32>();
    for (std::size_t c = 0; c < x.size(); ++c) {
        const quint32 shifted = x[c] << step.correctionBits;
        const quint32 log = shifted > 1 ? scaledLog(shifted, static_cast<quint32>(step.outputScale)) : 0;
        call.out().as<qint16>()[c] = static_cast<qint16>(std::min<quint32>(log, std::numeric_limits<qint16>::max()));
    }
    return {};
}

} // namespace ember::model::ops
