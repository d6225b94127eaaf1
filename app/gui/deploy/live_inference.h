// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/host_program.h"
#include "core/device/capture.h"
#include "core/device/live_buffer.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <deque>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace ember::gui {

class DeviceSession;

/// The raw rows behind a stretch of a live buffer, which keeps physical values. Exact or an error: what is taken back
/// to raw and forth again must be the very same numbers. Errors: BadData (rows are missing, gone, or do not go back).
Result<QByteArray> rawRows(const device::LiveBuffer& buffer, qint64 begin, qint64 count);

/// One window as the board and the desktop see it.
struct LiveResult
{
    device::InferenceResult board;
    std::optional<codegen::HostOutput> host;
    Error whyNoHost; ///< when there is none

    bool agrees() const { return host && host->winner == board.winner && host->outputs == board.outputs; }
};

/// Follows the inferences of the connected board and runs the same windows on the desktop. GUI thread: a window takes
/// well under a millisecond.
class LiveInference : public QObject
{
    Q_OBJECT

public:
    explicit LiveInference(DeviceSession& devices, QObject* parent = nullptr);

    /// The model that the board should be running; empty: none.
    void setProgram(const std::optional<codegen::HostProgram>& program);
    /// Whether the connected board runs this model.
    bool isOurModel() const;

    const std::optional<LiveResult>& latest() const { return m_latest; }
    qint64 windows() const { return m_windows; }   ///< seen from the board
    qint64 compared() const { return m_compared; } ///< of them, computed on the desktop too
    qint64 agreed() const { return m_agreed; }     ///< of those, winner and all outputs equal
    /// Name of a class of the running model.
    QString className(int index) const;
    int classCount() const;
    void reset();

Q_SIGNALS:
    void changed();
    void arrived(const ember::gui::LiveResult& result);
    /// The board tells that an event of a class begins, or has ended.
    void eventTold(const QString& className, bool begins);
    /// So many further events were not told: the link had no time for them.
    void eventsLost(int count);

private:
    struct Waiting
    {
        std::variant<device::InferenceResult, device::EventNotice> news;
        QElapsedTimer since;
    };

    void take(const std::variant<device::InferenceResult, device::EventNotice>& news);
    void tell(const device::EventNotice& notice);
    void drain();
    void judge(const device::InferenceResult& result);
    bool rowsAreHere(const device::InferenceResult& result) const;

    DeviceSession& m_devices;
    std::optional<codegen::HostProgram> m_program;
    std::deque<Waiting> m_waiting; ///< a result may overtake the last rows of its window; events keep their place
    QTimer m_drain;
    std::optional<LiveResult> m_latest;
    int m_lostEvents = 0; ///< of this stream, as far as was told
    qint64 m_windows = 0;
    qint64 m_compared = 0;
    qint64 m_agreed = 0;
};

} // namespace ember::gui
