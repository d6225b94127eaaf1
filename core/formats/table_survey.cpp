// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/channel_names.h"
#include "core/formats/number.h"
#include "core/formats/rate_guess.h"
#include "core/formats/table_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace ember::formats {
namespace {

constexpr int kMaxTableColumns = 1024;
// A stamp column has to agree with the host's clock as well as this, over a second or two.
constexpr double kClockAgreement = 0.15;
constexpr int kLeastStamps = 8;

struct Line
{
    QByteArray text;
    qint64 offset = 0;
    bool isFirst = false;
};

std::vector<Line> linesOf(const Opening& opening)
{
    std::vector<Line> lines;
    LineReader reader(terminatorOf(opening.bytes()));
    reader.feed(opening.bytes(), [&](QByteArrayView line, qint64 offset, bool) {
        if (!line.isEmpty())
            lines.push_back({line.toByteArray(), offset, reader.isFirst()});
    });
    return lines;
}

QList<QByteArray> split(const QByteArray& line, char separator)
{
    QList<QByteArray> tokens;
    if (separator == ' ') {
        QByteArray simple = line;
        simple.replace('\t', ' ').replace(',', ' ');
        tokens = simple.simplified().split(' ');
    } else {
        for (const QByteArray& token : line.split(separator))
            tokens << token.trimmed();
        if (tokens.size() > 1 && tokens.back().isEmpty())
            tokens.removeLast();
    }
    return tokens;
}

bool isNumber(QByteArray token, bool decimalComma)
{
    if (decimalComma)
        token.replace(',', '.');
    double value = 0;
    const char* end = token.constData() + token.size();
    return !token.isEmpty() && parseNumber(token.constData(), end, value) == end;
}

double numberOf(QByteArray token, bool decimalComma)
{
    if (decimalComma)
        token.replace(',', '.');
    double value = 0;
    parseNumber(token.constData(), token.constData() + token.size(), value);
    return value;
}

// The lines of one way to cut them.
struct Cut
{
    char separator = ' ';
    bool decimalComma = false;
    int columns = 0;
    int rows = 0; // lines of so many numbers
};

Cut tryCut(const std::vector<Line>& lines, char separator, bool decimalComma)
{
    std::map<int, int> counts;
    for (const Line& line : lines) {
        if (line.isFirst)
            continue;
        const QList<QByteArray> tokens = split(line.text, separator);
        if (tokens.size() <= kMaxTableColumns &&
            std::all_of(tokens.begin(), tokens.end(),
                        [&](const QByteArray& token) { return isNumber(token, decimalComma); }))
            ++counts[static_cast<int>(tokens.size())];
    }
    Cut cut{separator, decimalComma, 0, 0};
    for (const auto& [columns, rows] : counts) {
        if (rows > cut.rows) {
            cut.columns = columns;
            cut.rows = rows;
        }
    }
    return cut;
}

Cut bestCut(const std::vector<Line>& lines)
{
    // Strict ones first: where they do as well, they tell more. A blank may be part of a header's name.
    Cut best;
    for (const auto& [separator, comma] : {std::pair(';', false), std::pair(';', true), std::pair(',', false),
                                           std::pair('\t', false), std::pair(' ', false)}) {
        const Cut cut = tryCut(lines, separator, comma);
        if (cut.rows > best.rows || (cut.rows == best.rows && cut.columns > best.columns))
            best = cut;
    }
    // One number in a line has no separator.
    return best.columns == 1 ? tryCut(lines, ' ', false) : best;
}

bool isRow(const QByteArray& line, const Cut& cut)
{
    const QList<QByteArray> tokens = split(line, cut.separator);
    return tokens.size() == cut.columns && std::all_of(tokens.begin(), tokens.end(), [&cut](const QByteArray& token) {
               return isNumber(token, cut.decimalComma);
           });
}

// A line of as many words as there are columns, none of them a number; perhaps behind a '#'.
QStringList headerOf(const std::vector<Line>& lines, const Cut& cut)
{
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        // Rows follow a header; what the board says to people is followed by more of it.
        if (!isRow(lines[i + 1].text, cut))
            continue;
        QByteArray text = lines[i].text;
        while (text.startsWith('#') || text.startsWith("\xEF\xBB\xBF"))
            text.remove(0, text.startsWith('#') ? 1 : 3);
        const QList<QByteArray> tokens = split(text.trimmed(), cut.separator);
        if (tokens.size() != cut.columns || (cut.columns == 1 && text.contains(' ')))
            continue;
        const bool words = std::none_of(tokens.begin(), tokens.end(), [&](const QByteArray& token) {
            return token.isEmpty() || isNumber(token, cut.decimalComma) || token.contains(':');
        });
        if (!words || isErrorLine(text))
            continue;
        QStringList names;
        for (const QByteArray& token : tokens)
            names << QString::fromUtf8(token).left(kMaxName);
        return names;
    }
    return {};
}

