// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/trees_plugin.h"

#include "core/model/graph_builder.h"
#include "core/model/tree_tools.h"

#include <exception>
#include <set>

namespace ember::trees {
namespace {

struct KindText
{
    const char* id;
    const char* name;
    const char* summary;
    const char* whenToUse;
};

KindText textFor(Kind kind)
{
    switch (kind) {
    case Kind::DecisionTree:
        return {"trees.decision-tree", "Decision tree", "One tree of yes-or-no questions about single features.",
                "When every byte and every instruction counts, or when people must be able to read the model."};
    case Kind::RandomForest:
        return {
            "trees.random-forest", "Random forest", "Many trees on random draws of rows and features; they vote.",
            "The first thing to try: accurate without tuning, robust, cheap on every core, no floating point needed."};
    case Kind::ExtraTrees:
        return {
            "trees.extra-trees", "Extra trees", "Like a random forest, but cuts are drawn at random: faster to train.",
            "When features are many and noisy, or training time matters; the model is larger than a random forest."};
    }
    return {};
}

Status checkData(const plugin::TrainingView& data)
{
    const bool numbers = common::taskOf(data) == plugin::Task::Regression;
    if (data.rows() < 2 || (numbers ? data.targets.size() : data.labels.size()) != data.rows())
        return Error(ErrorKind::Usage, QStringLiteral("%1 labelled rows are too few to learn from.").arg(data.rows()),
                     QStringLiteral("Label more data."));
    if (numbers)
        return {};
    const std::set<qint32> present(data.labels.begin(), data.labels.end());
    if (present.size() < 2)
        return Error(ErrorKind::Usage,
                     QStringLiteral("All rows have the label '%1'.").arg(data.classNames.value(data.labels.front())),
                     QStringLiteral("A classifier needs rows of at least two classes."));
    return {};
}

Result<model::Model> trainTrees(Kind kind, const plugin::TrainingView& data, const QVariantMap& parameters,
                                const plugin::TrainingContext& context)
{
    EMBER_CHECK(checkData(data));
    EMBER_TRY(ForestOptions options, readOptions(kind, parameters, data.columns));
    options.seed = context.seed;
    options.threads = context.threads;
    const ForestInput input{data.features, data.columns, data.labels, static_cast<int>(data.classNames.size()),
                            data.targets};
    EMBER_TRY(model::TreeEnsemble ensemble, growForest(input, options, context.progress, context.cancel));
    if (!ensemble.classifier)
        return model::makeRegressor(std::move(ensemble), data.featureNames);
    return model::makeClassifier(std::move(ensemble), data.classNames, data.featureNames);
}

} // namespace

plugin::TrainerInfo TreesTrainer::info() const noexcept
{
    const KindText text = textFor(m_kind);
    plugin::TrainerInfo info;
    info.id = QString::fromLatin1(text.id);
    info.name = QString::fromLatin1(text.name);
    info.summary = QString::fromLatin1(text.summary);
    info.whenToUse = QString::fromLatin1(text.whenToUse);
    info.tasks = {plugin::Task::Classification, plugin::Task::Regression};
    info.parameters = parameterSpecs(m_kind);
    return info;
}

Result<model::Model> TreesTrainer::train(const plugin::TrainingView& data, const QVariantMap& parameters,
                                         const plugin::TrainingContext& context) noexcept
{
    try {
        return trainTrees(m_kind, data, parameters, context);
    } catch (const std::exception& e) {
        return Error(ErrorKind::Failed,
                     QStringLiteral("Growing the trees failed: %1.").arg(QString::fromUtf8(e.what())),
                     QStringLiteral("Use fewer or shallower trees, or fewer rows."));
    }
}

} // namespace ember::trees
