// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/evaluator.h"
#include "core/model/interpreter.h"

namespace ember::model::detail {

/// A general graph as a function of rows: the part of Evaluator for models that are not one tree ensemble.
class GraphRows
{
public:
    /// Errors: Unsupported for a graph without exactly one numeric input, or without scores.
    static Result<GraphRows> create(const Model& model);

    std::size_t features() const { return m_features; }
    std::size_t targets() const { return m_targets; }
    bool isClassifier() const { return m_classifier; }

    /// Requires whole rows. Feeds as many at a time as stay far below the limits of one run.
    Result<Evaluation> run(std::span<const float> rows) const;

private:
    explicit GraphRows(Interpreter interpreter)
        : m_interpreter(std::move(interpreter))
    {}

    Status findOutputs();
    Status measure();
    Status runPart(std::span<const float> part, Evaluation& result) const;
    Result<std::vector<qint32>> winnersOf(const std::vector<Tensor>& outputs, std::size_t rows) const;
    Result<qint32> classOf(const QString& label) const;

    Interpreter m_interpreter;
    std::size_t m_features = 0;
    std::size_t m_targets = 0;
    std::size_t m_rowsPerRun = 1;
    int m_label = -1; ///< output with the label; -1: the largest score wins
    int m_scores = 0; ///< output with the scores
    bool m_fixedBatch = false;
    bool m_classifier = false;
};

} // namespace ember::model::detail
