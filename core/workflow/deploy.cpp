// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/deploy.h"

#include "core/base/quantity.h"
#include "core/codegen/bundle/self_test.h"
#include "core/dataset/project.h"
#include "core/dataset/windows.h"
#include "core/footprint/estimate.h"
#include "core/footprint/profile.h"
#include "core/model/eliminate_channels.h"
#include "core/signal/npy.h"
#include "core/workflow/board_room.h"
#include "core/workflow/expected_answers.h"
#include "core/workflow/feature_set.h"
#include "core/workflow/synthetic_rows.h"

#include <QTemporaryDir>

namespace ember::workflow {
namespace {

constexpr qint64 kSyntheticRows = 64;
constexpr qint64 kSelfTestRows = 16;
// What an image with a self-test leaves for the stack; where it is less, it goes without.
constexpr qint64 kLeastStack = 448;

QString shapeText(const std::vector<qint64>& shape)
{
    QStringList parts;
    for (const qint64 size : shape)
        parts << QString::number(size);
    return QStringLiteral("(%1)").arg(parts.join(QStringLiteral(", ")));
}

bool sameElement(signal::NpyType type, signal::SampleType wanted)
{
    switch (wanted) {
    case signal::SampleType::Int8:
        return type == signal::NpyType::Int8;
    case signal::SampleType::Int16:
        return type == signal::NpyType::Int16;
    case signal::SampleType::Int32:
        return type == signal::NpyType::Int32;
    case signal::SampleType::Float32:
        return type == signal::NpyType::Float32;
    }
    return false;
}

/// Elements of one row: of all dimensions but the first.
qint64 rowWidth(const std::vector<qint64>& shape)
{
    qint64 width = shape.size() == 1 ? shape.front() : 1;
    for (std::size_t i = 1; i < shape.size(); ++i)
        width *= shape[i];
    return width;
}

Result<DeploymentInputs> featureRows(const Deployment& deployment, const signal::NpyArray& array)
{
    const qint64 columns = deployment.program.model().featureCount;
    // Whatever shape a network gives its input, a row of it is one vector; a single vector is one row.
    if (rowWidth(array.shape) != columns)
        return Error(ErrorKind::Usage, QStringLiteral("The model takes %1 features; the array has the shape %2.")
                                           .arg(columns)
                                           .arg(shapeText(array.shape)));
    footprint::FeatureRows rows;
    rows.columns = static_cast<std::size_t>(columns);
    rows.values = array.toFloat();
    DeploymentInputs inputs;
    inputs.description = QStringLiteral("%1 feature vectors").arg(rows.rows());
    inputs.inputs = std::move(rows);
    return inputs;
}

Result<DeploymentInputs> windowRows(const Deployment& deployment, const signal::NpyArray& array)
{
    const auto& pipeline = deployment.program.model().pipeline;
    if (!pipeline)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The array has the shape %1, but the model takes feature vectors: (rows, %2).")
                         .arg(shapeText(array.shape))
                         .arg(deployment.program.model().featureCount));
    const auto channels = static_cast<qint64>(pipeline->stream.channels.size());
    if (array.shape[1] != pipeline->windowRows || array.shape[2] != channels ||
        !sameElement(array.type, pipeline->stream.type))
        return Error(ErrorKind::Usage,
                     QStringLiteral("The model takes windows of %1 rows x %2 channels in %3; the array is %4 in %5.")
                         .arg(pipeline->windowRows)
                         .arg(channels)
                         .arg(signal::sampleTypeName(pipeline->stream.type), shapeText(array.shape),
                              signal::npyTypeName(array.type)));
    footprint::WindowRows rows;
    const qsizetype bytes = deployment.program.windowBytes();
    for (qsizetype at = 0; at + bytes <= array.data.size(); at += bytes)
        rows.windows.push_back(array.data.mid(at, bytes));
    DeploymentInputs inputs;
    inputs.description = QStringLiteral("%1 windows").arg(rows.windows.size());
    inputs.inputs = std::move(rows);
    return inputs;
}

Result<DeploymentInputs> projectWindows(const Deployment& deployment, qint64 maxRows, const Hooks& hooks)
{
    EMBER_TRY(const dataset::Project project,
              dataset::Project::open(deployment.source.projectPath, dataset::Project::Access::ReadOnly));
    const features::Pipeline& pipeline = *deployment.program.model().pipeline;
    dataset::WindowSpec spec;
    spec.rows = pipeline.windowRows;
    spec.hop = pipeline.hopRows;
    EMBER_TRY(dataset::WindowSet windows, dataset::makeWindows(project, spec));
    if (maxRows > 0 && static_cast<qint64>(windows.windows.size()) > maxRows) {
        // Every n-th, so that a short run still sees every recording.
        std::vector<dataset::Window> some;
        const std::size_t all = windows.windows.size();
        for (qint64 i = 0; i < maxRows; ++i)
            some.push_back(windows.windows[static_cast<std::size_t>(i) * all / static_cast<std::size_t>(maxRows)]);
        windows.windows = std::move(some);
    }
    EMBER_TRY(std::vector<QByteArray> bytes, windowBytes(project, windows, hooks));
    DeploymentInputs inputs;
    inputs.description = QStringLiteral("%1 windows of %2").arg(bytes.size()).arg(deployment.source.projectPath);
    inputs.inputs = footprint::WindowRows{std::move(bytes)};
    return inputs;
}

std::vector<codegen::CostNote> costNotes(const footprint::ModelCost& cost)
{
    const auto source = [](const footprint::Cost& c) { return footprint::costSourceName(c.source); };
    std::vector<codegen::CostNote> notes = {
        {QStringLiteral("flash"), QStringLiteral("%1 B").arg(static_cast<qint64>(cost.flashBytes.value)),
         source(cost.flashBytes)},
        {QStringLiteral("ram"), QStringLiteral("%1 B").arg(static_cast<qint64>(cost.ramBytes.value)),
         source(cost.ramBytes)},
    };
    if (cost.cycles.cost)
        notes.push_back({QStringLiteral("cycles"), QString::number(static_cast<qint64>(cost.cycles.cost->value)),
                         source(*cost.cycles.cost)});
    if (cost.instructions.cost)
        notes.push_back({QStringLiteral("instructions"),
                         QString::number(static_cast<qint64>(cost.instructions.cost->value)),
                         source(*cost.instructions.cost)});
    return notes;
}

Status storeVerification(const Deployment& deployment, const footprint::VerifyReport& report)
{
    if (deployment.source.projectPath.isEmpty())
        return {};
    EMBER_TRY(const dataset::Project project, dataset::Project::open(deployment.source.projectPath));
    if (project.isReadOnly())
        return {};
    dataset::Verification proof;
    proof.model = deployment.source.id;
    proof.target = report.board;
    proof.source = footprint::costSourceName(report.work.source);
    proof.rows = report.rows;
    proof.mismatched = report.mismatched;
    proof.labelFlips = report.labelFlips;
    proof.bitExact = report.bitExact;
    proof.report = footprint::toJson(report);
    EMBER_CHECK(project.models().addVerification(proof));
    return {};
}

QString stageText(device::FlashEvent::Stage stage)
{
    switch (stage) {
    case device::FlashEvent::Stage::Check:
        return QStringLiteral("Checking the image");
    case device::FlashEvent::Stage::Erase:
        return QStringLiteral("Erasing");
    case device::FlashEvent::Stage::Write:
        return QStringLiteral("Writing");
    case device::FlashEvent::Stage::Verify:
        return QStringLiteral("Reading back");
    case device::FlashEvent::Stage::Boot:
        return QStringLiteral("Starting the board");
    }
    return {};
}

Result<ModelFirmware> buildPlain(const Deployment& deployment, const QString& folder, const Hooks& hooks)
{
    EMBER_TRY(const codegen::GeneratedModel plain, codegen::generate(deployment.program.model()));
    return buildModelFirmware(deployment, plain, folder, hooks);
}

/// A board is flashed also where there is nothing to make a self-test from, such as a project without recordings.
Result<ModelFirmware> buildForFlash(const Deployment& deployment, const QString& folder, const Hooks& hooks)
{
    const auto inputs = defaultInputs(deployment, kSelfTestRows, hooks);
    if (!inputs && inputs.error().kind == ErrorKind::Cancelled)
        return inputs.error();
    Status usable = inputs ? Status() : Status(inputs.error());
    if (usable) {
        const auto encoded = footprint::encodeInputs(deployment.program, inputs->inputs, kSelfTestRows);
        usable = encoded ? Status() : Status(encoded.error());
    }
    if (usable)
        return buildWithSelfTest(deployment, *inputs, folder, hooks);
    report(hooks.progress, QStringLiteral("The firmware has no inputs for a self-test"), -1, usable.error().message);
    return buildPlain(deployment, folder, hooks);
}

} // namespace

