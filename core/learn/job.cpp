// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/job.h"

#include "core/learn/job_files.h"
#include "core/learn/parameters.h"
#include "core/model/model_file.h"
#include "core/signal/npy.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace ember::learn {

using namespace files;

namespace {

constexpr int kJobFormat = 1;

QJsonObject requestToJson(const TrainingRequest& request, const Matrix& matrix)
{
    QJsonArray shape;
    for (const int size : matrix.shape)
        shape.append(size);
    QJsonObject properties;
    for (auto entry = request.properties.cbegin(); entry != request.properties.cend(); ++entry)
        properties.insert(entry.key(), entry.value());
    return {{QStringLiteral("format"), kJobFormat},
            {QStringLiteral("trainer"), request.trainer},
            {QStringLiteral("parameters"), parametersToJson(request.parameters)},
            {QStringLiteral("seed"), QString::number(request.seed)}, // a JSON number would lose digits
            {QStringLiteral("threads"), request.threads},
            {QStringLiteral("properties"), properties},
            {QStringLiteral("class_names"), QJsonArray::fromStringList(matrix.classNames)},
            {QStringLiteral("shape"), shape},
            {QStringLiteral("feature_names"), QJsonArray::fromStringList(matrix.featureNames)}};
}

Error badJob(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The training job is damaged: %1.").arg(what),
                 QStringLiteral("Write it again."));
}

QStringList textList(const QJsonValue& value)
{
    QStringList texts;
    for (const QJsonValue& entry : value.toArray())
        texts << entry.toString();
    return texts;
}

Result<TrainingRequest> requestFromJson(const QJsonObject& json)
{
    const int format = json.value(QLatin1String("format")).toInt();
    if (format != kJobFormat)
        return badJob(QStringLiteral("%1 has format %2, this program knows format %3")
                          .arg(QLatin1String(kJobFile))
                          .arg(format)
                          .arg(kJobFormat));
    TrainingRequest request;
    request.trainer = json.value(QLatin1String("trainer")).toString();
    request.parameters = json.value(QLatin1String("parameters")).toObject().toVariantMap();
    bool seedIsNumber = false;
    request.seed = json.value(QLatin1String("seed")).toString().toULongLong(&seedIsNumber);
    request.threads = json.value(QLatin1String("threads")).toInt();
    if (request.trainer.isEmpty() || !seedIsNumber || request.threads < 1 || request.threads > 1024)
        return badJob(QStringLiteral("trainer, seed or threads are missing in %1").arg(QLatin1String(kJobFile)));
    const QJsonObject properties = json.value(QLatin1String("properties")).toObject();
    for (auto entry = properties.begin(); entry != properties.end(); ++entry)
        request.properties.insert(entry.key(), entry.value().toString());
    return request;
}

Result<Matrix> readMatrix(const QString& folder, const QJsonObject& json)
{
    const QDir dir(folder);
    EMBER_TRY(const signal::NpyArray x, signal::readNpy(dir.filePath(QLatin1String(kFeaturesFile))));
    if (x.type != signal::NpyType::Float32 || x.shape.size() != 2)
        return badJob(QStringLiteral("%1 is not a float32 matrix").arg(QLatin1String(kFeaturesFile)));
    Matrix matrix;
    matrix.features = x.toFloat();
    matrix.columns = static_cast<std::size_t>(x.shape[1]);
    matrix.classNames = textList(json.value(QLatin1String("class_names")));
    matrix.featureNames = textList(json.value(QLatin1String("feature_names")));
    for (const QJsonValue& size : json.value(QLatin1String("shape")).toArray())
        matrix.shape.push_back(size.toInt());
    if (QFile::exists(dir.filePath(QLatin1String(kLabelsFile)))) {
        EMBER_TRY(const signal::NpyArray y, signal::readNpy(dir.filePath(QLatin1String(kLabelsFile))));
        EMBER_TRY(matrix.labels, y.toInt32());
    }
    if (QFile::exists(dir.filePath(QLatin1String(kTargetsFile)))) {
        EMBER_TRY(const signal::NpyArray targets, signal::readNpy(dir.filePath(QLatin1String(kTargetsFile))));
        matrix.targets = targets.toFloat();
    }
    EMBER_CHECK(validate(matrix));
    return matrix;
}

} // namespace

Status writeJob(const QString& folder, const TrainingRequest& request, const Matrix& matrix)
{
    EMBER_CHECK(validate(matrix));
    if (!QDir().mkpath(folder))
        return Error(ErrorKind::Io, QStringLiteral("The folder '%1' cannot be created.").arg(folder));
    const QDir dir(folder);
    for (const char* stale : {kLabelsFile, kTargetsFile, kModelFile, kResultFile, kLogFile})
        QFile::remove(dir.filePath(QLatin1String(stale)));
    const auto rows = static_cast<qint64>(matrix.rows());
    EMBER_CHECK(signal::writeNpy(
        dir.filePath(QLatin1String(kFeaturesFile)),
        signal::NpyArray::of(std::span<const float>(matrix.features), {rows, static_cast<qint64>(matrix.columns)})));
    if (!matrix.labels.empty())
        EMBER_CHECK(signal::writeNpy(dir.filePath(QLatin1String(kLabelsFile)),
                                     signal::NpyArray::of(std::span<const qint32>(matrix.labels), {rows})));
    if (!matrix.targets.empty())
        EMBER_CHECK(signal::writeNpy(dir.filePath(QLatin1String(kTargetsFile)),
                                     signal::NpyArray::of(std::span<const float>(matrix.targets), {rows})));
    return writeFile(dir.filePath(QLatin1String(kJobFile)), QJsonDocument(requestToJson(request, matrix)).toJson());
}

Result<Job> readJob(const QString& folder)
{
    EMBER_TRY(const QJsonObject json, readJsonFile(QDir(folder).filePath(QLatin1String(kJobFile))));
    Job job;
    EMBER_TRY(job.request, requestFromJson(json));
    EMBER_TRY(job.matrix, readMatrix(folder, json));
    return job;
}

Result<JobResult> readJobResult(const QString& folder)
{
    const QDir dir(folder);
    if (!QFile::exists(dir.filePath(QLatin1String(kResultFile))))
        return Error(ErrorKind::Failed, QStringLiteral("The trainer ended without a result."));
    EMBER_TRY(const QJsonObject json, readJsonFile(dir.filePath(QLatin1String(kResultFile))));
    if (!json.value(QLatin1String("ok")).toBool())
        return errorFromJson(json.value(QLatin1String("error")).toObject());
    JobResult result;
    EMBER_TRY(result.model, model::loadModel(dir.filePath(QLatin1String(kModelFile))));
    result.seconds = json.value(QLatin1String("seconds")).toDouble();
    result.parameters = json.value(QLatin1String("parameters")).toObject().toVariantMap();
    QFile log(dir.filePath(QLatin1String(kLogFile)));
    if (log.open(QIODevice::ReadOnly))
        result.log = QString::fromUtf8(log.readAll());
    return result;
}

} // namespace ember::learn
