// SPDX-License-Identifier: GPL-3.0-or-later
// Quantised operators of ai.onnx.
#include "core/model/onnx_ops.h"

namespace ember::model::detail {
namespace {

Status quantizeLinear(const OnnxOperator& op)
{
    QuantizeLinear operation{op.integer("axis", 1), op.integer("block_size", 0), TensorType::UInt8};
    if (const std::int64_t wanted = op.integer("output_dtype", 0); wanted != 0) {
        const auto type = tensorTypeFor(static_cast<int>(wanted));
        if (!type)
            return unsupported(QStringLiteral("QuantizeLinear to element type %1").arg(wanted));
        operation.type = *type;
    }
    return op.node(operation, op.inputs(3));
}

Status dequantizeLinear(const OnnxOperator& op)
{
    return op.node(DequantizeLinear{op.integer("axis", 1), op.integer("block_size", 0)}, op.inputs(3));
}

Status dynamicQuantizeLinear(const OnnxOperator& op)
{
    return op.node(DynamicQuantizeLinear{}, op.inputs(1));
}

Status qLinearConv(const OnnxOperator& op)
{
    QLinearConv operation;
    EMBER_TRY(operation.window, op.window());
    operation.groups = op.integer("group", 1);
    return op.node(operation, op.inputs(9));
}

Status convInteger(const OnnxOperator& op)
{
    ConvInteger operation;
    EMBER_TRY(operation.window, op.window());
    operation.groups = op.integer("group", 1);
    return op.node(operation, op.inputs(4));
}

Status qLinearMatMul(const OnnxOperator& op)
{
    return op.node(QLinearMatMul{}, op.inputs(8));
}

Status matMulInteger(const OnnxOperator& op)
{
    return op.node(MatMulInteger{}, op.inputs(4));
}

} // namespace

const OnnxConverters& onnxQuantised()
{
    static const OnnxConverters kTable = {{"ConvInteger", convInteger},
                                          {"DequantizeLinear", dequantizeLinear},
                                          {"DynamicQuantizeLinear", dynamicQuantizeLinear},
                                          {"MatMulInteger", matMulInteger},
                                          {"QLinearConv", qLinearConv},
                                          {"QLinearMatMul", qLinearMatMul},
                                          {"QuantizeLinear", quantizeLinear}};
    return kTable;
}

} // namespace ember::model::detail
