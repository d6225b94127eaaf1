// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/exporter.h"

#include "core/dataset/formats/exporters.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_alignment.h"
#include "core/signal/sample_block.h"

#include <QDir>
#include <QFileInfo>
#include <QHash>
#include <QSaveFile>
#include <QSet>

#include <algorithm>

namespace ember::dataset {
namespace {

constexpr qsizetype kLongestName = 80;

/// Letters, digits, '-', '_' and single dots of a name; anything else becomes '_'.
QString safeName(const QString& name)
{
    QString safe;
    for (const QChar c : name.left(kLongestName)) {
        const bool keep = (c.unicode() < 128 && c.isLetterOrNumber()) || c == QLatin1Char('-') || c == QLatin1Char('_');
        const bool dot = c == QLatin1Char('.') && !safe.isEmpty() && !safe.endsWith(QLatin1Char('.'));
        safe += keep || dot ? c : QLatin1Char('_');
    }
    return safe.isEmpty() ? QStringLiteral("recording") : safe;
}

QString uniqueName(const QString& name, QSet<QString>& taken)
{
    const QString safe = safeName(name);
    QString candidate = safe;
    // Compared without case: the folder may be one that does not tell them apart.
    for (int number = 2; taken.contains(candidate.toLower()); ++number)
        candidate = QStringLiteral("%1_%2").arg(safe).arg(number);
    taken.insert(candidate.toLower());
    return candidate;
}

Result<const ExportFormat*> findFormat(const QString& id)
{
    QStringList names;
    for (const ExportFormat& format : exportFormats()) {
        if (format.id == id)
            return &format;
        names << format.id;
    }
    return Error(ErrorKind::Usage, QStringLiteral("There is no export format '%1'.").arg(id),
                 QStringLiteral("Formats are: %1.").arg(names.join(QStringLiteral(", "))));
}

Result<std::vector<Recording>> chosenRecordings(const Project& project, const ExportOptions& options)
{
    if (options.recordings.empty())
        return project.recordings().list();
    std::vector<Recording> chosen;
    for (const RecordingId id : options.recordings) {
        EMBER_TRY(Recording recording, project.recordings().get(id));
        chosen.push_back(std::move(recording));
    }
    return chosen;
}

/// Label names by id, of the wanted set; a set that does not exist has no labels, unless it was asked for by name.
Result<QHash<LabelId, QString>> labelNames(const Project& project, const QString& wanted)
{
    QHash<LabelId, QString> names;
    const auto set = project.labels().findSet(wanted.isEmpty() ? QString::fromLatin1(kDefaultLabelSet) : wanted);
    if (!set && !wanted.isEmpty())
        return set.error();
    if (!set)
        return names;
    EMBER_TRY(const std::vector<Label> labels, project.labels().labels(set->id));
    for (const Label& label : labels)
        names.insert(label.id, label.name);
    return names;
}

Result<ExportedRecording> load(const Project& project, const Recording& recording, const QHash<LabelId, QString>& names)
{
    ExportedRecording out;
    out.about = recording;
    EMBER_TRY(const RecordingReader reader, RecordingReader::open(project, recording.id));
    EMBER_TRY(std::vector<RowRun> runs, reader.rows(0, recording.endRow));
    for (RowRun& run : runs) {
        std::vector<float> values = signal::toPhysical(run.rows, recording.stream);
        out.runs.push_back({run.firstRow, std::move(values), std::move(run.rows)});
    }
    EMBER_TRY(const std::vector<Segment> segments, project.labels().segments(recording.id));
    for (const Segment& segment : segments) {
        if (names.contains(segment.label))
            out.segments.push_back({names.value(segment.label), segment.begin, segment.end});
    }
    return out;
}

} // namespace

Status ExportFolder::write(const QString& relativePath, const QByteArray& bytes)
{
    const QString path = QDir(m_path).filePath(relativePath);
    if (!QDir().mkpath(QFileInfo(path).absolutePath()))
        return Error(ErrorKind::Io, QStringLiteral("The folder of '%1' cannot be made.").arg(path),
                     QStringLiteral("Check its permissions, or choose another folder."));
    if (!m_overwrite && QFileInfo::exists(path))
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is there already.").arg(path),
                     QStringLiteral("Choose an empty folder, or allow files to be replaced."));
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()),
                     QStringLiteral("Check the free space and the folder's permissions."));
    m_files << relativePath;
    return {};
}

