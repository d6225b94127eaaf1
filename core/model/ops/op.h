// SPDX-License-Identifier: GPL-3.0-or-later
// What every operation provides: the shapes of its results, and its computation. Private to core/model.
//
// infer() trusts nothing: types, ranks, sizes and constants come from files. evaluate() is called after infer() has
// accepted the same inputs, with outputs of the shapes that it gave, and so only checks what depends on the elements.
#pragma once

#include "core/base/result.h"
#include "core/model/fixed_point.h"
#include "core/model/graph.h"
#include "core/model/operation_list.h"

#include <optional>
#include <span>
#include <vector>

namespace ember::model::ops {

/// What is known of an input before it is computed.
struct Input
{
    TensorType type = TensorType::Float32;
    Shape shape;
    const Tensor* value = nullptr; ///< when it is known: constants always, everything during a run
    const Quantisation* quantisation = nullptr;
    bool present = false;

    qint64 size() const;
};

struct Output
{
    TensorType type = TensorType::Float32;
    Shape shape;
};

struct Inference
{
    std::vector<Output> outputs;
    qint64 macs = 0; ///< multiplications with accumulation, the usual measure of work
};

struct InferContext
{
    std::vector<Input> inputs;
    std::vector<const ValueInfo*> declared; ///< one for each output; null where the file says nothing

    bool has(std::size_t index) const { return index < inputs.size() && inputs[index].present; }
    const Input& at(std::size_t index) const { return inputs[index]; }
};

/// One computation. Inputs that are absent are null.
struct Call
{
    std::vector<const Tensor*> inputs;
    std::vector<Tensor*> states; ///< the same places; not null where an input is a state
    std::vector<const Quantisation*> inputQuantisation;
    std::vector<Tensor> outputs;
    std::vector<const Quantisation*> outputQuantisation;
    RequantiseRounding rounding = RequantiseRounding::Double;

    bool has(std::size_t index) const { return index < inputs.size() && inputs[index]; }
    const Tensor& in(std::size_t index) const { return *inputs[index]; }
    Tensor& out(std::size_t index = 0) { return outputs[index]; }
};

/// Shapes and types of the results of any operation. Errors: BadData, Unsupported; they do not name the node.
Result<Inference> inferOperation(const Operation& operation, const InferContext& context);
/// Computes any operation into call.outputs. Errors: as above.
Status evaluateOperation(const Operation& operation, Call& call);

// Helpers of the families.

Error bad(const QString& what);
Error cannot(const QString& what);

/// Checks that inputs `from` to before `to` are there.
Status needInputs(const InferContext& context, std::size_t count);
Status needType(const Input& input, std::initializer_list<TensorType> types, const char* what);
Status needFloat(const Input& input, const char* what);
Status needSameType(const Input& a, const Input& b);

/// An axis counted from the front. Errors: BadData outside [-rank, rank).
Result<std::size_t> axisOf(qint64 axis, std::size_t rank);
/// The same for a list, which must not repeat; the result is sorted.
Result<std::vector<std::size_t>> axesOf(std::span<const qint64> axes, std::size_t rank);

/// The whole numbers of an input that shapes depend on. Errors: Unsupported when they are not known yet, BadData for an
/// input that is not whole numbers or has more than 1000.
Result<std::vector<qint64>> knownIntegers(const Input& input, const char* what);

/// NumPy broadcasting. Errors: BadData.
Result<Shape> broadcastShapes(const Shape& a, const Shape& b);

/// Elements between neighbours along each dimension.
std::vector<qint64> stridesOf(const Shape& shape);
/// Product of the dimensions from `begin` to before `end`.
qint64 product(const Shape& shape, std::size_t begin, std::size_t end);
inline qint64 product(const Shape& shape)
{
    return product(shape, 0, shape.size());
}
/// a * b without overflow: the largest number instead.
qint64 saturatedProduct(qint64 a, qint64 b);

/// For each element of a `shape` that `from` is broadcast to, the place in `from`.
std::vector<qint64> broadcastIndices(const Shape& from, const Shape& shape);

/// Calls visit(index vector) for every index of a shape in C order.
template <typename Visit>
void forEachIndex(const Shape& shape, Visit visit)
{
    const qint64 count = product(shape);
    std::vector<qint64> index(shape.size(), 0);
    for (qint64 i = 0; i < count; ++i) {
        visit(index);
        for (std::size_t d = shape.size(); d-- > 0;) {
            if (++index[d] < shape[d])
                break;
            index[d] = 0;
        }
    }
}

/// One result of the given type and shape.
inline Inference one(TensorType type, Shape shape, qint64 macs = 0)
{
    Inference inference;
    inference.outputs.push_back({type, std::move(shape)});
    inference.macs = macs;
    return inference;
}

/// Copies elements of any type, also text: to[i] = from[indices[i]], or fill (may be null: zero) where it is negative.
void pick(const Tensor& from, std::span<const qint64> indices, const Tensor* fill, Tensor& to);

/// Range of a quantised output with its activation. `type` is Int8, UInt8 or Int16.
struct ClampRange
{
    qint32 low = 0;
    qint32 high = 0;
};
ClampRange quantisedRange(Activation activation, const Quantisation& quantisation, TensorType type);
float activated(Activation activation, float x);

/// Whether integer arithmetic with scales applies to a value.
inline bool isQuantised(TensorType type, const Quantisation* quantisation)
{
    return quantisation && !isFloat(type) && type != TensorType::String && type != TensorType::Bool;
}

// The functions that exist once for each operation.
#define EMBER_OPERATION(Name)                                                                                          \
    Result<Inference> infer(const Name& op, const InferContext& context);                                              \
    Status evaluate(const Name& op, Call& call);
EMBER_FOR_EACH_OPERATION(EMBER_OPERATION)
#undef EMBER_OPERATION

} // namespace ember::model::ops
