// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/frame.hpp"
#include "../wire/messages.hpp"
#include "frame_sender.hpp"
#include "inference.hpp"
#include "learning.hpp"
#include "limits.hpp"
#include "model_port.hpp"
#include "port.hpp"
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
    /// Model and, but on a small board, sensor may be null. All arguments outlive the agent; deployedModel() is the
    /// usual model. `second` is a stream beside the first one that has its number already.
    EMBER_CONSTANT Agent(Port& port, Sensor* sensor, const ModelDescriptor* model, const AgentBuffers& buffers,
                         Streamer* second = nullptr)
        : m_port(port)
#if EMBER_WITH_MODEL
        , m_model(model)
#endif
        , m_turn(&m_streamer)
        , m_sender(buffers.send, buffers.sendSize)
        , m_receiver(buffers.receive, buffers.receiveSize)
#if EMBER_WITH_MODEL
        , m_stack(port.stackLimit(), port.stackTop())
        , m_inference(port, m_stack, model)
#endif
#if EMBER_LEARNING
        , m_learning(port.store(), model)
#endif
        , m_streamer(sensor, model, m_inference, buffers.rows, buffers.rowsSize, second)
        , m_vector(model)
    {
#if EMBER_LEARNING
        m_inference.setPupil(m_learning);
#endif
    }

    /// A stream beside the first one, with a sensor, a rate and a queue of its own; it gets the next number (at most
    /// 7). The model works on the first stream only. Before the first step(); the stream outlives the agent.
    void addStream(Streamer& stream);

    /// One turn of the main loop; sleeps through BoardPort::idle when there is nothing to do.
    void step();

    /// Queues a line for the host. `text` is an EMBER_TEXT. The queue is short; a line that finds it full is lost. A
    /// small agent keeps the newest line alone.
    void log(LogLevel level, const char* text);
#if !EMBER_SMALL
    /// The same with a number behind the text, in hexadecimal.
    void log(LogLevel level, const char* text, uint32_t value);
#endif

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
#if !EMBER_SMALL
        uint32_t value;
#endif
        LogLevel level;
#if !EMBER_SMALL
        bool withValue;
#endif
    };

    // What the load is reckoned in; sleep() has the units.
#if EMBER_WHOLE_BATCHES
    using LoadTime = uint16_t;
#else
    using LoadTime = uint32_t;
#endif

#if EMBER_WITH_MODEL
    const ModelDescriptor* model() const
    {
        return m_model;
    }
    StackMeter& stackMeter()
    {
        return m_stack;
    }
#else
    static constexpr const ModelDescriptor* model()
    {
        return nullptr;
    }
    /// Where nothing paints the stack anew, a meter has nothing to remember.
    StackMeter stackMeter()
    {
        return {m_port.stackLimit(), m_port.stackTop()};
    }
#endif
    bool receive();
    EMBER_APART Outcome handle();
    EMBER_APART Outcome handleStart();
    EMBER_APART Outcome handleStop();
    EMBER_APART Outcome handleConfigure();
    Outcome handleInject();
    EMBER_APART Outcome handleStats();
    // agent_model.cpp
    Outcome handleVector();
    Outcome handleProfile();
    // agent_lessons.cpp
    Outcome handleLearn();
    Outcome handleSelfTest();
    EMBER_APART Outcome handleReset();
    Outcome handleDeclare();
    EMBER_APART Streamer* requestedStream();
    Streamer* requestedRows();
    uint8_t runningStreams() const;

    // These fill the sender's buffer and are called only while it is idle.
    EMBER_APART void send(wire::MessageType type, size_t payloadSize, uint8_t stream = 0)
    {
        m_sender.send(type, payloadSize, m_port.micros(), stream);
    }
    EMBER_APART Outcome answer(wire::MessageType type, wire::NakReason reason, size_t textLength = 0);
    Outcome ack()
    {
        return answer(wire::MessageType::Ack, wire::NakReason::Unknown);
    }
#if EMBER_SMALL
    Outcome nak(wire::NakReason reason, const char*)
    {
        return answer(wire::MessageType::Nak, reason);
    }
#else
    Outcome nak(wire::NakReason reason, const char* text);
#endif
    Outcome noSuchStream();
    Outcome answerWithDescription();
    size_t packDescription();
    bool sendDescription();
    size_t outputBytes(uint8_t want) const;
    void sendOutput(const wire::VectorHeader& header, const InferenceResult& result);
    EMBER_APART bool pump();
    bool sendNext(uint32_t now);
    bool sendDueDescription(uint32_t now);
    Streamer* nextDue(uint32_t now);
    void sendSamples(Streamer& stream, uint32_t now);
    void sendLog();
    void sleep();

#if EMBER_SMALL
    bool logWaits() const
    {
        return m_log.text != nullptr;
    }
#else
    bool logWaits() const
    {
        return m_logLines > 0;
    }
    void enqueueLog(const LogLine& line);
#endif

    Port& m_port;
#if EMBER_WITH_MODEL
    const ModelDescriptor* m_model;
#endif

    // Small things first: on an AVR what lies beyond 64 bytes of an object takes longer code.
    bool m_requestHeld = false;   ///< a request is in the receiver and not answered yet
    bool m_injectionHeld = false; ///< it is an Inject whose rows are being taken
    bool m_describe = true;       ///< there is something new to describe
    bool m_resetDue = false;
    bool m_resetIntoBootloader = false;
    uint16_t m_loadPermille = 0;
    uint32_t m_rxFrames = 0;
    uint32_t m_rxErrors = 0;
    uint16_t m_describeAt = 0; ///< when the next description comes unasked, in 65.536 ms
    LoadTime m_loadSince = 0;  ///< the window began
    LoadTime m_idle = 0;       ///< slept since then

#if EMBER_SMALL
    LogLine m_log = {nullptr, LogLevel::Debug};
#else
    uint8_t m_logLines = 0;
#endif
    Streamer* m_turn; ///< the last one that sent samples

    FrameSender m_sender;
    wire::FrameReceiver m_receiver;
#if EMBER_WITH_MODEL
    StackMeter m_stack;
#endif
    Inference m_inference;
#if EMBER_LEARNING
    Learning m_learning;
#endif
    Streamer m_streamer; ///< the first of the list
    VectorInput m_vector;
#if !EMBER_SMALL
    LogLine m_log[kLogLines];
#endif
};

} // namespace agent
} // namespace ember
