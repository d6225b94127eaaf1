// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/features/program/plan_program.h"

#include "core/base/process.h"
#include "device-agent/runtime/real.hpp"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>

namespace ember::features::testing {
namespace {

const QString kSourceRoot = QStringLiteral(EMBERLAB_SOURCE_ROOT);
const QString kProgramFolder = kSourceRoot + QStringLiteral("/tests/features/program/");

QStringList warningFlags()
{
    return {QStringLiteral("-std=c++14"),
            QStringLiteral("-Wall"),
            QStringLiteral("-Wextra"),
            QStringLiteral("-Wconversion"),
            QStringLiteral("-Wshadow"),
            QStringLiteral("-Werror"),
            QStringLiteral("-fno-exceptions"),
            QStringLiteral("-fno-rtti"),
            QStringLiteral("-I") + kSourceRoot + QStringLiteral("/device-agent/runtime")};
}

QString windowBytes(const std::vector<QByteArray>& windows)
{
    QString text;
    for (const QByteArray& window : windows) {
        for (qsizetype i = 0; i < window.size(); ++i)
            text += QString::number(static_cast<unsigned char>(window[i])) +
                    (i % 32 == 31 ? QStringLiteral(",\n") : QStringLiteral(","));
    }
    return text;
}

Status writeText(const QString& path, const QString& text)
{
    QFile file(path);
    if (!file.open(QFile::WriteOnly) || file.write(text.toUtf8()) < 0)
        return Error(ErrorKind::Io, QStringLiteral("Cannot write '%1'.").arg(path));
    return {};
}

Result<QStringList> outputLines(const ProcessRequest& request)
{
    EMBER_TRY(const ProcessOutcome outcome, runProcessChecked(request));
    return QString::fromLatin1(outcome.standardOutput).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

Result<QString> compile(const QTemporaryDir& folder, const QString& program, const QString& compiler,
                        const QStringList& flags, const QString& platform, const QStringList& linkFlags)
{
    const QString source = folder.filePath(QStringLiteral("program.cpp"));
    const QString binary = folder.filePath(QStringLiteral("program.elf"));
    EMBER_CHECK(writeText(source, program));
    ProcessRequest request;
    request.program = compiler;
    request.arguments = warningFlags() + flags +
                        QStringList{source, kProgramFolder + platform, QStringLiteral("-o"), binary} + linkFlags;
    request.timeoutMs = 300'000;
    EMBER_CHECK(runProcessChecked(request));
    return binary;
}

} // namespace

QString programText(const ExtractionPlan& plan, const std::vector<QByteArray>& windows, bool ticks)
{
    const PlanSource source = printPlan(plan);
    QString text;
    for (const QString& header : source.headers)
        text += QStringLiteral("#include \"%1\"\n").arg(header);
    text += QStringLiteral("extern \"C\" { void put(const char* text); uint32_t ticks(); void program(); }\n"
                           "namespace {\n") +
            source.tables;
    text += QStringLiteral("const unsigned char kWindows[] = {\n%1};\n").arg(windowBytes(windows));
    text += QStringLiteral("%1 window[%2];\nfloat features[%3];\nfloat scratch[%4];\n")
                .arg(source.sampleType)
                .arg(plan.windowRows * plan.channels)
                .arg(plan.features)
                .arg(plan.scratchFloats);
    text += QStringLiteral("__attribute__((noinline)) void extractFeatures()\n{\n%1}\n").arg(source.body);
    text += QStringLiteral(R"cpp(
void putHex(uint32_t value, const char* after)
{
    char text[9] = {};
    for (int i = 0; i < 8; ++i)
        text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 0xFu];
    put(text);
    put(after);
}
} // namespace
extern "C" void program()
{
    for (size_t w = 0; w < %1; ++w) {
        __builtin_memcpy(window, kWindows + w * sizeof window, sizeof window);
        const uint32_t begin = ticks();
        extractFeatures();
        const uint32_t end = ticks();
%2    }
}
)cpp")
                .arg(windows.size())
                .arg(ticks ? QStringLiteral("        putHex((end - begin) & 0x00FFFFFFu, \"\\n\");\n")
                           : QStringLiteral("        (void)begin;\n        (void)end;\n"
                                            "        for (size_t i = 0; i < %1; ++i)\n"
                                            "            putHex(ember::runtime::bitsOf(features[i]), i + 1 == %1 ? "
                                            "\"\\n\" : \" \");\n")
                                 .arg(plan.features));
    return text;
}

