// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/block.h"
#include "core/features/emit_plan.h"

#include <QJsonObject>

#include <span>
#include <vector>

namespace ember::features {

class Stage;

/// One thing done to a signal between the raw window and the blocks.
struct SignalStep
{
    const Stage* stage = nullptr;
    BlockUse use;
    int variant = 0;   ///< which of several signals that a stage makes; the stage's own meaning
    int rows = 0;      ///< of the signal before it
    double rateHz = 0; ///< of the signal before it
};

/// A signal that blocks can read.
struct SignalOrigin
{
    int source = 0; ///< column of the raw window
    std::vector<SignalStep> steps;
};

/// A pipeline behind its stages: `seen` has the channels, rows and rate that blocks see, and no stages.
struct StagedPipeline
{
    Pipeline seen;
    std::vector<SignalOrigin> origins; ///< one for each channel of `seen`
};

/// A step in front of the blocks, such as a filter: changes signals, adds some, or makes them shorter. Described as
/// blocks are. Every window is treated alone, starting as if its first sample had always been there, so that features
/// do not depend on what came before. Immutable, without state, any thread.
class Stage
{
public:
    virtual ~Stage() = default;

    virtual BlockInfo info() const = 0;

    /// What the general checks leave open, for the signals that the stage gets. Error Usage, naming the stage.
    virtual Status check(const BlockUse& use, const Pipeline& before) const;

    /// Changes signals, rows and rate. By default: one step more for each of its channels.
    virtual void apply(const BlockUse& use, StagedPipeline& pipeline) const;

    /// The kernel calls of one step, in place on `signal`.
    virtual std::vector<KernelCall> calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const = 0;
};

/// All stages, in the order in which they are offered.
std::span<const Stage* const> allStages();

/// The stage of this id, or null.
const Stage* findStage(const QString& id);

/// A use of a stage with every parameter set. Errors: as makeUse().
Result<BlockUse> makeStageUse(const QString& stage, std::vector<int> channels, const QJsonObject& parameters = {});

/// What the pipeline's stages, or the first `count` of them, make of its stream. Uses of stages or channels that do
/// not exist are passed over; validate() tells of them.
StagedPipeline applyStages(const Pipeline& pipeline);
StagedPipeline applyStages(const Pipeline& pipeline, std::size_t count);

/// Names of the channels that blocks can read, in the order of their numbers.
QStringList signalNames(const Pipeline& pipeline);

} // namespace ember::features
