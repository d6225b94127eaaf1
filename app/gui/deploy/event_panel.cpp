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
    , m_smoothing(windowsBox("events-smoothing", 1, tr("Windows that are averaged")))
    , m_on(shareBox("events-on", tr("Share of a class at which an event begins")))
    , m_off(shareBox("events-off", tr("Share below which it ends")))
    , m_patience(windowsBox("events-patience", 1, tr("Windows in a row that make an event")))
    , m_deadTime(
          windowsBox("events-dead-time", 0, tr("Windows behind an event in which none of the same class begins")))
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
    connect(m_wanted, &QCheckBox::clicked, this, &EventPanel::edited);
    connect(m_choose, &QPushButton::clicked, &runner, &DeployRunner::chooseEvents);
    connect(&runner, &DeployRunner::changed, this, &EventPanel::refresh);
    refresh();
}

QWidget* EventPanel::buildSettings()
{
    m_background->setObjectName(QStringLiteral("events-background"));
    m_background->setToolTip(tr("Class that is no event"));
    m_background->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_background->setMinimumContentsLength(8);
    connect(m_background, &QComboBox::activated, this, &EventPanel::edited);
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setSpacing(m_theme.metrics().s);
    form->addRow(tr("Averaged over"), m_smoothing);
    form->addRow(tr("Begins at"), m_on);
    form->addRow(tr("Ends below"), m_off);
    form->addRow(tr("Seen for"), m_patience);
    form->addRow(tr("Then silent for"), m_deadTime);
    form->addRow(tr("No event is"), m_background);
    auto* column = plainLayout<QVBoxLayout>(m_settings, m_theme.metrics().s);
    column->addLayout(form);
    column->addWidget(m_choose, 0, Qt::AlignLeft);
    column->addWidget(m_report);
    return m_settings;
}

QSpinBox* EventPanel::windowsBox(const char* name, int least, const QString& tip)
{
    auto* box = new QSpinBox;
    box->setObjectName(QLatin1String(name));
    box->setRange(least, learn::kMostEventWindows);
    box->setSuffix(tr(" windows"));
    box->setToolTip(tip);
    box->setKeyboardTracking(false);
    connect(box, &QSpinBox::valueChanged, this, &EventPanel::edited);
    return box;
}

QDoubleSpinBox* EventPanel::shareBox(const char* name, const QString& tip)
{
    auto* box = new QDoubleSpinBox;
    box->setObjectName(QLatin1String(name));
    box->setRange(0, 100);
    box->setDecimals(0);
    box->setSingleStep(5);
    box->setSuffix(tr(" %"));
    box->setToolTip(tip);
    box->setKeyboardTracking(false);
    connect(box, &QDoubleSpinBox::valueChanged, this, [this, box] { keepOrder(box); });
    connect(box, &QDoubleSpinBox::valueChanged, this, &EventPanel::edited);
    return box;
}

void EventPanel::refresh()
{
    const auto& deployment = m_runner.deployment();
    const bool hasClasses = deployment && !deployment->source.model.classNames.isEmpty();
    setVisible(!deployment || hasClasses);
    setEnabled(!m_runner.isRunning());
    if (!hasClasses || m_pause.isActive())
        return; // what is shown stays until it is known what is, and until it is stored
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

void EventPanel::edited()
{
    if (!m_showing)
        m_pause.start();
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
    if (!m_runner.deployment()) {
        m_pause.start(); // the change before is being worked on
        return;
    }
    if (!m_wanted->isChecked()) {
        m_runner.setEvents(std::nullopt);
        return;
    }
    workflow::EventChoice choice;
    if (m_runner.events()) {
        choice = {
            {m_smoothing->value(), m_on->value() / 100, m_off->value() / 100, m_patience->value(), m_deadTime->value()},
            m_background->currentData().toString()};
    } else {
        choice.settings = workflow::kUsualEvents;
        choice.background = workflow::backgroundOf(m_runner.deployment()->source.model, {}).value_or(QString());
    }
    m_runner.setEvents(choice);
}

QString EventPanel::reportText() const
{
    const auto& report = m_runner.eventReport();
    if (!report || !m_runner.events() || m_runner.events()->settings != report->settings)
        return {};
    const auto latency = report->latencySeconds(0.5);
    QString text = tr("%1 of %2 events found, %3 false alarms an hour")
                       .arg(formatCount(report->total.found), formatCount(report->total.happened))
                       .arg(report->falseAlarmsPerHour(), 0, 'f', 1);
    if (latency)
        text += tr(", known after %1 s").arg(*latency, 0, 'f', 1);
    text += tr("; %1, as a board says it").arg(tr("%n recording(s)", nullptr, static_cast<int>(report->recordings)));
    for (const QString& note : report->notes)
        text += QLatin1Char('\n') + note;
    return text;
}

} // namespace ember::gui
