// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/recording_reader.h"
#include "core/workflow/feature_set.h"
#include "core/workflow/label_proposals.h"

#include <span>
#include <vector>

namespace ember::workflow {

/// Who says what unlabelled rows may be.
enum class SuggestionSource
{
    Model,      ///< a classifier of the project
    Neighbours, ///< the labelled window that is nearest by its features
};

struct SuggestionRequest
{
    SuggestionSource source = SuggestionSource::Model;
    QString model;           ///< Model: "project.ember#3", or empty for the project's newest classifier
    FeatureRequest features; ///< Neighbours: windows and features that are compared
    QString labelSet;        ///< empty: the default set
    QString onlyLabel;       ///< empty: of all labels
    QStringList recordings;  ///< names of those to look at; empty: all
    double leastConfidence = 0;
    bool disagreements = false; ///< also rows that are labelled otherwise
};

struct Suggestions
{
    std::vector<LabelProposal> proposals; ///< the least certain first; of equals by recording and row
    qint64 windows = 0;                   ///< that were looked at
    qint64 unlike = 0;                    ///< Neighbours: windows that are like none of the labelled ones
    QString by;                           ///< for a person: the model's name, or how many labelled windows
};

/// Looks at all windows of the recordings and puts those that follow each other and say the same into one proposal,
/// whose confidence is the mean over its windows: a model's share of the winning class, or by neighbours d2 / (d1 + d2)
/// with the distances to the nearest window of the label and of any other label. A window that is farther from all
/// labelled ones than twice what these are from each other (95 % of them) suggests nothing. What is labelled so already
/// is left out, and so are unlabelled rests shorter than a hop and disagreements shorter than a window.
/// Errors: NotFound (no model), Unsupported (no classifier, no pipeline), Usage (another stream, fewer than two
/// labels), Cancelled.
Result<Suggestions> suggestLabels(const dataset::Project& project, const SuggestionRequest& request,
                                  const Hooks& hooks = {});

/// What one window says.
struct WindowOpinion
{
    qint64 begin = 0;
    qint32 label = -1; ///< -1: nothing
    double confidence = 0;
};

/// A stretch whose windows say the same. Each window speaks for the rows around its middle that are nearer to it than
/// to its neighbours; the first and last of windows that follow each other also for the rows outside.
struct OpinionStretch
{
    dataset::RowInterval rows;
    qint32 label = -1;
    double confidence = 0;
};
/// `windows` are of one recording, in order, `rows` long; those `hop` apart follow each other.
std::vector<OpinionStretch> joinOpinions(std::span<const WindowOpinion> windows, qint64 rows, qint64 hop);

} // namespace ember::workflow
