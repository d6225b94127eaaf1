// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explore/rows.h"
#include "core/workflow/feature_set.h"

namespace ember::workflow {

/// How windows are laid out on a plane by their features.
enum class MapMethod
{
    Pca,  ///< two directions of the largest variance; distances are true as far as two directions go
    Tsne, ///< neighbours stay neighbours
    Umap  ///< the same, with more of the whole
};
QString mapMethodName(MapMethod method); ///< "pca", "tsne", "umap"
/// Errors: Usage, naming those there are.
Result<MapMethod> mapMethodFromName(const QString& name);

struct MapOptions
{
    MapMethod method = MapMethod::Pca;
    double perplexity = 30;       ///< t-SNE
    int neighbours = 15;          ///< UMAP
    double minimumDistance = 0.1; ///< UMAP
    quint64 seed = 1;
    int mostWindows = 20'000; ///< t-SNE and UMAP: of more, so many evenly spread ones
};

/// A place for each of some windows.
struct FeatureMap
{
    MapMethod method = MapMethod::Pca;
    std::vector<qsizetype> rows; ///< windows that have a place, ascending
    explore::Places places;      ///< one for each of them
    double shares[2] = {0, 0};   ///< PCA: of the variance, along each axis
    qint64 replaced = 0;         ///< numbers that were not finite and were taken as the mean of their feature
};

/// Features are standardised first. Errors: Usage (fewer than four windows), Cancelled.
Result<FeatureMap> mapFeatures(const learn::Matrix& matrix, const MapOptions& options, const Hooks& hooks = {});

struct ExploreRequest
{
    QString project; ///< path
    FeatureRequest features;
    MapOptions map;
    QString csvPath; ///< x, y, label, group, recording, begin_row, rows of each window; empty: not written
};

struct ExploreReport
{
    FeatureSet set;
    FeatureMap map;
};

/// Computes the features of a project's windows, lays them out, and writes the table. Errors: as computeFeatures and
/// mapFeatures; Io.
Result<ExploreReport> exploreProject(const ExploreRequest& request, const Hooks& hooks = {});

} // namespace ember::workflow
