// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/stage.h"

// The stages that come with the program. Reach them through stage.h.

namespace ember::features {

class FilterStage final : public Stage
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& before) const override;
    std::vector<KernelCall> calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const override;
};

class RemoveMeanStage final : public Stage
{
public:
    BlockInfo info() const override;
    std::vector<KernelCall> calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const override;
};

/// Adds what is slow in each channel as a channel of its own and leaves the rest in the channel.
class GravityStage final : public Stage
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& before) const override;
    void apply(const BlockUse& use, StagedPipeline& pipeline) const override;
    std::vector<KernelCall> calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const override;
};

class MedianStage final : public Stage
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& before) const override;
    std::vector<KernelCall> calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const override;
};

class FirStage final : public Stage
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& before) const override;
    std::vector<KernelCall> calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const override;
};

/// Shortens the window of all channels.
class DecimateStage final : public Stage
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& before) const override;
    void apply(const BlockUse& use, StagedPipeline& pipeline) const override;
    std::vector<KernelCall> calls(const SignalStep& step, Argument signal, PlanBuilder& builder) const override;
};

} // namespace ember::features
