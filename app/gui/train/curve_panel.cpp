// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/curve_panel.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/curve_kind_choice.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"

namespace ember::gui {
namespace {

constexpr int kHeight = 260;

} // namespace

CurvePanel::CurvePanel(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_plot(new CurvePlot(theme))
    , m_kinds(new CurveKindChoice(theme))
    , m_figures(makeLabel({}, "caption"))
{
    m_figures->setWordWrap(true);
    m_figures->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_plot->setFixedHeight(kHeight);
    auto* column = plainLayout<QVBoxLayout>(this, theme.metrics().s);
    column->addWidget(m_kinds);
    column->addWidget(m_plot);
    column->addWidget(m_figures);
    connect(m_kinds, &CurveKindChoice::chosen, this, &CurvePanel::choose);
}

void CurvePanel::setScores(const RunScores& scores, const QHash<QString, int>& colours)
{
    m_scores = scores;
    setVisible(!scores.curves.empty());
    m_kinds->setCalibrationOffered(!scores.shareBins.empty());
    CurveSet set{QStringLiteral("class"), {}, {{QString(), -1, scores.shareBins}}, false};
    for (const RunScores::Curve& curve : scores.curves)
        set.thresholds.push_back({curve.name, colours.value(curve.name), curve});
    m_plot->setCurves(std::move(set));
    describe();
}

void CurvePanel::choose(CurveKind kind)
{
    m_plot->setKind(kind);
    describe();
}

void CurvePanel::describe()
{
    if (m_plot->kind() == CurveKind::Reliability) {
        m_figures->setText(tr("Shares are off by %1 on average (ECE); Brier score %2")
                               .arg(formatShare(m_scores.calibrationError), formatScore(m_scores.brier)));
        return;
    }
    QStringList parts;
    for (const RunScores::Curve& curve : m_scores.curves) {
        switch (m_plot->kind()) {
        case CurveKind::PrecisionRecall:
            parts << tr("%1 %2").arg(curve.name, formatScore(curve.averagePrecision));
            break;
        case CurveKind::Det:
            parts << tr("%1 %2").arg(curve.name, formatShare(curve.equalErrorRate));
            break;
        default:
            parts << tr("%1 %2").arg(curve.name, formatScore(curve.rocAuc));
        }
    }
    const QString what = m_plot->kind() == CurveKind::PrecisionRecall ? tr("Average precision: %1")
                         : m_plot->kind() == CurveKind::Det           ? tr("Equal error rate: %1")
                                                                      : tr("Area under the curve: %1");
    m_figures->setText(what.arg(parts.join(QStringLiteral(", "))));
}

} // namespace ember::gui
