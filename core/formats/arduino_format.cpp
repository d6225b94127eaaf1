// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of the Arduino serial plotter (github.com/arduino/arduino-serial-plotter-webapp,
// src/msgAggregatorWorker.ts): "name:value" separated by commas, blanks or tabs. Lines of values without names are the
// Edge Impulse format's.
#include "core/formats/named_text.h"
#include "core/formats/number.h"

namespace ember::formats {
namespace {

bool isSeparator(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

LineKind parseArduino(QByteArrayView line, std::vector<NamedPoint>& points)
{
    const char* at = line.data();
    const char* const end = at + line.size();
    bool damaged = false;
    while (at < end && isSeparator(*at))
        ++at;
    while (at < end) {
        const char* const begin = at;
        while (at < end && !isSeparator(*at) && *at != ':')
            ++at;
        if (at == end || *at != ':' || at == begin)
            return points.empty() ? LineKind::Text : LineKind::Damaged;
        NamedPoint point;
        point.name = QByteArrayView(begin, at - begin);
        ++at;
        while (at < end && isSeparator(*at) && *at != ',') // "name: value"
            ++at;
        const char* const stop = parseNumber(at, end, point.value);
        if (!stop || (stop < end && !isSeparator(*stop))) {
            damaged = true;
            break;
        }
        points.push_back(point);
        at = stop;
        while (at < end && isSeparator(*at))
            ++at;
    }
    if (damaged)
        return points.empty() ? LineKind::Text : LineKind::Damaged;
    return points.empty() ? LineKind::Text : LineKind::Points;
}

class ArduinoFormat final : public Format
{
public:
    QString name() const override { return QStringLiteral("arduino"); }
    QString title() const override { return QStringLiteral("Arduino serial plotter"); }

    Guess survey(const Opening& opening) const override
    {
        Guess guess;
        guess.format = name();
        const NamedSurvey survey = surveyNamed(opening, parseArduino);
        guess.reason = survey.lines == 0
                           ? QStringLiteral("no whole line yet")
                           : QStringLiteral("%1 of %2 lines are name:value").arg(survey.points).arg(survey.lines);
        if (survey.rows < 3 || survey.points * 2 < survey.lines)
            return guess;
        guess.reason += QStringLiteral(", %1 names").arg(survey.names.size());
        guess.score = 0.9 * survey.points / survey.lines;
        guess.spec = namedSpec(survey);
        guess.makeDecoder = [survey] { return std::make_unique<NamedDecoder>(survey, parseArduino); };
        return guess;
    }
};

} // namespace

std::unique_ptr<Format> makeArduinoFormat()
{
    return std::make_unique<ArduinoFormat>();
}

} // namespace ember::formats
