// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/train_settings.h"

#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/feature_choice.h"
#include "app/gui/train/task_choice.h"
#include "app/gui/train/trainer_list.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/parameter_form.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QScrollArea>
#include <QSpinBox>

namespace ember::gui {
namespace {

using Method = workflow::ValidationChoice::Method;

const Setting<QString> kTrainer{"train/trainer", QStringLiteral("trees.random-forest")};
const Setting<int> kMethod{"train/validation", 0, [](int m) { return m >= 0 && m <= 2; }};
const Setting<int> kFolds{"train/folds", 5, [](int f) { return f >= 2; }};
const Setting<double> kShare{"train/test-share", 25.0, [](double s) { return s > 0 && s < 100; }};
const Setting<int> kSeed{"train/seed", 1};

QString parametersKey(const QString& trainer)
{
    return QStringLiteral("train/parameters/") + trainer;
}

QFormLayout* formIn(QWidget* owner)
{
    auto* form = new QFormLayout(owner);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->setHorizontalSpacing(12);
    return form;
}

} // namespace

TrainSettings::TrainSettings(UiSettings& settings, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_settings(settings)
    , m_trainers(new TrainerList(theme))
    , m_hint(makeLabel({}, "muted"))
    , m_task(new TaskChoice(settings))
    , m_parameters(new ParameterForm)
    , m_features(new FeatureChoice(settings, Qt::Vertical))
    , m_method(new QComboBox)
    , m_folds(new QSpinBox)
    , m_share(new QDoubleSpinBox)
    , m_seed(new QSpinBox)
{
    m_hint->setWordWrap(true);
    auto* content = new QWidget;
    content->setObjectName(QStringLiteral("scrolled"));
    auto* column = plainLayout<QVBoxLayout>(content, theme.metrics().s, theme.metrics().m);
    const auto section = [column, &theme](const QString& title, QWidget* body) {
        column->addWidget(makeLabel(title, "heading"));
        column->addWidget(body);
        column->addSpacing(theme.metrics().s);
    };
    column->addWidget(m_hint);
    section(tr("Trainer"), m_trainers);
    column->addWidget(m_task);
    section(tr("Parameters"), m_parameters);
    section(tr("Windows and features"), m_features);
    section(tr("Validation"), buildValidation());
    column->addStretch(1);

    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    auto* frame = makeFrame("panel");
    plainLayout<QVBoxLayout>(frame, 0, 1)->addWidget(scroll);
    plainLayout<QVBoxLayout>(this, 0)->addWidget(frame);
    setMinimumWidth(250);
    connect(m_trainers, &TrainerList::chosenChanged, this, &TrainSettings::onTrainerChosen);
    connect(m_parameters, &ParameterForm::changed, this, &TrainSettings::remember);
    followValidation();
}

QWidget* TrainSettings::buildValidation()
{
    m_method->addItem(tr("k folds of whole groups"), static_cast<int>(Method::GroupKFold));
    m_method->addItem(tr("leave one group out"), static_cast<int>(Method::LeaveOneGroup));
    m_method->addItem(tr("hold groups out"), static_cast<int>(Method::HoldOut));
    m_method->setCurrentIndex(m_settings.get(kMethod));
    m_method->setToolTip(tr("Groups are never on both sides, so the score is for people and devices not seen before"));
    m_method->setObjectName(QStringLiteral("validation"));
    m_folds->setObjectName(QStringLiteral("folds"));
    m_folds->setRange(2, 50);
    m_folds->setValue(m_settings.get(kFolds));
    m_share->setRange(1, 90);
    m_share->setDecimals(0);
    m_share->setSuffix(tr(" %"));
    m_share->setValue(m_settings.get(kShare));
    m_seed->setRange(0, 1'000'000);
    m_seed->setValue(m_settings.get(kSeed));
    m_seed->setToolTip(tr("The same seed gives the same model, byte for byte"));
    auto* owner = new QWidget;
    QFormLayout* form = formIn(owner);
    form->addRow(makeLabel(tr("Method")), m_method);
    form->addRow(makeLabel(tr("Folds")), m_folds);
    form->addRow(makeLabel(tr("Test share")), m_share);
    form->addRow(makeLabel(tr("Seed")), m_seed);
    connect(m_method, &QComboBox::currentIndexChanged, this, &TrainSettings::followValidation);
    connect(m_method, &QComboBox::activated, this, &TrainSettings::remember);
    connect(m_folds, &QSpinBox::valueChanged, this, &TrainSettings::remember);
    connect(m_share, &QDoubleSpinBox::valueChanged, this, &TrainSettings::remember);
    connect(m_seed, &QSpinBox::valueChanged, this, &TrainSettings::remember);
    return owner;
}

void TrainSettings::setLabels(const QStringList& labels)
{
    m_task->setLabels(labels);
}

void TrainSettings::reload()
{
    m_features->reload();
}

void TrainSettings::followValidation()
{
    const auto method = static_cast<Method>(m_method->currentData().toInt());
    auto* form = qobject_cast<QFormLayout*>(m_method->parentWidget()->layout());
    const auto show = [form](QWidget* field, bool on) {
        field->setVisible(on);
        form->labelForField(field)->setVisible(on);
    };
    show(m_folds, method == Method::GroupKFold);
    show(m_share, method == Method::HoldOut);
}

void TrainSettings::setTrainers(const QList<plugin::TrainerInfo>& trainers)
{
    m_infos.clear();
    for (const plugin::TrainerInfo& info : trainers) {
        if (info.input == plugin::TrainerInput::FeatureVector)
            m_infos.append(info);
    }
    m_trainers->setTrainers(m_infos);
    m_hint->setVisible(m_infos.isEmpty());
    if (m_infos.isEmpty())
        return;
    const QString last = m_settings.get(kTrainer);
    const bool known =
        std::any_of(m_infos.begin(), m_infos.end(), [&](const plugin::TrainerInfo& i) { return i.id == last; });
    m_trainers->choose(known ? last : m_infos.front().id);
}

void TrainSettings::setHint(const QString& text)
{
    m_hint->setText(text);
    m_hint->show();
}

const plugin::TrainerInfo* TrainSettings::trainer() const
{
    for (const plugin::TrainerInfo& info : m_infos) {
        if (info.id == m_trainers->chosen())
            return &info;
    }
    return nullptr;
}

bool TrainSettings::hasTrainer() const
{
    return trainer() != nullptr;
}

QString TrainSettings::trainerName() const
{
    const plugin::TrainerInfo* info = trainer();
    return info ? info->name : QString();
}

void TrainSettings::onTrainerChosen(const QString& id)
{
    m_settings.set(kTrainer, id);
    if (const plugin::TrainerInfo* info = trainer()) {
        m_task->setTrainer(*info);
        const QString key = parametersKey(id);
        m_parameters->setParameters(info->parameters, m_settings.values(key));
    }
}

void TrainSettings::remember()
{
    m_settings.setValues(parametersKey(m_trainers->chosen()), m_parameters->values());
    m_settings.set(kMethod, m_method->currentIndex());
    m_settings.set(kFolds, m_folds->value());
    m_settings.set(kShare, m_share->value());
    m_settings.set(kSeed, m_seed->value());
}

workflow::ValidationChoice TrainSettings::validation() const
{
    workflow::ValidationChoice choice;
    choice.method = static_cast<Method>(m_method->currentData().toInt());
    choice.folds = m_folds->value();
    choice.testShare = m_share->value() / 100;
    return choice;
}

workflow::TrainRequest TrainSettings::request(const QString& project) const
{
    workflow::TrainRequest request;
    request.project = project;
    request.trainer = m_trainers->chosen();
    m_task->addTo(request);
    request.parameters = m_parameters->values();
    request.seed = static_cast<quint64>(m_seed->value());
    request.validation = validation();
    request.features = m_features->request();
    return request;
}

QString TrainSettings::commandLine(const QString& project) const
{
    QStringList words{QStringLiteral("emberlab train --project '%1' --trainer %2").arg(project, m_trainers->chosen())};
    words << m_task->commandLineWords();
    words << m_parameters->commandLineWords();
    words
        << QStringLiteral("--seed %1 --validation %2").arg(m_seed->value()).arg(workflow::validationName(validation()));
    return words.join(QLatin1Char(' '));
}

} // namespace ember::gui
