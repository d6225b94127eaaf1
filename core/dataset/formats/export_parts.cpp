// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/exporters.h"

#include <algorithm>
#include <charconv>

namespace ember::dataset::detail {

std::vector<GaplessPart> gaplessParts(const ExportedRecording& recording, QStringList& warnings)
{
    const std::size_t channels = recording.about.stream.channels.size();
    std::vector<GaplessPart> parts;
    for (const ExportedRecording::Run& run : recording.runs) {
        GaplessPart part;
        part.fileName = recording.fileName;
        if (!parts.empty())
            part.fileName += QStringLiteral("_part%1").arg(parts.size() + 1);
        part.run = &run;
        part.rows = static_cast<qint64>(run.values.size() / channels);
        for (const ExportedRecording::LabelledRows& segment : recording.segments) {
            const qint64 begin = std::max<qint64>(segment.begin - run.firstRow, 0);
            const qint64 end = std::min(segment.end - run.firstRow, part.rows);
            if (begin < end)
                part.segments.push_back({segment.label, begin, end});
        }
        parts.push_back(std::move(part));
    }
    if (parts.size() > 1)
        warnings << QStringLiteral("'%1' has gaps, so it became %2 files.").arg(recording.about.name).arg(parts.size());
    return parts;
}

QByteArray numberText(float value)
{
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
    return QByteArray(buffer, end.ptr - buffer);
}

std::vector<const QString*> labelOfRows(const std::vector<ExportedRecording::LabelledRows>& segments, qint64 firstRow,
                                        qint64 rows)
{
    std::vector<const QString*> labels(static_cast<std::size_t>(rows), nullptr);
    for (const ExportedRecording::LabelledRows& segment : segments) {
        const qint64 begin = std::clamp<qint64>(segment.begin - firstRow, 0, rows);
        const qint64 end = std::clamp<qint64>(segment.end - firstRow, 0, rows);
        for (qint64 row = begin; row < end; ++row)
            labels[static_cast<std::size_t>(row)] = &segment.label;
    }
    return labels;
}

} // namespace ember::dataset::detail
