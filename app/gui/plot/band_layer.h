// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/qcustomplot.h"

#include <QColor>

#include <vector>

namespace ember::gui {

class ThemeHub;

/// A coloured stretch behind the traces, in rows: a labelled segment, a gap.
struct TraceBand
{
    qint64 begin = 0;
    qint64 end = 0;
    QColor colour;
    bool isGap = false;
};

/// All bands of a plot as one thing to draw: a recording may have ten thousand, of which a few dozen are in view.
/// Belongs to the plot, as everything on it does.
class BandLayer : public QCPLayerable
{
    Q_OBJECT

public:
    BandLayer(QCustomPlot& plot, const ThemeHub& theme);

    /// `rate`: rows per second; `beginSeconds`: where row 0 lies.
    void setBands(std::vector<TraceBand> bands, double rate, double beginSeconds = 0);
    /// The axis rectangles that they lie behind; give others before these go.
    void setLanes(std::vector<QCPAxisRect*> lanes) { m_lanes = std::move(lanes); }
    /// How many rectangles the last drawing took; for tests.
    int drawn() const { return m_drawn; }

protected:
    void draw(QCPPainter* painter) override;
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override;

private:
    void drawLane(QCPPainter* painter, const QCPAxisRect& lane);

    const ThemeHub& m_theme;
    std::vector<QCPAxisRect*> m_lanes;
    std::vector<TraceBand> m_bands;
    double m_rate = 1.0;
    double m_beginSeconds = 0;
    int m_drawn = 0;
};

} // namespace ember::gui
