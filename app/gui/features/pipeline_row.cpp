// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/pipeline_row.h"

#include "app/gui/features/part_card.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/source_mark.h"
#include "core/base/quantity.h"
#include "core/features/stage.h"

#include <QApplication>
#include <QMenu>
#include <QScrollBar>

#include <cmath>

namespace ember::gui {
namespace {

constexpr int kCardWidth = 172;
constexpr int kRowHeight = 128;

QString channelNames(const QStringList& names, const features::BlockUse& use)
{
    QStringList read;
    for (const int channel : use.channels)
        read << names.value(channel);
    return read.join(QStringLiteral(", "));
}

// The features of one block are those of a pipeline with that block alone.
qsizetype featuresOf(const features::Pipeline& pipeline, const features::BlockUse& use)
{
    features::Pipeline alone = pipeline;
    alone.blocks = {use};
    return features::blockFeatureNames(alone).size();
}

} // namespace

PipelineRow::PipelineRow(const ThemeHub& theme, QWidget* parent)
    : QScrollArea(parent)
    , m_theme(theme)
    , m_row(nullptr)
    , m_menu(new QMenu(this))
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFixedHeight(kRowHeight + 12);
    setFocusPolicy(Qt::NoFocus);
    m_menu->setObjectName(QStringLiteral("add-part"));
    m_menu->setToolTipsVisible(true);
    const auto add = [this](bool isStage, const features::BlockInfo& info) {
        QAction* action =
            m_menu->addAction(info.title, this, [this, isStage, id = info.id] { Q_EMIT addWanted(isStage, id); });
        action->setToolTip(info.help);
        action->setData(info.id);
    };
    m_menu->addSection(tr("Blocks: numbers for the model"));
    for (const features::Block* block : features::allBlocks())
        add(false, block->info());
    m_menu->addSection(tr("Stages: change the signal first"));
    for (const features::Stage* stage : features::allStages())
        add(true, stage->info());
    clear();
}

QHBoxLayout* PipelineRow::row() const
{
    return static_cast<QHBoxLayout*>(m_row->layout());
}

void PipelineRow::clear()
{
    m_cards = 0;
    m_parts.clear();
    m_row = new QWidget;
    m_row->setObjectName(QStringLiteral("scrolled"));
    plainLayout<QHBoxLayout>(m_row, m_theme.metrics().s)->addStretch(1);
    setWidget(m_row);
}

void PipelineRow::setPipeline(const features::Pipeline& pipeline, const QStringList& windowText, features::CpuClass cpu)
{
    const int scrolled = horizontalScrollBar()->value();
    const bool hadFocus = m_row->isAncestorOf(QApplication::focusWidget()) || hasFocus();
    clear();
    addCard({QStringLiteral("capture"), tr("Window"), windowText, {}, {}});
    for (std::size_t i = 0; i < pipeline.stages.size(); ++i)
        addPart(pipeline, {true, i}, {});
    const auto costs = features::blockCosts(pipeline, cpu);
    for (std::size_t i = 0; i < pipeline.blocks.size(); ++i)
        addPart(
            pipeline, {false, i},
            costs ? (cpu == features::CpuClass::FloatLibraryAvr ? tr("%1 cycles · %2") : tr("%1 instr. · %2"))
                        .arg(formatCount(std::llround((*costs)[i].instructions)), formatBytes((*costs)[i].flashBytes()))
                  : QString());
    addPlus();
    setChosen(m_chosen);
    horizontalScrollBar()->setValue(scrolled);
    // The card that had it is gone; the keys must not go to whatever field is next.
    if (hadFocus)
        setFocus(Qt::OtherFocusReason);
    for (const auto& [id, card] : m_parts) {
        if (hadFocus && m_chosen && *m_chosen == id)
            card->setFocus(Qt::OtherFocusReason);
    }
}

void PipelineRow::addPart(const features::Pipeline& pipeline, PartId part, const QString& price)
{
    const std::optional<features::BlockInfo> info = infoOf(pipeline, part);
    if (!info)
        return;
    const features::BlockUse& use = *useOf(pipeline, part);
    const QString read =
        info->allChannels ? tr("reads all signals") : tr("reads %1").arg(channelNames(signalsFor(pipeline, part), use));
    const QString gives =
        part.isStage ? tr("before the blocks") : tr("gives %1 features").arg(featuresOf(pipeline, use));
    addArrow();
    PartCard* card = addCard({part.isStage ? QStringLiteral("settings") : QStringLiteral("features"),
                              info->title,
                              {read, gives},
                              price,
                              info->help + QLatin1Char('\n') + info->source});
    card->setObjectName(
        QStringLiteral("%1-%2").arg(part.isStage ? QStringLiteral("stage") : QStringLiteral("block")).arg(part.index));
    card->setFocusPolicy(Qt::StrongFocus);
    card->setCursor(Qt::PointingHandCursor);
    card->setAccessibleName(info->title);
    m_parts.emplace_back(part, card);
    connect(card, &PartCard::chosen, this, [this, part] { Q_EMIT partChosen(part); });
    connect(card, &PartCard::moveWanted, this, [this, part](int direction) { Q_EMIT moveWanted(part, direction); });
    connect(card, &PartCard::removeWanted, this, [this, part] { Q_EMIT removeWanted(part); });
}

void PipelineRow::setChosen(std::optional<PartId> part)
{
    m_chosen = part;
    for (const auto& [id, card] : m_parts)
        setStyleProperty(card, "selected", part && *part == id);
}

void PipelineRow::addArrow()
{
    auto* arrow = new QLabel;
    arrow->setPixmap(
        icon(QStringLiteral("chevron-right"), IconTone::Muted).pixmap(m_theme.metrics().icon, m_theme.metrics().icon));
    row()->insertWidget(row()->count() - 1, arrow);
}

void PipelineRow::addPlus()
{
    QPushButton* plus = makeButton(tr("Add"), "", QStringLiteral("plus"));
    plus->setObjectName(QStringLiteral("add-part-button"));
    plus->setToolTip(tr("Add a block or a stage to the pipeline"));
    plus->setMenu(m_menu);
    row()->insertWidget(row()->count() - 1, plus);
}

PartCard* PipelineRow::addCard(const CardText& text)
{
    const ThemeMetrics& m = m_theme.metrics();
    auto* card = new PartCard;
    card->setProperty("role", "card");
    card->setFixedWidth(kCardWidth);
    card->setToolTip(text.tip);
    auto* head = new QHBoxLayout;
    auto* picture = new QLabel;
    picture->setPixmap(icon(text.icon, IconTone::Muted).pixmap(m.icon, m.icon));
    head->setSpacing(m.s);
    head->addWidget(picture);
    head->addWidget(makeLabel(text.title, "section"), 1);
    auto* column = plainLayout<QVBoxLayout>(card, m.xs, m.m);
    column->addLayout(head);
    for (const QString& line : text.lines) {
        QLabel* label = makeLabel(line, "muted");
        label->setWordWrap(true);
        column->addWidget(label);
    }
    column->addStretch(1);
    if (!text.price.isEmpty()) {
        auto* foot = new QHBoxLayout;
        foot->setSpacing(m.xs);
        foot->addWidget(new SourceMark(footprint::CostSource::Estimated, m_theme));
        foot->addWidget(makeLabel(text.price, "caption"), 1);
        column->addLayout(foot);
    }
    row()->insertWidget(row()->count() - 1, card);
    ++m_cards;
    return card;
}

} // namespace ember::gui
