// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace ember::dataset::edgeimpulse {

/// A file in Edge Impulse's data acquisition format, version "v1": a root with `protected`, `signature` and `payload`,
/// in JSON or CBOR.
struct Acquisition
{
    QString deviceName;
    QString deviceType;
    double intervalMs = 0; ///< fractions allowed
    struct Sensor
    {
        QString name;
        QString units; ///< "N/A" when unknown
    };
    std::vector<Sensor> sensors;
    std::vector<float> values; ///< rows x sensors
    QString algorithm;         ///< "HS256" or "none"
    QByteArray signature;      ///< hexadecimal, as in the file

    std::size_t rows() const { return sensors.empty() ? 0 : values.size() / sensors.size(); }
};

/// Reads either form; the bytes are hostile. Errors: BadData names the key or row at fault.
Result<Acquisition> parseAcquisition(const QByteArray& bytes);

/// Whether a file that begins like this may be one.
bool looksLikeAcquisition(const QByteArray& head);

/// HMAC-SHA256 of the file with its signature replaced by zeros, hexadecimal. Error BadData when the signature does not
/// stand in the bytes.
Result<QByteArray> signatureOf(const QByteArray& bytes, const QByteArray& signature, const QByteArray& key);

enum class Encoding
{
    Json,
    Cbor
};

/// The file; signed when `key` is not empty, with `alg` "none" and a zero signature otherwise.
QByteArray writeAcquisition(const Acquisition& acquisition, Encoding encoding, const QByteArray& key);

/// A labelled stretch of an acquisition: inclusive sample indices, as `info.labels` and `structured_labels.labels` have
/// them (their documentation says milliseconds; files and tools use indices).
struct LabelRange
{
    qint64 startIndex = 0;
    qint64 endIndex = 0;
    QString label;

    friend bool operator==(const LabelRange&, const LabelRange&) = default;
};

/// What label files say about one acquisition.
struct FileLabels
{
    std::optional<QString> label;   ///< of all of it
    std::vector<LabelRange> ranges; ///< of parts of it
    QString category;               ///< "training", "testing", ... ; empty when not said
    QString source;                 ///< the file that said it
};

/// Looks for the acquisition in `info.labels` of its folder and the three above, and in `structured_labels.labels` of
/// its own folder. Plain JSON and the line-wise form of large exports. Empty when no file names it. Errors: BadData for
/// a label file that names it and cannot be understood.
Result<std::optional<FileLabels>> findLabels(const QString& path);

/// The ranges with every row covered (gaps get `background`), neighbours of one label joined, later ranges winning
/// over earlier ones: what the format asks for. `rows` > 0.
std::vector<LabelRange> coverAllRows(const std::vector<LabelRange>& ranges, qint64 rows, const QString& background);

/// The entry of one file in `info.labels`.
struct InfoEntry
{
    QString path; ///< relative to the file, "/" between folders
    QString name;
    QString category;
    FileLabels labels;
};
QByteArray writeInfoLabels(const std::vector<InfoEntry>& entries);

} // namespace ember::dataset::edgeimpulse
