// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/pipeline_editor.h"

#include "app/gui/features/block_form.h"
#include "app/gui/features/pipeline_row.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/feature_choice.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"
#include "core/features/pipeline_text.h"
#include "core/features/presets.h"

#include <QPointer>
#include <QUndoCommand>
#include <QUndoStack>

namespace ember::gui {
namespace {

/// The choice of features as a step of the window's history.
class ChoiceCommand : public QUndoCommand
{
public:
    ChoiceCommand(FeatureChoice* choice, FeatureChoice::State after, const QString& text)
        : QUndoCommand(text)
        , m_choice(choice)
        , m_before(choice->state())
        , m_after(std::move(after))
    {}

    void undo() override { set(m_before); }
    void redo() override { set(m_after); }

private:
    void set(const FeatureChoice::State& state)
    {
        if (m_choice) // the history outlives the page
            m_choice->setState(state);
    }

    QPointer<FeatureChoice> m_choice;
    FeatureChoice::State m_before;
    FeatureChoice::State m_after;
};

} // namespace

PipelineEditor::PipelineEditor(FeatureChoice* choice, QUndoStack& history, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_choice(choice)
    , m_history(history)
    , m_row(new PipelineRow(theme))
    , m_why(makeLabel({}, "muted"))
    , m_form(new BlockForm(theme))
{
    m_why->setObjectName(QStringLiteral("preset-why"));
    m_why->setMinimumWidth(1);
    auto* column = plainLayout<QVBoxLayout>(this, theme.metrics().xs);
    column->addWidget(m_row);
    column->addWidget(m_why);
    connect(m_row, &PipelineRow::partChosen, this,
            [this](PartId part) { choose(m_part == part ? std::nullopt : std::optional(part)); });
    connect(m_row, &PipelineRow::addWanted, this, &PipelineEditor::add);
    connect(m_row, &PipelineRow::moveWanted, this, &PipelineEditor::move);
    connect(m_row, &PipelineRow::removeWanted, this, &PipelineEditor::remove);
    connect(m_form, &BlockForm::moveWanted, this, [this](int direction) {
        if (m_part)
            move(*m_part, direction);
    });
    connect(m_form, &BlockForm::removeWanted, this, [this] {
        if (m_part)
            remove(*m_part);
    });
    connect(m_form, &BlockForm::changed, this, [this](const features::BlockUse& use) {
        if (m_part)
            change(withUse(m_pipeline, *m_part, use), tr("Change %1").arg(use.block));
    });
}

void PipelineEditor::show(const workflow::FeatureSet& set, features::CpuClass cpu)
{
    m_pipeline = set.pipeline;
    const double rate = m_pipeline.stream.rateHz;
    const auto seconds = [rate](int rows) { return rate > 0 ? formatSeconds(rows / rate) : QString(); };
    m_row->setPipeline(m_pipeline,
                       {tr("%1 rows, %2").arg(formatCount(m_pipeline.windowRows), seconds(m_pipeline.windowRows)),
                        tr("one every %1").arg(seconds(m_pipeline.hopRows)),
                        tr("%1 channels at %2").arg(m_pipeline.stream.channels.size()).arg(formatHertz(rate))},
                       cpu);
    choose(m_part && useOf(m_pipeline, *m_part) ? m_part : std::nullopt);
    if (!set.presetWhy.isEmpty())
        m_why->setText(set.presetWhy);
    else if (m_choice->request().pipelineText.isEmpty())
        m_why->setText(features::presetHelp(m_choice->request().preset));
    else
        m_why->setText(tr("Your own pipeline. Undo, or a preset, brings the one before it back."));
}

void PipelineEditor::choose(std::optional<PartId> part)
{
    m_part = part;
    m_row->setChosen(part);
    m_form->show(m_pipeline, part);
}

bool PipelineEditor::change(const Result<features::Pipeline>& changed, const QString& text)
{
    if (!changed) {
        Q_EMIT refused(changed.error());
        return false;
    }
    m_pipeline = *changed; // the next change builds on it, even before it has been planned
    Q_EMIT accepted();
    m_history.push(new ChoiceCommand(m_choice, FeatureChoice::ownState(features::pipelineText(*changed)), text));
    return true;
}

void PipelineEditor::add(bool isStage, const QString& id)
{
    if (change(withPart(m_pipeline, isStage, id), tr("Add %1").arg(id)))
        choose(PartId{isStage, (isStage ? m_pipeline.stages : m_pipeline.blocks).size() - 1});
}

void PipelineEditor::move(PartId part, int direction)
{
    if (change(withPartMoved(m_pipeline, part, direction), tr("Move a part of the pipeline")))
        choose(PartId{part.isStage, part.index + static_cast<std::size_t>(direction)});
}

void PipelineEditor::remove(PartId part)
{
    if (change(withoutPart(m_pipeline, part), tr("Take a part out of the pipeline")))
        choose(std::nullopt);
}

} // namespace ember::gui
