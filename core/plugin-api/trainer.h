// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/model/graph.h"

#include <QList>
#include <QString>
#include <QStringList>
#include <QVariant>
#include <QVariantMap>
#include <QtPlugin>

#include <span>
#include <vector>

namespace ember::plugin {

/// Raised whenever a type in this folder changes; a plugin built for another number is refused before it is loaded.
/// A plugin states its own in the metadata key "api" of its JSON file.
constexpr int kApiNumber = 2;

enum class ParameterType
{
    Integer,
    Real,
    Boolean,
    Choice,
    Text
};

/// A parameter as data: the program draws the form, checks the range and writes the help from it.
struct ParameterSpec
{
    QString key; ///< "max-depth": lower case, dashes
    ParameterType type = ParameterType::Integer;
    QVariant defaultValue;
    QVariant minimum; ///< Integer and Real; invalid: no bound
    QVariant maximum;
    QStringList choices; ///< Choice
    QString name;        ///< "Maximum depth"
    QString unit;        ///< may be empty
    QString help;        ///< one sentence: what it does and what a larger value costs
};

enum class Task
{
    Classification,
    Regression,
    Anomaly
};
enum class TrainerInput
{
    FeatureVector,
    RawWindow
};

/// What a trainer says of itself.
struct TrainerInfo
{
    QString id;        ///< "trees.random-forest"
    QString name;      ///< "Random forest"
    QString summary;   ///< one sentence
    QString whenToUse; ///< one sentence
    QList<Task> tasks;
    TrainerInput input = TrainerInput::FeatureVector;
    bool canQuantise = false;
    bool canAdaptOnDevice = false;
    QList<ParameterSpec> parameters;
};

/// The training data, owned by the caller for the time of the call. Row-major, no NaN, no infinities.
struct TrainingView
{
    std::span<const float> features; ///< rows x columns
    std::size_t columns = 0;
    std::span<const qint32> labels; ///< one per row: index into classNames; empty for a task without labels
    std::span<const float> targets; ///< one per row, for regression; empty otherwise
    QStringList classNames;
    QStringList featureNames; ///< empty, or one per column
    std::vector<int> shape;   ///< of a row, channels last ({time, channels}); empty: figures without an order

    std::size_t rows() const { return columns == 0 ? 0 : features.size() / columns; }
};

struct TrainingContext
{
    quint64 seed = 1; ///< the same seed, data and parameters give the same model, whatever `threads` is
    int threads = 1;
    ProgressSink progress; ///< Progress::detail may carry "metric=value" for a learning curve
    CancelToken cancel;    ///< to be looked at several times a second
};

/// One way of training. Calls come from one thread at a time, in a worker process. Nothing is thrown out of it.
class Trainer
{
public:
    virtual ~Trainer() = default;

    virtual TrainerInfo info() const noexcept = 0;

    /// `parameters` holds a value of the right type and range for every key of info().parameters.
    /// Errors: Cancelled; Usage for data it cannot learn from (says why); Failed.
    virtual Result<model::Model> train(const TrainingView& data, const QVariantMap& parameters,
                                       const TrainingContext& context) noexcept = 0;
};

/// The root object of a plugin. Owns its trainers.
class TrainerPlugin
{
public:
    virtual ~TrainerPlugin() = default;
    virtual QList<Trainer*> trainers() noexcept = 0;
};

} // namespace ember::plugin

#define EmberTrainerPlugin_iid "org.emberlab.TrainerPlugin"
Q_DECLARE_INTERFACE(ember::plugin::TrainerPlugin, EmberTrainerPlugin_iid)
