// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

namespace ember::gui {

class ThemeHub;

/// How much there is of each class.
struct ClassAmount
{
    QString name;
    int colour = 0;
    double amount = 0;
    QString text; ///< the amount with its unit
};

/// How balanced the labels are: one bar for each class on a shared scale, so that the short one is seen at once.
class BalanceBar : public QWidget
{
    Q_OBJECT

public:
    explicit BalanceBar(const ThemeHub& theme, QWidget* parent = nullptr);

    void setAmounts(std::vector<ClassAmount> amounts);
    const std::vector<ClassAmount>& amounts() const { return m_amounts; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override;

private:
    const ThemeHub& m_theme;
    std::vector<ClassAmount> m_amounts;
};

} // namespace ember::gui
