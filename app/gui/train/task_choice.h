// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"
#include "core/workflow/training.h"

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;

namespace ember::gui {

class UiSettings;

/// What a trainer shall learn, where it can learn several things; for anomalies which label is normal and how many
/// false alarms are allowed; for classes how often an answer must be right to be given. Shows only what the trainer
/// leaves open. GUI thread.
class TaskChoice : public QWidget
{
    Q_OBJECT

public:
    explicit TaskChoice(UiSettings& settings, QWidget* parent = nullptr);

    void setTrainer(const plugin::TrainerInfo& info);
    void setLabels(const QStringList& labels);
    void addTo(workflow::TrainRequest& request) const;
    QStringList commandLineWords() const;

private:
    plugin::Task task() const;
    void follow();
    void remember();

    UiSettings& m_settings;
    QComboBox* m_task;
    QComboBox* m_normal;
    QDoubleSpinBox* m_falseAlarms;
    QDoubleSpinBox* m_rightAnswers;
};

} // namespace ember::gui
