// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/band_layer.h"
#include "app/gui/plot/time_view.h"
#include "core/device/live_buffer.h"

#include <QWidget>

#include <memory>
#include <utility>
#include <vector>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QSplitter;
class QToolButton;

namespace ember::gui {

class MeasureLine;
class SpectrogramPlot;
class SpectrumPlot;
class ThemeHub;
class TracePlot;
class TraceSource;
class UiSettings;
class ViewTrigger;

/// The streams of the connected board as they come: traces of each, one under the other, over one time axis, which is
/// the main stream's; and of one chosen channel a spectrogram, a spectrum, what lies between two cursors, and a level
/// that holds the picture. Follows the newest samples, or stands still. GUI thread.
class LiveView : public QWidget
{
    Q_OBJECT

public:
    using Buffers = std::vector<std::shared_ptr<const device::LiveBuffer>>;

    /// Both references outlive the view.
    LiveView(const ThemeHub& theme, UiSettings& settings, QWidget* parent = nullptr);

    /// What is shown and how, for the row over the view.
    void addControls(QHBoxLayout* row);

    /// The main stream's first; empty: nothing is shown.
    void setStreams(const Buffers& streams);
    /// Coloured stretches behind all traces, in rows of the main stream.
    void setBands(const std::vector<TraceBand>& bands);

    /// Reads what has come and draws it. Call at each tick.
    void tick();

    void setFollowing(bool following);
    bool isFollowing() const;
    void toggleMeasuring();

    // For tests:
    const std::vector<TracePlot*>& plots() const { return m_plots; } ///< one for each stream
    const TimeView& time() const { return m_time; }
    const SpectrogramPlot& spectrogram() const { return *m_spectrogram; }
    const SpectrumPlot& spectrum() const { return *m_spectrum; }

private:
    TracePlot* addPlot();
    void describeStreams();
    void offerChannels();
    void followChannel();
    void followTools();
    void clicked(double seconds);
    void showMeasured();
    double windowSeconds() const;
    void followEnd();
    TraceSource* source() const; ///< of the chosen channel; null: none
    int channel() const;

    const ThemeHub& m_theme;
    UiSettings& m_settings;
    TimeView m_time;
    Buffers m_streams;
    QSplitter* m_lanes;
    std::vector<QWidget*> m_boxes; ///< name and plot of each stream
    std::vector<QLabel*> m_names;
    std::vector<TracePlot*> m_plots;
    SpectrogramPlot* m_spectrogram;
    SpectrumPlot* m_spectrum;
    ViewTrigger* m_trigger;
    MeasureLine* m_measured;
    std::vector<std::pair<std::size_t, int>> m_offered; ///< stream and channel of each entry of the choice
    QComboBox* m_channel;
    QToolButton* m_showSpectrogram;
    QToolButton* m_showSpectrum;
    QToolButton* m_measure;
    QToolButton* m_holdAtLevel;
    QComboBox* m_window;
    QToolButton* m_follow;
    int m_ticks = 0;
};

} // namespace ember::gui
