// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/parameter_form.h"

#include "app/gui/widgets/build.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QSpinBox>

#include <cmath>
#include <limits>

namespace ember::gui {
namespace {

using plugin::ParameterSpec;
using plugin::ParameterType;

int intBound(const QVariant& bound, int fallback)
{
    return bound.isValid() ? static_cast<int>(std::clamp<qint64>(bound.toLongLong(), std::numeric_limits<int>::min(),
                                                                 std::numeric_limits<int>::max()))
                           : fallback;
}

// Enough digits to type the default exactly, to tell a small value from none, and at least two.
int decimalsFor(const QVariant& defaultValue, double value)
{
    const QString text =
        QString::number(defaultValue.toDouble(), 'f', 10).remove(QRegularExpression(QStringLiteral("0+$")));
    const auto exact = static_cast<int>(text.size() - text.indexOf(QLatin1Char('.')) - 1);
    constexpr int kSignificant = 3;
    const int small = value != 0 ? kSignificant - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))) : 0;
    return std::clamp(std::max(exact, small), 2, 8);
}

} // namespace

ParameterForm::ParameterForm(QWidget* parent)
    : QWidget(parent)
    , m_form(new QFormLayout(this))
{
    m_form->setContentsMargins(0, 0, 0, 0);
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_form->setHorizontalSpacing(12);
    m_form->setVerticalSpacing(8);
}

void ParameterForm::setParameters(const QList<ParameterSpec>& specs, const QVariantMap& values)
{
    while (m_form->rowCount() > 0)
        m_form->removeRow(0);
    m_fields.clear();
    m_specs = specs;
    for (const ParameterSpec& spec : specs) {
        QWidget* field = makeField(spec, values.value(spec.key, spec.defaultValue));
        field->setToolTip(spec.help);
        field->setWhatsThis(spec.help);
        field->setAccessibleName(spec.name);
        field->setObjectName(spec.key);
        QLabel* label = makeLabel(spec.name);
        label->setToolTip(spec.help);
        label->setBuddy(field);
        m_form->addRow(label, field);
        m_fields.insert(spec.key, field);
    }
}

QWidget* ParameterForm::makeField(const ParameterSpec& spec, const QVariant& value)
{
    const QString suffix = spec.unit.isEmpty() ? QString() : QLatin1Char(' ') + spec.unit;
    switch (spec.type) {
    case ParameterType::Integer: {
        auto* box = new QSpinBox;
        box->setRange(intBound(spec.minimum, std::numeric_limits<int>::min()),
                      intBound(spec.maximum, std::numeric_limits<int>::max()));
        box->setValue(value.toInt());
        box->setSuffix(suffix);
        connect(box, &QSpinBox::valueChanged, this, &ParameterForm::changed);
        return box;
    }
    case ParameterType::Real: {
        auto* box = new QDoubleSpinBox;
        box->setDecimals(decimalsFor(spec.defaultValue, value.toDouble()));
        box->setRange(spec.minimum.isValid() ? spec.minimum.toDouble() : -1e12,
                      spec.maximum.isValid() ? spec.maximum.toDouble() : 1e12);
        box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
        box->setValue(value.toDouble());
        box->setSuffix(suffix);
        connect(box, &QDoubleSpinBox::valueChanged, this, &ParameterForm::changed);
        return box;
    }
    case ParameterType::Boolean: {
        auto* box = new QCheckBox;
        box->setChecked(value.toBool());
        connect(box, &QCheckBox::toggled, this, &ParameterForm::changed);
        return box;
    }
    case ParameterType::Choice: {
        auto* box = new QComboBox;
        box->addItems(spec.choices);
        box->setCurrentText(value.toString());
        connect(box, &QComboBox::currentIndexChanged, this, &ParameterForm::changed);
        return box;
    }
    case ParameterType::Text:
        break;
    }
    auto* edit = new QLineEdit(value.toString());
    connect(edit, &QLineEdit::textChanged, this, &ParameterForm::changed);
    return edit;
}

QVariant ParameterForm::valueOf(const ParameterSpec& spec) const
{
    QWidget* field = m_fields.value(spec.key);
    switch (spec.type) {
    case ParameterType::Integer:
        return qobject_cast<QSpinBox*>(field)->value();
    case ParameterType::Real:
        return qobject_cast<QDoubleSpinBox*>(field)->value();
    case ParameterType::Boolean:
        return qobject_cast<QCheckBox*>(field)->isChecked();
    case ParameterType::Choice:
        return qobject_cast<QComboBox*>(field)->currentText();
    case ParameterType::Text:
        return qobject_cast<QLineEdit*>(field)->text();
    }
    return {};
}

QVariantMap ParameterForm::values() const
{
    QVariantMap all;
    for (const ParameterSpec& spec : m_specs)
        all.insert(spec.key, valueOf(spec));
    return all;
}

QStringList ParameterForm::commandLineWords() const
{
    QStringList words;
    for (const ParameterSpec& spec : m_specs) {
        const QVariant value = valueOf(spec);
        if (value.toString() != spec.defaultValue.toString())
            words << QStringLiteral("--set") << spec.key + QLatin1Char('=') + value.toString();
    }
    return words;
}

void ParameterForm::reset()
{
    setParameters(QList<ParameterSpec>(m_specs));
    Q_EMIT changed();
}

} // namespace ember::gui
