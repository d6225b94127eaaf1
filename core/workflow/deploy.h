// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/emitter.h"
#include "core/codegen/host_program.h"
#include "core/codegen/toolchain.h"
#include "core/device/board.h"
#include "core/device/flasher.h"
#include "core/footprint/cost.h"
#include "core/footprint/energy.h"
#include "core/footprint/inputs.h"
#include "core/footprint/verify.h"
#include "core/workflow/event_settings.h"
#include "core/workflow/hooks.h"
#include "core/workflow/model_ref.h"

namespace ember::workflow {

/// A model made ready for one board: everything that generate, estimate, profile, verify and flash start from.
struct Deployment
{
    ReferredModel source;
    device::Board board;
    codegen::HostProgram program;
    codegen::Options options;
};

/// Where `options` name no events, the code tells those that are stored with the model, or that `events` asks for.
/// Errors: NotFound (model, board), Unsupported (what cannot be generated), Usage (options that do not fit).
Result<Deployment> prepareDeployment(const QString& modelRef, const QString& boardId, const codegen::Options& options,
                                     const EventWish& events = {});

/// Inputs with a word about what they are, because a cost is only as good as its inputs.
struct DeploymentInputs
{
    footprint::Inputs inputs;
    std::vector<qint32> labels; ///< class of each row where known; empty otherwise
    QString description;        ///< "812 windows of 8 groups in har.ember", "64 synthetic rows"
};

/// Rows of an .npy file: (rows, features), or (rows, window rows, channels) for a model of raw windows. Errors: as
/// readNpy; Usage when the shape does not fit the model, naming both.
Result<DeploymentInputs> readInputs(const Deployment& deployment, const QString& npyPath);

/// What there is without a file: the windows of the project that the model came from, or else rows made from the
/// model's own thresholds so that many branches are taken (deterministic). `maxRows` 0: all.
Result<DeploymentInputs> defaultInputs(const Deployment& deployment, qint64 maxRows, const Hooks& hooks = {});

struct GenerateOutcome
{
    codegen::GeneratedModel generated;
    QStringList paths;
    QString warning; ///< why the board may not hold it; empty: nothing is known against it
};
/// Writes the sources with the estimate in their header comment, also for a board that cannot hold them. Errors: Io.
Result<GenerateOutcome> generateSources(const Deployment& deployment, const QString& directory);

Result<footprint::ModelCost> estimateCost(const Deployment& deployment);
Result<footprint::ModelCost> profileCost(const Deployment& deployment, const DeploymentInputs& inputs,
                                         const Hooks& hooks = {});

/// What a cost means in time, energy and battery life on the deployment's board. A model of windows runs once for each
/// hop of its stream unless `duty` says otherwise.
footprint::EnergyUse energyOf(const Deployment& deployment, const footprint::ModelCost& cost,
                              footprint::Duty duty = {});

struct ExpectedAnswers;

/// Verifies on the board, and stores the proof when the model is in a project; a proof that cannot be stored is told to
/// the progress sink and is returned all the same.
Result<footprint::VerifyReport> verifyModel(const Deployment& deployment, const DeploymentInputs& inputs,
                                            const ExpectedAnswers& expected, const Hooks& hooks = {});

struct ModelFirmware
{
    codegen::FirmwareImage image;
    QString compiler;                  ///< name and version of what built it
    codegen::GeneratedModel generated; ///< what it was built from
};

/// What is known before a build that cannot succeed, and would fail in words of the compiler. Errors: as checkRoom().
Status checkDeployment(const Deployment& deployment);

/// The model as our own firmware carries it, with inputs for its self-test: the first ones of `inputs`, as many as
/// codegen::selfTestRoom() has room for; none of features for a model of windows.
Result<codegen::GeneratedModel> generateForFirmware(const Deployment& deployment, const DeploymentInputs& inputs);

/// Compiles and links the board's firmware with the model into `folder`, which has to exist.
Result<ModelFirmware> buildModelFirmware(const Deployment& deployment, const codegen::GeneratedModel& generated,
                                         const QString& folder, const Hooks& hooks = {});

/// The same with the model of generateForFirmware(); without a self-test where the board has no room for it.
Result<ModelFirmware> buildWithSelfTest(const Deployment& deployment, const DeploymentInputs& inputs,
                                        const QString& folder, const Hooks& hooks = {});

struct FlashOutcome
{
    device::FlashReport report;
    codegen::ImageSizes sizes; ///< of an image that was built for it; zeros for a finished one
};
/// Builds the firmware with the model and puts it onto the board. It carries inputs for a self-test where there are
/// some and they leave enough room; that it does not is told to the progress sink. Errors: as checkRoom(), before
/// anything is built.
Result<FlashOutcome> flashModel(const Deployment& deployment, const Hooks& hooks = {}, const QString& port = {});
/// Puts a finished image onto a board.
Result<FlashOutcome> flashImage(const QString& boardId, const QString& elf, bool dryRun, const Hooks& hooks = {},
                                const QString& port = {});

} // namespace ember::workflow
