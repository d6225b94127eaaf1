// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/event_settings.h"

#include <QTimer>
#include <QWidget>

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
    QSpinBox* windowsBox(const char* name, int least, const QString& tip);
    QDoubleSpinBox* shareBox(const char* name, const QString& tip);
    void refresh();
    void show(const workflow::EventChoice& choice);
    void edited();
    void keepOrder(const QDoubleSpinBox* moved);
    void store();
    QString reportText() const;

    DeployRunner& m_runner;
    const ThemeHub& m_theme;
    QTimer m_pause;         ///< between a change and its being stored
    bool m_showing = false; ///< values come from the runner, not from a person
    QCheckBox* m_wanted;
    QWidget* m_settings;
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
