// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/recording_trace_source.h"
#include "app/gui/shell/app_context.h"
#include "core/dataset/edits.h"
#include "core/dataset/recorded_together.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QLabel;
class QMenu;
class QVBoxLayout;

namespace ember::gui {

class SpectrogramPlot;
class TimeView;
class TracePlot;
class TrackStrip;

/// What can be seen of a recording under its traces, all on one time axis: the spectrogram of a channel, features of
/// its windows, and what was recorded at the same time, each moved by when it began. Which ones is remembered. GUI
/// thread.
class FurtherLanes : public QWidget
{
    Q_OBJECT

public:
    FurtherLanes(AppContext& context, TimeView& time, QWidget* parent = nullptr);
    ~FurtherLanes() override;

    /// Null: none. The source is of the open project.
    void show(std::shared_ptr<RecordingTraceSource> source);
    /// What was recorded at the same time may have been discarded, moved or added. Looks through all recordings.
    void refresh();
    void fillMenu(QMenu& menu);
    /// A line over what was recorded at the same time.
    void setCursor(std::optional<double> seconds);

    /// Empty: no spectrogram. Names of channels and features that the recording has not are kept for the next.
    void setSpectrogramOf(const QString& channel);
    void setFeatureShown(const QString& feature, bool shown);
    void setCompanionShown(dataset::RecordingId id, bool shown);

Q_SIGNALS:
    /// On what was recorded at the same time, in seconds of the recording.
    void clicked(double seconds);
    void editWanted(const ember::dataset::Edit& edit);
    /// Files, and how many seconds after the recording's row 0 each begins.
    void filesBesideWanted(const QStringList& files, double beginsAfter);
    void problem(const ember::Error& error);

private:
    struct Companion;
    struct Track;

    void showSpectrogram();
    void showTracks();
    void dropTracks();
    void computeTrack(Track& track);
    void showCompanions();
    void fillFeatureMenu(QMenu& menu);
    void fillCompanionMenu(QMenu& menu);
    void askForOffset(const dataset::Companion& companion);
    void askForFiles();
    void adaptSize();

    AppContext& m_context;
    TimeView& m_time;
    QVBoxLayout* m_column;
    SpectrogramPlot* m_spectrogram;
    std::shared_ptr<RecordingTraceSource> m_source;
    std::vector<std::unique_ptr<Track>> m_tracks;
    std::vector<std::unique_ptr<Companion>> m_companions;
    std::vector<dataset::RecordingId> m_hidden; ///< companions that the user does not want to see
    std::optional<double> m_cursor;
    quint64 m_request = 0;
};

} // namespace ember::gui
