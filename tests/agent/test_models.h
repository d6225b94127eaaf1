// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/agent/scripted_board.h"

#include <QByteArray>

#include <array>
#include <cstring>
#include <vector>

namespace ember::test {

inline constexpr int kWindowRows = 4;
inline constexpr int kVectorFeatures = 300;
inline constexpr uint32_t kExtractTicks = 1000;
inline constexpr uint32_t kInferTicks = 200;

/// Windows of 4 rows x 2 int16: features are the channels' sums (int32), votes are the sums and their total.
inline agent::ModelDescriptor windowModel(uint16_t hop)
{
    static int16_t window[kWindowRows * 2];
    static int32_t features[2];
    static int32_t votes[3];
    static const char* const names[] = {"left", "right", "both"};
    agent::ModelDescriptor m{};
    m.name = "sums";
    m.hash = "0123456789abcdef";
    m.input = agent::InputKind::Window;
    m.windowRows = kWindowRows;
    m.hopRows = hop;
    m.channels = 2;
    m.windowType = wire::ElementType::Int16;
    m.featureType = wire::ElementType::Int32;
    m.featureCount = 2;
    m.outputType = wire::ElementType::Int32;
    m.outputCount = 3;
    m.classCount = 3;
    m.classNames = names;
    m.extract = [](const void* rows, void* out) {
        const auto* in = static_cast<const int16_t*>(rows);
        auto* sums = static_cast<int32_t*>(out);
        sums[0] = sums[1] = 0;
        for (int i = 0; i < kWindowRows; ++i) {
            sums[0] += in[2 * i];
            sums[1] += in[2 * i + 1];
        }
        modelWork += kExtractTicks;
    };
    m.infer = [](const void* in, void* to) -> uint16_t {
        auto* out = static_cast<int32_t*>(to);
        const auto* sums = static_cast<const int32_t*>(in);
        out[0] = sums[0];
        out[1] = sums[1];
        // Hosts may send any sums: without overflow.
        out[2] = static_cast<int32_t>(static_cast<uint32_t>(sums[0]) + static_cast<uint32_t>(sums[1]));
        modelWork += kInferTicks;
        return static_cast<uint16_t>(out[0] >= out[1] && out[0] >= out[2] ? 0 : out[1] >= out[2] ? 1 : 2);
    };
    m.windowBuffer = window;
    m.featureBuffer = features;
    m.outputBuffer = votes;
    return m;
}

/// Feature vectors of 300 int16; votes are their sum and its opposite.
inline agent::ModelDescriptor vectorModel()
{
    static int16_t features[kVectorFeatures];
    static int32_t votes[2];
    static const char* const names[] = {"positive", "negative"};
    agent::ModelDescriptor m{};
    m.name = "sign";
    m.hash = "fedcba9876543210";
    m.input = agent::InputKind::FeatureVector;
    m.featureType = wire::ElementType::Int16;
    m.featureCount = kVectorFeatures;
    m.outputType = wire::ElementType::Int32;
    m.outputCount = 2;
    m.classCount = 2;
    m.classNames = names;
    m.infer = [](const void* in, void* to) -> uint16_t {
        auto* out = static_cast<int32_t*>(to);
        const auto* values = static_cast<const int16_t*>(in);
        out[0] = 0;
        for (int i = 0; i < kVectorFeatures; ++i)
            out[0] += values[i];
        out[1] = -out[0];
        modelWork += kInferTicks + static_cast<uint32_t>(values[0]);
        return out[0] >= 0 ? 0 : 1;
    };
    m.featureBuffer = features;
    m.outputBuffer = votes;
    return m;
}

/// What the test's model has learned: a byte for each class counts its lessons, and the last features' sums.
struct Pupil
{
    std::array<uint8_t, 3> counts{};
    std::array<int32_t, 2> last{};
};
inline Pupil pupil;

inline agent::LearningPort learningPort()
{
    agent::LearningPort port{};
    port.learn = [](const void* features, uint16_t label) -> uint8_t {
        if (label >= pupil.counts.size())
            return 0;
        ++pupil.counts[label];
        std::memcpy(pupil.last.data(), features, sizeof pupil.last);
        return 1;
    };
    port.reset = [] { pupil = Pupil(); };
    port.count = [](uint16_t label) -> uint16_t { return pupil.counts[label]; };
    port.state = []() -> const void* { return &pupil; };
    port.restore = [](const void* state) -> uint8_t {
        if (state != &pupil)
            std::memcpy(&pupil, state, sizeof pupil);
        return pupil.counts[0] < 200 ? 1 : 0;
    };
    port.stateBytes = sizeof(Pupil);
    return port;
}

/// windowModel() with lessons.
inline agent::ModelDescriptor learningModel()
{
    static const agent::LearningPort port = learningPort();
    agent::ModelDescriptor model = windowModel(4);
    model.learning = &port;
    return model;
}

/// The votes of windowModel() for rows as bytes.
inline std::vector<int32_t> expectedVotes(const QByteArray& rows)
{
    std::vector<int32_t> votes(3, 0);
    for (qsizetype i = 0; i < rows.size(); i += 4) {
        const auto* at = reinterpret_cast<const uint8_t*>(rows.constData() + i);
        votes[0] += static_cast<int16_t>(wire::getU16(at));
        votes[1] += static_cast<int16_t>(wire::getU16(at + 2));
    }
    votes[2] = votes[0] + votes[1];
    return votes;
}

inline QByteArray bytesOfU32(std::initializer_list<uint32_t> values)
{
    QByteArray bytes;
    for (uint32_t v : values) {
        char raw[4];
        wire::putU32(reinterpret_cast<uint8_t*>(raw), v);
        bytes.append(raw, 4);
    }
    return bytes;
}

} // namespace ember::test
