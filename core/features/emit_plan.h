// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/features/pipeline.h"

#include <QString>
#include <QStringList>

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

namespace ember::features {

/// The functions of device-agent/runtime that a plan calls; all live in namespace ember::runtime.
enum class Kernel
{
    LoadChannel,     ///< rows.hpp       loadChannel(first sample, rows, stride, scale, offset, out)
    ClearSignal,     ///< norm.hpp       clearSignal(rows, out)
    AddSquares,      ///< norm.hpp       addSquares(x, rows, sum)
    AddAbsolutes,    ///< norm.hpp       addAbsolutes(x, rows, sum)
    SquareRoots,     ///< norm.hpp       squareRoots(rows, x)
    Statistics,      ///< statistics.hpp statistics<chosen>(x, rows, out)
    Correlation,     ///< correlation.hpp correlation(x, y, rows, out)
    PowerSpectrum,   ///< spectrum.hpp   powerSpectrum<taper>(x, rows, points, sine table, work, power)
    BandPowers,      ///< spectrum.hpp   bandPowers<level>(power, edge table, bands, out)
    SpectrumPeaks,   ///< spectrum.hpp   spectrumPeaks(power, bins, bin width, count, out)
    SpectrumShape,   ///< spectrum.hpp   spectrumShape<chosen>(power, bins, bin width, out)
    FilterSignal,    ///< filter.hpp     filterSignal<kind>(table, sections, single, rows, x)
    SubtractMean,    ///< filter.hpp     subtractMean(rows, x)
    FirFilter,       ///< filter.hpp     firFilter(tap table, taps, rows, x)
    MovingMedian,    ///< filter.hpp     movingMedian(width, rows, x)
    AverageGroups,   ///< filter.hpp     averageGroups(factor, rows, x)
    PreEmphasis,     ///< audio.hpp      preEmphasis(coefficient, rows, x)
    FramePower,      ///< audio.hpp      framePower(points, sine table, x)
    MelEnergies,     ///< audio.hpp      melEnergies(power, edge table, weight table, mels, scale, out)
    SubtractNoise,   ///< audio.hpp      subtractNoise(frames, values, smoothing, matrix)
    Pcen,            ///< audio.hpp      pcen(frames, values, smoothing, matrix)
    Decibels,        ///< audio.hpp      decibels(floor, count, x)
    MatrixProduct,   ///< audio.hpp      matrixProduct(x, count, table, outputs, out)
    PoolFrames,      ///< audio.hpp      poolFrames<chosen>(matrix, frames, values, slices, out)
    FixedMelFrame,   ///< fixed_audio.hpp fixedMelFrame(first sample, stride, points, coefficient, sine table, edge
                     ///<                 table, weight table, mels, floor, scratch, out)
    FixedLevels,     ///< fixed_audio.hpp fixedLevels(logs, count, scale, offset, out)
    FixedProduct,    ///< fixed_audio.hpp fixedProduct(logs, count, table, outputs, scale, offset, out)
    SortedCopy,      ///< order.hpp      sortedCopy(x, rows, out)
    Quantile,        ///< order.hpp      quantile(sorted, index, part, out)
    QuantileRange,   ///< order.hpp      quantileRange(sorted, index, part, index, part, out)
    Histogram,       ///< order.hpp      histogram(x, rows, low, classes per unit, classes, out)
    Autocorrelation, ///< periodicity.hpp autocorrelation(x, rows, lags, r)
    StrongestPeriod, ///< periodicity.hpp strongestPeriod(r, lags, step, out)
    EveryNth,        ///< periodicity.hpp everyNth(x, step, count, out)
    Goertzel,        ///< periodicity.hpp goertzel(x, rows, factor, sign, out)
    WaveletLevel,    ///< wavelet.hpp    waveletLevel(x, rows, table, taps, scale, approximation, energy)
    ScaledEnergy,    ///< wavelet.hpp    scaledEnergy(x, count, scale, out)
    Tilt,            ///< tilt.hpp       tilt(means, out)
    ScaleValues,     ///< rows.hpp       scaleValues(offset table, factor table, count, values)
    RawSamples,      ///< raw.hpp        rawSamples<choice>(x, rows, factor, stride, out)
    CanonicalNans,   ///< real.hpp       canonicalNans(out, count)
};

/// Name and header of a kernel as generated code writes them.
struct KernelInfo
{
    const char* function; ///< "statistics"
    const char* header;   ///< "statistics.hpp", in device-agent/runtime
};
KernelInfo kernelInfo(Kernel kernel);

/// One argument of a call, in the place that the kernel's C++ declaration has it. In a loop the argument of pass i
/// is `index + i * step`.
struct Argument
{
    enum class Kind
    {
        Input,        ///< const Sample*: the raw window, at element `index` of its first row
        Scratch,      ///< float*: caller's scratch, at float `index`
        Output,       ///< float*: feature vector, at feature `index`
        Count,        ///< size_t: `index` itself
        Real,         ///< float: `real` itself
        Table,        ///< const T*: constant table number `table`
        TableElement, ///< T: element `index` of constant table number `table`
    };
    Kind kind = Kind::Count;
    int index = 0;
    int step = 0;
    float real = 0.0f;
    int table = -1;

