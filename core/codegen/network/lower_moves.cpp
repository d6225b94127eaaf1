// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/lower_moves.h"

#include "core/model/interpreter.h"

#include <algorithm>
#include <numeric>

namespace ember::codegen {
namespace {

// Each is a call; what needs more is a case for a table, which is not made.
constexpr std::size_t kMostParts = 16;

bool isJoined(const model::Operation& operation)
{
    return std::holds_alternative<model::Concat>(operation);
}

/// The operation on whole numbers: elements of all inputs are counted from 1, what is filled in is 0.
Result<std::vector<qint64>> numberedResult(const model::Operation& operation, const NodeValues& values)
{
    model::Model probe;
    model::Node node{"move", operation, {}, {"y"}};
    std::vector<model::Tensor> inputs;
    qint32 next = 1;
    for (std::size_t i = 0; i < values.inputs.size(); ++i) {
        const std::string name = "x" + std::to_string(i);
        const bool isFill = i == 2 && std::holds_alternative<model::Pad>(operation);
        if (!values.has(i) || isFill) {
            node.inputs.emplace_back();
            continue;
        }
        node.inputs.push_back(name);
        if (i > 0 && !isJoined(operation)) {
            if (!values.constants[i])
                return noKernel(QStringLiteral("%1 to computed places").arg(model::operationName(operation)));
            probe.graph.constants[name] = *values.constants[i];
            continue;
        }
        if (values.constants[i])
            return noKernel(QStringLiteral("%1 of a constant").arg(model::operationName(operation)));
        std::vector<qint32> numbers(static_cast<std::size_t>(elementsOf(values.in(i).shape)));
        std::iota(numbers.begin(), numbers.end(), next);
        next += static_cast<qint32>(numbers.size());
        probe.graph.inputs.push_back({name, model::TensorType::Int32, values.in(i).shape});
        inputs.push_back(model::Tensor::of(numbers, values.in(i).shape));
    }
    probe.graph.nodes.push_back(std::move(node));
    probe.graph.outputs = {{"y", model::TensorType::Int32, values.output->shape}};
    EMBER_TRY(const model::Interpreter interpreter, model::Interpreter::create(std::move(probe)));
    EMBER_TRY(const std::vector<model::Tensor> outputs, interpreter.run(std::move(inputs)));
    return outputs.front().toInt64();
}

Status checkScales(const model::Operation& operation, const NodeValues& values)
{
    const model::Quantisation& out = *values.output->quantisation;
    for (std::size_t i = 0; i < (isJoined(operation) ? values.inputs.size() : 1); ++i) {
        const std::optional<model::Quantisation>& in = values.in(i).quantisation;
        if (!in || in->scales != out.scales || in->zeroPoints != out.zeroPoints)
            return noKernel(QStringLiteral("%1 of values with unlike scales").arg(model::operationName(operation)));
    }
    return {};
}

/// The blocks that make the result, in its order. `ends`: the number behind the last element of each input.
std::vector<MovePart> partsOf(const std::vector<qint64>& numbers, const std::vector<qint64>& ends)
{
    std::vector<MovePart> parts;
    for (std::size_t at = 0; at < numbers.size();) {
        if (numbers[at] == 0) {
            ++at;
            continue;
        }
        int input = 0;
        while (numbers[at] >= ends[static_cast<std::size_t>(input)])
            ++input;
        const qint64 end = ends[static_cast<std::size_t>(input)];
        const qint64 from = numbers[at] - (input == 0 ? 1 : ends[static_cast<std::size_t>(input) - 1]);
        const std::size_t begin = at;
        for (++at; at < numbers.size() && numbers[at] == numbers[at - 1] + 1 && numbers[at] < end;)
            ++at;
        const auto bytes = static_cast<qint64>(at - begin);
        const auto to = static_cast<qint64>(begin);
        const auto extended = std::find_if(parts.rbegin(), parts.rend(), [&](const MovePart& part) {
            const qint64 fromStep = from - (part.from + (part.rows - 1) * part.fromStep);
            const qint64 toStep = to - (part.to + (part.rows - 1) * part.toStep);
            const bool goesOn = part.rows == 1 ? fromStep >= 0 : fromStep == part.fromStep && toStep == part.toStep;
            return part.input == input && part.bytes == bytes && goesOn;
        });
        if (extended != parts.rend()) {
            extended->fromStep = (from - extended->from) / extended->rows;
            extended->toStep = (to - extended->to) / extended->rows;
            ++extended->rows;
            continue;
        }
        parts.push_back({input, from, 0, to, 0, 1, bytes});
    }
    return parts;
}

} // namespace

bool isMove(const model::Operation& operation)
{
    return isJoined(operation) || std::holds_alternative<model::Pad>(operation) ||
           std::holds_alternative<model::Slice>(operation) || std::holds_alternative<model::StridedSlice>(operation) ||
           std::holds_alternative<model::Transpose>(operation) || std::holds_alternative<model::Tile>(operation) ||
           std::holds_alternative<model::Expand>(operation) || std::holds_alternative<model::DepthSpace>(operation);
}

Result<std::optional<StepKind>> lowerMove(const model::Operation& operation, const NodeValues& values)
{
    EMBER_CHECK(checkScales(operation, values));
    MoveStep step;
    step.count = elementsOf(values.output->shape);
    if (std::holds_alternative<model::Pad>(operation)) {
        step.fill = values.output->quantisation->zeroPoint();
        if (values.has(2)) {
            if (!values.constants[2] || values.constants[2]->value.size() != 1)
                return noKernel(QStringLiteral("padding with a computed value"));
            step.fill = static_cast<qint32>(values.constants[2]->value.toInt64().front());
        }
    }
    EMBER_TRY(const std::vector<qint64> numbers, numberedResult(operation, values));
    std::vector<qint64> ends;
    qint64 next = 1;
    for (std::size_t i = 0; i < (isJoined(operation) ? values.inputs.size() : 1); ++i)
        ends.push_back(next += elementsOf(values.in(i).shape));
    step.parts = partsOf(numbers, ends);
    if (step.parts.size() > kMostParts)
        return noKernel(QStringLiteral("%1 of single values").arg(model::operationName(operation)));
    return std::optional<StepKind>(std::move(step));
}

} // namespace ember::codegen
