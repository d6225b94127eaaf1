// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/elan_text.h"

#include <QRegularExpression>

#include <cmath>

namespace ember::dataset {
namespace {

constexpr const char* kElanHeader = "Tier\tBegin Time - msec\tEnd Time - msec\tDuration - msec\tAnnotation";
constexpr double kLongestElanTime = 1e9; ///< seconds
constexpr qsizetype kLeastElanFields = 4;

enum class ElanTime
{
    Clock,
    Seconds,
    Milliseconds
};

std::optional<double> elanSeconds(const QByteArray& field, ElanTime form)
{
    static const QRegularExpression kClock(QStringLiteral("^(\\d+):(\\d\\d):(\\d\\d(?:\\.\\d+)?)$"));
    const QByteArray plain = field.trimmed();
    bool isNumber = false;
    if (form == ElanTime::Clock) {
        const auto match = kClock.match(QString::fromLatin1(plain));
        if (!match.hasMatch())
            return std::nullopt;
        return match.captured(1).toDouble() * 3600 + match.captured(2).toDouble() * 60 + match.captured(3).toDouble();
    }
    const bool hasPoint = plain.contains('.');
    const double value = plain.toDouble(&isNumber);
    if (!isNumber || !std::isfinite(value) || value < 0 || hasPoint != (form == ElanTime::Seconds))
        return std::nullopt;
    return form == ElanTime::Seconds ? value : value / 1000;
}

/// Beginning and end: the first two times of a form that comes twice.
std::optional<std::pair<double, double>> timesIn(const QList<QByteArray>& fields)
{
    for (const ElanTime form : {ElanTime::Clock, ElanTime::Seconds, ElanTime::Milliseconds}) {
        std::vector<double> times;
        for (qsizetype i = 1; i + 1 < fields.size() && times.size() < 2; ++i) {
            if (const auto time = elanSeconds(fields[i], form))
                times.push_back(*time);
        }
        if (times.size() == 2 && times[0] <= times[1] && times[1] < kLongestElanTime)
            return std::pair(times[0], times[1]);
    }
    return std::nullopt;
}

QByteArray elanMilliseconds(double seconds)
{
    return QByteArray::number(std::llround(seconds * 1000));
}

QByteArray elanField(const QString& text)
{
    QByteArray bytes = text.toUtf8();
    return bytes.replace('\t', ' ').replace('\n', ' ').replace('\r', ' ');
}

} // namespace

std::vector<TimedLabel> ElanText::ofTier(const QString& tier) const
{
    std::vector<TimedLabel> labels;
    for (const Annotation& annotation : annotations) {
        if (annotation.tier == tier)
            labels.push_back(annotation.label);
    }
    return labels;
}

Result<ElanText> parseElanText(const QByteArray& text)
{
    ElanText elan;
    qint64 number = 0;
    const QByteArray plain = text.startsWith("\xEF\xBB\xBF") ? text.mid(3) : text;
    for (const QByteArray& raw : plain.split('\n')) {
        ++number;
        const QByteArray line = raw.endsWith('\r') ? raw.chopped(1) : raw;
        if (line.trimmed().isEmpty() || (line.startsWith('"') && !line.contains('\t')))
            continue; // ELAN puts the path of its own file into quotes above
        const QList<QByteArray> fields = line.split('\t');
        const auto times = timesIn(fields);
        if (!times && elan.annotations.empty() && line.contains("Time"))
            continue; // the header
        if (!times || fields.size() < kLeastElanFields)
            return Error(
                ErrorKind::BadData,
                QStringLiteral("Line %1 is not 'tier, begin, end, annotation' with tabs between.").arg(number));
        const QString tier = QString::fromUtf8(fields.first()).trimmed();
        elan.annotations.push_back({tier, {QString::fromUtf8(fields.last()).trimmed(), times->first, times->second}});
        if (!elan.tiers.contains(tier))
            elan.tiers << tier;
    }
    return elan;
}

QByteArray writeElanText(const ElanText& text)
{
    QByteArray bytes = QByteArray(kElanHeader) + '\n';
    for (const ElanText::Annotation& annotation : text.annotations)
        bytes += elanField(annotation.tier) + '\t' + elanMilliseconds(annotation.label.begin) + '\t' +
                 elanMilliseconds(annotation.label.end) + '\t' +
                 elanMilliseconds(annotation.label.end - annotation.label.begin) + '\t' +
                 elanField(annotation.label.label) + '\n';
    return bytes;
}

} // namespace ember::dataset
