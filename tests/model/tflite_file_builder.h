// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/tflite_names.h"

#include <QByteArray>

#include <string>
#include <tflite_subset_generated.h>
#include <vector>

namespace ember::test {

namespace fb = emberlab::tflite;

/// Writes files of TensorFlow Lite with the schema itself: one graph, and one more that may be called once.
class TfliteFileBuilder
{
public:
    TfliteFileBuilder() { m_buffers.push_back(fb::CreateBuffer(m_to)); }

    int tensor(const std::string& name, int type, const std::vector<int32_t>& shape)
    {
        return add(name, type, shape, 0);
    }
    template <typename T>
    int constant(const std::string& name, int type, const std::vector<int32_t>& shape, const std::vector<T>& values)
    {
        const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
        m_buffers.push_back(fb::CreateBuffer(m_to, m_to.CreateVector(bytes, values.size() * sizeof(T))));
        return add(name, type, shape, static_cast<uint32_t>(m_buffers.size() - 1));
    }

    void op(int code, const std::vector<int32_t>& inputs, const std::vector<int32_t>& outputs,
            fb::Options type = fb::Options_NONE, flatbuffers::Offset<void> options = 0)
    {
        m_codes.push_back(fb::CreateOperatorCode(m_to, static_cast<int8_t>(std::min(code, 127)), 0, 1, code));
        m_operators.push_back(fb::CreateOperator(m_to, static_cast<uint32_t>(m_codes.size() - 1),
                                                 m_to.CreateVector(inputs), m_to.CreateVector(outputs), type, options));
    }
    /// A custom operator with its attributes, which FlexBuffers' own library writes.
    void custom(const char* name, const std::vector<uint8_t>& attributes, const std::vector<int32_t>& inputs,
                const std::vector<int32_t>& outputs)
    {
        m_codes.push_back(
            fb::CreateOperatorCode(m_to, model::detail::kCustom, m_to.CreateString(name), 1, model::detail::kCustom));
        m_operators.push_back(fb::CreateOperator(m_to, static_cast<uint32_t>(m_codes.size() - 1),
                                                 m_to.CreateVector(inputs), m_to.CreateVector(outputs),
                                                 fb::Options_NONE, 0, m_to.CreateVector(attributes)));
    }
    flatbuffers::Offset<void> variable(const char* name)
    {
        return fb::CreateVarHandleOptions(m_to, 0, m_to.CreateString(name)).Union();
    }

    void endGraph(const std::vector<int32_t>& inputs, const std::vector<int32_t>& outputs)
    {
        m_graphs.push_back(fb::CreateSubGraph(m_to, m_to.CreateVector(m_tensors), m_to.CreateVector(inputs),
                                              m_to.CreateVector(outputs), m_to.CreateVector(m_operators)));
        m_tensors.clear();
        m_operators.clear();
    }

    QByteArray finish()
    {
        fb::FinishModelBuffer(m_to, fb::CreateModel(m_to, 3, m_to.CreateVector(m_codes), m_to.CreateVector(m_graphs), 0,
                                                    m_to.CreateVector(m_buffers)));
        return QByteArray(reinterpret_cast<const char*>(m_to.GetBufferPointer()),
                          static_cast<qsizetype>(m_to.GetSize()));
    }

    flatbuffers::FlatBufferBuilder& builder() { return m_to; }

    /// Another value with the buffer, shape and scales of others: tables may be named more than once.
    int shared(flatbuffers::Offset<flatbuffers::String> name, flatbuffers::Offset<flatbuffers::Vector<int32_t>> shape,
               int type, uint32_t buffer, flatbuffers::Offset<fb::QuantizationParameters> scales = 0)
    {
        m_tensors.push_back(fb::CreateTensor(m_to, shape, static_cast<int8_t>(type), buffer, name, scales));
        return static_cast<int>(m_tensors.size() - 1);
    }
    uint32_t lastBuffer() const { return static_cast<uint32_t>(m_buffers.size() - 1); }
    void sharedOp(flatbuffers::Offset<flatbuffers::Vector<int32_t>> inputs,
                  flatbuffers::Offset<flatbuffers::Vector<int32_t>> outputs)
    {
        m_operators.push_back(fb::CreateOperator(m_to, 0, inputs, outputs, fb::Options_NONE, 0));
    }

private:
    int add(const std::string& name, int type, const std::vector<int32_t>& shape, uint32_t buffer)
    {
        m_tensors.push_back(fb::CreateTensor(m_to, m_to.CreateVector(shape), static_cast<int8_t>(type), buffer,
                                             m_to.CreateString(name)));
        return static_cast<int>(m_tensors.size() - 1);
    }

    flatbuffers::FlatBufferBuilder m_to;
    std::vector<flatbuffers::Offset<fb::Buffer>> m_buffers;
    std::vector<flatbuffers::Offset<fb::OperatorCode>> m_codes;
    std::vector<flatbuffers::Offset<fb::Tensor>> m_tensors;
    std::vector<flatbuffers::Offset<fb::Operator>> m_operators;
    std::vector<flatbuffers::Offset<fb::SubGraph>> m_graphs;
};

} // namespace ember::test
