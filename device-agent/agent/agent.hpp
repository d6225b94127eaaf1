// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/frame.hpp"
#include "../wire/messages.hpp"
#include "board_port.hpp"
#include "frame_sender.hpp"
#include "inference.hpp"
#include "learning.hpp"
#include "limits.hpp"
#include "model_port.hpp"
#include "self_test.hpp"
#include "sensor.hpp"
#include "stack_meter.hpp"
#include "streamer.hpp"
#include "vector_input.hpp"

namespace ember {
namespace agent {

/// Memory that the agent works in; sized by the port for its board.
struct AgentBuffers
{
    uint8_t* receive; ///< one incoming frame; its size fixes the largest payload
    size_t receiveSize;
    uint8_t* send; ///< one outgoing frame; description and model outputs must fit
    size_t sendSize;
    uint8_t* rows; ///< samples that wait for the link
    size_t rowsSize;
};

enum class LogLevel : uint8_t
{
    Debug = 0,
    Info = 1,
    Warning = 2,
    Error = 3
};

/// The board-independent firmware: answers the host, streams the sensor, runs the model. One thread, no interrupts, no
/// heap; everything it holds is bounded, and rows that do not fit are counted. Nothing from link or sensor is trusted.
class Agent
{
public:
    /// Sensor and model may be null. All arguments outlive the agent; deployedModel() is the usual model.
    Agent(BoardPort& port, Sensor* sensor, const ModelDescriptor* model, const AgentBuffers& buffers);

    /// A stream beside the first one, with a sensor, a rate and a queue of its own; it gets the next number (at most
    /// 7). The model works on the first stream only. Before the first step(); the stream outlives the agent.
    void addStream(Streamer& stream);

    /// One turn of the main loop; sleeps through BoardPort::idle when there is nothing to do.
    void step();

    /// Queues a line for the host. `text` is an EMBER_TEXT. The queue is short; a line that finds it full is lost.
    void log(LogLevel level, const char* text);
    /// The same with a number behind the text, in hexadecimal.
    void log(LogLevel level, const char* text, uint32_t value);

private:
    /// Later: the request stays in the receiver and is handled again in the next turn.
    enum class Outcome : uint8_t
    {
        Done,
        Later
    };

    struct LogLine
    {
        const char* text;
        uint32_t value;
        LogLevel level;
        bool withValue;
    };

    const ModelDescriptor* model() const { return kWithModel ? m_model : nullptr; }
    bool receive();
    Outcome handle(const wire::FrameHeader& request);
    Outcome handleStart(const wire::FrameHeader& request);
    Outcome handleStop(const wire::FrameHeader& request);
    Outcome handleConfigure(const wire::FrameHeader& request);
    Outcome handleInject(const wire::FrameHeader& request);
    Outcome handleStats(const wire::FrameHeader& request);
    // agent_model.cpp
    Outcome handleVector(const wire::FrameHeader& request);
    Outcome handleProfile(const wire::FrameHeader& request);
    // agent_lessons.cpp
    Outcome handleLearn(const wire::FrameHeader& request);
    Outcome handleSelfTest(const wire::FrameHeader& request);
    Outcome handleReset(const wire::FrameHeader& request);
    Outcome handleDeclare(const wire::FrameHeader& request);
    const char* startFault(const wire::FrameHeader& request, wire::NakReason* reason) const;
    Streamer* streamOf(const wire::FrameHeader& request);
    const Streamer* streamOf(const wire::FrameHeader& request) const
    {
        return const_cast<Agent*>(this)->streamOf(request);
    }
    uint8_t runningStreams() const;

    // These fill the sender's buffer and are called only while it is idle.
    void send(wire::MessageType type, size_t payloadSize, uint8_t stream = 0)
    {
        m_sender.send(type, payloadSize, m_port.micros(), stream);
    }
    Outcome ack(const wire::FrameHeader& request);
    Outcome nak(const wire::FrameHeader& request, wire::NakReason reason, const char* text);
    Outcome noSuchStream(const wire::FrameHeader& request);
    Outcome answerWithDescription(const wire::FrameHeader& request);
    size_t packDescription();
    size_t outputBytes(uint8_t want) const;
    void sendOutput(const wire::VectorHeader& header, const InferenceResult& result);
    bool pump();
    bool sendNext(uint32_t now);
    bool sendDueDescription(uint32_t now);
    Streamer* nextDue(uint32_t now);
    void sendSamples(Streamer& stream, uint32_t now);
    void sendLog();

    void enqueueLog(const LogLine& line);
    void sleep();

    BoardPort& m_port;
    const ModelDescriptor* m_model;
    size_t m_largestPayload;

    // Small things first: on an AVR what lies beyond 64 bytes of an object takes longer code.
    bool m_requestHeld = false;   ///< a request is in the receiver and not answered yet
    bool m_injectionHeld = false; ///< it is an Inject whose rows are being taken
    bool m_hostHeard = false;
    bool m_describe = true; ///< there is something new to describe
    bool m_resetDue = false;
    bool m_resetIntoBootloader = false;
    uint8_t m_logLines = 0;
    uint16_t m_loadPermille = 0;
    uint32_t m_rxFrames = 0;
    uint32_t m_rxErrors = 0;
    uint32_t m_heardAt = 0;
    uint32_t m_describedAt = 0;
    uint32_t m_loadSince = 0;
    uint32_t m_idleMicros = 0;

    FrameSender m_sender;
    wire::FrameReceiver m_receiver;
    StackMeter m_stack;
    Inference m_inference;
#if EMBER_LEARNING
    Learning m_learning;
#endif
    Streamer m_streamer; ///< the first of the list
    Streamer* m_turn;    ///< the last one that sent samples
    VectorInput m_vector;
    LogLine m_log[kLogLines];
};

} // namespace agent
} // namespace ember
