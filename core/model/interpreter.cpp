// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/interpreter.h"

#include "core/model/ops/op.h"
#include "core/model/validate.h"

#include <algorithm>
#include <unordered_map>

namespace ember::model {
namespace {

constexpr int kAbsent = -1;

struct Step
{
    const Node* node = nullptr;
    std::vector<int> inputs;
    std::vector<int> outputs;
    std::vector<const ValueInfo*> declared; ///< of the outputs
    std::vector<int> finished;              ///< values that nothing reads after this step
};

qint64 bytesOf(const ops::Output& output)
{
    const qint64 each = output.type == TensorType::String ? static_cast<qint64>(sizeof(std::string))
                                                          : static_cast<qint64>(elementBytes(output.type));
    return ops::product(output.shape) * each;
}

QString nodeName(const Node& node)
{
    const QString name = QString::fromStdString(node.name);
    return name.isEmpty() ? operationName(node.operation)
                          : QStringLiteral("%1 '%2'").arg(operationName(node.operation), name.left(80));
}

} // namespace

struct Interpreter::Plan
{
    Model model;
    std::vector<std::string> names;
    std::vector<const Quantisation*> quantisations;
    std::vector<const Tensor*> constants; ///< null for values that are computed
    std::vector<int> stateOf;             ///< index of the state, or absent
    std::vector<Step> steps;
    std::vector<int> outputs;

    void build();

private:
    int index(const std::string& name) const;
    int add(const std::string& name);
    void addSources();
    void addSteps();
    void findLastUses();

    std::unordered_map<std::string, int> m_indices;
};

int Interpreter::Plan::index(const std::string& name) const
{
    const auto found = m_indices.find(name);
    return found == m_indices.end() ? kAbsent : found->second;
}

int Interpreter::Plan::add(const std::string& name)
{
    const int place = static_cast<int>(names.size());
    m_indices.emplace(name, place);
    names.push_back(name);
    quantisations.push_back(nullptr);
    constants.push_back(nullptr);
    stateOf.push_back(kAbsent);
    return place;
}

void Interpreter::Plan::addSources()
{
    const auto at = [](int place) { return static_cast<std::size_t>(place); };
    for (const ValueInfo& input : model.graph.inputs) {
        const int place = add(input.name);
        quantisations[at(place)] = input.quantisation ? &*input.quantisation : nullptr;
    }
    for (const auto& [name, constant] : model.graph.constants) {
        const int place = add(name);
        constants[at(place)] = &constant.value;
        quantisations[at(place)] = constant.quantisation ? &*constant.quantisation : nullptr;
    }
    for (std::size_t i = 0; i < model.graph.states.size(); ++i) {
        const ValueInfo& state = model.graph.states[i];
        const int place = add(state.name);
        stateOf[at(place)] = static_cast<int>(i);
        quantisations[at(place)] = state.quantisation ? &*state.quantisation : nullptr;
    }
}

void Interpreter::Plan::addSteps()
{
    for (const Node& node : model.graph.nodes) {
        Step step;
        step.node = &node;
        for (const std::string& name : node.inputs)
            step.inputs.push_back(name.empty() ? kAbsent : index(name));
        for (const std::string& name : node.outputs) {
            const int place = name.empty() ? kAbsent : add(name);
            const auto info = model.graph.values.find(name);
            const ValueInfo* declared = info == model.graph.values.end() ? nullptr : &info->second;
            step.outputs.push_back(place);
            step.declared.push_back(declared);
            if (place != kAbsent && declared && declared->quantisation)
                quantisations[static_cast<std::size_t>(place)] = &*declared->quantisation;
        }
        steps.push_back(std::move(step));
    }
    for (const ValueInfo& output : model.graph.outputs)
        outputs.push_back(index(output.name));
}

void Interpreter::Plan::findLastUses()
{
    std::vector<bool> seen(names.size(), false);
    for (const int place : outputs)
        seen[static_cast<std::size_t>(place)] = true;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        for (const std::vector<int>* places : {&step->outputs, &step->inputs}) {
            for (const int place : *places) {
                if (place == kAbsent || seen[static_cast<std::size_t>(place)])
                    continue;
                seen[static_cast<std::size_t>(place)] = true;
                step->finished.push_back(place);
            }
        }
    }
}

void Interpreter::Plan::build()
{
    addSources();
    addSteps();
    findLastUses();
}

