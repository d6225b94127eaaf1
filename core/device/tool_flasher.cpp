// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/tool_flasher.h"

#include "core/base/process.h"
#include "core/device/flash_image.h"
#include "core/device/flash_steps.h"
#include "core/device/uf2.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

// Two megabytes over a slow serial line.
constexpr int kToolTimeoutMs = 600'000;
constexpr qsizetype kLongestLine = 4096;

QString fileName(FlashTool::Form form)
{
    switch (form) {
    case FlashTool::Form::Elf:
        return QStringLiteral("image.elf");
    case FlashTool::Form::Hex:
        return QStringLiteral("image.hex");
    case FlashTool::Form::Uf2:
        return QStringLiteral("image.uf2");
    case FlashTool::Form::Binary:
        break;
    }
    return QStringLiteral("image.bin");
}

} // namespace

struct ToolFlasher::Plan
{
    ElfImage elf;
    FlashImage image; ///< empty where the tool takes the ELF file
    QByteArray file;  ///< what the tool is given
    QString program;
    std::vector<QStringList> commands;
    qint64 bytes = 0;
};

FlasherInfo ToolFlasher::info() const
{
    FlasherInfo info;
    info.tool = QLatin1String(m_tool.method);
    info.requiredProgram = m_tool.programs.front();
    info.package = m_tool.package;
    info.needsPort = m_tool.needsPort;
    info.canVerify = m_tool.comparesFlash;
    return info;
}

Result<QString> ToolFlasher::program() const
{
    for (const QString& name : m_tool.programs) {
        if (programExists(name))
            return name;
    }
    return Error(ErrorKind::MissingTool, QStringLiteral("The program '%1' was not found.").arg(m_tool.programs.front()),
                 m_tool.getIt);
}

Result<ToolFlasher::Plan> ToolFlasher::plan(const FlashRequest& request) const
{
    Plan plan;
    EMBER_TRY(plan.elf, checkedImage(request, m_board));
    if (m_tool.needsPort) {
        EMBER_CHECK(needPort(request, m_board));
    }
    EMBER_TRY(plan.image, flashImageOfElf(request.image));
    const FlashJob job{m_board, portOrPlaceholder(request), fileName(m_tool.form), plan.image.base};
    EMBER_TRY(plan.commands, m_tool.commands(job));
    EMBER_TRY(plan.program, program());
    switch (m_tool.form) {
    case FlashTool::Form::Elf: {
        QFile file(request.image);
        if (!file.open(QIODevice::ReadOnly))
            return Error(ErrorKind::Io,
                         QStringLiteral("'%1' cannot be read: %2.").arg(request.image, file.errorString()));
        plan.file = file.readAll();
        break;
    }
    case FlashTool::Form::Hex:
        plan.file = toIntelHex(plan.image);
        break;
    case FlashTool::Form::Binary:
        plan.file = plan.image.bytes;
        break;
    case FlashTool::Form::Uf2: {
        EMBER_TRY(const quint32 family, uf2Family(m_board));
        plan.file = toUf2(plan.image, family);
        break;
    }
    }
    plan.bytes = plan.elf.loadableBytes();
    return plan;
}

Status ToolFlasher::run(const FlashRequest& request, const Plan& plan) const
{
    QTemporaryDir folder;
    if (!folder.isValid())
        return Error(ErrorKind::Io, QStringLiteral("No temporary folder can be made: %1.").arg(folder.errorString()));
    EMBER_CHECK(writeWholeFile(folder.filePath(fileName(m_tool.form)), plan.file));
    const FlashJob job{m_board, request.port, fileName(m_tool.form), plan.image.base};
    for (const QStringList& arguments : plan.commands) {
        FlashProgress progress(m_tool, plan.bytes, request.onEvent);
        QByteArray said;
        const auto hear = [&](const QByteArray& bytes) {
            said += bytes;
            progress.feed(bytes);
        };
        ProcessRequest run;
        run.program = plan.program;
        run.arguments = arguments;
        run.installHint = m_tool.getIt;
        run.workingDirectory = folder.path();
        run.timeoutMs = kToolTimeoutMs;
        run.maxOutputBytes = 1024 * 1024;
        run.onOutputBytes = hear;
        run.onErrorBytes = hear;
        tell(request, Stage::Write, 0, plan.bytes, plan.program + QLatin1Char(' ') + arguments.join(QLatin1Char(' ')));
        const auto outcome = runProcess(run, request.cancel);
        if (!outcome && outcome.error().kind == ErrorKind::Cancelled)
            return Error(ErrorKind::Cancelled, QStringLiteral("Flashing was cancelled."),
                         QStringLiteral("The board may hold half an image now; flash it again."));
        if (!outcome)
            return outcome.error();
        if (outcome->exitCode == 0)
            continue;
        if (const auto known = m_tool.explain(said, job))
            return *known;
        return Error(ErrorKind::Failed, QStringLiteral("%1 could not flash %2.").arg(plan.program, m_board.name),
                     lastWords(said));
    }
    return {};
}

Result<FlashReport> ToolFlasher::flash(const FlashRequest& request)
{
    QElapsedTimer clock;
    clock.start();
    EMBER_TRY(const Plan plan, this->plan(request));
    FlashReport report;
    report.tool = QLatin1String(m_tool.method);
    report.bytes = plan.bytes;
    report.buildId = plan.elf.buildId;
    for (const QStringList& arguments : plan.commands)
        report.commands.push_back(QStringList(plan.program) + arguments);
    if (!request.dryRun) {
        if (!request.port.isEmpty()) {
            EMBER_CHECK(checkPort(request.port, m_tool.needsPort));
        }
        EMBER_CHECK(run(request, plan));
        report.compared = m_tool.comparesFlash;
        if (!request.port.isEmpty()) {
            EMBER_TRY(report.verified, runsBuild(request, plan.elf.buildId));
        }
    }
    report.seconds = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    return report;
}

FlashProgress::FlashProgress(const FlashTool& tool, qint64 total, std::function<void(const FlashEvent&)> sink)
    : m_tool(tool)
    , m_total(total)
    , m_sink(std::move(sink))
{}

void FlashProgress::feed(const QByteArray& bytes)
{
    for (const char c : bytes) {
        if (c == '\n' || c == '\r')
            line();
        else if (m_line.size() < kLongestLine)
            m_line += c;
    }
}

// A bar behind a word about verifying belongs to it, whatever it looks like.
void FlashProgress::line()
{
    auto event = m_tool.progress(m_line, m_total);
    m_line.clear();
    if (!event)
        return;
    event->done = std::clamp<qint64>(event->done, 0, m_total);
    m_verifying = m_verifying || event->stage == Stage::Verify;
    if (m_verifying && event->stage == Stage::Write)
        event->stage = Stage::Verify;
    if (m_sink)
        m_sink(*event);
}

} // namespace ember::device
