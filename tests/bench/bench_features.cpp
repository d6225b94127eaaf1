// SPDX-License-Identifier: GPL-3.0-or-later
// bench_features [BOARD ...]: instructions of the transform of 1024 real samples, ours in floats and in fixed point and
// a textbook's in plain C, same compiler and emulator; of each block and stage, beside its estimate; and the time of
// the transform on this computer beside KissFFT's.
#include "core/base/process.h"
#include "core/base/quantity.h"
#include "core/features/block.h"
#include "core/features/cost.h"
#include "core/features/fft_tables.h"
#include "core/features/mel_tables.h"
#include "device-agent/runtime/fft.hpp"
#include "device-agent/runtime/fixed_fft.hpp"
#include "tests/features/program/plan_program.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QTextStream>

#include <cmath>
#include <numbers>

#ifdef EMBERLAB_HAS_KISSFFT
#include <kissfft/kiss_fftr.h>
#endif

using namespace ember;
using namespace ember::features;
using namespace ember::features::testing;

namespace {

constexpr int kPoints = 1024;
// SysTick counts at 25 MHz on these boards; with shift 5 an instruction takes 32 ns.
constexpr int kShift = 5;
constexpr double kInstructionsPerTick = 40.0 / 32.0;

std::vector<float> testSamples()
{
    std::vector<float> x(kPoints);
    for (int i = 0; i < kPoints; ++i)
        x[static_cast<std::size_t>(i)] = static_cast<float>(std::sin(0.07 * i) + 0.3 * std::cos(1.3 * i));
    return x;
}

template <typename T>
QString list(const char* type, const char* name, const std::vector<T>& values)
{
    QStringList items;
    for (T value : values)
        items << (std::is_same_v<T, float> ? floatLiteral(static_cast<float>(value)) : QString::number(value));
    return QStringLiteral("const %1 %2[] = {%3};\n")
        .arg(QLatin1String(type), QLatin1String(name), items.join(QStringLiteral(", ")));
}

/// A program that times one call. The others' sources are read from this folder.
QString timedProgram(const QString& declarations, const QString& prepare, const QString& call)
{
    return declarations + QStringLiteral(R"cpp(
extern "C" { void put(const char* text); unsigned long ticks(); void program(); }
__attribute__((noinline)) void timed() { %2 }
extern "C" void program()
{
    %1
    const unsigned long begin = ticks();
    timed();
    const unsigned long taken = (ticks() - begin) & 0x00FFFFFFu;
    char text[10] = {};
    for (int i = 0; i < 8; ++i)
        text[i] = "0123456789abcdef"[taken >> (28 - 4 * i) & 0xFu];
    text[8] = '\n';
    put(text);
}
)cpp")
                              .arg(prepare, call);
}

QString floatProgram()
{
    return timedProgram(
        QStringLiteral("#include \"fft.hpp\"\n") + list("float", "samples", testSamples()) +
            list("float", "sine", sineTable(kPoints)) + QStringLiteral("float z[%1];\n").arg(kPoints),
        QStringLiteral("__builtin_memcpy(z, samples, sizeof z);"),
        QStringLiteral("ember::runtime::realFft(reinterpret_cast<ember::runtime::Complex*>(z), %1, sine);")
            .arg(kPoints));
}

QString fixedProgram()
{
    std::vector<qint16> samples;
    for (float value : testSamples())
        samples.push_back(static_cast<qint16>(std::lround(value * 24'000.0f)));
    return timedProgram(
        QStringLiteral("#include \"fixed_fft.hpp\"\n") + list("int16_t", "samples", samples) +
            list("int16_t", "sine", sineTableQ15(kPoints)) +
            QStringLiteral("float scratch[%1];\nvolatile int32_t exponent;\n").arg(kPoints / 2),
        QStringLiteral("__builtin_memcpy(scratch, samples, sizeof samples);"),
        QStringLiteral(
            "exponent = ember::runtime::fixedRealFft(reinterpret_cast<ember::runtime::FixedComplex*>(scratch), "
            "%1, sine, 40000);")
            .arg(kPoints));
}

QString textbookProgram()
{
    std::vector<float> cosine(kPoints);
    std::vector<float> sine(kPoints);
    for (int i = 0; i < kPoints; ++i) {
        const double angle = 2.0 * std::numbers::pi * i / kPoints;
        cosine[static_cast<std::size_t>(i)] = static_cast<float>(std::cos(angle));
        sine[static_cast<std::size_t>(i)] = static_cast<float>(std::sin(angle));
    }
    return timedProgram(
        QStringLiteral("#include \"%1/tests/bench/textbook_fft.h\"\n").arg(QStringLiteral(EMBERLAB_SOURCE_ROOT)) +
            list("float", "samples", testSamples()) + list("float", "cosine", cosine) + list("float", "sine", sine) +
            QStringLiteral("float re[%1], im[%1];\n").arg(kPoints / 2),
        QStringLiteral("for (int i = 0; i < %1; ++i) { re[i] = samples[2 * i]; im[i] = samples[2 * i + 1]; }")
            .arg(kPoints / 2),
        QStringLiteral("textbook_real_fft(re, im, %1, cosine, sine);").arg(kPoints / 2));
}

Result<double> countOf(const QString& program, const BoardTarget& board, const QStringList& flags)
{
    EMBER_TRY(const QStringList lines, runOnBoard(program, board, flags, kShift));
    double mean = 0;
    for (const QString& line : lines)
        mean += line.toUInt(nullptr, 16) * kInstructionsPerTick / static_cast<double>(lines.size());
    return mean;
}

Status transforms(const std::vector<BoardTarget>& boards, QTextStream& out)
{
    out << "Instructions of the transform of " << kPoints << " real samples\n";
    const std::vector<std::pair<const char*, QString>> contestants = {
        {"float", floatProgram()}, {"fixed point", fixedProgram()}, {"textbook, plain C", textbookProgram()}};
    for (const char* flags : {"-Os", "-O2"}) {
        for (const auto& [name, program] : contestants) {
            out << qSetFieldWidth(24) << Qt::left
                << QStringLiteral("%1 %2").arg(QLatin1String(name), QLatin1String(flags)) << qSetFieldWidth(14)
                << Qt::right;
            for (const BoardTarget& board : boards) {
                EMBER_TRY(const double count, countOf(program, board, {QLatin1String(flags)}));
                out << formatCount(std::llround(count));
            }
            out << qSetFieldWidth(0) << Qt::endl;
        }
    }
    return {};
}

struct BlockCase
{
    const char* name;
    bool sound;
    const char* blocks;
};

const BlockCase kCases[] = {
    {"statistics", false, R"([{"block": "statistics", "channels": [0]}])"},
    {"zero-crossings, crest", false,
     R"([{"block": "statistics", "channels": [0], "parameters": {"statistics": ["zero-crossings", "crest"]}}])"},
    {"spectrum", false, R"([{"block": "spectrum", "channels": [0]}])"},
    {"magnitude", false, R"([{"block": "magnitude", "channels": [0, 1, 2]}])"},
    {"correlation", false, R"([{"block": "correlation", "channels": [0, 1]}])"},
    {"quantiles", false, R"([{"block": "quantiles", "channels": [0]}])"},
    {"histogram", false, R"([{"block": "histogram", "channels": [0]}])"},
    {"autocorrelation", false, R"([{"block": "autocorrelation", "channels": [0]}])"},
    {"tones", false, R"([{"block": "tones", "channels": [0], "parameters": {"frequency": 10, "harmonics": 4}}])"},
    {"wavelet haar", false, R"([{"block": "wavelet", "channels": [0]}])"},
    {"wavelet db4", false, R"([{"block": "wavelet", "channels": [0], "parameters": {"wavelet": "db4"}}])"},
    {"tilt", false, R"([{"block": "tilt", "channels": [0, 1, 2]}])"},
    {"filter of order 4", false,
     R"([{"stage": "filter", "channels": [0], "parameters": {"order": 4}}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"filter of order 1", false,
     R"([{"stage": "filter", "channels": [0], "parameters": {"order": 1}}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"high-pass of order 6", false,
     R"([{"stage": "filter", "channels": [0], "parameters": {"order": 6, "kind": "high-pass"}}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"high-pass of order 2", false,
     R"([{"stage": "filter", "channels": [0], "parameters": {"order": 2, "kind": "high-pass"}}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"low-pass of order 6", false,
     R"([{"stage": "filter", "channels": [0], "parameters": {"order": 6}}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"remove-mean", false,
     R"([{"stage": "remove-mean", "channels": [0]}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"gravity", false,
     R"([{"stage": "gravity", "channels": [0]}, {"block": "statistics", "channels": [0, 3], "parameters": {"statistics": ["mean"]}}])"},
    {"four filters", false,
     R"([{"stage": "gravity", "channels": [0, 1]}, {"stage": "filter", "channels": [0], "parameters": {"kind": "high-pass", "order": 6}}, {"block": "statistics", "channels": [0, 1, 3, 4], "parameters": {"statistics": ["mean"]}}])"},
    {"median", false,
     R"([{"stage": "median", "channels": [0]}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"fir", false,
     R"([{"stage": "fir", "channels": [0]}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"decimate", false,
     R"([{"stage": "decimate"}, {"block": "statistics", "channels": [0], "parameters": {"statistics": ["mean"]}}])"},
    {"mel, float", true, R"([{"block": "audio", "channels": [0], "parameters": {"output": "mel"}}])"},
    {"log-mel, float", true, R"([{"block": "audio", "channels": [0], "parameters": {"output": "log-mel"}}])"},
    {"MFCC, float", true, R"([{"block": "audio", "channels": [0]}])"},
    {"PCEN", true, R"([{"block": "audio", "channels": [0], "parameters": {"output": "pcen"}}])"},
    {"noise removal", true,
     R"([{"block": "audio", "channels": [0], "parameters": {"output": "mel", "noise": "subtract"}}])"},
    {"log-mel, fixed", true,
     R"([{"block": "audio", "channels": [0], "parameters": {"output": "log-mel", "arithmetic": "fixed"}}])"},
    {"MFCC, fixed", true, R"([{"block": "audio", "channels": [0], "parameters": {"arithmetic": "fixed"}}])"},
    {"MFCC, 1024, fixed", true,
     R"([{"block": "audio", "channels": [0], "parameters": {"arithmetic": "fixed", "fft-size": 1024}}])"},
};

signal::StreamSpec streamFor(bool sound)
{
    signal::StreamSpec stream;
    stream.name = QStringLiteral("bench");
    stream.type = signal::SampleType::Int16;
    stream.rateHz = sound ? 16'000 : 100;
    for (const char* name : {"x", "y", "z"}) {
        if (!sound || name[0] == 'x')
            stream.channels.push_back({QString::fromLatin1(name), QString(), 1.0 / 4096, 0.0});
    }
    return stream;
}

QByteArray windowFor(const Pipeline& pipeline)
{
    QByteArray bytes;
    quint32 random = 1;
    for (int row = 0; row < pipeline.windowRows; ++row) {
        for (std::size_t c = 0; c < pipeline.stream.channels.size(); ++c) {
            random = random * 1664525u + 1013904223u;
            const double value = 9000 * std::sin(0.21 * row + static_cast<double>(c)) + 3000 * std::cos(1.7 * row) +
                                 static_cast<double>(random >> 20);
            const auto sample = static_cast<qint16>(std::lround(value));
            bytes.append(reinterpret_cast<const char*>(&sample), sizeof sample);
        }
    }
    return bytes;
}

CpuClass cpuOf(const BoardTarget& board)
{
    return board.id == QStringLiteral("mps2-m0")      ? CpuClass::FloatLibraryArmV6
           : board.id == QStringLiteral("mps2-an385") ? CpuClass::FloatLibrary
                                                      : CpuClass::FloatHardware;
}

Status blocks(const std::vector<BoardTarget>& boards, QTextStream& out)
{
    out << "\nInstructions of blocks and stages (-Os), and what the estimate is off; 256 rows, of sound 1024\n";
    for (const BlockCase& each : kCases) {
        const int rows = each.sound ? 1024 : 256;
        EMBER_TRY(const Pipeline pipeline, pipelineFromText(each.blocks, streamFor(each.sound), rows, rows));
        EMBER_TRY(const ExtractionPlan plan, planFor(pipeline));
        out << qSetFieldWidth(24) << Qt::left << QLatin1String(each.name) << qSetFieldWidth(14) << Qt::right;
        for (const BoardTarget& board : boards) {
            EMBER_TRY(const double count, countOf(programText(plan, {windowFor(pipeline)}, true), board,
                                                  {QStringLiteral("-Os"), QStringLiteral("-ffunction-sections")}));
            const double estimate = estimateExtraction(plan, cpuOf(board)).instructions;
            out << formatCount(std::llround(count))
                << QStringLiteral("%1 %").arg(100 * (estimate / count - 1), 0, 'f', 1);
        }
        out << qSetFieldWidth(0) << Qt::endl;
    }
    return {};
}

/// Microseconds of one run, the best of several batches.
template <typename Run>
double timeOf(Run run)
{
    double best = 1e9;
    for (int batch = 0; batch < 20; ++batch) {
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 500; ++i)
            run();
        best = std::min(best, static_cast<double>(timer.nsecsElapsed()) / 500e3);
    }
    return best;
}

void onThisComputer(QTextStream& out)
{
    const std::vector<float> samples = testSamples();
    const std::vector<float> sine = sineTable(kPoints);
    std::vector<float> z(kPoints);
    out << "\nMicroseconds of the transform of " << kPoints << " real samples on this computer\n";
    out << "float                   " << timeOf([&] {
        std::copy(samples.begin(), samples.end(), z.begin());
        runtime::realFft(reinterpret_cast<runtime::Complex*>(z.data()), kPoints, sine.data());
    }) << Qt::endl;
#ifdef EMBERLAB_HAS_KISSFFT
    kiss_fftr_cfg plan = kiss_fftr_alloc(kPoints, 0, nullptr, nullptr);
    std::vector<kiss_fft_cpx> bins(kPoints / 2 + 1);
    out << "KissFFT                 " << timeOf([&] { kiss_fftr(plan, samples.data(), bins.data()); }) << Qt::endl;
    kiss_fftr_free(plan);
#else
    out << "KissFFT                 not installed (libkissfft-dev)" << Qt::endl;
#endif
}

Status run(QStringList ids, QTextStream& out)
{
    if (ids.isEmpty())
        ids = QStringList{QStringLiteral("mps2-an386"), QStringLiteral("mps2-an385"), QStringLiteral("mps2-m0")};
    std::vector<BoardTarget> boards;
    out << qSetFieldWidth(24) << QString() << qSetFieldWidth(14) << Qt::right;
    for (const QString& id : ids) {
        EMBER_TRY(BoardTarget board, boardTarget(id));
        boards.push_back(std::move(board));
        out << id;
    }
    out << qSetFieldWidth(0) << Qt::endl;
    EMBER_CHECK(transforms(boards, out));
    EMBER_CHECK(blocks(boards, out));
    onThisComputer(out);
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    QStringList ids;
    for (int i = 1; i < argc; ++i)
        ids << QString::fromLocal8Bit(argv[i]);
    QTextStream out(stdout);
    const Status status = run(ids, out);
    if (!status)
        QTextStream(stderr) << status.error().toString() << Qt::endl;
    return status ? 0 : 1;
}
