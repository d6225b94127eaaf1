// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/metrics.h"

#include <functional>
#include <vector>

namespace ember::learn {

struct Interval
{
    double low = 0;
    double high = 0;
};

struct BootstrapOptions
{
    int replicates = 1000;
    double level = 0.95;
    quint64 seed = 1;
};

/// Percentile bootstrap of scores. Whole groups are drawn with replacement, because rows of one subject are not
/// independent; with no groups, or a single one, rows are drawn. `groups` is empty or has one entry per row. The same
/// input gives the same intervals everywhere; none where there are no rows.
std::vector<Interval> bootstrapIntervals(std::span<const qint32> truth, std::span<const qint32> predicted,
                                         std::span<const qint32> groups, int classes,
                                         const std::function<std::vector<double>(const Metrics&)>& scores,
                                         const BootstrapOptions& options = {});

/// The same of one score.
Interval bootstrapInterval(std::span<const qint32> truth, std::span<const qint32> predicted,
                           std::span<const qint32> groups, int classes,
                           const std::function<double(const Metrics&)>& score, const BootstrapOptions& options = {});

/// The same of score(first) - score(second), where both predicted the same rows: each draw scores both on the rows that
/// it drew, so what is hard for both cancels out.
Interval bootstrapDifference(std::span<const qint32> truth, std::span<const qint32> first,
                             std::span<const qint32> second, std::span<const qint32> groups, int classes,
                             const std::function<double(const Metrics&)>& score, const BootstrapOptions& options = {});

} // namespace ember::learn