Status checkDeployment(const Deployment& deployment)
{
    EMBER_TRY(const codegen::GeneratedModel generated, codegen::generate(deployment.program.model()));
    return checkRoom(generated, deployment.board);
}

Result<Deployment> prepareDeployment(const QString& modelRef, const QString& boardId, const codegen::Options& options,
                                     const EventWish& events)
{
    EMBER_TRY(const device::Board board, device::findBoard(boardId));
    EMBER_TRY(ReferredModel source, loadModelRef(modelRef));
    codegen::Options resolved = options;
    if (!resolved.events) {
        EMBER_TRY(const std::optional<EventChoice> choice, chooseEvents(source, events));
        if (choice) {
            EMBER_TRY(resolved.events, eventOptions(*choice));
        }
    }
    codegen::Options named = resolved;
    if (named.name.isEmpty())
        named.name = source.name;
    // Code for channels that do not matter would be flash and time for nothing; results are the same to the last bit.
    model::Model lean = source.model;
    model::eliminateChannels(lean.graph);
    EMBER_TRY(codegen::LoweredModel lowered, codegen::lower(lean, named));
    EMBER_TRY(codegen::HostProgram program, codegen::HostProgram::make(std::move(lowered)));
    return Deployment{std::move(source), board, std::move(program), resolved};
}

