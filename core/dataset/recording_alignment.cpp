// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_alignment.h"

#include "core/dataset/csv.h"
#include "core/dataset/project.h"
#include "core/dataset/text_file.h"

#include <QDir>
#include <QFileInfo>

#include <cmath>

namespace ember::dataset {
namespace {

constexpr const char* kHeader = "file,recorded_with,begins_after_s";

QString stemOf(const QString& path)
{
    const QFileInfo info(path);
    return info.dir().filePath(info.completeBaseName());
}

Status applyLine(Project& project, RecordingId moved, RecordingId with, double seconds)
{
    EMBER_TRY(const Recording recording, project.recordings().get(moved));
    QJsonObject metadata = recording.metadata;
    metadata.insert(QLatin1String(kRecordedWith), with.value);
    metadata.insert(QLatin1String(kBeginsAfter), seconds);
    EMBER_CHECK(dataset::apply(project, Edit(SetMetadata{moved, metadata})));
    return {};
}

} // namespace

QByteArray alignmentTable(const std::vector<std::pair<Recording, QString>>& written)
{
    QHash<qint64, QString> files;
    for (const auto& [recording, file] : written)
        files.insert(recording.id.value, file);
    QByteArray lines;
    for (const auto& [recording, file] : written) {
        qint64 with = recording.metadata.value(QLatin1String(kRecordedWith)).toInteger();
        if (with <= 0)
            with = recording.metadata.value(QLatin1String(kRecordedBeside)).toInteger();
        if (!files.contains(with))
            continue;
        const double after = recording.metadata.value(QLatin1String(kBeginsAfter)).toDouble();
        lines += csvField(file) + ',' + csvField(files.value(with)) + ',' + QByteArray::number(after, 'g', 17) + '\n';
    }
    return lines.isEmpty() ? QByteArray() : QByteArray(kHeader) + '\n' + lines;
}

bool AlignmentReader::isAlignment(const QString& path)
{
    if (QFileInfo(path).fileName() != QLatin1String(kAlignmentFile))
        return false;
    const auto head = detail::readHead(path, 64);
    return head && head->startsWith(kHeader);
}

void AlignmentReader::note(const QString& path, const std::vector<RecordingId>& recordings)
{
    // Of a file with several recordings nobody can say which one is meant.
    if (recordings.size() == 1)
        m_recordings.insert(stemOf(path), recordings.front());
}

/// Beside the table, or the only one of that name below it.
RecordingId AlignmentReader::find(const QString& folder, const QString& file) const
{
    if (const auto beside = m_recordings.constFind(QDir(folder).filePath(file)); beside != m_recordings.cend())
        return *beside;
    RecordingId found;
    for (auto at = m_recordings.cbegin(); at != m_recordings.cend(); ++at) {
        if (!at.key().startsWith(folder + QLatin1Char('/')) || QFileInfo(at.key()).fileName() != file)
            continue;
        if (found.isValid())
            return {};
        found = at.value();
    }
    return found;
}

Status AlignmentReader::applyTable(Project& project, const QString& path) const
{
    EMBER_TRY(const QByteArray text, detail::readTextFile(path));
    const QString folder = QFileInfo(path).path();
    CsvReader reader(text, CsvDialect{});
    std::vector<QByteArrayView> fields;
    reader.next(fields); // the header
    while (reader.next(fields)) {
        if (fields.size() != 3)
            continue;
        const auto idOf = [&](std::size_t field) { return find(folder, QString::fromUtf8(fields[field])); };
        const auto seconds = csvNumber(fields[2], CsvDialect{});
        const RecordingId moved = idOf(0);
        const RecordingId with = idOf(1);
        if (moved.isValid() && with.isValid() && moved != with && seconds && std::abs(*seconds) <= kMostOffsetSeconds)
            EMBER_CHECK(applyLine(project, moved, with, *seconds));
    }
    return {};
}

std::vector<AlignmentReader::Failure> AlignmentReader::apply(Project& project) const
{
    std::vector<Failure> failures;
    for (const QString& path : m_tables) {
        if (const Status applied = applyTable(project, path); !applied)
            failures.push_back({path, applied.error()});
    }
    return failures;
}

} // namespace ember::dataset
