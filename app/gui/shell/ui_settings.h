// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QVariant>
#include <QVariantMap>

#include <functional>

namespace ember::gui {

/// One remembered choice: its key, what it is until somebody chooses, and what counts as valid.
template <typename T>
struct Setting
{
    const char* key;
    T defaultValue;
    std::function<bool(const T&)> isValid = nullptr;
};

/// What the workbench remembers between runs: sizes, choices, last values. One file of the user's; a value that was
/// damaged or is out of range reads as its default. GUI thread.
class UiSettings
{
public:
    /// The user's own settings.
    UiSettings() = default;
    /// Those of a file, for tests and portable installations.
    explicit UiSettings(const QString& file)
        : m_store(file, QSettings::IniFormat)
    {}

    template <typename T>
    T get(const Setting<T>& setting) const
    {
        const QVariant stored = m_store.value(QLatin1String(setting.key));
        if (!stored.isValid() || !stored.canConvert<T>())
            return setting.defaultValue;
        const T value = stored.value<T>();
        return setting.isValid && !setting.isValid(value) ? setting.defaultValue : value;
    }

    template <typename T>
    void set(const Setting<T>& setting, const T& value)
    {
        m_store.setValue(QLatin1String(setting.key), QVariant::fromValue(value));
    }

    /// A set of values under one name: the last parameters of a trainer.
    QVariantMap values(const QString& name) const { return m_store.value(name).toMap(); }
    void setValues(const QString& name, const QVariantMap& values) { m_store.setValue(name, values); }

    /// State of a splitter or header, kept under the name of its place ("capture/strip").
    QByteArray layout(const QString& place) const { return m_store.value(layoutKey(place)).toByteArray(); }
    void setLayout(const QString& place, const QByteArray& state) { m_store.setValue(layoutKey(place), state); }

private:
    static QString layoutKey(const QString& place) { return QStringLiteral("layout/") + place; }

    QSettings m_store{QStringLiteral("Emberlab"), QStringLiteral("emberlab")};
};

namespace settings {

inline const Setting<QString> kTheme{"theme", QStringLiteral("system")};
inline const Setting<QString> kLastProject{"project/last", QString()};
inline const Setting<QStringList> kRecentProjects{"project/recent", {}};
inline const Setting<QString> kLastPage{"page/last", QStringLiteral("devices")};
inline const Setting<bool> kRailWide{"rail/wide", true};

} // namespace settings
} // namespace ember::gui
