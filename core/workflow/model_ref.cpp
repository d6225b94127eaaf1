// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/model_ref.h"

#include "core/dataset/project.h"
#include "core/model/model_file.h"
#include "core/model/onnx_reader.h"

#include <QFileInfo>

namespace ember::workflow {
namespace {

constexpr auto kProjectSuffix = ".ember";

Result<ReferredModel> fromFile(const QString& path)
{
    ReferredModel referred;
    EMBER_TRY(referred.model, model::loadModel(path));
    EMBER_TRY(referred.hash, model::fileHash(path, referred.model));
    referred.name = QFileInfo(path).completeBaseName();
    return referred;
}

Result<dataset::ModelId> newestModel(const dataset::Project& project)
{
    EMBER_TRY(const auto models, project.models().list());
    if (models.empty())
        return Error(ErrorKind::NotFound, QStringLiteral("'%1' has no models.").arg(project.path()),
                     QStringLiteral("Train one with 'emberlab train --project %1 --trainer trees.random-forest'.")
                         .arg(project.path()));
    return models.back().id;
}

Result<ReferredModel> fromProject(const QString& path, const QString& number)
{
    EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
    dataset::ModelId id;
    if (number.isEmpty()) {
        EMBER_TRY(id, newestModel(project));
    } else {
        bool ok = false;
        id.value = number.toLongLong(&ok);
        if (!ok)
            return Error(ErrorKind::Usage, QStringLiteral("'%1' is not the number of a model.").arg(number),
                         QStringLiteral("Write PROJECT.ember#3, or PROJECT.ember for the newest."));
    }
    EMBER_TRY(const dataset::StoredModel stored, project.models().get(id));
    EMBER_TRY(const QByteArray onnx, project.models().onnx(id));
    ReferredModel referred;
    EMBER_TRY(referred.model, model::readOnnx(onnx));
    referred.name = stored.name;
    referred.hash = stored.hash;
    referred.projectPath = path;
    referred.id = id;
    return referred;
}

} // namespace

Result<ReferredModel> loadModelRef(const QString& ref)
{
    if (QFileInfo::exists(ref))
        return ref.endsWith(QLatin1String(kProjectSuffix)) ? fromProject(ref, {}) : fromFile(ref);
    const qsizetype hash = ref.lastIndexOf(QLatin1Char('#'));
    if (hash > 0)
        return fromProject(ref.left(hash), ref.mid(hash + 1));
    return Error(ErrorKind::NotFound, QStringLiteral("There is no model '%1'.").arg(ref),
                 QStringLiteral("Give an .onnx file, or PROJECT.ember#NUMBER for a model in a project."));
}

} // namespace ember::workflow
