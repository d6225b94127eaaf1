// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/emit_plan.h"
#include "device-agent/runtime/audio.hpp"
#include "device-agent/runtime/correlation.hpp"
#include "device-agent/runtime/filter.hpp"
#include "device-agent/runtime/fixed_audio.hpp"
#include "device-agent/runtime/norm.hpp"
#include "device-agent/runtime/order.hpp"
#include "device-agent/runtime/periodicity.hpp"
#include "device-agent/runtime/raw.hpp"
#include "device-agent/runtime/rows.hpp"
#include "device-agent/runtime/spectrum.hpp"
#include "device-agent/runtime/statistics.hpp"
#include "device-agent/runtime/tilt.hpp"
#include "device-agent/runtime/wavelet.hpp"

namespace ember::features {
namespace {

/// The arguments of one call in one pass of its loop, in the types that the kernels take.
class CallFrame
{
public:
    CallFrame(const ExtractionPlan& plan, const void* window, float* features, float* scratch)
        : m_plan(plan)
        , m_window(window)
        , m_features(features)
        , m_scratch(scratch)
    {}

    void enter(const KernelCall& call, int pass)
    {
        m_call = &call;
        m_pass = pass;
    }
    const KernelCall& call() const { return *m_call; }
    quint32 choice() const { return m_call->templateArguments.at(0); }

    std::size_t count(std::size_t i) const { return index(i); }

    float* floats(std::size_t i) const
    {
        return (argument(i).kind == Argument::Kind::Output ? m_features : m_scratch) + index(i);
    }

    float real(std::size_t i) const
    {
        const Argument& a = argument(i);
        return a.kind == Argument::Kind::Real ? a.real : table<float>(i)[index(i)];
    }

    template <typename T>
    const T* table(std::size_t i) const
    {
        return std::get<std::vector<T>>(m_plan.tables[static_cast<std::size_t>(argument(i).table)].values).data();
    }

    runtime::Complex* complexes(std::size_t i) const { return reinterpret_cast<runtime::Complex*>(floats(i)); }

    void loadChannel() const
    {
        if (argument(0).kind == Argument::Kind::Scratch)
            return loadFrom(static_cast<const float*>(floats(0)));
        switch (m_plan.sampleType) {
        case signal::SampleType::Int8:
            return loadFrom<qint8>();
        case signal::SampleType::Int16:
            return loadFrom<qint16>();
        case signal::SampleType::Int32:
            return loadFrom<qint32>();
        case signal::SampleType::Float32:
            return loadFrom<float>();
        }
    }

    void fixedMelFrame() const
    {
        // The block asks for these types only.
        if (m_plan.sampleType == signal::SampleType::Int8)
            return fixedMelFrameOf(static_cast<const qint8*>(m_window) + index(0));
        Q_ASSERT(m_plan.sampleType == signal::SampleType::Int16);
        return fixedMelFrameOf(static_cast<const qint16*>(m_window) + index(0));
    }

private:
    template <typename Sample>
    void fixedMelFrameOf(const Sample* first) const
    {
        runtime::fixedMelFrame(first, count(1), count(2), count(3), table<qint16>(4), table<quint16>(5),
                               table<quint16>(6), count(7), real(8), floats(9), floats(10));
    }

    const Argument& argument(std::size_t i) const { return m_call->arguments[i]; }
    std::size_t index(std::size_t i) const
    {
        return static_cast<std::size_t>(argument(i).index + argument(i).step * m_pass);
    }

    template <typename Sample>
    void loadFrom() const
    {
        loadFrom(static_cast<const Sample*>(m_window) + index(0));
    }

    template <typename Sample>
    void loadFrom(const Sample* first) const
    {
        runtime::loadChannel(first, count(1), count(2), real(3), real(4), floats(5));
    }

