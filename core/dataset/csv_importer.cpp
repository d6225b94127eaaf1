// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/csv_importer.h"

#include "core/dataset/csv_columns.h"
#include "core/dataset/recorded_together.h"
#include "core/dataset/text_columns.h"
#include "core/dataset/text_file.h"
#include "core/dataset/time_axis.h"
#include "core/signal/json.h"

#include <QFileInfo>
#include <QHash>
#include <QJsonArray>
#include <QSet>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace ember::dataset {
namespace {

constexpr int kNamedBadLines = 5;
constexpr qsizetype kMostMetadataValues = 16; ///< of one column, in one recording
constexpr qsizetype kProbedBytes = 64 * 1024;
// However wild the time stamps, row numbers stay where arithmetic on them is safe.
constexpr qint64 kMaxRow = qint64{1} << 47;
constexpr qint64 kLinesPerCancelCheck = 4096;

/// All readable lines of a file, column by column. `missingBefore` counts the unreadable lines before each row.
struct ParsedRows
{
    std::vector<float> values; ///< rows x channels
    std::vector<double> seconds;
    detail::TextRuns labels;
    detail::TextRuns subjects;
    detail::TextRuns sessions;
    std::vector<detail::DistinctTexts> metadata; ///< by column of that role
    std::vector<qint64> missingBefore;
    qint64 badLines = 0;
    QStringList badLineNumbers;

    std::size_t rows() const { return missingBefore.size(); }
};

class RowParser
{
public:
    explicit RowParser(const CsvLayout& layout)
        : m_layout(layout)
        , m_channels(layout.channels())
        , m_time(layout.columnOf(ColumnRole::Time))
        , m_label(layout.columnOf(ColumnRole::Label))
        , m_subject(layout.columnOf(ColumnRole::Subject))
        , m_device(layout.columnOf(ColumnRole::Device))
        , m_session(layout.columnOf(ColumnRole::Session))
    {
        for (std::size_t i = 0; i < layout.columns.size(); ++i) {
            if (layout.columns[i].role == ColumnRole::Metadata)
                m_metadata.push_back(static_cast<int>(i));
        }
        // One more than is kept tells that there are more.
        m_rows.metadata.resize(m_metadata.size(), detail::DistinctTexts(kMostMetadataValues + 1));
    }

    void add(const std::vector<QByteArrayView>& fields, qint64 line)
    {
        if (!addValues(fields)) {
            ++m_rows.badLines;
            ++m_missing;
            if (m_rows.badLineNumbers.size() < kNamedBadLines)
                m_rows.badLineNumbers << QString::number(line);
            return;
        }
        addText(m_label, fields, m_rows.labels);
        addText(m_subject >= 0 ? m_subject : m_device, fields, m_rows.subjects);
        addText(m_session, fields, m_rows.sessions);
        const bool mayBegin = mayBeginRecording();
        for (std::size_t i = 0; i < m_metadata.size(); ++i) {
            if (mayBegin)
                m_rows.metadata[i].beginStretch(m_rows.rows());
            addText(m_metadata[i], fields, m_rows.metadata[i]);
        }
        // What is unreadable before the first row is a preamble, not a loss.
        m_rows.missingBefore.push_back(m_rows.missingBefore.empty() ? 0 : m_missing);
        m_missing = 0;
    }

    ParsedRows take() { return std::move(m_rows); }

private:
    bool addValues(const std::vector<QByteArrayView>& fields)
    {
        if (fields.size() != m_layout.columns.size())
            return false;
        std::optional<double> seconds = 0.0;
        if (m_time >= 0)
            seconds = timeInSeconds(fields[static_cast<std::size_t>(m_time)], *m_layout.timeUnit, m_layout.dialect);
        const std::size_t before = m_rows.values.size();
        for (const std::size_t channel : m_channels) {
            const auto value = csvNumber(fields[channel], m_layout.dialect);
            if (!seconds || !value || !std::isfinite(static_cast<float>(*value))) {
                m_rows.values.resize(before);
                return false;
            }
            m_rows.values.push_back(static_cast<float>(*value));
        }
        if (m_time >= 0)
            m_rows.seconds.push_back(*seconds);
        return true;
    }

    /// Whether the row that is being added can become the first of a recording: what decides it in the end (how far a
    /// clock has to step back) is known when all rows are read.
    bool mayBeginRecording() const
    {
        const std::size_t row = m_rows.rows();
        return m_rows.subjects.changesAt(row) || m_rows.sessions.changesAt(row) ||
               (row > 0 && !m_rows.seconds.empty() && m_rows.seconds[row] < m_rows.seconds[row - 1]);
    }

