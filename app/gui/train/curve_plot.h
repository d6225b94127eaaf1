// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/themed_plot.h"
#include "app/gui/train/run_scores.h"

#include <QHash>

namespace ember::gui {

enum class CurveKind
{
    Roc,             ///< found against false alarms
    PrecisionRecall, ///< right among what is said against found
    Det,             ///< missed against false alarms, both by magnitude
    Reliability      ///< how often the winner is right against its share
};

/// What every threshold on the scores of a run would lead to, a line for each class against the others; or whether its
/// shares are to be believed. GUI thread.
class CurvePlot : public ThemedPlot
{
    Q_OBJECT

public:
    explicit CurvePlot(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `colours`: colour index by class name.
    void setScores(const RunScores& scores, const QHash<QString, int>& colours);
    void setKind(CurveKind kind);
    CurveKind kind() const { return m_kind; }

    QString csv() const override;

protected:
    void applyTheme() override;

private:
    struct Line
    {
        QString name;
        QVector<double> x, y;
    };
    std::vector<Line> lines() const;
    QStringList axisNames() const;
    void draw();

    RunScores m_scores;
    QHash<QString, int> m_colours;
    CurveKind m_kind = CurveKind::Roc;
    QCPGraph* m_guide; ///< owned by the plot: chance, or shares that are right
};

} // namespace ember::gui
