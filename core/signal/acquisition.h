// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace ember::signal {

/// A file in Edge Impulse's data acquisition format, version "v1": a root with `protected`, `signature` and `payload`,
/// in JSON or CBOR. What tools keep, and what boards with that firmware give. In what a board gives for sound, the
/// values may stand behind the CBOR as bare int16 ("Ref-BINARY-i16").
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

enum class AcquisitionEncoding
{
    Json,
    Cbor
};

/// The file; signed when `key` is not empty, with `alg` "none" and a zero signature otherwise.
QByteArray writeAcquisition(const Acquisition& acquisition, AcquisitionEncoding encoding, const QByteArray& key);

} // namespace ember::signal
