// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/feature_set.h"

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;

namespace ember::gui {

class UiSettings;

/// How recordings become windows and features: preset, window, stride. Every page that asks for it shares what was
/// chosen last.
class FeatureChoice : public QWidget
{
    Q_OBJECT

public:
    /// Vertical: a form; horizontal: a line for the head of a page.
    FeatureChoice(UiSettings& settings, Qt::Orientation orientation, QWidget* parent = nullptr);

    workflow::FeatureRequest request() const;
    /// Takes over what another page has chosen meanwhile.
    void reload();

Q_SIGNALS:
    void changed();

private:
    void remember();

    UiSettings& m_settings;
    QComboBox* m_preset;
    QDoubleSpinBox* m_window;
    QDoubleSpinBox* m_stride;
};

} // namespace ember::gui
