// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/cost.h"

#include "core/features/block.h"
#include "device-agent/runtime/raw.hpp"
#include "device-agent/runtime/spectrum.hpp"
#include "device-agent/runtime/statistics.hpp"

#include <cmath>
#include <map>
#include <string>

namespace ember::features {
namespace {

// All figures below are counts on emulated boards, instructions with -icount and bytes with nm, of the kernels compiled
// by gcc 12 with -Os, fitted by straight lines; tests/features/tst_cost.cpp holds them against fresh counts.

/// A figure for a CPU without and with floating-point hardware.
struct Price
{
    double library;
    double hardware;
};

constexpr Price kCall = {80, 40};
constexpr Price kLoadInteger = {91, 16}; // per row, as all down to kTrend
constexpr Price kLoadFloat = {60, 14};
constexpr Price kClear = {1.8, 1.8};
constexpr Price kAddSquare = {61, 8};
constexpr Price kAddAbsolute = {58, 9};
constexpr Price kSquareRoot = {375, 9};
constexpr Price kCentre = {124.5, 8.2};
constexpr Price kVariance = {213, 12.2};
constexpr Price kMeanSquare = {95, 8.2};
constexpr Price kExtremes = {122, 14.1};
constexpr Price kMoment = {284, 17.2};
constexpr Price kCrossings = {166, 15};
constexpr Price kMeanAbsolute = {59, 9.2};
constexpr Price kMeanDifference = {128, 14.2};
constexpr Price kTrend = {298, 13.2};
constexpr Price kCorrelation = {1000, 54};
constexpr Price kFftPerPoint = {0, 21.5}; // per point, and per point and factor of two
constexpr Price kFftPerStage = {110, 7.5};
constexpr Price kSegmentHann = {355, 45}; // per point: weigh, and add the powers
constexpr Price kSegmentPlain = {215, 18};
constexpr Price kBandBin = {57, 7.3};
constexpr Price kBand = {30, 12};
constexpr Price kBandLog2 = {925, 57};
constexpr Price kFirstPeak = {127, 33}; // per bin
constexpr Price kNextPeak = {171, 38};
constexpr Price kTotalPower = {57, 7.2};
constexpr Price kRollOff = {16, 2};
constexpr Price kCentroid = {120, 10.2};
constexpr Price kEntropy = {1060, 66};
constexpr Price kRawAdd = {58, 4.5}; // per row
constexpr Price kRawOut = {12, 6};   // per value, as the next ones
constexpr Price kRawMean = {60, 10};
constexpr Price kRawCentre = {122, 3};
constexpr Price kRawScale = {36, 1};
constexpr Price kCanonicalNan = {41, 9};

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
    double pick(Price price) const { return m_cpu == CpuClass::FloatHardware ? price.hardware : price.library; }
    int argument(std::size_t i) const { return m_call.arguments[i].index; }
    quint32 choice() const { return m_call.templateArguments.front(); }
    bool chose(quint32 any) const { return (choice() & any) != 0; }

    void work(Price price, double times) { m_instructions += pick(price) * times; }
    void part(const char* name, Price bytes) { m_code[name] = pick(bytes); }

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

    void addStatistics(int rows)
    {
        namespace rt = ember::runtime;
        m_code["statistics" + std::to_string(choice())] = 20.0 + 14.0 * qPopulationCount(choice());
        const bool shape = chose(rt::kStandardDeviation | rt::kSkewness | rt::kKurtosis);
        if (shape || chose(rt::kMean | rt::kMeanCrossings | rt::kTrend))
            perRow("centreOf", {128, 96}, kCentre, rows);
        if (shape) {
            squareRootPart();
            perRow("varianceAbout", {128, 104}, kVariance, rows);
        }
        if (chose(rt::kRms | rt::kEnergy))
            perRow("meanSquare", {108, 88}, kMeanSquare, rows);
        if (chose(rt::kRms))
            squareRootPart();
        if (chose(rt::kMinimum | rt::kMaximum | rt::kRange))
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
        work(kRawOut, values);
        if (factor > 1)
            work(kRawMean, values);
        if (choice() != runtime::kRawAsIs) {
            perRow("centreOf", {128, 96}, kCentre, rows);
            work(kRawCentre, values);
        }
        if (choice() == runtime::kRawStandard) {
            squareRootPart();
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

ExtractionCost estimateExtraction(const ExtractionPlan& plan, CpuClass cpu)
{
    constexpr double kFunctionBytes = 24;
    constexpr double kLoopBytes = 14;
    constexpr double kCallBytes = 26;
    constexpr Price kLibraryBytes = {1448, 0}; // add and subtract, multiply and divide, compare and convert
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
    cost.codeBytes = static_cast<int>(std::lround(callBytes));
    cost.libraryBytes =
        static_cast<int>(cpu == CpuClass::FloatHardware ? kLibraryBytes.hardware : kLibraryBytes.library);
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
        EMBER_TRY(const ExtractionPlan plan, planFor(alone));
        costs.push_back(estimateExtraction(plan, cpu));
    }
    return costs;
}

} // namespace ember::features
