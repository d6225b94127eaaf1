// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/features/pipeline.h"
#include "core/features/presets.h"
#include "core/model/model_file.h"
#include "core/model/tree_tools.h"
#include "core/signal/npy.h"
#include "tests/model/random_trees.h"

#include <QJsonDocument>
#include <QRandomGenerator>

#include <algorithm>
#include <limits>
#include <vector>

// Models and inputs that the tests of code generation share.
namespace ember::codegen::test {

inline QString modelPath(const QString& name)
{
    return QStringLiteral(EMBERLAB_TEST_DATA "/models/") + name;
}

/// A table of numbers of tests/data/models, row-major; empty when it cannot be read.
inline std::vector<float> tableOf(const QString& name)
{
    const auto array = signal::readNpy(modelPath(name));
    return array ? array->toFloat() : std::vector<float>();
}

inline std::vector<qint32> labelsOf(const QString& name)
{
    const auto array = signal::readNpy(modelPath(name));
    if (!array)
        return {};
    return array->toInt32().value_or(std::vector<qint32>());
}

inline QStringList numbered(const char* prefix, int count)
{
    QStringList names;
    for (int i = 0; i < count; ++i)
        names << QStringLiteral("%1%2").arg(QLatin1String(prefix)).arg(i);
    return names;
}

/// A model around an ensemble, with features of a given type.
inline model::Model modelOf(model::TreeEnsemble ensemble, model::TensorType input = model::TensorType::Float32)
{
    const bool classifier = ensemble.classifier;
    const QStringList classes = classifier ? numbered("class ", ensemble.targets) : QStringList();
    model::Model model = model::makeClassifier(std::move(ensemble), classes, {});
    if (!classifier) { // has scores and no label
        model.graph.outputs.erase(model.graph.outputs.begin());
        model.graph.nodes.front().outputs.erase(model.graph.nodes.front().outputs.begin());
    }
    model.graph.inputs.front().type = input;
    return model;
}

/// Turns the leaves of an ensemble into class shares that add up to `sum`, with a good part of pure ones.
inline void makeShares(model::TreeEnsemble& ensemble, float sum, QRandomGenerator& random)
{
    const auto targets = static_cast<std::size_t>(ensemble.targets);
    for (std::size_t at = 0; at < ensemble.leafValues.size(); at += targets) {
        std::vector<int> counts(targets, 0);
        const int samples = random.bounded(2) == 0 ? 1 : random.bounded(2, 30);
        for (int i = 0; i < samples; ++i)
            ++counts[static_cast<std::size_t>(random.bounded(ensemble.targets))];
        for (std::size_t t = 0; t < targets; ++t)
            ensemble.leafValues[at + t] = sum * static_cast<float>(counts[t]) / static_cast<float>(samples);
    }
}

/// Rows that hit thresholds exactly as often as not, and hold zeros of both signs, NaN and infinities.
inline std::vector<float> awkwardRows(QRandomGenerator& random, int rows, int columns)
{
    std::vector<float> values;
    for (int i = 0; i < rows * columns; ++i) {
        switch (random.bounded(24)) {
        case 0:
            values.push_back(std::numeric_limits<float>::quiet_NaN());
            break;
        case 1:
            values.push_back(-std::numeric_limits<float>::quiet_NaN());
            break;
        case 2:
            values.push_back(-0.0f);
            break;
        case 3:
            values.push_back(std::numeric_limits<float>::infinity());
            break;
        case 4:
            values.push_back(-std::numeric_limits<float>::infinity());
            break;
        case 5:
            values.push_back(std::numeric_limits<float>::denorm_min() * (random.bounded(2) == 0 ? 1.0f : -1.0f));
            break;
        default:
            values.push_back(static_cast<float>(random.bounded(-44, 45)) * 0.25f);
        }
    }
    return values;
}

inline std::vector<float> wholeRows(QRandomGenerator& random, int rows, int columns)
{
    std::vector<float> values;
    for (int i = 0; i < rows * columns; ++i)
        values.push_back(static_cast<float>(random.bounded(-14, 15)));
    return values;
}

/// A three-axis stream in int16 and a pipeline over it.
inline features::Pipeline motionPipeline(int windowRows, int hopRows)
{
    signal::StreamSpec stream;
    stream.name = QStringLiteral("imu");
    stream.type = signal::SampleType::Int16;
    stream.rateHz = 50;
    for (const char* name : {"ax", "ay", "az"})
        stream.channels.push_back({QString::fromLatin1(name), QStringLiteral("m/s2"), 0.01, 0.0});
    auto pipeline = features::presetPipeline(QStringLiteral("motion"), stream, windowRows, hopRows);
    return pipeline ? *pipeline : features::Pipeline();
}

/// A random forest over the features of `pipeline`, with thresholds taken from features of `windows`, so that its
/// branches are really taken.
inline model::Model windowModel(const features::Pipeline& pipeline, const std::vector<QByteArray>& windows,
                                quint32 seed)
{
    std::vector<std::vector<float>> seen;
    for (const QByteArray& window : windows)
        seen.push_back(features::extract(pipeline, window).value_or(std::vector<float>()));
    const auto columns = static_cast<int>(seen.front().size());
    model::test::RandomTrees maker(seed);
    model::TreeEnsemble ensemble = maker.make({.trees = 7, .targets = 4, .features = columns, .maxDepth = 5});
    for (model::TreeNode& node : ensemble.nodes) {
        const auto row = static_cast<std::size_t>(maker.generator().bounded(static_cast<int>(seen.size())));
        if (node.leaf < 0)
            node.threshold = seen[row][static_cast<std::size_t>(node.feature)];
    }
    makeShares(ensemble, 1.0f / 7.0f, maker.generator());
    model::Model model = modelOf(std::move(ensemble));
    model.featureNames = features::featureNames(pipeline);
    model.properties[QStringLiteral("emberlab.pipeline")] =
        QString::fromUtf8(QJsonDocument(features::toJson(pipeline)).toJson(QJsonDocument::Compact));
    return model;
}

/// Rows of a slow, noisy movement; row-major int16.
inline QByteArray motionRows(QRandomGenerator& random, int rows)
{
    QByteArray bytes;
    double level[3] = {0, 0, 981};
    for (int i = 0; i < rows; ++i) {
        for (double& axis : level) {
            axis += random.bounded(121) - 60 - axis * 0.02;
            const auto sample = static_cast<qint16>(std::clamp(axis, -32768.0, 32767.0));
            bytes.append(reinterpret_cast<const char*>(&sample), sizeof sample);
        }
    }
    return bytes;
}

inline std::vector<QByteArray> motionWindows(quint32 seed, int count, int windowRows)
{
    QRandomGenerator random(seed);
    std::vector<QByteArray> windows;
    for (int i = 0; i < count; ++i)
        windows.push_back(motionRows(random, windowRows));
    return windows;
}

} // namespace ember::codegen::test
