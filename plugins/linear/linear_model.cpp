// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/linear/linear_model.h"

#include "core/model/graph_builder.h"

namespace ember::linear {

using common::PresentClasses;
using common::Scaling;

Weights Weights::unscaled(const Scaling& scaling) const
{
    Weights plain;
    plain.coefficients = coefficients.array().rowwise() * scaling.scale.array();
    plain.intercepts = intercepts - plain.coefficients * scaling.mean.transpose();
    return plain;
}

Weights Weights::forClasses(const PresentClasses& classes) const
{
    Weights all;
    all.coefficients = common::Matrix::Zero(classes.total, coefficients.cols());
    all.intercepts = common::Vector::Constant(classes.total, common::kNeverWins);
    for (int c = 0; c < classes.count(); ++c) {
        const qint32 k = classes.classes[static_cast<std::size_t>(c)];
        const bool single = intercepts.size() == 1;
        const double part = !single ? 1.0 : (c == 0 ? -0.5 : 0.5);
        all.coefficients.row(k) = part * coefficients.row(single ? 0 : c);
        all.intercepts[k] = part * intercepts[single ? 0 : c];
    }
    return all;
}

namespace {

model::LinearModel operationOf(const Weights& weights)
{
    model::LinearModel operation;
    operation.targets = weights.intercepts.size();
    operation.coefficients = common::floats(weights.coefficients);
    operation.intercepts = common::floats(weights.intercepts);
    return operation;
}

} // namespace

model::Model classifierOf(const Weights& weights, model::PostTransform transform, const plugin::TrainingView& data)
{
    model::LinearModel operation = operationOf(weights);
    operation.classifier = true;
    operation.classes = operation.targets;
    operation.transform = transform;
    const qint64 classes = operation.classes;
    model::GraphBuilder graph(data.columns);
    return std::move(graph).classifier(std::move(operation), graph.input(), classes,
                                       {data.classNames, data.featureNames});
}

model::Model regressorOf(const Weights& weights, const plugin::TrainingView& data)
{
    model::GraphBuilder graph(data.columns);
    const std::string value = graph.add("value", operationOf(weights), {graph.input()});
    return std::move(graph).regressor(value, {{}, data.featureNames});
}

} // namespace ember::linear
