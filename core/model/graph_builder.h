// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ember::model {

/// What the graph of a trained model is called and calls its classes and features.
struct ModelNames
{
    QStringList classes;  ///< empty for a regressor
    QStringList features; ///< empty, or one per feature
};

/// The classes of anomaly detectors, in the order of their scores.
QStringList anomalyClasses();

/// Builds graphs of the form that trainers return: one float32 input "features" [rows, features]; first output the
/// label (text) and second the scores of a classifier, or the value of a regressor. A value is called after what it is.
/// The builder is used up by the call that makes the model.
class GraphBuilder
{
public:
    explicit GraphBuilder(std::size_t features);

    /// The name of the input.
    std::string input() const { return m_model.graph.inputs.front().name; }

    /// A constant of the graph; returns its name. `shape` has as many elements as there are values.
    std::string constant(const std::string& name, const std::vector<float>& values, Shape shape);
    std::string constant(const std::string& name, const std::vector<qint64>& values, Shape shape);

    /// A node with one result; returns `name`, which is the result's and the node's.
    std::string add(const std::string& name, Operation operation, std::vector<std::string> inputs);
    /// A node with several results; returns the first one's name, which is the node's too.
    std::string add(Operation operation, std::vector<std::string> inputs, std::vector<std::string> outputs);
    std::string binary(const std::string& name, BinaryKind kind, const std::string& a, const std::string& b);

    /// (input - mean) * scale: the form of a standard scaler. Returns the result's name.
    std::string scaled(const std::vector<float>& mean, const std::vector<float>& scale);

    /// Squared Euclidean distances [rows, points] of x [rows, width] from points [points, width].
    std::string squaredDistances(const std::string& name, const std::string& x, const std::vector<float>& points,
                                 std::size_t width);

    /// The largest of scores [rows, classes] names the label, the first of equals.
    Model classifier(const std::string& scores, const ModelNames& names) &&;

    /// A LinearModel or SvmModel that chooses by itself; it makes `width` scores per row.
    Model classifier(Operation operation, const std::string& x, qint64 width, const ModelNames& names) &&;

    /// value is [rows, 1].
    Model regressor(const std::string& value, const ModelNames& names) &&;

    /// An anomaly detector. decision [rows, 1] is positive for normal rows; scores are [decision, -decision], so that
    /// a detector is a classifier of anomalyClasses() like any other.
    Model detector(const std::string& decision, const QStringList& featureNames) &&;

private:
    void labelFrom(const std::string& index, const QStringList& classNames);

    Model m_model;
};

/// Moves the threshold of a detector by `by` on (score of anomaly - score of normal): what lies above it afterwards is
/// an anomaly. Errors: Unsupported for a model that is not of the forms that trainers return.
Status moveThreshold(Model& detector, float by);

/// A regressor around an ensemble of one target: input "features", output "value".
Model makeRegressor(TreeEnsemble ensemble, const QStringList& featureNames);

} // namespace ember::model
