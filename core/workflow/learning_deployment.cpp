// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/learning_deployment.h"

#include "core/features/extractor.h"
#include "core/model/feature_codes.h"

namespace ember::workflow {
namespace {

// Enough for the ranges of features; every n-th of the project's.
constexpr qint64 kCalibrationWindows = 1000;

struct Calibration
{
    std::vector<QByteArray> windows;
    features::FeatureMatrix features;
};

Result<Calibration> calibrationOf(const Deployment& plain, const Hooks& hooks)
{
    EMBER_TRY(DeploymentInputs inputs, defaultInputs(plain, kCalibrationWindows, hooks));
    auto* rows = std::get_if<footprint::WindowRows>(&inputs.inputs);
    if (!rows || rows->windows.empty())
        return Error(ErrorKind::NotFound, QStringLiteral("There are no windows that show the ranges of the features."),
                     QStringLiteral("Make whole numbers of them with 'emberlab quantise --features int8'."));
    Calibration calibration{std::move(rows->windows), {}};
    const std::vector<QByteArrayView> views(calibration.windows.begin(), calibration.windows.end());
    features::BatchOptions options;
    options.cancel = hooks.cancel;
    options.progress = hooks.progress;
    EMBER_TRY(calibration.features, features::extractAll(*plain.program.model().pipeline, views, options));
    return calibration;
}

Status countFlips(const Deployment& plain, const Calibration& calibration, LearningDeployment& learning)
{
    for (const QByteArray& window : calibration.windows) {
        EMBER_TRY(const codegen::HostOutput before, plain.program.runWindow(window));
        EMBER_TRY(const codegen::HostOutput after, learning.deployment.program.runWindow(window));
        ++learning.rows;
        learning.flips += before.winner != after.winner ? 1 : 0;
    }
    return {};
}

} // namespace

Result<LearningDeployment> prepareLearning(const QString& modelRef, const QString& boardId,
                                           const codegen::Options& options, const Hooks& hooks)
{
    codegen::Options learning = options;
    if (!learning.learning)
        learning.learning = codegen::LearningOptions();
    const auto direct = prepareDeployment(modelRef, boardId, learning);
    if (direct)
        return LearningDeployment{*direct, false, 0, 0};
    codegen::Options without = options;
    without.learning.reset();
    EMBER_TRY(const Deployment plain, prepareDeployment(modelRef, boardId, without));
    // Whole numbers help where there are none, and only a project's windows show their ranges.
    if (plain.program.model().codes || !plain.program.model().pipeline || plain.source.projectPath.isEmpty())
        return direct.error();
    EMBER_TRY(const Calibration calibration, calibrationOf(plain, hooks));
    const auto tensor =
        model::Tensor::of(calibration.features.values, {calibration.features.rows(), calibration.features.columns});
    auto coded = model::codeFeatures(plain.source.model, tensor, model::TensorType::Int8);
    if (!coded)
        return direct.error(); // of a kind that never learns: that error says what does
    ReferredModel source = plain.source;
    source.model = std::move(coded->model);
    learning.events = plain.options.events;
    codegen::Options named = learning;
    if (named.name.isEmpty())
        named.name = source.name;
    EMBER_TRY(codegen::LoweredModel lowered, codegen::lower(source.model, named));
    EMBER_TRY(codegen::HostProgram program, codegen::HostProgram::make(std::move(lowered)));
    LearningDeployment result{{std::move(source), plain.board, std::move(program), learning}, true, 0, 0};
    EMBER_CHECK(countFlips(plain, calibration, result));
    return result;
}

} // namespace ember::workflow