Result<DeploymentInputs> readInputs(const Deployment& deployment, const QString& npyPath)
{
    EMBER_TRY(const signal::NpyArray array, signal::readNpy(npyPath));
    const auto finish = [&]() -> Result<DeploymentInputs> {
        const codegen::LoweredModel& model = deployment.program.model();
        const bool isRow = !array.shape.empty() && !model.pipeline && rowWidth(array.shape) == model.featureCount;
        if (array.shape.size() == 3 && !isRow)
            return windowRows(deployment, array);
        if (array.shape.size() == 2 || array.shape.size() == 1 || isRow)
            return featureRows(deployment, array);
        return Error(ErrorKind::Usage, QStringLiteral("'%1' has the shape %2.").arg(npyPath, shapeText(array.shape)),
                     QStringLiteral("Give (rows, features), or (rows, window rows, channels)."));
    };
    return finish();
}

Result<DeploymentInputs> defaultInputs(const Deployment& deployment, qint64 maxRows, const Hooks& hooks)
{
    if (!deployment.source.projectPath.isEmpty() && deployment.program.model().pipeline)
        return projectWindows(deployment, maxRows, hooks);
    const codegen::LoweredModel& lowered = deployment.program.model();
    const qint64 wanted = maxRows > 0 ? maxRows : kSyntheticRows;
    footprint::FeatureRows rows = lowered.forest() ? syntheticRows(deployment.source.model, lowered.featureType, wanted)
                                                   : randomRows(lowered.featureCount, lowered.featureType, wanted);
    DeploymentInputs inputs;
    inputs.description = QStringLiteral("%1 synthetic rows").arg(rows.rows());
    inputs.inputs = std::move(rows);
    return inputs;
}

Result<GenerateOutcome> generateSources(const Deployment& deployment, const QString& directory)
{
    // A board without cost coefficients still gets its code, only without figures in the header.
    std::vector<codegen::CostNote> notes;
    if (const auto cost = estimateCost(deployment); cost)
        notes = costNotes(*cost);
    GenerateOutcome outcome;
    EMBER_TRY(outcome.generated, codegen::generate(deployment.program.model(), notes));
    EMBER_TRY(outcome.paths, codegen::writeGenerated(outcome.generated, directory));
    const Status room = checkRoom(outcome.generated, deployment.board);
    outcome.warning = room ? roomWarning(outcome.generated, deployment.board) : room.error().message;
    return outcome;
}

Result<footprint::ModelCost> estimateCost(const Deployment& deployment)
{
    return footprint::estimate(deployment.program.model(), deployment.board);
}

Result<footprint::ModelCost> profileCost(const Deployment& deployment, const DeploymentInputs& inputs,
                                         const Hooks& hooks)
{
    EMBER_CHECK(checkDeployment(deployment));
    footprint::RunOptions options;
    options.progress = hooks.progress;
    options.cancel = hooks.cancel;
    return footprint::profile(deployment.program, deployment.board, inputs.inputs, options);
}

footprint::EnergyUse energyOf(const Deployment& deployment, const footprint::ModelCost& cost, footprint::Duty duty)
{
    const auto& pipeline = deployment.program.model().pipeline;
    if (!duty.inferencesPerSecond && pipeline && pipeline->hopRows > 0 && pipeline->stream.rateHz > 0)
        duty.inferencesPerSecond = pipeline->stream.rateHz / pipeline->hopRows;
    return footprint::energyUse(cost, deployment.board, duty);
}

