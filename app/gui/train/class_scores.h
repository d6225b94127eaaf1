// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/export_menu.h"
#include "app/gui/train/run_scores.h"

#include <QHash>
#include <QWidget>

namespace ember::gui {

class ThemeHub;

/// Scores by class: F1 as a bar, recall with its interval as a whisker, precision and support as numbers.
class ClassScores : public QWidget
{
    Q_OBJECT

public:
    explicit ClassScores(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `colours`: colour index by class name, so that a class looks the same on every page.
    void setScores(const RunScores& scores, const QHash<QString, int>& colours);
    Exportable exportable();

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    void paintInto(QPainter& painter, QSize size) const;

    const ThemeHub& m_theme;
    RunScores m_scores;
    QHash<QString, int> m_colours;
};

} // namespace ember::gui
