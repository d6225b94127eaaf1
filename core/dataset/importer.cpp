// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/importer.h"

#include "core/dataset/block_store.h"
#include "core/dataset/csv_importer.h"
#include "core/dataset/edits.h"
#include "core/dataset/formats/edge_impulse_importer.h"
#include "core/dataset/formats/label_studio_importer.h"
#include "core/dataset/formats/label_track.h"
#include "core/dataset/formats/sensiml_importer.h"
#include "core/dataset/formats/strokes_importer.h"
#include "core/dataset/formats/wav_importer.h"
#include "core/dataset/npy_importer.h"
#include "core/dataset/project.h"
#include "core/dataset/recorded_together.h"
#include "core/dataset/recording_store.h"
#include "core/dataset/text_file.h"

#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <functional>

namespace ember::dataset {
namespace {

constexpr qint64 kHeadBytes = 64 * 1024;
constexpr qint64 kBytesPerTransaction = 1 << 20;

std::vector<std::unique_ptr<Importer>> makeImporters()
{
    std::vector<std::unique_ptr<Importer>> all;
    all.push_back(std::make_unique<NpyImporter>());
    all.push_back(std::make_unique<WavImporter>());
    all.push_back(std::make_unique<EdgeImpulseImporter>());
    all.push_back(std::make_unique<SensimlImporter>());
    all.push_back(std::make_unique<LabelStudioImporter>());
    all.push_back(std::make_unique<StrokesImporter>());
    all.push_back(std::make_unique<CsvImporter>());
    return all;
}

QStringList formatNames()
{
    QStringList names{QStringLiteral("auto")};
    for (const auto& importer : importers())
        names << importer->id();
    return names;
}

/// The first capture of a pattern in the file's base name; empty, with a warning, when it does not fit.
Result<QString> captured(const QString& pattern, const QString& path, const QString& what, QStringList& warnings)
{
    const QRegularExpression expression(pattern);
    if (!expression.isValid() || expression.captureCount() < 1)
        return Error(ErrorKind::Usage,
                     QStringLiteral("'%1' is not a pattern with a %2 in parentheses.").arg(pattern, what),
                     QStringLiteral("For 'walk.03.csv' it would be '^([^.]+)'."));
    const QString found = expression.match(QFileInfo(path).completeBaseName()).captured(1);
    if (found.isEmpty())
        warnings << QStringLiteral("The file's name does not fit the %1 pattern.").arg(what);
    return found;
}

// What the caller says counts more than what the file says.
Status applyOptions(ImportedFile& file, const QString& path, const ImportOptions& options)
{
    QString label = options.label;
    if (label.isEmpty() && !options.labelPattern.isEmpty()) {
        EMBER_TRY(label, captured(options.labelPattern, path, QStringLiteral("label"), file.warnings));
    }
    if (label.isEmpty() && options.labelFromFolder)
        label = QFileInfo(path).absoluteDir().dirName();
    QString group = options.group;
    if (group.isEmpty() && !options.groupPattern.isEmpty()) {
        EMBER_TRY(group, captured(options.groupPattern, path, QStringLiteral("group"), file.warnings));
    }
    for (ImportedRecording& recording : file.recordings) {
        if (!label.isEmpty())
            recording.segments = {{label, 0, recording.blocks.back().endRow()}};
        if (!group.isEmpty())
            recording.about.group = {group, options.groupKind};
        if (options.beside.isValid() && recording.withRecording < 0) {
            recording.about.metadata.insert(QLatin1String(kRecordedWith), options.beside.value);
            recording.about.metadata.insert(QLatin1String(kBeginsAfter), options.besideSeconds);
        }
    }
    return {};
}

enum class Extent
{
    Whole,
    Beginning ///< of a file that was cut off for a preview
};

/// Labels that lie in a file of their own beside a single recording.
Status addSideLabels(ImportedFile& file, const QString& path, const QString& labelSet, Extent extent)
{
    EMBER_TRY(const SideLabels side, readSideLabels(path, labelSet));
    if (side.source.isEmpty() || file.recordings.size() != 1)
        return {};
    ImportedRecording& recording = file.recordings.front();
    const double rate = recording.about.stream.rateHz;
    const QString name = QFileInfo(side.source).fileName();
    if (!side.leftOut.isEmpty())
        file.warnings << QStringLiteral("Of '%1' the tiers %2 were left out; import again with --label-set TIER.")
                             .arg(name, side.leftOut.join(QStringLiteral(", ")));
    if (rate <= 0) {
        file.warnings
            << QStringLiteral("The labels of '%1' are in seconds, and the rate is unknown; give it.").arg(name);
        return {};
    }
    const qint64 rows = recording.blocks.back().endRow();
    recording.segments.clear();
    for (const TimedLabel& label : side.labels) {
        const qint64 begin = std::llround(label.begin * rate);
        // A point in time is one sample.
        const qint64 end = std::min(rows, std::max<qint64>(begin + 1, std::llround(label.end * rate)));
        if (begin >= rows && extent == Extent::Beginning)
            continue;
        if (begin >= rows || label.label.isEmpty())
            file.warnings << QStringLiteral("A label of '%1' at %2 s was left out.").arg(name).arg(label.begin);
        else
            recording.segments.push_back({label.label, begin, end});
    }
    recording.about.metadata.insert(QStringLiteral("labels"), name);
    return {};
}

qint64 rowsOf(const ImportedRecording& recording)
{
    qint64 rows = 0;
    for (const signal::SampleBlock& block : recording.blocks)
        rows += block.rowCount;
    return rows;
}

Status storeSegments(Project& project, RecordingId id, const ImportedRecording& recording, const QString& labelSet)
{
    LabelTable labels = project.labels();
    for (const ImportedSegment& segment : recording.segments) {
        EMBER_TRY(const Label label, labels.ensureLabel(labelSet, segment.label));
        EMBER_CHECK(apply(project, AddSegment{{{}, id, label.id, segment.begin, segment.end}}));
    }
    return {};
}

Error cancelled(const QString& path)
{
    return Error(ErrorKind::Cancelled, QStringLiteral("Importing '%1' was cancelled.").arg(path),
                 QStringLiteral("Nothing of it was put into the project."));
}

/// Puts the recordings of one file into the project in many short transactions, so that a recording from a board can
/// commit in between; they count only when finish() has come to its end. Takes them back otherwise, and so does whoever
/// opens the project after this program was killed.
class PendingImport
{
public:
    explicit PendingImport(Project& project)
        : m_project(project)
        , m_owner(Ownership::Kind::Import)
    {}
    ~PendingImport()
    {
        if (m_finished)
            return;
        for (const Stored& stored : m_stored)
            (void)detail::discardRecording(m_project.database(), stored.id); // left to the next to open the project
    }
    PendingImport(const PendingImport&) = delete;
    PendingImport& operator=(const PendingImport&) = delete;

