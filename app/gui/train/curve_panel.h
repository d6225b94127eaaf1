// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/train/curve_plot.h"

#include <QHash>
#include <QWidget>

class QLabel;

namespace ember::gui {

class CurveKindChoice;

/// The curves of a run with a choice of which, and their figures in words.
class CurvePanel : public QWidget
{
    Q_OBJECT

public:
    explicit CurvePanel(const ThemeHub& theme, QWidget* parent = nullptr);

    /// Hides itself for a run without curves.
    void setScores(const RunScores& scores, const QHash<QString, int>& colours);
    CurvePlot* plot() const { return m_plot; }

private:
    void choose(CurveKind kind);
    void describe();

    CurvePlot* m_plot;
    CurveKindChoice* m_kinds;
    QLabel* m_figures;
    RunScores m_scores;
};

} // namespace ember::gui
