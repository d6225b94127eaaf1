// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/graph_rows.h"

#include "core/model/analysis.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

// A run keeps values for all its rows alive; parts of this size are quick and far below the limits.
constexpr qint64 kPartBytes = 8'000'000;
constexpr qint64 kPartMacs = 50'000'000;
constexpr qint64 kMaxPartRows = 1024;

Error unsupported(const QString& what)
{
    return Error(ErrorKind::Unsupported, QStringLiteral("The model is no function of feature rows: %1.").arg(what),
                 QStringLiteral("'emberlab model run' computes it."));
}

bool isWhole(TensorType type)
{
    return !isFloat(type) && type != TensorType::String;
}

} // namespace

Result<GraphRows> GraphRows::create(const Model& model)
{
    EMBER_TRY(Interpreter interpreter, Interpreter::create(model));
    GraphRows rows(std::move(interpreter));
    const std::vector<ValueInfo>& inputs = model.graph.inputs;
    if (inputs.size() != 1 || inputs[0].type == TensorType::String || inputs[0].shape.size() < 2)
        return unsupported(QStringLiteral("it has %1 inputs, and one of rows is needed").arg(inputs.size()));
    Shape row(inputs[0].shape.begin() + 1, inputs[0].shape.end());
    EMBER_TRY(const qint64 features, elementCount(row));
    rows.m_features = static_cast<std::size_t>(features);
    rows.m_fixedBatch = inputs[0].shape[0] > 0;
    rows.m_rowsPerRun = rows.m_fixedBatch ? static_cast<std::size_t>(inputs[0].shape[0]) : 1;
    if (features < 1)
        return unsupported(QStringLiteral("its rows are empty"));
    EMBER_CHECK(rows.findOutputs());
    EMBER_CHECK(rows.measure());
    return rows;
}

Status GraphRows::findOutputs()
{
    const std::vector<ValueInfo>& outputs = m_interpreter.model().graph.outputs;
    const bool labelled =
        outputs[0].type == TensorType::String || (isWhole(outputs[0].type) && !outputs[0].quantisation);
    m_label = labelled ? 0 : -1;
    m_scores = -1;
    for (std::size_t i = labelled ? 1 : 0; i < outputs.size() && m_scores < 0; ++i) {
        if (outputs[i].type != TensorType::String)
            m_scores = static_cast<int>(i);
    }
    if (m_scores < 0 && !labelled)
        return unsupported(QStringLiteral("it makes no numbers"));
    m_classifier = labelled || !m_interpreter.model().classNames.isEmpty();
    return {};
}

// One row tells how many numbers come out, and how many rows fit into one run.
Status GraphRows::measure()
{
    const Graph& graph = m_interpreter.model().graph;
    EMBER_TRY(const Analysis analysis, analyse(graph, 1));
    if (!m_fixedBatch) {
        const qint64 byBytes = kPartBytes / std::max<qint64>(analysis.liveBytes, 1);
        const qint64 byMacs = kPartMacs / std::max<qint64>(analysis.macs, 1);
        m_rowsPerRun = static_cast<std::size_t>(std::clamp<qint64>(std::min(byBytes, byMacs), 1, kMaxPartRows));
    }
    if (m_scores < 0)
        return {};
    const auto value = analysis.values.find(graph.outputs[static_cast<std::size_t>(m_scores)].name);
    if (value == analysis.values.end())
        return unsupported(QStringLiteral("its scores are constant"));
    EMBER_TRY(const qint64 count, elementCount(value->second.shape));
    m_targets = static_cast<std::size_t>(count) / (m_fixedBatch ? m_rowsPerRun : 1);
    if (m_targets == 0)
        return unsupported(QStringLiteral("it makes no scores"));
    return {};
}

Result<qint32> GraphRows::classOf(const QString& label) const
{
    const auto index = m_interpreter.model().classNames.indexOf(label);
    if (index < 0)
        return Error(ErrorKind::BadData,
                     QStringLiteral("The model answers '%1', which is none of its classes.").arg(label));
    return static_cast<qint32>(index);
}

Result<std::vector<qint32>> GraphRows::winnersOf(const std::vector<Tensor>& outputs, std::size_t rows) const
{
    std::vector<qint32> winners;
    if (m_label < 0) {
        const std::vector<float> scores = outputs[static_cast<std::size_t>(m_scores)].toFloat();
        for (std::size_t row = 0; row < rows; ++row) {
            const auto begin = scores.begin() + static_cast<std::ptrdiff_t>(row * m_targets);
            winners.push_back(
                static_cast<qint32>(std::max_element(begin, begin + static_cast<std::ptrdiff_t>(m_targets)) - begin));
        }
        return winners;
    }
    const Tensor& labels = outputs[static_cast<std::size_t>(m_label)];
    if (labels.size() < static_cast<qint64>(rows))
        return unsupported(QStringLiteral("it makes %1 labels for %2 rows").arg(labels.size()).arg(rows));
    const QStringList& names = m_interpreter.model().classNames;
    const std::vector<qint64> numbers = labels.toInt64();
    for (std::size_t row = 0; row < rows; ++row) {
        if (labels.type() == TensorType::String) {
            EMBER_TRY(const qint32 index, classOf(QString::fromStdString(labels.strings()[row])));
            winners.push_back(index);
            continue;
        }
        // A number is the name of a class where a class is called so, and its place otherwise.
        const auto named = names.indexOf(QString::number(numbers[row]));
        const qint64 index = named >= 0 ? named : numbers[row];
        if (index < 0 || index >= (names.isEmpty() ? 65'536 : names.size()))
            return Error(ErrorKind::BadData,
                         QStringLiteral("The model answers class %1 of %2.").arg(index).arg(names.size()));
        winners.push_back(static_cast<qint32>(index));
    }
    return winners;
}

Status GraphRows::runPart(std::span<const float> part, Evaluation& result) const
{
    const ValueInfo& info = m_interpreter.model().graph.inputs.front();
    const std::size_t rows = part.size() / m_features;
    Shape shape = info.shape;
    shape[0] = static_cast<qint64>(m_fixedBatch ? m_rowsPerRun : rows);
    EMBER_TRY(Tensor input, Tensor::zeros(info.type, shape));
    std::vector<float> values(part.begin(), part.end());
    values.resize(static_cast<std::size_t>(input.size()), 0.0f); // a fixed batch is filled up
    input.assign(std::span<const float>(values));
    std::vector<Tensor> inputs;
    inputs.push_back(std::move(input));
    EMBER_TRY(const std::vector<Tensor> outputs, m_interpreter.run(std::move(inputs)));
    if (m_scores >= 0) {
        const std::vector<float> scores = outputs[static_cast<std::size_t>(m_scores)].toFloat();
        if (scores.size() < rows * m_targets)
            return unsupported(QStringLiteral("it makes %1 scores for %2 rows").arg(scores.size()).arg(rows));
        result.scores.insert(result.scores.end(), scores.begin(),
                             scores.begin() + static_cast<std::ptrdiff_t>(rows * m_targets));
    }
    if (m_classifier) {
        EMBER_TRY(const std::vector<qint32> winners, winnersOf(outputs, rows));
        result.winners.insert(result.winners.end(), winners.begin(), winners.end());
    }
    return {};
}

Result<Evaluation> GraphRows::run(std::span<const float> rows) const
{
    Evaluation result;
    result.targets = m_targets;
    const std::size_t step = m_rowsPerRun * m_features;
    for (std::size_t at = 0; at < rows.size(); at += step)
        EMBER_CHECK(runPart(rows.subspan(at, std::min(step, rows.size() - at)), result));
    return result;
}

} // namespace ember::model::detail
