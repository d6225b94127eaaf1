// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/block_form.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/parameter_form.h"

#include <QCheckBox>
#include <QJsonArray>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kSettleMs = 350;
constexpr int kLongName = 9; ///< letters

using Type = features::BlockParameter::Type;

/// As the forms of trainers have it; sets of choices have fields of their own.
plugin::ParameterSpec specOf(const features::BlockParameter& parameter)
{
    plugin::ParameterSpec spec;
    spec.key = parameter.key;
    spec.type = parameter.type == Type::Integer ? plugin::ParameterType::Integer
                : parameter.type == Type::Real  ? plugin::ParameterType::Real
                                                : plugin::ParameterType::Choice;
    spec.defaultValue = parameter.defaultValue.toVariant();
    if (parameter.type != Type::Choice) {
        spec.minimum = parameter.minimum;
        spec.maximum = parameter.maximum;
    }
    spec.choices = parameter.choices;
    spec.name = parameter.name;
    spec.unit = parameter.unit;
    spec.help = parameter.help;
    return spec;
}

} // namespace

BlockForm::BlockForm(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_column(plainLayout<QVBoxLayout>(this, theme.metrics().s))
    , m_title(makeLabel({}, "heading"))
    , m_help(makeLabel({}, "muted"))
    , m_left(makeIconButton(QStringLiteral("chevron-left"), tr("Move to the left (Ctrl+Left)")))
    , m_right(makeIconButton(QStringLiteral("chevron-right"), tr("Move to the right (Ctrl+Right)")))
    , m_remove(makeIconButton(QStringLiteral("trash"), tr("Take out of the pipeline (Del)")))
{
    m_left->setObjectName(QStringLiteral("part-left"));
    m_right->setObjectName(QStringLiteral("part-right"));
    m_remove->setObjectName(QStringLiteral("part-remove"));
    m_help->setWordWrap(true);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    for (QToolButton* button : {m_left, m_right, m_remove})
        head->addWidget(button);
    m_column->addLayout(head);
    m_column->addWidget(m_help);
    m_settle.setSingleShot(true);
    m_settle.setInterval(kSettleMs);
    connect(&m_settle, &QTimer::timeout, this, [this] {
        const features::BlockUse now = use();
        if (now != m_use)
            Q_EMIT changed(now);
    });
    connect(m_left, &QToolButton::clicked, this, [this] { Q_EMIT moveWanted(-1); });
    connect(m_right, &QToolButton::clicked, this, [this] { Q_EMIT moveWanted(1); });
    connect(m_remove, &QToolButton::clicked, this, &BlockForm::removeWanted);
    hide();
}

void BlockForm::show(const features::Pipeline& pipeline, std::optional<PartId> part)
{
    const features::BlockUse* shown = part ? useOf(pipeline, *part) : nullptr;
    const std::optional<features::BlockInfo> info =
        part ? infoOf(pipeline, *part) : std::optional<features::BlockInfo>();
    setVisible(shown && info);
    if (!shown || !info) {
        m_settle.stop();
        m_part.reset();
        return;
    }
    const std::size_t count = part->isStage ? pipeline.stages.size() : pipeline.blocks.size();
    m_left->setEnabled(part->index > 0);
    m_right->setEnabled(part->index + 1 < count);
    const QStringList names = signalsFor(pipeline, *part);
    // What is being typed must not be taken away by its own effect.
    const bool sameFields = m_part == part && m_use.block == shown->block && m_signalNames == names;
    if (sameFields && (m_settle.isActive() || use() == *shown)) {
        m_use = *shown;
        return;
    }
    m_part = part;
    build(*info, *shown, names);
}

void BlockForm::build(const features::BlockInfo& info, const features::BlockUse& use, const QStringList& signalNames)
{
    m_settle.stop();
    m_info = info;
    m_use = use;
    m_signalNames = signalNames;
    m_title->setText(info.title);
    m_help->setText(info.help);
    m_help->setToolTip(info.source);
    delete m_fields;
    m_fields = new QWidget;
    plainLayout<QVBoxLayout>(m_fields, m_theme.metrics().s);
    m_column->addWidget(m_fields);
    m_channels.clear();
    m_sets.clear();
    if (!info.allChannels) {
        QList<bool> on;
        for (int i = 0; i < signalNames.size(); ++i)
            on << (std::find(use.channels.begin(), use.channels.end(), i) != use.channels.end());
        m_channels = addChecks(tr("Reads"), tr("The signals that it reads"), signalNames, on);
    }
    QList<plugin::ParameterSpec> specs;
    for (const features::BlockParameter& parameter : info.parameters) {
        if (parameter.type != Type::ChoiceSet) {
            specs << specOf(parameter);
            continue;
        }
        const QJsonArray chosen = use.parameters.value(parameter.key).toArray();
        QList<bool> on;
        for (const QString& choice : parameter.choices)
            on << chosen.contains(choice);
        m_sets.insert(parameter.key, addChecks(parameter.name, parameter.help, parameter.choices, on));
    }
    m_form = new ParameterForm;
    m_form->setParameters(specs, use.parameters.toVariantMap());
    connect(m_form, &ParameterForm::changed, this, &BlockForm::changedSoon);
    m_fields->layout()->addWidget(m_form);
}

QList<QAbstractButton*> BlockForm::addChecks(const QString& title, const QString& help, const QStringList& names,
                                             const QList<bool>& on)
{
    m_fields->layout()->addWidget(makeLabel(title, "muted"));
    auto* grid = new QWidget;
    auto* layout = plainLayout<QGridLayout>(grid, m_theme.metrics().xs);
    // Side by side where the names leave room.
    const bool isLong = std::any_of(names.begin(), names.end(), [](const QString& n) { return n.size() > kLongName; });
    const int columns = isLong ? 1 : 2;
    QList<QAbstractButton*> boxes;
    for (int i = 0; i < names.size(); ++i) {
        auto* box = new QCheckBox(names[i]);
        box->setToolTip(help);
        box->setChecked(on[i]);
        connect(box, &QCheckBox::toggled, this, &BlockForm::changedSoon);
        layout->addWidget(box, i / columns, i % columns);
        boxes << box;
    }
    m_fields->layout()->addWidget(grid);
    return boxes;
}

features::BlockUse BlockForm::use() const
{
    features::BlockUse made = m_use;
    if (!m_info.allChannels) {
        made.channels.clear();
        for (int i = 0; i < m_channels.size(); ++i) {
            if (m_channels[i]->isChecked())
                made.channels.push_back(i);
        }
    }
    // A value that was not touched keeps its JSON type, and so the pipeline its hash.
    const QVariantMap typed = m_form ? m_form->values() : QVariantMap();
    for (auto value = typed.begin(); value != typed.end(); ++value) {
        const QJsonValue before = m_use.parameters.value(value.key());
        const QJsonValue now = QJsonValue::fromVariant(value.value());
        if (before.toVariant().toString() != value.value().toString())
            made.parameters.insert(value.key(), now);
    }
    for (auto set = m_sets.begin(); set != m_sets.end(); ++set) {
        QJsonArray chosen;
        for (const QAbstractButton* box : *set) {
            if (box->isChecked())
                chosen.append(box->text());
        }
        made.parameters.insert(set.key(), chosen);
    }
    return made;
}

} // namespace ember::gui
