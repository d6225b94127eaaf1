// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/device/capture.h"
#include "core/signal/json.h"
#include "core/workflow/record_boards.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace ember::cli {
namespace {

QJsonObject ledgerJson(const signal::Ledger& ledger)
{
    QJsonObject json = signal::toJson(ledger);
    json.remove(QStringLiteral("measured_rate_hz")); // it stands beside the ledger, as rate_hz
    const QJsonValue atRow = ledger.wasInterrupted() ? QJsonValue(ledger.interruptedAtRow) : QJsonValue();
    json.insert(QStringLiteral("interrupted_at_row"), atRow);
    json.insert(QStringLiteral("unknown_tail_ms"), ledger.unknownTailMs);
    return json;
}

QJsonArray linesJson(const std::vector<formats::TextLine>& lines)
{
    QJsonArray array;
    for (const formats::TextLine& line : lines)
        array.append(QJsonObject{{QStringLiteral("offset"), line.offset},
                                 {QStringLiteral("row"), line.row},
                                 {QStringLiteral("text"), line.text}});
    return array;
}

QString recordingText(const dataset::Recording& recording, double rateHz, qint64 segments)
{
    return QStringLiteral("%1: %2 rows at %3 Hz, %4, %5 segments")
        .arg(recording.name, formatCount(recording.rowCount), QString::number(rateHz, 'f', 2),
             signal::lossText(recording.ledger), QString::number(segments));
}

/// What a person should know of a stream of other people's firmware; empty for our agent.
QString formatText(const workflow::RecordOutcome& outcome)
{
    if (outcome.format == QLatin1String(device::kAgentFormat))
        return {};
    const signal::Ledger& ledger = outcome.recording.ledger;
    QString text = QStringLiteral("\nFormat %1: %2").arg(outcome.format, outcome.formatReason);
    if (ledger.jitterMs > 0)
        text += QStringLiteral("\nArrival jitter %1 ms").arg(ledger.jitterMs, 0, 'f', 2);
    if (const QString arrivals = signal::arrivalText(ledger.arrivals); !arrivals.isEmpty())
        text += QStringLiteral("\nBlocks came %1").arg(arrivals);
    if (ledger.badLines + ledger.textLines + ledger.heldValues > 0)
        text += QStringLiteral("\n%1 bad lines, %2 lines of text, %3 values held")
                    .arg(formatCount(ledger.badLines), formatCount(ledger.textLines), formatCount(ledger.heldValues));
    return text;
}

class RecordCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("record"); }
    QString summary() const override { return QStringLiteral("Record from a board into a project"); }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab record --project gestures.ember --board mps2-an386 --feed walk.csv --duration 10s --label walk\n "
            " "
            "emberlab record --project gestures.ember --board arduino-uno --feed walk.csv --feed volts.csv --streams "
            "all\n  "
            "emberlab record --project gestures.ember --port /dev/ttyACM0 --duration 10s --channels ax,ay,az\n  "
            "emberlab record --project gestures.ember --port /dev/ttyUSB0 --baud 921600 --format sensiml --raw-log "
            "take.log\n  "
            "emberlab record --project gestures.ember --port /dev/ttyACM0 --port /dev/ttyACM1 --duration 10s\n  "
            "emberlab record --project gestures.ember --port udp:47269 --format teleplot --duration 10s\n  "
            "emberlab record --project gestures.ember --port /dev/ttyACM0 --format edge-impulse-at --streams "
            "'Built-in accelerometer' --duration 10s --label walk\n  "
            "emberlab record --project gestures.ember --port replay://$PWD/take.log --format csv");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        auto* port = app.add_option(
            "--port", m_ports,
            "Link to a board: /dev/ttyACM0, tcp://host:port, unix:///path; udp:PORT listens for Teleplot; "
            "replay:///path is a raw log. Several are recorded at once, each into a recording of its own");
        port->expected(1)->take_all();
        auto* board =
            app.add_option("--board", m_boards, "Emulated board; 'emberlab boards' lists them. Several as with --port");
        board->expected(1)->take_all();
        port->excludes(board);
        app.add_option("--feed", m_feeds,
                       "Recording to play to the emulated board's sensor; a second one for its second sensor")
            ->needs(board)
            ->expected(1)
            ->take_all();
        app.add_option("--streams", m_streams,
                       "Streams to record, by name, each into a recording of its own: imu,adc; or all (default: the "
                       "board's first)");
        app.add_option("--speed", m_speed, "How much faster than real time the feed is played")->capture_default_str();
        app.add_flag("--loop", m_loop, "Play the feed again when it ends");
        app.add_option("--baud", m_baud, "Serial speed")->capture_default_str();
        app.add_option("--format", m_format,
                       "What the board speaks: auto, agent, " +
                           formats::formatNames().join(QStringLiteral(", ")).toStdString())
            ->capture_default_str();
        app.add_option("--channels", m_channels, "Names for a stream that has none, with units: 'ax (g),ay (g),az (g)'")
            ->needs(port);
        app.add_option("--scale", m_scales,
                       "What the values are multiplied by, one for all channels or one each: 0.001")
            ->delimiter(',')
            ->needs(port);
        app.add_option("--rate", m_rate, "Nominal rate in Hz of a stream that does not say its own (default: measured)")
            ->needs(port);
        app.add_option("--duration,-d", m_duration,
                       "How long, on the board's clock; without it until Ctrl+C or the feed's end");
        app.add_option("--label", m_label, "Label for the whole recording (default: the feed's own labels)");
        app.add_option("--label-set", m_labelSet, "Label set (default: label)");
        app.add_option("--group", m_group, "Group (subject, device or session)");
        app.add_option("--name", m_name,
                       "Name of the recording; of several boards each has its port or board behind it: walk (ttyACM0)");
        app.add_option("--notes", m_notes, "Free text kept with the recording");
        app.add_option("--raw-log", m_rawLog, "New file for every byte as it came");
        app.add_option("--reconnect", m_reconnect, "How long a lost link may stay away")->capture_default_str();
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const std::vector<workflow::RecordRequest> requests, makeRequests(context));
        if (requests.size() == 1) {
            EMBER_TRY(const workflow::RecordOutcome outcome, workflow::record(requests.front(), hooksOf(context)));
            return outputOf(outcome);
        }
        const auto outcomes = workflow::recordBoards(requests, hooksOf(context));
        if (std::none_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) { return outcome.has_value(); }))
            return outcomes.front().error();
        Output output;
        if (outcomes.front()) {
            output = outputOf(*outcomes.front());
        } else {
            output.problem = outcomes.front().error();
            output.text = outcomes.front().error().message;
        }
        QJsonArray others;
        for (std::size_t i = 1; i < outcomes.size(); ++i)
            others.append(addBoard(requests[i].source, outcomes[i], output));
        output.result.insert(QStringLiteral("other_boards"), others);
        return output;
    }

