// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/cost.h"
#include "core/features/pipeline.h"

#include <QScrollArea>

namespace ember::gui {

class ThemeHub;

/// A pipeline as cards from left to right: the window, then each block with what it reads, how many features it gives
/// and what it is estimated to cost.
class PipelineRow : public QScrollArea
{
    Q_OBJECT

public:
    explicit PipelineRow(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `windowText` says how the window was cut; `cpu` decides the price.
    void setPipeline(const features::Pipeline& pipeline, const QStringList& windowText, features::CpuClass cpu);
    void clear();
    int cardCount() const { return m_cards; }

private:
    void addCard(const QString& iconName, const QString& title, const QStringList& lines, const QString& price,
                 const QString& tip);
    void addArrow();

    const ThemeHub& m_theme;
    QWidget* m_row;
    int m_cards = 0;
};

} // namespace ember::gui
