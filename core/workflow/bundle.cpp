// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/bundle.h"

#include "core/codegen/bundle/zip_archive.h"
#include "core/codegen/kind.h"
#include "core/dataset/project.h"
#include "core/footprint/inputs.h"
#include "core/workflow/board_room.h"
#include "core/workflow/run_costs.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonArray>
#include <QSaveFile>
#include <QTemporaryDir>

namespace ember::workflow {
namespace {

// Of any bundle; the image of the largest board is 4 MB.
constexpr qint64 kMaxBundleBytes = 256ll * 1024 * 1024;

Result<QByteArray> bundleBytes(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::NotFound, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
    if (file.size() > kMaxBundleBytes)
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is too large for a bundle.").arg(path));
    return file.readAll();
}

Status writeBytes(const QString& path, const QByteArray& bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()),
                     QStringLiteral("Check that its folder exists, its permissions and free space."));
    return {};
}

/// What the model must not be trusted with, as far as its own data tell.
QJsonArray limitsOf(const codegen::LoweredModel& model)
{
    QJsonArray limits;
    if (model.classifier)
        limits.append(
            QStringLiteral("It answers with one of its classes whatever it is given; what belongs to none of them "
                           "is not recognised as such."));
    if (model.pipeline)
        limits.append(
            QStringLiteral("It was made for windows of %1 rows at %2 Hz from the stream '%3'; another rate, sensor, "
                           "range or mounting is another problem.")
                .arg(model.pipeline->windowRows)
                .arg(model.pipeline->stream.rateHz)
                .arg(model.pipeline->stream.name));
    else
        limits.append(
            QStringLiteral("Its features must be computed as those it was trained on, in the same order and units."));
    if (model.featureType != codegen::FeatureType::Float32)
        limits.append(QStringLiteral("Features are taken as %1: values outside that range must not occur.")
                          .arg(codegen::featureTypeName(model.featureType)));
    limits.append(
        QStringLiteral("Scores are of the data named above; nothing is known of groups and surroundings that are "
                       "not in it."));
    return limits;
}

QString inputText(const codegen::LoweredModel& model)
{
    const QString features =
        QStringLiteral("%1 features, %2").arg(model.featureCount).arg(codegen::featureTypeName(model.featureType));
    if (!model.pipeline)
        return features;
    return QStringLiteral("windows of %1 rows of %2 channels at %3 Hz, a new one every %4 rows; %5")
        .arg(model.pipeline->windowRows)
        .arg(model.pipeline->stream.channels.size())
        .arg(model.pipeline->stream.rateHz)
        .arg(model.pipeline->hopRows)
        .arg(features);
}

/// Scores of the run that made the model, and the newest proof on the board.
Status addProjectFacts(QJsonObject& card, const Deployment& deployment)
{
    if (deployment.source.projectPath.isEmpty())
        return {};
    EMBER_TRY(const dataset::Project project,
              dataset::Project::open(deployment.source.projectPath, dataset::Project::Access::ReadOnly));
    EMBER_TRY(const dataset::StoredModel stored, project.models().get(deployment.source.id));
    if (stored.run.isValid()) {
        EMBER_TRY(const dataset::Run run, project.runs().get(stored.run));
        card.insert(QStringLiteral("scores"), run.scores);
        card.insert(QStringLiteral("validation"), run.validation);
    }
    EMBER_TRY(const auto proofs, project.models().verifications(deployment.source.id));
    for (const dataset::Verification& proof : proofs) {
        if (proof.target == deployment.board.id) {
            card.insert(QStringLiteral("verification"), proof.report);
            break;
        }
    }
    return {};
}

