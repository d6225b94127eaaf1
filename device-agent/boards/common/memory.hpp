// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/agent.hpp"
#include "feed_sensor.hpp"
#include "host_sensor.hpp"

// How much memory the agent gets: a board file may say otherwise for its board. What is here suits the boards with
// least.
#ifndef EMBER_RECEIVE_BYTES
#define EMBER_RECEIVE_BYTES 512 // one request; a model's input comes in as many as it needs
#endif
#ifndef EMBER_SEND_BYTES
#define EMBER_SEND_BYTES 768 // one answer: the description is the longest
#endif
#ifndef EMBER_ROW_BYTES
#define EMBER_ROW_BYTES 1024 // samples that wait for the link
#endif
#ifndef EMBER_SENSOR_BYTES
#define EMBER_SENSOR_BYTES 512 // one answer of the emulated sensor
#endif
#ifndef EMBER_CHANNELS
#define EMBER_CHANNELS 9
#endif

namespace ember {
namespace boards {

/// The agent's buffers and a sensor's, static: an image whose board has too little memory does not link.
inline agent::AgentBuffers agentBuffers()
{
    static uint8_t receive[EMBER_RECEIVE_BYTES];
    static uint8_t send[EMBER_SEND_BYTES];
    static uint8_t rows[EMBER_ROW_BYTES];
    return {receive, sizeof receive, send, sizeof send, rows, sizeof rows};
}

/// For an emulated sensor on a line of its own; each number has memory of its own.
template <uint8_t Number = 0>
FeedMemory feedMemory()
{
    static_assert(EMBER_CHANNELS <= wire::kMaxChannels, "more channels than the link can describe");
    static uint8_t receive[EMBER_SENSOR_BYTES];
    static agent::ChannelInfo channels[EMBER_CHANNELS];
    return {receive, sizeof receive, channels, EMBER_CHANNELS};
}

/// The queue of a stream beside the first one, as agentBuffers() has it for that.
template <uint8_t Number>
agent::Streamer* moreStream(agent::Sensor& sensor)
{
    static uint8_t rows[EMBER_ROW_BYTES];
    static agent::Streamer stream(sensor, rows, sizeof rows);
    return &stream;
}

/// For a board whose rows the host brings.
inline agent::Sensor* hostSensor()
{
    static_assert(EMBER_CHANNELS <= wire::kMaxChannels, "more channels than the link can describe");
    // A request has its header, CRC and the number of the first row around the rows.
    constexpr size_t kMostRowBytes = EMBER_RECEIVE_BYTES - wire::kHeaderSize - 4 - 4;
    static agent::ChannelInfo channels[EMBER_CHANNELS];
    static HostSensor sensor(channels, EMBER_CHANNELS, kMostRowBytes);
    return &sensor;
}

} // namespace boards
} // namespace ember