    /// `goOn` is asked between transactions.
    Status add(const ImportedRecording& recording, qint64 fileBytes, const std::function<Status()>& goOn)
    {
        Database& database = m_project.database();
        NewRecording about = recording.about;
        if (const auto with = static_cast<std::size_t>(recording.withRecording); with < m_stored.size()) {
            about.metadata.insert(QLatin1String(kRecordedWith), m_stored[with].id.value);
            about.metadata.insert(QLatin1String(kBeginsAfter), 0.0);
        }
        EMBER_TRY(const RecordingId id, detail::insertRecording(database, about, m_owner));
        m_stored.push_back({id, &recording, {}});
        std::vector<signal::SampleBlock> waiting;
        qint64 waitingBytes = 0;
        for (const signal::SampleBlock& block : recording.blocks) {
            for (signal::SampleBlock& part : detail::splitAtZones(block, recording.about.stream)) {
                waitingBytes += part.rows.size();
                waiting.push_back(std::move(part));
                if (waitingBytes < kBytesPerTransaction)
                    continue;
                EMBER_CHECK(goOn());
                EMBER_CHECK(write(id, recording, waiting));
                waitingBytes = 0;
            }
        }
        EMBER_CHECK(goOn());
        EMBER_CHECK(write(id, recording, waiting));
        signal::Ledger ledger;
        ledger.bytes = fileBytes;
        ledger.linkGaps = recording.blocks.back().endRow() - rowsOf(recording);
        ledger.measuredRateHz = recording.measuredRateHz;
        EMBER_CHECK(detail::storeLedger(database, id, ledger));
        EMBER_TRY(m_stored.back().hash, detail::sealAndHash(database, id, m_owner));
        return {};
    }

    /// All of the file's recordings become finished at once, with their segments.
    Result<std::vector<RecordingId>> finish(const QString& labelSet)
    {
        Database& database = m_project.database();
        EMBER_TRY(Transaction transaction, Transaction::begin(database));
        std::vector<RecordingId> ids;
        for (const Stored& stored : m_stored) {
            EMBER_CHECK(detail::setClosed(database, stored.id, RecordingState::Finished, stored.hash, m_owner));
            EMBER_CHECK(storeSegments(m_project, stored.id, *stored.recording, labelSet));
            ids.push_back(stored.id);
        }
        EMBER_CHECK(transaction.commit());
        m_finished = true;
        return ids;
    }

private:
    struct Stored
    {
        RecordingId id;
        const ImportedRecording* recording = nullptr;
        QString hash;
    };

