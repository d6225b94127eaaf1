// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/operations.h"
#include "core/model/tensor.h"

#include <QMap>
#include <QString>
#include <QStringList>
#include <QtGlobal>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ember::model {

/// How integers stand for reals: real = scale * (stored - zeroPoint). One scale and zero point for the whole tensor, or
/// one for each index along `axis` (then there are as many as the dimension has).
struct Quantisation
{
    std::vector<float> scales;
    std::vector<qint32> zeroPoints; ///< as many as scales
    qint32 axis = 0;

    bool perChannel() const { return scales.size() > 1; }
    float scale() const { return scales.empty() ? 1.0f : scales.front(); }
    qint32 zeroPoint() const { return zeroPoints.empty() ? 0 : zeroPoints.front(); }
};

/// A named value of the graph. A dimension of -1 is not known before a run: the batch, in most models.
struct ValueInfo
{
    std::string name;
    TensorType type = TensorType::Float32;
    Shape shape;
    std::optional<Quantisation> quantisation = std::nullopt; ///< integer arithmetic follows it; see operations.h
};

/// A value that is part of the model: weights, axes, shapes.
struct Constant
{
    Tensor value;
    std::optional<Quantisation> quantisation = std::nullopt;
};

/// An operation and the names of what it reads and makes. An empty input name is an optional input that is absent; an
/// empty output name is a result that nobody asked for.
struct Node
{
    std::string name;
    Operation operation;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
};

/// Nodes in topological order. Every name is made once: by an input, a constant, a state or a node.
struct Graph
{
    std::string name;
    std::vector<ValueInfo> inputs;
    std::vector<ValueInfo> outputs;
    std::vector<Node> nodes;
    std::map<std::string, Constant> constants;
    /// What is kept from one run to the next, zero (the zero point) at the start: read and changed by its node.
    std::vector<ValueInfo> states;
    /// What the file declares of values that nodes make: types and quantisation that integer arithmetic needs.
    std::map<std::string, ValueInfo> values;
};

/// A trained model: the graph, and what a reader must know to use it. Trees are stored as one ONNX file; `properties`
/// are its metadata ("emberlab.pipeline", "emberlab.dataset", "emberlab.trainer", "emberlab.parameters",
/// "emberlab.seed", ...), written in key order so that equal models are equal files.
struct Model
{
    Graph graph;
    QStringList classNames;   ///< in the order of the votes; empty for a regressor or where the file does not say
    QStringList featureNames; ///< empty, or one per feature
    QMap<QString, QString> properties;
};

/// Whether the model is exactly one tree ensemble: the form that trainers make and that code is generated for. The
/// first output of a classifier is then its label: text when the output's type is String, else the class name read as a
/// whole number. In every other graph a tree classifier makes the index of the class, and constants give the labels.
inline bool isTreeModel(const Model& model)
{
    return model.graph.nodes.size() == 1 && std::holds_alternative<TreeEnsemble>(model.graph.nodes.front().operation);
}

} // namespace ember::model
