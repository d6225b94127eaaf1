// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/workflow/record.h"

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

QJsonObject ledgerJson(const signal::Ledger& ledger)
{
    const QJsonValue atRow = ledger.wasInterrupted() ? QJsonValue(ledger.interruptedAtRow) : QJsonValue();
    return {{QStringLiteral("bytes"), ledger.bytes},
            {QStringLiteral("frames"), ledger.frames},
            {QStringLiteral("crc_errors"), ledger.crcErrors},
            {QStringLiteral("device_drops"), ledger.deviceDrops},
            {QStringLiteral("link_gaps"), ledger.linkGaps},
            {QStringLiteral("drift_ppm"), ledger.driftPpm},
            {QStringLiteral("reconnects"), ledger.reconnects},
            {QStringLiteral("interrupted_at_row"), atRow},
            {QStringLiteral("unknown_tail_ms"), ledger.unknownTailMs}};
}

class RecordCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("record"); }
    QString summary() const override { return QStringLiteral("Record from a board into a project"); }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab record --project gestures.ember --board mps2-an386 --feed walk.csv --duration 10s --label walk");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        auto* port = app.add_option("--port", m_port, "Link to a board: /dev/ttyACM0, tcp://host:port, unix:///path");
        auto* board = app.add_option("--board", m_board, "Emulated board; 'emberlab boards' lists them");
        port->excludes(board);
        app.add_option("--feed", m_feed, "Recording to play to the emulated board's sensor")->needs(board);
        app.add_option("--speed", m_speed, "How much faster than real time the feed is played")->capture_default_str();
        app.add_flag("--loop", m_loop, "Play the feed again when it ends");
        app.add_option("--baud", m_baud, "Serial speed")->capture_default_str();
        app.add_option("--format", m_format, "What the board speaks: auto or agent")->capture_default_str();
        app.add_option("--duration,-d", m_duration,
                       "How long, on the board's clock; without it until Ctrl+C or the feed's end");
        app.add_option("--label", m_label, "Label for the whole recording (default: the feed's own labels)");
        app.add_option("--label-set", m_labelSet, "Label set (default: label)");
        app.add_option("--group", m_group, "Group (subject, device or session)");
        app.add_option("--name", m_name, "Name of the recording");
        app.add_option("--notes", m_notes, "Free text kept with the recording");
        app.add_option("--raw-log", m_rawLog, "New file for every byte as it came");
        app.add_option("--reconnect", m_reconnect, "How long a lost link may stay away")->capture_default_str();
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const workflow::RecordRequest request, makeRequest(context));
        EMBER_TRY(const workflow::RecordOutcome outcome, workflow::record(request, hooksOf(context)));
        const dataset::Recording& recording = outcome.recording;
        Output output;
        output.result = {{QStringLiteral("recording"), recording.id.value},
                         {QStringLiteral("name"), recording.name},
                         {QStringLiteral("samples"), recording.rowCount},
                         {QStringLiteral("lost_samples"), recording.ledger.lostRows()},
                         {QStringLiteral("segments"), outcome.segments},
                         {QStringLiteral("rate_hz"), outcome.rateHz},
                         {QStringLiteral("state"), dataset::recordingStateName(recording.state)},
                         {QStringLiteral("ledger"), ledgerJson(recording.ledger)}};
        output.text = QStringLiteral("%1: %2 rows at %3 Hz, %4 lost, %5 segments")
                          .arg(recording.name, formatCount(recording.rowCount), QString::number(outcome.rateHz, 'f', 2),
                               formatCount(recording.ledger.lostRows()), QString::number(outcome.segments));
        output.problem = outcome.endedBy;
        return output;
    }

private:
    Result<workflow::RecordRequest> makeRequest(const Context& context) const
    {
        if (m_format != "auto" && m_format != "agent")
            return Error(ErrorKind::Usage, QStringLiteral("The format '%1' is not known.").arg(qs(m_format)),
                         QStringLiteral("Use auto or agent; import reads the files of other programs."));
        workflow::RecordRequest request;
        request.project = qs(m_project);
        request.source.port = qs(m_port);
        request.source.board = qs(m_board);
        request.source.baud = m_baud;
        request.source.speed = m_speed;
        request.source.loop = m_loop;
        if (!m_feed.empty()) {
            EMBER_TRY(workflow::FeedFile feed, workflow::loadFeed(qs(m_feed), context.cancel));
            request.source.feed = std::make_shared<const workflow::FeedFile>(std::move(feed));
        }
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

    std::string m_project, m_port, m_board, m_feed, m_duration, m_label, m_labelSet, m_group, m_name, m_notes, m_rawLog;
    std::string m_format = "auto";
    std::string m_reconnect = "5s";
    double m_speed = 1;
    int m_baud = 115200;
    bool m_loop = false;
};

} // namespace

std::unique_ptr<Command> makeRecordCommand()
{
    return std::make_unique<RecordCommand>();
}

} // namespace ember::cli
