// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/job_files.h"

#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>

namespace ember::learn::files {
namespace {

constexpr qint64 kMaxJsonBytes = 64 * 1024 * 1024;

ErrorKind kindFromName(const QString& name)
{
    for (int k = 0; k <= static_cast<int>(ErrorKind::Cancelled); ++k) {
        if (errorKindName(static_cast<ErrorKind>(k)) == name)
            return static_cast<ErrorKind>(k);
    }
    return ErrorKind::Failed;
}

} // namespace

Result<QJsonObject> readJsonFile(const QString& path)
{
    QFile file(path);
    if (!file.exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no file '%1'.").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
    const bool sane = file.size() <= kMaxJsonBytes;
    const QJsonDocument document = sane ? QJsonDocument::fromJson(file.readAll()) : QJsonDocument();
    if (!document.isObject())
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is not a JSON object.").arg(path));
    return document.object();
}

Status writeFile(const QString& path, const QByteArray& bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()),
                     QStringLiteral("Check that the folder can be written to and that the disk is not full."));
    return {};
}

QJsonObject errorToJson(const Error& error)
{
    return {{QStringLiteral("kind"), errorKindName(error.kind)},
            {QStringLiteral("message"), error.message},
            {QStringLiteral("hint"), error.hint}};
}

Error errorFromJson(const QJsonObject& json)
{
    const QString message = json.value(QLatin1String("message")).toString();
    return Error(kindFromName(json.value(QLatin1String("kind")).toString()),
                 message.isEmpty() ? QStringLiteral("The trainer failed and did not say why.") : message,
                 json.value(QLatin1String("hint")).toString());
}

} // namespace ember::learn::files
