// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what the cost formulas say beside what linked images and emulated boards show, and the errors of the formulas,
// for each board and group of models: forests of several sizes, classic models, windowed models, single feature blocks,
// int8 networks, and a model of every trainer on two tables. Arguments: board ids (default: all with an emulator);
// "forests", "classic", "windows", "blocks", "networks", "trainers" or a trainer's id for those alone; "size" or
// "speed" for code made for that alone; files (.tflite, .onnx) of more networks.
#include "core/device/board.h"
#include "core/footprint/estimate.h"
#include "core/footprint/profile.h"
#include "core/learn/worker.h"
#include "core/workflow/table_model.h"
#include "tests/codegen/sample_classic.h"
#include "tests/codegen/sample_models.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QTemporaryDir>

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
    QString group;
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
    void print()
    {
        std::sort(errors.begin(), errors.end());
        const double median = (errors[(errors.size() - 1) / 2] + errors[errors.size() / 2]) / 2;
        std::printf("   %6.1f %% %6.1f %%", median * 100, errors.back() * 100);
    }
};

struct Errors
{
    ErrorSum flash, ram, work;
};

/// What the arguments ask for.
struct Wanted
{
    QStringList boards, groups, files;
    bool size = true;
    bool speed = true;

    bool wants(const QString& group) const
    {
        return groups.isEmpty() || groups.contains(group) ||
               (group.contains(QLatin1Char('.')) && groups.contains(QStringLiteral("trainers")));
    }
    bool wants(Optimise optimise) const { return optimise == Optimise::Size ? size : speed; }
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
            cases.push_back({QStringLiteral("forests"),
                             name,
                             *model,
                             {.featureType = type, .vote = vote, .optimise = optimise},
                             rows});
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
        cases.push_back({QStringLiteral("networks"),
                         QFileInfo(path).baseName().left(28) + QLatin1Char(' ') + codegen::optimiseName(optimise),
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
                const QString name =
                    QStringLiteral("%1 %2 %3")
                        .arg(sample.name, codegen::featureTypeName(type), codegen::optimiseName(optimise));
                cases.push_back(
                    {QStringLiteral("classic"), name, sample.model, {.featureType = type, .optimise = optimise}, rows});
            }
        }
    }
}

void addForests(std::vector<Case>& cases)
{
    const FeatureRows digits = rowsOf("digits_test_X_int32.npy", 64);
    const FeatureRows iris = rowsOf("rf_iris.iris_input.npy", 4);
    for (const char* file : {"digits_dt8", "digits_rf10", "digits_et10"}) {
        addForest(cases, file, digits, FeatureType::Int16);
        addForest(cases, file, digits, FeatureType::Float32);
    }
    addForest(cases, "digits_dt8", digits, FeatureType::Int8);
    addForest(cases, "rf_iris", iris, FeatureType::Float32);
}

void addWindowed(std::vector<Case>& cases, const QString& group, const QString& name,
                 const features::Pipeline& pipeline)
{
    const std::vector<QByteArray> windows = motionWindows(1, 20, pipeline.windowRows);
    for (const Optimise optimise : {Optimise::Size, Optimise::Speed})
        cases.push_back(
            {group,
             QStringLiteral("%1, %2 rows, %3").arg(name).arg(pipeline.windowRows).arg(codegen::optimiseName(optimise)),
             windowModel(pipeline, windows, 3),
             {.optimise = optimise},
             WindowRows{windows}});
}

/// Blocks and stages alone, each for two windows.
void addBlocks(std::vector<Case>& cases)
{
    constexpr std::pair<const char*, const char*> kBlocks[] = {
        {"statistics", R"([{"block": "statistics", "channels": [0, 1, 2]}])"},
        {"spectrum", R"([{"block": "spectrum", "channels": [0], "parameters": {"fft-size": 16}}])"},
        {"magnitude", R"([{"block": "magnitude", "channels": [0, 1, 2]}])"},
        {"correlation", R"([{"block": "correlation", "channels": [0, 1, 2]}])"},
        {"quantiles", R"([{"block": "quantiles", "channels": [0, 1, 2]}])"},
        {"histogram", R"([{"block": "histogram", "channels": [0, 1, 2]}])"},
        {"autocorrelation", R"([{"block": "autocorrelation", "channels": [0], "parameters": {"lags": 8}}])"},
        {"wavelet", R"([{"block": "wavelet", "channels": [0]}])"},
        {"tilt", R"([{"block": "tilt", "channels": [0, 1, 2]}])"},
        {"tones", R"([{"block": "tones", "channels": [0], "parameters": {"frequency": 5, "harmonics": 3}}])"},
        {"raw", R"([{"block": "raw", "channels": [0, 1, 2], "parameters": {"decimate": 4, "scaling": "standard"}}])"},
        {"filter", R"([{"stage": "filter", "channels": [0], "parameters": {"kind": "high-pass", "order": 4}},
                       {"block": "raw", "channels": [0], "parameters": {"decimate": 4, "scaling": "none"}}])"},
    };
    for (const auto& [name, text] : kBlocks) {
        for (const int rows : {16, 32, 64, 128}) {
            const features::Pipeline frame = motionPipeline(rows, rows);
            const auto pipeline = features::pipelineFromText(text, frame.stream, rows, rows);
            if (pipeline)
                addWindowed(cases, QStringLiteral("blocks"), QLatin1String(name), *pipeline);
            else
                std::fprintf(stderr, "%s: %s\n", name, qPrintable(pipeline.error().toString()));
        }
    }
}

