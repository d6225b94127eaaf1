// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/export_menu.h"
#include "core/dataset/project.h"
#include "core/dataset/windows.h"
#include "core/features/staged_signals.h"

#include <QWidget>

namespace ember::gui {

class ThemeHub;

/// One window as the recording has it and behind each stage of the pipeline, side by side. GUI thread.
class StagePreview : public QWidget
{
    Q_OBJECT

public:
    struct Panel
    {
        QString title; ///< "recorded", "after Filter"
        features::StagedSignals content;
    };

    explicit StagePreview(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `title` says which window it is; without panels it stands alone.
    void show(const QString& title, std::vector<Panel> panels);
    const std::vector<Panel>& panels() const { return m_panels; }

    /// Any thread. Errors: Io, and as features::signalsAfter().
    static Result<std::vector<Panel>> compute(const dataset::Project& project, const features::Pipeline& pipeline,
                                              const dataset::Window& window);

    QSize minimumSizeHint() const override { return {200, 80}; }

protected:
    void paintEvent(QPaintEvent*) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void paintInto(QPainter& painter, QSize size) const;
    void paintPanel(QPainter& painter, const QRectF& area, const Panel& panel) const;
    QString csv() const;

    const ThemeHub& m_theme;
    QString m_title;
    std::vector<Panel> m_panels;
};

} // namespace ember::gui
