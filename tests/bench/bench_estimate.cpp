// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what the cost formulas say beside what linked images and emulated boards show, for forests of several sizes,
// windowed models, classic models and int8 networks, and the errors of the formulas. Arguments: board ids (default: all
// with an emulator), and the word "networks" for those alone, or with files (.tflite, .onnx) of more of them.
#include "core/device/board.h"
#include "core/footprint/estimate.h"
#include "core/footprint/profile.h"
#include "tests/codegen/sample_classic.h"
#include "tests/codegen/sample_models.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

using namespace ember;
using namespace ember::footprint;
using namespace ember::codegen::test;
using codegen::FeatureType;
using codegen::HostProgram;
using codegen::Optimise;
using codegen::Vote;

namespace {

struct Case
{
    QString name;
    model::Model model;
    codegen::Options options;
    Inputs inputs;
};

/// Relative errors.
struct ErrorSum
{
    std::vector<double> errors;

    void add(double estimated, double actual)
    {
        errors.push_back(std::abs(estimated - actual) / std::max(actual, 1.0));
    }
    void print(const char* what)
    {
        if (errors.empty())
            return;
        std::sort(errors.begin(), errors.end());
        std::printf("%-14s median error %5.1f %%   worst %5.1f %%   of %zu\n", what, errors[errors.size() / 2] * 100,
                    errors.back() * 100, errors.size());
    }
};

FeatureRows rowsOf(const char* file, std::size_t columns)
{
    FeatureRows rows{tableOf(QString::fromLatin1(file)), columns};
    rows.values.resize(std::min(rows.values.size(), 60 * columns));
    return rows;
}

void addForest(std::vector<Case>& cases, const char* file, const FeatureRows& rows, FeatureType type)
{
    const auto model = model::loadModel(modelPath(QString::fromLatin1(file) + QStringLiteral(".onnx")));
    if (!model) {
        std::fprintf(stderr, "%s\n", qPrintable(model.error().toString()));
        return;
    }
    for (const Optimise optimise : {Optimise::Size, Optimise::Speed}) {
        for (const Vote vote : {Vote::Soft, Vote::Hard}) {
            const QString name = QStringLiteral("%1 %2 %3 %4")
                                     .arg(QLatin1String(file), codegen::featureTypeName(type),
                                          codegen::optimiseName(optimise), codegen::voteName(vote));
            cases.push_back({name, *model, {.featureType = type, .vote = vote, .optimise = optimise}, rows});
        }
    }
}

void addNetwork(std::vector<Case>& cases, const QString& path)
{
    const auto model = model::loadModel(path);
    const auto lowered = model ? codegen::lower(*model) : Result<codegen::LoweredModel>(model.error());
    if (!lowered) {
        std::fprintf(stderr, "%s: %s\n", qPrintable(path), qPrintable(lowered.error().toString()));
        return;
    }
    FeatureRows row{std::vector<float>(lowered->featureCount), lowered->featureCount};
    for (std::size_t i = 0; i < row.columns; ++i)
        row.values[i] = static_cast<float>(static_cast<int>((i * 37 + 11) & 0xFF) - 128);
    for (const Optimise optimise : {Optimise::Size, Optimise::Speed})
        cases.push_back({QFileInfo(path).baseName().left(28) + QLatin1Char(' ') + codegen::optimiseName(optimise),
                         *model,
                         {.optimise = optimise},
                         row});
}

std::vector<Case> networkCases(const QStringList& more)
{
    std::vector<Case> cases;
    for (const char* name : {"hello_world_int8", "micro_speech_quantized", "mlperf_tiny_kws_int8"})
        addNetwork(cases, QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/%1.tflite").arg(QLatin1String(name)));
    for (const QString& path : more)
        addNetwork(cases, path);
    return cases;
}

/// Classic models, in floats, and in integers where they have such kernels.
void addClassic(std::vector<Case>& cases)
{
    for (const ClassicSample& sample : classicSamples()) {
        for (const Optimise optimise : {Optimise::Size, Optimise::Speed}) {
            for (const FeatureType type : {FeatureType::Float32, FeatureType::Int16}) {
                const FeatureRows rows{classicRows(sample.model, 25, type == FeatureType::Int16, 4),
                                       static_cast<std::size_t>(sample.model.graph.inputs.front().shape.back())};
                const QString name = QStringLiteral("%1 %2 %3").arg(
                    sample.name, codegen::featureTypeName(type), codegen::optimiseName(optimise));
                cases.push_back({name, sample.model, {.featureType = type, .optimise = optimise}, rows});
            }
        }
    }
}

std::vector<Case> allCases()
{
    const FeatureRows digits = rowsOf("digits_test_X_int32.npy", 64);
    const FeatureRows iris = rowsOf("rf_iris.iris_input.npy", 4);
    std::vector<Case> cases;
    for (const char* file : {"digits_dt8", "digits_rf10", "digits_et10"}) {
        addForest(cases, file, digits, FeatureType::Int16);
        addForest(cases, file, digits, FeatureType::Float32);
    }
    addForest(cases, "rf_iris", iris, FeatureType::Float32);
    addClassic(cases);
    for (const int rows : {50, 100, 200}) {
        const features::Pipeline pipeline = motionPipeline(rows, rows);
        const std::vector<QByteArray> windows = motionWindows(1, 20, rows);
        for (const Optimise optimise : {Optimise::Size, Optimise::Speed})
            cases.push_back({QStringLiteral("motion, %1 rows, %2").arg(rows).arg(codegen::optimiseName(optimise)),
                             windowModel(pipeline, windows, 3),
                             {.optimise = optimise},
                             WindowRows{windows}});
    }
    return cases;
}

double valueOf(const OptionalCost& cost)
{
    return cost.cost ? cost.cost->value : std::nan("");
}

Status runCase(const Case& c, const device::Board& board, std::map<QString, ErrorSum>& errors)
{
    EMBER_TRY(codegen::LoweredModel lowered, codegen::lower(c.model, c.options));
    EMBER_TRY(const HostProgram program, HostProgram::make(std::move(lowered)));
    EMBER_TRY(const ModelCost actual, profile(program, board, c.inputs));
    EMBER_TRY(const ModelCost guess, estimate(program.model(), board));
    std::printf("%-10s %-36s %7.0f %7.0f  %6.0f %6.0f  %8.0f %8.0f\n", qPrintable(board.id), qPrintable(c.name),
                guess.flashBytes.value, actual.flashBytes.value, guess.ramBytes.value, actual.ramBytes.value,
                valueOf(guess.instructions), valueOf(actual.instructions));
    std::fflush(stdout);
    errors[QStringLiteral("flash")].add(guess.flashBytes.value, actual.flashBytes.value);
    errors[QStringLiteral("ram")].add(guess.ramBytes.value, actual.ramBytes.value);
    errors[QStringLiteral("instructions")].add(valueOf(guess.instructions), valueOf(actual.instructions));
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    const auto boards = device::loadBoards();
    if (!boards) {
        std::fprintf(stderr, "%s\n", qPrintable(boards.error().toString()));
        return 1;
    }
    QStringList wanted = app.arguments().mid(1);
    const QStringList files = wanted.filter(QStringLiteral("."));
    const bool networksOnly = wanted.removeAll(QStringLiteral("networks")) > 0 || !files.isEmpty();
    wanted.removeIf([&files](const QString& word) { return files.contains(word); });
    std::map<QString, ErrorSum> errors;
    std::printf("%-10s %-36s %7s %7s  %6s %6s  %8s %8s\n", "board", "model", "flash ~", "flash", "ram ~", "ram",
                "instr ~", "instr");
    std::vector<Case> cases = networksOnly ? std::vector<Case>() : allCases();
    const std::vector<Case> networks = networkCases(files);
    cases.insert(cases.end(), networks.begin(), networks.end());
    for (const device::Board& board : *boards) {
        if (!board.isEmulated() || (!wanted.isEmpty() && !wanted.contains(board.id)))
            continue;
        for (const Case& c : cases) {
            if (const Status status = runCase(c, board, errors); !status)
                std::fprintf(stderr, "%s, %s: %s\n", qPrintable(board.id), qPrintable(c.name),
                             qPrintable(status.error().toString()));
        }
    }
    for (auto& [what, sum] : errors)
        sum.print(qPrintable(what));
    return errors.empty() ? 1 : 0;
}
