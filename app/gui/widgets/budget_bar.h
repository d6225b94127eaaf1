// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/footprint/cost.h"

#include <QString>
#include <QWidget>

#include <optional>

namespace ember::gui {

class ThemeHub;

/// One budget of a board and how much of it a model takes, as far as it is known: the estimate hollow, the emulated
/// figure hatched, the measured one solid. Small costs on large boards are still seen: the scale is of the square root,
/// with its end at the budget.
class BudgetBar : public QWidget
{
    Q_OBJECT

public:
    enum class Quantity
    {
        Bytes,
        Count,
        Reading ///< of any size: three digits that tell
    };

    BudgetBar(const QString& title, Quantity quantity, const ThemeHub& theme, QWidget* parent = nullptr);

    /// `budget` 0: there is no limit, the bar's end is the larger of the two figures.
    void setBudget(double budget, const QString& budgetText);
    void setEstimate(std::optional<double> value);
    /// The emulated or measured figure.
    void setActual(std::optional<footprint::Cost> cost);
    /// Why there is no figure; shown in its place.
    void setReason(const QString& reason);
    QString valueText() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;

private:
    QString format(double value) const;
    double place(double value) const; ///< 0..1 along the bar
    void refreshTip();

    QString m_title;
    Quantity m_quantity;
    const ThemeHub& m_theme;
    double m_budget = 0;
    QString m_budgetText;
    std::optional<double> m_estimate;
    std::optional<footprint::Cost> m_actual;
    QString m_reason;
};

} // namespace ember::gui
