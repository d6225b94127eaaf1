// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/import_preview.h"

#include "core/dataset/csv.h"
#include "core/dataset/text_file.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

namespace ember::dataset {
namespace {

constexpr qint64 kProbedBytes = 64 * 1024; ///< as the importer of tables looks at
constexpr qint64 kMostPreviewed = 16 << 20;
constexpr qsizetype kExamples = 3;

/// Columns of a table with their first values.
Status addColumns(ImportPreview& preview, const QString& path, const ImportOptions& options)
{
    EMBER_TRY(const QByteArray head, detail::readHead(path, kProbedBytes));
    const CsvLayout layout = detectLayout(head, options.columns);
    for (const CsvColumn& column : layout.columns)
        preview.columns.push_back({{column.name, column.role, column.unit, column.stream}, {}});
    CsvReader reader(head, layout.dialect);
    std::vector<QByteArrayView> fields;
    if (layout.hasHeader)
        reader.next(fields);
    for (qsizetype row = 0; row < kExamples && reader.next(fields); ++row) {
        for (std::size_t i = 0; i < fields.size() && i < preview.columns.size(); ++i)
            preview.columns[i].examples << QString::fromUtf8(fields[i]).left(40);
    }
    return {};
}

/// The beginning of a long table, up to a whole line, as a file of the same name: names carry labels and groups.
Result<QString> beginningOf(const QString& path, const QTemporaryDir& folder)
{
    EMBER_TRY(QByteArray head, detail::readHead(path, kMostPreviewed));
    if (const qsizetype end = head.lastIndexOf('\n'); end > 0)
        head.truncate(end + 1);
    const QString copy = folder.filePath(QFileInfo(path).fileName());
    QFile file(copy);
    if (!file.open(QIODevice::WriteOnly) || file.write(head) != head.size())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(copy, file.errorString()));
    return copy;
}

void addOnce(QStringList& list, const QString& text)
{
    if (!text.isEmpty() && !list.contains(text))
        list << text;
}

void summarise(ImportPreview& preview, const ImportedFile& file)
{
    preview.recordings = static_cast<qint64>(file.recordings.size());
    preview.warnings = file.warnings;
    for (const ImportedRecording& recording : file.recordings) {
        for (const signal::SampleBlock& block : recording.blocks)
            preview.rows += block.rowCount;
        preview.segments += static_cast<qint64>(recording.segments.size());
        for (const ImportedSegment& segment : recording.segments)
            addOnce(preview.labels, segment.label);
        addOnce(preview.groups, recording.about.group.name);
        for (const QString& key : recording.about.metadata.keys())
            addOnce(preview.metadata, key);
    }
    if (file.recordings.empty())
        return;
    const signal::StreamSpec& stream = file.recordings.front().about.stream;
    preview.rateHz = stream.rateHz;
    if (preview.isTable) {
        // Units that were guessed from the values.
        for (ColumnPreview& column : preview.columns) {
            for (const signal::Channel& channel : stream.channels) {
                if (column.mapping.role == ColumnRole::Channel && column.mapping.column == channel.name)
                    column.mapping.unit = channel.unit;
            }
        }
        return;
    }
    for (const signal::Channel& channel : stream.channels)
        preview.columns.push_back({{channel.name, ColumnRole::Channel, channel.unit, {}}, {}});
}

} // namespace

Result<ImportPreview> previewImport(const QString& path, const ImportOptions& options, const CancelToken& cancel)
{
    EMBER_TRY(const ChosenImporter chosen, chooseImporter(path, options));
    ImportPreview preview;
    preview.format = chosen.importer->id();
    preview.reason = chosen.reason;
    preview.isTable = preview.format == QLatin1String("csv");
    QString read = path;
    const QTemporaryDir folder;
    if (preview.isTable) {
        EMBER_CHECK(addColumns(preview, path, options));
        preview.isPartial = QFileInfo(path).size() > kMostPreviewed;
        if (preview.isPartial) {
            EMBER_TRY(read, beginningOf(path, folder));
        }
    }
    EMBER_TRY(const ImportedFile file, preview.isPartial
                                           ? detail::readBeginning(*chosen.importer, path, read, options, cancel)
                                           : readSignals(path, options, cancel));
    summarise(preview, file);
    return preview;
}

} // namespace ember::dataset