struct TrainerUse
{
    const char* id;
    QVariantMap parameters;
};

/// What models of the trainers are in the field: as small as boards want them.
std::vector<TrainerUse> trainerUses()
{
    const auto set = [](const char* key, const QVariant& value) { return QVariantMap{{QLatin1String(key), value}}; };
    return {{"trees.decision-tree", {}},
            {"trees.random-forest", set("trees", 10)},
            {"trees.extra-trees", set("trees", 10)},
            {"trees.gradient-boosting", set("rounds", 10)},
            {"trees.isolation-forest", set("trees", 10)},
            {"trees.bonsai", {}},
            {"linear.logistic", {}},
            {"linear.ridge", {}},
            {"linear.sefr", {}},
            {"bayes.gaussian", {}},
            {"kernel.svm", {}},
            {"kernel.one-class-svm", {}},
            {"kernel.rvm", {}},
            {"neighbours.knn", {}},
            {"neighbours.protonn", {}},
            {"mixture.gmm", {}},
            {"mixture.kmeans", {}},
            {"mixture.elliptic", {}},
            {"neural.mlp", {}},
            {"neural.autoencoder", {}}};
}

/// Every n-th row, so that all classes are among them.
FeatureRows someRows(const learn::Matrix& table)
{
    constexpr std::size_t kRows = 25;
    FeatureRows rows{{}, table.columns};
    for (std::size_t i = 0; i < kRows; ++i) {
        const auto row = table.row(i * table.rows() / kRows);
        rows.values.insert(rows.values.end(), row.begin(), row.end());
    }
    return rows;
}

void addTrained(std::vector<Case>& cases, const TrainerUse& use, const char* table, const char* labels)
{
    const QTemporaryDir folder;
    workflow::TrainTableRequest request;
    request.table = QStringLiteral(EMBERLAB_TEST_DATA "/tables/%1.csv").arg(QLatin1String(table));
    request.labelColumn = QLatin1String(labels);
    request.trainer = QLatin1String(use.id);
    request.parameters = use.parameters;
    request.output = folder.filePath(QStringLiteral("model.onnx"));
    const auto rows = workflow::readTrainingTable(request.table, request.labelColumn, plugin::Task::Classification);
    const auto trained = workflow::trainTable(request);
    if (!rows || !trained) {
        const Error& error = trained ? rows.error() : trained.error();
        std::fprintf(stderr, "%s: %s\n", use.id, qPrintable(error.toString()));
        return;
    }
    for (const Optimise optimise : {Optimise::Size, Optimise::Speed})
        cases.push_back(
            {request.trainer,
             QStringLiteral("%1 %2 %3").arg(request.trainer, QLatin1String(table), codegen::optimiseName(optimise)),
             trained->model,
             {.optimise = optimise},
             someRows(*rows)});
}

std::vector<Case> casesFor(const Wanted& wanted)
{
    std::vector<Case> cases;
    if (wanted.wants(QStringLiteral("forests")))
        addForests(cases);
    if (wanted.wants(QStringLiteral("classic")))
        addClassic(cases);
    if (wanted.wants(QStringLiteral("windows"))) {
        for (const int rows : {24, 50, 100, 200})
            addWindowed(cases, QStringLiteral("windows"), QStringLiteral("motion"), motionPipeline(rows, rows));
    }
    if (wanted.wants(QStringLiteral("blocks")))
        addBlocks(cases);
    if (wanted.wants(QStringLiteral("networks"))) {
        const std::vector<Case> networks = networkCases(wanted.files);
        cases.insert(cases.end(), networks.begin(), networks.end());
    }
    for (const TrainerUse& use : trainerUses()) {
        if (!wanted.wants(QLatin1String(use.id)))
            continue;
        addTrained(cases, use, "iris", "species");
        addTrained(cases, use, "digits_test", "label");
    }
    std::erase_if(cases, [&wanted](const Case& c) { return !wanted.wants(c.options.optimise); });
    return cases;
}

