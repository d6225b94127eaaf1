// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/edge_impulse.h"
#include "core/dataset/formats/exporters.h"

namespace ember::dataset::detail {
namespace {

using edgeimpulse::Acquisition;
using edgeimpulse::Encoding;
using edgeimpulse::LabelRange;

/// One acquisition file per stretch without a gap, below `training/` or `testing/`, and one `info.labels` for all.
class EdgeImpulseExporter : public Exporter
{
public:
    EdgeImpulseExporter(const ExportOptions& options, Encoding encoding)
        : m_background(options.backgroundLabel)
        , m_key(options.signingKey.toUtf8())
        , m_encoding(encoding)
    {}

    Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList& warnings) override
    {
        const signal::StreamSpec& stream = recording.about.stream;
        if (stream.rateHz <= 0)
            return Error(
                ErrorKind::Usage,
                QStringLiteral("'%1' has no rate, and the format wants an interval.").arg(recording.about.name),
                QStringLiteral("Import it again with its rate."));
        const QString stored = recording.about.metadata.value(QStringLiteral("category")).toString();
        const QString category = stored == QLatin1String("testing") ? stored : QStringLiteral("training");
        for (const GaplessPart& part : gaplessParts(recording, warnings)) {
            const QString suffix = m_encoding == Encoding::Json ? QStringLiteral(".json") : QStringLiteral(".cbor");
            const QString path = category + QLatin1Char('/') + part.fileName + suffix;
            EMBER_CHECK(
                folder.write(path, edgeimpulse::writeAcquisition(acquisitionOf(recording, part), m_encoding, m_key)));
            m_entries.push_back({path, recording.about.name, category, labelsOf(part)});
        }
        return {};
    }

    Status finish(ExportFolder& folder) override
    {
        return folder.write(QStringLiteral("info.labels"), edgeimpulse::writeInfoLabels(m_entries));
    }

private:
    static Acquisition acquisitionOf(const ExportedRecording& recording, const GaplessPart& part)
    {
        const QJsonObject& metadata = recording.about.metadata;
        Acquisition acquisition;
        acquisition.deviceType = metadata.value(QStringLiteral("device_type")).toString(QStringLiteral("EMBERLAB"));
        acquisition.deviceName = metadata.value(QStringLiteral("device")).toString();
        acquisition.intervalMs = 1000.0 / recording.about.stream.rateHz;
        for (const signal::Channel& channel : recording.about.stream.channels)
            acquisition.sensors.push_back({channel.name, channel.unit});
        acquisition.values = part.run->values;
        return acquisition;
    }

    edgeimpulse::FileLabels labelsOf(const GaplessPart& part) const
    {
        edgeimpulse::FileLabels labels;
        std::vector<LabelRange> ranges;
        for (const ExportedRecording::LabelledRows& segment : part.segments)
            ranges.push_back({segment.begin, segment.end - 1, segment.label});
        if (ranges.empty())
            return labels;
        ranges = edgeimpulse::coverAllRows(ranges, part.rows, m_background);
        if (ranges.size() == 1)
            labels.label = ranges.front().label;
        else
            labels.ranges = std::move(ranges);
        return labels;
    }

    QString m_background;
    QByteArray m_key;
    Encoding m_encoding;
    std::vector<edgeimpulse::InfoEntry> m_entries;
};

} // namespace

std::unique_ptr<Exporter> makeEdgeImpulseJsonExporter(const ExportOptions& options)
{
    return std::make_unique<EdgeImpulseExporter>(options, Encoding::Json);
}

std::unique_ptr<Exporter> makeEdgeImpulseCborExporter(const ExportOptions& options)
{
    return std::make_unique<EdgeImpulseExporter>(options, Encoding::Cbor);
}

} // namespace ember::dataset::detail