Result<QJsonObject> cardOf(const Deployment& deployment)
{
    const codegen::LoweredModel& model = deployment.program.model();
    const codegen::ModelKind& kind = codegen::kindOf(model);
    QJsonArray costs;
    if (const auto estimate = estimateCost(deployment))
        costs.append(footprint::toJson(*estimate));
    if (const auto profile = storedProfile(deployment))
        costs.append(footprint::toJson(*profile));
    QJsonObject card{{QStringLiteral("name"), model.name},
                     {QStringLiteral("title"), model.title},
                     {QStringLiteral("trainer"), model.trainer},
                     {QStringLiteral("kind"), kind.title()},
                     {QStringLiteral("description"), kind.description(model)},
                     {QStringLiteral("input"), inputText(model)},
                     {QStringLiteral("classes"), QJsonArray::fromStringList(model.classNames)},
                     {QStringLiteral("features"), QJsonArray::fromStringList(model.featureNames)},
                     {QStringLiteral("board"), deployment.board.id},
                     {QStringLiteral("model_hash"), deployment.source.hash},
                     {QStringLiteral("dataset_hash"), model.datasetHash},
                     {QStringLiteral("code_hash"), model.hash},
                     {QStringLiteral("costs"), costs},
                     {QStringLiteral("limits"), limitsOf(model)}};
    EMBER_CHECK(addProjectFacts(card, deployment));
    return card;
}

Status noteExport(const Deployment& deployment, codegen::BundleKind kind, const BundleOutcome& outcome)
{
    if (deployment.source.projectPath.isEmpty())
        return {};
    EMBER_TRY(const dataset::Project project, dataset::Project::open(deployment.source.projectPath));
    if (project.isReadOnly())
        return {};
    dataset::Export made;
    made.model = deployment.source.id;
    made.kind = codegen::bundleKindName(kind);
    made.target = deployment.board.id;
    made.path = outcome.path;
    made.sha256 = outcome.sha256;
    EMBER_CHECK(project.models().addExport(made));
    return {};
}

} // namespace

Result<BundleOutcome> writeBundle(const Deployment& deployment, codegen::BundleKind kind,
                                  const DeploymentInputs& inputs, const QString& path, const Hooks& hooks)
{
    report(hooks.progress, QStringLiteral("Writing the bundle"), -1, codegen::bundleKindName(kind));
    EMBER_TRY(const footprint::EncodedInputs encoded, footprint::encodeInputs(deployment.program, inputs.inputs));
    if (encoded.windows != deployment.program.model().pipeline.has_value())
        return Error(ErrorKind::Usage, QStringLiteral("The self-test of a model of windows is made from windows."),
                     QStringLiteral("Give (rows, window rows, channels) with --input, or a model in its project."));
    EMBER_TRY(codegen::GeneratedModel generated, codegen::generate(deployment.program.model()));
    EMBER_CHECK(checkRoom(generated, deployment.board));
    EMBER_TRY(const QJsonObject card, cardOf(deployment));
    codegen::BundleContent content{kind, deployment.program, generated, deployment.board, encoded.rows, card};
    if (kind == codegen::BundleKind::Firmware) {
        const QTemporaryDir folder;
        EMBER_TRY(ModelFirmware built, buildWithSelfTest(deployment, inputs, folder.path(), hooks));
        EMBER_TRY(content.firmwareImage, bundleBytes(built.image.elfPath));
        content.compilerVersion = built.compiler;
        generated = std::move(built.generated); // the sources in the bundle are those of its image
    }
    EMBER_TRY(const codegen::Bundle bundle, codegen::makeBundle(content));
    EMBER_TRY(const QByteArray archive, codegen::zipOf(bundle.files));
    EMBER_CHECK(writeBytes(path, archive));
    BundleOutcome outcome;
    outcome.path = path;
    for (const codegen::GeneratedFile& file : bundle.files)
        outcome.files << file.path;
    outcome.sha256 = QString::fromLatin1(QCryptographicHash::hash(archive, QCryptographicHash::Sha256).toHex());
    outcome.bytes = archive.size();
    outcome.vectors = bundle.vectors;
    outcome.warning = roomWarning(generated, deployment.board);
    if (const Status noted = noteExport(deployment, kind, outcome); !noted)
        report(hooks.progress, QStringLiteral("The project could not note the export"), -1, noted.error().message);
    return outcome;
}

Result<FlashOutcome> flashBundle(const QString& boardId, const QString& bundle, bool dryRun, const Hooks& hooks,
                                 const QString& port)
{
    EMBER_TRY(const QByteArray archive, bundleBytes(bundle));
    EMBER_TRY(const QByteArray elf, codegen::firmwareOfBundle(archive, boardId));
    const QTemporaryDir folder;
    const QString image = folder.filePath(QStringLiteral("firmware.elf"));
    EMBER_CHECK(writeBytes(image, elf));
    return flashImage(boardId, image, dryRun, hooks, port);
}

} // namespace ember::workflow
