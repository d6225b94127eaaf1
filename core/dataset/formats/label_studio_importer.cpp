// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/label_studio_importer.h"

#include "core/dataset/csv_columns.h"
#include "core/dataset/csv_importer.h"
#include "core/dataset/text_file.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>

#include <algorithm>

namespace ember::dataset {
namespace {

const QString kRegionLabels = QStringLiteral("timeserieslabels");

/// The time column of a data file as it is written, one value for each row that was read; the row numbers without one.
Result<std::vector<double>> placesOfRows(const QString& file, qint64 rows)
{
    EMBER_TRY(const QByteArray text, detail::readTextFile(file));
    const CsvLayout layout = detectLayout(text.left(1 << 16));
    const int column = layout.columnOf(ColumnRole::Time);
    std::vector<double> places;
    CsvReader reader(text, layout.dialect);
    std::vector<QByteArrayView> fields;
    if (layout.hasHeader)
        reader.next(fields);
    while (column >= 0 && reader.next(fields)) {
        // Dates become milliseconds, as they are in the browser.
        const auto at = static_cast<std::size_t>(column);
        if (at >= fields.size())
            continue;
        const bool isText = layout.timeUnit == TimeUnit::Text;
        const auto value =
            isText ? timeInSeconds(fields[at], TimeUnit::Text, layout.dialect) : csvNumber(fields[at], layout.dialect);
        if (value)
            places.push_back(isText ? *value * 1000 : *value);
    }
    if (static_cast<qint64>(places.size()) == rows)
        return places;
    if (column >= 0)
        return Error(ErrorKind::BadData,
                     QStringLiteral("'%1' has lines that cannot be read, so its regions have no place.").arg(file),
                     QStringLiteral("Repair the file first."));
    places.clear();
    for (qint64 row = 0; row < rows; ++row)
        places.push_back(static_cast<double>(row));
    return places;
}

/// The number that the recording gives to its n-th stored row.
std::vector<qint64> rowNumbers(const ImportedRecording& recording)
{
    std::vector<qint64> numbers;
    for (const signal::SampleBlock& block : recording.blocks) {
        for (qint64 row = block.firstRow; row < block.endRow(); ++row)
            numbers.push_back(row);
    }
    return numbers;
}

/// Regions of a task, as the full export ("annotations") or the short one (a list under the control's name) has them.
QJsonArray regionsOf(const QJsonObject& task, QStringList& warnings)
{
    const QJsonArray annotations = task.value(QStringLiteral("annotations")).toArray();
    QList<QJsonObject> finished;
    for (const QJsonValue annotation : annotations) {
        if (!annotation[QStringLiteral("was_cancelled")].toBool())
            finished << annotation.toObject();
    }
    if (finished.size() > 1)
        warnings << QStringLiteral("A task has %1 annotations; the first counts.").arg(finished.size());
    if (!finished.isEmpty())
        return finished.first().value(QStringLiteral("result")).toArray();
    for (const QJsonValue value : task) {
        if (value.toArray().at(0).toObject().contains(kRegionLabels))
            return value.toArray();
    }
    return {};
}

/// The data file beside the export, by its bare name; empty when it is not there.
QString dataFileOf(const QJsonObject& task, const QString& exportPath)
{
    static const QRegularExpression kUploadPrefix(QStringLiteral("^[0-9a-f]{8}-"));
    const QJsonObject data =
        task.contains(QStringLiteral("data")) ? task.value(QStringLiteral("data")).toObject() : task;
    for (const QJsonValue value : data) {
        // A path of the server, a URL, or a bare name; only its last part can lie here.
        const QString name = value.toString().section(QLatin1Char('/'), -1).section(QLatin1Char('?'), 0, 0);
        const QDir folder = QFileInfo(exportPath).absoluteDir();
        QString bare = name;
        bare.remove(kUploadPrefix);
        for (const QString& candidate : {name, bare}) {
            if (candidate.contains(QLatin1Char('.')) && !candidate.contains(QLatin1Char('\\')) &&
                !candidate.startsWith(QLatin1Char('.')) && QFileInfo(folder.filePath(candidate)).isFile())
                return folder.filePath(candidate);
        }
    }
    return {};
}

void addRegions(const QJsonArray& regions, const std::vector<double>& places, ImportedRecording& recording,
                QStringList& warnings)
{
    const std::vector<qint64> numbers = rowNumbers(recording);
    for (const QJsonValue one : regions) {
        const QJsonObject region = one.toObject();
        const QJsonObject value =
            region.contains(QStringLiteral("value")) ? region.value(QStringLiteral("value")).toObject() : region;
        const QJsonArray labels = value.value(kRegionLabels).toArray();
        const QString label = labels.at(0).toString();
        if (labels.size() > 1)
            warnings << QStringLiteral("A region has %1 labels; '%2' is kept.").arg(labels.size()).arg(label);
        const double start = value.value(QStringLiteral("start")).toDouble(1);
        const double end = value.value(QStringLiteral("end")).toDouble(0);
        const auto first = std::lower_bound(places.begin(), places.end(), start);
        const auto behind = std::upper_bound(places.begin(), places.end(), end);
        if (label.isEmpty() || behind <= first) {
            warnings << QStringLiteral("A region from %1 to %2 was left out: it has no label or no rows.")
                            .arg(start)
                            .arg(end);
            continue;
        }
        const qint64 begin = numbers[static_cast<std::size_t>(first - places.begin())];
        const qint64 last = numbers[static_cast<std::size_t>(behind - places.begin()) - 1];
        recording.segments.push_back({label, begin, last + 1});
    }
}

Result<ImportedRecording> readTask(const QJsonObject& task, const QString& path, const ImportOptions& options,
                                   const CancelToken& cancel, QStringList& warnings)
{
    const QString file = dataFileOf(task, path);
    if (file.isEmpty())
        return Error(ErrorKind::NotFound, QStringLiteral("The data file of task %1 does not lie beside the export.")
                                              .arg(task.value(QStringLiteral("id")).toInteger()));
    ImportOptions plain = options;
    plain.recordingPerSession = false;
    EMBER_TRY(ImportedFile data, CsvImporter().read(file, plain, cancel));
    warnings << data.warnings;
    if (data.recordings.size() != 1)
        return Error(ErrorKind::BadData, QStringLiteral("The time of '%1' steps back.").arg(file));
    ImportedRecording& recording = data.recordings.front();
    recording.segments.clear();
    qint64 rows = 0;
    for (const signal::SampleBlock& block : recording.blocks)
        rows += block.rowCount;
    EMBER_TRY(const std::vector<double> places, placesOfRows(file, rows));
    addRegions(regionsOf(task, warnings), places, recording, warnings);
    return std::move(recording);
}

} // namespace

Importer::Detection LabelStudioImporter::detect(const QString&, const QByteArray& head) const
{
    const QByteArray start = head.trimmed();
    if (!start.startsWith('[') || !head.contains("\"timeserieslabels\""))
        return {};
    return {90, QStringLiteral("a JSON list of tasks with 'timeserieslabels'")};
}

Result<ImportedFile> LabelStudioImporter::read(const QString& path, const ImportOptions& options,
                                               const CancelToken& cancel) const
{
    EMBER_TRY(const QJsonArray list, detail::readJsonList(path));
    ImportedFile file;
    for (const QJsonValue task : list) {
        auto recording = readTask(task.toObject(), path, options, cancel, file.warnings);
        if (recording)
            file.recordings.push_back(std::move(recording).value());
        else if (recording.error().kind == ErrorKind::Cancelled)
            return recording.error();
        else
            file.warnings << recording.error().message;
    }
    if (file.recordings.empty())
        return Error(ErrorKind::BadData, QStringLiteral("None of the data files of '%1' could be read.").arg(path),
                     file.warnings.join(QLatin1Char(' ')).left(400));
    return file;
}

} // namespace ember::dataset
