// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neighbours/condense.h"

#include "plugins/common/random.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace ember::neighbours {

using common::Matrix;

namespace {

// What is kept, and for every row how far the nearest kept row is and which label it has. Keeping a row costs one pass
// over the rows; asking costs nothing.
class Store
{
public:
    Store(const Matrix& rows, const std::vector<int>& labels)
        : m_rows(rows)
        , m_labels(labels)
        , m_distance(static_cast<std::size_t>(rows.rows()), std::numeric_limits<double>::infinity())
        , m_nearest(static_cast<std::size_t>(rows.rows()), -1)
        , m_kept(static_cast<std::size_t>(rows.rows()), false)
    {}

    void keep(std::size_t kept)
    {
        m_kept[kept] = true;
        const auto at = static_cast<Eigen::Index>(kept);
        for (std::size_t row = 0; row < m_distance.size(); ++row) {
            const double distance = (m_rows.row(static_cast<Eigen::Index>(row)) - m_rows.row(at)).squaredNorm();
            if (distance < m_distance[row]) {
                m_distance[row] = distance;
                m_nearest[row] = m_labels[kept];
            }
        }
    }

    bool isKept(std::size_t row) const { return m_kept[row]; }
    bool isMistaken(std::size_t row) const { return m_nearest[row] != m_labels[row]; }

    /// Whether a row of the same numbers and label is kept, which another one could not improve on.
    bool isTwin(std::size_t row, const std::vector<std::size_t>& order) const
    {
        if (m_distance[row] > 0)
            return false;
        return std::any_of(order.begin(), order.end(), [this, row](std::size_t other) {
            return m_kept[other] && m_labels[other] == m_labels[row] &&
                   m_rows.row(static_cast<Eigen::Index>(other)) == m_rows.row(static_cast<Eigen::Index>(row));
        });
    }

private:
    const Matrix& m_rows;
    const std::vector<int>& m_labels;
    std::vector<double> m_distance;
    std::vector<int> m_nearest;
    std::vector<bool> m_kept;
};

} // namespace

std::vector<Eigen::Index> condensed(const Matrix& rows, const std::vector<int>& labels, quint64 seed,
                                    const CancelToken& cancel)
{
    std::vector<std::size_t> order(labels.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    common::Random random(seed);
    random.shuffle(order);
    Store store(rows, labels);
    std::vector<int> seen;
    for (const std::size_t row : order) {
        if (std::find(seen.begin(), seen.end(), labels[row]) == seen.end()) {
            seen.push_back(labels[row]);
            store.keep(row);
        }
    }
    for (bool changed = true; changed && !cancel.isCancelled();) {
        changed = false;
        for (const std::size_t row : order) {
            if (store.isKept(row) || !store.isMistaken(row) || store.isTwin(row, order))
                continue;
            store.keep(row);
            changed = true;
            if (cancel.isCancelled())
                break;
        }
    }
    std::vector<Eigen::Index> kept;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        if (store.isKept(row))
            kept.push_back(static_cast<Eigen::Index>(row));
    }
    return kept;
}

} // namespace ember::neighbours
