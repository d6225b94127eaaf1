// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/cost.h"

#include "core/features/block.h"
#include "core/features/cost_prices.h"
#include "device-agent/runtime/filter.hpp"
#include "device-agent/runtime/raw.hpp"
#include "device-agent/runtime/spectrum.hpp"
#include "device-agent/runtime/statistics.hpp"

#include <cmath>
#include <map>
#include <string>

namespace ember::features {
namespace {

/// Sums up one call. Work is counted per pass; code by the name of the part, so that what is shared is counted once.
class CallCost
{
public:
    CallCost(const ExtractionPlan& plan, const KernelCall& call, CpuClass cpu)
        : m_plan(plan)
        , m_call(call)
        , m_cpu(cpu)
    {
        m_instructions = pick(kCall);
        addKernel();
    }

    double instructions() const { return m_instructions; }
    const std::map<std::string, double>& code() const { return m_code; }

private:
    double pick(Price price) const
    {
        if (m_cpu == CpuClass::FloatHardware)
            return price.hardware;
        if (m_cpu == CpuClass::FloatLibrary)
            return price.library;
        if (m_cpu == CpuClass::FloatLibraryRv32)
            return price.rv32 > 0 ? price.rv32 : kRv32 * price.library;
        if (m_cpu == CpuClass::FloatLibraryAvr)
            return price.avr > 0 ? price.avr : kAvr * price.library;
        return price.armV6 > 0 ? price.armV6 : kArmV6 * price.library;
    }
    double bytesOf(Price price) const { return m_cpu == CpuClass::FloatHardware ? price.hardware : price.library; }
    int argument(std::size_t i) const { return m_call.arguments[i].index; }
    quint32 choice() const { return m_call.templateArguments.front(); }
    bool chose(quint32 any) const { return (choice() & any) != 0; }

    void work(Price price, double times) { m_instructions += pick(price) * times; }
    void part(const char* name, Price bytes) { m_code[name] = bytesOf(bytes); }

    void squareRootPart() { part("squareRoot", {152, 32}); }
    void centreParts()
    {
        part("centreOf", {128, 96});
        part("varianceAbout", {128, 104});
    }

