// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/neural/layers.h"

#include <span>
#include <vector>

namespace ember::neural {

/// How much a row may be changed, each time it is seen, into another one that means the same. All zero: not at all.
struct Augmentation
{
    double shift = 0;   ///< most, as a share of the time a row spans; what comes in repeats the edge
    double stretch = 0; ///< most change of tempo, as a share
    double pitch = 0;   ///< most shift along an image's width (mel bands), as a share of it
    double level = 0;   ///< most that is added to all values together, in standard deviations
    double floor = 0;   ///< most that quiet values are lifted, in standard deviations: noise behind the sound
    double noise = 0;   ///< most deviation of noise that each value gets
    double mask = 0;    ///< widest stripe of time, and of an image's width, that is blanked to the mean, as a share
    double colour = 0;  ///< deviation of the gains along an image's width, which change smoothly: another microphone
    double tract = 0;   ///< most that an image's width is stretched from its low end, as a share: other speakers

    bool isNone() const { return *this == Augmentation{}; }
    bool operator==(const Augmentation&) const = default;
};

/// Changes rows as layers take them: scaled, the numbers of a channel together. Time is the height of an image and the
/// width of a series. The same generator gives the same changes.
class Augmenter
{
public:
    Augmenter(const Augmentation& most, const Volume& volume);

    /// `to` has as many values as `row`.
    void change(std::span<const float> row, std::span<float> to, Random& random) const;

private:
    void warp(std::span<const float> row, std::span<float> to, Random& random) const;
    void disturb(std::span<float> values, Random& random) const;
    void tint(std::span<float> values, Random& random) const;
    void blank(std::span<float> values, Random& random) const;

    Augmentation m_most;
    std::size_t m_channels, m_height, m_width;
};

} // namespace ember::neural
