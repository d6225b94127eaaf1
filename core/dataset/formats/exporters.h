// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/exporter.h"

namespace ember::dataset::detail {

// One function for each file of this folder that holds an exporter.
std::unique_ptr<Exporter> makeCsvExporter(const ExportOptions& options);
std::unique_ptr<Exporter> makeDeepcraftExporter(const ExportOptions& options);
std::unique_ptr<Exporter> makeEdgeImpulseCborExporter(const ExportOptions& options);
std::unique_ptr<Exporter> makeEdgeImpulseJsonExporter(const ExportOptions& options);
std::unique_ptr<Exporter> makeElanExporter(const ExportOptions& options);
std::unique_ptr<Exporter> makeLabelStudioExporter(const ExportOptions& options);
std::unique_ptr<Exporter> makeNpyExporter(const ExportOptions& options);
std::unique_ptr<Exporter> makeSensimlExporter(const ExportOptions& options);
std::unique_ptr<Exporter> makeWavExporter(const ExportOptions& options);

/// A stretch without a gap, for formats that know no gaps: rows and segments count from its own first row.
struct GaplessPart
{
    QString fileName; ///< the recording's, with "_part2" and so on behind the first
    const ExportedRecording::Run* run = nullptr;
    qint64 rows = 0;
    std::vector<ExportedRecording::LabelledRows> segments;
};
/// Borrows from `recording`. Adds a warning when there is more than one.
std::vector<GaplessPart> gaplessParts(const ExportedRecording& recording, QStringList& warnings);

/// `timestamp_ms, channels with units` and perhaps `label, subject`: what the importer of this program reads back.
/// Missing rows are a jump of the time; without a rate there is no time.
QByteArray timedCsv(const ExportedRecording& recording, bool withLabels);
/// The names of its channel columns.
QStringList csvChannelNames(const signal::StreamSpec& stream);
/// The time stamp of a row in that file, as it reads back.
double rowMilliseconds(qint64 row, double rateHz);

/// The shortest text that reads back as the same float, as a JSON or CSV number.
QByteArray numberText(float value);
/// The label of each row; the later of two segments wins where they overlap. Null pointer: no label.
std::vector<const QString*> labelOfRows(const std::vector<ExportedRecording::LabelledRows>& segments, qint64 firstRow,
                                        qint64 rows);

} // namespace ember::dataset::detail
