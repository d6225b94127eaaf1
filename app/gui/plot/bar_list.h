// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/export_menu.h"

#include <QWidget>

#include <vector>

namespace ember::gui {

class ThemeHub;

/// Names with a bar each, on one scale; a click or the arrows choose one. Put it into a scroll area. GUI thread.
class BarList : public QWidget
{
    Q_OBJECT

public:
    struct Bar
    {
        QString name;
        double value = 0; ///< may be below zero, which has no bar; infinite: a full one
        QString text;     ///< the value as it is written
        int tag = 0;      ///< the caller's
    };

    explicit BarList(const ThemeHub& theme, QWidget* parent = nullptr);

    void setBars(std::vector<Bar> bars);
    const std::vector<Bar>& bars() const { return m_bars; }
    /// By tag.
    void setChosen(int tag);
    int chosen() const { return m_chosen; }
    Exportable exportable(const QString& valueName) const;
    /// The line of a bar, for whoever scrolls.
    QRect lineOf(int tag) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void chosenChanged(int tag);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    int lineAt(int y) const;
    int indexOf(int tag) const;
    void choose(int index);
    void paintInto(QPainter& painter, QSize size, QRect visible) const;

    const ThemeHub& m_theme;
    std::vector<Bar> m_bars;
    int m_chosen = -1;
};

} // namespace ember::gui
