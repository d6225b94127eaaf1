// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/agent_session.h"
#include "core/device/live_buffer.h"
#include "core/formats/format.h"
#include "core/signal/block_sink.h"

#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace ember::device {

constexpr char kAgentFormat[] = "agent";
constexpr char kAutoFormat[] = "auto";
constexpr char kAllStreams[] = "all";

enum class CaptureState
{
    Connecting, ///< opening the link, asking the board what it is
    Streaming,
    LinkLost, ///< was streaming; trying to get the link back
    Finished, ///< stopped, by request or because the source ended
    Failed,   ///< gave up, see the error
};

/// "connecting", "streaming", ...
QString captureStateName(CaptureState state);

/// Where a capture stands. A value; made on the acquisition thread.
struct CaptureStatus
{
    CaptureState state = CaptureState::Connecting;
    Error error; ///< of LinkLost and Failed
    signal::Ledger ledger;
    qint64 rows = 0; ///< received since streaming began
};

/// One recording out of a running capture: begins at the next row that arrives, or so much earlier as historySeconds
/// says; that row becomes its row 0.
struct TakeOptions
{
    qint64 maxRows = 0;    ///< length, lost rows included; 0: no limit
    double maxSeconds = 0; ///< of the stream's nominal rate, or of the device's clock where it has none; 0: no limit
    double historySeconds = 0; ///< begins so long before it is asked for, as far as CaptureOptions::historySeconds and
                               ///< the stream reach; comes on top of the length
};

struct TakeResult
{
    QString stream;        ///< its name
    qint64 rows = 0;       ///< received; with ledger.lostRows() its length
    qint64 firstRow = 0;   ///< row of the stream, as the live buffer counts, that is the take's row 0
    qint64 beginNanos = 0; ///< when that row was there, by the fit of the clocks: steady host clock; 0 without rows
    signal::Ledger ledger;
    std::optional<Error> error;     ///< why it ended early: the sink refused, the capture failed
    std::vector<TakeResult> others; ///< of the streams that were recorded beside the first; in the first's result only
};

/// Makes the sink of a take once the stream is known, one for each stream that is captured, the first one's first; runs
/// on the acquisition thread, as all calls of that sink do.
using SinkFactory = std::function<Result<std::shared_ptr<signal::BlockSink>>(const BoardDescription& board,
                                                                             const StreamDescription& stream)>;

/// What a link with unknown firmware sends, and what it is taken for so far. A value; made on the acquisition thread.
struct FormatReport
{
    qint64 bytes = 0;
    QStringList lines; ///< the newest ones, as text for a person; bytes that are no text in hexadecimal
    std::vector<formats::Guess> guesses; ///< of all formats, best first
};

/// Called on the acquisition thread; must be quick and must not throw. Any may be empty.
struct CaptureHandlers
{
    std::function<void(const CaptureStatus&)> onStatus; ///< at every change of state, and about four times a second
    std::function<void(const BoardDescription&)> onDescription; ///< at the beginning, and when it has other streams
    /// Streaming begins, as onStatus tells next: a buffer for each stream that is captured, the main one's first; views
    /// may keep them.
    std::function<void(const std::vector<std::shared_ptr<const LiveBuffer>>&)> onStreams;
    std::function<void(const InferenceResult&)> onInference;
    std::function<void(const EventNotice&)> onEvent; ///< what began or ended, of a model that tells events
    std::function<void(const QString&)> onLog;       ///< what the board said
    std::function<void(const formats::TextLine&)>
        onText; ///< lines of other firmware that are no rows, up to 50 a second
    std::function<void(const FormatReport&)> onFormatReport; ///< while it is being found out what the board speaks
    std::function<void(const TakeResult&)> onTakeEnded;
};

struct CaptureOptions
{
    QString address;
    TransportOptions transport;
    /// What the board speaks: kAgentFormat, the name of one of formats::allFormats(), or kAutoFormat to find it out.
    QString format = QString::fromLatin1(kAgentFormat);
    formats::ChannelSettings channels; ///< for formats other than the agent's
    double rateHz = 0;                 ///< nominal rate for formats that do not say theirs; 0: as it is measured
    /// Names of the streams to capture, the main one first: what is shown live, and what lengths and ends are counted
    /// by. Empty: the board's first alone. kAllStreams alone: all that have a sensor.
    QStringList streams;
    int leastStreams = 1; ///< with kAllStreams: how many the board will have once all its sensors are found
    quint8 outputs = wire::kStartSamples; ///< inference is asked of boards that carry a model only
    int connectTimeoutMs = 15'000;
    bool reconnect = true;
    int reconnectTimeoutMs = 0; ///< 0: until stop()
    int silenceMs = 10'000;     ///< a streaming link without a byte for so long is taken for lost
    double timeScale = 1.0;     ///< device seconds per host second (an emulated sensor's speed); 0: unknown, no drift
    double liveSeconds = 120;   ///< length of the live buffer
    double historySeconds = 0;  ///< how far back a take may reach
    QString rawLog;             ///< new file that gets every byte as it came with its time (raw_log.h); empty: none
    /// Asked now and then: how many rows the source gives in all, once that is known (SensorFeed::finalRows). The
    /// capture finishes when the board has taken and sent them.
    std::function<std::optional<qint64>()> sourceRows;

    /// A take that begins with the first row; the capture finishes when it ends.
    SinkFactory sink;
    TakeOptions take;
};

class CaptureWorker;

/// The acquisition thread of one board: link to frames to blocks to the take's sink and the live buffer. A lost link is
/// opened again without losing the take. Destroying it stops it.
class Capture
{
public:
    Capture(CaptureOptions options, CaptureHandlers handlers);
    ~Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    void start();
    /// Asks for the end; the take is finished with what was received. Any thread, returns at once.
    void stop();
    /// Until Finished or Failed; false when `timeoutMs` is over first.
    bool wait(int timeoutMs);

    // Any thread:
    CaptureStatus status() const;
    /// Of the main stream; null until streaming begins.
    std::shared_ptr<const LiveBuffer> live() const;
    /// Begins a take in the running capture (ends the one before); the sink is made on the acquisition thread.
    void beginTake(SinkFactory sink, const TakeOptions& options = {});
    void endTake();
    /// How the last take ended; empty while it runs or before the first.
    std::optional<TakeResult> lastTake() const;

private:
    std::unique_ptr<CaptureWorker> m_worker;
};

} // namespace ember::device
