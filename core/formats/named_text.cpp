// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/named_text.h"

#include "core/formats/channel_names.h"
#include "core/formats/rate_guess.h"

#include <QtEndian>

#include <algorithm>
#include <cmath>

namespace ember::formats {
namespace {

constexpr int kMaxBatch = 256;
// Names that came so rarely are a damaged line's.
constexpr int kLeastTimes = 2;
constexpr double kMaxMillis = 9e14;

struct Channel
{
    QByteArray name;
    QByteArray unit;
    int times = 0;
    double pause = 0; // sum of the times that passed before its values
};

// Names in the order in which they first came, how many of one came in one line, and which begins a round.
class Census
{
public:
    void count(const std::vector<NamedPoint>& points, double arrivalSeconds)
    {
        for (const NamedPoint& point : points) {
            Channel* channel = find(point);
            if (!channel)
                continue;
            const double seconds = point.millis ? *point.millis / 1000 : arrivalSeconds;
            if (m_hasLast)
                channel->pause += std::max(0.0, seconds - m_lastSeconds);
            m_lastSeconds = seconds;
            m_hasLast = true;
            ++channel->times;
            const auto same = std::count_if(points.begin(), points.end(),
                                            [&point](const NamedPoint& other) { return other.name == point.name; });
            m_batch = std::clamp(static_cast<int>(same), m_batch, kMaxBatch);
        }
    }

    int batch() const { return m_batch; }

    // Listening may have begun within a round: it begins with the channel before which time passes. Of those that come
    // in every round, that is; a slow one may come whenever it likes.
    std::vector<Channel> channels() const
    {
        std::vector<Channel> known;
        int most = 0;
        for (const Channel& channel : m_channels) {
            if (channel.times >= kLeastTimes)
                known.push_back(channel);
            most = std::max(most, channel.times);
        }
        auto first = known.begin();
        for (auto channel = known.begin(); channel != known.end(); ++channel) {
            const bool isFast = channel->times * 5 >= most * 4;
            const bool wasFast = first->times * 5 >= most * 4;
            if (isFast && (!wasFast || channel->pause / channel->times > 1.01 * first->pause / first->times))
                first = channel;
        }
        std::rotate(known.begin(), first, known.end());
        return known;
    }

private:
    Channel* find(const NamedPoint& point)
    {
        auto known = std::find_if(m_channels.begin(), m_channels.end(),
                                  [&point](const Channel& c) { return c.name == point.name; });
        if (known == m_channels.end()) {
            if (m_channels.size() >= kMaxNames)
                return nullptr;
            known = m_channels.insert(m_channels.end(), {point.name.toByteArray(), {}, 0, 0});
        }
        if (known->unit.isEmpty())
            known->unit = point.unit.toByteArray();
        return &*known;
    }