    template <typename Texts>
    static void addText(int column, const std::vector<QByteArrayView>& fields, Texts& out)
    {
        if (column >= 0)
            out.add(fields[static_cast<std::size_t>(column)]);
    }

    const CsvLayout& m_layout;
    std::vector<std::size_t> m_channels;
    int m_time;
    int m_label;
    int m_subject;
    int m_device;
    int m_session;
    std::vector<int> m_metadata;
    ParsedRows m_rows;
    qint64 m_missing = 0;
};

bool isOwnMetadata(const QString& name)
{
    static const QSet<QString> own{QStringLiteral("source"),
                                   QStringLiteral("session"),
                                   QStringLiteral("stream"),
                                   QStringLiteral("tags"),
                                   QStringLiteral("labels"),
                                   QString::fromLatin1(kRecordedWith),
                                   QString::fromLatin1(kRecordedBeside),
                                   QString::fromLatin1(kBeginsAfter)};
    return own.contains(name) || name.isEmpty();
}

/// The recording with these of its channels, in this order.
ImportedRecording onlyChannels(const ImportedRecording& whole, const std::vector<std::size_t>& places)
{
    ImportedRecording out = whole;
    const std::size_t before = whole.about.stream.channels.size();
    out.about.stream.channels.clear();
    for (const std::size_t place : places)
        out.about.stream.channels.push_back(whole.about.stream.channels[place]);
    for (signal::SampleBlock& block : out.blocks) {
        const QByteArray rows = block.rows;
        block.rows.clear();
        block.rows.reserve(block.rowCount * static_cast<qsizetype>(places.size() * sizeof(float)));
        for (qint64 row = 0; row < block.rowCount; ++row) {
            for (const std::size_t place : places)
                block.rows.append(rows.constData() + (static_cast<std::size_t>(row) * before + place) * sizeof(float),
                                  sizeof(float));
        }
    }
    return out;
}

/// Cuts parsed rows into recordings.
class Assembler
{
public:
    Assembler(const QString& path, const ImportOptions& options, const CsvLayout& layout, ParsedRows rows)
        : m_fileName(QFileInfo(path).fileName())
        , m_baseName(QFileInfo(path).completeBaseName())
        , m_options(options)
        , m_layout(layout)
        , m_rows(std::move(rows))
        , m_axis(fitTimeAxis(steps(0, m_rows.rows())))
    {
        m_stream.name = m_baseName;
        m_stream.type = signal::SampleType::Float32;
        m_stream.rateHz = m_axis.rateHz > 0 ? m_axis.nominalRateHz() : options.rateHz;
        for (const std::size_t channel : layout.channels())
            m_stream.channels.push_back({layout.columns[channel].name, layout.columns[channel].unit, 1.0, 0.0});
    }

    ImportedFile assemble()
    {
        ImportedFile file;
        file.warnings = m_layout.notes + guessUnits(m_stream.channels, m_rows.values);
        if (m_rows.badLines > 0)
            file.warnings << QStringLiteral("%1 lines could not be read and are left as gaps; the first: %2.")
                                 .arg(m_rows.badLines)
                                 .arg(m_rows.badLineNumbers.join(QStringLiteral(", ")));
        if (m_stream.rateHz <= 0)
            file.warnings << QStringLiteral(
                "There are no usable time stamps, so the rate is unknown; give it as an option.");
        for (std::size_t first = 0; first < m_rows.rows();) {
            std::size_t next = first + 1;
            while (next < m_rows.rows() && !beginsRecording(next))
                ++next;
            addStreams(file, recording(first, next));
            first = next;
        }
        if (m_clockRestarts > 0)
            file.warnings
                << QStringLiteral("The time steps back (%1 x); a new recording begins there.").arg(m_clockRestarts);
        if (!m_varying.empty())
            file.warnings << QStringLiteral(
                                 "Metadata that changes within a recording is kept as the list of its values: %1.")
                                 .arg(QStringList(m_varying.cbegin(), m_varying.cend()).join(QStringLiteral(", ")));
        nameRecordings(file.recordings);
        return file;
    }

private:
    double step(std::size_t row) const
    {
        return m_rows.seconds.empty() ? 0 : m_rows.seconds[row] - m_rows.seconds[row - 1];
    }

    std::vector<double> steps(std::size_t first, std::size_t end) const
    {
        std::vector<double> out;
        if (m_rows.seconds.empty())
            return out;
        for (std::size_t row = first + 1; row < end; ++row) {
            if (!changesSession(row))
                out.push_back(step(row));
        }
        return out;
    }

    bool changesSession(std::size_t row) const
    {
        return m_rows.subjects.changesAt(row) || m_rows.sessions.changesAt(row);
    }

