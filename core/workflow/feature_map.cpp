// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/feature_map.h"

#include "core/dataset/csv.h"
#include "core/explore/pca.h"
#include "core/explore/tsne.h"
#include "core/explore/umap.h"

#include <QHash>
#include <QSaveFile>

namespace ember::workflow {
namespace {

constexpr MapMethod kMethods[] = {MapMethod::Pca, MapMethod::Tsne, MapMethod::Umap};

Result<explore::Places> placesOf(const explore::Rows& rows, const MapOptions& options, FeatureMap& map,
                                 const Hooks& hooks)
{
    if (options.method == MapMethod::Tsne) {
        explore::TsneOptions tsne;
        tsne.perplexity = options.perplexity;
        tsne.seed = options.seed;
        return explore::tsne(rows, tsne, hooks.progress, hooks.cancel);
    }
    if (options.method == MapMethod::Umap) {
        explore::UmapOptions umap;
        umap.neighbours = options.neighbours;
        umap.minimumDistance = options.minimumDistance;
        umap.seed = options.seed;
        return explore::umap(rows, umap, hooks.progress, hooks.cancel);
    }
    EMBER_TRY(const explore::Pca pca, explore::fitPca(rows, 2));
    explore::Places places = explore::Places::Zero(rows.rows(), 2);
    places.leftCols(pca.components.cols()) = explore::project(pca, rows).cast<double>();
    for (Eigen::Index axis = 0; axis < pca.components.cols(); ++axis)
        map.shares[axis] = pca.share(axis);
    return places;
}

Result<QByteArray> tableOf(const dataset::Project& project, const FeatureSet& set, const FeatureMap& map)
{
    QHash<dataset::RecordingId, QString> names;
    EMBER_TRY(const std::vector<dataset::Recording> recordings, project.recordings().list());
    for (const dataset::Recording& recording : recordings)
        names.insert(recording.id, recording.name);
    QByteArray text = "x,y,label,group,recording,begin_row,rows\n";
    for (std::size_t i = 0; i < map.rows.size(); ++i) {
        const dataset::Window& window = set.windows.windows[static_cast<std::size_t>(map.rows[i])];
        const auto place = map.places.row(static_cast<Eigen::Index>(i));
        text += QByteArray::number(place[0], 'g', 9) + ',' + QByteArray::number(place[1], 'g', 9) + ',' +
                dataset::csvField(set.windows.classNames.value(window.label)) + ',' +
                dataset::csvField(set.windows.groupNames.value(window.group)) + ',' +
                dataset::csvField(names.value(window.recording)) + ',' + QByteArray::number(window.begin) + ',' +
                QByteArray::number(set.windows.spec.rows) + '\n';
    }
    return text;
}

} // namespace

QString mapMethodName(MapMethod method)
{
    switch (method) {
    case MapMethod::Pca:
        return QStringLiteral("pca");
    case MapMethod::Tsne:
        return QStringLiteral("tsne");
    case MapMethod::Umap:
        return QStringLiteral("umap");
    }
    return {};
}

Result<MapMethod> mapMethodFromName(const QString& name)
{
    QStringList names;
    for (const MapMethod method : kMethods) {
        if (mapMethodName(method) == name)
            return method;
        names << mapMethodName(method);
    }
    return Error(ErrorKind::Usage, QStringLiteral("'%1' is not a way to lay out windows.").arg(name),
                 QStringLiteral("Use one of %1.").arg(names.join(QStringLiteral(", "))));
}

Result<FeatureMap> mapFeatures(const learn::Matrix& matrix, const MapOptions& options, const Hooks& hooks)
{
    if (matrix.columns == 0 || matrix.rows() < 4)
        return Error(ErrorKind::Usage,
                     QStringLiteral("%1 windows are too few to be laid out; it takes four.").arg(matrix.rows()),
                     QStringLiteral("Label more of the recordings, or use shorter windows."));
    FeatureMap map;
    map.method = options.method;
    const auto all = static_cast<Eigen::Index>(matrix.rows());
    // Of all of them, so that a part is scaled as the whole is.
    const explore::Standardised data = explore::standardise(matrix.features, matrix.columns);
    map.replaced = data.replaced;
    const std::vector<Eigen::Index> chosen =
        explore::spread(all, options.method == MapMethod::Pca ? all : options.mostWindows);
    map.rows.assign(chosen.begin(), chosen.end());
    if (static_cast<Eigen::Index>(chosen.size()) == all) {
        EMBER_TRY(map.places, placesOf(data.rows, options, map, hooks));
    } else {
        const explore::Rows part = data.rows(chosen, Eigen::indexing::all);
        EMBER_TRY(map.places, placesOf(part, options, map, hooks));
    }
    return map;
}

Result<ExploreReport> exploreProject(const ExploreRequest& request, const Hooks& hooks)
{
    EMBER_TRY(const dataset::Project project, dataset::Project::open(request.project));
    ExploreReport report;
    EMBER_TRY(report.set, computeFeatures(project, request.features, hooks));
    EMBER_TRY(report.map, mapFeatures(report.set.matrix, request.map, hooks));
    if (request.csvPath.isEmpty())
        return report;
    EMBER_TRY(const QByteArray text, tableOf(project, report.set, report.map));
    QSaveFile file(request.csvPath);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        return Error(ErrorKind::Io,
                     QStringLiteral("'%1' cannot be written: %2.").arg(request.csvPath, file.errorString()),
                     QStringLiteral("Check the folder's permissions and free space."));
    return report;
}

} // namespace ember::workflow
