// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/explorer_data.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/page.h"
#include "core/device/board.h"
#include "core/features/cost.h"

#include <optional>

class QComboBox;
class QSortFilterProxyModel;
class QStandardItemModel;
class QTableView;
class QTabWidget;

namespace ember::gui {

class EmptyState;
class Explorer;
class FeatureChoice;
class FeaturePanel;
class Facts;
class Inspector;
class PipelineEditor;
class StagePreview;
class WindowList;

/// How recordings become feature vectors: windows and the pipeline, to look at and to change, with its estimated price;
/// the windows as points; and what single features are worth.
class FeaturesPage : public Page
{
    Q_OBJECT

public:
    explicit FeaturesPage(AppContext& context);

    void activated() override;
    void contentChanged() override;
    QList<KeyHint> keys() const override;

private:
    void buildFilters();
    QWidget* buildStrip();
    void buildInspector();
    void buildEmptyState();
    /// Windows and pipeline, which is quick; then the features.
    void plan();
    void show(const workflow::FeatureSet& set);
    void loadData();
    void takeData(const Result<std::shared_ptr<const ExplorerData>>& loaded);
    void fillTable(const features::Pipeline& pipeline);
    void fillInspector(const workflow::FeatureSet& set);
    void showChosen();
    void preview();
    void labelChosen(const QString& label);
    void openWindow(std::size_t row);
    features::CpuClass cpu() const;

    std::vector<device::Board> m_boards;
    FeatureChoice* m_choice;
    QComboBox* m_board;
    PipelineEditor* m_pipeline;
    Explorer* m_explorer;
    FeaturePanel* m_panel;
    QTabWidget* m_strip;
    StagePreview* m_preview;
    quint64 m_previewRequest = 0;
    WindowList* m_chosen;
    QSortFilterProxyModel* m_chosenSorted;
    QTableView* m_chosenTable;
    QTableView* m_table;
    QStandardItemModel* m_names;
    Inspector* m_inspector;
    Facts* m_windows;
    Facts* m_classes;
    Facts* m_price;
    EmptyState* m_empty;
    quint64 m_request = 0; ///< the newest request wins
    std::optional<JobId> m_loading;
    std::optional<workflow::FeatureSet> m_set;
    std::shared_ptr<const ExplorerData> m_data;
};

} // namespace ember::gui
