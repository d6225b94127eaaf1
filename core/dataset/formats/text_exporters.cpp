// SPDX-License-Identifier: GPL-3.0-or-later
// Formats whose samples are lines of text: CSV, SensiML, DEEPCRAFT.
#include "core/dataset/csv.h"
#include "core/dataset/formats/exporters.h"
#include "core/dataset/formats/label_track.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace ember::dataset::detail {
namespace {

void appendRow(QByteArray& text, const float* values, std::size_t channels)
{
    for (std::size_t c = 0; c < channels; ++c) {
        if (c > 0)
            text += ',';
        text += numberText(values[c]);
    }
}

QByteArray timeText(qint64 row, double rateHz, double unitsPerSecond)
{
    return QByteArray::number(static_cast<double>(row) * unitsPerSecond / rateHz, 'g', 15);
}

class CsvExporter : public Exporter
{
public:
    Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList& warnings) override
    {
        if (recording.about.stream.rateHz <= 0)
            warnings << QStringLiteral("'%1' has no rate, so its file has no time stamps.").arg(recording.about.name);
        return folder.write(recording.fileName + QStringLiteral(".csv"), timedCsv(recording, true));
    }

    Status finish(ExportFolder&) override { return {}; }
};

/// One CSV per recording and `labels.dai`, a list of files with sessions of segments whose ends are inclusive.
class SensimlExporter : public Exporter
{
public:
    Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList& warnings) override
    {
        const std::size_t channels = recording.about.stream.channels.size();
        for (const GaplessPart& part : gaplessParts(recording, warnings)) {
            QByteArray text;
            for (const signal::Channel& channel : recording.about.stream.channels)
                text += csvField(channel.name) + ',';
            text.chop(1);
            text += '\n';
            for (qint64 row = 0; row < part.rows; ++row) {
                appendRow(text, part.run->values.data() + static_cast<std::size_t>(row) * channels, channels);
                text += '\n';
            }
            const QString name = part.fileName + QStringLiteral(".csv");
            EMBER_CHECK(folder.write(name, text));
            m_files.append(entryOf(name, recording, part));
        }
        return {};
    }

    Status finish(ExportFolder& folder) override
    {
        return folder.write(QStringLiteral("labels.dai"), QJsonDocument(m_files).toJson());
    }

private:
    static QJsonObject entryOf(const QString& name, const ExportedRecording& recording, const GaplessPart& part)
    {
        QJsonArray segments;
        for (const ExportedRecording::LabelledRows& segment : part.segments)
            segments.append(QJsonObject{{QStringLiteral("name"), QStringLiteral("Label")},
                                        {QStringLiteral("value"), segment.label},
                                        {QStringLiteral("start"), segment.begin},
                                        {QStringLiteral("end"), segment.end - 1}});
        QJsonArray metadata;
        if (!recording.about.group.name.isEmpty())
            metadata.append(QJsonObject{{QStringLiteral("name"), QStringLiteral("Subject")},
                                        {QStringLiteral("value"), recording.about.group.name}});
        const QJsonObject session{{QStringLiteral("session_name"), QStringLiteral("Emberlab")},
                                  {QStringLiteral("segments"), segments}};
        return {{QStringLiteral("file_name"), name},
                {QStringLiteral("metadata"), metadata},
                {QStringLiteral("sessions"), QJsonArray{session}}};
    }

    QJsonArray m_files;
};

/// `name.data` with seconds in the first column, and `name.label`.
class DeepcraftExporter : public Exporter
{
public:
    Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList&) override
    {
        const signal::StreamSpec& stream = recording.about.stream;
        if (stream.rateHz <= 0)
            return Error(ErrorKind::Usage,
                         QStringLiteral("'%1' has no rate, and the format wants seconds.").arg(recording.about.name),
                         QStringLiteral("Import it again with its rate."));
        const std::size_t channels = stream.channels.size();
        QByteArray text = "Time (seconds)";
        for (const signal::Channel& channel : stream.channels)
            text += ',' + csvField(channel.name);
        text += '\n';
        for (const ExportedRecording::Run& run : recording.runs) {
            for (std::size_t row = 0; row * channels < run.values.size(); ++row) {
                text += timeText(run.firstRow + static_cast<qint64>(row), stream.rateHz, 1.0) + ',';
                appendRow(text, run.values.data() + row * channels, channels);
                text += '\n';
            }
        }
        EMBER_CHECK(folder.write(recording.fileName + QStringLiteral(".data"), text));
        std::vector<TimedLabel> labels;
        for (const ExportedRecording::LabelledRows& segment : recording.segments)
            labels.push_back({segment.label, static_cast<double>(segment.begin) / stream.rateHz,
                              static_cast<double>(segment.end) / stream.rateHz});
        return folder.write(recording.fileName + QStringLiteral(".label"), writeDeepcraftLabels(labels));
    }

    Status finish(ExportFolder&) override { return {}; }
};

} // namespace

QStringList csvChannelNames(const signal::StreamSpec& stream)
{
    QStringList names;
    for (const signal::Channel& channel : stream.channels)
        names << (channel.unit.isEmpty() ? channel.name : QStringLiteral("%1 (%2)").arg(channel.name, channel.unit));
    return names;
}

double rowMilliseconds(qint64 row, double rateHz)
{
    return timeText(row, rateHz, 1000.0).toDouble();
}

QByteArray timedCsv(const ExportedRecording& recording, bool withLabels)
{
    const signal::StreamSpec& stream = recording.about.stream;
    const std::size_t channels = stream.channels.size();
    QList<QByteArray> header;
    if (stream.rateHz > 0)
        header << "timestamp_ms";
    for (const QString& name : csvChannelNames(stream))
        header << csvField(name);
    if (withLabels)
        header << "label"
               << "subject";
    QByteArray text = header.join(',') + '\n';
    const QByteArray subject = csvField(recording.about.group.name);
    for (const ExportedRecording::Run& run : recording.runs) {
        const auto rows = static_cast<qint64>(run.values.size() / channels);
        const auto labels = labelOfRows(recording.segments, run.firstRow, rows);
        for (qint64 row = 0; row < rows; ++row) {
            if (stream.rateHz > 0)
                text += timeText(run.firstRow + row, stream.rateHz, 1000.0) + ',';
            appendRow(text, run.values.data() + static_cast<std::size_t>(row) * channels, channels);
            const QString* label = labels[static_cast<std::size_t>(row)];
            if (withLabels)
                text += ',' + (label ? csvField(*label) : QByteArray()) + ',' + subject;
            text += '\n';
        }
    }
    return text;
}

std::unique_ptr<Exporter> makeCsvExporter(const ExportOptions&)
{
    return std::make_unique<CsvExporter>();
}

std::unique_ptr<Exporter> makeSensimlExporter(const ExportOptions&)
{
    return std::make_unique<SensimlExporter>();
}

std::unique_ptr<Exporter> makeDeepcraftExporter(const ExportOptions&)
{
    return std::make_unique<DeepcraftExporter>();
}

} // namespace ember::dataset::detail
