// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/theme/theme.h"

#include "app/gui/theme/contrast.h"
#include "core/base/resources.h"

#include <QFile>
#include <QFontDatabase>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <utility>

namespace ember::gui {
namespace {

struct ColourKey
{
    const char* key;
    QColor ThemeColours::*member;
};

constexpr std::array kColourKeys = {
    ColourKey{"window", &ThemeColours::window},
    ColourKey{"surface", &ThemeColours::surface},
    ColourKey{"raised", &ThemeColours::raised},
    ColourKey{"line", &ThemeColours::line},
    ColourKey{"lineStrong", &ThemeColours::lineStrong},
    ColourKey{"hover", &ThemeColours::hover},
    ColourKey{"pressed", &ThemeColours::pressed},
    ColourKey{"text", &ThemeColours::text},
    ColourKey{"muted", &ThemeColours::muted},
    ColourKey{"disabled", &ThemeColours::disabled},
    ColourKey{"accent", &ThemeColours::accent},
    ColourKey{"accentHover", &ThemeColours::accentHover},
    ColourKey{"accentPressed", &ThemeColours::accentPressed},
    ColourKey{"accentSoft", &ThemeColours::accentSoft},
    ColourKey{"onAccent", &ThemeColours::onAccent},
    ColourKey{"good", &ThemeColours::good},
    ColourKey{"goodSoft", &ThemeColours::goodSoft},
    ColourKey{"warn", &ThemeColours::warn},
    ColourKey{"warnSoft", &ThemeColours::warnSoft},
    ColourKey{"bad", &ThemeColours::bad},
    ColourKey{"badSoft", &ThemeColours::badSoft},
    ColourKey{"plot", &ThemeColours::plot},
    ColourKey{"plotGrid", &ThemeColours::plotGrid},
    ColourKey{"plotAxis", &ThemeColours::plotAxis},
    ColourKey{"share", &ThemeColours::share},
    ColourKey{"shadow", &ThemeColours::shadow},
};

struct MetricKey
{
    const char* path; ///< "font/body": key of an object, then key in it
    int ThemeMetrics::*member;
};

constexpr std::array kMetricKeys = {
    MetricKey{"spacing/xs", &ThemeMetrics::xs},
    MetricKey{"spacing/s", &ThemeMetrics::s},
    MetricKey{"spacing/m", &ThemeMetrics::m},
    MetricKey{"spacing/l", &ThemeMetrics::l},
    MetricKey{"spacing/xl", &ThemeMetrics::xl},
    MetricKey{"radius", &ThemeMetrics::radius},
    MetricKey{"control", &ThemeMetrics::control},
    MetricKey{"controlMain", &ThemeMetrics::controlMain},
    MetricKey{"icon", &ThemeMetrics::icon},
    MetricKey{"font/caption", &ThemeMetrics::caption},
    MetricKey{"font/small", &ThemeMetrics::small},
    MetricKey{"font/body", &ThemeMetrics::body},
    MetricKey{"font/section", &ThemeMetrics::section},
    MetricKey{"font/title", &ThemeMetrics::title},
    MetricKey{"font/winner", &ThemeMetrics::winner},
    MetricKey{"font/display", &ThemeMetrics::display},
    MetricKey{"rail/wide", &ThemeMetrics::railWide},
    MetricKey{"rail/narrow", &ThemeMetrics::railNarrow},
    MetricKey{"topBar", &ThemeMetrics::topBar},
    MetricKey{"strip", &ThemeMetrics::strip},
    MetricKey{"motionMs", &ThemeMetrics::motionMs},
    MetricKey{"toastMs", &ThemeMetrics::toastMs},
};

Result<QByteArray> readThemeFile(const QString& file)
{
    EMBER_TRY(const QString path, resourcePath(QStringLiteral("themes/") + file));
    QFile in(path);
    if (!in.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io,
                     QStringLiteral("The theme file '%1' cannot be read: %2.").arg(path, in.errorString()));
    return in.readAll();
}

Result<QJsonObject> readThemeJson(const QString& file)
{
    EMBER_TRY(const QByteArray bytes, readThemeFile(file));
    QJsonParseError fault;
    const QJsonDocument document = QJsonDocument::fromJson(bytes, &fault);
    if (!document.isObject())
        return Error(ErrorKind::BadData,
                     QStringLiteral("The theme file '%1' is not a JSON object: %2.").arg(file, fault.errorString()));
    return document.object();
}

Error badKey(const QString& file, const QString& key)
{
    return Error(ErrorKind::BadData, QStringLiteral("The theme file '%1' has no valid '%2'.").arg(file, key),
                 QStringLiteral("Compare it with the one that came with the program."));
}

Result<QList<QColor>> readColourList(const QJsonObject& json, const QString& key, const QString& file)
{
    QList<QColor> list;
    for (const QJsonValue& value : json.value(key).toArray()) {
        const QColor colour(value.toString());
        if (!colour.isValid())
            return badKey(file, key);
        list.append(colour);
    }
    if (list.isEmpty())
        return badKey(file, key);
    return list;
}

QJsonValue valueAt(const QJsonObject& json, const QString& path)
{
    const QStringList keys = path.split(QLatin1Char('/'));
    QJsonValue value = json;
    for (const QString& key : keys)
        value = value.toObject().value(key);
    return value;
}

QString styleName(const QColor& colour)
{
    return QStringLiteral("rgba(%1, %2, %3, %4)")
        .arg(colour.red())
        .arg(colour.green())
        .arg(colour.blue())
        .arg(colour.alpha());
}

QString lengthText(int pixels)
{
    return QString::number(pixels) + QStringLiteral("px");
}

QString metricToken(const char* path)
{
    return QString::fromLatin1(path).replace(QLatin1Char('/'), QLatin1Char('-'));
}

} // namespace

Result<Theme> Theme::load(const QString& name)
{
    const QString file = name + QStringLiteral(".json");
    EMBER_TRY(const QJsonObject json, readThemeJson(file));
    EMBER_TRY(const QJsonObject sizes, readThemeJson(QStringLiteral("metrics.json")));
    EMBER_TRY(const QByteArray style, readThemeFile(QStringLiteral("style.qss")));

    Theme theme;
    theme.m_name = json.value(QStringLiteral("name")).toString(name);
    theme.m_dark = json.value(QStringLiteral("dark")).toBool();
    const QJsonObject colours = json.value(QStringLiteral("colours")).toObject();
    for (const ColourKey& entry : kColourKeys) {
        const QColor colour(colours.value(QLatin1String(entry.key)).toString());
        if (!colour.isValid())
            return badKey(file, QLatin1String(entry.key));
        theme.m_colours.*entry.member = colour;
    }
    for (const MetricKey& entry : kMetricKeys) {
        const int value = valueAt(sizes, QLatin1String(entry.path)).toInt();
        if (value <= 0)
            return badKey(QStringLiteral("metrics.json"), QLatin1String(entry.path));
        theme.m_metrics.*entry.member = value;
    }
    theme.m_metrics.traceWidth = sizes.value(QStringLiteral("traceWidth")).toDouble(1.0);
    EMBER_TRY(theme.m_traces, readColourList(json, QStringLiteral("traces"), file));
    EMBER_TRY(theme.m_heat, readColourList(json, QStringLiteral("heat"), file));
    EMBER_TRY(theme.m_classes, readColourList(json, QStringLiteral("classes"), file));
    theme.m_styleTemplate = QString::fromUtf8(style);
    return theme;
}

QColor Theme::trace(int index) const
{
    return m_traces[std::max(index, 0) % m_traces.size()];
}

QPen Theme::tracePen(int index) const
{
    QPen pen(trace(index), m_metrics.traceWidth);
    pen.setJoinStyle(Qt::BevelJoin); // a mitre on a spike would draw past the value
    return pen;
}

QColor Theme::classColour(int index) const
{
    return m_classes[std::max(index, 0) % m_classes.size()];
}

QBrush Theme::classBrush(int index) const
{
    const bool repeated = index >= m_classes.size();
    return QBrush(classColour(index), repeated ? Qt::Dense3Pattern : Qt::SolidPattern);
}

QColor Theme::shareColour(double share) const
{
    return mixed(m_colours.surface, m_colours.share, std::clamp(share, 0.0, 1.0));
}

int Theme::pixels(TypeSize size) const
{
    switch (size) {
    case TypeSize::Caption:
        return m_metrics.caption;
    case TypeSize::Small:
        return m_metrics.small;
    case TypeSize::Body:
        return m_metrics.body;
    case TypeSize::Section:
        return m_metrics.section;
    case TypeSize::Title:
        return m_metrics.title;
    case TypeSize::Display:
        return m_metrics.display;
    }
    return m_metrics.body;
}

QFont Theme::font(TypeSize size, QFont::Weight weight) const
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    font.setPixelSize(pixels(size));
    font.setWeight(weight);
    return font;
}

