// SPDX-License-Identifier: GPL-3.0-or-later
// Operators of TensorFlow Lite to operations of the graph. Private to this folder.
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"
#include "core/model/tflite_attributes.h"

#include <QString>

#include <map>
#include <set>
#include <tflite_subset_generated.h>

namespace ember::model::detail {

namespace fb = emberlab::tflite;

Error damagedTflite(const QString& what);
Error unsupportedTflite(const QString& what);

constexpr std::size_t kMaxTfliteStates = 1'000;

/// What is known of a tensor of the file.
struct TfliteTensor
{
    ValueInfo info;
    bool constant = false;
    bool state = false;
    bool handle = false; ///< names a variable and holds no numbers
};

/// One operator as its converter sees it, and the graph that it adds nodes to.
struct TfliteOperator
{
    const fb::Operator* source = nullptr;
    int code = 0;
    std::vector<const TfliteTensor*> inputs; ///< null where an input is absent
    std::vector<const TfliteTensor*> outputs;
    Graph* graph = nullptr;
    std::string name;            ///< of the node
    std::string custom;          ///< the name of a custom operator
    TfliteAttributes attributes; ///< of a custom operator

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

/// How each operator's code is converted, by family: shapes and places in tflite_shapes.cpp, what keeps a state in
/// tflite_states.cpp, all others in tflite_ops.cpp.
using TfliteConverters = std::map<int, Status (*)(const TfliteOperator&)>;
const TfliteConverters& tfliteShapeConverters();
const TfliteConverters& tfliteStateConverters();

/// Whether the operator names, reads or sets a variable, or calls what does so at the start.
bool isTfliteVariable(int code);

/// Variables (resources) of a file, which become states of the graph. They begin at zero (the zero point): a file that
/// begins otherwise is refused.
class TfliteVariables
{
public:
    /// Requires isTfliteVariable(). Errors: BadData, Unsupported.
    Status convert(const TfliteOperator& op);
    /// To be called when all operators are converted. Errors: BadData, Unsupported for another beginning than zero.
    Status checkBeginnings(const fb::Model& model, const Graph& graph) const;

private:
    Result<std::string> stateOf(const TfliteOperator& op, const TfliteTensor* value);
    static Status checkBeginning(const fb::Model& model, const fb::SubGraph& begin, const Graph& graph,
                                 qint64& checkedBytes);
    static Status checkZero(const ValueInfo& state, const flatbuffers::Vector<uint8_t>& bytes);

    std::map<const TfliteTensor*, std::string> m_handles;
    std::set<int> m_beginnings;
};

/// An operator without the options that it needs.
Error noTfliteOptions();

/// The names of the first inputs, those that are there.
std::vector<std::string> firstTfliteInputs(const TfliteOperator& op, std::size_t count);

/// The clamp at the end of a layer; those of stored integers are clamps only. Errors: Unsupported.
Result<Activation> tfliteActivation(const TfliteOperator& op, int code);

/// The name of an operator in the format ("CONV_2D").
QString tfliteOperatorName(int code);

/// Whether convertTflite() knows the operator.
bool isTfliteSupported(int code);

/// Adds the nodes of one operator. Errors: BadData, Unsupported.
Status convertTflite(const TfliteOperator& op);

} // namespace ember::model::detail