    bool beginsRecording(std::size_t row)
    {
        if (m_options.recordingPerSession && changesSession(row))
            return true;
        // A clock that starts again is another recording even where no column says so.
        const bool restarts = step(row) < -m_axis.gapSeconds;
        m_clockRestarts += restarts ? 1 : 0;
        return restarts;
    }

    qint64 missingRows(std::size_t row) const
    {
        // Unreadable lines took their time too: what the time stamps say is missing has them in it.
        return std::max(m_rows.missingBefore[row], m_rows.seconds.empty() ? 0 : m_axis.missingRows(step(row)));
    }

    ImportedRecording recording(std::size_t first, std::size_t end)
    {
        ImportedRecording out;
        out.about.stream = m_stream;
        out.about.group = groupOf(first);
        out.about.metadata.insert(QStringLiteral("source"), m_fileName);
        if (!m_rows.sessions.isEmpty())
            out.about.metadata.insert(QStringLiteral("session"), m_rows.sessions.at(first));
        addMetadata(out.about.metadata, first, end);
        const TimeAxis own = fitTimeAxis(steps(first, end));
        out.measuredRateHz = own.rateHz > 0 ? own.rateHz : m_axis.rateHz;
        std::vector<qint64> rowNumbers;
        qint64 next = 0;
        for (std::size_t row = first; row < end; ++row) {
            if (row > first)
                next += std::min(missingRows(row), kMaxRow - next);
            rowNumbers.push_back(next++);
        }
        addBlocks(out, first, rowNumbers);
        addSegments(out, first, rowNumbers);
        return out;
    }

    void addBlocks(ImportedRecording& out, std::size_t first, const std::vector<qint64>& rowNumbers) const
    {
        const std::size_t channels = m_stream.channels.size();
        for (std::size_t begin = 0; begin < rowNumbers.size();) {
            std::size_t end = begin + 1;
            while (end < rowNumbers.size() && rowNumbers[end] == rowNumbers[end - 1] + 1)
                ++end;
            signal::SampleBlock block;
            block.firstRow = rowNumbers[begin];
            block.rowCount = static_cast<qint64>(end - begin);
            block.rows = QByteArray(reinterpret_cast<const char*>(m_rows.values.data() + (first + begin) * channels),
                                    static_cast<qsizetype>((end - begin) * channels * sizeof(float)));
            if (!m_rows.seconds.empty())
                block.deviceMicros = std::llround((m_rows.seconds[first + begin] - m_rows.seconds[first]) * 1e6);
            out.blocks.push_back(std::move(block));
            begin = end;
        }
    }

    /// One value where it stays, and a list of the different ones where it changes.
    void addMetadata(QJsonObject& metadata, std::size_t first, std::size_t end)
    {
        std::size_t at = 0;
        for (const CsvColumn& column : m_layout.columns) {
            if (column.role != ColumnRole::Metadata)
                continue;
            const QStringList values = m_rows.metadata[at++].in(first, end);
            // Names of our own are not to be taken by a column.
            const QString key = isOwnMetadata(column.name) ? QStringLiteral("column ") + column.name : column.name;
            if (values.size() == 1)
                metadata.insert(key, values.front());
            else if (!values.isEmpty())
                metadata.insert(key, QJsonArray::fromStringList(values.mid(0, kMostMetadataValues)));
            if (values.size() > 1)
                m_varying.insert(column.name);
        }
    }

    /// Channels of streams with names go into recordings of their own, made at the same time as the others.
    void addStreams(ImportedFile& file, ImportedRecording whole) const
    {
        const std::vector<std::size_t> channels = m_layout.channels();
        QStringList streams;
        for (const std::size_t channel : channels) {
            if (!streams.contains(m_layout.columns[channel].stream))
                streams << m_layout.columns[channel].stream;
        }
        if (streams.size() < 2) {
            file.recordings.push_back(std::move(whole));
            return;
        }
        const auto main = static_cast<int>(file.recordings.size());
        for (const QString& stream : streams) {
            std::vector<std::size_t> places;
            for (std::size_t i = 0; i < channels.size(); ++i) {
                if (m_layout.columns[channels[i]].stream == stream)
                    places.push_back(i);
            }
            file.recordings.push_back(onlyChannels(whole, places));
            ImportedRecording& made = file.recordings.back();
            made.withRecording = static_cast<int>(file.recordings.size()) - 1 > main ? main : -1;
            if (stream.isEmpty())
                continue;
            made.about.stream.name = stream;
            made.about.metadata.insert(QStringLiteral("stream"), stream);
        }
    }

