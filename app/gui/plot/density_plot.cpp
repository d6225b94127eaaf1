// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/density_plot.h"

#include "app/gui/theme/theme_hub.h"
#include "core/explore/feature_scores.h"

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kPlaces = 160;
constexpr double kGround = 0.16; ///< opacity under a curve

} // namespace

DensityPlot::DensityPlot(const ThemeHub& theme, QWidget* parent)
    : ThemedPlot(theme, parent)
{
    setExportName(QStringLiteral("distribution"));
    setWhatsThis(tr("How the chosen feature is distributed in each class. Every curve has the same area."));
    yAxis->setTickLabels(false); // the height of a density is of no use to anybody
    yAxis->setTicks(false);
    setFixedHeight(150);
    DensityPlot::applyTheme();
}

void DensityPlot::applyTheme()
{
    ThemedPlot::applyTheme();
    xAxis->setNumberFormat(QStringLiteral("gb"));
    xAxis->setNumberPrecision(4);
    xAxis->ticker()->setTickCount(4);
    for (int i = 0; i < graphCount() && i < static_cast<int>(m_categories.size()); ++i) {
        QColor colour = categoryColour(theme().theme(), m_categories[static_cast<std::size_t>(i)].look);
        graph(i)->setPen(QPen(colour, 1.5));
        colour.setAlphaF(static_cast<float>(kGround));
        graph(i)->setBrush(colour);
    }
}

void DensityPlot::setValues(const QString& feature, std::vector<Category> categories,
                            std::vector<std::vector<float>> values)
{
    m_feature = feature;
    m_categories = std::move(categories);
    clearGraphs();
    m_densities.clear();
    m_at.clear();
    double low = INFINITY;
    double high = -INFINITY;
    for (const std::vector<float>& of : values) {
        if (!of.empty()) {
            low = std::min<double>(low, of.front());
            high = std::max<double>(high, of.back());
        }
    }
    if (low <= high) {
        const double margin = high > low ? 0.05 * (high - low) : 0.5;
        for (int i = 0; i < kPlaces; ++i)
            m_at.push_back(low - margin + (high - low + 2 * margin) * i / (kPlaces - 1));
    }
    double top = 0;
    for (const std::vector<float>& of : values) {
        m_densities.push_back(explore::density(of, m_at));
        const std::vector<double>& made = m_densities.back();
        if (!made.empty())
            top = std::max(top, *std::max_element(made.begin(), made.end()));
        addGraph()->setData(QVector<double>(m_at.begin(), m_at.end()), QVector<double>(made.begin(), made.end()), true);
    }
    xAxis->setLabel(feature);
    if (!m_at.empty())
        xAxis->setRange(m_at.front(), m_at.back());
    yAxis->setRange(0, top > 0 ? 1.05 * top : 1.0);
    applyTheme();
    replot(QCustomPlot::rpQueuedReplot);
}

QString DensityPlot::csv() const
{
    QStringList head{m_feature};
    for (const Category& category : m_categories)
        head << category.name;
    QString text = csvLine(head);
    for (std::size_t i = 0; i < m_at.size(); ++i) {
        QStringList line{QString::number(m_at[i], 'g', 9)};
        for (const std::vector<double>& of : m_densities)
            line << QString::number(of[i], 'g', 6);
        text += csvLine(line);
    }
    return text;
}

} // namespace ember::gui
