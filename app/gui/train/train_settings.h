// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"
#include "core/workflow/training.h"

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSpinBox;

namespace ember::gui {

class FeatureChoice;
class ParameterForm;
class TaskChoice;
class ThemeHub;
class TrainerList;
class UiSettings;

/// All that a training is asked for: trainer, its parameters, windows, validation. Remembers every value, the
/// parameters for each trainer. GUI thread.
class TrainSettings : public QWidget
{
    Q_OBJECT

public:
    TrainSettings(UiSettings& settings, const ThemeHub& theme, QWidget* parent = nullptr);

    void setTrainers(const QList<plugin::TrainerInfo>& trainers);
    /// Instead of the trainers, while there are none: why.
    void setHint(const QString& text);
    /// The labels of the project: one of them may be what is normal.
    void setLabels(const QStringList& labels);
    /// Takes over what another page has chosen meanwhile.
    void reload();
    bool hasTrainer() const;
    QString trainerName() const;

    workflow::TrainRequest request(const QString& project) const;
    QString commandLine(const QString& project) const;

private:
    QWidget* buildValidation();
    void onTrainerChosen(const QString& id);
    void remember();
    const plugin::TrainerInfo* trainer() const;
    workflow::ValidationChoice validation() const;
    void followValidation();

    UiSettings& m_settings;
    QList<plugin::TrainerInfo> m_infos;
    TrainerList* m_trainers;
    QLabel* m_hint;
    TaskChoice* m_task;
    ParameterForm* m_parameters;
    FeatureChoice* m_features;
    QComboBox* m_method;
    QSpinBox* m_folds;
    QDoubleSpinBox* m_share;
    QSpinBox* m_seed;
};

} // namespace ember::gui
