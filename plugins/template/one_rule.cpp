// SPDX-License-Identifier: GPL-3.0-or-later
#include "one_rule.h"

#include <algorithm>
#include <exception>
#include <vector>

using namespace ember;

namespace {

/// A question and how many rows of each class answer yes and no.
struct Rule
{
    std::size_t feature = 0;
    float threshold = 0;
    std::vector<double> yes, no;

    double hits() const { return *std::max_element(yes.begin(), yes.end()) + *std::max_element(no.begin(), no.end()); }
};

float meanOf(const plugin::TrainingView& data, std::size_t feature)
{
    double sum = 0;
    for (std::size_t row = 0; row < data.rows(); ++row)
        sum += data.features[row * data.columns + feature];
    return static_cast<float>(sum / static_cast<double>(data.rows()));
}

Rule ruleFor(const plugin::TrainingView& data, std::size_t feature)
{
    const auto classes = static_cast<std::size_t>(data.classNames.size());
    Rule rule{feature, meanOf(data, feature), std::vector<double>(classes), std::vector<double>(classes)};
    for (std::size_t row = 0; row < data.rows(); ++row) {
        const bool yes = data.features[row * data.columns + feature] <= rule.threshold;
        (yes ? rule.yes : rule.no)[static_cast<std::size_t>(data.labels[row])] += 1;
    }
    return rule;
}

/// Adds a leaf whose scores are the class shares, with `smoothing` rows of every class imagined on top.
void addLeaf(model::TreeEnsemble& trees, const std::vector<double>& counts, double smoothing)
{
    double total = 0;
    for (const double count : counts)
        total += count + smoothing;
    model::TreeNode node;
    node.leaf = static_cast<qint32>(trees.leafValues.size() / counts.size());
    trees.nodes.push_back(node);
    for (const double count : counts)
        trees.leafValues.push_back(total > 0 ? static_cast<float>((count + smoothing) / total) : 0.0f);
}

/// The rule as a tree: node 0 asks, node 1 is the answer to yes, node 2 to no.
model::Model modelOf(const Rule& rule, const plugin::TrainingView& data, double smoothing)
{
    model::TreeEnsemble trees;
    trees.featureCount = static_cast<qint32>(data.columns);
    trees.targets = static_cast<qint32>(data.classNames.size());
    trees.roots = {0};
    model::TreeNode question;
    question.feature = static_cast<qint32>(rule.feature);
    question.threshold = rule.threshold;
    question.whenTrue = 1;
    question.whenFalse = 2;
    trees.nodes.push_back(question);
    addLeaf(trees, rule.yes, smoothing);
    addLeaf(trees, rule.no, smoothing);

    model::Model model;
    model.classNames = data.classNames;
    model.featureNames = data.featureNames;
    model.graph.name = "one-rule";
    model.graph.inputs = {{"features", model::TensorType::Float32, {-1, trees.featureCount}}};
    model.graph.outputs = {{"label", model::TensorType::String, {-1}},
                           {"scores", model::TensorType::Float32, {-1, trees.targets}}};
    model.graph.nodes = {{"trees", std::move(trees), {"features"}, {"label", "scores"}}};
    return model;
}

Result<model::Model> trainOneRule(const plugin::TrainingView& data, const QVariantMap& parameters,
                                  const plugin::TrainingContext& context)
{
    if (data.rows() == 0 || data.labels.size() != data.rows())
        return Error(ErrorKind::Usage, QStringLiteral("There are no labelled rows to learn from."),
                     QStringLiteral("Label some data first."));
    Rule best = ruleFor(data, 0);
    for (std::size_t feature = 1; feature < data.columns; ++feature) {
        if (context.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Training was cancelled."));
        report(context.progress, QStringLiteral("Trying features"),
               static_cast<double>(feature) / static_cast<double>(data.columns));
        const Rule rule = ruleFor(data, feature);
        if (rule.hits() > best.hits())
            best = rule;
    }
    return modelOf(best, data, parameters.value(QStringLiteral("smoothing")).toDouble());
}

} // namespace

plugin::TrainerInfo OneRuleTrainer::info() const noexcept
{
    plugin::ParameterSpec smoothing;
    smoothing.key = QStringLiteral("smoothing");
    smoothing.type = plugin::ParameterType::Real;
    smoothing.defaultValue = 1.0;
    smoothing.minimum = 0.0;
    smoothing.maximum = 1000.0;
    smoothing.name = QStringLiteral("Smoothing");
    smoothing.unit = QStringLiteral("rows");
    smoothing.help = QStringLiteral("Rows of every class imagined in each answer; more makes the scores less certain.");

    plugin::TrainerInfo info;
    info.id = QStringLiteral("template.one-rule");
    info.name = QStringLiteral("One rule");
    info.summary = QStringLiteral("One question about one feature.");
    info.whenToUse = QStringLiteral("As a baseline, and as the beginning of a trainer of your own.");
    info.tasks = {plugin::Task::Classification};
    info.parameters = {smoothing};
    return info;
}

Result<model::Model> OneRuleTrainer::train(const plugin::TrainingView& data, const QVariantMap& parameters,
                                           const plugin::TrainingContext& context) noexcept
{
    try {
        return trainOneRule(data, parameters, context);
    } catch (const std::exception& e) {
        return Error(ErrorKind::Failed, QStringLiteral("Training failed: %1.").arg(QString::fromUtf8(e.what())));
    }
}
