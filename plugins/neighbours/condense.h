// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "plugins/common/rows.h"

namespace ember::neighbours {

/// The rows that one nearest neighbour needs to give every row its own label (Hart, "The Condensed Nearest Neighbor
/// Rule", 1968): begins with one row of each class, and adds every row that those kept so far mistake, until none is
/// left. The order in which rows are looked at is drawn from the seed. Indices, ascending. Rows that are equal and have
/// different labels are kept once for each label. Ends early, with what it has, when cancelled.
std::vector<Eigen::Index> condensed(const common::Matrix& rows, const std::vector<int>& labels, quint64 seed,
                                    const CancelToken& cancel = {});

} // namespace ember::neighbours
