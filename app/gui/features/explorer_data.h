// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/category.h"
#include "core/dataset/run_table.h"
#include "core/dataset/split.h"
#include "core/workflow/feature_map.h"
#include "core/workflow/feature_ranking.h"

#include <QHash>

#include <optional>

namespace ember::gui {

/// Everything the explorer shows of a project, read once by a job: features of all windows, and what tells them apart.
/// Immutable once it is made, and shared.
struct ExplorerData
{
    workflow::FeatureSet set;
    QHash<dataset::RecordingId, QString> recordingNames;
    QHash<QString, int> classColours;             ///< colour index by label
    std::vector<workflow::RankedFeature> ranking; ///< all features, the most telling first
    std::vector<float> correlations;              ///< features x features
    std::vector<dataset::Run> runs;               ///< that finished, newest first
    std::optional<dataset::Fold> split;           ///< the stored one
    QString noSplit;                              ///< why there is none

    double rate() const { return set.pipeline.stream.rateHz; }
    const dataset::Window& window(std::size_t row) const { return set.windows.windows[row]; }
    std::size_t rows() const { return set.windows.windows.size(); }
    QString labelOf(std::size_t row) const { return set.windows.classNames.value(window(row).label); }
    QString groupOf(std::size_t row) const { return set.windows.groupNames.value(window(row).group); }
    /// "12.0 – 14.0 s": where the window lies in its recording.
    QString timeOf(std::size_t row) const;
    /// Whether everything that is shown is the same, so that maps and what is chosen may stay.
    bool looksLike(const ExplorerData& other) const;
};

/// Any thread. Errors: as computeFeatures.
Result<std::shared_ptr<const ExplorerData>>
loadExplorerData(const QString& path, const workflow::FeatureRequest& request, const workflow::Hooks& hooks);

enum class ColourBy
{
    Label,
    Group,
    Split,
    Correctness
};

/// What windows are told apart by: the kinds, and the kind of each window.
struct Colouring
{
    std::vector<Category> categories;
    std::vector<int> categoryOf; ///< one for each window
    QString problem;             ///< why there is nothing to see; empty when there is
};

/// `run`: whose predictions decide Correctness; may be null otherwise.
Colouring colouringOf(const ExplorerData& data, ColourBy by, const dataset::Run* run);

} // namespace ember::gui
