// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/base/result.h"
#include "core/dataset/ids.h"
#include "core/dataset/recording_writer.h"
#include "core/device/capture.h"

#include <QElapsedTimer>
#include <QObject>

#include <memory>
#include <optional>

namespace ember::gui {

/// What the next take is to be.
struct TakeSettings
{
    QString labelSet;
    QString label;      ///< empty: not labelled
    QString group;      ///< the person, device or session that must not be split; may be empty
    double seconds = 0; ///< 0: until stopped
};

/// A take that is in the project.
struct SavedTake
{
    dataset::RecordingId recording;
    QString label;
    double seconds = 0;
    qint64 lostRows = 0;
    std::optional<Error> endedBy; ///< why it ended early
};

/// Records takes out of the running stream into the open project: starts the writer, ends it, labels the recording. The
/// samples go from the acquisition thread straight into the store. GUI thread.
class TakeRecorder : public QObject
{
    Q_OBJECT

public:
    explicit TakeRecorder(AppContext& context, QObject* parent = nullptr);

    /// Errors: Usage when no board streams, no project can be written, or a take is running.
    Status start(const TakeSettings& settings);
    void stop();

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
        std::shared_ptr<dataset::RecordingWriter> writer;
    };

    void finish(const device::TakeResult& result);

    AppContext& m_context;
    std::shared_ptr<Slot> m_current;
    TakeSettings m_settings;
    QString m_projectPath;
    QElapsedTimer m_clock;
};

} // namespace ember::gui
