// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/take_form.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/widgets/build.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QSpinBox>

namespace ember::gui {
namespace {

constexpr double kLongestTake = 3600;
constexpr double kLongestPause = 600;
constexpr int kLongestCountdown = 60;
constexpr int kMostTakes = 1000;
constexpr double kHighestLevel = 1e9;
constexpr int kLeastFieldWidth = 60;

template <typename T>
std::function<bool(const T&)> within(T least, T most)
{
    return [least, most](const T& value) { return value >= least && value <= most; };
}

const Setting<double> kLength{"capture/length", 10.0, within(0.0, kLongestTake)};
const Setting<double> kHistory{"capture/history", 0.0, within(0.0, DeviceSession::kHistorySeconds)};
const Setting<QString> kGroup{"capture/group", QString()};
const Setting<QString> kSession{"capture/session", QString()};
const Setting<QString> kPlacement{"capture/placement", QString()};
const Setting<int> kCountdown{"capture/countdown", 0, within(0, kLongestCountdown)};
const Setting<int> kTakes{"capture/takes", 1, within(1, kMostTakes)};
const Setting<double> kPause{"capture/pause", 2.0, within(0.0, kLongestPause)};
const Setting<int> kTrigger{"capture/trigger", 0, within(0, 2)};
const Setting<QString> kChannel{"capture/trigger-channel", QString()};
const Setting<double> kLevel{"capture/trigger-level", 1.0, within(-kHighestLevel, kHighestLevel)};
const Setting<bool> kFolded{"capture/take-folded", true};

enum Trigger
{
    Off,
    Rising,
    Falling
};

QDoubleSpinBox* secondsBox(const char* name, double most, const QString& nothing, const QString& tip)
{
    auto* box = new QDoubleSpinBox;
    box->setObjectName(QLatin1String(name));
    box->setRange(0, most);
    box->setDecimals(1);
    box->setSuffix(QObject::tr(" s"));
    box->setSpecialValueText(nothing);
    box->setToolTip(tip);
    return box;
}

QSpinBox* countBox(const char* name, int least, int most, const QString& tip)
{
    auto* box = new QSpinBox;
    box->setObjectName(QLatin1String(name));
    box->setRange(least, most);
    box->setToolTip(tip);
    return box;
}

QLineEdit* textField(const char* name, const QString& placeholder, const QString& tip)
{
    auto* field = new QLineEdit;
    field->setObjectName(QLatin1String(name));
    field->setPlaceholderText(placeholder);
    field->setToolTip(tip);
    return field;
}

/// As wide as the inspector lets it be, whatever the longest value would like.
void addField(QFormLayout* rows, const QString& name, QWidget* field)
{
    field->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    field->setMinimumWidth(kLeastFieldWidth);
    rows->addRow(makeLabel(name), field);
}

/// Shows what is stored and stores what is chosen.
template <typename Box, typename T>
void remember(Box* box, UiSettings& settings, const Setting<T>& setting)
{
    box->setValue(settings.get(setting));
    QObject::connect(box, QOverload<T>::of(&Box::valueChanged), box,
                     [&settings, &setting](T value) { settings.set(setting, value); });
}

void remember(QLineEdit* field, UiSettings& settings, const Setting<QString>& setting)
{
    field->setText(settings.get(setting));
    QObject::connect(field, &QLineEdit::textChanged, field,
                     [&settings, &setting](const QString& text) { settings.set(setting, text); });
}

} // namespace

TakeForm::TakeForm(UiSettings& settings, QWidget* parent)
    : QWidget(parent)
    , m_settings(settings)
    , m_length(secondsBox("take-length", kLongestTake, tr("until stopped"),
                          tr("A take ends by itself after this time of the board's clock")))
    , m_history(secondsBox("take-history", DeviceSession::kHistorySeconds, tr("nothing"),
                           tr("A take begins so long before the key, the trigger or the countdown's end")))
    , m_group(textField("take-group", tr("who or what"),
                        tr("Recordings of one group are never split between training and test")))
    , m_session(textField("take-session", tr("day, set-up"), tr("Kept with each recording")))
    , m_placement(textField("take-placement", tr("where it sits"), tr("Kept with each recording")))
    , m_notes(textField("take-notes", tr("free text"), tr("Kept with the recording, then cleared")))
    , m_countdown(countBox("take-countdown", 0, kLongestCountdown, tr("Time to get ready after the key")))
    , m_takes(countBox("take-count", 1, kMostTakes, tr("How many takes follow each other; they need a length")))
    , m_pause(secondsBox("take-pause", kLongestPause, tr("none"), tr("Between two takes")))
    , m_trigger(new QComboBox)
    , m_channel(new QComboBox)
    , m_level(new QDoubleSpinBox)
    , m_fold(new QToolButton)
    , m_rows(new QFormLayout(this))
{
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    buildTake(m_rows);
    m_rows->addRow(m_fold);
    m_firstFolded = m_rows->rowCount();
    buildDetails(m_rows);
    buildSequence(m_rows);
    buildTrigger(m_rows);

    m_fold->setObjectName(QStringLiteral("take-more"));
    m_fold->setText(tr("Details, repeats, trigger"));
    m_fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_fold->setAutoRaise(true);
    m_fold->setFocusPolicy(Qt::TabFocus);
    setFolded(settings.get(kFolded));
    connect(m_fold, &QToolButton::clicked, this, [this] {
        const bool folded = m_rows->isRowVisible(m_firstFolded);
        setFolded(folded);
        m_settings.set(kFolded, folded);
    });
    refresh();
}

void TakeForm::buildTake(QFormLayout* rows)
{
    remember(m_length, m_settings, kLength);
    remember(m_group, m_settings, kGroup);
    connect(m_length, &QDoubleSpinBox::valueChanged, this, &TakeForm::refresh);
    addField(rows, tr("Length"), m_length);
    addField(rows, tr("Group"), m_group);
}

void TakeForm::buildDetails(QFormLayout* rows)
{
    remember(m_session, m_settings, kSession);
    remember(m_placement, m_settings, kPlacement);
    addField(rows, tr("Session"), m_session);
    addField(rows, tr("Placement"), m_placement);
    addField(rows, tr("Notes"), m_notes);
}

void TakeForm::buildSequence(QFormLayout* rows)
{
    m_countdown->setSuffix(tr(" s"));
    m_countdown->setSpecialValueText(tr("none"));
    remember(m_countdown, m_settings, kCountdown);
    remember(m_takes, m_settings, kTakes);
    remember(m_pause, m_settings, kPause);
    remember(m_history, m_settings, kHistory);
    connect(m_takes, &QSpinBox::valueChanged, this, &TakeForm::refresh);
    addField(rows, tr("Countdown"), m_countdown);
    addField(rows, tr("Takes"), m_takes);
    addField(rows, tr("Pause"), m_pause);
    addField(rows, tr("Keep before"), m_history);
}

void TakeForm::buildTrigger(QFormLayout* rows)
{
    m_trigger->setObjectName(QStringLiteral("take-trigger"));
    m_trigger->addItems({tr("at once"), tr("rises above"), tr("falls below")});
    m_trigger->setToolTip(tr("What a take waits for"));
    m_trigger->setCurrentIndex(m_settings.get(kTrigger));
    m_channel->setObjectName(QStringLiteral("take-trigger-channel"));
    m_channel->setToolTip(tr("The channel that is looked at"));
    m_level->setObjectName(QStringLiteral("take-trigger-level"));
    m_level->setRange(-kHighestLevel, kHighestLevel);
    m_level->setDecimals(3);
    m_level->setToolTip(tr("In the channel's unit"));
    remember(m_level, m_settings, kLevel);
    connect(m_trigger, &QComboBox::activated, this, [this](int index) {
        m_settings.set(kTrigger, index);
        refresh();
    });
    connect(m_channel, &QComboBox::activated, this, [this] { m_settings.set(kChannel, m_channel->currentText()); });
    connect(m_channel, &QComboBox::currentIndexChanged, this, [this] {
        const QString unit = m_channel->currentData().toString();
        m_level->setSuffix(unit.isEmpty() ? QString() : QLatin1Char(' ') + unit);
    });
    addField(rows, tr("Begins"), m_trigger);
    addField(rows, tr("Channel"), m_channel);
    addField(rows, tr("Level"), m_level);
}

void TakeForm::setFolded(bool folded)
{
    for (int row = m_firstFolded; row < m_rows->rowCount(); ++row)
        m_rows->setRowVisible(row, !folded);
    m_fold->setArrowType(folded ? Qt::RightArrow : Qt::DownArrow);
    m_fold->setToolTip(folded ? tr("Show all settings of a take") : tr("Fold away"));
}

/// What a choice makes pointless is disabled.
void TakeForm::refresh()
{
    m_takes->setEnabled(m_length->value() > 0);
    m_pause->setEnabled(m_takes->isEnabled() && m_takes->value() > 1);
    const bool triggered = m_trigger->currentIndex() != Off;
    m_channel->setEnabled(triggered && m_channel->count() > 0);
    m_level->setEnabled(triggered);
}

TakeSettings TakeForm::take() const
{
    TakeSettings settings;
    settings.group = m_group->text().trimmed();
    settings.seconds = m_length->value();
    settings.historySeconds = m_history->value();
    settings.metadata = {{QStringLiteral("session"), m_session->text().trimmed()},
                         {QStringLiteral("placement"), m_placement->text().trimmed()},
                         {QStringLiteral("notes"), m_notes->text().trimmed()}};
    return settings;
}

TakePlan TakeForm::plan() const
{
    TakePlan plan;
    plan.takes = m_takes->isEnabled() ? m_takes->value() : 1;
    plan.pauseSeconds = m_pause->value();
    plan.countdownSeconds = m_countdown->value();
    if (m_trigger->currentIndex() != Off && m_channel->currentIndex() >= 0)
        plan.trigger = LevelTrigger{m_channel->currentIndex(), m_level->value(), m_trigger->currentIndex() == Falling};
    return plan;
}

void TakeForm::clearNotes()
{
    m_notes->clear();
}

void TakeForm::setStream(const signal::StreamSpec& spec)
{
    const QString chosen = m_settings.get(kChannel);
    m_channel->clear();
    for (const signal::Channel& channel : spec.channels)
        m_channel->addItem(channel.name, channel.unit);
    m_channel->setCurrentIndex(std::max(0, m_channel->findText(chosen)));
    refresh();
}

} // namespace ember::gui