    void addKernel()
    {
        switch (m_call.kernel) {
        case Kernel::LoadChannel:
            return addLoad();
        case Kernel::ClearSignal:
            return perRow("clearSignal", {10, 10}, kClear, argument(0));
        case Kernel::AddSquares:
            return perRow("addSquares", {34, 36}, kAddSquare, argument(1));
        case Kernel::AddAbsolutes:
            return perRow("addAbsolutes", {34, 34}, kAddAbsolute, argument(1));
        case Kernel::SquareRoots:
            squareRootPart();
            return perRow("squareRoots", {34, 44}, kSquareRoot, argument(0));
        case Kernel::Statistics:
            return addStatistics(argument(1));
        case Kernel::Correlation:
            squareRootPart();
            work(kSquareRoot, 2);
            centreParts();
            return perRow("correlation", {288, 300}, kCorrelation, argument(2));
        case Kernel::PowerSpectrum:
            return addPowerSpectrum(argument(1), argument(2));
        case Kernel::BandPowers:
            return addBands(argument(2));
        case Kernel::SpectrumPeaks:
            return addPeaks(argument(1), argument(3));
        case Kernel::SpectrumShape:
            return addShape(argument(1));
        case Kernel::FilterSignal:
            return addFilter(argument(1), argument(2), argument(3));
        case Kernel::SubtractMean:
            perRow("centreOf", {128, 96}, kCentre, argument(0));
            return perRow("subtractMean", {44, 40}, kSubtractMean, argument(0));
        case Kernel::FirFilter:
            return perRow("firFilter", {130, 120}, kTap, argument(1) * argument(2));
        case Kernel::MovingMedian:
            return perRow("movingMedian", {130, 130}, kMedianStep, argument(0) * argument(0) / 4 * argument(1));
        case Kernel::AverageGroups:
            return perRow("averageGroups", {120, 110}, kAverage, argument(1));
        case Kernel::PreEmphasis:
            return perRow("preEmphasis", {60, 56}, kEmphasis, argument(1));
        case Kernel::FramePower:
            return addFramePower(argument(0));
        case Kernel::MelEnergies:
            return addMelEnergies(1, argument(3));
        case Kernel::SubtractNoise:
            return perRow("subtractNoise", {150, 130}, kNoise, argument(0) * argument(1));
        case Kernel::Pcen:
            part("log2Of", {248, 232});
            squareRootPart();
            return perRow("pcen", {420, 380}, kPcen, argument(0) * argument(1));
        case Kernel::Decibels:
            part("log2Of", {248, 232});
            return perRow("decibels", {60, 60}, kDecibel, argument(1));
        case Kernel::MatrixProduct:
            return perRow("matrixProduct", {120, 110}, kProduct, argument(1) * argument(3));
        case Kernel::PoolFrames:
            m_code["poolFrames" + std::to_string(choice())] = 260;
            return work(kPool, static_cast<double>(argument(1)) * argument(2) * qPopulationCount(choice()));
        case Kernel::FixedMelFrame:
            return addFixedMelFrame(argument(2), argument(7));
        case Kernel::FixedLevels:
            return perRow("fixedLevels", {50, 44}, kFixedLevel, argument(1));
        case Kernel::FixedProduct:
            return perRow("fixedProduct", {90, 84}, kFixedProduct, argument(1) * argument(3));
        case Kernel::SortedCopy:
            return perRow("sortedCopy", {200, 180}, kSort, argument(1) * static_cast<int>(std::log2(argument(1))));
        case Kernel::Quantile:
            return perRow("quantile", {60, 56}, kQuantile, 1);
        case Kernel::QuantileRange:
            return perRow("quantileRange", {100, 96}, kQuantile, 2);
        case Kernel::Histogram:
            return perRow("histogram", {170, 160}, kHistogram, argument(1));
        case Kernel::Autocorrelation:
            centreParts();
            return perRow("autocorrelation", {220, 200}, kLag, (argument(1) - argument(2) / 2) * (argument(2) + 1));
        case Kernel::StrongestPeriod:
            return perRow("strongestPeriod", {220, 200}, kPeriod, argument(1));
        case Kernel::EveryNth:
            return perRow("everyNth", {30, 28}, kClear, argument(2));
        case Kernel::Goertzel:
            perRow("centreOf", {128, 96}, kCentre, argument(1));
            return perRow("goertzel", {240, 180}, kGoertzel, argument(1));
        case Kernel::WaveletLevel:
            work(kWaveletOut, argument(1) / 2);
            return perRow("waveletLevel", {220, 190}, kWaveletTap, argument(1) / 2 * argument(3));
        case Kernel::ScaledEnergy:
            return perRow("scaledEnergy", {90, 80}, kMeanSquare, argument(1));
        case Kernel::Tilt:
            squareRootPart();
            return perRow("tilt", {520, 440}, kTilt, 1);
        case Kernel::ScaleValues:
            return perRow("scaleValues", {48, 44}, kScaleValue, argument(2));
        case Kernel::RawSamples:
            return addRaw(argument(1), argument(2));
        case Kernel::CanonicalNans:
            return perRow("canonicalNans", {36, 36}, kCanonicalNan, argument(1));
        }
    }

    void perRow(const char* name, Price bytes, Price price, int rows)
    {
        part(name, bytes);
        work(price, rows);
    }

    void addLoad()
    {
        const bool real = m_plan.sampleType == signal::SampleType::Float32;
        perRow("loadChannel", {108, 84}, real ? kLoadFloat : kLoadInteger, argument(1));
    }

    void addFilter(int sections, int single, int rows)
    {
        m_code["filterSignal" + std::to_string(choice())] = m_cpu == CpuClass::FloatHardware ? 300 : 330;
        work(kFilterRow, rows);
        work(kSection, static_cast<double>(sections) * rows);
        work(kSingle, static_cast<double>(single) * rows);
        if (choice() == runtime::kFilterHigh)
            work(kHighSection, static_cast<double>(sections) * rows);
    }

