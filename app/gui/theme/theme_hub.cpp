// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/theme/theme_hub.h"

#include "app/gui/theme/icons.h"

#include <QApplication>
#include <QFile>
#include <QStyleFactory>

namespace ember::gui {

Result<std::unique_ptr<ThemeHub>> ThemeHub::create(QApplication& application, Mode mode)
{
    EMBER_TRY(Theme light, Theme::load(QStringLiteral("light")));
    EMBER_TRY(Theme dark, Theme::load(QStringLiteral("dark")));
    std::unique_ptr<ThemeHub> hub(new ThemeHub(application, std::move(light), std::move(dark), mode));
    hub->apply();
    return hub;
}

ThemeHub::ThemeHub(QApplication& application, Theme light, Theme dark, Mode mode)
    : m_application(application)
    , m_light(std::move(light))
    , m_dark(std::move(dark))
    , m_mode(mode)
    // Qt 6.4 has no colour scheme hint; the palette the desktop gave before we set ours says the same.
    , m_systemIsDark(application.palette().color(QPalette::Window).lightnessF() < 0.5f)
{
    application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
}

void ThemeHub::setMode(Mode mode)
{
    if (mode == m_mode)
        return;
    m_mode = mode;
    apply();
    Q_EMIT changed();
}

void ThemeHub::apply()
{
    const Theme& now = theme();
    m_application.setFont(now.font(TypeSize::Body));
    m_application.setPalette(now.palette());
    m_application.setProperty("emberGood", now.colours().good);
    m_application.setProperty("emberWarn", now.colours().warn);
    m_application.setProperty("emberBad", now.colours().bad);
    m_application.setStyleSheet(now.styleSheet(writeImages()));
}

QMap<QString, QString> ThemeHub::writeImages()
{
    struct Image
    {
        const char* name;
        const char* icon;
        QColor colour;
    };
    const ThemeColours& c = colours();
    const Image images[] = {
        {"up", "chevron-up", c.muted},
        {"down", "chevron-down", c.muted},
        {"check", "check", c.onAccent},
    };
    QMap<QString, QString> files;
    for (const Image& image : images) {
        const auto source = iconSource(QLatin1String(image.icon), image.colour);
        // The theme is in the name because Qt caches pixmaps by file name.
        const QString path =
            m_imageDir.filePath(theme().name() + QLatin1Char('-') + QLatin1String(image.name) + QStringLiteral(".svg"));
        QFile file(path);
        if (source && file.open(QIODevice::WriteOnly) && file.write(*source) == source->size())
            files.insert(QLatin1String(image.name), path);
    }
    return files;
}

QString ThemeHub::modeName(Mode mode)
{
    switch (mode) {
    case Mode::System:
        return QStringLiteral("system");
    case Mode::Light:
        return QStringLiteral("light");
    case Mode::Dark:
        return QStringLiteral("dark");
    }
    return QStringLiteral("system");
}

ThemeHub::Mode ThemeHub::modeFromName(const QString& name)
{
    for (const Mode mode : {Mode::Light, Mode::Dark}) {
        if (name == modeName(mode))
            return mode;
    }
    return Mode::System;
}

} // namespace ember::gui
