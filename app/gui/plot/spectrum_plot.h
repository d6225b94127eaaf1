// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/themed_plot.h"
#include "app/gui/plot/trace_source.h"
#include "core/features/power_spectrum.h"

#include <memory>
#include <optional>
#include <vector>

namespace ember::gui {

class TimeView;

/// Level of a channel over frequency, averaged over the stretch of time that is in view (Welch 1967: segments that
/// overlap by half; those with missing rows are left out), with the frequency of the highest peak. GUI thread.
class SpectrumPlot : public ThemedPlot
{
    Q_OBJECT

public:
    struct Peak
    {
        double hertz = 0; ///< between bins, by a parabola through the levels
        double levelDb = 0;
    };

    /// `time` outlives the plot.
    SpectrumPlot(TimeView& time, const ThemeHub& theme, QWidget* parent = nullptr);

    /// Null shows nothing. Needs a stream with a rate.
    void setChannel(std::shared_ptr<TraceSource> source, int channel);

    /// Computes it anew and draws it.
    void refresh();

    /// Empty while too few rows are in view.
    const std::optional<Peak>& peak() const { return m_peak; }

    QString csv() const override;

protected:
    void applyTheme() override;

private:
    bool average();
    void findPeak();

    TimeView& m_time;
    std::shared_ptr<TraceSource> m_source;
    int m_channel = 0;
    std::optional<features::PowerSpectrum> m_spectrum;
    std::vector<double> m_power; ///< mean of the segments
    std::optional<Peak> m_peak;
    double m_top = 0;
    QCPItemText* m_legend;
};

} // namespace ember::gui
