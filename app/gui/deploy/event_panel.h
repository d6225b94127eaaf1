// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/ids.h"
#include "core/workflow/event_settings.h"

#include <QTimer>
#include <QWidget>

#include <functional>
#include <optional>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace ember::gui {

class DeployRunner;
class ThemeHub;

/// How answers to windows become events: shows what is stored with the model, stores what is changed, and has settings
/// chosen on recordings. GUI thread.
class EventPanel : public QWidget
{
    Q_OBJECT

public:
    EventPanel(DeployRunner& runner, const ThemeHub& theme, QWidget* parent = nullptr);

private:
    QWidget* buildSettings();
    QSpinBox* windowsBox(const char* name, int least, int learn::EventSettings::*field, const QString& tip);
    QDoubleSpinBox* shareBox(const char* name, double learn::EventSettings::*field, const QString& tip);
    void refresh();
    void show(const workflow::EventChoice& choice);
    /// Changes what is to be stored; several quick changes are stored as one.
    void edit(const std::function<void(workflow::EventChoice&)>& change);
    void toggle(bool wanted);
    void flush();
    /// The target's model is the one whose settings are shown.
    bool isShown() const;
    void keepOrder(const QDoubleSpinBox* moved);
    void store();
    QString reportText() const;

    DeployRunner& m_runner;
    const ThemeHub& m_theme;
    QTimer m_pause;                               ///< between a change and its being stored
    bool m_showing = false;                       ///< values come from the runner, not from a person
    std::optional<workflow::EventChoice> m_draft; ///< what was stored, or is to be
    QString m_project;                            ///< whose it is
    dataset::ModelId m_model;
    QCheckBox* m_wanted;
    QWidget* m_settings;
    QWidget* m_form;
    QSpinBox* m_smoothing;
    QDoubleSpinBox* m_on;
    QDoubleSpinBox* m_off;
    QSpinBox* m_patience;
    QSpinBox* m_deadTime;
    QComboBox* m_background;
    QPushButton* m_choose;
    QLabel* m_report;
};

} // namespace ember::gui
