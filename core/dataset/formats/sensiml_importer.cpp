// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/sensiml_importer.h"

#include "core/dataset/csv_importer.h"
#include "core/dataset/formats/wav_importer.h"
#include "core/dataset/text_file.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>

namespace ember::dataset {
namespace {

QString shorten(const QString& text)
{
    return text.left(80);
}

/// The data file beside the export; empty when the name would leave its folder.
QString besideExport(const QString& exportPath, const QString& name)
{
    const QDir folder = QFileInfo(exportPath).absoluteDir();
    const QString clean = QDir::cleanPath(name);
    if (name.isEmpty() || QDir::isAbsolutePath(clean) || clean.startsWith(QLatin1String("..")) ||
        clean.contains(QLatin1Char('\\')))
        return {};
    return folder.filePath(clean);
}

Result<ImportedFile> readData(const QString& file, const ImportOptions& options, const CancelToken& cancel)
{
    ImportOptions plain = options;
    plain.recordingPerSession = false; // segments count from the file's first row
    if (QFileInfo(file).suffix().toLower() == QLatin1String("wav"))
        return WavImporter().read(file, plain, cancel);
    return CsvImporter().read(file, plain, cancel);
}

void addSegments(const QJsonObject& entry, const QString& file, ImportedRecording& recording, QStringList& warnings)
{
    const qint64 rows = recording.blocks.back().endRow();
    for (const QJsonValue session : entry.value(QStringLiteral("sessions")).toArray()) {
        for (const QJsonValue value : session.toObject().value(QStringLiteral("segments")).toArray()) {
            const QJsonObject segment = value.toObject();
            const QString label = segment.value(QStringLiteral("value")).toString();
            const qint64 start = segment.value(QStringLiteral("start")).toInteger(-1);
            const qint64 end = segment.value(QStringLiteral("end")).toInteger(-1);
            if (label.isEmpty() || start < 0 || end < start || start >= rows) {
                warnings << QStringLiteral("%1: a segment from %2 to %3 does not fit %4 samples and was left out.")
                                .arg(file)
                                .arg(start)
                                .arg(end)
                                .arg(rows);
                continue;
            }
            recording.segments.push_back({label, start, std::min(end + 1, rows)});
        }
    }
}

void addMetadata(const QJsonObject& entry, ImportedRecording& recording)
{
    for (const QJsonValue value : entry.value(QStringLiteral("metadata")).toArray()) {
        const QJsonObject item = value.toObject();
        const QString name = shorten(item.value(QStringLiteral("name")).toString());
        if (!name.isEmpty())
            recording.about.metadata.insert(name, shorten(item.value(QStringLiteral("value")).toVariant().toString()));
        if (name.compare(QLatin1String("subject"), Qt::CaseInsensitive) == 0)
            recording.about.group = {recording.about.metadata.value(name).toString(), GroupKind::Subject};
    }
}

} // namespace

Importer::Detection SensimlImporter::detect(const QString& path, const QByteArray& head) const
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    const bool named = suffix == QLatin1String("dai") || suffix == QLatin1String("dcli");
    const bool fits = head.trimmed().startsWith('[') && head.contains("\"file_name\"");
    if (!fits)
        return {};
    return {named ? 95 : 75, QStringLiteral("a JSON list of data files with 'file_name' and segments")};
}

Result<ImportedFile> SensimlImporter::read(const QString& path, const ImportOptions& options,
                                           const CancelToken& cancel) const
{
    EMBER_TRY(const QJsonArray list, detail::readJsonList(path));
    ImportedFile file;
    for (const QJsonValue value : list) {
        const QJsonObject entry = value.toObject();
        const QString name = entry.value(QStringLiteral("file_name")).toString();
        const QString data = besideExport(path, name);
        if (data.isEmpty()) {
            file.warnings
                << QStringLiteral("The file name '%1' leads out of the folder; it was left out.").arg(shorten(name));
            continue;
        }
        auto read = readData(data, options, cancel);
        if (!read && read.error().kind == ErrorKind::Cancelled)
            return read.error();
        if (!read) {
            file.warnings << read.error().message;
            continue;
        }
        file.warnings << read->warnings;
        ImportedRecording& recording = read->recordings.front();
        recording.segments.clear(); // the export is what counts, not a label column
        addMetadata(entry, recording);
        addSegments(entry, name, recording, file.warnings);
        file.recordings.push_back(std::move(recording));
    }
    if (file.recordings.empty())
        return Error(ErrorKind::BadData, QStringLiteral("None of the data files of '%1' could be read.").arg(path),
                     file.warnings.join(QLatin1Char(' ')).left(400));
    return file;
}

} // namespace ember::dataset
