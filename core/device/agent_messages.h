// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/description.h"
#include "core/signal/element_values.h"
#include "device-agent/wire/messages.hpp"

#include <QByteArray>
#include <QString>

#include <optional>
#include <vector>

namespace ember::device {

/// What a board answered to one input.
struct VectorOutput
{
    quint32 row = 0;
    int winner = 0;
    QByteArray features;           ///< raw values in the model's feature type, little-endian; empty when not wanted
    signal::ElementValues outputs; ///< in the model's output type; empty when not wanted
    quint32 featureTicks = 0;      ///< CPU-timer ticks, see BoardDescription::cpuTickHz
    quint32 modelTicks = 0;
    quint32 stackBytes = 0;
};

struct StageProfile
{
    QString name;
    quint32 leastTicks = 0;
    quint32 mostTicks = 0;
    quint64 sumTicks = 0;
};

struct ProfileReport
{
    qint64 cpuTickHz = 0;
    quint32 runs = 0;
    std::vector<StageProfile> stages;
};

/// A result of the model that runs on the board.
struct InferenceResult
{
    qint64 endRow = 0; ///< the window was the rows before this one
    int winner = 0;
    signal::ElementValues outputs; ///< empty when they did not fit a frame
    quint32 cpuTicks = 0;
    qint64 hostNanos = 0;
};

/// What began or ended, as the model on the board tells it.
struct EventNotice
{
    qint64 endRow = 0; ///< of the window that decided: the rows before this one
    int label = 0;
    bool begins = false; ///< else it ended
    int lost = 0;        ///< notices, since the start of the stream, that the link had no time for
};

/// What a board says of what it has learned.
struct LearnedReport
{
    wire::LearnedHeader header;
    std::vector<quint16> counts; ///< rows that were taught of each class; empty when they did not fit a frame

    bool canKeep() const { return (header.flags & wire::kLearnedCanKeep) != 0; }
    bool isRestored() const { return (header.flags & wire::kLearnedRestored) != 0; }
};

struct LogLine
{
    int level = 1; ///< 0 debug, 1 info, 2 warning, 3 error
    QString text;
};

struct Acknowledgement
{
    wire::AckHeader header;
    QString text; ///< of a Nak, for a person
};

// Payloads are hostile: each of these checks sizes against the bytes that are there. Error: Board, permanent.
Result<VectorOutput> parseOutput(const QByteArray& payload, const DeployedModel& model);
Result<ProfileReport> parseProfile(const QByteArray& payload, const QStringList& stageNames);
Result<wire::StatsReport> parseStats(const QByteArray& payload);
Result<InferenceResult> parseInference(const QByteArray& payload, qint64 hostNanos, signal::SampleType outputType);
Result<EventNotice> parseEvent(const QByteArray& payload);
Result<LearnedReport> parseLearned(const QByteArray& payload, const DeployedModel& model);
Result<wire::SelfTestReport> parseSelfTest(const QByteArray& payload);
Result<LogLine> parseLog(const QByteArray& payload);
std::optional<Acknowledgement> parseAck(const QByteArray& payload);

/// The row an Output is about, without checking the rest; empty when it is too short to say.
std::optional<quint32> outputRow(const QByteArray& payload);

/// The request's name for messages ("start", "vector").
QString messageName(wire::MessageType type);

/// A Nak as an error: the reason in words, what the board added, and what to do about it.
Error nakError(quint8 reason, const QString& said, quint8 requestType);

} // namespace ember::device
