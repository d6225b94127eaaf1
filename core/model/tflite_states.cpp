// SPDX-License-Identifier: GPL-3.0-or-later
// Operators of TensorFlow Lite that keep something from one run to the next.
#include "core/model/tflite_names.h"
#include "core/model/tflite_ops.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

constexpr flatbuffers::uoffset_t kMaxBeginningOperators = 2'000; // a name and a value for each variable
constexpr qint64 kMaxBeginningBytes = 32'000'000;

Status svdf(const TfliteOperator& op)
{
    const auto* o = op.options<fb::SVDFOptions>(fb::Options_SVDF);
    if (!o)
        return noTfliteOptions();
    Svdf filter{o->rank(), Activation::None};
    EMBER_TRY(filter.activation, tfliteActivation(op, o->fused_activation()));
    // The integer kernels know one: their result is cut at -128, which is zero for a rectifier.
    const bool stored = op.has(0) && op.inputs[0]->info.type != TensorType::Float32;
    if (stored && filter.activation != Activation::Relu)
        return unsupportedTflite(QStringLiteral("SVDF of integers without a rectifier"));
    op.node(filter, firstTfliteInputs(op, 5));
    return {};
}

// Inputs: x; weights of x (1 to 4) and of the output (5 to 8) for the gates input, forget, cell, output; peepholes (9
// to 11); biases (12 to 15); projection (16, 17); states of output and cell (18, 19); normalisation (20 to 23).
Status sequenceLstm(const TfliteOperator& op)
{
    const auto* o = op.options<fb::SequenceLSTMOptions>(fb::Options_SequenceLSTM);
    if (!o)
        return noTfliteOptions();
    constexpr int kTanh = 4;
    if (o->fused_activation() != kTanh)
        return unsupportedTflite(QStringLiteral("UNIDIRECTIONAL_SEQUENCE_LSTM with an activation other than tanh"));
    std::vector<std::string> inputs;
    for (const std::size_t i : {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 18, 19}) {
        if (!op.has(i))
            return unsupportedTflite(
                QStringLiteral("UNIDIRECTIONAL_SEQUENCE_LSTM with coupled gates or without input %1").arg(i));
        inputs.push_back(op.in(i));
    }
    for (const std::size_t i : {9, 10, 11, 16, 17, 20, 21, 22, 23}) {
        if (op.has(i))
            return unsupportedTflite(
                QStringLiteral("UNIDIRECTIONAL_SEQUENCE_LSTM with peepholes, projection or normalisation (input %1)")
                    .arg(i));
    }
    op.node(SequenceLstm{std::max(0.0f, o->cell_clip()), o->time_major()}, std::move(inputs));
    return {};
}

std::string nameOf(const fb::VarHandleOptions& options)
{
    std::string name = "variable";
    for (const flatbuffers::String* part : {options.container(), options.shared_name()})
        name += "/" + (part ? part->str().substr(0, 1'024) : std::string());
    return name;
}

bool isSame(const std::optional<Quantisation>& a, const std::optional<Quantisation>& b)
{
    if (!a || !b)
        return !a && !b;
    return a->scales == b->scales && a->zeroPoints == b->zeroPoints;
}

bool isHandle(const fb::Model& model, const fb::Operator& op, int code)
{
    if (op.opcode_index() >= model.operator_codes()->size())
        return false;
    const fb::OperatorCode& known = *model.operator_codes()->Get(op.opcode_index());
    return std::max<int>(known.deprecated_builtin_code(), known.builtin_code()) == code;
}

// The bytes of a constant tensor of a graph; null for another one.
const flatbuffers::Vector<uint8_t>* bytesOf(const fb::Model& model, const fb::SubGraph& graph, int32_t index)
{
    if (!graph.tensors() || index < 0 || static_cast<flatbuffers::uoffset_t>(index) >= graph.tensors()->size())
        return nullptr;
    const fb::Tensor& tensor = *graph.tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
    if (!model.buffers() || tensor.buffer() >= model.buffers()->size())
        return nullptr;
    return model.buffers()->Get(tensor.buffer())->data();
}

} // namespace

bool isTfliteVariable(int code)
{
    return code == kVarHandle || code == kReadVariable || code == kAssignVariable || code == kCallOnce;
}

Status TfliteVariables::convert(const TfliteOperator& op)
{
    switch (op.code) {
    case kVarHandle: {
        const auto* o = op.options<fb::VarHandleOptions>(fb::Options_VarHandle);
        if (!o || op.outputs.size() != 1)
            return noTfliteOptions();
        m_handles[op.outputs[0]] = nameOf(*o);
        return {};
    }
    case kReadVariable: {
        if (op.outputs.size() != 1)
            return noTfliteOptions();
        EMBER_TRY(const std::string state, stateOf(op, op.outputs[0]));
        op.node(Unary{UnaryKind::Identity}, {state});
        return {};
    }
    case kAssignVariable: {
        EMBER_TRY(const std::string state, stateOf(op, op.has(1) ? op.inputs[1] : nullptr));
        op.graph->nodes.push_back({op.name, Assign{}, {op.in(1), state}, {op.name + "/assigned"}});
        return {};
    }
    default: {
        const auto* o = op.options<fb::CallOnceOptions>(fb::Options_CallOnce);
        if (!o)
            return noTfliteOptions();
        m_beginnings.insert(o->init_subgraph());
        return {};
    }
    }
}

Result<std::string> TfliteVariables::stateOf(const TfliteOperator& op, const TfliteTensor* value)
{
    const auto handle = op.has(0) ? m_handles.find(op.inputs[0]) : m_handles.end();
    if (handle == m_handles.end() || !value)
        return damagedTflite(QStringLiteral("a variable without a name or value"));
    auto& states = op.graph->states;
    const auto known = std::find_if(states.begin(), states.end(),
                                    [&](const ValueInfo& state) { return state.name == handle->second; });
    if (known == states.end()) {
        constexpr std::size_t kMaxVariables = 1'000;
        if (states.size() >= kMaxVariables)
            return unsupportedTflite(QStringLiteral("a model of more than %1 variables").arg(kMaxVariables));
        states.push_back(value->info);
        states.back().name = handle->second;
    } else if (known->type != value->info.type || !isSame(known->quantisation, value->info.quantisation)) {
        return unsupportedTflite(
            QStringLiteral("%1 with two types or scales").arg(QString::fromStdString(handle->second).left(80)));
    }
    return handle->second;
}

Status TfliteVariables::checkBeginnings(const fb::Model& model, const Graph& graph) const
{
    qint64 checkedBytes = 0;
    for (const int index : m_beginnings) {
        if (index < 1 || static_cast<flatbuffers::uoffset_t>(index) >= model.subgraphs()->size())
            return damagedTflite(QStringLiteral("graph %1 that is called once").arg(index));
        EMBER_CHECK(checkBeginning(model, *model.subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(index)), graph,
                                   checkedBytes));
    }
    return {};
}

