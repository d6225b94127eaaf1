// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/memory_planner.h"

#include <algorithm>
#include <numeric>

namespace ember::codegen {
namespace {

constexpr qint64 kMaxSearchSteps = 2'000'000;

bool meet(const Buffer& a, const Buffer& b)
{
    return a.first <= b.last && b.first <= a.last;
}

qint64 mostAlive(std::span<const Buffer> buffers)
{
    // The most is reached where some buffer begins.
    qint64 most = 0;
    for (const Buffer& at : buffers) {
        qint64 alive = 0;
        for (const Buffer& other : buffers)
            alive += other.first <= at.first && at.first <= other.last ? other.bytes : 0;
        most = std::max(most, alive);
    }
    return most;
}

qint64 heightOf(std::span<const Buffer> buffers, const std::vector<qint64>& offsets)
{
    qint64 height = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i)
        height = std::max(height, offsets[i] + buffers[i].bytes);
    return height;
}

/// The lowest place for buffer i among those that are placed (offset >= 0) and alive with it.
qint64 lowestGap(std::span<const Buffer> buffers, const std::vector<qint64>& offsets, std::size_t i)
{
    std::vector<std::size_t> neighbours;
    for (std::size_t j = 0; j < buffers.size(); ++j) {
        if (offsets[j] >= 0 && meet(buffers[i], buffers[j]))
            neighbours.push_back(j);
    }
    std::sort(neighbours.begin(), neighbours.end(),
              [&](std::size_t a, std::size_t b) { return offsets[a] < offsets[b]; });
    qint64 place = 0;
    for (const std::size_t j : neighbours) {
        if (offsets[j] - place >= buffers[i].bytes)
            break;
        place = std::max(place, offsets[j] + buffers[j].bytes);
    }
    return place;
}

std::vector<qint64> greedy(std::span<const Buffer> buffers)
{
    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });
    std::vector<qint64> offsets(buffers.size(), -1);
    for (const std::size_t i : order)
        offsets[i] = lowestGap(buffers, offsets, i);
    return offsets;
}

/// In some optimal plan every buffer lies at 0 or on top of one that is alive with it. Placed in the order of their
/// offsets, each then lies on the highest of those before it: so it is enough to search orders.
class Search
{
public:
    Search(std::span<const Buffer> buffers, ArenaPlan& best)
        : m_buffers(buffers)
        , m_best(best)
        , m_offsets(buffers.size(), -1)
    {}

    /// Whether all orders were looked at, or the bound was reached.
    bool run()
    {
        place(0, 0);
        return m_best.bytes == m_best.lowerBound || m_steps < kMaxSearchSteps;
    }

private:
    qint64 topOf(std::size_t i) const
    {
        qint64 top = 0;
        for (std::size_t j = 0; j < m_buffers.size(); ++j) {
            if (m_offsets[j] >= 0 && meet(m_buffers[i], m_buffers[j]))
                top = std::max(top, m_offsets[j] + m_buffers[j].bytes);
        }
        return top;
    }

    void place(std::size_t placed, qint64 lowest)
    {
        if (placed == m_buffers.size()) {
            m_best.offsets = m_offsets;
            m_best.bytes = heightOf(m_buffers, m_offsets);
            return;
        }
        // A buffer that no longer fits below the best plan ends this branch, for tops only grow.
        std::vector<qint64> tops(m_buffers.size(), -1);
        for (std::size_t i = 0; i < m_buffers.size(); ++i) {
            if (m_offsets[i] >= 0)
                continue;
            tops[i] = std::max(topOf(i), qint64(0));
            if (tops[i] + m_buffers[i].bytes >= m_best.bytes)
                return;
        }
        for (std::size_t i = 0; i < m_buffers.size(); ++i) {
            // Offsets do not decrease: the same plan in another order is not looked at again.
            if (tops[i] < lowest || m_best.bytes == m_best.lowerBound || ++m_steps >= kMaxSearchSteps)
                continue;
            m_offsets[i] = tops[i];
            place(placed + 1, tops[i]);
            m_offsets[i] = -1;
        }
    }

    std::span<const Buffer> m_buffers;
    ArenaPlan& m_best;
    std::vector<qint64> m_offsets;
    qint64 m_steps = 0;
};

} // namespace

ArenaPlan planArena(std::span<const Buffer> buffers)
{
    ArenaPlan plan;
    plan.lowerBound = mostAlive(buffers);
    plan.offsets = greedy(buffers);
    plan.bytes = heightOf(buffers, plan.offsets);
    plan.optimal = plan.bytes == plan.lowerBound;
    if (!plan.optimal && buffers.size() <= kMaxSearchedBuffers)
        plan.optimal = Search(buffers, plan).run();
    return plan;
}

} // namespace ember::codegen
