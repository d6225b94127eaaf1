// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what the cost formulas say beside what linked images and emulated boards show, for forests of several sizes,
// classic models and windowed models, and the errors of the formulas. Arguments: board ids (default: all with an emulator).
#include "core/device/board.h"
#include "core/footprint/estimate.h"
#include "core/footprint/profile.h"
#include "tests/codegen/sample_classic.h"
#include "tests/codegen/sample_models.h"

#include <QCoreApplication>

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

/// Sums of relative errors.
struct ErrorSum
{
    double absolute = 0;
    double worst = 0;
    int count = 0;

    void add(double estimated, double actual)
    {
        const double relative = std::abs(estimated - actual) / std::max(actual, 1.0);
        absolute += relative;
        worst = std::max(worst, relative);
        ++count;
    }
    void print(const char* what) const
    {
        if (count > 0)
            std::printf("%-14s mean error %5.1f %%   worst %5.1f %%   of %d\n", what, absolute / count * 100,
                        worst * 100, count);
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
    const QStringList wanted = app.arguments().mid(1);
    std::map<QString, ErrorSum> errors;
    std::printf("%-10s %-36s %7s %7s  %6s %6s  %8s %8s\n", "board", "model", "flash ~", "flash", "ram ~", "ram",
                "instr ~", "instr");
    const std::vector<Case> cases = allCases();
    for (const device::Board& board : *boards) {
        if (!board.isEmulated() || (!wanted.isEmpty() && !wanted.contains(board.id)))
            continue;
        for (const Case& c : cases) {
            if (const Status status = runCase(c, board, errors); !status)
                std::fprintf(stderr, "%s, %s: %s\n", qPrintable(board.id), qPrintable(c.name),
                             qPrintable(status.error().toString()));
        }
    }
    for (const auto& [what, sum] : errors)
        sum.print(qPrintable(what));
    return errors.empty() ? 1 : 0;
}
