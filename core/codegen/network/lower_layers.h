// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/network/network.h"
#include "core/model/graph.h"

#include <optional>

namespace ember::codegen {

/// What a step is made from: the values of one node with their types, shapes and scales. Constants are null where an
/// input is computed.
struct NodeValues
{
    std::vector<const model::ValueInfo*> inputs;
    std::vector<const model::Constant*> constants;
    const model::ValueInfo* output = nullptr;

    bool has(std::size_t index) const { return index < inputs.size() && inputs[index] != nullptr; }
    const model::ValueInfo& in(std::size_t index) const { return *inputs[index]; }
};

/// The step of one operation, without its place among others; nothing for an operation that only gives its input
/// another shape. The arithmetic is that of core/model/ops, to the last bit. Errors: Unsupported, saying what of the
/// operation there is no kernel for.
Result<std::optional<StepKind>> lowerOperation(const model::Operation& operation, const NodeValues& values);

/// Limits of a stored result with the activation at its end.
Result<StoredRange> storedRange(model::Activation activation, const model::Quantisation& quantisation);

/// "Code for X is not yet generated."
Error noKernel(const QString& what);

/// Whether a value is an int8 array with a scale.
bool isStoredInt8(const model::ValueInfo& value);

qint64 elementsOf(const model::Shape& shape);

/// Whether an operation only gives its input another shape.
bool isReshape(const model::Operation& operation);

} // namespace ember::codegen
