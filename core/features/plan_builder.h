// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/emit_plan.h"
#include "core/features/stage.h"

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
    /// Both must outlive the builder; `staged` is what the stages make of `pipeline`.
    PlanBuilder(const Pipeline& pipeline, const StagedPipeline& staged);

    // What a call can be given. Signals and work space are in the caller's scratch.
    static Argument count(int value);
    static Argument real(float value);
    static Argument output(int feature);
    static Argument signal();        ///< the signal that the call is about
    Argument secondSignal() const;   ///< the other one of a pair
    Argument work(int floats) const; ///< work space behind the signal, `floats` from its beginning
    Argument table(const QString& name, TableValues values);
    /// A table whose name says nothing of its values: "Filter", "Filter2", ...; equal values are one table.
    Argument freeTable(const QString& name, const TableValues& values);

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

    /// Runs `each` of every channel in turn on signal(), then `last`. What `each` leaves in the work space stays there.
    void onEach(const std::vector<int>& channels, const std::vector<std::vector<KernelCall>>& each,
                const std::vector<KernelCall>& last, int workFloats);

    /// Where frames of a channel are read: four arguments of a kernel that loads rows. In the raw window, so that no
    /// signal as long as the window is needed, or behind the stages if there are any.
    std::vector<Argument> frameSource(int channel, int firstRow) const;
    /// Elements from one row of frameSource() to the next.
    int frameStride(int channel) const;
    /// Work space of frames, `floats` from its beginning.
    Argument frameWork(int channel, int floats) const;
    /// Runs loops that read a channel by frameSource() and may use `workFloats` of frameWork().
    void onFrames(int channel, const std::vector<PlanLoop>& loops, int workFloats);

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

    struct FrameWork
    {
        int channel;
        std::vector<PlanLoop> loops;
    };
    struct GroupWork
    {
        std::vector<int> channels;
        std::vector<Body> each;
        Body last;
    };

    bool isStaged(int channel) const;
    KernelCall loadRaw(int channel, Argument to);
    Body load(int channel, Argument to);
    Argument perChannel(const QString& tableName, double signal::Channel::*member, int channel);
    QString channelName(int channel) const;
    QString namesOf(const std::vector<int>& channels) const;
    void needScratch(int floats);
    void addLoops(const std::vector<Body>& bodies, const QStringList& comments);
    void addNorm(const NormWork& work);
    void addGroup(const GroupWork& work);

    const Pipeline& m_pipeline; ///< as the window comes
    const StagedPipeline& m_staged;
    ExtractionPlan m_plan;
    std::map<int, Body> m_channels;
    std::vector<NormWork> m_norms;
    std::vector<std::pair<std::pair<int, int>, Body>> m_pairs;
    std::vector<GroupWork> m_groups;
    std::vector<FrameWork> m_frames;
};

} // namespace ember::features
