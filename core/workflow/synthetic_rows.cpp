// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/synthetic_rows.h"

#include "core/model/evaluator.h"

#include <QRandomGenerator>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::workflow {
namespace {

std::vector<std::vector<float>> thresholdsOf(const model::Model& model, std::size_t features)
{
    std::vector<std::vector<float>> thresholds(features);
    for (const model::Node& node : model.graph.nodes) {
        const auto* trees = std::get_if<model::TreeEnsemble>(&node.operation);
        if (!trees)
            continue;
        for (const model::TreeNode& split : trees->nodes) {
            if (split.leaf < 0 && static_cast<std::size_t>(split.feature) < features)
                thresholds[static_cast<std::size_t>(split.feature)].push_back(split.threshold);
        }
    }
    return thresholds;
}

float fit(float value, codegen::FeatureType type)
{
    float limit = 0;
    switch (type) {
    case codegen::FeatureType::Auto:
    case codegen::FeatureType::Float32:
        return value;
    case codegen::FeatureType::Int32:
        limit = 16'777'216.0f;
        break; // what a float still counts in ones
    case codegen::FeatureType::Int16:
        limit = 32'767.0f;
        break;
    case codegen::FeatureType::Int8:
        limit = 127.0f;
        break;
    }
    return std::clamp(std::floor(value), -limit, limit);
}

} // namespace

footprint::FeatureRows syntheticRows(const model::Model& model, codegen::FeatureType type, qint64 rows)
{
    footprint::FeatureRows made;
    const auto evaluator = model::Evaluator::create(model);
    if (!evaluator)
        return made;
    made.columns = evaluator->features();
    const auto thresholds = thresholdsOf(model, made.columns);
    QRandomGenerator random(20);
    made.values.reserve(static_cast<std::size_t>(rows) * made.columns);
    for (qint64 row = 0; row < rows; ++row) {
        for (const std::vector<float>& of : thresholds) {
            if (of.empty()) {
                made.values.push_back(0.0f);
                continue;
            }
            float value = of[random.bounded(static_cast<quint32>(of.size()))];
            if (random.bounded(2) == 1)
                value = type == codegen::FeatureType::Float32 || type == codegen::FeatureType::Auto
                            ? std::nextafter(value, std::numeric_limits<float>::max())
                            : std::floor(value) + 1.0f;
            made.values.push_back(fit(value, type));
        }
    }
    return made;
}

footprint::FeatureRows randomRows(std::size_t columns, codegen::FeatureType type, qint64 rows)
{
    QRandomGenerator random(21);
    footprint::FeatureRows made;
    made.columns = columns;
    made.values.resize(static_cast<std::size_t>(rows) * columns);
    for (float& value : made.values) {
        const auto whole = static_cast<float>(random.bounded(-128, 128));
        value = type == codegen::FeatureType::Float32 ? whole / 128.0f : whole;
    }
    return made;
}

} // namespace ember::workflow
