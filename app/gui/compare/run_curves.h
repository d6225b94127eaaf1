// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/train/curve_plot.h"

#include <QWidget>

class QComboBox;
class QLabel;

namespace ember::gui {

class CurveKindChoice;

/// The curves of several runs over each other, for one class against all others. GUI thread.
class RunCurves : public QWidget
{
    Q_OBJECT

public:
    struct Entry
    {
        QString name;
        RunScores scores;
    };

    explicit RunCurves(const ThemeHub& theme, QWidget* parent = nullptr);

    /// Draws the first eight, for more lines cannot be told apart, and says which are left out and why.
    void setRuns(std::vector<Entry> runs);
    CurvePlot* plot() const { return m_plot; }

private:
    void offerClasses();
    void draw();
    QString legendText(const Entry& run, const RunScores::Curve& curve) const;
    QString remark(const QStringList& withoutCurve) const;

    CurveKindChoice* m_kinds;
    QLabel* m_classTitle;
    QComboBox* m_class;
    CurvePlot* m_plot;
    QLabel* m_remark;
    std::vector<Entry> m_runs;
};

} // namespace ember::gui
