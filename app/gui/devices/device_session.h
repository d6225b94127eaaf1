// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/board.h"
#include "core/device/capture.h"
#include "core/device/description.h"
#include "core/workflow/board_source.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace ember::gui {

class JobQueue;

/// The one connected board of the window, emulated or on a port: starts and stops it, runs its acquisition thread, and
/// says in values what becomes of it. Samples never pass through here: views read the live buffer. GUI thread.
class DeviceSession : public QObject
{
    Q_OBJECT

public:
    enum class State
    {
        Disconnected,
        Starting,   ///< the emulator boots
        Connecting, ///< the link is opened, the board is asked what it is
        Streaming,
        LinkLost, ///< unplugged; being reconnected
        Lent,     ///< a job has the link, see lendLink()
        Failed,
    };

    /// How much of the stream can be scrolled back to, and how far back a take may reach.
    static constexpr double kLiveSeconds = 600;
    static constexpr double kHistorySeconds = 10;

    explicit DeviceSession(JobQueue& jobs, QObject* parent = nullptr);
    ~DeviceSession() override;

    /// Starts the emulated board and connects to it. The file (any format that import takes) is played to its sensor,
    /// over and over; empty: a board without a sensor. The same for a second sensor.
    void startEmulated(const device::Board& board, const QString& feedFile, const QString& secondFeedFile = {});
    /// Opens a link to a board that runs already ("/dev/ttyACM0", "tcp://..."). Format: as CaptureOptions::format.
    void connectTo(const QString& address, const QString& boardName,
                   const QString& format = QString::fromLatin1(device::kAutoFormat));
    /// Ends the stream, closes the link and stops an emulated board. What was recorded stays.
    void disconnectBoard();
    /// From the next connection on, every byte of a port goes into a file of its own as well (device/raw_log.h).
    void keepBytes(bool keep) { m_keepsBytes = keep; }
    /// That file; empty when there is none.
    QString rawLog() const { return m_rawLog; }
    /// Which streams of the board are captured, by name; empty: its first. Begins them anew, which ends a running take.
    /// Kept for as long as it is the same board.
    void chooseStreams(const QStringList& names);

    /// Ends the stream and leaves the board running; `ready` is called once nobody has the link open. Until takeBack()
    /// it is the caller's. `ready` gets an error when nothing is lent: at once when there is no stream, later when the
    /// board was given up meanwhile.
    void lendLink(std::function<void(const Status& lent)> ready);
    /// Connects again. Nothing when the link is no longer lent.
    void takeBack();

    State state() const { return m_state; }
    bool isStreaming() const { return m_state == State::Streaming; }
    /// In words: "Streaming", "Link lost, reconnecting".
    QString stateText() const;
    QString boardId() const { return m_boardId; }
    QString boardName() const { return m_boardName; }
    QString address() const { return m_address; }
    bool isEmulated() const { return m_emulated; }
    const Error& error() const { return m_status.error; }
    const signal::Ledger& ledger() const { return m_status.ledger; }
    const std::optional<device::BoardDescription>& description() const { return m_description; }
    /// What the port sent while it was being found out what it speaks; kept until the next connection.
    const std::optional<device::FormatReport>& formatReport() const { return m_formatReport; }
    /// The main stream's; null before the first row; views may keep it.
    std::shared_ptr<const device::LiveBuffer> live() const { return m_streams.empty() ? nullptr : m_streams.front(); }
    /// One for each stream that is captured, the main one's first.
    const std::vector<std::shared_ptr<const device::LiveBuffer>>& streams() const { return m_streams; }
    /// Names of the streams of the board that have a sensor, in its own order.
    QStringList streamNames() const;

    /// A recording out of the running stream. `takeEnded` tells how it went.
    void beginTake(device::SinkFactory sink, const device::TakeOptions& options);
    void endTake();
    bool isRecording() const { return m_recording; }

Q_SIGNALS:
    void changed();       ///< state, ledger, description or recording
    void streamStarted(); ///< live() is another buffer
    void inference(const ember::device::InferenceResult& result);
    void eventTold(const ember::device::EventNotice& notice);
    void takeEnded(const ember::device::TakeResult& result);
    void boardSaid(const QString& text);

private:
    void setState(State state);
    void startCapture();
    /// Closes the link; `closed` is told whether the board is still ours then, or was given up before.
    void endCapture(State state, std::function<void(bool ours)> closed);
    device::CaptureHandlers makeHandlers();
    void onStatus(const device::CaptureStatus& status);
    /// The error in the words that fit the kind of board, once it was streaming.
    Error explained(const Error& error) const;
    void reset();
    void retire(std::shared_ptr<device::Capture> capture, std::shared_ptr<workflow::BoardLink> link);

    JobQueue& m_jobs;
    State m_state = State::Disconnected;
    QString m_boardId;
    QString m_boardName;
    QString m_address;
    bool m_emulated = false;
    bool m_recording = false;
    bool m_keepsBytes = false;
    QString m_rawLog;
    quint64 m_starting = 0;   ///< job that boots the emulator; 0: none
    quint64 m_generation = 0; ///< news from a capture that was given up is not for us any more
    device::CaptureStatus m_status;
    std::optional<device::BoardDescription> m_description;
    std::optional<device::FormatReport> m_formatReport;
    std::vector<std::shared_ptr<const device::LiveBuffer>> m_streams;
    QStringList m_chosenStreams; ///< empty: the first alone
    std::shared_ptr<workflow::BoardLink> m_link;
    std::shared_ptr<device::Capture> m_capture;
    QThreadPool m_retiring; ///< where links and boards end, because that takes a moment
};

} // namespace ember::gui

Q_DECLARE_METATYPE(ember::device::InferenceResult)
Q_DECLARE_METATYPE(ember::device::TakeResult)
