// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/map_runner.h"
#include "app/gui/shell/app_context.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QStackedWidget;
class QToolButton;

namespace ember::gui {

class CategoryLegend;
class ChosenBar;
class ScatterPlot;
class WaitingPane;

/// Windows as points: by a map of their features or by two of them, told apart by label, group, split or what a run
/// made of them. What is chosen can be given a label or opened on the timeline. GUI thread.
class Explorer : public QWidget
{
    Q_OBJECT

public:
    explicit Explorer(AppContext& context, QWidget* parent = nullptr);

    /// Null while there is nothing to show.
    void setData(std::shared_ptr<const ExplorerData> shown);
    /// In place of the points: what is being done, or why there are none.
    void showBusy(const QString& text, double fraction);
    void showProblem(const QString& text, bool canTryAgain = false);
    /// The points again, if there are any.
    void showPoints();

    /// Lays the windows out by two features.
    void showFeatures(int x, int y);
    /// Numbers of the chosen windows, ascending.
    std::vector<std::size_t> chosenRows() const;
    std::optional<std::size_t> currentRow() const;
    /// The run whose mistakes are shown, or the newest; null when there is none.
    const dataset::Run* run() const;
    ScatterPlot& plot() const { return *m_plot; }

Q_SIGNALS:
    void chosenChanged();
    void currentChanged();
    void runChanged();
    void opened(std::size_t row);
    void labelWanted(const QString& label);
    /// While showBusy() is shown for somebody else's work, or after its failure.
    void cancelClicked();
    void againClicked();

private:
    enum Layout ///< in the order of the choice; the first are those of workflow::MapMethod
    {
        ByPca,
        ByTsne,
        ByUmap,
        ByFeatures
    };

    QWidget* buildTools();
    QWidget* buildCanvas();
    void fillChoices();
    void layOut();
    void showMap(const MapRunner::Map& map);
    void showPair();
    void place(std::vector<qsizetype> rows, std::vector<QPointF> points, bool equalUnits);
    void colour();
    /// The kinds of the windows that have a point.
    Colouring pointColouring() const;
    void refreshChosen();
    QString readOut(std::size_t point) const;
    QString csv() const;
    QString commandLine() const;
    Layout layout() const;
    ColourBy colourBy() const;

    AppContext& m_context;
    MapRunner* m_maps;
    QComboBox* m_layout;
    QComboBox* m_xFeature;
    QComboBox* m_yFeature;
    QComboBox* m_colourBy;
    QComboBox* m_run;
    QToolButton* m_lasso;
    QToolButton* m_rectangle;
    QStackedWidget* m_stack;
    QWidget* m_canvas = nullptr;
    WaitingPane* m_waiting;
    ScatterPlot* m_plot;
    CategoryLegend* m_legend;
    QLabel* m_colourProblem;
    ChosenBar* m_chosen;
    std::shared_ptr<const ExplorerData> m_data;
    std::vector<qsizetype> m_rows; ///< window of each point
    QString m_note;                ///< about what is laid out
};

} // namespace ember::gui