QPalette Theme::palette() const
{
    const ThemeColours& c = m_colours;
    QPalette p;
    p.setColor(QPalette::Window, c.window);
    p.setColor(QPalette::WindowText, c.text);
    p.setColor(QPalette::Base, c.surface);
    p.setColor(QPalette::AlternateBase, c.window);
    p.setColor(QPalette::Text, c.text);
    p.setColor(QPalette::PlaceholderText, c.muted);
    p.setColor(QPalette::Button, c.surface);
    p.setColor(QPalette::ButtonText, c.text);
    p.setColor(QPalette::BrightText, c.bad);
    p.setColor(QPalette::Light, c.raised);
    p.setColor(QPalette::Midlight, c.hover);
    p.setColor(QPalette::Mid, c.lineStrong);
    p.setColor(QPalette::Dark, c.lineStrong);
    p.setColor(QPalette::Shadow, c.shadow);
    p.setColor(QPalette::Highlight, c.accent);
    p.setColor(QPalette::HighlightedText, c.onAccent);
    p.setColor(QPalette::Link, c.accent);
    p.setColor(QPalette::LinkVisited, c.accent);
    p.setColor(QPalette::ToolTipBase, c.raised);
    p.setColor(QPalette::ToolTipText, c.text);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, c.disabled);
    p.setColor(QPalette::Disabled, QPalette::Highlight, c.lineStrong);
    p.setColor(QPalette::Disabled, QPalette::HighlightedText, c.disabled);
    return p;
}

