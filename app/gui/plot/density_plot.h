// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/category.h"
#include "app/gui/plot/themed_plot.h"

#include <vector>

namespace ember::gui {

/// How a feature is distributed in each class: a curve each, with area 1, so that rare classes are seen. GUI thread.
class DensityPlot : public ThemedPlot
{
    Q_OBJECT

public:
    explicit DensityPlot(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `values[i]` are those of `categories[i]`, sorted and finite. Few enough to be drawn: thousands, not millions.
    void setValues(const QString& feature, std::vector<Category> categories, std::vector<std::vector<float>> values);

    QString csv() const override;
    QSize minimumSizeHint() const override { return {160, 130}; }

protected:
    void applyTheme() override;

private:
    std::vector<Category> m_categories;
    std::vector<double> m_at;
    std::vector<std::vector<double>> m_densities;
    QString m_feature;
};

} // namespace ember::gui
