// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/edge_impulse_importer.h"

#include "core/dataset/formats/edge_impulse.h"
#include "core/dataset/text_file.h"

#include <QFileInfo>

#include <algorithm>

namespace ember::dataset {
namespace {

using edgeimpulse::Acquisition;
using edgeimpulse::FileLabels;

/// "not signed", "not checked", "valid"; an error when it is wrong.
Result<QString> checkSignature(const QByteArray& bytes, const Acquisition& acquisition, const QString& key,
                               const QString& path)
{
    if (acquisition.algorithm != QLatin1String("HS256"))
        return QStringLiteral("not signed");
    if (key.isEmpty())
        return QStringLiteral("not checked");
    EMBER_TRY(const QByteArray right, edgeimpulse::signatureOf(bytes, acquisition.signature, key.toUtf8()));
    if (right != acquisition.signature)
        return Error(ErrorKind::BadData, QStringLiteral("The signature of '%1' is wrong.").arg(path),
                     QStringLiteral("The file was changed after it was signed, or the key is another project's."));
    return QStringLiteral("valid");
}

signal::StreamSpec streamOf(const Acquisition& acquisition, const QString& name, double rateHz)
{
    signal::StreamSpec stream;
    stream.name = name;
    stream.rateHz = acquisition.intervalMs > 0 ? 1000.0 / acquisition.intervalMs : rateHz;
    for (const Acquisition::Sensor& sensor : acquisition.sensors) {
        const bool known = sensor.units.compare(QLatin1String("N/A"), Qt::CaseInsensitive) != 0;
        stream.channels.push_back({sensor.name, known ? sensor.units : QString(), 1.0, 0.0});
    }
    return stream;
}

/// Inclusive indices become half-open rows; what reaches beyond the end is cut and noted.
void addSegments(const FileLabels& labels, qint64 rows, ImportedRecording& recording, QStringList& warnings)
{
    if (labels.label)
        recording.segments.push_back({*labels.label, 0, rows});
    for (const edgeimpulse::LabelRange& range : labels.ranges) {
        if (range.label.isEmpty())
            continue;
        if (range.endIndex >= rows)
            warnings << QStringLiteral("The label '%1' reaches to sample %2 of %3; it was cut.")
                            .arg(range.label)
                            .arg(range.endIndex)
                            .arg(rows);
        if (range.startIndex < rows)
            recording.segments.push_back({range.label, range.startIndex, std::min(range.endIndex + 1, rows)});
    }
}

/// "idle" of "idle.3m2a.ingestion-5d.json": what the uploader of that format makes of a name.
QString labelOfName(const QString& fileName)
{
    return fileName.section(QLatin1Char('.'), 0, 0);
}

} // namespace

Importer::Detection EdgeImpulseImporter::detect(const QString&, const QByteArray& head) const
{
    if (!edgeimpulse::looksLikeAcquisition(head))
        return {};
    const bool json = head.trimmed().startsWith('{');
    return {95, json ? QStringLiteral("JSON with 'protected', 'signature' and 'payload'")
                     : QStringLiteral("CBOR with 'protected', 'signature' and 'payload'")};
}

Result<ImportedFile> EdgeImpulseImporter::read(const QString& path, const ImportOptions& options,
                                               const CancelToken& cancel) const
{
    EMBER_TRY(const QByteArray bytes, detail::readTextFile(path));
    EMBER_TRY(const Acquisition acquisition, edgeimpulse::parseAcquisition(bytes));
    EMBER_TRY(const QString signature, checkSignature(bytes, acquisition, options.signingKey, path));
    if (cancel.isCancelled())
        return Error(ErrorKind::Cancelled, QStringLiteral("Reading '%1' was cancelled.").arg(path));

    const QFileInfo info(path);
    ImportedFile file;
    ImportedRecording recording;
    recording.about.name = info.completeBaseName();
    recording.about.stream = streamOf(acquisition, recording.about.name, options.rateHz);
    recording.measuredRateHz = recording.about.stream.rateHz;
    QJsonObject& metadata = recording.about.metadata;
    metadata.insert(QStringLiteral("source"), info.fileName());
    metadata.insert(QStringLiteral("device_type"), acquisition.deviceType);
    metadata.insert(QStringLiteral("device"), acquisition.deviceName);
    metadata.insert(QStringLiteral("signature"), signature);

    signal::SampleBlock block;
    block.rowCount = static_cast<qint64>(acquisition.rows());
    block.rows = QByteArray(reinterpret_cast<const char*>(acquisition.values.data()),
                            static_cast<qsizetype>(acquisition.values.size() * sizeof(float)));
    EMBER_TRY(const std::optional<FileLabels> labels, edgeimpulse::findLabels(path));
    if (labels) {
        addSegments(*labels, block.rowCount, recording, file.warnings);
        if (!labels->category.isEmpty())
            metadata.insert(QStringLiteral("category"), labels->category);
    } else if (const QString label = labelOfName(info.fileName()); !label.isEmpty()) {
        recording.segments.push_back({label, 0, block.rowCount});
        file.warnings
            << QStringLiteral("No label file names it, so the label '%1' is from the file's name.").arg(label);
    }
    recording.blocks.push_back(std::move(block));
    file.recordings.push_back(std::move(recording));
    return file;
}

} // namespace ember::dataset
