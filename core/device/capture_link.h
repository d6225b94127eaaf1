// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/capture.h"
#include "core/device/transport.h"

#include <functional>
#include <memory>

namespace ember::device {

/// What a link hands on while it reads. All are set.
struct LinkHandlers
{
    std::function<void(size_t stream, const signal::SampleBlock&)> onBlock; ///< index into CaptureLink::streams()
    /// The board has more streams than it had, or fewer; those that are captured are as they were.
    std::function<void(const BoardDescription&)> onDescription;
    std::function<void(const InferenceResult&)> onInference;
    std::function<void(const EventNotice&)> onEvent;
    std::function<void(const QString&)> onLog;
    std::function<void(const formats::TextLine&)> onText;
    std::function<void(QByteArrayView bytes, qint64 hostNanos)> onBytes;
    /// The stream cannot go on, and connecting again would not help.
    std::function<void(const Error&)> onFailure;
};

/// The link of a capture over its whole life, whatever the board speaks: opens it, opens it again, turns bytes into
/// blocks, and adds up what was counted. Lives on the acquisition thread.
class CaptureLink
{
public:
    /// Called between two waits, some ten times a second; false gives up.
    using Tick = std::function<bool()>;

    explicit CaptureLink(const CaptureOptions& options)
        : m_options(options)
    {}
    virtual ~CaptureLink() = default;
    CaptureLink(const CaptureLink&) = delete;
    CaptureLink& operator=(const CaptureLink&) = delete;

    /// Opens the link and waits until the board is known and its stream. With `patient` a port that is not there is
    /// waited for. A time-out of 0 waits for ever; a board that is at work then has kMostWorkMs more. Errors: Board,
    /// Cancelled when a tick said so, and what waiting does not cure.
    Status connect(int timeoutMs, bool patient, const Tick& tick);
    virtual void drop() = 0;
    /// Null while the link is down.
    virtual Transport* transport() = 0;

    virtual const BoardDescription& board() const = 0;
    /// The wanted streams of the board, the main one first; the same ones as long as the capture lasts.
    virtual const std::vector<StreamDescription>& streams() const = 0;
    /// Whether blocks carry the board's own time; else it is counted by rows and says nothing about a clock.
    virtual bool hasDeviceClock() const = 0;

    /// The board has answered and is at work on what it was told to do: its silence is no sign of a dead link, and
    /// connecting waits for it a while longer. The link itself knows how long that may take.
    virtual bool isAtWork() const { return false; }

    /// Begins the streams; rows count from zero.
    virtual Status start() = 0;
    /// Reads what comes within the time (returns after the first chunk) and hands it on.
    virtual Status poll(int timeoutMs) = 0;
    /// To be called often: asks for what tells a quiet board from a dead link. `nearTheEnd`: more often.
    virtual Status keepAlive(bool nearTheEnd) = 0;
    /// After connect() brought a lost link back: goes on with the streams. Error BadData: it is another board.
    virtual Status resume(const Tick& tick) = 0;
    /// Stops the streams. With `settle` the board is asked how many rows there were in all.
    virtual void finish(bool settle) = 0;

    /// Whether the board says that its main stream has had so many rows from its source.
    virtual bool hasProduced(qint64 rows) const = 0;
    /// Of the main stream.
    virtual qint64 rowsReceived() const = 0;
    /// Everything that the link counts of a stream; the rest of the ledger stays as it is. Bytes, frames and damage are
    /// the whole link's.
    virtual void addTo(signal::Ledger& ledger, size_t stream) const = 0;

protected:
    /// One attempt, which ends soon. Error Board: may be tried again.
    virtual Status tryOnce(bool patient) = 0;
    Result<std::unique_ptr<Transport>> open(bool patient) const;

    const CaptureOptions& m_options;
};

/// So long after its time-out connecting waits for a board that is at work at most.
constexpr int kMostWorkMs = 60'000;

/// How long one wait may last: short, because the ledger has to be written several times a second even while nobody
/// answers.
constexpr int kLinkSliceMs = 150;

/// Opens the link and finds out what the board speaks, unless the options say so. The link is not connected yet; a
/// transport that was opened to listen is in it. Errors: as CaptureLink::connect, Usage for a format that does not
/// exist.
Result<std::unique_ptr<CaptureLink>> chooseLink(const CaptureOptions& options, LinkHandlers handlers,
                                                const CaptureLink::Tick& tick,
                                                const std::function<void(const FormatReport&)>& onReport);

} // namespace ember::device
