// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/themed_plot.h"
#include "app/gui/train/run_scores.h"

#include <vector>

namespace ember::gui {

enum class CurveKind
{
    Roc,             ///< found against false alarms
    PrecisionRecall, ///< right among what is said against found
    Det,             ///< missed against false alarms, both by magnitude
    Reliability      ///< how often the winner is right against its share
};

/// The lines of a plot, by what is shown.
struct CurveSet
{
    struct OfThresholds
    {
        QString name;
        int colour; ///< of the theme's classes
        RunScores::Curve curve;
    };
    struct OfShares
    {
        QString name; ///< empty: there is only this one
        int colour;   ///< of the theme's classes; -1: the colour that shares have
        std::vector<RunScores::ShareBin> bins;
    };
    QString what; ///< that a line stands for; a column of the CSV
    std::vector<OfThresholds> thresholds;
    std::vector<OfShares> shares;
    bool hasLegend = false;
};

/// What every threshold on the scores of a run would lead to, or whether its shares are to be believed: a line for each
/// class against the others, or for each of several runs. GUI thread.
class CurvePlot : public ThemedPlot
{
    Q_OBJECT

public:
    explicit CurvePlot(const ThemeHub& theme, QWidget* parent = nullptr);

    void setCurves(CurveSet curves);
    void setKind(CurveKind kind);
    CurveKind kind() const { return m_kind; }

    QString csv() const override;

protected:
    void applyTheme() override;

private:
    struct Line
    {
        QString name;
        int colour = -1;
        QVector<double> x, y;
    };
    std::vector<Line> lines() const;
    QStringList axisNames() const;
    void draw();
    void drawLegend();

    CurveSet m_curves;
    std::vector<Line> m_lines; ///< of graphs, from the second on
    CurveKind m_kind = CurveKind::Roc;
    QCPGraph* m_guide; ///< owned by the plot: chance, or shares that are right
};

} // namespace ember::gui
