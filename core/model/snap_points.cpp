// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/snap_points.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace ember::model::detail {
namespace {

/// A value that is (feature - offset) * scale for each feature.
struct Scaled
{
    std::vector<double> offset;
    std::vector<double> scale;
};

class Snapper
{
public:
    Snapper(Graph& graph, const std::string& features, const FeatureCodes& codes)
        : m_graph(graph)
        , m_codes(codes)
    {
        m_scaled[features] = {std::vector<double>(codes.size(), 0.0), std::vector<double>(codes.size(), 1.0)};
    }

    int run()
    {
        for (Node& node : m_graph.nodes) {
            if (node.inputs.empty() || !m_scaled.contains(node.inputs[0]))
                continue;
            const Scaled from = m_scaled.at(node.inputs[0]);
            if (std::holds_alternative<Unsqueeze>(node.operation))
                m_scaled[node.outputs[0]] = from;
            else if (const auto* binary = std::get_if<Binary>(&node.operation))
                follow(*binary, node, from);
            else if (auto* svm = std::get_if<SvmModel>(&node.operation); svm && svm->kernel == KernelKind::Rbf)
                snap(svm->vectors, from);
        }
        return m_moved;
    }

private:
    void follow(const Binary& binary, const Node& node, Scaled value)
    {
        const auto found = node.inputs.size() == 2 ? m_graph.constants.find(node.inputs[1]) : m_graph.constants.end();
        if (found == m_graph.constants.end() || found->second.value.type() != TensorType::Float32 ||
            binary.activation != Activation::None)
            return;
        Tensor& constant = found->second.value;
        const auto width = static_cast<qint64>(m_codes.size());
        const bool isRow = constant.size() == width || constant.size() == 1;
        if (!isRow && binary.kind == BinaryKind::Subtract && constant.rank() == 2 && constant.shape()[1] == width &&
            isReduced(node.outputs[0]) && m_snapped.insert(node.inputs[1]).second) {
            std::vector<float> points = constant.toFloat();
            snap(points, value);
            constant = Tensor::of(points, constant.shape());
            return;
        }
        if (isRow && scaleBy(binary.kind, constant.toFloat(), value))
            m_scaled[node.outputs[0]] = std::move(value);
    }

    /// Whether distances are all that becomes of a value.
    bool isReduced(const std::string& name) const
    {
        bool any = false;
        for (const Node& node : m_graph.nodes) {
            if (std::find(node.inputs.begin(), node.inputs.end(), name) == node.inputs.end())
                continue;
            const auto* reduce = std::get_if<Reduce>(&node.operation);
            if (!reduce || (reduce->kind != ReduceKind::SumSquare && reduce->kind != ReduceKind::L1))
                return false;
            any = true;
        }
        return any;
    }

    static bool scaleBy(BinaryKind kind, const std::vector<float>& by, Scaled& value)
    {
        for (std::size_t f = 0; f < value.scale.size(); ++f) {
            const auto c = static_cast<double>(by[by.size() == 1 ? 0 : f]);
            const bool scales = kind == BinaryKind::Multiply || kind == BinaryKind::Divide;
            if (!std::isfinite(c) || (scales && !(c > 0) && !(c < 0)))
                return false;
            switch (kind) {
            case BinaryKind::Subtract:
                value.offset[f] += c / value.scale[f];
                break;
            case BinaryKind::Add:
                value.offset[f] -= c / value.scale[f];
                break;
            case BinaryKind::Multiply:
                value.scale[f] *= c;
                break;
            case BinaryKind::Divide:
                value.scale[f] /= c;
                break;
            default:
                return false;
            }
        }
        return true;
    }

    void snap(std::vector<float>& points, const Scaled& value)
    {
        const std::size_t width = m_codes.size();
        const double most = m_codes.most();
        for (std::size_t i = 0; i < points.size(); ++i) {
            const std::size_t f = i % width;
            const double scale = static_cast<double>(m_codes.scales[f]);
            const double offset = static_cast<double>(m_codes.offsets[f]);
            const double raw = value.offset[f] + static_cast<double>(points[i]) / value.scale[f];
            const double code = std::clamp(std::nearbyint((raw - offset) / scale), -most - 1, most);
            const double moved = (code * scale + offset - value.offset[f]) * value.scale[f];
            m_moved += std::abs(code * scale + offset - raw) > 1e-3 * scale ? 1 : 0;
            points[i] = static_cast<float>(moved);
        }
    }

    Graph& m_graph;
    const FeatureCodes& m_codes;
    std::map<std::string, Scaled> m_scaled;
    std::set<std::string> m_snapped;
    int m_moved = 0;
};

} // namespace

int snapPoints(Graph& graph, const std::string& features, const FeatureCodes& codes)
{
    return Snapper(graph, features, codes).run();
}

} // namespace ember::model::detail
