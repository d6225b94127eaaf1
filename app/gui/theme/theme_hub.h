// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/theme/theme.h"

#include <QObject>
#include <QTemporaryDir>

#include <memory>

class QApplication;

namespace ember::gui {

/// The current theme of the application. Made by whoever makes the QApplication, handed by reference to every widget
/// that paints with tokens; those repaint at changed(). GUI thread.
class ThemeHub : public QObject
{
    Q_OBJECT

public:
    enum class Mode
    {
        System,
        Light,
        Dark
    };

    /// Loads both themes and applies the one that `mode` asks for. Errors: those of Theme::load.
    static Result<std::unique_ptr<ThemeHub>> create(QApplication& application, Mode mode);

    const Theme& theme() const { return m_mode == Mode::System ? systemTheme() : chosenTheme(); }
    const ThemeColours& colours() const { return theme().colours(); }
    const ThemeMetrics& metrics() const { return theme().metrics(); }

    Mode mode() const { return m_mode; }
    void setMode(Mode mode);

    static QString modeName(Mode mode);
    static Mode modeFromName(const QString& name); ///< System for an unknown name

Q_SIGNALS:
    void changed();

private:
    ThemeHub(QApplication& application, Theme light, Theme dark, Mode mode);

    const Theme& chosenTheme() const { return m_mode == Mode::Dark ? m_dark : m_light; }
    const Theme& systemTheme() const { return m_systemIsDark ? m_dark : m_light; }
    void apply();
    QMap<QString, QString> writeImages();

    QApplication& m_application;
    Theme m_light;
    Theme m_dark;
    Mode m_mode;
    bool m_systemIsDark;
    QTemporaryDir m_imageDir;
};

} // namespace ember::gui