    const ExtractionPlan& m_plan;
    const void* m_window;
    float* m_features;
    float* m_scratch;
    const KernelCall* m_call = nullptr;
    int m_pass = 0;
};

void runCall(const CallFrame& f)
{
    switch (f.call().kernel) {
    case Kernel::LoadChannel:
        return f.loadChannel();
    case Kernel::ClearSignal:
        return runtime::clearSignal(f.count(0), f.floats(1));
    case Kernel::AddSquares:
        return runtime::addSquares(f.floats(0), f.count(1), f.floats(2));
    case Kernel::AddAbsolutes:
        return runtime::addAbsolutes(f.floats(0), f.count(1), f.floats(2));
    case Kernel::SquareRoots:
        return runtime::squareRoots(f.count(0), f.floats(1));
    case Kernel::Statistics:
        return runtime::statistics(f.choice(), f.floats(0), f.count(1), f.floats(2));
    case Kernel::Correlation:
        return runtime::correlation(f.floats(0), f.floats(1), f.count(2), f.floats(3));
    case Kernel::PowerSpectrum:
        return runtime::powerSpectrum(f.choice(), f.floats(0), f.count(1), f.count(2), f.table<float>(3),
                                      f.complexes(4), f.floats(5));
    case Kernel::BandPowers:
        return runtime::bandPowers(f.choice(), f.floats(0), f.table<quint16>(1), f.count(2), f.floats(3));
    case Kernel::SpectrumPeaks:
        return runtime::spectrumPeaks(f.floats(0), f.count(1), f.real(2), f.count(3), f.floats(4));
    case Kernel::SpectrumShape:
        return runtime::spectrumShape(f.choice(), f.floats(0), f.count(1), f.real(2), f.floats(3));
    case Kernel::FilterSignal:
        return runtime::filterSignal(f.choice(), f.table<float>(0), f.count(1), f.count(2), f.count(3), f.floats(4));
    case Kernel::SubtractMean:
        return runtime::subtractMean(f.count(0), f.floats(1));
    case Kernel::FirFilter:
        return runtime::firFilter(f.table<float>(0), f.count(1), f.count(2), f.floats(3));
    case Kernel::MovingMedian:
        return runtime::movingMedian(f.count(0), f.count(1), f.floats(2));
    case Kernel::AverageGroups:
        return runtime::averageGroups(f.count(0), f.count(1), f.floats(2));
    case Kernel::PreEmphasis:
        return runtime::preEmphasis(f.real(0), f.count(1), f.floats(2));
    case Kernel::FramePower:
        return runtime::framePower(f.count(0), f.table<float>(1), f.floats(2));
    case Kernel::MelEnergies:
        return runtime::melEnergies(f.floats(0), f.table<quint16>(1), f.table<float>(2), f.count(3), f.real(4),
                                    f.floats(5));
    case Kernel::SubtractNoise:
        return runtime::subtractNoise(f.count(0), f.count(1), f.real(2), f.floats(3));
    case Kernel::Pcen:
        return runtime::pcen(f.count(0), f.count(1), f.real(2), f.floats(3));
    case Kernel::Decibels:
        return runtime::decibels(f.real(0), f.count(1), f.floats(2));
    case Kernel::MatrixProduct:
        return runtime::matrixProduct(f.floats(0), f.count(1), f.table<float>(2), f.count(3), f.floats(4));
    case Kernel::PoolFrames:
        return runtime::poolFrames(f.choice(), f.floats(0), f.count(1), f.count(2), f.count(3), f.floats(4));
    case Kernel::FixedMelFrame:
        return f.fixedMelFrame();
    case Kernel::FixedLevels:
        return runtime::fixedLevels(f.floats(0), f.count(1), f.real(2), f.real(3), f.floats(4));
    case Kernel::FixedProduct:
        return runtime::fixedProduct(f.floats(0), f.count(1), f.table<qint16>(2), f.count(3), f.real(4), f.real(5),
                                     f.floats(6));
    case Kernel::SortedCopy:
        return runtime::sortedCopy(f.floats(0), f.count(1), f.floats(2));
    case Kernel::Quantile:
        return runtime::quantile(f.floats(0), f.count(1), f.real(2), f.floats(3));
    case Kernel::QuantileRange:
        return runtime::quantileRange(f.floats(0), f.count(1), f.real(2), f.count(3), f.real(4), f.floats(5));
    case Kernel::Histogram:
        return runtime::histogram(f.floats(0), f.count(1), f.real(2), f.real(3), f.count(4), f.floats(5));
    case Kernel::Autocorrelation:
        return runtime::autocorrelation(f.floats(0), f.count(1), f.count(2), f.floats(3));
    case Kernel::StrongestPeriod:
        return runtime::strongestPeriod(f.floats(0), f.count(1), f.real(2), f.floats(3));
    case Kernel::EveryNth:
        return runtime::everyNth(f.floats(0), f.count(1), f.count(2), f.floats(3));
    case Kernel::Goertzel:
        return runtime::goertzel(f.floats(0), f.count(1), f.real(2), f.real(3), f.floats(4));
    case Kernel::WaveletLevel:
        return runtime::waveletLevel(f.floats(0), f.count(1), f.table<float>(2), f.count(3), f.real(4), f.floats(5),
                                     f.floats(6));
    case Kernel::ScaledEnergy:
        return runtime::scaledEnergy(f.floats(0), f.count(1), f.real(2), f.floats(3));
    case Kernel::Tilt:
        return runtime::tilt(f.floats(0), f.floats(1));
    case Kernel::ScaleValues:
        return runtime::scaleValues(f.table<float>(0), f.table<float>(1), f.count(2), f.floats(3));
    case Kernel::RawSamples:
        return runtime::rawSamples(f.choice(), f.floats(0), f.count(1), f.count(2), f.count(3), f.floats(4));
    case Kernel::CanonicalNans:
        return runtime::canonicalNans(f.floats(0), f.count(1));
    }
}

} // namespace

void runPlan(const ExtractionPlan& plan, const void* window, std::span<float> features, std::span<float> scratch)
{
    Q_ASSERT(features.size() == static_cast<std::size_t>(plan.features));
    Q_ASSERT(scratch.size() >= static_cast<std::size_t>(plan.scratchFloats));
    CallFrame frame(plan, window, features.data(), scratch.data());
    for (const PlanLoop& loop : plan.loops) {
        for (int pass = 0; pass < loop.count; ++pass) {
            for (const KernelCall& call : loop.body) {
                frame.enter(call, pass);
                runCall(frame);
            }
        }
    }
}

} // namespace ember::features
