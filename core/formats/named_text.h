// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/format.h"
#include "core/formats/line_reader.h"
#include "core/formats/named_values.h"

#include <optional>
#include <vector>

namespace ember::formats {

/// A value of a line, with its name and, where the format has it, its time.
struct NamedPoint
{
    QByteArrayView name;
    QByteArrayView unit;
    float value = 0;
    std::optional<double> millis;
};

enum class LineKind
{
    Points, ///< values
    Text,   ///< what the board says to people
    Damaged ///< should be values
};

/// Reads one line into points; the views are of the line.
using LineParser = LineKind (*)(QByteArrayView line, std::vector<NamedPoint>& points);

/// What lines of named values look like, over an opening.
struct NamedSurvey
{
    std::vector<QByteArray> names;
    std::vector<QByteArray> units;
    char terminator = '\n';
    int batch = 1;
    int lines = 0;  ///< whole lines but the first
    int points = 0; ///< lines of values
    int text = 0;
    int rows = 0;
    bool hasTime = false;
    double rateHz = 0;
    bool rateByClock = false;
};

NamedSurvey surveyNamed(const Opening& opening, LineParser parse);

/// Channels, float32 and nominal rate.
signal::StreamSpec namedSpec(const NamedSurvey& survey);

/// Reads lines of named values. A line with a name that is not a channel is damaged, and so is one that cannot be read.
class NamedDecoder final : public Decoder
{
public:
    NamedDecoder(const NamedSurvey& survey, LineParser parse);

    void feed(QByteArrayView bytes, Sink& sink) override;
    void restart() override;

private:
    void takeLine(QByteArrayView line, qint64 offset, bool whole, Sink& sink);
    void takeRow(const NamedValues::Row& row, Sink& sink);
    void flush(Sink& sink);

    LineParser m_parse;
    LineReader m_reader;
    NamedValues m_values;
    bool m_hasTime;
    std::vector<NamedPoint> m_points;
    std::vector<int> m_channels;
    std::vector<float> m_rows;
    qint64 m_pendingRows = 0;
    std::optional<qint64> m_pendingMicros;
    bool m_timeBegan = false;
    double m_offsetMillis = 0;
    double m_lastMillis = 0;
};

/// Most channels that are taken; names beyond are damage.
constexpr std::size_t kMaxNames = 256;

} // namespace ember::formats
