// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_graph.h"

#include "core/model/onnx_ops.h"
#include "core/model/onnx_tensor.h"

#include <algorithm>
#include <set>

namespace ember::model::detail {
namespace {

constexpr std::size_t kMaxNameBytes = 4'096;
constexpr qint64 kMaxConstantBytes = 48'000'000;

class GraphReader
{
public:
    explicit GraphReader(const pb::ModelProto& proto)
        : m_proto(proto)
    {}

    Result<Model> read()
    {
        const pb::GraphProto& graph = m_proto.graph();
        m_model.graph.name = graph.name().substr(0, kMaxNameBytes);
        readVersions();
        EMBER_CHECK(readConstants());
        collectNames();
        for (const pb::ValueInfoProto& input : graph.input()) {
            if (!m_model.graph.constants.contains(input.name()))
                EMBER_CHECK(addEnd(input, m_model.graph.inputs));
        }
        int index = 0;
        for (const pb::NodeProto& node : graph.node())
            EMBER_CHECK(readNode(node, index++));
        for (const pb::ValueInfoProto& output : graph.output())
            EMBER_CHECK(addOutput(output));
        return std::move(m_model);
    }

private:
    void readVersions()
    {
        for (const pb::OperatorSetIdProto& set : m_proto.opset_import()) {
            const std::string domain = set.domain() == "ai.onnx" ? std::string() : set.domain();
            m_versions[domain] = set.version();
        }
    }

    void collectNames()
    {
        const pb::GraphProto& graph = m_proto.graph();
        for (const pb::NodeProto& node : graph.node())
            m_names.insert(node.output().begin(), node.output().end());
        for (const pb::TensorProto& tensor : graph.initializer())
            m_names.insert(tensor.name());
        for (const pb::ValueInfoProto& input : graph.input())
            m_names.insert(input.name());
    }

    // A beginning for the names of a node's inner values, which no value of the file has.
    std::string ownName(const pb::NodeProto& node, int index) const
    {
        std::string name = node.op_type() + "_" + std::to_string(index);
        while (true) {
            const auto next = m_names.lower_bound(name + "/");
            if (next == m_names.end() || !next->starts_with(name + "/"))
                return name;
            name += "_";
        }
    }

    Status readConstants()
    {
        qint64 bytes = 0;
        for (const pb::TensorProto& tensor : m_proto.graph().initializer()) {
            EMBER_TRY(Tensor value, readTensor(tensor));
            bytes += static_cast<qint64>(value.bytes().size());
            if (bytes > kMaxConstantBytes)
                return unsupported(
                    QStringLiteral("its constants need more than %1 MB").arg(kMaxConstantBytes / 1'000'000));
            m_model.graph.constants.insert_or_assign(tensor.name(), Constant{std::move(value)});
        }
        return {};
    }

    static ValueInfo describe(const pb::ValueInfoProto& proto)
    {
        ValueInfo info;
        info.name = proto.name();
        const pb::TypeProto::Tensor& tensor = proto.type().tensor_type();
        info.type = tensorTypeFor(tensor.elem_type()).value_or(TensorType::Float32);
        for (const pb::TensorShapeProto::Dimension& dim : tensor.shape().dim())
            info.shape.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : -1);
        return info;
    }

    static Status addEnd(const pb::ValueInfoProto& proto, std::vector<ValueInfo>& to)
    {
        const QString name = QString::fromStdString(proto.name()).left(80);
        if (!proto.type().has_tensor_type())
            return unsupported(QStringLiteral("'%1' is no tensor").arg(name));
        const int type = proto.type().tensor_type().elem_type();
        if (!tensorTypeFor(type))
            return unsupported(QStringLiteral("'%1' is %2").arg(name, elemTypeName(type)));
        to.push_back(describe(proto));
        return {};
    }

    // Probabilities may be declared as a sequence of maps, which ZipMap would make.
    Status addOutput(const pb::ValueInfoProto& proto)
    {
        if (proto.type().has_tensor_type())
            return addEnd(proto, m_model.graph.outputs);
        m_model.graph.outputs.push_back(describe(proto));
        return {};
    }

    Status readNode(const pb::NodeProto& node, int index)
    {
        const std::string domain = node.domain() == "ai.onnx" ? std::string() : node.domain();
        const OnnxConvert convert = onnxConverter(domain, node.op_type());
        if (!convert)
            return unsupported(
                QStringLiteral("the operator %1 is not supported")
                    .arg(QString::fromStdString((domain.empty() ? "" : domain + ".") + node.op_type()).left(120)));
        const auto version = m_versions.find(domain);
        const OnnxOperator op(node, version == m_versions.end() ? 1 : version->second, m_model.graph,
                              ownName(node, index));
        if (auto status = convert(op); !status)
            return status.error().context(QStringLiteral("reading %1 '%2'")
                                              .arg(QString::fromStdString(node.op_type()).left(80),
                                                   QString::fromStdString(node.name()).left(80)));
        return {};
    }

    const pb::ModelProto& m_proto;
    std::map<std::string, std::int64_t> m_versions;
    std::set<std::string> m_names;
    Model m_model;
};

} // namespace

bool isGraphOperator(const pb::NodeProto& node)
{
    return onnxConverter(node.domain(), node.op_type()) != nullptr;
}

Result<Model> readGraph(const pb::ModelProto& proto)
{
    return GraphReader(proto).read();
}

} // namespace ember::model::detail
