// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/interpreter.h"

#include <QRandomGenerator>

#include <memory>
#include <string>
#include <vector>

namespace ember::test {

using model::Signal;
using model::Tensor;
using model::TensorType;

/// One step, its states, and the tensors that go in and come out.
class Bench
{
public:
    Bench(Signal step, const std::vector<Tensor>& inputs, std::vector<model::ValueInfo> states, std::size_t outputs = 1)
    {
        model::Model model;
        model::Node node{"step", std::move(step), {}, {}};
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const std::string name = "x" + std::to_string(i);
            model.graph.inputs.push_back({name, inputs[i].type(), inputs[i].shape()});
            node.inputs.push_back(name);
        }
        for (model::ValueInfo& state : states) {
            node.inputs.push_back(state.name);
            model.graph.states.push_back(std::move(state));
        }
        for (std::size_t i = 0; i < outputs; ++i) {
            node.outputs.push_back("y" + std::to_string(i));
            model.graph.outputs.push_back({node.outputs.back(), TensorType::Float32, {}});
        }
        model.graph.nodes.push_back(std::move(node));
        m_interpreter = std::make_unique<model::Interpreter>(model::Interpreter::create(std::move(model)).value());
        m_state = std::make_unique<model::Interpreter::State>(m_interpreter->initialState().value());
    }

    Result<std::vector<Tensor>> tryRun(const std::vector<Tensor>& inputs)
    {
        return m_interpreter->run(inputs, model::RequantiseRounding::Double, m_state.get());
    }
    std::vector<Tensor> run(const std::vector<Tensor>& inputs) { return tryRun(inputs).value(); }

private:
    std::unique_ptr<model::Interpreter> m_interpreter;
    std::unique_ptr<model::Interpreter::State> m_state;
};

template <typename T>
Tensor row(const std::vector<T>& values)
{
    return Tensor::of(values, {static_cast<qint64>(values.size())});
}

template <typename T>
std::vector<T> elements(const Tensor& tensor)
{
    const auto all = tensor.as<T>();
    return {all.begin(), all.end()};
}

template <typename T>
std::vector<T> randoms(QRandomGenerator& random, std::size_t count)
{
    std::vector<T> values(count);
    for (T& value : values)
        value = static_cast<T>(random.generate64());
    return values;
}

} // namespace ember::test
