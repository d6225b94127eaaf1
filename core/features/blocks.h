// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/block.h"

// The blocks that come with the program; each has its own source file. Reach them through block.h.

namespace ember::features {

class StatisticsBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class SpectrumBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class MagnitudeBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class CorrelationBlock final : public Block
{
public:
    BlockInfo info() const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class AudioBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    std::vector<int> shape(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class QuantilesBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class HistogramBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class AutocorrelationBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class TonesBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class WaveletBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class TiltBlock final : public Block
{
public:
    BlockInfo info() const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

class RawBlock final : public Block
{
public:
    BlockInfo info() const override;
    Status check(const BlockUse& use, const Pipeline& pipeline) const override;
    QStringList names(const BlockUse& use, const Pipeline& pipeline) const override;
    std::vector<int> shape(const BlockUse& use, const Pipeline& pipeline) const override;
    void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const override;
};

} // namespace ember::features