namespace {

// Values of one run, and the checks of what they cost together.
class Values
{
public:
    explicit Values(const std::vector<const Tensor*>& constants)
        : m_seen(constants)
        , m_owned(constants.size())
    {}

    const Tensor* get(int place) const { return place == kAbsent ? nullptr : m_seen[static_cast<std::size_t>(place)]; }
    void borrow(int place, const Tensor* value) { m_seen[static_cast<std::size_t>(place)] = value; }
    void put(int place, Tensor value)
    {
        const auto at = static_cast<std::size_t>(place);
        m_bytes += static_cast<qint64>(value.bytes().size());
        m_owned[at] = std::make_unique<Tensor>(std::move(value));
        m_seen[at] = m_owned[at].get();
    }
    void drop(int place)
    {
        auto& owned = m_owned[static_cast<std::size_t>(place)];
        if (!owned)
            return;
        m_bytes -= static_cast<qint64>(owned->bytes().size());
        owned.reset();
        m_seen[static_cast<std::size_t>(place)] = nullptr;
    }

    Status account(const ops::Inference& inference)
    {
        qint64 bytes = m_bytes;
        for (const ops::Output& output : inference.outputs)
            bytes += bytesOf(output);
        if (bytes > kMaxRunBytes)
            return ops::cannot(QStringLiteral("its values need %1 MB at the same time").arg(bytes / 1'000'000));
        qint64 work = inference.macs;
        for (const ops::Output& output : inference.outputs)
            work = work > kMaxRunMacs ? work : work + 10 * ops::product(output.shape);
        m_work = work > kMaxRunMacs ? work : m_work + work;
        if (m_work > kMaxRunMacs)
            return ops::cannot(
                QStringLiteral("it needs more than %1 million multiplications").arg(kMaxRunMacs / 1'000'000));
        return {};
    }

private:
    std::vector<const Tensor*> m_seen;
    std::vector<std::unique_ptr<Tensor>> m_owned;
    qint64 m_bytes = 0;
    qint64 m_work = 0;
};

class Runner
{
public:
    Runner(const std::vector<const Quantisation*>& quantisations, const std::vector<int>& stateOf,
           std::vector<Tensor>& states, Values& values, RequantiseRounding rounding)
        : m_quantisations(quantisations)
        , m_stateOf(stateOf)
        , m_states(states)
        , m_values(values)
        , m_rounding(rounding)
    {}

    Status run(const Step& step)
    {
        ops::InferContext context;
        context.declared = step.declared;
        ops::Call call;
        call.rounding = m_rounding;
        for (const int place : step.inputs)
            addInput(place, context, call);
        EMBER_TRY(const ops::Inference inference, ops::inferOperation(step.node->operation, context));
        if (inference.outputs.size() < step.outputs.size())
            return ops::bad(
                QStringLiteral("%1 results where there are %2").arg(step.outputs.size()).arg(inference.outputs.size()));
        EMBER_CHECK(m_values.account(inference));
        for (const ops::Output& output : inference.outputs) {
            EMBER_TRY(Tensor tensor, Tensor::zeros(output.type, output.shape));
            call.outputs.push_back(std::move(tensor));
        }
        for (std::size_t i = 0; i < inference.outputs.size(); ++i)
            call.outputQuantisation.push_back(i < step.outputs.size() ? quantisation(step.outputs[i]) : nullptr);
        EMBER_CHECK(ops::evaluateOperation(step.node->operation, call));
        for (std::size_t i = 0; i < step.outputs.size(); ++i) {
            if (step.outputs[i] != kAbsent)
                m_values.put(step.outputs[i], std::move(call.outputs[i]));
        }
        for (const int place : step.finished)
            m_values.drop(place);
        return {};
    }

private:
    const Quantisation* quantisation(int place) const
    {
        return place == kAbsent ? nullptr : m_quantisations[static_cast<std::size_t>(place)];
    }

    void addInput(int place, ops::InferContext& context, ops::Call& call)
    {
        const Tensor* value = m_values.get(place);
        const Quantisation* q = quantisation(place);
        ops::Input input;
        if (value)
            input = {value->type(), value->shape(), value, q, true};
        context.inputs.push_back(std::move(input));
        call.inputs.push_back(value);
        call.inputQuantisation.push_back(q);
        const int state = place == kAbsent ? kAbsent : m_stateOf[static_cast<std::size_t>(place)];
        call.states.push_back(state == kAbsent ? nullptr : &m_states[static_cast<std::size_t>(state)]);
    }

