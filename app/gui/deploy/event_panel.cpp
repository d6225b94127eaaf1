// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/event_panel.h"

#include "app/gui/deploy/deploy_runner.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "core/base/quantity.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QSpinBox>

#include <algorithm>

namespace ember::gui {
namespace {

// Of quick changes only the last is stored: each means another build.
constexpr int kPauseMs = 300;

} // namespace

EventPanel::EventPanel(DeployRunner& runner, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_runner(runner)
    , m_theme(theme)
    , m_wanted(new QCheckBox(tr("Tell what begins and ends")))
    , m_settings(new QWidget)
    , m_form(new QWidget)
    , m_smoothing(windowsBox("events-smoothing", 1, &learn::EventSettings::smoothing, tr("Windows that are averaged")))
    , m_on(shareBox("events-on", &learn::EventSettings::on, tr("Share of a class at which an event begins")))
    , m_off(shareBox("events-off", &learn::EventSettings::off, tr("Share below which it ends")))
    , m_patience(
          windowsBox("events-patience", 1, &learn::EventSettings::patience, tr("Windows in a row that make an event")))
    , m_deadTime(windowsBox("events-dead-time", 0, &learn::EventSettings::deadTime,
                            tr("Windows behind an event in which none of the same class begins")))
    , m_background(new QComboBox)
    , m_choose(makeButton(tr("Choose on recordings")))
    , m_report(makeLabel({}, "caption"))
{
    m_wanted->setObjectName(QStringLiteral("deploy-events"));
    m_wanted->setToolTip(tr("The board averages its answers and says when something begins and ends, with the settings "
                            "that the desktop scores events with"));
    m_choose->setObjectName(QStringLiteral("events-choose"));
    m_choose->setToolTip(tr("The settings that find most events with the fewest false alarms, on recordings that the "
                            "model was not trained on"));
    m_report->setWordWrap(true);
    auto* column = plainLayout<QVBoxLayout>(this, theme.metrics().s);
    column->addWidget(makeLabel(tr("Events"), "heading"));
    column->addWidget(m_wanted);
    column->addWidget(buildSettings());
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &EventPanel::store);
    connect(m_wanted, &QCheckBox::clicked, this, &EventPanel::toggle);
    connect(&runner, &DeployRunner::aboutToRun, this, &EventPanel::flush);
    connect(m_choose, &QPushButton::clicked, this, [this] {
        if (m_runner.isChoosing()) {
            m_runner.cancelChoice();
            return;
        }
        m_runner.chooseEvents();
    });
    connect(&runner, &DeployRunner::changed, this, &EventPanel::refresh);
    refresh();
}

QWidget* EventPanel::buildSettings()
{
    m_background->setObjectName(QStringLiteral("events-background"));
    m_background->setToolTip(tr("Class that is no event"));
    m_background->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_background->setMinimumContentsLength(8);
    connect(m_background, &QComboBox::activated, this,
            [this] { edit([this](auto& choice) { choice.background = m_background->currentData().toString(); }); });
    auto* form = new QFormLayout(m_form);
    form->setContentsMargins(0, 0, 0, 0);
    form->setSpacing(m_theme.metrics().s);
    form->addRow(tr("Averaged over"), m_smoothing);
    form->addRow(tr("Begins at"), m_on);
    form->addRow(tr("Ends below"), m_off);
    form->addRow(tr("Seen for"), m_patience);
    form->addRow(tr("Then silent for"), m_deadTime);
    form->addRow(tr("No event is"), m_background);
    auto* column = plainLayout<QVBoxLayout>(m_settings, m_theme.metrics().s);
    column->addWidget(m_form);
    column->addWidget(m_choose, 0, Qt::AlignLeft);
    column->addWidget(m_report);
    return m_settings;
}

QSpinBox* EventPanel::windowsBox(const char* name, int least, int learn::EventSettings::*field, const QString& tip)
{
    auto* box = new QSpinBox;
    box->setObjectName(QLatin1String(name));
    box->setRange(least, learn::kMostEventWindows);
    const auto nameUnit = [box](int value) { box->setSuffix(value == 1 ? tr(" window") : tr(" windows")); };
    nameUnit(box->value());
    connect(box, &QSpinBox::valueChanged, this, nameUnit);
    box->setToolTip(tip);
    box->setKeyboardTracking(false);
    connect(box, &QSpinBox::valueChanged, this,
            [this, field](int value) { edit([=](auto& choice) { choice.settings.*field = value; }); });
    return box;
}

QDoubleSpinBox* EventPanel::shareBox(const char* name, double learn::EventSettings::*field, const QString& tip)
{
    auto* box = new QDoubleSpinBox;
    box->setObjectName(QLatin1String(name));
    box->setRange(1, 100); // nothing ends below a share of nothing
    box->setDecimals(1);
    box->setSingleStep(5);
    box->setSuffix(tr(" %"));
    box->setToolTip(tip);
    box->setKeyboardTracking(false);
    connect(box, &QDoubleSpinBox::valueChanged, this, [this, box] { keepOrder(box); });
    connect(box, &QDoubleSpinBox::valueChanged, this, [this, box, field](double value) {
        edit([=, this](auto& choice) {
            choice.settings.*field = value / 100;
            // What is stored has more digits than what is shown.
            if (box == m_on)
                choice.settings.off = std::min(choice.settings.off, choice.settings.on);
            else
                choice.settings.on = std::max(choice.settings.on, choice.settings.off);
        });
    });
    return box;
}

void EventPanel::refresh()
{
    const auto& deployment = m_runner.deployment();
    const bool hasClasses = deployment && !deployment->source.model.classNames.isEmpty();
    setVisible(!deployment || hasClasses);
    if (!isShown())
        m_pause.stop(); // an edit of another model
    const bool editable = !m_runner.isRunning() && m_runner.target().isValid();
    m_wanted->setEnabled(editable && deployment);
    m_form->setEnabled(editable && (deployment || isShown()));
    m_choose->setEnabled(m_runner.isChoosing() || (editable && deployment));
    m_choose->setText(m_runner.isChoosing() ? tr("Cancel") : tr("Choose on recordings"));
    if (!hasClasses || m_pause.isActive())
        return; // what is shown stays until it is known what is, and until it is stored
    m_project = m_runner.target().project;
    m_model = m_runner.target().model;
    m_draft = m_runner.events();
    const auto& events = m_runner.events();
    m_showing = true;
    m_wanted->setChecked(events.has_value());
    m_settings->setVisible(events.has_value());
    m_background->clear();
    m_background->addItem(tr("none of the classes"), QString());
    for (const QString& name : deployment->source.model.classNames)
        m_background->addItem(name, name);
    if (events)
        show(*events);
    m_report->setText(reportText());
    m_report->setVisible(!m_report->text().isEmpty());
    m_showing = false;
}

void EventPanel::show(const workflow::EventChoice& choice)
{
    m_smoothing->setValue(choice.settings.smoothing);
    m_on->setValue(100 * choice.settings.on);
    m_off->setValue(100 * choice.settings.off);
    m_patience->setValue(choice.settings.patience);
    m_deadTime->setValue(choice.settings.deadTime);
    m_background->setCurrentIndex(std::max(0, m_background->findData(choice.background)));
}

bool EventPanel::isShown() const
{
    return m_runner.target().project == m_project && m_runner.target().model == m_model;
}

void EventPanel::edit(const std::function<void(workflow::EventChoice&)>& change)
{
    if (m_showing || !m_draft)
        return;
    change(*m_draft);
    m_pause.start();
}

void EventPanel::toggle(bool wanted)
{
    const auto& deployment = m_runner.deployment();
    m_draft.reset();
    if (wanted && deployment)
        m_draft = workflow::EventChoice{workflow::kUsualEvents,
                                        workflow::backgroundOf(deployment->source.model, {}).value_or(QString())};
    m_pause.start();
}

void EventPanel::flush()
{
    if (!m_pause.isActive())
        return;
    m_pause.stop();
    store();
}

// An event cannot end above where it begins: whichever is moved takes the other along.
void EventPanel::keepOrder(const QDoubleSpinBox* moved)
{
    if (m_showing || m_off->value() <= m_on->value())
        return;
    if (moved == m_on)
        m_off->setValue(m_on->value());
    else
        m_on->setValue(m_off->value());
}

void EventPanel::store()
{
    if (!isShown())
        return;
    if (m_runner.deployment() && !m_runner.isRunning())
        m_runner.setEvents(m_draft);
    else
        m_pause.start(); // the change before is being worked on
}

QString EventPanel::reportText() const
{
    const auto& report = m_runner.eventReport();
    const auto& events = m_runner.events();
    if (!report || !events || events->settings != report->settings || events->background != report->background)
        return {};
    const auto latency = report->latencySeconds(0.5);
    QString text = tr("%1 of %2 events found, %3 false alarms an hour")
                       .arg(formatCount(report->total.found), formatCount(report->total.happened))
                       .arg(report->falseAlarmsPerHour(), 0, 'f', 1);
    if (latency)
        text += tr(", known after %1 s").arg(*latency, 0, 'f', 1);
    text += tr("; %1").arg(report->recordings == 1 ? tr("1 recording")
                                                   : tr("%1 recordings").arg(formatCount(report->recordings)));
    if (report->asOnBoards)
        text += tr(", as a board says it");
    if (m_runner.learning())
        text += tr(", of the model that does not learn");
    for (const QString& note : report->notes)
        text += QLatin1Char('\n') + note;
    return text;
}

} // namespace ember::gui
