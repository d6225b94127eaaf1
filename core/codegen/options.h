// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QtGlobal>

#include <optional>

namespace ember::codegen {

/// The type in which the generated code takes features. Auto: the model's own input type. The narrower ones are the
/// caller's promise about the range; verification checks it on its rows.
enum class FeatureType : quint8
{
    Auto,
    Float32,
    Int32,
    Int16,
    Int8
};

/// How a forest's trees are put together. Soft: leaf values are added, as ONNX means it. Hard: each tree gives one
/// vote to the largest value of its leaf.
enum class Vote : quint8
{
    Soft,
    Hard
};

/// What the code is made for. Size: compact tables and one small kernel. Speed: trees as nested comparisons. Balanced:
/// comparisons where they are small (see kBalancedCodeBytes in lower.h), tables where they are not.
enum class Optimise : quint8
{
    Size,
    Balanced,
    Speed
};

/// How a model may learn on the board: device-agent/runtime/learn_*.hpp.
struct LearningOptions
{
    int rows = 16; ///< of nearest neighbours: taught rows that the board keeps beside the trained ones
    int votes = 0; ///< of nearest neighbours: how many of the k that vote may be taught rows; 0: all
    double limit =
        2;           ///< how far a mean may move, in LoweredGaussian::spreads; a weight, in parts of the largest weight
    int prior = 8;   ///< of means: rows that the trained mean counts for
    int memory = 64; ///< of means: no taught row counts less than one in so many

    friend bool operator==(const LearningOptions&, const LearningOptions&) = default;
};

/// How answers to windows become events on the board: device-agent/runtime/events.hpp.
struct EventOptions
{
    quint8 smoothing = 1; ///< windows that are averaged, 1 at least
    quint8 patience = 1;  ///< windows in a row that make an event, 1 at least
    quint8 deadTime = 0;  ///< windows behind an event in which none of the same class begins
    quint8 on = 128;      ///< share of a class at which an event begins, in 1/256
    quint8 off = 128;     ///< share below which it ends, at most `on`
    QString background;   ///< class that is no event; empty: every class is one

    friend bool operator==(const EventOptions&, const EventOptions&) = default;
};

struct Options
{
    FeatureType featureType = FeatureType::Auto;
    Vote vote = Vote::Soft;
    Optimise optimise = Optimise::Size;
    QString name = {}; ///< of the generated files, namespace and functions; empty: the model's own
    std::optional<LearningOptions> learning = {}; ///< code that also learns; none: it does not
    std::optional<EventOptions> events = {};      ///< code that also tells events; none: it does not

    friend bool operator==(const Options&, const Options&) = default;
};

/// The words of the command line: "float32", "soft", "size", ...
QString featureTypeName(FeatureType type);
QString voteName(Vote vote);
QString optimiseName(Optimise optimise);

/// The reverse. Errors: Usage, naming the words that are understood.
Result<FeatureType> featureTypeFromName(const QString& name);
Result<Vote> voteFromName(const QString& name);
Result<Optimise> optimiseFromName(const QString& name);

} // namespace ember::codegen
