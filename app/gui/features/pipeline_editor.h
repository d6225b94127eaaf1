// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/pipeline_edits.h"
#include "core/features/cost.h"
#include "core/workflow/feature_set.h"

#include <QWidget>

class QLabel;
class QUndoStack;

namespace ember::gui {

class BlockForm;
class FeatureChoice;
class PipelineRow;
class ThemeHub;

/// The pipeline as a row of cards that can be added to, changed, moved and taken out. A changed pipeline becomes the
/// user's own one in the choice of features, as a step of the window's history. GUI thread.
class PipelineEditor : public QWidget
{
    Q_OBJECT

public:
    /// `choice` and `history` outlive the editor's use of them.
    PipelineEditor(FeatureChoice* choice, QUndoStack& history, const ThemeHub& theme, QWidget* parent = nullptr);

    void show(const workflow::FeatureSet& set, features::CpuClass cpu);
    /// The settings of the chosen part, for wherever there is room; hidden while none is chosen.
    BlockForm* form() const { return m_form; }

Q_SIGNALS:
    /// A change that cannot be made, and why.
    void refused(const ember::Error& error);
    void accepted();

private:
    void choose(std::optional<PartId> part);
    bool change(const Result<features::Pipeline>& changed, const QString& text);
    void add(bool isStage, const QString& id);
    void move(PartId part, int direction);
    void remove(PartId part);

    FeatureChoice* m_choice;
    QUndoStack& m_history;
    PipelineRow* m_row;
    QLabel* m_why; ///< of the preset
    BlockForm* m_form;
    features::Pipeline m_pipeline;
    std::optional<PartId> m_part;
};

} // namespace ember::gui