// A graph that is called once names variables and gives each a constant.
Status TfliteVariables::checkBeginning(const fb::Model& model, const fb::SubGraph& begin, const Graph& graph,
                                       qint64& checkedBytes)
{
    if (begin.operators() && begin.operators()->size() > kMaxBeginningOperators)
        return unsupportedTflite(QStringLiteral("a beginning of %1 operators").arg(begin.operators()->size()));
    std::map<int32_t, std::string> handles;
    for (flatbuffers::uoffset_t i = 0; begin.operators() && i < begin.operators()->size(); ++i) {
        const fb::Operator& op = *begin.operators()->Get(i);
        const auto* options = op.options_type() == fb::Options_VarHandle
                                  ? static_cast<const fb::VarHandleOptions*>(op.options())
                                  : nullptr;
        if (isHandle(model, op, kVarHandle) && options && op.outputs() && op.outputs()->size() == 1) {
            handles[op.outputs()->Get(0)] = nameOf(*options);
            continue;
        }
        if (!isHandle(model, op, kAssignVariable) || !op.inputs() || op.inputs()->size() != 2)
            return unsupportedTflite(QStringLiteral("a CALL_ONCE that computes"));
        const auto handle = handles.find(op.inputs()->Get(0));
        const auto* bytes = bytesOf(model, begin, op.inputs()->Get(1));
        if (handle == handles.end() || !bytes)
            return unsupportedTflite(QStringLiteral("a variable that begins with what is computed"));
        // One buffer may be the beginning of many.
        checkedBytes += bytes->size();
        if (checkedBytes > kMaxBeginningBytes)
            return unsupportedTflite(
                QStringLiteral("a beginning of more than %1 MB").arg(kMaxBeginningBytes / 1'000'000));
        const auto state = std::find_if(graph.states.begin(), graph.states.end(),
                                        [&](const ValueInfo& info) { return info.name == handle->second; });
        if (state != graph.states.end())
            EMBER_CHECK(checkZero(*state, *bytes));
    }
    return {};
}

Status TfliteVariables::checkZero(const ValueInfo& state, const flatbuffers::Vector<uint8_t>& bytes)
{
    EMBER_TRY(Tensor value, Tensor::zeros(state.type, state.shape));
    if (value.bytes().size() != bytes.size())
        return damagedTflite(QStringLiteral("%1 begins with %2 bytes")
                                 .arg(QString::fromStdString(state.name).left(80))
                                 .arg(bytes.size()));
    std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size(), value.bytes().begin());
    const double zero = state.quantisation ? state.quantisation->zeroPoint() : 0;
    const std::vector<double> numbers = value.toDouble();
    if (std::any_of(numbers.begin(), numbers.end(), [zero](double number) { return number != zero; }))
        return unsupportedTflite(
            QStringLiteral("a variable that does not begin at zero (%1)").arg(QString::fromStdString(state.name)));
    return {};
}

const TfliteConverters& tfliteStateConverters()
{
    static const TfliteConverters kAll = {{kSvdf, svdf}, {kUnidirectionalSequenceLstm, sequenceLstm}};
    return kAll;
}

} // namespace ember::model::detail
