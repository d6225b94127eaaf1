// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/base/result.h"
#include "core/dataset/ids.h"
#include "core/dataset/recording_writer.h"
#include "core/device/capture.h"

#include <QElapsedTimer>
#include <QMap>
#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace ember::gui {

/// What the next take is to be.
struct TakeSettings
{
    QString labelSet;
    QString label;                   ///< empty: not labelled
    QString group;                   ///< the person, device or session that must not be split; may be empty
    double seconds = 0;              ///< 0: until stopped
    double historySeconds = 0;       ///< how much of what came before belongs to it
    QMap<QString, QString> metadata; ///< session, placement, notes ...; empty values are left out
};

/// From this row of the stream on, the running take has this label.
struct TakeMark
{
    qint64 row = 0; ///< as the live buffer counts
    QString label;  ///< empty: none
};

/// A take that is in the project: a recording of each stream that was captured.
struct SavedTake
{
    dataset::RecordingId recording; ///< of the main stream
    int streams = 1;
    QString label;  ///< the first one; see `labels`
    int labels = 0; ///< different ones
    double seconds = 0;
    signal::Ledger ledger;        ///< of the main stream, with the rows that the others lost
    std::optional<Error> endedBy; ///< why it ended early, or what could not be done with it afterwards
};

/// Records takes out of the running streams into the open project: starts a writer for each, ends them, labels the
/// recordings. The samples go from the acquisition thread straight into the store. GUI thread.
class TakeRecorder : public QObject
{
    Q_OBJECT

public:
    explicit TakeRecorder(AppContext& context, QObject* parent = nullptr);

    /// Errors: Usage when no board streams, no project can be written, or a take is running.
    Status start(const TakeSettings& settings);
    /// Whether start() would begin a take; its errors.
    Status check() const;
    void stop();
    /// The label of the running take from the newest row on. Does nothing while none runs.
    void mark(const QString& label);
    /// The labels of the running take so far, the first from its beginning on. Empty while none runs.
    const std::vector<TakeMark>& marks() const { return m_marks; }

    bool isRecording() const { return m_current != nullptr; }
    double elapsedSeconds() const;
    const TakeSettings& settings() const { return m_settings; }

Q_SIGNALS:
    void changed();
    void saved(const ember::gui::SavedTake& take);
    void failed(const ember::Error& error);

private:
    /// Filled on the acquisition thread before the take's first row, read after its end was reported.
    struct Slot
    {
        std::vector<std::shared_ptr<dataset::RecordingWriter>> writers; ///< the main stream's first
    };

    device::SinkFactory makeSink() const;

    void finish(const device::TakeResult& result);

    AppContext& m_context;
    std::shared_ptr<Slot> m_current;
    TakeSettings m_settings;
    std::vector<TakeMark> m_marks;
    QString m_projectPath;
    QElapsedTimer m_clock;
};

} // namespace ember::gui
