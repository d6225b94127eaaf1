// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <memory>
#include <span>
#include <vector>

namespace ember::model {

namespace detail {
class GraphRows;
}

/// Where sums are rounded. Single is what runtimes and boards with float32 do; Double rounds once, at the end, and
/// shows how much of a difference is rounding.
enum class Rounding
{
    Single,
    Double
};

/// Scores and winners of some rows.
struct Evaluation
{
    std::size_t targets = 0;
    std::vector<float> scores;   ///< rows x targets
    std::vector<qint32> winners; ///< one per row for a classifier, the first of equal scores; empty for a regressor

    std::size_t rows() const { return targets == 0 ? 0 : scores.size() / targets; }
    std::span<const float> row(std::size_t index) const
    {
        return std::span<const float>(scores).subspan(index * targets, targets);
    }
};

/// The reference: plain loops with the semantics of ONNX. Slow and obvious on purpose; generated code and every faster
/// evaluator are compared with it. Takes tree models and every other graph of one input whose rows are its first
/// dimension. A first output of text or whole numbers is the label, and the next floats are the scores; otherwise the
/// first output is the scores, and the largest wins when the model has class names. Holds its own copy of what it needs.
/// Immutable: any thread, also several at once.
class Evaluator
{
public:
    /// Errors: BadData for a model that does not hold; Unsupported for a graph of another form.
    static Result<Evaluator> create(const Model& model);

    std::size_t features() const; ///< numbers per row
    std::size_t targets() const;  ///< scores per row
    bool isClassifier() const;    ///< whether there are winners

    /// `rows` is rows x features, row-major. NaN is allowed and follows "missing goes true". Errors: Usage for numbers
    /// that are not whole rows; as Interpreter::run() for graphs. `rounding` is for trees; graphs are computed in the
    /// types of their values.
    Result<Evaluation> run(std::span<const float> rows, Rounding rounding = Rounding::Single) const;

private:
    explicit Evaluator(std::shared_ptr<const TreeEnsemble> ensemble)
        : m_ensemble(std::move(ensemble))
    {}
    explicit Evaluator(std::shared_ptr<const detail::GraphRows> graph)
        : m_graph(std::move(graph))
    {}

    std::shared_ptr<const TreeEnsemble> m_ensemble; ///< of a tree model; else
    std::shared_ptr<const detail::GraphRows> m_graph;
};

/// Both steps, for one use of a model.
Result<Evaluation> evaluate(const Model& model, std::span<const float> rows, Rounding rounding = Rounding::Single);

} // namespace ember::model