    void addStatistics(int rows)
    {
        namespace rt = ember::runtime;
        m_code["statistics" + std::to_string(choice())] = 20.0 + 14.0 * qPopulationCount(choice());
        const bool shape = chose(rt::kStandardDeviation | rt::kSkewness | rt::kKurtosis);
        if (shape || chose(rt::kMean | rt::kMeanCrossings | rt::kTrend))
            perRow("centreOf", {128, 96}, kCentre, rows);
        if (shape) {
            squareRootPart();
            work(kSquareRoot, 1);
            perRow("varianceAbout", {128, 104}, kVariance, rows);
        }
        if (chose(rt::kZeroCrossings))
            perRow("zeroCrossings", {90, 80}, kZeroCrossings, rows);
        if (chose(rt::kRms | rt::kEnergy | rt::kCrest))
            perRow("meanSquare", {108, 88}, kMeanSquare, rows);
        if (chose(rt::kRms | rt::kCrest)) {
            squareRootPart();
            work(kSquareRoot, 1);
        }
        if (chose(rt::kMinimum | rt::kMaximum | rt::kRange | rt::kCrest))
            perRow("extremesOf", {112, 94}, kExtremes, rows);
        for (quint32 moment : {rt::kSkewness, rt::kKurtosis}) {
            if (chose(moment))
                perRow("standardisedMoment", {204, 156}, kMoment, rows);
        }
        if (chose(rt::kMeanCrossings))
            perRow("meanCrossings", {138, 112}, kCrossings, rows);
        if (chose(rt::kMeanAbsolute))
            perRow("meanAbsolute", {98, 92}, kMeanAbsolute, rows);
        if (chose(rt::kMeanDifference))
            perRow("meanDifference", {122, 112}, kMeanDifference, rows);
        if (chose(rt::kTrend))
            perRow("trend", {196, 148}, kTrend, rows);
    }

    void addPowerSpectrum(int rows, int points)
    {
        const bool hann = choice() == runtime::kTaperHann;
        const int segments = (rows - points) / (points / 2) + 1;
        const double perSegment = points;
        perRow("centreOf", {128, 96}, kCentre, rows);
        work(kFftPerPoint, perSegment * segments);
        work(kFftPerStage, perSegment * segments * std::log2(points));
        work(hann ? kSegmentHann : kSegmentPlain, perSegment * segments);
        part("realFft", {1226, 1092});
        m_code["powerSpectrum" + std::to_string(choice())] = hann ? 390 : 294;
    }

    const std::vector<quint16>& edgesOf(std::size_t i) const
    {
        const auto& table = m_plan.tables[static_cast<std::size_t>(m_call.arguments[i].table)];
        return std::get<std::vector<quint16>>(table.values);
    }

    void addFramePower(int points)
    {
        work(kFftPerPoint, points);
        work(kFftPerStage, points * std::log2(points));
        work(kFrameTaper, points);
        work(kFramePower, points);
        part("realFft", {1226, 1092});
        part("framePower", {260, 230});
    }

    void addMelEnergies(std::size_t edges, int mels)
    {
        perRow("melEnergies", {260, 240}, kMelBin, edgesOf(edges).back() - edgesOf(edges).front());
        work(kMel, mels + 1);
    }

    void addFixedMelFrame(int points, int mels)
    {
        perRow("fixedMelFrame", {900, 800}, kFixedLoad, points);
        part("fixedRealFft", {1100, 1000});
        work(kFixedStage, points * std::log2(points));
        work(kFixedBin, edgesOf(5).back() - edgesOf(5).front());
        work(kFixedMel, mels + 1);
    }

    void addBands(int bands)
    {
        const auto& table = m_plan.tables[static_cast<std::size_t>(m_call.arguments[1].table)];
        const auto& edges = std::get<std::vector<quint16>>(table.values);
        work(kBandBin, edges.back() - edges.front());
        work(kBand, bands);
        m_code["bandPowers" + std::to_string(choice())] = 122;
        if (choice() == runtime::kLevelLog2) {
            work(kBandLog2, bands);
            part("log2Of", {248, 232});
        }
    }

    void addPeaks(int bins, int count)
    {
        perRow("spectrumPeaks", {396, 380}, kFirstPeak, bins);
        work(kNextPeak, static_cast<double>(bins) * (count - 1));
    }

