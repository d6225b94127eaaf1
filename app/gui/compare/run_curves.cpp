// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/compare/run_curves.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/curve_kind_choice.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"

#include <QComboBox>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr std::size_t kMostRuns = 8; // colours that a theme has for classes

} // namespace

RunCurves::RunCurves(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_kinds(new CurveKindChoice(theme))
    , m_classTitle(makeLabel(tr("Class"), "muted"))
    , m_class(new QComboBox)
    , m_plot(new CurvePlot(theme))
    , m_remark(makeLabel({}, "muted"))
{
    const ThemeMetrics& m = theme.metrics();
    m_class->setObjectName(QStringLiteral("curve-class"));
    m_class->setToolTip(tr("The class whose windows are to be found among all others"));
    m_plot->setMinimumHeight(160);
    m_remark->setObjectName(QStringLiteral("curve-remark"));
    m_remark->setWordWrap(true);
    auto* choices = new QHBoxLayout;
    choices->setSpacing(m.s);
    choices->addWidget(m_kinds, 1);
    choices->addWidget(m_classTitle);
    choices->addWidget(m_class);
    auto* column = plainLayout<QVBoxLayout>(this, m.s);
    column->addLayout(choices);
    column->addWidget(m_plot, 1);
    column->addWidget(m_remark);
    connect(m_kinds, &CurveKindChoice::chosen, this, &RunCurves::draw);
    connect(m_class, &QComboBox::activated, this, &RunCurves::draw);
}

void RunCurves::setRuns(std::vector<Entry> runs)
{
    m_runs = std::move(runs);
    if (m_runs.size() > kMostRuns)
        m_runs.resize(kMostRuns);
    offerClasses();
    draw();
}

// The chosen class stays chosen as long as one of the runs has it.
void RunCurves::offerClasses()
{
    const QString chosen = m_class->currentText();
    QStringList names;
    bool shares = false;
    for (const Entry& run : m_runs) {
        shares = shares || !run.scores.shareBins.empty();
        for (const RunScores::Curve& curve : run.scores.curves) {
            if (!names.contains(curve.name))
                names << curve.name;
        }
    }
    names.sort();
    m_class->clear();
    m_class->addItems(names);
    m_class->setCurrentIndex(std::max(0, m_class->findText(chosen)));
    m_kinds->setCalibrationOffered(shares || names.isEmpty());
}

void RunCurves::draw()
{
    const bool reliability = m_kinds->kind() == CurveKind::Reliability;
    CurveSet set{QStringLiteral("run"), {}, {}, true};
    QStringList without;
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        const auto& [name, scores] = m_runs[i];
        const auto colour = static_cast<int>(i);
        const auto curve = std::find_if(scores.curves.begin(), scores.curves.end(),
                                        [this](const auto& c) { return c.name == m_class->currentText(); });
        if (!scores.shareBins.empty())
            set.shares.push_back(
                {tr("%1, off by %2").arg(name, formatShare(scores.calibrationError)), colour, scores.shareBins});
        if (curve != scores.curves.end())
            set.thresholds.push_back({legendText(m_runs[i], *curve), colour, *curve});
        if (reliability ? scores.shareBins.empty() : curve == scores.curves.end())
            without << name;
    }
    const bool any = reliability ? !set.shares.empty() : !set.thresholds.empty();
    m_plot->setVisible(any);
    m_class->setVisible(any && !reliability);
    m_classTitle->setVisible(any && !reliability);
    m_remark->setAlignment(any ? Qt::AlignLeft : Qt::AlignCenter);
    m_remark->setText(remark(without));
    m_plot->setCurves(std::move(set));
    m_plot->setKind(m_kinds->kind());
}

QString RunCurves::legendText(const Entry& run, const RunScores::Curve& curve) const
{
    switch (m_kinds->kind()) {
    case CurveKind::PrecisionRecall:
        return tr("%1, average precision %2").arg(run.name, formatScore(curve.averagePrecision));
    case CurveKind::Det:
        return tr("%1, equal error rate %2").arg(run.name, formatShare(curve.equalErrorRate));
    case CurveKind::Roc:
    case CurveKind::Reliability:
        break;
    }
    return tr("%1, area %2").arg(run.name, formatScore(curve.rocAuc));
}

QString RunCurves::remark(const QStringList& withoutCurve) const
{
    if (m_runs.empty())
        return tr("Choose runs in the table: their curves are drawn over each other.");
    if (!withoutCurve.isEmpty())
        return tr("Nothing to draw for %1: no scores of this kind were kept with it.")
            .arg(withoutCurve.join(QStringLiteral(", ")));
    if (m_runs.size() == 1)
        return tr("Ctrl+click in the table adds runs.");
    return m_runs.size() == kMostRuns ? tr("Eight runs at the most are drawn.") : QString();
}

} // namespace ember::gui
