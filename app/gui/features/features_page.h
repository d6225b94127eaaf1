// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/page.h"
#include "core/workflow/feature_set.h"

#include <optional>

class QComboBox;
class QStandardItemModel;
class QTableView;

namespace ember::gui {

class EmptyState;
class FeatureChoice;
class Facts;
class Inspector;
class PipelineRow;

/// How recordings become feature vectors: windows and pipeline with their estimated price, and the features by name.
class FeaturesPage : public Page
{
    Q_OBJECT

public:
    explicit FeaturesPage(AppContext& context);

    void activated() override;
    void contentChanged() override;

private:
    void plan();
    void show(const workflow::FeatureSet& set);
    void fillTable(const features::Pipeline& pipeline);
    void fillInspector(const workflow::FeatureSet& set);

    FeatureChoice* m_choice;
    QComboBox* m_cpu;
    PipelineRow* m_pipeline;
    QTableView* m_table;
    QStandardItemModel* m_names;
    Inspector* m_inspector;
    Facts* m_windows;
    Facts* m_classes;
    Facts* m_price;
    EmptyState* m_empty;
    quint64 m_request = 0; ///< the newest request wins
    std::optional<workflow::FeatureSet> m_set;
};

} // namespace ember::gui
