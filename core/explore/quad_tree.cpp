// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/quad_tree.h"

#include <algorithm>

namespace ember::explore {
namespace {

constexpr int kMostDepth = 40; ///< points closer than this many halvings of the whole are one
constexpr int kMostPending = 4 * kMostDepth;

} // namespace

QuadTree::QuadTree(const Places& places)
    : m_places(places)
    , m_leaf(static_cast<std::size_t>(places.rows()), 0)
{
    m_nodes.reserve(static_cast<std::size_t>(2 * places.rows() + 1));
    Node root;
    if (places.rows() > 0) {
        const Eigen::RowVector2d low = places.colwise().minCoeff();
        const Eigen::RowVector2d high = places.colwise().maxCoeff();
        root.centreX = (low[0] + high[0]) / 2;
        root.centreY = (low[1] + high[1]) / 2;
        root.half = std::max((high - low).maxCoeff() / 2 * (1 + 1e-9), 1e-12);
    }
    m_nodes.push_back(root);
    for (int point = 0; point < static_cast<int>(places.rows()); ++point)
        insert(point);
    for (Node& node : m_nodes) {
        if (node.points > 0) {
            node.x /= node.points;
            node.y /= node.points;
        }
    }
}

int QuadTree::childFor(int node, double x, double y)
{
    const Node& parent = m_nodes[static_cast<std::size_t>(node)];
    const bool right = x >= parent.centreX;
    const bool upper = y >= parent.centreY;
    const std::size_t quarter = (right ? 1U : 0U) + (upper ? 2U : 0U);
    if (const int there = parent.children[quarter]; there >= 0)
        return there;
    Node child;
    child.half = parent.half / 2;
    child.centreX = parent.centreX + (right ? child.half : -child.half);
    child.centreY = parent.centreY + (upper ? child.half : -child.half);
    const int made = static_cast<int>(m_nodes.size());
    m_nodes[static_cast<std::size_t>(node)].children[quarter] = made;
    m_nodes.push_back(child);
    return made;
}

void QuadTree::insert(int point)
{
    const double x = m_places(point, 0);
    const double y = m_places(point, 1);
    int at = 0;
    for (int depth = 0;; ++depth) {
        Node* node = &m_nodes[static_cast<std::size_t>(at)];
        if (node->isLeaf && node->points > 0 && depth < kMostDepth) {
            // Above the last level a leaf has one point, which moves one down.
            const int held = node->point;
            const int child = childFor(at, node->x, node->y);
            node = &m_nodes[static_cast<std::size_t>(at)]; // a new child may have moved all
            Node& below = m_nodes[static_cast<std::size_t>(child)];
            below.x = node->x;
            below.y = node->y;
            below.points = 1;
            below.point = held;
            m_leaf[static_cast<std::size_t>(held)] = child;
            node->isLeaf = false;
            node->point = -1;
        }
        node->x += x;
        node->y += y;
        ++node->points;
        if (node->isLeaf) {
            if (node->point < 0)
                node->point = point;
            m_leaf[static_cast<std::size_t>(point)] = at;
            return;
        }
        at = childFor(at, x, y);
    }
}

QuadTree::Repulsion QuadTree::repulsionOf(Eigen::Index i, double theta) const
{
    Repulsion sum;
    const double x = m_places(i, 0);
    const double y = m_places(i, 1);
    const int own = m_leaf[static_cast<std::size_t>(i)];
    std::array<int, kMostPending> pending;
    int count = 0;
    pending[static_cast<std::size_t>(count++)] = 0;
    while (count > 0) {
        const int at = pending[static_cast<std::size_t>(--count)];
        const Node& node = m_nodes[static_cast<std::size_t>(at)];
        const double dx = x - node.x;
        const double dy = y - node.y;
        const double squared = dx * dx + dy * dy;
        if (node.isLeaf || 4 * node.half * node.half < theta * theta * squared) {
            const int others = node.points - (at == own ? 1 : 0);
            const double w = 1 / (1 + squared);
            sum.weight += others * w;
            sum.x += others * w * w * dx;
            sum.y += others * w * w * dy;
            continue;
        }
        for (const int child : node.children) {
            if (child >= 0)
                pending[static_cast<std::size_t>(count++)] = child;
        }
    }
    return sum;
}

} // namespace ember::explore