struct Stamp
{
    double value = 0;
    double hostSeconds = 0;
};

// Microseconds of one unit, from the column's name; 0 when it is no time, -1 when it is time of an unknown unit.
double unitByName(const QString& name)
{
    const QString low = name.toLower().remove(QLatin1Char('"'));
    const bool isTime = low.startsWith(QLatin1String("time")) || low == QLatin1String("t") ||
                        low.startsWith(QLatin1String("t_")) || low.startsWith(QLatin1String("t (")) ||
                        low.startsWith(QLatin1String("millis")) || low.startsWith(QLatin1String("micros")) ||
                        low.startsWith(QLatin1String("seconds")) || low.startsWith(QLatin1String("device_time")) ||
                        low.startsWith(QLatin1String("elapsed")) || low == QLatin1String("ms") ||
                        low == QLatin1String("us");
    if (!isTime)
        return 0;
    const auto says = [&low](const char* unit) {
        const QString text = QString::fromLatin1(unit);
        return low == text || low.endsWith(QLatin1Char('_') + text) ||
               low.endsWith(QLatin1Char('(') + text + QLatin1Char(')')) ||
               low.endsWith(QLatin1Char('[') + text + QLatin1Char(']'));
    };
    if (says("us") || low.startsWith(QLatin1String("micros")))
        return 1;
    if (says("ms") || low.startsWith(QLatin1String("millis")))
        return 1000;
    if (says("ns"))
        return 0.001;
    if (says("s") || low.startsWith(QLatin1String("seconds")) || low.contains(QLatin1String("sec")))
        return 1e6;
    return -1;
}

// The unit in which stamps agree with the host's clock; 0 when none does.
double unitByClock(const std::vector<Stamp>& stamps)
{
    std::vector<RowTime> times;
    for (const Stamp& stamp : stamps)
        times.push_back({stamp.value, stamp.hostSeconds});
    const double perSecond = fitRate(times);
    for (const double unit : {1e6, 1000.0, 1.0, 0.001}) {
        if (std::abs(perSecond * unit / 1e6 - 1) < kClockAgreement)
            return unit;
    }
    return 0;
}

double medianStep(const std::vector<Stamp>& stamps)
{
    std::vector<double> steps;
    for (std::size_t i = 1; i < stamps.size(); ++i)
        steps.push_back(stamps[i].value - stamps[i - 1].value);
    std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2), steps.end());
    return steps[steps.size() / 2];
}

std::optional<TimeColumn> timeColumn(const std::vector<Stamp>& stamps, const QString& name)
{
    if (stamps.size() < kLeastRows)
        return {};
    for (std::size_t i = 1; i < stamps.size(); ++i) {
        if (stamps[i].value < stamps[i - 1].value)
            return {};
    }
    TimeColumn column;
    const double byName = unitByName(name);
    if (byName == 0 && (stamps.size() < kLeastStamps || !name.isEmpty()))
        return {};
    column.microsPerUnit = byName > 0 ? byName : unitByClock(stamps);
    const double step = medianStep(stamps);
    if (column.microsPerUnit == 0) {
        if (byName == 0)
            return {};
        // By convention milliseconds; steps below one can only be seconds.
        column.microsPerUnit = step < 1 ? 1e6 : 1000;
    }
    if (!(step > 0))
        return column;
    int even = 0;
    for (std::size_t i = 1; i < stamps.size(); ++i) {
        const double off = stamps[i].value - stamps[i - 1].value - step;
        even += std::abs(off) <= std::max(0.3 * step, step >= 1 ? 1.0 : 0.0) ? 1 : 0;
    }
    // The mean of the even steps is finer than their median where stamps are rounded.
    if (even * 10 >= static_cast<int>(stamps.size() - 1) * 8) {
        double sum = 0;
        int count = 0;
        for (std::size_t i = 1; i < stamps.size(); ++i) {
            const double own = stamps[i].value - stamps[i - 1].value;
            if (own < 1.5 * step + 1e-12 || own - step <= 1) {
                sum += own;
                ++count;
            }
        }
        column.evenMicros = sum / std::max(1, count) * column.microsPerUnit;
    }
    return column;
}

} // namespace

