// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/model_table.h"
#include "core/dataset/segmenters.h"
#include "core/plugin-api/trainer.h"
#include "core/workflow/label_suggestions.h"

#include <QString>
#include <QVariantMap>

#include <optional>
#include <vector>

namespace ember::gui {

/// One thing that can propose labels: a segmenter, a model, or the labelled windows themselves. A value.
struct AssistChoice
{
    QString title;
    QString purpose; ///< one sentence
    std::optional<dataset::SegmentMethod> segmenter;
    dataset::ModelId model; ///< invalid, and no segmenter: labelled windows

    bool suggests() const { return !segmenter; }
    /// Stays the same for the same choice, so that it can be remembered.
    QString key() const;
    QList<plugin::ParameterSpec> parameters() const;
    /// What is to be asked with these values of the parameters; for choices that suggest.
    workflow::SuggestionRequest request(const QVariantMap& values, const QString& project) const;
    /// Proposals with at least this confidence are accepted together.
    double sureFrom(const QVariantMap& values) const;
    /// The same from a command line.
    QString commandLine(const QString& project, const QString& label, const QStringList& settings,
                        const QVariantMap& values) const;
};

/// All of them: segmenters, labelled windows, models from the newest on.
std::vector<AssistChoice> assistChoices(const std::vector<dataset::StoredModel>& models);

} // namespace ember::gui
