// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/dataset/csv_columns.h"
#include "core/dataset/recording.h"
#include "core/signal/sample_block.h"

#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace ember::dataset {

class Project;

/// How files become recordings.
struct ImportOptions
{
    QString format = QStringLiteral("auto"); ///< an importer's id, or "auto"
    QString labelSet;                        ///< empty: kDefaultLabelSet
    QString label;                           ///< not empty: all of every file gets this label, whatever it says itself
    QString labelPattern;         ///< regular expression on the file's base name; its first capture is the label
    bool labelFromFolder = false; ///< the label is the name of the folder that the file lies in
    QString group;                ///< not empty: the group of every recording
    QString groupPattern;         ///< regular expression on the file's base name; its first capture is the group
    GroupKind groupKind = GroupKind::Subject;
    bool recordingPerSession = true;    ///< false: one recording per file even where it names sessions
    double rateHz = 0;                  ///< for files that do not tell
    std::vector<ColumnMapping> columns; ///< of tables: what columns are, in place of what is guessed
    RecordingId beside;                 ///< valid: what is imported was recorded at the same time as this one
    double besideSeconds = 0;           ///< from its row 0 to that of what is imported; negative: before it
    QString signingKey; ///< of formats with signatures: a wrong one is refused; empty: they are not looked at
};

struct ImportedSegment
{
    QString label;
    qint64 begin = 0;
    qint64 end = 0;
};

/// A recording as a file has it, before it is in any project.
struct ImportedRecording
{
    NewRecording about;
    std::vector<signal::SampleBlock> blocks; ///< row numbers from 0; gaps in time are jumps of firstRow
    std::vector<ImportedSegment> segments;
    double measuredRateHz = 0; ///< from time stamps; 0 without
    /// Place in the file of the recording that this one was made at the same time as; -1: of none.
    int withRecording = -1;
};

struct ImportedFile
{
    std::vector<ImportedRecording> recordings;
    QStringList warnings; ///< bad lines with their numbers, columns passed over, guesses
};

/// One file format. Stateless; any thread.
class Importer
{
public:
    virtual ~Importer() = default;

    virtual QString id() const = 0;    ///< "csv"
    virtual QString title() const = 0; ///< "Comma-separated values"

    /// 0 (not mine) to 100 (certain), with the reason for a person. `head` is the beginning of the file, 64 kB at most.
    struct Detection
    {
        int confidence = 0;
        QString reason;
    };
    virtual Detection detect(const QString& path, const QByteArray& head) const = 0;

    /// Errors: NotFound, Io, BadData (not one usable row: says why), Cancelled.
    virtual Result<ImportedFile> read(const QString& path, const ImportOptions& options,
                                      const CancelToken& cancel) const = 0;
};

/// All formats of this program; a new one is one file and one line here.
const std::vector<std::unique_ptr<Importer>>& importers();

/// The importer for a file with the reason why, by options.format or by looking at it. Errors: Usage for a format that
/// does not exist, Unsupported when none recognises the file.
struct ChosenImporter
{
    const Importer* importer = nullptr;
    QString reason;
};
Result<ChosenImporter> chooseImporter(const QString& path, const ImportOptions& options);

/// Reads a file without a project: for feeding an emulated sensor, or for looking into it.
Result<ImportedFile> readSignals(const QString& path, const ImportOptions& options = {},
                                 const CancelToken& cancel = {});

namespace detail {
/// As readSignals(), with that importer, of a file of which only the beginning was copied to `copy`. Its folder and the
/// labels beside it are those of `path`; labels beyond the beginning are left out. The copy has the same name.
Result<ImportedFile> readBeginning(const Importer& importer, const QString& path, const QString& copy,
                                   const ImportOptions& options, const CancelToken& cancel);
} // namespace detail

/// The files to import: folders are replaced by what lies in them and below, in the order of their names; hidden files
/// and labels that belong to a file beside them are left out. Errors: Usage for a folder without files.
Result<QStringList> importableFiles(const QStringList& filesAndFolders);

/// What import did with one file.
struct ImportReport
{
    QString file;
    QString format;
    QString reason; ///< why that format
    std::vector<RecordingId> recordings;
    qint64 rows = 0;
    qint64 segments = 0;
    QStringList warnings;
};

/// Reads a file and puts all of it into the project, or nothing. The project is never locked for long; until the end
/// its recordings show as being recorded. Not within a transaction.
Result<ImportReport> importFile(Project& project, const QString& path, const ImportOptions& options = {},
                                const ProgressSink& progress = {}, const CancelToken& cancel = {});

} // namespace ember::dataset