    std::vector<Channel> m_channels;
    int m_batch = 1;
    bool m_hasLast = false;
    double m_lastSeconds = 0;
};

} // namespace

NamedSurvey surveyNamed(const Opening& opening, LineParser parse)
{
    NamedSurvey survey;
    survey.terminator = terminatorOf(opening.bytes());
    Census census;
    std::vector<NamedPoint> points;
    LineReader first(survey.terminator);
    first.feed(opening.bytes(), [&](QByteArrayView line, qint64 offset, bool whole) {
        if (line.isEmpty() || first.isFirst())
            return;
        ++survey.lines;
        points.clear();
        const LineKind kind = whole ? parse(line, points) : LineKind::Damaged;
        survey.points += kind == LineKind::Points ? 1 : 0;
        survey.text += kind == LineKind::Text ? 1 : 0;
        if (kind == LineKind::Points)
            census.count(points, opening.secondsAt(offset + line.size()));
    });
    survey.batch = census.batch();
    for (const Channel& channel : census.channels()) {
        survey.names.push_back(channel.name);
        survey.units.push_back(channel.unit);
    }
    if (survey.names.empty())
        return survey;

    NamedValues values(survey.names, survey.batch);
    std::vector<RowTime> arrivals;
    std::vector<RowTime> stamps;
    LineReader second(survey.terminator);
    second.feed(opening.bytes(), [&](QByteArrayView line, qint64 offset, bool whole) {
        points.clear();
        if (line.isEmpty() || second.isFirst() || !whole || parse(line, points) != LineKind::Points)
            return;
        for (const NamedPoint& point : points) {
            if (const int channel = values.find(point.name); channel >= 0)
                values.add(channel, point.value, point.millis);
        }
        while (values.hasRow()) {
            const NamedValues::Row row = values.takeRow();
            arrivals.push_back({static_cast<double>(survey.rows), opening.secondsAt(offset + line.size())});
            if (row.millis)
                stamps.push_back({static_cast<double>(survey.rows), *row.millis / 1000});
            ++survey.rows;
        }
    });
    survey.hasTime = survey.rows >= 3 && static_cast<int>(stamps.size()) == survey.rows;
    survey.rateByClock = survey.hasTime;
    survey.rateHz = fitRate(survey.hasTime ? stamps : arrivals);
    return survey;
}

signal::StreamSpec namedSpec(const NamedSurvey& survey)
{
    signal::StreamSpec spec;
    spec.name = QStringLiteral("sensor");
    spec.type = signal::SampleType::Float32;
    spec.rateHz = nominalRate(survey.rateHz, survey.rateByClock ? kClockTolerance : kArrivalTolerance);
    QStringList names;
    for (const QByteArray& name : survey.names)
        names << printable(name, kMaxName);
    spec.channels = channelsFromNames(names);
    for (std::size_t i = 0; i < spec.channels.size(); ++i) {
        if (!survey.units[i].isEmpty())
            spec.channels[i].unit = printable(survey.units[i], kMaxName);
    }
    return spec;
}

NamedDecoder::NamedDecoder(const NamedSurvey& survey, LineParser parse)
    : m_parse(parse)
    , m_reader(survey.terminator)
    , m_values(survey.names, survey.batch)
    , m_hasTime(survey.hasTime)
{}

void NamedDecoder::restart()
{
    m_reader.begin();
    m_values.clear();
    m_timeBegan = false;
}

void NamedDecoder::feed(QByteArrayView bytes, Sink& sink)
{
    m_counts.bytes += bytes.size();
    m_reader.feed(
        bytes, [this, &sink](QByteArrayView line, qint64 offset, bool whole) { takeLine(line, offset, whole, sink); });
    flush(sink);
}

void NamedDecoder::takeLine(QByteArrayView line, qint64 offset, bool whole, Sink& sink)
{
    if (line.isEmpty())
        return;
    if (m_reader.isFirst()) {
        m_counts.skippedBytes += line.size();
        return;
    }
    m_points.clear();
    m_channels.clear();
    LineKind kind = whole ? m_parse(line, m_points) : LineKind::Damaged;
    for (const NamedPoint& point : m_points) {
        const int channel = m_values.find(point.name);
        if (channel < 0)
            kind = kind == LineKind::Points ? LineKind::Damaged : kind;
        m_channels.push_back(channel);
    }
    if (kind != LineKind::Points) {
        ++(kind == LineKind::Text ? m_counts.textLines : m_counts.badUnits);
        sink.onText({offset, m_nextRow, printable(line)});
        return;
    }
    ++m_counts.units;
    for (std::size_t i = 0; i < m_points.size(); ++i) {
        m_values.add(m_channels[i], m_points[i].value, m_points[i].millis);
        while (m_values.hasRow())
            takeRow(m_values.takeRow(), sink);
    }
    m_counts.heldValues = m_values.heldValues();
}

void NamedDecoder::takeRow(const NamedValues::Row& row, Sink& sink)
{
    if (m_hasTime) {
        double millis = row.millis.value_or(m_lastMillis - m_offsetMillis);
        if (!m_timeBegan) {
            m_offsetMillis = m_lastMillis - millis;
        } else if (millis + m_offsetMillis < m_lastMillis) {
            ++m_counts.restarts; // the board began anew; its time goes on from here
            m_offsetMillis = m_lastMillis - millis;
        }
        m_timeBegan = true;
        m_lastMillis = std::clamp(millis + m_offsetMillis, -kMaxMillis, kMaxMillis);
        // A block has one time and a rate: rows with a time of their own each begin one where they are many.
        if (m_pendingRows == 0)
            m_pendingMicros = std::llround(m_lastMillis * 1000);
    }
    m_rows.insert(m_rows.end(), row.values.begin(), row.values.end());
    ++m_pendingRows;
    ++m_nextRow;
    ++m_counts.rows;
    if (m_pendingRows >= 4096)
        flush(sink);
}

void NamedDecoder::flush(Sink& sink)
{
    if (m_pendingRows == 0)
        return;
    Rows rows;
    rows.firstRow = m_nextRow - m_pendingRows;
    rows.rowCount = m_pendingRows;
    rows.bytes.resize(static_cast<qsizetype>(m_rows.size() * sizeof(float)));
    qToLittleEndian<float>(m_rows.data(), static_cast<qsizetype>(m_rows.size()), rows.bytes.data());
    rows.deviceMicros = m_hasTime ? m_pendingMicros : std::nullopt;
    m_rows.clear();
    m_pendingRows = 0;
    sink.onRows(std::move(rows));
}

} // namespace ember::formats
