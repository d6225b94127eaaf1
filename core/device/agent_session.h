// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/device/agent_messages.h"
#include "core/device/description.h"
#include "core/device/frame_decoder.h"
#include "core/device/steady_clock.h"
#include "core/device/transport.h"

#include <QByteArray>

#include <functional>
#include <memory>

namespace ember::device {

/// How long a request waits for its answer and how often it is sent.
struct RequestOptions
{
    int timeoutMs = 3000; ///< for each attempt
    int attempts = 1;
};

/// Input of runVector.
enum class VectorKind
{
    Features,
    Window
};

/// Requests and answers over a Transport, which it owns. One thread at a time, no event loop: every call reads the link
/// until its answer is there, and hands everything else that arrives to the frame handler. Errors of all requests:
/// Board when the link is gone or no answer came in time, the reason of a Nak otherwise.
class AgentSession
{
public:
    /// Gets frames that answer no waiting request, with the steady host clock at their arrival.
    using FrameHandler = std::function<void(const Frame& frame, qint64 hostNanos)>;
    /// Gets every byte as it came from the link.
    using ByteSink = std::function<void(QByteArrayView bytes, qint64 hostNanos)>;

    explicit AgentSession(std::unique_ptr<Transport> transport);
    ~AgentSession();

    /// Opens the address and asks the board to describe itself, again and again until it answers or `timeoutMs` is
    /// over: a board may still be starting. Error Board, Cancelled.
    static Result<std::unique_ptr<AgentSession>> open(const QString& address, int timeoutMs = 10'000,
                                                      const TransportOptions& options = {},
                                                      const CancelToken& cancel = {});

    void setFrameHandler(FrameHandler handler) { m_handler = std::move(handler); }
    void setByteSink(ByteSink sink) { m_byteSink = std::move(sink); }

    /// Reads what arrives within `timeoutMs` (returns after the first chunk) and hands the frames on.
    Status poll(int timeoutMs);

    Result<BoardDescription> describe(const RequestOptions& options = {1000, 3});
    /// As described last; empty streams before the first describe().
    const BoardDescription& description() const { return m_description; }

    Status start(int stream, quint8 outputs, const RequestOptions& options = {});
    /// Stream -1 stops all.
    Status stop(int stream = -1, const RequestOptions& options = {1000, 3});
    Status configure(int stream, double rateHz, const RequestOptions& options = {});

    /// Gives rows to the board in the place of its sensor, in as many frames as its largest payload needs, each after
    /// the board has acknowledged the one before.
    Status inject(int stream, quint32 firstRow, const QByteArray& rows, const RequestOptions& options = {});

    /// Runs the deployed model on one input. Never sent twice: a lost answer is an error, so that counts stay true.
    Result<VectorOutput> runVector(quint32 row, VectorKind kind, const QByteArray& input,
                                   quint8 want = wire::kWantFeatures | wire::kWantOutputs,
                                   const RequestOptions& options = {20'000, 1});

    /// Does what `lesson` says and tells what was learned. A lesson about the last input is never sent twice. Writing
    /// to flash or EEPROM takes seconds.
    Result<LearnedReport> learn(const wire::LearnRequest& lesson, const RequestOptions& options = {20'000, 1});

    /// Runs the inputs that the firmware carries, on the board alone.
    Result<wire::SelfTestReport> selfTest(const RequestOptions& options = {120'000, 1});

    Result<ProfileReport> profile(bool clear, const RequestOptions& options = {});
    Result<wire::StatsReport> stats(const RequestOptions& options = {1000, 3}, int stream = 0);
    /// Asks for statistics without waiting: the report comes to the frame handler.
    Status postStatsRequest(int stream = 0);
    Status reset(bool bootloader, const RequestOptions& options = {});

    const DecoderCounts& counts() const { return m_decoder.counts(); }
    Transport& transport() { return *m_transport; }

private:
    struct Pending;

    Result<quint32> send(wire::MessageType type, int stream, const QByteArray& payload);
    Result<Frame> request(wire::MessageType type, int stream, const QByteArray& payload, wire::MessageType answer,
                          const RequestOptions& options, const std::function<bool(const Frame&)>& matches = {});
    Status await(int timeoutMs);
    void dispatch(const Frame& frame, qint64 hostNanos);
    qsizetype chunkSize(qsizetype fixedPart) const;

    std::unique_ptr<Transport> m_transport;
    FrameDecoder m_decoder;
    FrameHandler m_handler;
    ByteSink m_byteSink;
    BoardDescription m_description;
    Pending* m_pending = nullptr;
    quint32 m_seq = 0;
};

} // namespace ember::device