    friend bool operator==(const Argument&, const Argument&) = default;
};

struct KernelCall
{
    Kernel kernel = Kernel::LoadChannel;
    std::vector<quint32> templateArguments; ///< printed in angle brackets when there are any
    std::vector<Argument> arguments;

    friend bool operator==(const KernelCall&, const KernelCall&) = default;
};

/// `body` runs `count` times.
struct PlanLoop
{
    int count = 1;
    std::vector<KernelCall> body;
    QString comment; ///< what it is for: "each of ax, ay, az"; one line, may hold any character of the user's names
};

using TableValues = std::variant<std::vector<float>, std::vector<quint16>, std::vector<qint16>>;

/// Constants that the code carries: twiddles, band edges, scales.
struct ConstantTable
{
    QString name; ///< a C++ identifier without prefix: "Sine128"; unique in its plan
    TableValues values;
};

/// How a pipeline is computed: kernel calls in order. The desktop runs this very list and the code generator prints
/// it, so that neither knows a block. Equal pipelines give equal plans.
struct ExtractionPlan
{
    signal::SampleType sampleType = signal::SampleType::Float32;
    int windowRows = 0;
    int channels = 0; ///< of a window row
    int features = 0;
    int scratchFloats = 0; ///< the caller's scratch, in floats; its contents do not outlive a call
    std::vector<ConstantTable> tables;
    std::vector<PlanLoop> loops;

    int constantBytes() const; ///< of the tables
};

/// The plan of a pipeline. Errors: as validate().
Result<ExtractionPlan> planFor(const Pipeline& pipeline);

/// Runs a plan on this computer. `window` holds windowRows x channels samples of the plan's type, aligned for it;
/// `features` and `scratch` are as long as the plan says. Nothing is checked here: Extractor is the checked way.
void runPlan(const ExtractionPlan& plan, const void* window, std::span<float> features, std::span<float> scratch);

/// The names around the printed plan.
struct PlanNames
{
    QString tablePrefix = QStringLiteral("k");     ///< "kSine128"
    QString window = QStringLiteral("window");     ///< const Sample*, of the plan's sample type
    QString features = QStringLiteral("features"); ///< float*
    QString scratch = QStringLiteral("scratch");   ///< float*
    QString indent = QStringLiteral("    ");
};

/// A plan as C++14: `tables` go to namespace scope, `body` into a function whose parameters or statics have the names
/// given, `headers` are those of device-agent/runtime that it calls, in order of the alphabet. Same plan, same text.
struct PlanSource
{
    QString sampleType; ///< "int16_t"
    QStringList headers;
    QString tables;
    QString body;
};
PlanSource printPlan(const ExtractionPlan& plan, const PlanNames& names = {});

/// Headers of device-agent/runtime that the plan's own headers include, with themselves, so that a bundle is complete.
QStringList runtimeHeaderClosure(const ExtractionPlan& plan);

/// A float as a C++ literal that reads back as the same bits ("0.100000001f"). Finite values only.
QString floatLiteral(float value);

} // namespace ember::features
