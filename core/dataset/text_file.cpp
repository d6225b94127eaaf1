// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/text_file.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>

namespace ember::dataset::detail {
namespace {

constexpr qint64 kMaxBytes = qint64{2} << 30;

Status openForReading(QFile& file)
{
    if (!file.exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no file '%1'.").arg(file.fileName()));
    if (QFileInfo(file.fileName()).isDir())
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is a folder.").arg(file.fileName()),
                     QStringLiteral("Name the files in it."));
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io,
                     QStringLiteral("'%1' cannot be read: %2.").arg(file.fileName(), file.errorString()));
    return {};
}

} // namespace

Result<QByteArray> readTextFile(const QString& path)
{
    QFile file(path);
    EMBER_CHECK(openForReading(file));
    if (file.size() > kMaxBytes)
        return Error(ErrorKind::Unsupported, QStringLiteral("'%1' is larger than 2 GB.").arg(path),
                     QStringLiteral("Cut it into several files."));
    return file.readAll();
}

Result<QJsonArray> readJsonList(const QString& path)
{
    EMBER_TRY(const QByteArray bytes, readTextFile(path));
    QJsonParseError problem;
    const QJsonDocument json = QJsonDocument::fromJson(bytes, &problem);
    if (!json.isArray())
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is no JSON list: %2 at byte %3.")
                                             .arg(path, problem.errorString())
                                             .arg(problem.offset));
    return json.array();
}

Result<QByteArray> readHead(const QString& path, qint64 bytes)
{
    QFile file(path);
    EMBER_CHECK(openForReading(file));
    return file.read(bytes);
}

} // namespace ember::dataset::detail
