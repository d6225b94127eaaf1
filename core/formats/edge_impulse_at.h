// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace ember::formats {

// What boards with Edge Impulse's own firmware answer to its AT commands
// (docs.edgeimpulse.com, "Remote management, serial"; github.com/edgeimpulse/edge-impulse-cli, ei-serial-protocol.ts).
// Such a board takes a sample of a given length into its memory and gives it back as a file in base64. Everything here
// is pure: bytes to values, any thread; the bytes are hostile.

/// A sensor that a board offers.
struct AtSensor
{
    QString name;
    double maxSeconds = 0; ///< longest sample
    std::vector<double> ratesHz;
};

/// What a board says about itself.
struct AtConfig
{
    QString id;
    QString type;
    int major = 1; ///< version of the commands
    int minor = 0;
    std::vector<AtSensor> sensors;

    /// From 1.6 on reading takes a third argument: whether to change the baud rate for it.
    bool namesBaudRate() const { return major > 1 || (major == 1 && minor >= 6); }
};

/// Where a sample lies on the board: a stretch of its buffer, or a file.
struct AtSample
{
    QString file; ///< empty: the buffer
    qint64 from = 0;
    qint64 to = 0;
};

/// A sample is not waited for any longer: 60 s of 16 kHz sound are 2.6 MB of base64.
constexpr qsizetype kMaxAtAnswer = 16 << 20;
/// Nor is an answer to any other command.
constexpr qsizetype kMaxAtReply = 64 << 10;
/// Rates that a sensor may have.
constexpr double kMinAtRateHz = 1e-3;
constexpr double kMaxAtRateHz = 10e6;
constexpr qint64 kMaxAtSampleBytes = kMaxAtAnswer / 4 * 3;

/// Whether an answer is whole: the prompt "> " stands at its end, in a line of its own.
bool endsWithPrompt(QByteArrayView answer);

/// The answer to AT+CONFIG?. Errors: BadData when it names no sensor.
Result<AtConfig> parseAtConfig(QByteArrayView answer);

/// The answer to AT+SAMPLESTART. Errors: Board with what the board said; Unsupported when it sent the sample away by
/// itself.
Result<AtSample> parseAtSample(QByteArrayView answer);

/// The answer to AT+READBUFFER or AT+READFILE: the file's bytes. Error BadData.
Result<QByteArray> decodeAtFile(QByteArrayView answer);

/// Error Board when an answer refuses the command.
Status checkAtAnswer(QByteArrayView answer);

} // namespace ember::formats
