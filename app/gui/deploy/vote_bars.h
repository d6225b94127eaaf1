// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

namespace ember::gui {

class ThemeHub;

/// Shares of the votes by class: the board's as a bar, the desktop's as a mark on it.
class VoteBars : public QWidget
{
    Q_OBJECT

public:
    struct Bar
    {
        QString name;
        int colour = 0;
        double board = 0; ///< 0..1
        double host = -1; ///< 0..1, negative: not known
        bool wins = false;
    };

    explicit VoteBars(const ThemeHub& theme, QWidget* parent = nullptr);

    void setBars(std::vector<Bar> bars);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override;

private:
    const ThemeHub& m_theme;
    std::vector<Bar> m_bars;
};

} // namespace ember::gui
