// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/themed_plot.h"
#include "app/gui/plot/trace_source.h"
#include "core/features/power_spectrum.h"

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace ember::gui {

class TimeView;

/// Level of a channel over time and frequency, in step with the traces. A column is the spectrum of a short segment
/// around its time; columns are computed once and kept while they are in view, a bounded number at each refresh, the
/// newest first. Segments with missing rows have no column. GUI thread.
class SpectrogramPlot : public ThemedPlot
{
    Q_OBJECT

public:
    /// `time` outlives the plot.
    SpectrogramPlot(TimeView& time, const ThemeHub& theme, QWidget* parent = nullptr);

    /// Null shows nothing. Needs a stream with a rate.
    void setChannel(std::shared_ptr<TraceSource> source, int channel);

    /// Computes what has come into view and draws it.
    void refresh();
    /// Goes on by itself until all of what is in view is drawn: for a signal that stands still. A live view refreshes
    /// anyway.
    void setFillsByItself(bool fills) { m_fills = fills; }

    /// Level in decibels over 1 (of the channel's unit squared) in the column at that time and frequency; empty where
    /// nothing is drawn.
    std::optional<float> levelAt(double seconds, double hertz) const;

    QString csv() const override;

Q_SIGNALS:
    /// The user zoomed or moved by hand; a live view stops following.
    void touched();

protected:
    void applyTheme() override;
    void wheelEvent(QWheelEvent* event) override;

private:
    using Column = std::vector<float>; ///< level of each band; empty: rows are missing

    qint64 firstRowOf(qint64 column) const;
    qint64 columnAt(double seconds) const;
    void chooseStep(qint64 visibleRows);
    bool computeColumns(qint64 first, qint64 last);
    Column compute(qint64 column);
    void drawColumns(qint64 first, qint64 last);
    void forgetOutside(qint64 first, qint64 last);

    TimeView& m_time;
    std::shared_ptr<TraceSource> m_source;
    int m_channel = 0;
    std::optional<features::PowerSpectrum> m_spectrum;
    int m_pool = 1;    ///< bins that a band is the highest of
    int m_bands = 0;   ///< drawn over each other
    qint64 m_step = 1; ///< rows from one column to the next
    double m_top = 0;  ///< level of the last colour
    bool m_hasTop = false;
    bool m_fills = false;
    std::unordered_map<qint64, Column> m_columns; ///< by number, at the present step
    QCPColorMap* m_map;
    QCPItemText* m_legend;
};

} // namespace ember::gui
