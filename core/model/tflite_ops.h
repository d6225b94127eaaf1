// SPDX-License-Identifier: GPL-3.0-or-later
// Operators of TensorFlow Lite to operations of the graph. Private to this folder.
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <QString>

#include <tflite_subset_generated.h>

namespace ember::model::detail {

namespace fb = emberlab::tflite;

Error damagedTflite(const QString& what);
Error unsupportedTflite(const QString& what);

/// What is known of a tensor of the file.
struct TfliteTensor
{
    ValueInfo info;
    bool constant = false;
    bool state = false;
};

/// One operator as its converter sees it, and the graph that it adds nodes to.
struct TfliteOperator
{
    const fb::Operator* source = nullptr;
    int code = 0;
    std::vector<const TfliteTensor*> inputs; ///< null where an input is absent
    std::vector<const TfliteTensor*> outputs;
    Graph* graph = nullptr;
    std::string name; ///< of the node

    bool has(std::size_t input) const { return input < inputs.size() && inputs[input]; }
    std::string in(std::size_t input) const { return has(input) ? inputs[input]->info.name : std::string(); }

    /// The options of the operator; null when it has others or none.
    template <typename Options>
    const Options* options(fb::Options type) const
    {
        return source->options_type() == type ? static_cast<const Options*>(source->options()) : nullptr;
    }

    /// Whole numbers of a constant input. Errors: Unsupported when it is not constant.
    Result<std::vector<qint64>> integers(std::size_t input) const;

    /// Adds a constant under a new name and returns the name.
    std::string constant(const char* what, Tensor value) const;
    /// Adds a node with the operator's outputs.
    void node(Operation operation, std::vector<std::string> inputs) const;
};

/// The name of an operator in the format ("CONV_2D").
QString tfliteOperatorName(int code);

/// Whether convertTflite() knows the operator.
bool isTfliteSupported(int code);

/// Adds the nodes of one operator. Errors: BadData, Unsupported.
Status convertTflite(const TfliteOperator& op);

} // namespace ember::model::detail