TableSurvey surveyTable(const Opening& opening)
{
    TableSurvey survey;
    const std::vector<Line> lines = linesOf(opening);
    const Cut cut = bestCut(lines);
    survey.layout.separator = cut.separator;
    survey.layout.decimalComma = cut.decimalComma;
    survey.layout.terminator = terminatorOf(opening.bytes());
    survey.layout.columns = cut.columns;
    survey.rows = cut.rows;
    if (cut.columns > 0)
        survey.layout.names = headerOf(lines, cut);

    std::vector<RowTime> arrivals;
    std::vector<Stamp> stamps;
    int headers = 0;
    for (const Line& line : lines) {
        if (isErrorLine(line.text) && survey.errorLine.isEmpty())
            survey.errorLine = printable(line.text);
        if (line.isFirst)
            continue;
        ++survey.lines;
        const QList<QByteArray> tokens = split(line.text, cut.separator);
        if (!isRow(line.text, cut)) {
            headers += !survey.layout.names.isEmpty() && tokens.size() == cut.columns &&
                               QString::fromUtf8(tokens.back()).left(kMaxName) == survey.layout.names.back()
                           ? 1
                           : 0;
            continue;
        }
        const double seconds = opening.secondsAt(line.offset + line.text.size());
        arrivals.push_back({static_cast<double>(arrivals.size()), seconds});
        stamps.push_back({numberOf(tokens.front(), cut.decimalComma), seconds});
    }
    survey.lines -= headers;
    if (cut.columns > 1)
        survey.layout.time = timeColumn(stamps, survey.layout.names.value(0));
    if (survey.layout.time && survey.layout.time->evenMicros > 0) {
        survey.rateHz = 1e6 / survey.layout.time->evenMicros;
        survey.rateByClock = true;
    } else {
        survey.rateHz = fitRate(arrivals);
    }
    return survey;
}

QString describeTable(const TableSurvey& survey)
{
    const TableLayout& layout = survey.layout;
    if (survey.rows < kLeastRows) {
        return survey.lines == 0
                   ? QStringLiteral("no whole line yet")
                   : QStringLiteral("%1 of %2 lines are numbers alone").arg(survey.rows).arg(survey.lines);
    }
    const QString separator = layout.separator == ','    ? QStringLiteral("commas")
                              : layout.separator == ';'  ? QStringLiteral("semicolons")
                              : layout.separator == '\t' ? QStringLiteral("tabs")
                                                         : QStringLiteral("blanks");
    QString text = QStringLiteral("%1 of %2 lines are ").arg(survey.rows).arg(survey.lines);
    text += layout.columns == 1 ? QStringLiteral("one number")
                                : QStringLiteral("%1 numbers separated by %2").arg(layout.columns).arg(separator);
    if (layout.decimalComma)
        text += QStringLiteral(" with decimal commas");
    if (!layout.names.isEmpty())
        text += QStringLiteral(", under the header '%1'").arg(layout.names.join(QStringLiteral(", ")).left(kMaxName));
    if (layout.time)
        text += QStringLiteral(", the first of them the board's time");
    return text;
}

signal::StreamSpec tableSpec(const TableSurvey& survey, const QString& streamName)
{
    signal::StreamSpec spec;
    spec.name = streamName;
    spec.type = signal::SampleType::Float32;
    spec.rateHz = nominalRate(survey.rateHz, survey.rateByClock ? kClockTolerance : kArrivalTolerance);
    const int skipped = survey.layout.time ? 1 : 0;
    const QStringList names = survey.layout.names.isEmpty() ? numberedNames(survey.layout.columns - skipped)
                                                            : survey.layout.names.mid(skipped);
    spec.channels = channelsFromNames(names);
    return spec;
}

} // namespace ember::formats
