// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/dataset/label_table.h"
#include "core/dataset/recording.h"
#include "core/dataset/recording_reader.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace ember::dataset {

class Project;

struct ExportOptions
{
    QString format;                                        ///< an exporter's id
    QString outputDir;                                     ///< made when it is missing
    QString labelSet;                                      ///< empty: kDefaultLabelSet
    std::vector<RecordingId> recordings;                   ///< empty: all that are not in the trash
    QString backgroundLabel = QStringLiteral("unlabeled"); ///< for formats that want every row labelled
    QString signingKey;                                    ///< for formats that can be signed
    bool overwrite = false;                                ///< replace files that are there
};

/// A recording as an exporter gets it: all rows in physical units, and the segments of one label set by their begin.
struct ExportedRecording
{
    Recording about;
    QString fileName; ///< safe and unique within the export, without extension
    struct Run
    {
        qint64 firstRow = 0;
        std::vector<float> values; ///< rows x channels, physical units
        QByteArray raw;            ///< the same in the stream's own type
    };
    std::vector<Run> runs; ///< stretches without a gap
    struct LabelledRows
    {
        QString label;
        qint64 begin = 0;
        qint64 end = 0;
    };
    std::vector<LabelledRows> segments;
};

/// Where an exporter writes: files below the output folder, made and counted. A name never leaves the folder.
class ExportFolder
{
public:
    ExportFolder(QString path, bool overwrite)
        : m_path(std::move(path))
        , m_overwrite(overwrite)
    {}

    /// Errors: Io; Usage when the file is there and may not be replaced.
    Status write(const QString& relativePath, const QByteArray& bytes);
    const QStringList& files() const { return m_files; }
    QString path() const { return m_path; }

private:
    QString m_path;
    bool m_overwrite;
    QStringList m_files;
};

/// One format to write. Stateful for one export: add() for each recording, then finish() for what is about all of them.
class Exporter
{
public:
    virtual ~Exporter() = default;
    virtual Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList& warnings) = 0;
    virtual Status finish(ExportFolder& folder) = 0;
};

/// What a format is called and what it cannot keep.
struct ExportFormat
{
    QString id; ///< "edge-impulse"
    QString title;
    QString loses; ///< one sentence; empty when everything is kept
    std::unique_ptr<Exporter> (*make)(const ExportOptions& options);
};

/// All formats of this program; a new one is one file and one line here.
const std::vector<ExportFormat>& exportFormats();

struct ExportReport
{
    QStringList files; ///< relative to the output folder
    qint64 recordings = 0;
    qint64 rows = 0;
    qint64 segments = 0;
    QStringList warnings;
};

/// Writes recordings with their labels. Errors: Usage (no such format, nothing to export, files that are there), Io,
/// Cancelled.
Result<ExportReport> exportProject(const Project& project, const ExportOptions& options,
                                   const ProgressSink& progress = {}, const CancelToken& cancel = {});

} // namespace ember::dataset