Result<QStringList> expectedLines(const PlanCase& planCase)
{
    EMBER_TRY(Extractor extractor, Extractor::make(planCase.pipeline));
    std::vector<float> features(static_cast<std::size_t>(extractor.featureCount()));
    QStringList lines;
    for (const QByteArray& window : planCase.windows) {
        EMBER_CHECK(extractor.extract(window, features));
        QStringList words;
        for (float value : features)
            words << QStringLiteral("%1").arg(runtime::bitsOf(value), 8, 16, QLatin1Char('0'));
        lines << words.join(QLatin1Char(' '));
    }
    return lines;
}

Result<BoardTarget> boardTarget(const QString& id)
{
    QFile file(kSourceRoot + QStringLiteral("/resources/boards/%1.json").arg(id));
    if (!file.open(QFile::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("Cannot read '%1'.").arg(file.fileName()));
    const QJsonObject json = QJsonDocument::fromJson(file.readAll()).object();
    BoardTarget target;
    target.id = id;
    target.family = json[QLatin1String("toolchain")][QLatin1String("family")].toString();
    target.emulator = json[QLatin1String("emulator")][QLatin1String("program")].toString();
    const QJsonArray flags = json[QLatin1String("toolchain")][QLatin1String("flags")].toArray();
    for (const QJsonValue& flag : flags)
        target.flags << flag.toString();
    if (target.family.startsWith(QLatin1String("riscv"))) {
        // The conformance windows need more memory than the board has; its code computes the same on the larger
        // machine.
        target.machine = {QStringLiteral("-M"), QStringLiteral("virt"), QStringLiteral("-bios"),
                          QStringLiteral("none")};
        target.platform = QStringLiteral("platform_riscv.cpp");
        target.flashBase = 0x80000000u;
        target.ramBase = 0x80400000u;
        return target;
    }
    target.machine = {QStringLiteral("-M"), json[QLatin1String("emulator")][QLatin1String("machine")].toString()};
    target.platform = QStringLiteral("platform_arm.cpp");
    // Code and data memory of the machines; the AN505 starts in the secure world, whose aliases these are.
    const bool secure = id == QStringLiteral("mps2-an505");
    target.flashBase = secure ? 0x10000000u : 0u;
    target.ramBase = secure ? 0x38000000u : 0x20000000u;
    return target;
}

Result<QStringList> runOnHost(const QString& program, const QString& compiler, const QStringList& flags)
{
    QTemporaryDir folder;
    EMBER_TRY(const QString binary, compile(folder, program, compiler, flags, QStringLiteral("platform_host.cpp"), {}));
    ProcessRequest request;
    request.program = binary;
    return outputLines(request);
}

Result<QStringList> runOnBoard(const QString& program, const BoardTarget& board, const QStringList& flags,
                               int icountShift)
{
    QTemporaryDir folder;
    const QStringList link = {QStringLiteral("-nostdlib"), QStringLiteral("-Wl,--gc-sections"),
                              QStringLiteral("-Wl,--defsym=flashBase=%1").arg(board.flashBase),
                              QStringLiteral("-Wl,--defsym=ramBase=%1").arg(board.ramBase), QStringLiteral("-T"),
                              kProgramFolder + QStringLiteral("board.ld"),
                              // No -lm: a kernel that needs the mathematics library does not link.
                              QStringLiteral("-lc"), QStringLiteral("-lgcc")};
    EMBER_TRY(const QString binary, compile(folder, program, board.family + QStringLiteral("-g++"), board.flags + flags,
                                            board.platform, link));
    ProcessRequest request;
    request.program = board.emulator;
    request.arguments = board.machine;
    request.arguments << QStringList{QStringLiteral("-display"),
                                     QStringLiteral("none"),
                                     QStringLiteral("-monitor"),
                                     QStringLiteral("none"),
                                     QStringLiteral("-serial"),
                                     QStringLiteral("none"),
                                     QStringLiteral("-chardev"),
                                     QStringLiteral("stdio,id=out"),
                                     QStringLiteral("-semihosting-config"),
                                     QStringLiteral("enable=on,target=native,chardev=out"),
                                     QStringLiteral("-kernel"),
                                     binary};
    if (icountShift >= 0)
        request.arguments << QStringLiteral("-icount") << QStringLiteral("shift=%1").arg(icountShift);
    request.timeoutMs = 300'000;
    return outputLines(request);
}

} // namespace ember::features::testing
