// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tflite_reader.h"

#include "core/model/analysis.h"
#include "core/model/tflite_file.h"
#include "core/model/tflite_names.h"
#include "core/model/tflite_signal.h"
#include "core/model/validate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>

namespace ember::model {
namespace {

using namespace detail;

constexpr std::size_t kMaxTensors = 20'000;
// What is made of a file: its tables may name one buffer, one list or one name many times.
constexpr qint64 kMaxMadeBytes = 64'000'000;
constexpr int kResource = 13;

// The verifier looks at where a list begins, which is aligned to 4 bytes: its elements of 8 may lie anywhere.
qint64 elementOf(const flatbuffers::Vector<int64_t>& list, std::size_t index)
{
    qint64 value = 0;
    std::memcpy(&value, list.Data() + index * sizeof value, sizeof value);
    return value;
}

float halfToFloat(quint16 half)
{
    const int exponent = (half >> 10) & 31;
    const auto mantissa = static_cast<float>(half & 1023);
    float value = 0;
    if (exponent == 0)
        value = std::ldexp(mantissa, -24);
    else if (exponent == 31)
        value = mantissa == 0 ? INFINITY : NAN;
    else
        value = std::ldexp(mantissa + 1024, exponent - 25);
    return half & 0x8000 ? -value : value;
}

class Reader
{
public:
    explicit Reader(const fb::Model& model)
        : m_model(model)
        , m_source(*model.subgraphs()->Get(0))
    {}

    Result<Model> read()
    {
        EMBER_CHECK(readTensors());
        EMBER_CHECK(readEnds(m_source.inputs(), m_result.graph.inputs, true));
        EMBER_CHECK(readOperators());
        EMBER_CHECK(m_variables.checkBeginnings(m_model, m_result.graph));
        EMBER_CHECK(readEnds(m_source.outputs(), m_result.graph.outputs, false));
        if (m_source.name())
            m_result.graph.name = m_source.name()->str();
        EMBER_CHECK(validate(m_result));
        EMBER_CHECK(compareShapes());
        return std::move(m_result);
    }

private:
    Status charge(std::size_t bytes)
    {
        m_madeBytes += static_cast<qint64>(bytes);
        if (m_madeBytes > kMaxMadeBytes)
            return unsupportedTflite(
                QStringLiteral("a model whose parts need more than %1 MB").arg(kMaxMadeBytes / 1'000'000));
        return {};
    }

    Status readTensors()
    {
        if (m_source.tensors()->size() > kMaxTensors)
            return unsupportedTflite(QStringLiteral("a graph of %1 values").arg(m_source.tensors()->size()));
        std::set<std::string> names;
        for (flatbuffers::uoffset_t i = 0; i < m_source.tensors()->size(); ++i) {
            TfliteTensor tensor;
            EMBER_CHECK(readTensor(*m_source.tensors()->Get(i), i, tensor));
            // In the list, in the set of names, and in a map of the graph.
            EMBER_CHECK(charge(sizeof tensor + 4 * (tensor.info.name.size() + sizeof tensor.info)));
            if (tensor.info.name.empty() || !names.insert(tensor.info.name).second) {
                tensor.info.name += "#" + std::to_string(i);
                names.insert(tensor.info.name);
            }
            if (!tensor.handle)
                EMBER_CHECK(place(*m_source.tensors()->Get(i), tensor));
            m_tensors.push_back(std::move(tensor));
        }
        return {};
    }