const std::vector<ExportFormat>& exportFormats()
{
    static const std::vector<ExportFormat> formats{
        {QStringLiteral("csv"), QStringLiteral("CSV with time stamps and labels"), {}, detail::makeCsvExporter},
        {QStringLiteral("npy"), QStringLiteral("NumPy arrays with a table of segments"),
         QStringLiteral("Rows that were lost are left out; index.csv says where."), detail::makeNpyExporter},
        {QStringLiteral("wav"), QStringLiteral("WAV with Audacity label tracks"),
         QStringLiteral("Units are lost, and rates become whole numbers; a recording with gaps becomes several files."),
         detail::makeWavExporter},
        {QStringLiteral("edge-impulse"), QStringLiteral("Edge Impulse data acquisition, JSON, with info.labels"),
         QStringLiteral("Overlapping labels: the later one wins; a recording with gaps becomes several files."),
         detail::makeEdgeImpulseJsonExporter},
        {QStringLiteral("edge-impulse-cbor"), QStringLiteral("Edge Impulse data acquisition, CBOR, with info.labels"),
         QStringLiteral("Overlapping labels: the later one wins; a recording with gaps becomes several files."),
         detail::makeEdgeImpulseCborExporter},
        {QStringLiteral("sensiml"), QStringLiteral("SensiML CSV with a label export (.dai)"),
         QStringLiteral("Units and rates are lost; rows that were lost are left out and the labels moved with them."),
         detail::makeSensimlExporter},
        {QStringLiteral("deepcraft"), QStringLiteral("DEEPCRAFT .data and .label"), QStringLiteral("Units are lost."),
         detail::makeDeepcraftExporter},
        {QStringLiteral("label-studio"), QStringLiteral("Label Studio time series: tasks.json beside CSV files"),
         QStringLiteral("Groups are lost."), detail::makeLabelStudioExporter},
        {QStringLiteral("elan"), QStringLiteral("ELAN tab-delimited text beside CSV files"),
         QStringLiteral("Groups are lost, and ends of labels are whole milliseconds."), detail::makeElanExporter},
    };
    return formats;
}

Result<ExportReport> exportProject(const Project& project, const ExportOptions& options, const ProgressSink& progress,
                                   const CancelToken& cancel)
{
    EMBER_TRY(const ExportFormat* format, findFormat(options.format));
    EMBER_TRY(const std::vector<Recording> recordings, chosenRecordings(project, options));
    if (recordings.empty())
        return Error(ErrorKind::Usage, QStringLiteral("The project has no recordings to export."));
    EMBER_TRY(const auto names, labelNames(project, options.labelSet));
    ExportFolder folder(options.outputDir, options.overwrite);
    const std::unique_ptr<Exporter> exporter = format->make(options);
    ExportReport report;
    QSet<QString> taken;
    std::vector<std::pair<Recording, QString>> written;
    for (const Recording& recording : recordings) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The export was cancelled."),
                         QStringLiteral("Files that were written are in '%1'.").arg(options.outputDir));
        ember::report(progress, QStringLiteral("Exporting"),
                      static_cast<double>(report.recordings) / static_cast<double>(recordings.size()), recording.name);
        EMBER_TRY(ExportedRecording exported, load(project, recording, names));
        exported.fileName = uniqueName(recording.name, taken);
        written.emplace_back(recording, exported.fileName);
        EMBER_CHECK(exporter->add(exported, folder, report.warnings));
        ++report.recordings;
        report.rows += recording.rowCount;
        report.segments += static_cast<qint64>(exported.segments.size());
    }
    EMBER_CHECK(exporter->finish(folder));
    if (const QByteArray table = alignmentTable(written); !table.isEmpty())
        EMBER_CHECK(folder.write(QString::fromLatin1(kAlignmentFile), table));
    report.files = folder.files();
    return report;
}

} // namespace ember::dataset
