// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/run_table.h"

#include <QHash>
#include <QWidget>

#include <optional>
#include <vector>

class QLabel;
class QPushButton;

namespace ember::gui {

class ClassScores;
class ConfusionPlot;
class CurvePanel;
class Facts;
class Inspector;
class ThemeHub;
struct RunScores;

/// How good a run is, large: headline scores, confusion matrix, scores by class; or why it failed.
class RunResult : public QWidget
{
    Q_OBJECT

public:
    explicit RunResult(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `colours`: colour index by class name.
    void show(const dataset::Run* run, const RunScores* scores, const QHash<QString, int>& colours,
              const QString& commandLine);
    ConfusionPlot& confusion() const { return *m_confusion; }

private:
    struct Headline
    {
        QLabel* title;
        QLabel* value;
        QLabel* detail;
    };

    QWidget* addHeadline();

    const ThemeHub& m_theme;
    QWidget* m_scores;
    QLabel* m_message;
    QLabel* m_notes;
    std::vector<Headline> m_headlines;
    ConfusionPlot* m_confusion;
    ClassScores* m_classes;
    CurvePanel* m_curves;
};

/// The particulars of a run: data, windows, parameters, groups.
class RunInspector : public QWidget
{
    Q_OBJECT

public:
    explicit RunInspector(QWidget* parent = nullptr);

    void show(const dataset::Run* run, const RunScores* scores);

Q_SIGNALS:
    void deployClicked(qint64 run);

private:
    Inspector* m_inspector;
    Facts* m_facts;
    Facts* m_parameters;
    Facts* m_groups;
    QPushButton* m_deploy;
    std::optional<dataset::RunId> m_run;
};

} // namespace ember::gui
