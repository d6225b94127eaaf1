// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/run_predictions.h"

#include "core/base/packed.h"

#include <QtEndian>

#include <algorithm>

namespace ember::workflow {
namespace {

constexpr qint64 kMostRows = 16'000'000;

QString packed(const std::vector<qint32>& values)
{
    QByteArray bytes(static_cast<qsizetype>(values.size() * sizeof(qint32)), Qt::Uninitialized);
    qToLittleEndian<qint32>(values.data(), static_cast<qsizetype>(values.size()), bytes.data());
    return QString::fromLatin1(pack(bytes).toBase64());
}

Result<std::vector<qint32>> unpacked(const QJsonObject& json, const QString& name)
{
    const Result<QByteArray> bytes = unpack(QByteArray::fromBase64(json.value(name).toString().toLatin1()),
                                            kMostRows * static_cast<qsizetype>(sizeof(qint32)));
    if (!bytes || bytes->size() % static_cast<qsizetype>(sizeof(qint32)) != 0)
        return Error(ErrorKind::BadData, QStringLiteral("The run's stored predictions are damaged (%1).").arg(name),
                     QStringLiteral("Train it again."));
    std::vector<qint32> values(static_cast<std::size_t>(bytes->size()) / sizeof(qint32));
    qFromLittleEndian<qint32>(bytes->constData(), static_cast<qsizetype>(values.size()), values.data());
    return values;
}

} // namespace

RunPredictions predictionsOf(const learn::ValidationReport& report, const learn::Matrix& matrix)
{
    RunPredictions made;
    made.predicted = report.predicted;
    for (const qsizetype row : report.rows) {
        const auto at = static_cast<std::size_t>(row);
        made.rows.push_back(static_cast<qint32>(row));
        made.truth.push_back(matrix.labels[at]);
        if (!matrix.groups.empty())
            made.groups.push_back(matrix.groups[at]);
    }
    return made;
}

QJsonObject toJson(const RunPredictions& predictions)
{
    return {{QStringLiteral("rows"), packed(predictions.rows)},
            {QStringLiteral("truth"), packed(predictions.truth)},
            {QStringLiteral("predicted"), packed(predictions.predicted)},
            {QStringLiteral("groups"), packed(predictions.groups)}};
}

Result<RunPredictions> predictionsFromJson(const QJsonObject& json)
{
    RunPredictions read;
    EMBER_TRY(read.rows, unpacked(json, QStringLiteral("rows")));
    EMBER_TRY(read.truth, unpacked(json, QStringLiteral("truth")));
    EMBER_TRY(read.predicted, unpacked(json, QStringLiteral("predicted")));
    EMBER_TRY(read.groups, unpacked(json, QStringLiteral("groups")));
    const std::size_t rows = read.rows.size();
    if (read.truth.size() != rows || read.predicted.size() != rows ||
        (!read.groups.empty() && read.groups.size() != rows))
        return Error(ErrorKind::BadData, QStringLiteral("The run's stored predictions have lists of different length."),
                     QStringLiteral("Train it again."));
    return read;
}

} // namespace ember::workflow
