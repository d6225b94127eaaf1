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
    /// What was chosen last, for who shows no choice of its own.
    static workflow::FeatureRequest remembered(const UiSettings& settings);
    /// Takes over what another page has chosen meanwhile.
    void reload();

    /// What is chosen apart from the window, for undo.
    struct State
    {
        QString preset;
        QString ownPipeline; ///< text as features::pipelineText() writes it; empty: none was made
    };
    State state() const;
    void setState(const State& state);
    /// The user's own pipeline as the chosen one.
    static State ownState(const QByteArray& pipelineText);

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
