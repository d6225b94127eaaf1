// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/curve_kind_choice.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QButtonGroup>

namespace ember::gui {

CurveKindChoice::CurveKindChoice(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_buttons(new QButtonGroup(this))
{
    auto* row = plainLayout<QHBoxLayout>(this, theme.metrics().s);
    const auto add = [&](CurveKind kind, const QString& text, const QString& help, const char* name) {
        auto* button = makeButton(text);
        button->setToolTip(help);
        button->setObjectName(QLatin1String(name));
        button->setCheckable(true);
        m_buttons->addButton(button, static_cast<int>(kind));
        row->addWidget(button);
    };
    add(CurveKind::Roc, tr("ROC"), tr("Share found against share of false alarms, for every threshold"), "curve-roc");
    add(CurveKind::PrecisionRecall, tr("PR"), tr("Precision against recall, for every threshold"), "curve-precision");
    add(CurveKind::Det, tr("DET"), tr("Misses against false alarms, for every threshold"), "curve-det");
    add(CurveKind::Reliability, tr("Calibration"), tr("How often the model is right where it says how sure it is"),
        "curve-reliability");
    row->addStretch(1);
    m_buttons->button(static_cast<int>(CurveKind::Roc))->setChecked(true);
    connect(m_buttons, &QButtonGroup::idClicked, this, [this](int id) { Q_EMIT chosen(static_cast<CurveKind>(id)); });
}

CurveKind CurveKindChoice::kind() const
{
    return static_cast<CurveKind>(m_buttons->checkedId());
}

void CurveKindChoice::setCalibrationOffered(bool offered)
{
    m_buttons->button(static_cast<int>(CurveKind::Reliability))->setVisible(offered);
    if (!offered && kind() == CurveKind::Reliability)
        m_buttons->button(static_cast<int>(CurveKind::Roc))->click();
}

} // namespace ember::gui
