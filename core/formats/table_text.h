// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/format.h"
#include "core/formats/line_reader.h"

#include <optional>
#include <vector>

namespace ember::formats {

/// The column that holds the board's time; always the first one.
struct TimeColumn
{
    double microsPerUnit = 1000;
    /// Stamps come evenly, so that a jump is a loss: microseconds between two rows, 0 where they do not.
    double evenMicros = 0;
};

/// How lines of numbers are to be read.
struct TableLayout
{
    char separator = ' '; ///< ',', ';', '\t'; ' ': any run of blanks, tabs and commas
    char terminator = '\n';
    bool decimalComma = false;
    bool abortsOnErr = false; ///< a line that begins with "ERR" or "<ERR" ends the stream
    int columns = 0;          ///< in a line, time included
    std::optional<TimeColumn> time;
    QStringList names; ///< of all columns as the header says; empty without a header
};

/// What lines of numbers look like, over an opening.
struct TableSurvey
{
    TableLayout layout;
    int lines = 0;            ///< whole lines but the first, empty ones left out
    int rows = 0;             ///< of them rows of the layout
    double rateHz = 0;        ///< measured
    bool rateByClock = false; ///< by the time column, else by arrival
    QString errorLine;        ///< the first one that begins with "ERR"

    double share() const { return lines > 0 ? static_cast<double>(rows) / lines : 0; }
};

/// Fewer rows than this say nothing yet.
constexpr int kLeastRows = 3;

TableSurvey surveyTable(const Opening& opening);

/// "24 of 25 lines are 3 numbers separated by commas, under a header, with time in the first column".
QString describeTable(const TableSurvey& survey);

/// The stream of a table: its channels, float32, the nominal rate.
signal::StreamSpec tableSpec(const TableSurvey& survey, const QString& streamName);

/// "ERR" or "<ERR" at the beginning, in any case.
bool isErrorLine(QByteArrayView line);

/// Reads the lines of a layout. A line that looks like a row and is none counts as a lost row, so that time goes on; a
/// line that does not is text. Stamps that run backwards are a board that began anew.
class TableDecoder final : public Decoder
{
public:
    explicit TableDecoder(TableLayout layout);

    void feed(QByteArrayView bytes, Sink& sink) override;
    void restart() override;
    bool seesLoss() const override { return m_layout.time && m_layout.time->evenMicros > 0; }

private:
    void takeLine(QByteArrayView line, qint64 offset, bool whole, Sink& sink);
    bool parseRow(QByteArrayView line, float* values, double& time) const;
    void takeTime(double time, Sink& sink);
    void takeOther(QByteArrayView line, qint64 offset, bool whole, Sink& sink);
    bool isHeader(QByteArrayView line) const;
    void flush(Sink& sink);

    TableLayout m_layout;
    LineReader m_reader;
    int m_channels;
    std::vector<float> m_rows; // of the chunk that is being read, not given yet
    std::vector<float> m_row;
    qint64 m_pendingRows = 0;
    std::optional<qint64> m_pendingMicros;
    bool m_hasTime = false; // a stamp came before
    double m_lastStamp = 0; // in the column's unit
    double m_offsetMicros = 0;
    double m_lastMicros = 0;
    double m_expectedMicros = 0;
};

} // namespace ember::formats
