// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/train/curve_plot.h"

class QButtonGroup;

namespace ember::gui {

/// Which of the curves is shown: a row of buttons, one of them down.
class CurveKindChoice : public QWidget
{
    Q_OBJECT

public:
    explicit CurveKindChoice(const ThemeHub& theme, QWidget* parent = nullptr);

    CurveKind kind() const;
    /// Where scores are no shares nothing can be said of their calibration; the choice then falls back to ROC.
    void setCalibrationOffered(bool offered);

Q_SIGNALS:
    void chosen(ember::gui::CurveKind kind);

private:
    QButtonGroup* m_buttons;
};

} // namespace ember::gui
