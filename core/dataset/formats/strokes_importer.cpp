// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/strokes_importer.h"

#include "core/dataset/text_file.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>

namespace ember::dataset {
namespace {

/// The points as float32 rows of x and y; empty when one is no number.
QByteArray rowsOf(const QJsonArray& points)
{
    std::vector<float> values;
    for (const QJsonValue value : points) {
        const QJsonObject point = value.toObject();
        for (const char* axis : {"x", "y"}) {
            const double v = point.value(QLatin1String(axis)).toDouble(std::nan(""));
            if (!std::isfinite(static_cast<float>(v)))
                return {};
            values.push_back(static_cast<float>(v));
        }
    }
    return QByteArray(reinterpret_cast<const char*>(values.data()),
                      static_cast<qsizetype>(values.size() * sizeof(float)));
}

} // namespace

Importer::Detection StrokesImporter::detect(const QString&, const QByteArray& head) const
{
    if (!head.left(64).trimmed().startsWith('{') || !head.left(64).contains("\"strokes\"") ||
        !head.contains("\"strokePoints\""))
        return {};
    return {95, QStringLiteral("JSON with 'strokes' of 'strokePoints'")};
}

Result<ImportedFile> StrokesImporter::read(const QString& path, const ImportOptions& options,
                                           const CancelToken& cancel) const
{
    EMBER_TRY(const QByteArray bytes, detail::readTextFile(path));
    QJsonParseError problem;
    const QJsonDocument json = QJsonDocument::fromJson(bytes, &problem);
    if (!json.isObject())
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is no JSON object: %2 at byte %3.")
                                             .arg(path, problem.errorString())
                                             .arg(problem.offset));
    const QFileInfo info(path);
    ImportedFile file;
    int number = 0;
    for (const QJsonValue value : json.object().value(QStringLiteral("strokes")).toArray()) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Reading '%1' was cancelled.").arg(path));
        const QJsonObject stroke = value.toObject();
        ++number;
        signal::SampleBlock block;
        block.rows = rowsOf(stroke.value(QStringLiteral("strokePoints")).toArray());
        block.rowCount = block.rows.size() / static_cast<qsizetype>(2 * sizeof(float));
        if (block.rowCount == 0) {
            file.warnings << QStringLiteral("Stroke %1 has no usable points and was left out.").arg(number);
            continue;
        }
        ImportedRecording recording;
        recording.about.name =
            QStringLiteral("%1-%2").arg(info.completeBaseName()).arg(number, 3, 10, QLatin1Char('0'));
        recording.about.metadata.insert(QStringLiteral("source"), info.fileName());
        recording.about.stream.name = info.completeBaseName();
        recording.about.stream.rateHz = options.rateHz;
        recording.about.stream.channels = {{QStringLiteral("x"), {}, 1.0, 0.0}, {QStringLiteral("y"), {}, 1.0, 0.0}};
        if (const QString label = stroke.value(QStringLiteral("label")).toString(); !label.isEmpty())
            recording.segments.push_back({label, 0, block.rowCount});
        recording.blocks.push_back(std::move(block));
        file.recordings.push_back(std::move(recording));
    }
    if (file.recordings.empty())
        return Error(ErrorKind::BadData, QStringLiteral("'%1' holds no strokes.").arg(path));
    if (options.rateHz <= 0)
        file.warnings << QStringLiteral("Strokes do not tell their rate; give it as an option.");
    return file;
}

} // namespace ember::dataset