QString Theme::styleSheet(const QMap<QString, QString>& images) const
{
    static const QRegularExpression token(QStringLiteral("@([A-Za-z][A-Za-z0-9-]*)"));
    QHash<QString, QString> values;
    for (const ColourKey& entry : kColourKeys)
        values.insert(QLatin1String(entry.key), styleName(m_colours.*entry.member));
    for (const MetricKey& entry : kMetricKeys)
        values.insert(metricToken(entry.path), lengthText(m_metrics.*entry.member));
    // The style sheet's heights are those of the content: a border of one pixel goes off on either side.
    values.insert(QStringLiteral("control-inner"), lengthText(m_metrics.control - 2));
    values.insert(QStringLiteral("controlMain-inner"), lengthText(m_metrics.controlMain - 2));
    for (auto image = images.begin(); image != images.end(); ++image)
        values.insert(QStringLiteral("icon-") + image.key(), image.value());

    QString out;
    qsizetype end = 0;
    for (auto matches = token.globalMatch(m_styleTemplate); matches.hasNext();) {
        const QRegularExpressionMatch match = matches.next();
        out += QStringView(m_styleTemplate).mid(end, match.capturedStart() - end);
        out += values.value(match.captured(1), match.captured(0));
        end = match.capturedEnd();
    }
    out += QStringView(m_styleTemplate).mid(end);
    return out;
}

} // namespace ember::gui
