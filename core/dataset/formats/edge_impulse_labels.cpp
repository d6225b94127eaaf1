// SPDX-License-Identifier: GPL-3.0-or-later
// The label files that lie beside Edge Impulse's acquisitions.
#include "core/dataset/formats/edge_impulse.h"
#include "core/dataset/text_file.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <functional>

namespace ember::dataset::edgeimpulse {
namespace {

constexpr int kFoldersAbove = 3;
constexpr qint64 kMostIndex = qint64{1} << 47;

Error bad(const QString& file, const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The label file '%1' is damaged: %2.").arg(file, what),
                 QStringLiteral("Repair it, or move it away to import without its labels."));
}

Result<std::vector<LabelRange>> rangesOf(const QJsonArray& array, const QString& file)
{
    std::vector<LabelRange> ranges;
    for (const QJsonValue value : array) {
        const QJsonObject entry = value.toObject();
        LabelRange range;
        range.startIndex = entry.value(QStringLiteral("startIndex")).toInteger(-1);
        range.endIndex = entry.value(QStringLiteral("endIndex")).toInteger(-1);
        range.label = entry.value(QStringLiteral("label")).toString();
        if (range.startIndex < 0 || range.endIndex < range.startIndex || range.endIndex > kMostIndex)
            return bad(file,
                       QStringLiteral("a label reaches from index %1 to %2").arg(range.startIndex).arg(range.endIndex));
        ranges.push_back(std::move(range));
    }
    return ranges;
}

Result<FileLabels> labelsOf(const QJsonObject& entry, const QString& file)
{
    FileLabels labels;
    labels.source = file;
    labels.category = entry.value(QStringLiteral("category")).toString();
    const QJsonObject label = entry.value(QStringLiteral("label")).toObject();
    const QString type = label.value(QStringLiteral("type")).toString();
    if (type == QLatin1String("label"))
        labels.label = label.value(QStringLiteral("label")).toString();
    if (type == QLatin1String("multi-label")) {
        EMBER_TRY(labels.ranges, rangesOf(label.value(QStringLiteral("labels")).toArray(), file));
    }
    return labels;
}

/// Calls `entry` for each file of an info.labels, until it says stop. Large exports hold one JSON object per line.
Status eachEntry(const QByteArray& bytes, const QString& file, const std::function<bool(const QJsonObject&)>& entry)
{
    QJsonParseError problem;
    const QJsonDocument whole = QJsonDocument::fromJson(bytes, &problem);
    if (whole.isObject() && !whole.object().contains(QStringLiteral("__ndjson"))) {
        for (const QJsonValue value : whole.object().value(QStringLiteral("files")).toArray()) {
            if (!entry(value.toObject()))
                return {};
        }
        return {};
    }
    const qsizetype firstEnd = bytes.indexOf('\n');
    const QJsonObject first = QJsonDocument::fromJson(bytes.left(firstEnd < 0 ? bytes.size() : firstEnd)).object();
    if (!first.contains(QStringLiteral("__ndjson")))
        return bad(file, QStringLiteral("it is no JSON object (%1)").arg(problem.errorString()));
    for (qsizetype at = firstEnd + 1; firstEnd >= 0 && at < bytes.size();) {
        const qsizetype newline = bytes.indexOf('\n', at);
        const qsizetype end = newline < 0 ? bytes.size() : newline;
        const QJsonObject line = QJsonDocument::fromJson(bytes.mid(at, end - at)).object();
        if (line.value(QStringLiteral("__key")).toString() == QLatin1String("files") &&
            !entry(line.value(QStringLiteral("__item")).toObject()))
            return {};
        at = end + 1;
    }
    return {};
}

Result<std::optional<FileLabels>> fromInfoLabels(const QString& file, const QString& relativePath)
{
    EMBER_TRY(const QByteArray bytes, detail::readTextFile(file));
    std::optional<QJsonObject> mine;
    EMBER_CHECK(eachEntry(bytes, file, [&](const QJsonObject& entry) {
        if (QDir::cleanPath(entry.value(QStringLiteral("path")).toString()) != relativePath)
            return true;
        mine = entry;
        return false;
    }));
    if (!mine)
        return std::optional<FileLabels>();
    EMBER_TRY(FileLabels labels, labelsOf(*mine, file));
    return std::optional(std::move(labels));
}

Result<std::optional<FileLabels>> fromStructuredLabels(const QString& file, const QString& name)
{
    EMBER_TRY(const QByteArray bytes, detail::readTextFile(file));
    const QJsonObject all =
        QJsonDocument::fromJson(bytes).object().value(QStringLiteral("structuredLabels")).toObject();
    if (!all.contains(name))
        return std::optional<FileLabels>();
    FileLabels labels;
    labels.source = file;
    EMBER_TRY(labels.ranges, rangesOf(all.value(name).toArray(), file));
    return std::optional(std::move(labels));
}

} // namespace

