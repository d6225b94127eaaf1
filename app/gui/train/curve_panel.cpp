// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/curve_panel.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"

#include <QButtonGroup>

namespace ember::gui {

CurvePanel::CurvePanel(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_plot(new CurvePlot(theme))
    , m_kinds(new QButtonGroup(this))
    , m_figures(makeLabel({}, "caption"))
{
    const ThemeMetrics& m = theme.metrics();
    auto* choices = new QHBoxLayout;
    choices->setSpacing(m.s);
    const auto add = [&](CurveKind kind, const QString& text, const QString& help, const char* name) {
        auto* button = makeButton(text);
        button->setToolTip(help);
        button->setObjectName(QLatin1String(name));
        button->setCheckable(true);
        m_kinds->addButton(button, static_cast<int>(kind));
        choices->addWidget(button);
    };
    add(CurveKind::Roc, tr("ROC"), tr("Share found against share of false alarms, for every threshold"), "curve-roc");
    add(CurveKind::PrecisionRecall, tr("PR"), tr("Precision against recall, for every threshold"), "curve-precision");
    add(CurveKind::Det, tr("DET"), tr("Misses against false alarms, for every threshold"), "curve-det");
    add(CurveKind::Reliability, tr("Calibration"), tr("How often the model is right where it says how sure it is"),
        "curve-reliability");
    choices->addStretch(1);
    m_kinds->button(static_cast<int>(CurveKind::Roc))->setChecked(true);
    m_figures->setWordWrap(true);
    m_figures->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* column = plainLayout<QVBoxLayout>(this, m.s);
    column->addLayout(choices);
    column->addWidget(m_plot);
    column->addWidget(m_figures);
    connect(m_kinds, &QButtonGroup::idClicked, this, [this](int id) { choose(static_cast<CurveKind>(id)); });
}

void CurvePanel::setScores(const RunScores& scores, const QHash<QString, int>& colours)
{
    m_scores = scores;
    setVisible(!scores.curves.empty());
    QAbstractButton* reliability = m_kinds->button(static_cast<int>(CurveKind::Reliability));
    reliability->setVisible(!scores.shareBins.empty());
    if (scores.shareBins.empty() && reliability->isChecked())
        m_kinds->button(static_cast<int>(CurveKind::Roc))->click();
    m_plot->setScores(scores, colours);
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