Result<footprint::VerifyReport> verifyModel(const Deployment& deployment, const DeploymentInputs& inputs,
                                            const ExpectedAnswers& expected, const Hooks& hooks)
{
    EMBER_CHECK(checkDeployment(deployment));
    footprint::VerifyOptions options;
    options.progress = hooks.progress;
    options.cancel = hooks.cancel;
    options.expectedLabels = expected.labels;
    options.expectedScores = expected.scores;
    EMBER_TRY(footprint::VerifyReport report,
              footprint::verify(deployment.program, deployment.source.model, deployment.board, inputs.inputs, options));
    if (const Status stored = storeVerification(deployment, report); !stored)
        ember::report(hooks.progress, QStringLiteral("The proof could not be stored"), -1, stored.error().message);
    return report;
}

/// Without the self-test where the board has no room for it.
Result<ModelFirmware> buildWithSelfTest(const Deployment& deployment, const DeploymentInputs& inputs,
                                        const QString& folder, const Hooks& hooks)
{
    EMBER_TRY(const codegen::GeneratedModel generated, generateForFirmware(deployment, inputs));
    auto built = buildModelFirmware(deployment, generated, folder, hooks);
    const bool fits = built && built->image.sizes.ram + kLeastStack <= deployment.board.ramBytes;
    const bool tooLarge = !built && built.error().kind == ErrorKind::BadData;
    if (!generated.agentParts.selfTest || fits || (!built && !tooLarge))
        return built;
    return buildPlain(deployment, folder, hooks);
}

Result<ModelFirmware> buildModelFirmware(const Deployment& deployment, const codegen::GeneratedModel& generated,
                                         const QString& folder, const Hooks& hooks)
{
    EMBER_TRY(const codegen::Toolchain toolchain, codegen::Toolchain::forBoard(deployment.board));
    codegen::Toolchain::Request request;
    request.model = &generated;
    request.outputPath = folder + QLatin1Char('/') + generated.name + QStringLiteral(".elf");
    request.progress = hooks.progress;
    request.cancel = hooks.cancel;
    report(hooks.progress, QStringLiteral("Building firmware"));
    EMBER_TRY(codegen::FirmwareImage image, toolchain.buildFirmware(deployment.board, request));
    return ModelFirmware{std::move(image), toolchain.version(), generated};
}

Result<codegen::GeneratedModel> generateForFirmware(const Deployment& deployment, const DeploymentInputs& inputs)
{
    EMBER_TRY(const footprint::EncodedInputs encoded,
              footprint::encodeInputs(deployment.program, inputs.inputs, kSelfTestRows));
    codegen::StoredVectors vectors;
    if (encoded.windows == deployment.program.model().pipeline.has_value()) {
        EMBER_TRY(vectors, codegen::storedVectors(deployment.program, encoded.rows,
                                                  codegen::selfTestRoom(deployment.board.flashBytes)));
    }
    return codegen::generate(deployment.program.model(), {}, vectors);
}

Result<FlashOutcome> flashModel(const Deployment& deployment, const Hooks& hooks, const QString& port)
{
    EMBER_CHECK(checkDeployment(deployment));
    const QTemporaryDir folder;
    EMBER_TRY(const ModelFirmware built, buildForFlash(deployment, folder.path(), hooks));
    EMBER_TRY(FlashOutcome outcome, flashImage(deployment.board.id, built.image.elfPath, false, hooks, port));
    outcome.sizes = built.image.sizes;
    return outcome;
}

Result<FlashOutcome> flashImage(const QString& boardId, const QString& elf, bool dryRun, const Hooks& hooks,
                                const QString& port)
{
    EMBER_TRY(const device::Board board, device::findBoard(boardId));
    EMBER_TRY(const auto flasher, device::makeFlasher(board));
    device::FlashRequest request;
    request.image = elf;
    request.port = port;
    request.dryRun = dryRun;
    request.cancel = hooks.cancel;
    request.onEvent = [&hooks](const device::FlashEvent& event) {
        report(hooks.progress, stageText(event.stage),
               event.total > 0 ? static_cast<double>(event.done) / static_cast<double>(event.total) : -1, event.detail);
    };
    FlashOutcome outcome;
    EMBER_TRY(outcome.report, flasher->flash(request));
    return outcome;
}

} // namespace ember::workflow
