// SPDX-License-Identifier: GPL-3.0-or-later
// Products of matrices for layers: in a fixed order of sums, whatever the machine, so that a seed gives the same bytes.
#pragma once

#include <cstddef>
#include <span>

namespace ember::neural {

/// Numbers that the processor works on at once. The results are the same bits.
enum class Lanes
{
    Four,
    Eight ///< needs bestLanes() to say so
};
Lanes bestLanes();

/// to += a b, with a [rows x depth], b [depth x width] and `to` [rows x width], all row by row.
void addProduct(std::span<const float> a, std::span<const float> b, std::span<float> to, std::size_t depth,
                std::size_t width, Lanes lanes = bestLanes());

/// to += a b', with a [rows x width], b [depth x width] and `to` [rows x depth].
void addProductOfRows(std::span<const float> a, std::span<const float> b, std::span<float> to, std::size_t depth,
                      std::size_t width, Lanes lanes = bestLanes());

float sumOf(std::span<const float> values);

/// The other way round: from [rows x columns] to [columns x rows].
void transpose(std::span<const float> from, std::span<float> to, std::size_t columns);

} // namespace ember::neural