    Status write(RecordingId id, const ImportedRecording& recording, std::vector<signal::SampleBlock>& parts)
    {
        Database& database = m_project.database();
        EMBER_TRY(Transaction transaction, Transaction::begin(database));
        EMBER_CHECK(detail::confirmOwnership(database, id, m_owner));
        EMBER_TRY(qint64 rows, database.integer("SELECT row_count FROM recordings WHERE id = ?", id));
        for (const signal::SampleBlock& part : parts) {
            EMBER_CHECK(detail::insertBlock(database, id, part));
            rows += part.rowCount;
        }
        if (!parts.empty())
            EMBER_CHECK(detail::noteProgress(database, id, recording.about.stream, rows, parts.back().endRow()));
        EMBER_CHECK(transaction.commit());
        parts.clear();
        return {};
    }

    Project& m_project;
    Ownership m_owner;
    std::vector<Stored> m_stored;
    bool m_finished = false;
};

Result<ImportedFile> readWith(const Importer& importer, const QString& path, const ImportOptions& options,
                              const CancelToken& cancel)
{
    EMBER_TRY(ImportedFile file, importer.read(path, options, cancel));
    EMBER_CHECK(addSideLabels(file, path, options.labelSet, Extent::Whole));
    EMBER_CHECK(applyOptions(file, path, options));
    return file;
}

} // namespace

const std::vector<std::unique_ptr<Importer>>& importers()
{
    static const std::vector<std::unique_ptr<Importer>> all = makeImporters();
    return all;
}

Result<ChosenImporter> chooseImporter(const QString& path, const ImportOptions& options)
{
    EMBER_TRY(const QByteArray head, detail::readHead(path, kHeadBytes));
    if (options.format != QLatin1String("auto")) {
        for (const auto& importer : importers()) {
            if (importer->id() == options.format)
                return ChosenImporter{importer.get(), QStringLiteral("asked for")};
        }
        return Error(ErrorKind::Usage, QStringLiteral("There is no format '%1'.").arg(options.format),
                     QStringLiteral("Formats are: %1.").arg(formatNames().join(QStringLiteral(", "))));
    }
    ChosenImporter best;
    int confidence = 0;
    for (const auto& importer : importers()) {
        const Importer::Detection detection = importer->detect(path, head);
        if (detection.confidence > confidence) {
            confidence = detection.confidence;
            best = {importer.get(), detection.reason};
        }
    }
    if (!best.importer)
        return Error(ErrorKind::Unsupported, QStringLiteral("The format of '%1' is not known.").arg(path),
                     QStringLiteral("Formats are: %1.").arg(formatNames().mid(1).join(QStringLiteral(", "))));
    return best;
}

Result<ImportedFile> readSignals(const QString& path, const ImportOptions& options, const CancelToken& cancel)
{
    EMBER_TRY(const ChosenImporter chosen, chooseImporter(path, options));
    return readWith(*chosen.importer, path, options, cancel);
}

Result<ImportedFile> detail::readBeginning(const Importer& importer, const QString& path, const QString& copy,
                                           const ImportOptions& options, const CancelToken& cancel)
{
    EMBER_TRY(ImportedFile file, importer.read(copy, options, cancel));
    EMBER_CHECK(addSideLabels(file, path, options.labelSet, Extent::Beginning));
    EMBER_CHECK(applyOptions(file, path, options));
    return file;
}

Result<QStringList> importableFiles(const QStringList& filesAndFolders)
{
    QStringList files;
    for (const QString& path : filesAndFolders) {
        if (!QFileInfo(path).isDir()) {
            files << path;
            continue;
        }
        QStringList below;
        QDirIterator at(path, QDir::Files, QDirIterator::Subdirectories);
        while (at.hasNext()) {
            const QString file = at.next();
            if (!isSideLabelFile(file))
                below << file;
        }
        if (below.isEmpty())
            return Error(ErrorKind::Usage, QStringLiteral("The folder '%1' holds no files.").arg(path));
        below.sort();
        files << below;
    }
    return files;
}

Result<ImportReport> importFile(Project& project, const QString& path, const ImportOptions& options,
                                const ProgressSink& progress, const CancelToken& cancel)
{
    EMBER_TRY(const ChosenImporter chosen, chooseImporter(path, options));
    ImportReport report;
    report.file = path;
    report.format = chosen.importer->id();
    report.reason = chosen.reason;
    const QString step = QStringLiteral("Importing %1").arg(QFileInfo(path).fileName());
    ember::report(progress, step, 0);
    EMBER_TRY(const ImportedFile file, readWith(*chosen.importer, path, options, cancel));
    report.warnings = file.warnings;

    const qint64 fileBytes = QFileInfo(path).size();
    const auto goOn = [&]() -> Status { return cancel.isCancelled() ? Status(cancelled(path)) : Status(); };
    PendingImport pending(project);
    double done = 0;
    for (const ImportedRecording& recording : file.recordings) {
        EMBER_CHECK(pending.add(recording, fileBytes, goOn));
        report.rows += rowsOf(recording);
        report.segments += static_cast<qint64>(recording.segments.size());
        ember::report(progress, step, ++done / static_cast<double>(file.recordings.size()));
    }
    EMBER_TRY(report.recordings, pending.finish(options.labelSet));
    return report;
}

} // namespace ember::dataset
