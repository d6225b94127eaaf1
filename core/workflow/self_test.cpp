// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/self_test.h"

#include "core/codegen/bundle/self_test.h"
#include "core/footprint/board_run.h"
#include "core/workflow/board_source.h"

#include <bit>

namespace ember::workflow {
namespace {

constexpr int kOpenTimeoutMs = 30'000;

double valueOf(quint32 bits, signal::SampleType type)
{
    return type == signal::SampleType::Float32 ? static_cast<double>(std::bit_cast<float>(bits))
                                               : static_cast<double>(static_cast<qint32>(bits));
}

QString differenceText(const wire::SelfTestReport& report, const codegen::LoweredModel& model)
{
    if (report.wrong == 0)
        return {};
    const auto className = [&](quint16 index) { return model.classNames.value(index, QString::number(index)); };
    const QString where = QStringLiteral("input %1: ").arg(report.vector);
    if (report.output == wire::SelfTestReport::kNone)
        return where + QStringLiteral("class %1, and %2 is stored")
                           .arg(className(report.winner), className(report.storedWinner));
    return where + QStringLiteral("output %1 is %2, and %3 is stored")
                       .arg(report.output)
                       .arg(valueOf(report.bits, model.outputType), 0, 'g', 9)
                       .arg(valueOf(report.storedBits, model.outputType), 0, 'g', 9);
}

Result<SelfTestOutcome> ask(device::AgentSession& session, const Deployment& deployment)
{
    EMBER_CHECK(footprint::requireModel(session, deployment.program));
    if (!session.description().can(QStringLiteral("self-test")))
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The firmware of the board carries no inputs for a self-test."),
                     QStringLiteral("Flash the model again; where the board has room for them, they come with it."));
    SelfTestOutcome outcome;
    EMBER_TRY(outcome.report, session.selfTest());
    outcome.board = session.description().board;
    outcome.firstDifference = differenceText(outcome.report, deployment.program.model());
    return outcome;
}

Result<SelfTestOutcome> askBuilt(const Deployment& deployment, const DeploymentInputs& inputs, const Hooks& hooks)
{
    EMBER_TRY(const footprint::EncodedInputs encoded, footprint::encodeInputs(deployment.program, inputs.inputs));
    if (encoded.windows != deployment.program.model().pipeline.has_value())
        return Error(ErrorKind::Usage, QStringLiteral("The self-test of a model of windows is made from windows."),
                     QStringLiteral("Give (rows, window rows, channels) with --input, or a model in its project."));
    EMBER_CHECK(checkDeployment(deployment));
    footprint::BoardRun::Options options{hooks.progress, hooks.cancel, {}};
    const qint64 room = codegen::selfTestRoom(deployment.board.flashBytes);
    EMBER_TRY(options.selfTest, codegen::storedVectors(deployment.program, encoded.rows, room));
    if (options.selfTest.count == 0)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("One input takes %1 bytes; a self-test may take %2 of the flash of %3.")
                         .arg(encoded.rows.front().size())
                         .arg(room)
                         .arg(deployment.board.name),
                     QStringLiteral("Verify without --self-test: the inputs are sent over the link then."));
    EMBER_TRY(const std::unique_ptr<footprint::BoardRun> run,
              footprint::BoardRun::start(deployment.program, deployment.board, options));
    return ask(run->session(), deployment);
}

} // namespace

Result<SelfTestOutcome> runSelfTest(const Deployment& deployment, SelfTestPlace place, const QString& port,
                                    const DeploymentInputs& inputs, const Hooks& hooks)
{
    if (place == SelfTestPlace::Built)
        return askBuilt(deployment, inputs, hooks);
    BoardSource source;
    if (place == SelfTestPlace::Port)
        source.port = port;
    else
        source.board = deployment.board.id;
    EMBER_TRY(const BoardLink link, startBoard(source, hooks));
    EMBER_TRY(const std::unique_ptr<device::AgentSession> session,
              device::AgentSession::open(link.address, kOpenTimeoutMs, link.transport, hooks.cancel));
    return ask(*session, deployment);
}

QJsonObject toJson(const SelfTestOutcome& outcome)
{
    return {{QStringLiteral("board"), outcome.board},
            {QStringLiteral("vectors"), outcome.report.vectors},
            {QStringLiteral("wrong"), outcome.report.wrong},
            {QStringLiteral("passed"), outcome.passed()},
            {QStringLiteral("first_difference"), outcome.firstDifference}};
}

} // namespace ember::workflow
