// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/mixture/mixture_graph.h"

#include <algorithm>
#include <cmath>

namespace ember::mixture {

using common::Matrix;
using common::RowVector;
using common::Vector;
using model::BinaryKind;
using model::GraphBuilder;

namespace {

constexpr float kFar = 1e15f; // a centre there is never the nearest, and its squared distance is still a float

std::string axis(GraphBuilder& graph, const std::string& name, qint64 value)
{
    return graph.constant(name, std::vector<qint64>{value}, {1});
}

std::string reshape(GraphBuilder& graph, const std::string& name, const std::string& x, std::vector<qint64> shape)
{
    const auto dimensions = static_cast<qint64>(shape.size());
    const std::string to = graph.constant(name + "/shape", shape, {dimensions});
    return graph.add(name, model::Reshape{}, {x, to});
}

// Components of all groups in one list, groups of equal size; what is missing has a weight of nothing.
std::vector<Component> flattened(const std::vector<std::vector<Component>>& groups, std::size_t perGroup)
{
    const auto any = std::find_if(groups.begin(), groups.end(), [](const auto& group) { return !group.empty(); });
    Component nothing = any->front();
    nothing.logWeight = common::kNeverWins;
    std::vector<Component> all;
    for (const std::vector<Component>& group : groups) {
        all.insert(all.end(), group.begin(), group.end());
        all.insert(all.end(), perGroup - group.size(), nothing);
    }
    return all;
}

// Half the squared distances [rows, components]: x times all factors side by side, less the means' images.
std::string addFullDistances(GraphBuilder& graph, const std::string& x, const std::vector<Component>& all)
{
    const Eigen::Index columns = all.front().mean.size();
    const auto count = static_cast<Eigen::Index>(all.size());
    Matrix factors(columns, count * columns);
    RowVector offsets(count * columns);
    for (Eigen::Index k = 0; k < count; ++k) {
        const Component& component = all[static_cast<std::size_t>(k)];
        const Matrix half = component.factor * std::sqrt(0.5);
        factors.middleCols(k * columns, columns) = half;
        offsets.segment(k * columns, columns) = -component.mean * half;
    }
    const std::string weights = graph.constant("whitening", common::floats(factors), {columns, count * columns});
    const std::string bias = graph.constant("whitening/offset", common::floats(offsets), {count * columns});
    const std::string flat = graph.add("whitened/flat", model::Gemm{}, {x, weights, bias});
    const std::string whitened = reshape(graph, "whitened", flat, {-1, count, columns});
    return graph.add("distance", model::Reduce{model::ReduceKind::SumSquare, {2}, false, false}, {whitened});
}

std::string addDiagonalDistances(GraphBuilder& graph, const std::string& x, const std::vector<Component>& all)
{
    const Eigen::Index columns = all.front().mean.size();
    const auto count = static_cast<Eigen::Index>(all.size());
    Matrix means(count, columns), scales(count, columns);
    for (Eigen::Index k = 0; k < count; ++k) {
        means.row(k) = all[static_cast<std::size_t>(k)].mean;
        scales.row(k) = all[static_cast<std::size_t>(k)].factor.row(0) * std::sqrt(0.5);
    }
    const std::string row = graph.add("row", model::Unsqueeze{}, {x, axis(graph, "row/axis", 1)});
    const std::string difference = graph.binary("difference", BinaryKind::Subtract, row,
                                                graph.constant("means", common::floats(means), {count, columns}));
    const std::string whitened = graph.binary("whitened", BinaryKind::Multiply, difference,
                                              graph.constant("whitening", common::floats(scales), {count, columns}));
    return graph.add("distance", model::Reduce{model::ReduceKind::SumSquare, {2}, false, false}, {whitened});
}

} // namespace

std::string addLogDensities(GraphBuilder& graph, const std::string& name, const std::string& x,
                            const std::vector<std::vector<Component>>& groups)
{
    std::size_t perGroup = 1;
    for (const std::vector<Component>& group : groups)
        perGroup = std::max(perGroup, group.size());
    const std::vector<Component> all = flattened(groups, perGroup);
    Vector constants(static_cast<Eigen::Index>(all.size()));
    for (std::size_t k = 0; k < all.size(); ++k)
        constants[static_cast<Eigen::Index>(k)] = all[k].logConstant();
    const std::string distance =
        all.front().isDiagonal() ? addDiagonalDistances(graph, x, all) : addFullDistances(graph, x, all);
    const std::string constant = graph.constant("constant", common::floats(constants), {constants.size()});
    if (perGroup == 1)
        return graph.binary(name, BinaryKind::Subtract, constant, distance);
    const std::string joint = graph.binary("joint", BinaryKind::Subtract, constant, distance);
    const std::string grouped =
        reshape(graph, "joint/grouped", joint, {-1, static_cast<qint64>(groups.size()), static_cast<qint64>(perGroup)});
    return graph.add(name, model::Reduce{model::ReduceKind::LogSumExp, {2}, false, false}, {grouped});
}

std::string addNearness(GraphBuilder& graph, const std::string& name, const std::string& x,
                        const std::vector<Matrix>& groups, Eigen::Index columns)
{
    Eigen::Index perGroup = 1;
    for (const Matrix& centres : groups)
        perGroup = std::max(perGroup, centres.rows());
    const auto count = static_cast<Eigen::Index>(groups.size());
    Matrix points = Matrix::Constant(count * perGroup, columns, kFar);
    for (Eigen::Index g = 0; g < count; ++g) {
        const Matrix& centres = groups[static_cast<std::size_t>(g)];
        points.middleRows(g * perGroup, centres.rows()) = centres;
    }
    std::string distance =
        graph.squaredDistances("distance", x, common::floats(points), static_cast<std::size_t>(columns));
    if (perGroup > 1) {
        const std::string grouped = reshape(graph, "distance/grouped", distance, {-1, count, perGroup});
        distance =
            graph.add("distance/nearest", model::Reduce{model::ReduceKind::Minimum, {2}, false, false}, {grouped});
    }
    return graph.add(name, model::Unary{model::UnaryKind::Negate}, {distance});
}

} // namespace ember::mixture
