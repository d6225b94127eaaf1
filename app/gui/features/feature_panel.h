// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/explorer_data.h"
#include "app/gui/shell/app_context.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QLabel;
class QScrollArea;

namespace ember::gui {

class BarList;
class CorrelationMap;
class DensityPlot;

/// What single features are worth: ranked by what they tell of the label or by what a run loses without them, how the
/// chosen one is distributed in each class, and which ones say the same. GUI thread.
class FeaturePanel : public QWidget
{
    Q_OBJECT

public:
    explicit FeaturePanel(AppContext& context, QWidget* parent = nullptr);

    void setData(std::shared_ptr<const ExplorerData> shown);
    /// Whose loss the importance is; null: none.
    void setRun(const dataset::Run* run);
    void chooseFeature(int column);

Q_SIGNALS:
    void pairChosen(int x, int y);

private:
    enum Rank ///< in the order of the choice
    {
        MutualInformation,
        FRatio,
        Variance,
        Importance
    };

    void rank();
    void rankByScore();
    void rankByImportance();
    void computeImportance();
    void showDistribution();
    Rank rankBy() const;

    AppContext& m_context;
    QComboBox* m_rankBy;
    QLabel* m_note;
    QScrollArea* m_scroll;
    BarList* m_bars;
    DensityPlot* m_density;
    CorrelationMap* m_correlations;
    std::shared_ptr<const ExplorerData> m_data;
    std::optional<dataset::Run> m_run;
    std::optional<Result<workflow::Importance>> m_importance; ///< of m_run; nothing: not asked for yet
    quint64 m_request = 0;
    bool m_computing = false;
};

} // namespace ember::gui
