// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/curve_plot.h"

#include "app/gui/theme/theme_hub.h"

#include <algorithm>

namespace ember::gui {
namespace {

constexpr double kRarest = 1e-3; ///< of rates drawn by magnitude; zero has none
constexpr double kMargin = 0.02;

QVector<double> rates(const std::vector<double>& values)
{
    return {values.begin(), values.end()};
}

QVector<double> byMagnitude(const std::vector<double>& values, bool others)
{
    QVector<double> result;
    for (const double value : values)
        result << std::max(kRarest, others ? 1 - value : value);
    return result;
}

} // namespace

CurvePlot::CurvePlot(const ThemeHub& theme, QWidget* parent)
    : ThemedPlot(theme, parent)
    , m_guide(addGraph())
{
    setObjectName(QStringLiteral("curves"));
    setWhatsThis(
        tr("What would come of other thresholds than the largest score, for a class against all others; and how "
           "often a share of the winner is right."));
    draw();
}

void CurvePlot::setCurves(CurveSet curves)
{
    m_curves = std::move(curves);
    draw();
}

void CurvePlot::setKind(CurveKind kind)
{
    m_kind = kind;
    draw();
}

std::vector<CurvePlot::Line> CurvePlot::lines() const
{
    std::vector<Line> made;
    if (m_kind == CurveKind::Reliability) {
        for (const CurveSet::OfShares& of : m_curves.shares) {
            Line line{of.name, of.colour, {}, {}};
            for (const RunScores::ShareBin& bin : of.bins) {
                line.x << bin.confidence;
                line.y << bin.accuracy;
            }
            made.push_back(std::move(line));
        }
        return made;
    }
    for (const auto& [name, colour, curve] : m_curves.thresholds) {
        switch (m_kind) {
        case CurveKind::PrecisionRecall:
            made.push_back({name, colour, rates(curve.truePositives), rates(curve.precision)});
            break;
        case CurveKind::Det:
            made.push_back(
                {name, colour, byMagnitude(curve.falsePositives, false), byMagnitude(curve.truePositives, true)});
            break;
        case CurveKind::Roc:
        case CurveKind::Reliability:
            made.push_back({name, colour, rates(curve.falsePositives), rates(curve.truePositives)});
            break;
        }
    }
    return made;
}

QStringList CurvePlot::axisNames() const
{
    switch (m_kind) {
    case CurveKind::PrecisionRecall:
        return {tr("Recall"), tr("Precision")};
    case CurveKind::Det:
        return {tr("False positive rate"), tr("Miss rate")};
    case CurveKind::Reliability:
        return {tr("Share of the winner"), tr("How often it is right")};
    case CurveKind::Roc:
        break;
    }
    return {tr("False positive rate"), tr("True positive rate")};
}

void CurvePlot::draw()
{
    while (graphCount() > 1)
        removeGraph(graphCount() - 1);
    const bool magnitudes = m_kind == CurveKind::Det;
    for (QCPAxis* axis : {xAxis, yAxis}) {
        axis->setScaleType(magnitudes ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        axis->setTicker(magnitudes ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                                   : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
        axis->setRange(magnitudes ? kRarest : -kMargin, 1 + kMargin);
        axis->setNumberFormat(QStringLiteral("g"));
    }
    xAxis->setLabel(axisNames().value(0));
    yAxis->setLabel(axisNames().value(1));
    const bool diagonal = m_kind == CurveKind::Roc || m_kind == CurveKind::Reliability;
    m_guide->setData(diagonal ? QVector<double>{0, 1} : QVector<double>{},
                     diagonal ? QVector<double>{0, 1} : QVector<double>{}, true);
    m_lines = lines();
    for (const Line& line : m_lines) {
        // A curve that goes straight up has several values for one key; a graph would sort them.
        auto* curve = addGraph();
        curve->setName(line.name);
        curve->setLineStyle(QCPGraph::lsLine);
        const bool falls = !line.x.isEmpty() && line.x.front() > line.x.back();
        QVector<double> x = line.x, y = line.y;
        if (falls) {
            std::reverse(x.begin(), x.end());
            std::reverse(y.begin(), y.end());
        }
        curve->setData(x, y, true);
    }
    setExportName(m_kind == CurveKind::Roc               ? QStringLiteral("roc")
                  : m_kind == CurveKind::PrecisionRecall ? QStringLiteral("precision-recall")
                  : m_kind == CurveKind::Det             ? QStringLiteral("det")
                                                         : QStringLiteral("reliability"));
    drawLegend();
    applyTheme();
    replot(QCustomPlot::rpQueuedReplot);
}

// In the corner that good curves leave empty.
void CurvePlot::drawLegend()
{
    legend->setVisible(m_curves.hasLegend);
    legend->clearItems();
    for (int i = 1; i < graphCount(); ++i)
        graph(i)->addToLegend();
    const Qt::Alignment corner = m_kind == CurveKind::Roc               ? Qt::AlignRight | Qt::AlignBottom
                                 : m_kind == CurveKind::PrecisionRecall ? Qt::AlignLeft | Qt::AlignBottom
                                 : m_kind == CurveKind::Det             ? Qt::AlignRight | Qt::AlignTop
                                                                        : Qt::AlignLeft | Qt::AlignTop;
    axisRect()->insetLayout()->setInsetAlignment(0, corner);
}

void CurvePlot::applyTheme()
{
    ThemedPlot::applyTheme();
    m_guide->setPen(QPen(theme().colours().muted, 1, Qt::DotLine));
    for (QCPAxis* axis : {xAxis, yAxis})
        axis->setBasePen(QPen(theme().colours().plotAxis, 1));
    legend->setBrush(theme().colours().surface);
    legend->setBorderPen(QPen(theme().colours().line, 1));
    legend->setTextColor(theme().colours().text);
    legend->setFont(theme().theme().font(TypeSize::Small));
    for (int i = 1; i < graphCount(); ++i) {
        const int colour = m_lines[static_cast<std::size_t>(i - 1)].colour;
        const QColor drawn = colour >= 0 ? theme().theme().classColour(colour) : theme().colours().share;
        graph(i)->setPen(QPen(drawn, 1.5));
        const bool few = m_kind == CurveKind::Reliability; // ten bins are points, thresholds are a line
        graph(i)->setScatterStyle(few ? QCPScatterStyle(QCPScatterStyle::ssDisc, 6) : QCPScatterStyle());
    }
}

QString CurvePlot::csv() const
{
    const bool named = !m_lines.empty() && !m_lines.front().name.isEmpty();
    QString text = csvLine(named ? QStringList{m_curves.what} + axisNames() : axisNames());
    for (const Line& line : m_lines) {
        for (qsizetype i = 0; i < line.x.size(); ++i) {
            const QStringList numbers{QString::number(line.x[i], 'g', 9), QString::number(line.y[i], 'g', 9)};
            text += csvLine(named ? QStringList{line.name} + numbers : numbers);
        }
    }
    return text;
}

} // namespace ember::gui
