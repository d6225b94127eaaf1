// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/trees/run_trees.h"

#include "device-agent/runtime/forest.hpp"

#include <cstring>
#include <vector>

namespace ember::codegen {
namespace {

const uint8_t* bytesOf(const QByteArray& table)
{
    return reinterpret_cast<const uint8_t*>(table.constData());
}

/// The leaves of a forest, for the kernel.
struct HostLeaves
{
    const LoweredForest& forest;

    void add(unsigned leaf, int32_t* votes) const
    {
        switch (forest.leafKind) {
        case LeafKind::Hard:
            runtime::addHardVote(leaf, votes);
            break;
        case LeafKind::Shares:
            runtime::addShares(bytesOf(forest.leafTable), bytesOf(forest.leafCounts), forest.targets, leaf, votes);
            break;
        case LeafKind::Values:
            runtime::addValues(bytesOf(forest.leafTable), forest.targets, leaf, votes);
            break;
        }
    }
};

/// `encoded` holds features in Feature, at any address.
template <typename Feature>
std::vector<qint32> votesOf(const LoweredForest& forest, const QByteArray& encoded)
{
    std::vector<Feature> features(static_cast<std::size_t>(encoded.size()) / sizeof(Feature));
    std::memcpy(features.data(), encoded.constData(), features.size() * sizeof(Feature));
    std::vector<qint32> votes = forest.baseVotes;
    votes.resize(forest.targets, 0);
    const runtime::ForestShape shape{forest.headBytes, forest.thresholdBytes, forest.missingValues};
    runtime::addForest(shape, bytesOf(forest.nodeTable), bytesOf(forest.rootTable), forest.rootBytes,
                       static_cast<uint16_t>(forest.roots.size()), HostLeaves{forest}, features.data(), votes.data());
    return votes;
}

std::vector<qint32> votesOf(const LoweredForest& forest, FeatureType type, const QByteArray& features)
{
    switch (type) {
    case FeatureType::Int8:
        return votesOf<int8_t>(forest, features);
    case FeatureType::Int16:
        return votesOf<int16_t>(forest, features);
    case FeatureType::Int32:
        return votesOf<int32_t>(forest, features);
    case FeatureType::Auto:
    case FeatureType::Float32:
        break;
    }
    return votesOf<float>(forest, features);
}

} // namespace

InferenceOutput runTrees(const LoweredForest& forest, FeatureType type, const QByteArray& features)
{
    const std::vector<qint32> votes = votesOf(forest, type, features);
    return {signal::ElementValues::of(signal::SampleType::Int32, std::span(votes)),
            runtime::winnerOf(votes.data(), forest.targets)};
}

} // namespace ember::codegen
