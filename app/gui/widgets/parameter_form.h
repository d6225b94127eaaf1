// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

#include <QMap>
#include <QVariantMap>
#include <QWidget>

class QFormLayout;

namespace ember::gui {

/// A form made from what a plugin says of its parameters: one field for each, with range, unit, default and help. GUI
/// thread.
class ParameterForm : public QWidget
{
    Q_OBJECT

public:
    explicit ParameterForm(QWidget* parent = nullptr);

    /// Replaces the fields; those keys of `values` that fit are filled in, the others have their defaults.
    void setParameters(const QList<plugin::ParameterSpec>& specs, const QVariantMap& values = {});
    QVariantMap values() const;
    /// Only what differs from the defaults, as "--set key=value" words.
    QStringList commandLineWords() const;
    QWidget* field(const QString& key) const { return m_fields.value(key); }
    void reset();

Q_SIGNALS:
    void changed();

private:
    QWidget* makeField(const plugin::ParameterSpec& spec, const QVariant& value);
    QVariant valueOf(const plugin::ParameterSpec& spec) const;

    QList<plugin::ParameterSpec> m_specs;
    QMap<QString, QWidget*> m_fields;
    QFormLayout* m_form;
};

} // namespace ember::gui
