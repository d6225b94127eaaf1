// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/pipeline_row.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/source_mark.h"
#include "core/base/quantity.h"
#include "core/features/block.h"
#include "core/features/stage.h"

#include <cmath>

namespace ember::gui {
namespace {

constexpr int kCardWidth = 172;
constexpr int kRowHeight = 156;

QString channelNames(const features::Pipeline& pipeline, const features::BlockUse& use)
{
    const QStringList all = features::signalNames(pipeline);
    QStringList names;
    for (const int channel : use.channels)
        names << all[channel];
    return names.join(QStringLiteral(", "));
}

// The features of one block are those of a pipeline with that block alone.
qsizetype featuresOf(const features::Pipeline& pipeline, const features::BlockUse& use)
{
    features::Pipeline alone = pipeline;
    alone.blocks = {use};
    return features::featureNames(alone).size();
}

} // namespace

PipelineRow::PipelineRow(const ThemeHub& theme, QWidget* parent)
    : QScrollArea(parent)
    , m_theme(theme)
    , m_row(nullptr)
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFixedHeight(kRowHeight + 12);
    setFocusPolicy(Qt::NoFocus);
    clear();
}

void PipelineRow::clear()
{
    m_cards = 0;
    m_row = new QWidget;
    m_row->setObjectName(QStringLiteral("scrolled"));
    auto* row = plainLayout<QHBoxLayout>(m_row, m_theme.metrics().s);
    row->addStretch(1);
    setWidget(m_row);
}

void PipelineRow::setPipeline(const features::Pipeline& pipeline, const QStringList& windowText, features::CpuClass cpu)
{
    clear();
    addCard(QStringLiteral("capture"), tr("Window"), windowText, {}, {});
    const auto costs = features::blockCosts(pipeline, cpu);
    for (std::size_t i = 0; i < pipeline.blocks.size(); ++i) {
        const features::BlockUse& use = pipeline.blocks[i];
        const features::Block* block = features::findBlock(use.block);
        if (!block)
            continue;
        const features::BlockInfo info = block->info();
        addArrow();
        const QString price =
            costs ? tr("%1 instr. · %2")
                        .arg(formatCount(std::llround((*costs)[i].instructions)), formatBytes((*costs)[i].flashBytes()))
                  : QString();
        addCard(
            QStringLiteral("features"), info.title,
            {tr("reads %1").arg(channelNames(pipeline, use)), tr("gives %1 features").arg(featuresOf(pipeline, use))},
            price, info.help + QLatin1Char('\n') + info.source);
    }
}

void PipelineRow::addArrow()
{
    auto* arrow = new QLabel;
    arrow->setPixmap(
        icon(QStringLiteral("chevron-right"), IconTone::Muted).pixmap(m_theme.metrics().icon, m_theme.metrics().icon));
    auto* row = static_cast<QHBoxLayout*>(m_row->layout());
    row->insertWidget(row->count() - 1, arrow);
}

void PipelineRow::addCard(const QString& iconName, const QString& title, const QStringList& lines, const QString& price,
                          const QString& tip)
{
    const ThemeMetrics& m = m_theme.metrics();
    QFrame* card = makeFrame("card");
    card->setFixedWidth(kCardWidth);
    card->setToolTip(tip);
    auto* head = new QHBoxLayout;
    auto* picture = new QLabel;
    picture->setPixmap(icon(iconName, IconTone::Muted).pixmap(m.icon, m.icon));
    head->setSpacing(m.s);
    head->addWidget(picture);
    head->addWidget(makeLabel(title, "section"), 1);
    auto* column = plainLayout<QVBoxLayout>(card, m.xs, m.m);
    column->addLayout(head);
    for (const QString& line : lines) {
        QLabel* label = makeLabel(line, "muted");
        label->setWordWrap(true);
        column->addWidget(label);
    }
    column->addStretch(1);
    if (!price.isEmpty()) {
        auto* foot = new QHBoxLayout;
        foot->setSpacing(m.xs);
        foot->addWidget(new SourceMark(footprint::CostSource::Estimated, m_theme));
        foot->addWidget(makeLabel(price, "caption"), 1);
        column->addLayout(foot);
    }
    auto* row = static_cast<QHBoxLayout*>(m_row->layout());
    row->insertWidget(row->count() - 1, card);
    ++m_cards;
}

} // namespace ember::gui