    Status readTensor(const fb::Tensor& from, flatbuffers::uoffset_t index, TfliteTensor& to)
    {
        if (from.name())
            to.info.name = from.name()->str().substr(0, 4'096);
        to.handle = from.type() == kResource;
        if (to.handle)
            return {};
        const auto type = tfliteTensorType(from.type());
        if (!type)
            return unsupportedTflite(QStringLiteral("the element type %1 of value %2").arg(from.type()).arg(index));
        if (from.sparsity())
            return unsupportedTflite(QStringLiteral("the sparse value '%1'").arg(QString::fromStdString(to.info.name)));
        to.info.type = *type;
        if (from.shape()) {
            EMBER_CHECK(charge(from.shape()->size()));
            to.info.shape.assign(from.shape()->begin(), from.shape()->end());
        }
        EMBER_TRY(const qint64 count, elementCount(to.info.shape));
        Q_UNUSED(count)
        if (from.quantization())
            EMBER_CHECK(readQuantisation(*from.quantization(), to));
        return {};
    }

    Status readQuantisation(const fb::QuantizationParameters& from, TfliteTensor& to)
    {
        if (!from.scale() || from.scale()->size() == 0)
            return {};
        EMBER_CHECK(charge(std::size_t{from.scale()->size()} * 3 * (sizeof(float) + sizeof(qint32))));
        Quantisation q;
        q.scales.assign(from.scale()->begin(), from.scale()->end());
        q.zeroPoints.assign(q.scales.size(), 0);
        if (from.zero_point() && from.zero_point()->size() > 0) {
            if (from.zero_point()->size() != from.scale()->size())
                return damagedTflite(QStringLiteral("%1 scales and %2 zero points of '%3'")
                                         .arg(from.scale()->size())
                                         .arg(from.zero_point()->size())
                                         .arg(QString::fromStdString(to.info.name)));
            for (std::size_t i = 0; i < q.zeroPoints.size(); ++i)
                q.zeroPoints[i] =
                    static_cast<qint32>(std::clamp<qint64>(elementOf(*from.zero_point(), i), -1'000'000, 1'000'000));
        }
        // Of a bias there is only one axis, whatever converters wrote.
        q.axis = to.info.shape.size() == 1 ? 0 : from.quantized_dimension();
        // Converters leave scales of zero at values that are always zero, and some at floats, where they mean nothing.
        if (isFloat(to.info.type) ||
            std::any_of(q.scales.begin(), q.scales.end(), [](float scale) { return scale == 0.0f; }))
            return {};
        to.info.quantisation = std::move(q);
        return {};
    }

    // Constants and states are known at once; other values are declared for the nodes that make them.
    Status place(const fb::Tensor& from, TfliteTensor& tensor)
    {
        const auto* buffers = m_model.buffers();
        const fb::Buffer* buffer =
            buffers && from.buffer() > 0 && from.buffer() < buffers->size() ? buffers->Get(from.buffer()) : nullptr;
        if (from.buffer() > 0 && !buffer)
            return damagedTflite(
                QStringLiteral("the value '%1' has no buffer").arg(QString::fromStdString(tensor.info.name)));
        if (from.is_variable()) {
            if (m_result.graph.states.size() >= kMaxTfliteStates)
                return unsupportedTflite(QStringLiteral("a model of more than %1 states").arg(kMaxTfliteStates));
            tensor.state = true;
            m_result.graph.states.push_back(tensor.info);
            return {};
        }
        if (!buffer || !buffer->data() || buffer->data()->size() == 0) {
            if (from.type() == 1)
                return unsupportedTflite(QStringLiteral("arithmetic in float16"));
            m_result.graph.values[tensor.info.name] = tensor.info;
            return {};
        }
        tensor.constant = true;
        const bool half = from.type() == 1;
        EMBER_TRY(const qint64 count, elementCount(tensor.info.shape));
        const std::size_t expected =
            static_cast<std::size_t>(count) * (half ? sizeof(quint16) : elementBytes(tensor.info.type));
        if (buffer->data()->size() != expected)
            return damagedTflite(QStringLiteral("the value '%1' of %2 has %3 bytes instead of %4")
                                     .arg(QString::fromStdString(tensor.info.name), shapeText(tensor.info.shape))
                                     .arg(buffer->data()->size())
                                     .arg(expected));
        EMBER_CHECK(charge(half ? 2 * expected : expected));
        EMBER_TRY(Tensor value, Tensor::zeros(tensor.info.type, tensor.info.shape));
        if (half)
            widen(buffer->data()->data(), value);
        else
            std::copy_n(reinterpret_cast<const std::byte*>(buffer->data()->data()), expected, value.bytes().begin());
        m_result.graph.constants.insert_or_assign(tensor.info.name,
                                                  Constant{std::move(value), tensor.info.quantisation});
        return {};
    }

    static void widen(const uint8_t* halves, Tensor& value)
    {
        for (float& element : value.as<float>()) {
            quint16 half = 0;
            std::memcpy(&half, halves, sizeof half);
            halves += sizeof half;
            element = halfToFloat(half);
        }
    }

    Result<const TfliteTensor*> tensorAt(qint64 index) const
    {
        if (index < 0 || index >= static_cast<qint64>(m_tensors.size()))
            return damagedTflite(QStringLiteral("it names value %1 of %2").arg(index).arg(m_tensors.size()));
        return &m_tensors[static_cast<std::size_t>(index)];
    }

    Status readEnds(const flatbuffers::Vector<int32_t>* from, std::vector<ValueInfo>& to, bool inputs)
    {
        if (!from || from->size() == 0 || from->size() > kMaxNodeEnds)
            return damagedTflite(inputs ? QStringLiteral("it has no inputs") : QStringLiteral("it has no outputs"));
        for (const int32_t index : *from) {
            EMBER_TRY(const TfliteTensor* tensor, tensorAt(index));
            if (tensor->handle)
                return unsupportedTflite(QStringLiteral("an input or output that is a variable"));
            if (inputs && (tensor->constant || tensor->state))
                return unsupportedTflite(QStringLiteral("an input that is constant"));
            to.push_back(tensor->info);
            if (inputs)
                m_result.graph.values.erase(tensor->info.name);
        }
        return {};
    }

    Status readOperators()
    {
        if (m_source.operators()->size() > kMaxNodes)
            return unsupportedTflite(QStringLiteral("a graph of %1 operators").arg(m_source.operators()->size()));
        for (flatbuffers::uoffset_t i = 0; i < m_source.operators()->size(); ++i) {
            EMBER_CHECK(readOperator(*m_source.operators()->Get(i), i));
        }
        return {};
    }

    Status readOperator(const fb::Operator& from, flatbuffers::uoffset_t index)
    {
        if (from.opcode_index() >= m_model.operator_codes()->size())
            return damagedTflite(QStringLiteral("operator %1 has no code").arg(index));
        const fb::OperatorCode& code = *m_model.operator_codes()->Get(from.opcode_index());
        TfliteOperator op;
        op.source = &from;
        op.code = tfliteCode(code);
        op.graph = &m_result.graph;
        op.name = tfliteOperatorName(op.code).toStdString() + "_" + std::to_string(index);
        if (op.code == kCustom)
            EMBER_CHECK(readCustom(from, code, op));
        EMBER_CHECK(checkEnds(from, index));
        if (from.inputs()) {
            for (const int32_t input : *from.inputs()) {
                const TfliteTensor* tensor = nullptr;
                if (input != -1) {
                    EMBER_TRY(tensor, tensorAt(input));
                    EMBER_CHECK(charge(sizeof(std::string) + tensor->info.name.size()));
                }
                op.inputs.push_back(tensor);
            }
        }
        if (from.outputs()) {
            for (const int32_t output : *from.outputs()) {
                EMBER_TRY(const TfliteTensor* tensor, tensorAt(output));
                EMBER_CHECK(charge(sizeof(std::string) + tensor->info.name.size()));
                op.outputs.push_back(tensor);
            }
        }
        if (isTfliteVariable(op.code))
            return m_variables.convert(op);
        if (op.outputs.empty())
            return damagedTflite(QStringLiteral("operator %1 has no results").arg(index));
        EMBER_CHECK(widenWeights(op));
        return op.code == kCustom ? convertTfliteSignal(op) : convertTflite(op);
    }

    static Status readCustom(const fb::Operator& from, const fb::OperatorCode& code, TfliteOperator& op)
    {
        op.custom = tfliteCustomName(code);
        if (!isTfliteSignal(op.custom))
            return unsupportedTflite(
                QStringLiteral("the custom operator %1")
                    .arg(op.custom.empty() ? QStringLiteral("without a name") : QString::fromStdString(op.custom)));
        op.name = op.custom + op.name.substr(op.name.find('_'));
        if (!from.custom_options())
            return {};
        EMBER_TRY(op.attributes, readTfliteAttributes({from.custom_options()->data(), from.custom_options()->size()}));
        return {};
    }

    static Status checkEnds(const fb::Operator& from, flatbuffers::uoffset_t index)
    {
        for (const auto* ends : {from.inputs(), from.outputs()}) {
            if (ends && ends->size() > kMaxNodeEnds)
                return damagedTflite(
                    QStringLiteral("operator %1 has %2 inputs or outputs").arg(index).arg(ends->size()));
        }
        return {};
    }

    // Weights in 8 bits of a layer in float32 (dynamic range quantisation) are what they stand for. The runtime would
    // quantise the activations too, with a scale of the moment; in float32 the result is nearer to the trained model.
    Status widenWeights(const TfliteOperator& op)
    {
        const bool layer = op.code == kConv2d || op.code == kDepthwiseConv2d || op.code == kFullyConnected ||
                           op.code == kTransposeConv || op.code == kUnidirectionalSequenceLstm;
        if (!layer || !op.has(0) || op.outputs[0]->info.type != TensorType::Float32)
            return {};
        for (const TfliteTensor* input : op.inputs) {
            if (!input || !input->constant || input->info.type != TensorType::Int8 || !input->info.quantisation)
                continue;
            Constant& constant = m_result.graph.constants.at(input->info.name);
            if (constant.value.type() != TensorType::Int8)
                continue;
            EMBER_CHECK(charge(constant.value.bytes().size() * sizeof(float)));
            EMBER_CHECK(dequantise(constant, input->info.name));
        }
        return {};
    }

    static Status dequantise(Constant& constant, const std::string& name)
    {
        const Quantisation q = *constant.quantisation;
        const Shape& shape = constant.value.shape();
        if (q.perChannel() && (q.axis < 0 || static_cast<std::size_t>(q.axis) >= shape.size() ||
                               shape[static_cast<std::size_t>(q.axis)] != static_cast<qint64>(q.scales.size())))
            return damagedTflite(
                QStringLiteral("%1 scales of '%2'").arg(q.scales.size()).arg(QString::fromStdString(name)));
        qint64 run = 1;
        for (std::size_t d = static_cast<std::size_t>(std::max(0, q.axis)) + 1; d < shape.size(); ++d)
            run *= shape[d];
        EMBER_TRY(Tensor real, Tensor::zeros(TensorType::Float32, shape));
        const std::vector<qint64> stored = constant.value.toInt64();
        const auto channels = static_cast<qint64>(q.scales.size());
        for (std::size_t i = 0; i < stored.size(); ++i) {
            const auto c = static_cast<std::size_t>(channels == 1 ? 0 : static_cast<qint64>(i) / run % channels);
            real.as<float>()[i] = static_cast<float>(stored[i] - q.zeroPoints[c]) * q.scales[c];
        }
        constant = Constant{std::move(real), {}};
        return {};
    }

    // What the file says of its values must be what the operators make.
    Status compareShapes() const
    {
        EMBER_TRY(const Analysis analysis, analyse(m_result.graph));
        for (const auto& [name, info] : m_result.graph.values) {
            const auto found = analysis.values.find(name);
            if (found == analysis.values.end())
                continue;
            if (found->second.type != info.type)
                return damagedTflite(QStringLiteral("'%1' is declared as %2, but is %3")
                                         .arg(QString::fromStdString(name), tensorTypeName(info.type),
                                              tensorTypeName(found->second.type)));
        }
        return {};
    }

    const fb::Model& m_model;
    const fb::SubGraph& m_source;
    Model m_result;
    std::vector<TfliteTensor> m_tensors;
    TfliteVariables m_variables;
    qint64 m_madeBytes = 0;
};

} // namespace

Result<Model> readTflite(const QByteArray& bytes)
{
    static_assert(std::endian::native == std::endian::little, "constants are copied as they lie in the file");
    EMBER_TRY(const fb::Model* model, verifiedTflite(bytes));
    return Reader(*model).read();
}

} // namespace ember::model
