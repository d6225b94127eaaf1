// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/augment.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ember::neural {
namespace {

constexpr std::size_t kGains = 4; // places along the width: slopes and hills, no single bands

double between(double low, double high, Random& random)
{
    return low + (high - low) * random.unit();
}

// Where each of `count` places reads after a stretch around a place and a shift, both in places.
std::vector<double> sourcesOf(std::size_t count, double stretch, double around, double shift)
{
    std::vector<double> sources(count);
    const auto last = static_cast<double>(count) - 1;
    for (std::size_t i = 0; i < count; ++i)
        sources[i] = std::clamp((static_cast<double>(i) - around) * stretch + around + shift, 0.0, last);
    return sources;
}

double middleOf(std::size_t count)
{
    return (static_cast<double>(count) - 1) / 2;
}

struct Stripe
{
    std::size_t begin = 0, end = 0;
};

Stripe stripeOf(std::size_t count, double widest, Random& random)
{
    const auto width = static_cast<std::size_t>(widest * random.unit() * static_cast<double>(count) + 0.5);
    const auto begin = static_cast<std::size_t>(random.below(count - std::min(width, count) + 1));
    return {begin, std::min(begin + width, count)};
}

} // namespace

Augmenter::Augmenter(const Augmentation& most, const Volume& volume)
    : m_most(most)
    , m_channels(static_cast<std::size_t>(volume.channels))
    , m_height(static_cast<std::size_t>(volume.height))
    , m_width(static_cast<std::size_t>(volume.width))
{}

void Augmenter::change(std::span<const float> row, std::span<float> to, Random& random) const
{
    warp(row, to, random);
    disturb(to, random);
    tint(to, random);
    blank(to, random);
}

// Time and pitch together, values between neighbours by straight lines.
void Augmenter::warp(std::span<const float> row, std::span<float> to, Random& random) const
{
    const bool image = m_height > 1;
    const auto times = static_cast<double>(image ? m_height : m_width);
    const double tempo = 1 + between(-m_most.stretch, m_most.stretch, random);
    const double shift = times * between(-m_most.shift, m_most.shift, random);
    const double pitch = static_cast<double>(m_width) * between(-m_most.pitch, m_most.pitch, random);
    const double tract = m_most.tract > 0 ? 1 + between(-m_most.tract, m_most.tract, random) : 1;
    const std::vector<double> rows =
        image ? sourcesOf(m_height, tempo, middleOf(m_height), shift) : sourcesOf(1, 1, 0, 0);
    const std::vector<double> cells =
        image ? sourcesOf(m_width, tract, 0, pitch) : sourcesOf(m_width, tempo, middleOf(m_width), shift);
    for (std::size_t c = 0; c < m_channels; ++c) {
        const float* plane = row.data() + c * m_height * m_width;
        for (std::size_t y = 0; y < m_height; ++y) {
            const auto above = static_cast<std::size_t>(rows[y]);
            const auto down = static_cast<float>(rows[y] - static_cast<double>(above));
            const float* first = plane + above * m_width;
            const float* second = plane + std::min(above + 1, m_height - 1) * m_width;
            float* result = to.data() + (c * m_height + y) * m_width;
            for (std::size_t x = 0; x < m_width; ++x) {
                const auto left = static_cast<std::size_t>(cells[x]);
                const std::size_t right = std::min(left + 1, m_width - 1);
                const auto across = static_cast<float>(cells[x] - static_cast<double>(left));
                const float upper = first[left] + across * (first[right] - first[left]);
                const float lower = second[left] + across * (second[right] - second[left]);
                result[x] = upper + down * (lower - upper);
            }
        }
    }
}

void Augmenter::disturb(std::span<float> values, Random& random) const
{
    const auto level = static_cast<float>(between(-m_most.level, m_most.level, random));
    const double deviation = between(0, m_most.noise, random);
    // Noise behind a sound lifts what is quiet and leaves what is loud: levels are logarithms of powers that add up.
    const float quietest = *std::min_element(values.begin(), values.end());
    const auto floor = static_cast<float>(static_cast<double>(quietest) + between(0, m_most.floor, random));
    for (float& value : values) {
        if (m_most.floor > 0)
            value = std::max(value, floor);
        value += level;
        if (deviation > 0)
            value += static_cast<float>(deviation * random.normal());
    }
}

// Gains at a few places of the width, straight lines between them, all times alike.
void Augmenter::tint(std::span<float> values, Random& random) const
{
    if (m_most.colour <= 0 || m_height == 1)
        return;
    std::array<double, kGains> gains{};
    for (double& gain : gains)
        gain = m_most.colour * random.normal();
    for (std::size_t x = 0; x < m_width; ++x) {
        const double place =
            static_cast<double>(x * (kGains - 1)) / static_cast<double>(std::max<std::size_t>(1, m_width - 1));
        const std::size_t left = std::min(static_cast<std::size_t>(place), kGains - 2);
        const double part = place - static_cast<double>(left);
        const auto gain = static_cast<float>(gains[left] + part * (gains[left + 1] - gains[left]));
        for (std::size_t i = x; i < values.size(); i += m_width)
            values[i] += gain;
    }
}

void Augmenter::blank(std::span<float> values, Random& random) const
{
    if (m_most.mask <= 0)
        return;
    const Stripe tall = m_height > 1 ? stripeOf(m_height, m_most.mask, random) : Stripe{};
    const Stripe wide = stripeOf(m_width, m_most.mask, random);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t x = i % m_width, y = i / m_width % m_height;
        if ((x >= wide.begin && x < wide.end) || (y >= tall.begin && y < tall.end))
            values[i] = 0; // the mean of scaled values
    }
}

} // namespace ember::neural