    void addSegments(ImportedRecording& out, std::size_t first, const std::vector<qint64>& rowNumbers) const
    {
        if (m_rows.labels.isEmpty())
            return;
        for (std::size_t begin = 0; begin < rowNumbers.size();) {
            const QString& label = m_rows.labels.at(first + begin);
            const std::size_t end = std::min(rowNumbers.size(), m_rows.labels.endOfRun(first + begin) - first);
            if (!label.isEmpty())
                out.segments.push_back({label, rowNumbers[begin], rowNumbers[end - 1] + 1});
            begin = end;
        }
    }

    Group groupOf(std::size_t row) const
    {
        if (m_rows.subjects.isEmpty())
            return {};
        const bool bySubject = m_layout.columnOf(ColumnRole::Subject) >= 0;
        return {m_rows.subjects.at(row), bySubject ? GroupKind::Subject : GroupKind::Device};
    }

    // "s01-03": file, group where it says more than the file's name, session; numbered where that is not enough.
    void nameRecordings(std::vector<ImportedRecording>& recordings) const
    {
        QHash<QString, int> uses;
        for (ImportedRecording& recording : recordings) {
            QStringList parts{m_baseName};
            if (!recording.about.group.name.isEmpty() && recording.about.group.name != m_baseName)
                parts << recording.about.group.name;
            if (m_options.recordingPerSession)
                parts << recording.about.metadata.value(QStringLiteral("session")).toString();
            parts << recording.about.metadata.value(QStringLiteral("stream")).toString();
            parts.removeAll(QString());
            recording.about.name = parts.join(QLatin1Char('-'));
            if (const int number = ++uses[recording.about.name]; number > 1)
                recording.about.name += QStringLiteral(" (%1)").arg(number);
        }
    }

    QString m_fileName;
    QString m_baseName;
    const ImportOptions& m_options;
    const CsvLayout& m_layout;
    ParsedRows m_rows;
    TimeAxis m_axis;
    signal::StreamSpec m_stream;
    int m_clockRestarts = 0;
    std::set<QString> m_varying; ///< metadata columns that change within a recording
};

QString channelNames(const CsvLayout& layout)
{
    QStringList names;
    for (const std::size_t channel : layout.channels())
        names << layout.columns[channel].name;
    return names.join(QStringLiteral(", ")).left(80);
}

bool looksLikeText(const QByteArray& head)
{
    return !head.isEmpty() &&
           std::none_of(head.cbegin(), head.cend(), [](char c) { return static_cast<uchar>(c) < 9; });
}

} // namespace

Importer::Detection CsvImporter::detect(const QString& path, const QByteArray& head) const
{
    if (!looksLikeText(head))
        return {};
    const CsvLayout layout = detectLayout(head);
    if (layout.channels().empty())
        return {};
    const QString suffix = QFileInfo(path).suffix().toLower();
    const bool named =
        suffix == QLatin1String("csv") || suffix == QLatin1String("tsv") || suffix == QLatin1String("txt");
    const QString reason =
        QStringLiteral("text with %1-separated columns, %2 header, channels %3")
            .arg(delimiterName(layout.dialect.delimiter), layout.hasHeader ? QStringLiteral("a") : QStringLiteral("no"),
                 channelNames(layout));
    return {named ? 80 : 50, reason};
}

Result<ImportedFile> CsvImporter::read(const QString& path, const ImportOptions& options,
                                       const CancelToken& cancel) const
{
    EMBER_TRY(const QByteArray text, detail::readTextFile(path));
    const CsvLayout layout = detectLayout(text.left(kProbedBytes), options.columns);
    const std::size_t channels = layout.channels().size();
    if (channels == 0 || channels > signal::kMaxStreamChannels)
        return Error(ErrorKind::BadData,
                     QStringLiteral("'%1' has %2 columns of numbers; 1 to %3 can be recorded.")
                         .arg(path)
                         .arg(channels)
                         .arg(signal::kMaxStreamChannels),
                     QStringLiteral("A text file needs one row per sample and one column per channel."));
    CsvReader reader(text, layout.dialect);
    std::vector<QByteArrayView> fields;
    if (layout.hasHeader)
        reader.next(fields);
    RowParser parser(layout);
    for (qint64 line = 0; reader.next(fields); ++line) {
        parser.add(fields, reader.lineNumber());
        if (line % kLinesPerCancelCheck == 0 && cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Reading '%1' was cancelled.").arg(path));
    }
    ParsedRows rows = parser.take();
    if (rows.rows() == 0)
        return Error(ErrorKind::BadData, QStringLiteral("Not one line of '%1' could be read.").arg(path),
                     QStringLiteral("All lines need as many fields as the first, and numbers in the channel columns."));
    return Assembler(path, options, layout, std::move(rows)).assemble();
}

} // namespace ember::dataset
