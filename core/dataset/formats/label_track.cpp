// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/label_track.h"

#include "core/dataset/csv.h"
#include "core/dataset/formats/elan_text.h"
#include "core/dataset/text_file.h"

#include <QDir>
#include <QFileInfo>

namespace ember::dataset {
namespace {

constexpr const char* kDeepcraftHeader =
    "Time(Seconds),Length(Seconds),Label(string),Confidence(double),Comment(string)";
const QStringList kRecordingSuffixes{QStringLiteral("wav"),  QStringLiteral("csv"), QStringLiteral("data"),
                                     QStringLiteral("flac"), QStringLiteral("npy"), QStringLiteral("aiff")};

Error bad(qint64 line, const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("Line %1 of the labels %2.").arg(line).arg(what));
}

/// Seconds of a field; negative when it is not a time.
double seconds(QByteArrayView field)
{
    const double value = csvNumber(field, CsvDialect{}).value_or(-1);
    return value < 1e9 ? value : -1;
}

QByteArray withoutMark(const QByteArray& text)
{
    return text.startsWith("\xEF\xBB\xBF") ? text.mid(3) : text;
}

QByteArray fixed(double seconds)
{
    return QByteArray::number(seconds, 'f', 6);
}

} // namespace

Result<std::vector<TimedLabel>> parseAudacityLabels(const QByteArray& text)
{
    std::vector<TimedLabel> labels;
    qint64 number = 0;
    for (const QByteArray& raw : withoutMark(text).split('\n')) {
        ++number;
        const QByteArray line = raw.endsWith('\r') ? raw.chopped(1) : raw;
        if (line.trimmed().isEmpty() || line.startsWith('\\'))
            continue;
        const QList<QByteArray> fields = line.split('\t');
        const double begin = seconds(fields.value(0));
        // Two fields are start and text: a point.
        const double end = fields.size() > 2 ? seconds(fields.value(1)) : begin;
        if (fields.size() < 2 || begin < 0 || end < begin)
            return bad(number, QStringLiteral("is not 'start, end, text' with tabs between"));
        labels.push_back({QString::fromUtf8(fields.last()).trimmed(), begin, end});
    }
    return labels;
}

QByteArray writeAudacityLabels(const std::vector<TimedLabel>& labels)
{
    QByteArray text;
    for (const TimedLabel& label : labels) {
        QByteArray name = label.label.toUtf8();
        name.replace('\t', ' ').replace('\n', ' ');
        text += fixed(label.begin) + '\t' + fixed(label.end) + '\t' + name + '\n';
    }
    return text;
}

Result<std::vector<TimedLabel>> parseDeepcraftLabels(const QByteArray& text)
{
    std::vector<TimedLabel> labels;
    const QByteArray plain = withoutMark(text);
    CsvReader reader(plain, CsvDialect{});
    std::vector<QByteArrayView> fields;
    bool first = true;
    while (reader.next(fields)) {
        const double begin = fields.size() >= 3 ? seconds(fields[0]) : -1;
        const double length = fields.size() >= 3 ? seconds(fields[1]) : -1;
        const bool isHeader = first && begin < 0;
        first = false;
        if (isHeader)
            continue;
        if (begin < 0 || length < 0)
            return bad(reader.lineNumber(), QStringLiteral("is not 'start, length, label' in seconds"));
        labels.push_back({QString::fromUtf8(fields[2]), begin, begin + length});
    }
    return labels;
}

QByteArray writeDeepcraftLabels(const std::vector<TimedLabel>& labels)
{
    QByteArray text = QByteArray(kDeepcraftHeader) + '\n';
    for (const TimedLabel& label : labels)
        text += fixed(label.begin) + ',' + fixed(label.end - label.begin) + ',' + csvField(label.label) + ",1,\n";
    return text;
}

Result<SideLabels> readSideLabels(const QString& recordingFile, const QString& labelSet)
{
    const QFileInfo info(recordingFile);
    if (!kRecordingSuffixes.contains(info.suffix().toLower()))
        return SideLabels{};
    const QDir folder = info.absoluteDir();
    const QString base = info.completeBaseName();
    SideLabels side;
    if (const QString file = folder.filePath(base + QStringLiteral(".label")); QFileInfo::exists(file)) {
        EMBER_TRY(const QByteArray text, detail::readTextFile(file));
        EMBER_TRY(side.labels, parseDeepcraftLabels(text));
        side.source = file;
        return side;
    }
    if (const QString file = folder.filePath(base + QStringLiteral(".elan.txt")); QFileInfo::exists(file)) {
        EMBER_TRY(const QByteArray text, detail::readTextFile(file));
        EMBER_TRY(const ElanText elan, parseElanText(text));
        const QString tier = elan.tiers.contains(labelSet) ? labelSet : elan.tiers.value(0);
        side.labels = elan.ofTier(tier);
        side.leftOut = elan.tiers;
        side.leftOut.removeOne(tier);
        side.source = file;
        return side;
    }
    for (const QString& suffix : {QStringLiteral(".labels.txt"), QStringLiteral(".txt")}) {
        const QString file = folder.filePath(base + suffix);
        if (!QFileInfo::exists(file))
            continue;
        EMBER_TRY(const QByteArray text, detail::readTextFile(file));
        auto labels = parseAudacityLabels(text);
        // Any note may lie beside a recording as .txt; under the longer name it claims to be labels.
        if (!labels && suffix == QLatin1String(".txt"))
            continue;
        EMBER_TRY(side.labels, std::move(labels));
        side.source = file;
        return side;
    }
    return side;
}

bool isSideLabelFile(const QString& path)
{
    const QFileInfo info(path);
    const QString name = info.fileName();
    if (name.endsWith(QLatin1String(".labels")) || name.endsWith(QLatin1String(".label")) ||
        name.endsWith(QLatin1String(".labels.txt")) || name.endsWith(QLatin1String(".elan.txt")))
        return true;
    if (info.suffix() != QLatin1String("txt"))
        return false;
    const QDir folder = info.absoluteDir();
    for (const QString& suffix : kRecordingSuffixes) {
        if (QFileInfo::exists(folder.filePath(info.completeBaseName() + QLatin1Char('.') + suffix)))
            return true;
    }
    return false;
}

} // namespace ember::dataset
