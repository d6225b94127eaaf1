// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/tree_builder.h"

#include <algorithm>

namespace ember::trees {

TreeBuilder::TreeBuilder(const TreeInput& input, const TreeOptions& options, Random random, CancelToken cancel)
    : m_input(input)
    , m_options(options)
    , m_random(random)
    , m_cancel(std::move(cancel))
    , m_sums(input.sums())
    , m_left(m_sums.size())
    , m_right(m_sums.size())
    , m_histogram(static_cast<std::size_t>(kMaxBins) * m_sums.size(), 0.0)
    , m_counts(kMaxBins, 0)
{
    for (std::size_t row = 0; row < input.table.rows; ++row) {
        if (input.weights[row] > 0)
            m_rows.push_back(static_cast<quint32>(row));
    }
    m_columns.resize(input.table.columns.size());
    for (std::size_t c = 0; c < m_columns.size(); ++c)
        m_columns[c] = c;
}

std::optional<GrownTree> TreeBuilder::grow()
{
    m_pending.push_back({0, m_rows.size(), 0, -1, false});
    while (!m_pending.empty()) {
        if (m_cancel.isCancelled())
            return std::nullopt;
        const Pending pending = m_pending.back();
        m_pending.pop_back();
        addNode(pending);
    }
    return std::move(m_tree);
}

std::optional<Cut> TreeBuilder::bestCutOfRoot()
{
    m_options.maxFeatures = 0;
    sumUp(0, m_rows.size());
    return findCut(0, m_rows.size());
}

void TreeBuilder::addNode(const Pending& pending)
{
    const auto index = static_cast<qint32>(m_tree.nodes.size());
    if (pending.parent >= 0) {
        model::TreeNode& parent = m_tree.nodes[static_cast<std::size_t>(pending.parent)];
        (pending.whenTrue ? parent.whenTrue : parent.whenFalse) = index;
    }
    model::TreeNode node;
    sumUp(pending.begin, pending.end);
    const std::optional<Cut> cut = isFinal(pending) ? std::nullopt : findCut(pending.begin, pending.end);
    if (!cut) {
        addLeaf(node);
    } else {
        node.feature = static_cast<qint32>(cut->column);
        node.threshold = cut->threshold;
        const std::size_t middle = divide(pending.begin, pending.end, *cut);
        // The true branch is taken from the stack first, so that nodes come out in walking order.
        m_pending.push_back({middle, pending.end, pending.depth + 1, index, false});
        m_pending.push_back({pending.begin, middle, pending.depth + 1, index, true});
    }
    m_tree.nodes.push_back(node);
}

bool TreeBuilder::isFinal(const Pending& pending)
{
    const std::size_t rows = pending.end - pending.begin;
    if (rows < static_cast<std::size_t>(m_options.minSamplesSplit) ||
        rows < 2 * static_cast<std::size_t>(m_options.minSamplesLeaf))
        return true;
    if (m_options.maxDepth > 0 && pending.depth >= m_options.maxDepth)
        return true;
    return m_isPure;
}

void TreeBuilder::addLeaf(model::TreeNode& node)
{
    node.leaf = static_cast<qint32>(m_tree.shares.size() / m_input.outputs());
    if (m_input.isRegression()) {
        m_tree.shares.push_back(m_sums[1] / m_sums[0]);
        return;
    }
    double total = 0;
    for (const double weight : m_sums)
        total += weight;
    for (const double weight : m_sums)
        m_tree.shares.push_back(weight / total);
}

void TreeBuilder::addRow(quint32 row, double* sums) const
{
    const double weight = m_input.weights[row];
    if (m_input.isRegression()) {
        sums[0] += weight;
        sums[1] += weight * static_cast<double>(m_input.targets[row]);
    } else {
        sums[m_input.labels[row]] += weight;
    }
}

void TreeBuilder::sumUp(std::size_t begin, std::size_t end)
{
    std::fill(m_sums.begin(), m_sums.end(), 0.0);
    for (std::size_t i = begin; i < end; ++i)
        addRow(m_rows[i], m_sums.data());
    const quint32 first = m_rows[begin];
    m_isPure = std::all_of(m_rows.begin() + static_cast<std::ptrdiff_t>(begin),
                           m_rows.begin() + static_cast<std::ptrdiff_t>(end), [this, first](quint32 row) {
                               return m_input.isRegression() ? m_input.targets[row] == m_input.targets[first]
                                                             : m_input.labels[row] == m_input.labels[first];
                           });
}

// What is added over both sides of a cut and is to be large. Classes: the sum of squared weights / weight, which is
// the weight less the Gini impurity's. Numbers: (sum of targets)^2 / weight, which is the sum of squares less that of
// squared errors.
double TreeBuilder::purityOf(const std::vector<double>& sums) const
{
    if (m_input.isRegression())
        return sums[1] * sums[1] / sums[0];
    double weight = 0, squares = 0;
    for (const double sum : sums) {
        weight += sum;
        squares += sum * sum;
    }
    return squares / weight;
}

// Columns are drawn without replacement until enough were looked at and at least one of them was not constant.
std::optional<Cut> TreeBuilder::findCut(std::size_t begin, std::size_t end)
{
    const std::size_t wanted = m_options.maxFeatures == 0 ? m_columns.size() : m_options.maxFeatures;
    const bool draws = wanted < m_columns.size() || m_options.randomCuts;
    std::optional<Cut> best;
    bool anyUseful = false;
    for (std::size_t visited = 0; visited < m_columns.size() && (visited < wanted || !anyUseful); ++visited) {
        if (draws) {
            const std::size_t other = visited + static_cast<std::size_t>(m_random.below(m_columns.size() - visited));
            std::swap(m_columns[visited], m_columns[other]);
        }
        if (m_cancel.isCancelled())
            return std::nullopt;
        anyUseful = tryColumn(m_columns[visited], begin, end, best) || anyUseful;
    }
    return best;
}

// Returns whether the column has more than one value here.
bool TreeBuilder::tryColumn(std::size_t column, std::size_t begin, std::size_t end, std::optional<Cut>& best)
{
    fillHistogram(column, begin, end);
    const bool varies = m_lowBin < m_highBin;
    if (varies) {
        const std::size_t rows = end - begin;
        const std::optional<Cut> cut = m_options.randomCuts ? randomCut(column, rows) : sweep(column, rows);
        if (cut && (!best || cut->isBetterThan(*best)))
            best = cut;
    }
    clearHistogram();
    return varies;
}

void TreeBuilder::fillHistogram(std::size_t column, std::size_t begin, std::size_t end)
{
    const std::vector<quint8>& codes = m_input.table.columns[column].codes;
    const std::size_t sums = m_sums.size();
    m_lowBin = kMaxBins;
    m_highBin = -1;
    for (std::size_t i = begin; i < end; ++i) {
        const quint32 row = m_rows[i];
        const std::size_t bin = codes[row];
        addRow(row, m_histogram.data() + bin * sums);
        ++m_counts[bin];
        m_lowBin = std::min(m_lowBin, static_cast<int>(bin));
        m_highBin = std::max(m_highBin, static_cast<int>(bin));
    }
}

// Only what was touched: deep nodes use a few bins of the many.
void TreeBuilder::clearHistogram()
{
    const auto low = static_cast<std::ptrdiff_t>(m_lowBin);
    const auto end = static_cast<std::ptrdiff_t>(m_highBin) + 1;
    const auto sums = static_cast<std::ptrdiff_t>(m_sums.size());
    std::fill(m_counts.begin() + low, m_counts.begin() + end, 0);
    std::fill(m_histogram.begin() + low * sums, m_histogram.begin() + end * sums, 0.0);
}

// Moves the cut from the lowest bin to the highest, and rows from one side to the other on the way.
std::optional<Cut> TreeBuilder::sweep(std::size_t column, std::size_t rows)
{
    const std::size_t sums = m_sums.size();
    std::fill(m_left.begin(), m_left.end(), 0.0);
    m_right = m_sums;
    std::optional<Cut> best;
    std::size_t leftRows = 0;
    for (int bin = m_lowBin; bin < m_highBin; ++bin) {
        const std::size_t count = m_counts[static_cast<std::size_t>(bin)];
        if (count == 0)
            continue;
        const double* moved = m_histogram.data() + static_cast<std::size_t>(bin) * sums;
        for (std::size_t c = 0; c < sums; ++c) {
            m_left[c] += moved[c];
            m_right[c] -= moved[c];
        }
        leftRows += count;
        const auto minimum = static_cast<std::size_t>(m_options.minSamplesLeaf);
        if (leftRows < minimum || rows - leftRows < minimum)
            continue;
        const Cut cut{column, bin, 0, purityOf(m_left) + purityOf(m_right)};
        if (!best || cut.isBetterThan(*best))
            best = cut;
    }
    if (best) {
        const BinnedColumn& values = m_input.table.columns[column];
        best->threshold = thresholdBetween(values.high[static_cast<std::size_t>(best->bin)],
                                           values.low[static_cast<std::size_t>(nextFilledBin(best->bin))]);
    }
    return best;
}

// A cut drawn uniformly between the smallest and the largest value, then moved to the middle of the gap it fell into:
// the rows divide in the same way, and thresholds stay as short as the data.
std::optional<Cut> TreeBuilder::randomCut(std::size_t column, std::size_t rows)
{
    const BinnedColumn& values = m_input.table.columns[column];
    const double smallest = values.low[static_cast<std::size_t>(m_lowBin)];
    const double largest = values.high[static_cast<std::size_t>(m_highBin)];
    const double drawn = smallest + m_random.unit() * (largest - smallest);
    const std::size_t sums = m_sums.size();
    std::fill(m_left.begin(), m_left.end(), 0.0);
    Cut cut;
    cut.column = column;
    std::size_t leftRows = 0;
    for (int bin = m_lowBin; bin < m_highBin; ++bin) {
        const auto b = static_cast<std::size_t>(bin);
        const double middle = (static_cast<double>(values.low[b]) + static_cast<double>(values.high[b])) / 2;
        if (bin > m_lowBin && middle > drawn)
            break;
        if (m_counts[b] == 0)
            continue;
        for (std::size_t c = 0; c < sums; ++c)
            m_left[c] += m_histogram[b * sums + c];
        leftRows += m_counts[b];
        cut.bin = bin;
    }
    const auto minimum = static_cast<std::size_t>(m_options.minSamplesLeaf);
    if (leftRows < minimum || rows - leftRows < minimum)
        return std::nullopt;
    for (std::size_t c = 0; c < sums; ++c)
        m_right[c] = m_sums[c] - m_left[c];
    cut.score = purityOf(m_left) + purityOf(m_right);
    cut.threshold = thresholdBetween(values.high[static_cast<std::size_t>(cut.bin)],
                                     values.low[static_cast<std::size_t>(nextFilledBin(cut.bin))]);
    return cut;
}

int TreeBuilder::nextFilledBin(int bin) const
{
    do {
        ++bin;
    } while (m_counts[static_cast<std::size_t>(bin)] == 0);
    return bin;
}

// Keeps the order of rows on both sides, so that sums of weights are made in the same order on every machine.
std::size_t TreeBuilder::divide(std::size_t begin, std::size_t end, const Cut& cut)
{
    const std::vector<quint8>& codes = m_input.table.columns[cut.column].codes;
    m_rightRows.clear();
    std::size_t middle = begin;
    for (std::size_t i = begin; i < end; ++i) {
        if (codes[m_rows[i]] <= cut.bin)
            m_rows[middle++] = m_rows[i];
        else
            m_rightRows.push_back(m_rows[i]);
    }
    std::copy(m_rightRows.begin(), m_rightRows.end(), m_rows.begin() + static_cast<std::ptrdiff_t>(middle));
    return middle;
}

} // namespace ember::trees
