// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/emit_plan.h"

#include <QString>

#include <map>
#include <utility>
#include <vector>

namespace ember::features {

/// Collects what the blocks of a pipeline want computed and orders it so that each signal is loaded once, with
/// everything that reads it behind, and equal work on neighbouring channels becomes one loop.
class PlanBuilder
{
public:
    explicit PlanBuilder(const Pipeline& pipeline);

    // What a call can be given. Signals and work space are in the caller's scratch.
    static Argument count(int value);
    static Argument real(float value);
    static Argument output(int feature);
    static Argument signal();        ///< the signal that the call is about
    Argument secondSignal() const;   ///< the other one of a pair
    Argument work(int floats) const; ///< work space behind the signal, `floats` from its beginning
    Argument table(const QString& name, std::variant<std::vector<float>, std::vector<quint16>> values);

    /// Runs `calls` on a channel; they may use `workFloats` of work space.
    void onChannel(int channel, const std::vector<KernelCall>& calls, int workFloats = 0);

    /// Runs `calls` on the length of the vector that the channels make (Euclidean), or on the sum of their absolute
    /// values.
    enum class Norm
    {
        Euclidean,
        Absolute
    };
    void onNorm(Norm norm, const std::vector<int>& channels, const std::vector<KernelCall>& calls, int workFloats = 0);

    /// Runs `calls` on two channels at once.
    void onPair(int first, int second, const std::vector<KernelCall>& calls);

    /// Ends the work. The builder is empty afterwards.
    ExtractionPlan finish(int features);

private:
    using Body = std::vector<KernelCall>;
    struct NormWork
    {
        Norm norm;
        std::vector<int> channels;
        Body calls;
    };

    KernelCall load(int channel, Argument to);
    Argument perChannel(const QString& tableName, double signal::Channel::*member, int channel);
    QString channelName(int channel) const;
    QString namesOf(const std::vector<int>& channels) const;
    void needScratch(int floats);
    void addLoops(const std::vector<Body>& bodies, const QStringList& comments);
    void addNorm(const NormWork& work);

    const Pipeline& m_pipeline;
    ExtractionPlan m_plan;
    std::map<int, Body> m_channels;
    std::vector<NormWork> m_norms;
    std::vector<std::pair<std::pair<int, int>, Body>> m_pairs;
};

} // namespace ember::features