    void addRaw(int rows, int factor)
    {
        m_code["rawSamples" + std::to_string(choice())] = 70.0 + 20.0 * choice();
        const double values = std::floor(static_cast<double>(rows) / factor);
        work(kRawAdd, values * (factor - 1));
        work(factor > 1 ? kRawMean : kRawCopy, values);
        if (choice() != runtime::kRawAsIs) {
            perRow("centreOf", {128, 96}, kCentre, rows);
            work(kRawCentre, values);
        }
        if (choice() == runtime::kRawStandard) {
            squareRootPart();
            work(kSquareRoot, 1);
            perRow("varianceAbout", {128, 104}, kVariance, rows);
            work(kRawScale, values);
        }
    }

    void addShape(int bins)
    {
        m_code["spectrumShape" + std::to_string(choice())] = 50.0 + 24.0 * qPopulationCount(choice());
        perRow("totalPower", {82, 76}, kTotalPower, bins);
        if (chose(runtime::kCentroid))
            perRow("centroid", {112, 96}, kCentroid, bins);
        if (chose(runtime::kRollOff))
            perRow("rollOff", {92, 72}, kRollOff, bins);
        if (chose(runtime::kEntropy)) {
            perRow("entropy", {192, 184}, kEntropy, bins);
            part("log2Of", {248, 232});
        }
    }

    const ExtractionPlan& m_plan;
    const KernelCall& m_call;
    CpuClass m_cpu;
    double m_instructions = 0;
    std::map<std::string, double> m_code;
};

} // namespace

namespace {

/// Add and subtract, multiply and divide, compare and convert.
int libraryBytes(CpuClass cpu)
{
    switch (cpu) {
    case CpuClass::FloatLibrary:
        return 1350;
    case CpuClass::FloatLibraryArmV6:
        return 3300;
    case CpuClass::FloatLibraryRv32:
        return 3300;
    case CpuClass::FloatLibraryAvr:
        return 650;
    case CpuClass::FloatHardware:
        break;
    }
    return 0;
}

/// How much larger code is than that of Thumb-2.
double codeFactor(CpuClass cpu)
{
    switch (cpu) {
    case CpuClass::FloatLibraryArmV6:
        return kArmV6Code;
    case CpuClass::FloatLibraryRv32:
        return kRv32Code;
    case CpuClass::FloatLibraryAvr:
        return kAvrCode;
    case CpuClass::FloatHardware:
    case CpuClass::FloatLibrary:
        break;
    }
    return 1;
}

} // namespace

ExtractionCost estimateExtraction(const ExtractionPlan& plan, CpuClass cpu)
{
    constexpr double kFunctionBytes = 24;
    constexpr double kLoopBytes = 14;
    constexpr double kCallBytes = 26;
    ExtractionCost cost;
    std::map<std::string, double> parts;
    double callBytes = kFunctionBytes;
    for (const PlanLoop& loop : plan.loops) {
        callBytes += kLoopBytes + kCallBytes * static_cast<double>(loop.body.size());
        for (const KernelCall& call : loop.body) {
            const CallCost one(plan, call, cpu);
            cost.instructions += loop.count * one.instructions();
            parts.insert(one.code().begin(), one.code().end());
        }
    }
    for (const auto& [name, bytes] : parts)
        callBytes += bytes;
    callBytes *= codeFactor(cpu);
    cost.codeBytes = static_cast<int>(std::lround(callBytes));
    cost.libraryBytes = libraryBytes(cpu);
    cost.constantBytes = plan.constantBytes();
    cost.scratchBytes = plan.scratchFloats * static_cast<int>(sizeof(float));
    return cost;
}

Result<std::vector<ExtractionCost>> blockCosts(const Pipeline& pipeline, CpuClass cpu)
{
    EMBER_CHECK(validate(pipeline));
    std::vector<ExtractionCost> costs;
    for (const BlockUse& use : pipeline.blocks) {
        Pipeline alone = pipeline;
        alone.blocks = {use};
        alone.projection = {};
        EMBER_TRY(const ExtractionPlan plan, planFor(alone));
        costs.push_back(estimateExtraction(plan, cpu));
    }
    return costs;
}

} // namespace ember::features
