// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/classic/gaussian.h"
#include "core/codegen/classic/linear.h"
#include "core/codegen/classic/neighbours.h"
#include "core/codegen/classic/program.h"
#include "core/codegen/classic/support.h"
#include "core/codegen/events/events.h"
#include "core/codegen/learning/learning.h"
#include "core/codegen/network/network.h"
#include "core/codegen/options.h"
#include "core/codegen/trees/forest.h"
#include "core/features/pipeline.h"
#include "core/model/graph.h"
#include "core/signal/stream_spec.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <optional>
#include <variant>
#include <vector>

namespace ember::codegen {

/// What differs between kinds of models; kind.h has what is done with each.
using LoweredBody = std::variant<LoweredForest, LoweredNetwork, LoweredProgram, LoweredGaussian, LoweredSupport,
                                 LoweredLinear, LoweredNeighbours>;

/// Float features that become whole numbers in front of the model proper (core/model/feature_codes.h).
struct LoweredCodes
{
    FeatureType type = FeatureType::Int16; ///< Int8 or Int16
    std::vector<float> constants;          ///< an offset for each feature, then the scales
};

/// A model made ready for a microcontroller: plain tables and names, no choices left open. A value; immutable by habit.
struct LoweredModel
{
    QString name;  ///< an identifier: lower case, no keyword, fit for files, namespaces and C functions
    QString title; ///< the model's name as the user wrote it
    FeatureType featureType = FeatureType::Float32; ///< never Auto
    Vote vote = Vote::Soft;
    Optimise optimise = Optimise::Size;
    CodeStyle style = CodeStyle::Table; ///< of trees
    bool classifier = true;
    quint16 featureCount = 0;
    QStringList classNames;   ///< one per class for a classifier, made up ("0", "1", ...) where the model has none
    QStringList featureNames; ///< empty, or one per feature
    std::optional<LoweredCodes> codes;
    std::optional<features::Pipeline> pipeline;                ///< models of raw windows
    QString datasetHash;                                       ///< empty when the model does not say
    QString trainer;                                           ///< likewise
    signal::SampleType outputType = signal::SampleType::Int32; ///< Int32: votes
    quint16 outputCount = 0;
    quint16 classCount = 0; ///< of a classifier whose outputs are not one per class; 0: as many as outputs
    /// An output x stands for (x - outputZeroPoint) / outputScale of what the model was trained to say.
    double outputScale = 1;
    double outputZeroPoint = 0;
    double leastShare = 0;    ///< of the winner, or the answer is "unknown"; 0: the model always answers
    bool givesShares = false; ///< whether the outputs are what leastShare is compared with
    LoweredBody body;
    std::optional<LoweredLearning> learning; ///< code that also learns
    std::optional<LoweredEvents> events;     ///< code that also tells events
    QString hash; ///< 64 hexadecimal digits over all of the above: equal hashes generate equal code

    /// What the body works on: the codes, where there are some.
    FeatureType rowType() const { return codes ? codes->type : featureType; }

    /// Null for another kind of model.
    const LoweredForest* forest() const { return std::get_if<LoweredForest>(&body); }
    /// What an output says in the model's own units.
    double score(double output) const { return (output - outputZeroPoint) / outputScale; }
};

/// Lowers a validated model. Errors: Unsupported with the reason for what cannot be generated (an operator, an
/// aggregate, more classes than a table can hold, by its name); Usage for options that do not fit the model; BadData
/// for a model that is inconsistent.
Result<LoweredModel> lower(const model::Model& model, const Options& options = {});

/// Any text as an identifier that is safe in C and C++: lower case, digits and single underscores, not a keyword or a
/// well-known library name, at most 40 characters; `fallback` when nothing is left of it.
QString identifierFrom(const QString& text, const QString& fallback = QStringLiteral("model"));

} // namespace ember::codegen
