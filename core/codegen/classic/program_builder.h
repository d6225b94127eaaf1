// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of a float program, put together node by node. Private to this folder.
#pragma once

#include "core/codegen/classic/program.h"
#include "core/codegen/kind.h"
#include "core/model/analysis.h"

#include <map>
#include <optional>

namespace ember::codegen {

/// A value of the graph: where it is and what it looks like.
struct ProgramValue
{
    StepOperand at;
    model::Shape shape;

    qint64 count() const;
};

/// Elements of the dimensions from `from` to before `to`.
qint64 productOf(const model::Shape& shape, std::size_t from, std::size_t to);

/// What the functions below share: the steps so far, and where the graph's values are. Scratch operands name buffers
/// until planProgram() has placed them.
class ProgramBuilder
{
public:
    ProgramBuilder(const model::Model& model, const model::Analysis& analysis);

    const model::Graph& graph() const { return m_model.graph; }
    /// Inferred or declared shape of a value that is not a constant.
    const model::Shape& shapeOf(const std::string& name) const { return m_analysis.values.at(name).shape; }
    model::TensorType typeOf(const std::string& name) const { return m_analysis.values.at(name).type; }

    /// Null for a value that depends on the input.
    const model::Tensor* constantTensor(const std::string& name) const;

    /// Where an operand is; constants are put into the table when they are first read. Nowhere for a value that no step
    /// made (text).
    ProgramValue operand(const std::string& name);
    /// A new buffer for a value.
    ProgramValue result(const std::string& name);
    void set(const std::string& name, ProgramValue value) { m_values[name] = std::move(value); }
    StepOperand constant(const std::vector<float>& values);
    StepOperand scratch(qint64 floats);

    void push(ProgramKernel kind, StepFunction function, std::vector<StepOperand> operands, StepOperand result,
              std::initializer_list<qint64> numbers);
    ProgramStep& lastStep() { return m_program.steps.back(); }
    bool hasSteps() const { return !m_program.steps.empty(); }

    /// The same numbers under another shape or type.
    void alias(const model::Node& node);
    /// How many nodes and outputs read a value.
    int uses(const std::string& name) const;
    /// The node that makes a value; null for inputs and constants.
    const model::Node* maker(const std::string& name) const;

    /// The value with the index of the class that a label stands for; see takeGather().
    void setIndexOf(const std::string& label, const std::string& index) { m_indices[label] = index; }
    std::optional<std::string> indexOf(const std::string& label) const;

    /// Nodes whose work another step does.
    void fuse(const std::string& result) { m_fused[result] = true; }
    bool isDone(const model::Node& node) const;

    LoweredProgram& program() { return m_program; }
    std::vector<qint64>& buffers() { return m_buffers; }

private:
    const model::Model& m_model;
    const model::Analysis& m_analysis;
    LoweredProgram m_program;
    std::vector<qint64> m_buffers; ///< floats of each
    std::map<std::string, ProgramValue> m_values;
    std::map<std::string, int> m_uses;
    std::map<std::string, const model::Node*> m_makers;
    std::map<std::string, std::string> m_indices;
    std::map<std::string, bool> m_fused;
};

// One function for each operation that has a kernel; empty when the step was made. An operation without a function is
// not generated.
WhyNot take(ProgramBuilder& to, const model::Gemm& gemm, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Dense& dense, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::MatMul& matMul, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::LinearModel& linear, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::SvmModel& svm, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Unary& unary, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Binary& binary, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Reduce& reduce, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Softmax& softmax, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::ArgExtreme& extreme, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::TopK& top, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Gather& gather, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::OneHot& oneHot, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Reshape& reshape, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Squeeze& squeeze, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Unsqueeze& unsqueeze, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Flatten& flatten, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Cast& cast, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Conv& conv, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Pool& pool, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Transpose& transpose, const model::Node& node);
WhyNot take(ProgramBuilder& to, const model::Recurrent& layer, const model::Node& node);

/// Distances of a row from stored points, as reductions of differences. One kernel does what would need as much memory
/// as there are points: finds those before any step is made, and marks the nodes in between as done.
void fuseDistances(ProgramBuilder& to);
/// The step of a reduction that fuseDistances() found; false for another one.
bool takeDistances(ProgramBuilder& to, const model::Node& node);

/// "the operator Conv in this form".
WhyNot inThisForm(const model::Node& node);

} // namespace ember::codegen
