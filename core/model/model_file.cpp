// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_file.h"

#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "core/model/tflite_reader.h"

#include <QCryptographicHash>
#include <QFile>
#include <QSaveFile>

namespace ember::model {
namespace {

// Larger than any model for a microcontroller by orders of magnitude; keeps a wrong file from filling the memory.
constexpr qint64 kMaxFileBytes = 48'000'000;

} // namespace

namespace {

Result<QByteArray> readModelFile(const QString& path)
{
    QFile file(path);
    if (!file.exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no model file '%1'.").arg(path),
                     QStringLiteral("Check the path; `emberlab train --out` writes one."));
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
    if (file.size() > kMaxFileBytes)
        return Error(ErrorKind::Unsupported, QStringLiteral("'%1' has %2 MB; a model may have %3 MB.")
                                                 .arg(path)
                                                 .arg(file.size() / 1'000'000)
                                                 .arg(kMaxFileBytes / 1'000'000));
    return file.readAll();
}

} // namespace

Result<Model> loadModel(const QString& path)
{
    EMBER_TRY(const QByteArray bytes, readModelFile(path));
    auto model = isTflite(bytes) ? readTflite(bytes) : readOnnx(bytes);
    if (!model)
        return model.error().context(QStringLiteral("reading the model '%1'").arg(path));
    return model;
}

Result<ModelSummary> summariseModel(const QString& path)
{
    EMBER_TRY(const QByteArray bytes, readModelFile(path));
    auto summary = isTflite(bytes) ? summariseTflite(bytes) : summariseOnnx(bytes);
    if (!summary)
        return summary.error().context(QStringLiteral("reading the model '%1'").arg(path));
    return summary;
}

Status saveModel(const Model& model, const QString& path)
{
    EMBER_TRY(const QByteArray bytes, writeOnnx(model));
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(
            ErrorKind::Io, QStringLiteral("The model '%1' cannot be written: %2.").arg(path, file.errorString()),
            QStringLiteral("Check that the folder exists, that you may write to it, and that the disk is not full."));
    return {};
}

Result<QString> modelHash(const Model& model)
{
    EMBER_TRY(const QByteArray bytes, writeOnnx(model));
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
}

Result<QString> fileHash(const QString& path, const Model& model)
{
    if (isTreeModel(model))
        return modelHash(model);
    EMBER_TRY(const QByteArray bytes, readModelFile(path));
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
}

} // namespace ember::model
