// SPDX-License-Identifier: GPL-3.0-or-later
// Teleplot's telemetry on a serial port (github.com/nesnes/teleplot, README.md): lines that begin with '>', all others
// are what the board says. ">name[,widget]:[millis:]value[;[millis:]value...][§unit][|flags]".
#include "core/formats/named_text.h"
#include "core/formats/number.h"

#include <cmath>

namespace ember::formats {
namespace {

const QByteArrayView kUnitSign("\xC2\xA7"); // U+00A7 in UTF-8
constexpr int kMaxPoints = 256;

// What stands between two colons or semicolons.
const char* readNumber(const char* at, const char* end, double& value)
{
    return parseNumber(at, end, value);
}

LineKind parseTeleplot(QByteArrayView line, std::vector<NamedPoint>& points)
{
    if (line.isEmpty() || line[0] != '>')
        return LineKind::Text;
    line = line.sliced(1);
    if (line.startsWith("3D|"))
        return LineKind::Text;
    const qsizetype colon = line.indexOf(':');
    if (colon <= 0)
        return LineKind::Damaged;
    QByteArrayView name = line.first(colon);
    if (const qsizetype comma = name.indexOf(','); comma > 0)
        name = name.first(comma); // the widget behind it is about drawing
    QByteArrayView rest = line.sliced(colon + 1);
    if (const qsizetype bar = rest.lastIndexOf('|'); bar >= 0) {
        const QByteArrayView flags = rest.sliced(bar + 1);
        for (const char* kind : {"xy", "t", "clr"}) {
            // Text, and curves over something that is not time: nothing to sample.
            for (qsizetype at = 0; at < flags.size();) {
                qsizetype stop = flags.indexOf(',', at);
                stop = stop < 0 ? flags.size() : stop;
                if (flags.sliced(at, stop - at) == QByteArrayView(kind))
                    return LineKind::Text;
                at = stop + 1;
            }
        }
        rest = rest.first(bar);
    }
    QByteArrayView unit;
    if (const qsizetype sign = rest.indexOf(kUnitSign); sign >= 0) {
        unit = rest.sliced(sign + kUnitSign.size());
        rest = rest.first(sign);
    }
    const char* at = rest.data();
    const char* const end = at + rest.size();
    for (int count = 0; at < end; ++count) {
        if (count >= kMaxPoints)
            return LineKind::Damaged;
        NamedPoint point{name, unit, 0, {}};
        double first = 0;
        const char* stop = parseNumber(at, end, point.value);
        if (!stop)
            return LineKind::Damaged;
        if (stop < end && *stop == ':') {
            if (!readNumber(at, end, first) || !std::isfinite(first))
                return LineKind::Damaged;
            point.millis = first;
            stop = parseNumber(stop + 1, end, point.value);
            if (!stop)
                return LineKind::Damaged;
        }
        if (stop < end && *stop != ';')
            return LineKind::Damaged;
        points.push_back(point);
        at = stop < end ? stop + 1 : end;
    }
    return points.empty() ? LineKind::Damaged : LineKind::Points;
}

class TeleplotFormat final : public Format
{
public:
    QString name() const override { return QStringLiteral("teleplot"); }
    QString title() const override { return QStringLiteral("Teleplot"); }

    Guess survey(const Opening& opening) const override
    {
        Guess guess;
        guess.format = name();
        const NamedSurvey survey = surveyNamed(opening, parseTeleplot);
        const int telemetry = survey.lines - survey.text;
        guess.reason = survey.lines == 0 ? QStringLiteral("no whole line yet")
                                         : QStringLiteral("%1 of %2 lines begin with '>' and are name:value")
                                               .arg(survey.points)
                                               .arg(survey.lines);
        if (survey.rows < 3 || survey.points * 2 < telemetry)
            return guess;
        guess.reason += QStringLiteral(", %1 names%2")
                            .arg(survey.names.size())
                            .arg(survey.hasTime ? QStringLiteral(", with the board's time") : QString());
        // Other lines are logs by the rules of this format and say nothing against it.
        guess.score = 0.97 * survey.points / telemetry;
        guess.spec = namedSpec(survey);
        guess.hasTime = survey.hasTime;
        guess.makeDecoder = [survey] { return std::make_unique<NamedDecoder>(survey, parseTeleplot); };
        return guess;
    }
};

} // namespace

std::unique_ptr<Format> makeTeleplotFormat()
{
    return std::make_unique<TeleplotFormat>();
}

} // namespace ember::formats