    const std::vector<const Quantisation*>& m_quantisations;
    const std::vector<int>& m_stateOf;
    std::vector<Tensor>& m_states;
    Values& m_values;
    RequantiseRounding m_rounding;
};

Status checkInput(const ValueInfo& info, const Tensor& value)
{
    bool fits = info.shape.size() == value.rank();
    for (std::size_t d = 0; fits && d < info.shape.size(); ++d)
        fits = info.shape[d] < 0 || info.shape[d] == value.shape()[d];
    if (fits && info.type == value.type())
        return {};
    return Error(ErrorKind::Usage,
                 QStringLiteral("The input '%1' is %2 %3; it was given %4 %5.")
                     .arg(QString::fromStdString(info.name), shapeText(info.shape), tensorTypeName(info.type),
                          shapeText(value.shape()), tensorTypeName(value.type())));
}

// The label that a model of trees gives: the name of the class, or the number that is its name.
Tensor labelOf(const Model& model, const Tensor& winners, TensorType type)
{
    const std::vector<qint64> indices = winners.toInt64();
    std::vector<std::string> texts;
    std::vector<qint64> numbers;
    for (const qint64 index : indices) {
        const QString name = model.classNames.value(static_cast<qsizetype>(index));
        texts.push_back(name.toStdString());
        numbers.push_back(name.toLongLong());
    }
    return type == TensorType::String ? Tensor::ofStrings(std::move(texts), winners.shape())
                                      : Tensor::of(numbers, winners.shape());
}

} // namespace

Result<Interpreter> Interpreter::create(Model model)
{
    EMBER_CHECK(validate(model));
    auto plan = std::make_shared<Plan>();
    plan->model = std::move(model);
    plan->build();
    return Interpreter(std::move(plan));
}

const Model& Interpreter::model() const
{
    return m_plan->model;
}

Result<Interpreter::State> Interpreter::initialState() const
{
    State state;
    for (const ValueInfo& info : m_plan->model.graph.states) {
        EMBER_TRY(Tensor value, Tensor::zeros(info.type, info.shape));
        if (info.quantisation && info.quantisation->zeroPoint() != 0) {
            const std::vector<qint64> zeros(static_cast<std::size_t>(value.size()), info.quantisation->zeroPoint());
            value.assign(std::span<const qint64>(zeros));
        }
        state.m_values.push_back(std::move(value));
    }
    return state;
}

Result<std::vector<Tensor>> Interpreter::run(std::vector<Tensor> inputs, RequantiseRounding rounding,
                                             State* state) const
{
    const Graph& graph = m_plan->model.graph;
    if (inputs.size() != graph.inputs.size())
        return Error(ErrorKind::Usage, QStringLiteral("The model has %1 inputs; %2 values were given.")
                                           .arg(graph.inputs.size())
                                           .arg(inputs.size()));
    EMBER_TRY(State fresh, initialState());
    State& kept = state ? *state : fresh;
    Values values(m_plan->constants);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        EMBER_CHECK(checkInput(graph.inputs[i], inputs[i]));
        values.put(static_cast<int>(i), std::move(inputs[i]));
    }
    for (std::size_t place = 0; place < m_plan->stateOf.size(); ++place) {
        if (m_plan->stateOf[place] != kAbsent)
            values.borrow(static_cast<int>(place), &kept.m_values[static_cast<std::size_t>(m_plan->stateOf[place])]);
    }
    Runner runner(m_plan->quantisations, m_plan->stateOf, kept.m_values, values, rounding);
    for (const Step& step : m_plan->steps) {
        if (auto status = runner.run(step); !status)
            return status.error().context(QStringLiteral("computing %1").arg(nodeName(*step.node)));
    }
    std::vector<Tensor> results;
    for (const int place : m_plan->outputs) {
        const Tensor* value = values.get(place);
        if (!value)
            return ops::bad(QStringLiteral("nothing makes one of its outputs"));
        results.push_back(*value);
    }
    if (isTreeModel(m_plan->model) && !m_plan->model.classNames.isEmpty())
        results[0] = labelOf(m_plan->model, results[0], graph.outputs[0].type);
    return results;
}

} // namespace ember::model