double valueOf(const OptionalCost& cost)
{
    return cost.cost ? cost.cost->value : std::nan("");
}

/// Instructions, or cycles where those are counted.
double workOf(const ModelCost& cost)
{
    return cost.cycles.cost ? cost.cycles.cost->value : valueOf(cost.instructions);
}

Status runCase(const Case& c, const device::Board& board, Errors& errors)
{
    EMBER_TRY(codegen::LoweredModel lowered, codegen::lower(c.model, c.options));
    EMBER_TRY(const HostProgram program, HostProgram::make(std::move(lowered)));
    EMBER_TRY(const ModelCost guess, estimate(program.model(), board));
    EMBER_TRY(const ModelCost actual, profile(program, board, c.inputs));
    std::printf("%-12s %-36s %7.0f %7.0f  %6.0f %6.0f  %9.0f %9.0f\n", qPrintable(board.id), qPrintable(c.name),
                guess.flashBytes.value, actual.flashBytes.value, guess.ramBytes.value, actual.ramBytes.value,
                workOf(guess), workOf(actual));
    std::fflush(stdout);
    errors.flash.add(guess.flashBytes.value, actual.flashBytes.value);
    errors.ram.add(guess.ramBytes.value, actual.ramBytes.value);
    errors.work.add(workOf(guess), workOf(actual));
    return {};
}

Wanted wantedBy(const QStringList& arguments, const std::vector<device::Board>& boards)
{
    Wanted wanted;
    for (const QString& word : arguments) {
        const bool isBoard = std::any_of(boards.begin(), boards.end(), [&](const auto& b) { return b.id == word; });
        if (isBoard)
            wanted.boards << word;
        else if (word == QLatin1String("size") || word == QLatin1String("speed"))
            (word == QLatin1String("size") ? wanted.speed : wanted.size) = false;
        else if (QFileInfo::exists(word))
            wanted.files << word;
        else
            wanted.groups << word;
    }
    if (!wanted.files.isEmpty() && wanted.groups.isEmpty())
        wanted.groups << QStringLiteral("networks");
    return wanted;
}

} // namespace

int main(int argc, char** argv)
{
    const QCoreApplication app(argc, argv);
    if (app.arguments().value(1) == QLatin1String("worker")) // trainers run in processes of this program
        return learn::workerMain(app.arguments().mid(2));
    const auto boards = device::loadBoards();
    if (!boards) {
        std::fprintf(stderr, "%s\n", qPrintable(boards.error().toString()));
        return 1;
    }
    const Wanted wanted = wantedBy(app.arguments().mid(1), *boards);
    const std::vector<Case> cases = casesFor(wanted);
    std::map<std::pair<QString, QString>, Errors> errors; // by group and board
    std::printf("%-12s %-36s %7s %7s  %6s %6s  %9s %9s\n", "board", "model", "flash ~", "flash", "ram ~", "ram",
                "work ~", "work");
    for (const device::Board& board : *boards) {
        if (!board.isEmulated() || (!wanted.boards.isEmpty() && !wanted.boards.contains(board.id)))
            continue;
        for (const Case& c : cases) {
            Errors& sum = errors[{c.group, board.id}];
            if (const Status status = runCase(c, board, sum); !status)
                std::fprintf(stderr, "%s, %s: %s\n", qPrintable(board.id), qPrintable(c.name),
                             qPrintable(status.error().toString()));
        }
    }
    std::printf("\n%-24s %-16s %5s   %-17s   %-17s   %-17s\n", "errors: median, worst", "board", "of", "flash", "RAM",
                "instructions");
    bool any = false;
    for (auto& [of, sum] : errors) {
        const std::size_t count = sum.flash.errors.size();
        if (count == 0)
            continue;
        any = true;
        std::printf("%-24s %-16s %5zu", qPrintable(of.first), qPrintable(of.second), count);
        sum.flash.print();
        sum.ram.print();
        sum.work.print();
        std::printf("\n");
    }
    return any ? 0 : 1;
}
