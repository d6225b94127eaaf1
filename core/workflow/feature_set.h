// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/project.h"
#include "core/dataset/windows.h"
#include "core/features/pipeline.h"
#include "core/learn/matrix.h"
#include "core/workflow/hooks.h"

namespace ember::workflow {

/// How a project becomes a feature matrix.
struct FeatureRequest
{
    QString preset = QStringLiteral("auto"); ///< a preset's name; "auto": by units and channels
    QString pipelineFile;    ///< JSON: a list of blocks, or a whole pipeline with its own window; wins over the preset
    QByteArray pipelineText; ///< what would be in such a file; wins over it
    double windowSeconds = 2.0;
    double strideSeconds = 1.0;
    QString labelSet; ///< empty: the default set
    double minShare = 0.6;
};

/// Windows, the pipeline that was used, and one row of features for each window.
struct FeatureSet
{
    dataset::WindowSet windows;
    features::Pipeline pipeline;
    learn::Matrix matrix; ///< labels and groups of the windows
    QString datasetHash;
    bool fromCache = false;
    QString presetWhy; ///< the preset that "auto" chose, and the reason; empty otherwise
};

/// The pipeline that the request names, for windows of such a stream. `why` (may be null) is set when the preset was
/// chosen here. Errors: Usage (no rate, windows without rows, a pipeline for another stream), NotFound.
Result<features::Pipeline> pipelineFor(const FeatureRequest& request, const signal::StreamSpec& stream,
                                       QString* why = nullptr);

/// Only the windows and the pipeline: what will be computed, without computing it.
Result<FeatureSet> planFeatures(const dataset::Project& project, const FeatureRequest& request);

/// Cuts, extracts (or takes from the project's cache) and labels. Errors: Usage (nothing labelled, one class only is
/// not an error here), as makeWindows and presetPipeline.
Result<FeatureSet> computeFeatures(const dataset::Project& project, const FeatureRequest& request,
                                   const Hooks& hooks = {});

/// The raw bytes of the windows, in the order of the set: what a board is sent to verify.
Result<std::vector<QByteArray>> windowBytes(const dataset::Project& project, const dataset::WindowSet& windows,
                                            const Hooks& hooks = {});

} // namespace ember::workflow
