// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/csv_columns.h"

#include <QRegularExpression>

namespace ember::dataset {
namespace {

/// Where the character stands outside of quoted parts. A quote begins a part that is quoted only as its first letter.
QList<qsizetype> plainPlaces(const QString& text, QChar wanted)
{
    constexpr QChar kQuote = u'"';
    QList<qsizetype> places;
    bool isQuoted = false;
    bool beginsPart = true;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (isQuoted && c == kQuote && text.mid(i + 1, 1) == kQuote) {
            ++i; // a doubled one stands for itself
        } else if (isQuoted || (c == kQuote && beginsPart)) {
            isQuoted = !isQuoted || c != kQuote;
            beginsPart = false;
        } else {
            if (c == wanted)
                places << i;
            beginsPart = c == u',' || c == u'=' || (beginsPart && c.isSpace());
        }
    }
    return places;
}

QStringList cutAt(const QString& text, const QList<qsizetype>& places)
{
    QStringList parts;
    qsizetype begin = 0;
    for (const qsizetype place : places) {
        parts << text.mid(begin, place - begin);
        begin = place + 1;
    }
    return parts << text.mid(begin);
}

QString withoutQuotes(const QString& part)
{
    const QString text = part.trimmed();
    if (text.size() < 2 || !text.startsWith(u'"') || !text.endsWith(u'"'))
        return text;
    return text.mid(1, text.size() - 2).replace(QStringLiteral("\"\""), QStringLiteral("\""));
}

QString withQuotes(const QString& part)
{
    static const QRegularExpression special(QStringLiteral("[,=\"]"));
    if (!part.isEmpty() && part == part.trimmed() && !part.contains(special))
        return part;
    return u'"' + QString(part).replace(u'"', QStringLiteral("\"\"")) + u'"';
}

} // namespace

QString columnRoleName(ColumnRole role)
{
    switch (role) {
    case ColumnRole::Channel:
        return QStringLiteral("channel");
    case ColumnRole::Time:
        return QStringLiteral("time");
    case ColumnRole::Label:
        return QStringLiteral("label");
    case ColumnRole::Subject:
        return QStringLiteral("subject");
    case ColumnRole::Device:
        return QStringLiteral("device");
    case ColumnRole::Session:
        return QStringLiteral("session");
    case ColumnRole::Metadata:
        return QStringLiteral("metadata");
    case ColumnRole::Ignored:
        return QStringLiteral("ignored");
    }
    return {};
}

Result<ColumnRole> columnRoleFromName(const QString& name)
{
    QStringList names;
    for (const ColumnRole role : kColumnRoles) {
        if (columnRoleName(role) == name)
            return role;
        names << columnRoleName(role);
    }
    return Error(ErrorKind::Usage, QStringLiteral("A column cannot be '%1'.").arg(name),
                 QStringLiteral("It can be one of %1.").arg(names.join(QStringLiteral(", "))));
}

Result<ColumnMapping> columnMappingFromText(const QString& text)
{
    const QStringList parts = cutAt(text, plainPlaces(text, u','));
    const QList<qsizetype> equals = plainPlaces(parts.front(), u'=');
    const qsizetype at = equals.isEmpty() ? -1 : equals.back();
    ColumnMapping mapping;
    if (at < 1)
        return Error(ErrorKind::Usage, QStringLiteral("'%1' does not say what a column is.").arg(text),
                     QStringLiteral("Write NAME=ROLE, as in speed=metadata or gx=channel,unit=deg/s,stream=gyro; in "
                                    "quotes what holds a comma or an equals sign: \"a,b\"=channel."));
    mapping.column = withoutQuotes(parts.front().left(at));
    EMBER_TRY(mapping.role, columnRoleFromName(parts.front().mid(at + 1).trimmed()));
    for (const QString& part : parts.mid(1)) {
        const QString key = part.section(QLatin1Char('='), 0, 0).trimmed();
        const QString value = withoutQuotes(part.section(QLatin1Char('='), 1));
        if (key == QLatin1String("unit"))
            mapping.unit = value;
        else if (key == QLatin1String("stream"))
            mapping.stream = value;
        else
            return Error(ErrorKind::Usage, QStringLiteral("A column has no '%1'.").arg(key),
                         QStringLiteral("It has a role, unit=... and stream=...."));
    }
    return mapping;
}

QString columnMappingText(const ColumnMapping& mapping)
{
    QString text = withQuotes(mapping.column) + QLatin1Char('=') + columnRoleName(mapping.role);
    if (!mapping.unit.isEmpty())
        text += QStringLiteral(",unit=") + withQuotes(mapping.unit);
    if (!mapping.stream.isEmpty())
        text += QStringLiteral(",stream=") + withQuotes(mapping.stream);
    return text;
}

} // namespace ember::dataset