private:
    static Output outputOf(const workflow::RecordOutcome& outcome)
    {
        const dataset::Recording& recording = outcome.recording;
        Output output;
        output.result = {{QStringLiteral("recording"), recording.id.value},
                         {QStringLiteral("name"), recording.name},
                         {QStringLiteral("samples"), recording.rowCount},
                         {QStringLiteral("lost_samples"), recording.ledger.lostRows()},
                         {QStringLiteral("segments"), outcome.segments},
                         {QStringLiteral("rate_hz"), outcome.rateHz},
                         {QStringLiteral("state"), dataset::recordingStateName(recording.state)},
                         {QStringLiteral("format"), outcome.format},
                         {QStringLiteral("format_reason"), outcome.formatReason},
                         {QStringLiteral("lines"), linesJson(outcome.lines)},
                         {QStringLiteral("ledger"), ledgerJson(recording.ledger)}};
        output.text = recordingText(recording, outcome.rateHz, outcome.segments);
        QJsonArray others;
        for (const workflow::StreamOutcome& other : outcome.others) {
            others.append(QJsonObject{{QStringLiteral("stream"), other.recording.stream.name},
                                      {QStringLiteral("recording"), other.recording.id.value},
                                      {QStringLiteral("name"), other.recording.name},
                                      {QStringLiteral("samples"), other.recording.rowCount},
                                      {QStringLiteral("lost_samples"), other.recording.ledger.lostRows()},
                                      {QStringLiteral("segments"), other.segments},
                                      {QStringLiteral("rate_hz"), other.rateHz},
                                      {QStringLiteral("begins_after_s"), other.beginsAfterSeconds},
                                      {QStringLiteral("ledger"), ledgerJson(other.recording.ledger)}});
            output.text += QLatin1Char('\n') + recordingText(other.recording, other.rateHz, other.segments);
        }
        output.result.insert(QStringLiteral("stream"), recording.stream.name);
        output.result.insert(QStringLiteral("other_streams"), others);
        output.text += formatText(outcome);
        output.problem = outcome.endedBy;
        return output;
    }

    /// What another board gave, beside the first one's; its trouble is the command's.
    static QJsonObject addBoard(const workflow::BoardSource& source, const Result<workflow::RecordOutcome>& outcome,
                                Output& output)
    {
        const QString name = source.port.isEmpty() ? source.board : source.port;
        const std::optional<Error> problem = outcome ? outcome->endedBy : std::optional<Error>(outcome.error());
        if (problem && !output.problem)
            output.problem = problem->context(name);
        QJsonObject json{{QStringLiteral("source"), name}};
        if (problem)
            json.insert(QStringLiteral("error"), problem->message);
        if (!outcome) {
            output.text += QStringLiteral("\n%1: %2").arg(name, outcome.error().message);
            return json;
        }
        Output own = outputOf(*outcome);
        for (auto field = json.constBegin(); field != json.constEnd(); ++field)
            own.result.insert(field.key(), field.value());
        own.result.insert(QStringLiteral("begins_after_s"), outcome->beginsAfterSeconds);
        output.text += QLatin1Char('\n') + own.text;
        return own.result;
    }

    /// One for each board.
    Result<std::vector<workflow::RecordRequest>> makeRequests(const Context& context) const
    {
        EMBER_TRY(workflow::RecordRequest request, makeRequest(context));
        const std::vector<std::string>& names = m_ports.empty() ? m_boards : m_ports;
        if (names.size() > 1 && !m_rawLog.empty())
            return Error(ErrorKind::Usage, QStringLiteral("A raw log is of one board."),
                         QStringLiteral("Leave --raw-log out, or record one board."));
        std::vector<workflow::RecordRequest> requests;
        for (std::size_t i = 0; i < names.size(); ++i) {
            (m_ports.empty() ? request.source.board : request.source.port) = qs(names[i]);
            if (names.size() > 1 && !m_name.empty())
                request.name = QStringLiteral("%1 (%2)").arg(qs(m_name), ownName(names, i));
            requests.push_back(request);
        }
        if (requests.empty())
            requests.push_back(std::move(request)); // recording says what is missing
        return requests;
    }

    /// What a board is called beside the others: its port or board, with a number where that is named before.
    static QString ownName(const std::vector<std::string>& names, std::size_t i)
    {
        QString name = qs(names[i]);
        if (name.startsWith(QLatin1String("/dev/")))
            name.remove(0, 5);
        const auto end = names.begin() + static_cast<std::ptrdiff_t>(i);
        const auto before = std::count(names.begin(), end, names[i]);
        return before > 0 ? QStringLiteral("%1 %2").arg(name).arg(before + 1) : name;
    }

    /// All of it but the board.
    Result<workflow::RecordRequest> makeRequest(const Context& context) const
    {
        if (m_format != device::kAutoFormat && m_format != device::kAgentFormat)
            EMBER_CHECK(formats::findFormat(qs(m_format)));
        workflow::RecordRequest request;
        request.project = qs(m_project);
        request.source.baud = m_baud;
        request.source.format = qs(m_format);
        request.source.rateHz = m_rate;
        if (!m_channels.empty())
            request.source.channels.names = qs(m_channels).split(QLatin1Char(','));
        request.source.channels.scales = m_scales;
        request.source.speed = m_speed;
        request.source.loop = m_loop;
        if (m_feeds.size() > 2)
            return Error(ErrorKind::Usage, QStringLiteral("A board has two sensors at most."),
                         QStringLiteral("Name one or two recordings with --feed."));
        for (size_t i = 0; i < m_feeds.size(); ++i) {
            EMBER_TRY(workflow::FeedFile feed, workflow::loadFeed(qs(m_feeds[i]), context.cancel));
            (i == 0 ? request.source.feed : request.source.secondFeed) =
                std::make_shared<const workflow::FeedFile>(std::move(feed));
        }
        if (!m_streams.empty())
            request.streams = qs(m_streams).split(QLatin1Char(','), Qt::SkipEmptyParts);
        if (!m_duration.empty()) {
            EMBER_TRY(request.seconds, parseSeconds(qs(m_duration)));
        }
        EMBER_TRY(request.reconnectMs, parseMilliseconds(qs(m_reconnect)));
        request.name = qs(m_name);
        request.label = qs(m_label);
        request.labelSet = qs(m_labelSet);
        request.group = qs(m_group);
        request.notes = qs(m_notes);
        request.rawLog = qs(m_rawLog);
        return request;
    }

    std::vector<double> m_scales;
    std::string m_project, m_streams, m_duration, m_label, m_labelSet, m_group, m_name, m_notes, m_rawLog, m_channels;
    std::vector<std::string> m_ports, m_boards, m_feeds;
    std::string m_format = "auto";
    std::string m_reconnect = "5s";
    double m_speed = 1;
    double m_rate = 0;
    int m_baud = 115200;
    bool m_loop = false;
};

} // namespace

std::unique_ptr<Command> makeRecordCommand()
{
    return std::make_unique<RecordCommand>();
}

} // namespace ember::cli
