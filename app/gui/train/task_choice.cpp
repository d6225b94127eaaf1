// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/task_choice.h"

#include "app/gui/shell/ui_settings.h"
#include "app/gui/widgets/build.h"
#include "core/workflow/table_task.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QSignalBlocker>

namespace ember::gui {
namespace {

using plugin::Task;

const Setting<QString> kTask{"train/task", QString()};
const Setting<QString> kNormal{"train/normal-label", QStringLiteral("normal")};
const Setting<double> kFalseAlarms{"train/false-alarms", 0.0, [](double s) { return s >= 0 && s < 100; }};
const Setting<double> kRightAnswers{"train/right-answers", 0.0, [](double s) { return s >= 0 && s <= 100; }};

QString title(Task task)
{
    switch (task) {
    case Task::Classification:
        return TaskChoice::tr("which label");
    case Task::Regression:
        return TaskChoice::tr("a number");
    case Task::Anomaly:
        return TaskChoice::tr("what is not normal");
    }
    return {};
}

} // namespace

TaskChoice::TaskChoice(UiSettings& settings, QWidget* parent)
    : QWidget(parent)
    , m_settings(settings)
    , m_task(new QComboBox)
    , m_normal(new QComboBox)
    , m_falseAlarms(new QDoubleSpinBox)
    , m_rightAnswers(new QDoubleSpinBox)
{
    // Long entries must not widen the column beyond its place.
    for (QComboBox* box : {m_task, m_normal}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8);
    }
    m_task->setObjectName(QStringLiteral("task"));
    m_normal->setObjectName(QStringLiteral("normal-label"));
    m_normal->setToolTip(tr("Only windows with this label are learnt; all others count as anomalies in the scores"));
    m_falseAlarms->setObjectName(QStringLiteral("false-alarms"));
    m_falseAlarms->setRange(0, 50);
    m_falseAlarms->setSpecialValueText(tr("as the trainer sets it"));
    m_falseAlarms->setToolTip(tr("Share of normal windows that may raise an alarm: decides the threshold"));
    m_falseAlarms->setValue(settings.get(kFalseAlarms));
    m_rightAnswers->setObjectName(QStringLiteral("right-answers"));
    m_rightAnswers->setRange(0, 100);
    m_rightAnswers->setSpecialValueText(tr("always answer"));
    m_rightAnswers->setToolTip(tr("How many of the answers shall be right: windows of which the model is less sure are "
                                  "answered with \"unknown\", on the board too"));
    m_rightAnswers->setValue(settings.get(kRightAnswers));
    for (QDoubleSpinBox* share : {m_falseAlarms, m_rightAnswers}) {
        share->setDecimals(1);
        share->setSuffix(tr(" %"));
    }
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->setHorizontalSpacing(12);
    form->addRow(makeLabel(tr("Learns")), m_task);
    form->addRow(makeLabel(tr("Normal is")), m_normal);
    form->addRow(makeLabel(tr("False alarms")), m_falseAlarms);
    form->addRow(makeLabel(tr("Right answers")), m_rightAnswers);
    connect(m_task, &QComboBox::activated, this, &TaskChoice::remember);
    connect(m_task, &QComboBox::currentIndexChanged, this, &TaskChoice::follow);
    connect(m_normal, &QComboBox::activated, this, &TaskChoice::remember);
    for (QDoubleSpinBox* share : {m_falseAlarms, m_rightAnswers})
        connect(share, &QDoubleSpinBox::valueChanged, this, &TaskChoice::remember);
    follow();
}

void TaskChoice::setTrainer(const plugin::TrainerInfo& info)
{
    {
        const QSignalBlocker quiet(m_task);
        m_task->clear();
        for (const Task task : info.tasks)
            m_task->addItem(title(task), static_cast<int>(task));
        const QString last = m_settings.get(kTask);
        for (int i = 0; i < m_task->count(); ++i) {
            if (workflow::taskName(static_cast<Task>(m_task->itemData(i).toInt())) == last)
                m_task->setCurrentIndex(i);
        }
    }
    follow();
}

void TaskChoice::setLabels(const QStringList& labels)
{
    const QSignalBlocker quiet(m_normal);
    const QString last = m_normal->count() > 0 ? m_normal->currentText() : m_settings.get(kNormal);
    m_normal->clear();
    m_normal->addItems(labels);
    m_normal->setCurrentIndex(std::max(0, m_normal->findText(last, Qt::MatchFixedString)));
}

Task TaskChoice::task() const
{
    return m_task->count() > 0 ? static_cast<Task>(m_task->currentData().toInt()) : Task::Classification;
}

void TaskChoice::follow()
{
    auto* form = qobject_cast<QFormLayout*>(layout());
    const auto show = [form](QWidget* field, bool on) {
        field->setVisible(on);
        form->labelForField(field)->setVisible(on);
    };
    show(m_task, m_task->count() > 1);
    show(m_normal, task() == Task::Anomaly);
    show(m_falseAlarms, task() == Task::Anomaly);
    show(m_rightAnswers, task() == Task::Classification);
    setVisible(m_task->count() > 1 || task() != Task::Regression);
}

void TaskChoice::remember()
{
    m_settings.set(kTask, workflow::taskName(task()));
    if (!m_normal->currentText().isEmpty())
        m_settings.set(kNormal, m_normal->currentText());
    m_settings.set(kFalseAlarms, m_falseAlarms->value());
    m_settings.set(kRightAnswers, m_rightAnswers->value());
}

void TaskChoice::addTo(workflow::TrainRequest& request) const
{
    request.task = workflow::taskName(task());
    if (task() == Task::Classification && m_rightAnswers->value() > 0)
        request.answerAccuracy = m_rightAnswers->value() / 100;
    if (task() != Task::Anomaly)
        return;
    if (!m_normal->currentText().isEmpty())
        request.normalLabels = {m_normal->currentText()};
    if (m_falseAlarms->value() > 0)
        request.falseAlarmRate = m_falseAlarms->value() / 100;
}

QStringList TaskChoice::commandLineWords() const
{
    QStringList words;
    if (m_task->count() > 1)
        words << QStringLiteral("--task") << workflow::taskName(task());
    if (task() == Task::Anomaly && !m_normal->currentText().isEmpty())
        words << QStringLiteral("--normal '%1'").arg(m_normal->currentText());
    if (task() == Task::Anomaly && m_falseAlarms->value() > 0)
        words << QStringLiteral("--false-alarms %1").arg(m_falseAlarms->value() / 100);
    if (task() == Task::Classification && m_rightAnswers->value() > 0)
        words << QStringLiteral("--answer-accuracy %1").arg(m_rightAnswers->value() / 100);
    return words;
}

} // namespace ember::gui
