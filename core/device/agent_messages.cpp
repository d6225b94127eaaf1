// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/agent_messages.h"

#include "device-agent/runtime/events.hpp"

#include <algorithm>
#include <array>

namespace ember::device {
namespace {

using wire::MessageType;
using wire::NakReason;

constexpr int kMaxLogLength = 1024;

const uint8_t* bytesOf(const QByteArray& payload, qsizetype at = 0)
{
    return reinterpret_cast<const uint8_t*>(payload.constData()) + at;
}

template <typename Header>
bool holds(const QByteArray& payload)
{
    return payload.size() >= static_cast<qsizetype>(Header::kSize);
}

Error malformed(const char* what)
{
    return Error::wrongBoard(QStringLiteral("The board sent a %1 that contradicts itself.").arg(QLatin1String(what)),
                             QStringLiteral("Flash the agent that comes with this program."));
}

/// Text from a board goes to terminals and logs: no control characters.
QString cleanText(const QByteArray& utf8)
{
    QString text = QString::fromUtf8(utf8.left(kMaxLogLength));
    std::replace_if(
        text.begin(), text.end(), [](QChar c) { return c.category() == QChar::Other_Control; }, QChar(u' '));
    return text.trimmed();
}

struct MessageEntry
{
    MessageType type;
    const char* name;
};

constexpr std::array kRequests = {
    MessageEntry{MessageType::DescribeRequest, "describe"},
    MessageEntry{MessageType::Start, "start"},
    MessageEntry{MessageType::Stop, "stop"},
    MessageEntry{MessageType::Configure, "configure"},
    MessageEntry{MessageType::Inject, "inject"},
    MessageEntry{MessageType::Vector, "vector"},
    MessageEntry{MessageType::ProfileRequest, "profile"},
    MessageEntry{MessageType::StatsRequest, "stats"},
    MessageEntry{MessageType::Learn, "learn"},
    MessageEntry{MessageType::Reset, "reset"},
    MessageEntry{MessageType::Declare, "declare"},
    MessageEntry{MessageType::SelfTest, "self-test"},
};

struct ReasonEntry
{
    NakReason reason;
    bool permanent; ///< it will refuse again
    const char* text;
    const char* hint;
};

constexpr const char* kFlashAgent = "Flash the agent that comes with this program.";

constexpr std::array kReasons = {
    ReasonEntry{NakReason::Unknown, true, "its firmware does not know this request", kFlashAgent},
    ReasonEntry{NakReason::Malformed, false, "it could not read the request", kFlashAgent},
    ReasonEntry{
        NakReason::NoSuchStream, false, "it has no such stream",
        "Check that its sensor is connected; an emulated board needs a recording as its sensor (--feed FILE.csv)."},
    ReasonEntry{NakReason::NoModel, false, "its firmware carries no model",
                "Build and flash a firmware with the model first."},
    ReasonEntry{NakReason::WrongShape, false, "the input does not fit its model",
                "Another model is deployed than expected: flash again."},
    ReasonEntry{NakReason::Busy, false, "it is busy", "Stop the stream first, or try again."},
    ReasonEntry{NakReason::Unsupported, true, "this board cannot do that", ""},
    ReasonEntry{NakReason::TooLarge, false, "the input is too large for it", ""},
};

} // namespace

QString messageName(MessageType type)
{
    for (const MessageEntry& entry : kRequests) {
        if (entry.type == type)
            return QLatin1String(entry.name);
    }
    return QStringLiteral("message 0x%1").arg(static_cast<int>(type), 2, 16, QLatin1Char('0'));
}

Error nakError(quint8 reason, const QString& said, quint8 requestType)
{
    const QString request = messageName(static_cast<MessageType>(requestType));
    const QString addition = said.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(said);
    for (const ReasonEntry& entry : kReasons) {
        if (static_cast<quint8>(entry.reason) != reason)
            continue;
        Error refused(ErrorKind::Board,
                      QStringLiteral("The board refused '%1': %2%3.").arg(request, QLatin1String(entry.text), addition),
                      QLatin1String(entry.hint));
        refused.permanent = entry.permanent;
        return refused;
    }
    return Error(ErrorKind::Board,
                 QStringLiteral("The board refused '%1' with reason %2%3.").arg(request).arg(reason).arg(addition),
                 QLatin1String(kFlashAgent));
}

std::optional<quint32> outputRow(const QByteArray& payload)
{
    if (!holds<wire::OutputHeader>(payload))
        return {};
    return wire::OutputHeader::unpack(bytesOf(payload)).row;
}

Result<VectorOutput> parseOutput(const QByteArray& payload, const DeployedModel& model)
{
    if (!holds<wire::OutputHeader>(payload))
        return malformed("result");
    const auto header = wire::OutputHeader::unpack(bytesOf(payload));
    const auto featureBytes = static_cast<qsizetype>(header.features * wire::elementSize(model.featureType));
    const auto start = static_cast<qsizetype>(wire::OutputHeader::kSize);
    const auto outputBytes = static_cast<qsizetype>(header.outputs * wire::elementSize(model.outputType));
    const bool known = (header.features == 0 || header.features == model.features) &&
                       (header.outputs == 0 || header.outputs == model.outputs);
    if (!known || payload.size() != start + featureBytes + outputBytes)
        return malformed("result");
    VectorOutput output;
    output.row = header.row;
    output.winner = header.winner;
    output.features = payload.mid(start, featureBytes);
    output.outputs = {model.outputType, payload.mid(start + featureBytes)};
    output.featureTicks = header.featureTicks;
    output.modelTicks = header.modelTicks;
    output.stackBytes = header.stackBytes;
    return output;
}

Result<ProfileReport> parseProfile(const QByteArray& payload, const QStringList& stageNames)
{
    if (!holds<wire::ProfileHeader>(payload))
        return malformed("profile");
    const auto header = wire::ProfileHeader::unpack(bytesOf(payload));
    auto at = static_cast<qsizetype>(wire::ProfileHeader::kSize);
    if (payload.size() != at + header.stages * static_cast<qsizetype>(wire::StageTicks::kSize))
        return malformed("profile");
    ProfileReport report{header.cpuTickHz, header.runs, {}};
    for (int i = 0; i < header.stages; ++i) {
        const auto ticks = wire::StageTicks::unpack(bytesOf(payload, at));
        const QString name = i < stageNames.size() ? stageNames[i] : QStringLiteral("stage %1").arg(i + 1);
        report.stages.push_back(
            {name, ticks.least, ticks.most, static_cast<quint64>(ticks.sumHigh) << 32 | ticks.sumLow});
        at += static_cast<qsizetype>(wire::StageTicks::kSize);
    }
    return report;
}

Result<wire::StatsReport> parseStats(const QByteArray& payload)
{
    if (!holds<wire::StatsReport>(payload))
        return malformed("statistics report");
    return wire::StatsReport::unpack(bytesOf(payload));
}

Result<InferenceResult> parseInference(const QByteArray& payload, qint64 hostNanos, signal::SampleType outputType)
{
    if (!holds<wire::InferenceHeader>(payload))
        return malformed("inference result");
    const auto header = wire::InferenceHeader::unpack(bytesOf(payload));
    const auto start = static_cast<qsizetype>(wire::InferenceHeader::kSize);
    if (payload.size() != start + static_cast<qsizetype>(header.outputs * wire::elementSize(outputType)))
        return malformed("inference result");
    return InferenceResult{header.endRow, header.winner, {outputType, payload.mid(start)}, header.cpuTicks, hostNanos};
}

Result<EventNotice> parseEvent(const QByteArray& payload)
{
    if (payload.size() != static_cast<qsizetype>(wire::EventHeader::kSize))
        return malformed("event");
    const auto header = wire::EventHeader::unpack(bytesOf(payload));
    if (header.phase != runtime::kEventBegins && header.phase != runtime::kEventEnds)
        return malformed("event");
    return EventNotice{header.endRow, header.label, header.phase == runtime::kEventBegins, header.lost};
}

Result<LearnedReport> parseLearned(const QByteArray& payload, const DeployedModel& model)
{
    if (!holds<wire::LearnedHeader>(payload))
        return malformed("report of what it learned");
    LearnedReport report{wire::LearnedHeader::unpack(bytesOf(payload)), {}};
    const auto start = static_cast<qsizetype>(wire::LearnedHeader::kSize);
    const bool known = report.header.classes == 0 || report.header.classes == model.classNames.size();
    if (!known || payload.size() != start + 2 * qsizetype{report.header.classes})
        return malformed("report of what it learned");
    for (qsizetype at = start; at < payload.size(); at += 2)
        report.counts.push_back(wire::getU16(bytesOf(payload, at)));
    return report;
}

Result<wire::SelfTestReport> parseSelfTest(const QByteArray& payload)
{
    if (!holds<wire::SelfTestReport>(payload))
        return malformed("report of its self-test");
    const auto report = wire::SelfTestReport::unpack(bytesOf(payload));
    if (report.wrong > report.vectors || (report.wrong > 0 && report.vector >= report.vectors))
        return malformed("report of its self-test");
    return report;
}

Result<LogLine> parseLog(const QByteArray& payload)
{
    if (payload.isEmpty())
        return malformed("log line");
    return LogLine{std::clamp<int>(static_cast<quint8>(payload[0]), 0, 3), cleanText(payload.mid(1))};
}

std::optional<Acknowledgement> parseAck(const QByteArray& payload)
{
    if (!holds<wire::AckHeader>(payload))
        return {};
    return Acknowledgement{wire::AckHeader::unpack(bytesOf(payload)),
                           cleanText(payload.mid(static_cast<qsizetype>(wire::AckHeader::kSize)))};
}

} // namespace ember::device