Result<std::optional<FileLabels>> findLabels(const QString& path)
{
    const QFileInfo info(path);
    QDir folder = info.absoluteDir();
    const QString structured = folder.filePath(QStringLiteral("structured_labels.labels"));
    if (QFileInfo::exists(structured)) {
        EMBER_TRY(auto labels, fromStructuredLabels(structured, info.fileName()));
        if (labels)
            return labels;
    }
    for (int above = 0; above <= kFoldersAbove; ++above) {
        const QString file = folder.filePath(QStringLiteral("info.labels"));
        if (QFileInfo::exists(file)) {
            EMBER_TRY(auto labels, fromInfoLabels(file, folder.relativeFilePath(info.absoluteFilePath())));
            if (labels)
                return labels;
        }
        if (!folder.cdUp())
            break;
    }
    return std::optional<FileLabels>();
}

std::vector<LabelRange> coverAllRows(const std::vector<LabelRange>& ranges, qint64 rows, const QString& background)
{
    // Painted in order on a line of cells between all borders, so that later ranges win.
    std::vector<qint64> borders{0, rows};
    for (const LabelRange& range : ranges) {
        borders.push_back(std::clamp<qint64>(range.startIndex, 0, rows));
        borders.push_back(std::clamp<qint64>(range.endIndex + 1, 0, rows));
    }
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    std::vector<LabelRange> covered;
    for (std::size_t cell = 0; cell + 1 < borders.size(); ++cell) {
        QString label = background;
        for (const LabelRange& range : ranges) {
            if (range.startIndex <= borders[cell] && range.endIndex + 1 >= borders[cell + 1])
                label = range.label;
        }
        if (!covered.empty() && covered.back().label == label)
            covered.back().endIndex = borders[cell + 1] - 1;
        else
            covered.push_back({borders[cell], borders[cell + 1] - 1, label});
    }
    return covered;
}

QByteArray writeInfoLabels(const std::vector<InfoEntry>& entries)
{
    QJsonArray files;
    for (const InfoEntry& entry : entries) {
        QJsonObject label{{QStringLiteral("type"), QStringLiteral("unlabeled")}};
        if (!entry.labels.ranges.empty()) {
            QJsonArray ranges;
            for (const LabelRange& range : entry.labels.ranges)
                ranges.append(QJsonObject{{QStringLiteral("startIndex"), range.startIndex},
                                          {QStringLiteral("endIndex"), range.endIndex},
                                          {QStringLiteral("label"), range.label}});
            label = {{QStringLiteral("type"), QStringLiteral("multi-label")}, {QStringLiteral("labels"), ranges}};
        } else if (entry.labels.label) {
            label = {{QStringLiteral("type"), QStringLiteral("label")}, {QStringLiteral("label"), *entry.labels.label}};
        }
        files.append(QJsonObject{{QStringLiteral("path"), entry.path},
                                 {QStringLiteral("name"), entry.name},
                                 {QStringLiteral("category"), entry.category},
                                 {QStringLiteral("label"), label}});
    }
    return QJsonDocument(QJsonObject{{QStringLiteral("version"), 1}, {QStringLiteral("files"), files}})
        .toJson(QJsonDocument::Indented);
}

} // namespace ember::dataset::edgeimpulse
