// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explore/rows.h"

#include <array>
#include <vector>

namespace ember::explore {

/// Points of a map in squares that are quartered until each holds one point, each with its centre of mass, so that
/// what is far away can be taken as one (Barnes and Hut 1986).
class QuadTree
{
public:
    explicit QuadTree(const Places& places);

    /// What all other points do to point `i` in t-SNE: with w_j = 1 / (1 + |y_i - y_j|^2), the sum of w_j and the sum
    /// of w_j^2 (y_i - y_j). Squares that are smaller than `theta` times their distance count as one; 0 is exact.
    struct Repulsion
    {
        double weight = 0;
        double x = 0;
        double y = 0;
    };
    Repulsion repulsionOf(Eigen::Index i, double theta) const;

private:
    struct Node
    {
        double x = 0; ///< sum while it is built, then mean of its points
        double y = 0;
        double centreX = 0;
        double centreY = 0;
        double half = 0; ///< of its side
        int points = 0;
        int point = -1; ///< of a leaf with one place: its first point
        std::array<int, 4> children{-1, -1, -1, -1};
        bool isLeaf = true;
    };

    void insert(int point);
    int childFor(int node, double x, double y);

    const Places& m_places;
    std::vector<Node> m_nodes;
    std::vector<int> m_leaf; ///< of each point
};

} // namespace ember::explore
