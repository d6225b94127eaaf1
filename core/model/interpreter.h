// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/fixed_point.h"
#include "core/model/graph.h"

#include <memory>
#include <vector>

namespace ember::model {

// More than this in one run is an attempt to occupy the machine, not a model for a microcontroller.
constexpr qint64 kMaxRunMacs = 4'000'000'000; ///< an element that is made counts as ten
constexpr qint64 kMaxRunBytes = 64'000'000;   ///< values alive at the same time

/// Computes any graph: the reference for generated code and for every faster kernel. Floats in float32, integers to the
/// last bit. Holds its own copy of the model. Immutable: any thread, also several at once.
class Interpreter
{
public:
    /// What a model keeps from one run to the next.
    class State
    {
        friend class Interpreter;
        std::vector<Tensor> m_values;
    };

    /// Errors: as validate().
    static Result<Interpreter> create(Model model);

    const Model& model() const;

    /// States as they are before the first run. Errors: Unsupported for states too large.
    Result<State> initialState() const;

    /// One value for each input of the graph, in order; returns one for each output. Types must be those of the inputs,
    /// and dimensions where they are known. Without `state`, states begin anew. Errors: Usage for inputs that do not
    /// fit; BadData and Unsupported, naming the node.
    Result<std::vector<Tensor>> run(std::vector<Tensor> inputs,
                                    RequantiseRounding rounding = RequantiseRounding::Double,
                                    State* state = nullptr) const;

private:
    struct Plan;
    explicit Interpreter(std::shared_ptr<const Plan> plan)
        : m_plan(std::move(plan))
    {}

    std::shared_ptr<const Plan> m_plan;
};

} // namespace ember::model
