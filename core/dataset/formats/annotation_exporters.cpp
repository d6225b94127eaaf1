// SPDX-License-Identifier: GPL-3.0-or-later
// For tools that annotate: ELAN and Label Studio. Both get a CSV file for each recording and the labels apart.
#include "core/dataset/formats/elan_text.h"
#include "core/dataset/formats/exporters.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>

#include <algorithm>

namespace ember::dataset::detail {
namespace {

Error rateWanted(const ExportedRecording& recording)
{
    return Error(ErrorKind::Usage,
                 QStringLiteral("'%1' has no rate, and the format wants times.").arg(recording.about.name),
                 QStringLiteral("Import it again with its rate."));
}

/// `name.csv` and `name.elan.txt`, which ELAN imports as tab-delimited text; the tier is the label set.
class ElanExporter : public Exporter
{
public:
    explicit ElanExporter(const ExportOptions& options)
        : m_tier(options.labelSet.isEmpty() ? QString::fromLatin1(kDefaultLabelSet) : options.labelSet)
    {}

    Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList&) override
    {
        const double rate = recording.about.stream.rateHz;
        if (rate <= 0)
            return rateWanted(recording);
        ElanText text;
        for (const ExportedRecording::LabelledRows& segment : recording.segments)
            text.annotations.push_back(
                {m_tier,
                 {segment.label, static_cast<double>(segment.begin) / rate, static_cast<double>(segment.end) / rate}});
        EMBER_CHECK(folder.write(recording.fileName + QStringLiteral(".csv"), timedCsv(recording, false)));
        return folder.write(recording.fileName + QStringLiteral(".elan.txt"), writeElanText(text));
    }

    Status finish(ExportFolder&) override { return {}; }

private:
    QString m_tier;
};

/// `name.csv`, `tasks.json` with all the regions, and `labeling_config.xml` for the project's settings.
class LabelStudioExporter : public Exporter
{
public:
    Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList&) override
    {
        const signal::StreamSpec& stream = recording.about.stream;
        if (stream.rateHz <= 0)
            return rateWanted(recording);
        const QString name = recording.fileName + QStringLiteral(".csv");
        EMBER_CHECK(folder.write(name, timedCsv(recording, false)));
        QJsonArray regions;
        for (const ExportedRecording::LabelledRows& segment : recording.segments) {
            regions.append(region(segment, stream.rateHz));
            if (!m_labels.contains(segment.label))
                m_labels << segment.label;
        }
        m_tasks.append(
            QJsonObject{{QStringLiteral("id"), static_cast<qint64>(m_tasks.size()) + 1},
                        {QStringLiteral("data"), QJsonObject{{QStringLiteral("ts"), name}}},
                        {QStringLiteral("annotations"), QJsonArray{QJsonObject{{QStringLiteral("result"), regions}}}}});
        for (const QString& channel : csvChannelNames(stream)) {
            if (!m_channels.contains(channel))
                m_channels << channel;
        }
        return {};
    }

    Status finish(ExportFolder& folder) override
    {
        EMBER_CHECK(folder.write(QStringLiteral("tasks.json"), QJsonDocument(m_tasks).toJson()));
        QByteArray config = "<View>\n  <TimeSeriesLabels name=\"label\" toName=\"ts\">\n";
        for (const QString& label : m_labels)
            config += "    <Label value=\"" + label.toHtmlEscaped().toUtf8() + "\"/>\n";
        config += "  </TimeSeriesLabels>\n  <TimeSeries name=\"ts\" valueType=\"url\" value=\"$ts\" sep=\",\" "
                  "timeColumn=\"timestamp_ms\">\n";
        for (const QString& channel : m_channels)
            config += "    <Channel column=\"" + channel.toHtmlEscaped().toUtf8() + "\"/>\n";
        return folder.write(QStringLiteral("labeling_config.xml"), config + "  </TimeSeries>\n</View>\n");
    }

private:
    /// Both ends are samples that belong to it.
    static QJsonObject region(const ExportedRecording::LabelledRows& segment, double rateHz)
    {
        const QJsonObject value{{QStringLiteral("start"), rowMilliseconds(segment.begin, rateHz)},
                                {QStringLiteral("end"), rowMilliseconds(segment.end - 1, rateHz)},
                                {QStringLiteral("instant"), segment.end - segment.begin == 1},
                                {QStringLiteral("timeserieslabels"), QJsonArray{segment.label}}};
        return {{QStringLiteral("from_name"), QStringLiteral("label")},
                {QStringLiteral("to_name"), QStringLiteral("ts")},
                {QStringLiteral("type"), QStringLiteral("timeserieslabels")},
                {QStringLiteral("value"), value}};
    }

    QJsonArray m_tasks;
    QStringList m_labels;
    QStringList m_channels;
};

} // namespace

std::unique_ptr<Exporter> makeElanExporter(const ExportOptions& options)
{
    return std::make_unique<ElanExporter>(options);
}

std::unique_ptr<Exporter> makeLabelStudioExporter(const ExportOptions&)
{
    return std::make_unique<LabelStudioExporter>();
}

} // namespace ember::dataset::detail
