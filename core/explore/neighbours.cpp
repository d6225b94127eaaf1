// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/neighbours.h"

#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace ember::explore {
namespace {

constexpr Eigen::Index kBlock = 128; ///< rows whose distances to all others are in memory at once, for each thread

/// The `count` smallest of a row of distances: a heap with the largest of them on top.
class Nearest
{
public:
    explicit Nearest(Eigen::Index count)
        : m_count(static_cast<std::size_t>(count))
    {
        m_heap.reserve(m_count + 1);
    }

    void clear() { m_heap.clear(); }

    void offer(float distance, Eigen::Index index)
    {
        // Rows come in ascending order, so that of equal ones the lower number is already there.
        if (m_heap.size() == m_count && distance >= m_heap.front().first)
            return;
        m_heap.emplace_back(distance, index);
        std::push_heap(m_heap.begin(), m_heap.end());
        if (m_heap.size() > m_count) {
            std::pop_heap(m_heap.begin(), m_heap.end());
            m_heap.pop_back();
        }
    }

    /// The difference of products is good enough to choose by, but not to tell how near the nearest are.
    void write(Neighbours& into, const Rows& rows, Eigen::Index row)
    {
        for (auto& [distance, other] : m_heap)
            distance = (rows.row(row) - rows.row(other)).squaredNorm();
        std::sort(m_heap.begin(), m_heap.end());
        for (std::size_t i = 0; i < m_heap.size(); ++i) {
            const std::size_t at = static_cast<std::size_t>(row) * m_count + i;
            into.squaredDistance[at] = m_heap[i].first;
            into.index[at] = m_heap[i].second;
        }
    }

private:
    std::size_t m_count;
    std::vector<std::pair<float, Eigen::Index>> m_heap;
};

void searchBlock(const Rows& rows, const Eigen::VectorXf& squares, Eigen::Index first, Eigen::Index size,
                 Nearest& nearest, Neighbours& made)
{
    // |a - b|^2 = |a|^2 + |b|^2 - 2 ab, where the products of all pairs are one product of matrices.
    const Rows products = rows.middleRows(first, size) * rows.transpose();
    for (Eigen::Index i = 0; i < size; ++i) {
        const Eigen::Index row = first + i;
        nearest.clear();
        for (Eigen::Index other = 0; other < rows.rows(); ++other) {
            if (other != row)
                nearest.offer(std::max(0.0f, squares[row] + squares[other] - 2 * products(i, other)), other);
        }
        nearest.write(made, rows, row);
    }
}

} // namespace

Result<Neighbours> nearestNeighbours(const Rows& rows, Eigen::Index count, const ProgressSink& progress,
                                     const CancelToken& cancel)
{
    Neighbours made;
    made.count = std::clamp<Eigen::Index>(count, 0, std::max<Eigen::Index>(0, rows.rows() - 1));
    made.index.resize(static_cast<std::size_t>(rows.rows() * made.count));
    made.squaredDistance.resize(made.index.size());
    if (made.count == 0)
        return made;
    const Eigen::VectorXf squares = rows.rowwise().squaredNorm();
    const Eigen::Index blocks = (rows.rows() + kBlock - 1) / kBlock;
    std::atomic<Eigen::Index> next = 0;
    std::mutex reporting;
    const auto work = [&] {
        Nearest nearest(made.count);
        for (Eigen::Index block = next++; block < blocks && !cancel.isCancelled(); block = next++) {
            const Eigen::Index first = block * kBlock;
            searchBlock(rows, squares, first, std::min(kBlock, rows.rows() - first), nearest, made);
            const std::scoped_lock lock(reporting);
            report(progress, QStringLiteral("Looking for neighbours"),
                   static_cast<double>(block) / static_cast<double>(blocks));
        }
    };
    runOnThreads(static_cast<int>(std::thread::hardware_concurrency()), work);
    if (cancel.isCancelled())
        return Error(ErrorKind::Cancelled, QStringLiteral("The search for neighbours was cancelled."));
    return made;
}

} // namespace ember::explore
