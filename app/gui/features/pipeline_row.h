// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/pipeline_edits.h"
#include "core/features/cost.h"

#include <QScrollArea>

#include <optional>

class QHBoxLayout;
class QMenu;

namespace ember::gui {

class PartCard;
class ThemeHub;

/// A pipeline as cards from left to right: the window, then each stage and block with what it reads, how many features
/// it gives and what it is estimated to cost; at the end a button that adds one. GUI thread.
class PipelineRow : public QScrollArea
{
    Q_OBJECT

public:
    explicit PipelineRow(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `windowText` says how the window was cut; `cpu` decides the price.
    void setPipeline(const features::Pipeline& pipeline, const QStringList& windowText, features::CpuClass cpu);
    void setChosen(std::optional<PartId> part);
    void clear();
    int cardCount() const { return m_cards; }

Q_SIGNALS:
    void partChosen(ember::gui::PartId part);
    void addWanted(bool isStage, const QString& id);
    void moveWanted(ember::gui::PartId part, int direction);
    void removeWanted(ember::gui::PartId part);

private:
    struct CardText
    {
        QString icon;
        QString title;
        QStringList lines;
        QString price;
        QString tip;
    };

    void addPart(const features::Pipeline& pipeline, PartId part, const QString& price);
    PartCard* addCard(const CardText& text);
    void addArrow();
    void addPlus();
    QHBoxLayout* row() const;

    const ThemeHub& m_theme;
    QWidget* m_row;
    QMenu* m_menu;
    int m_cards = 0;
    std::vector<std::pair<PartId, PartCard*>> m_parts;
    std::optional<PartId> m_chosen;
};

} // namespace ember::gui
