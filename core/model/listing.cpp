// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/listing.h"

#include "core/model/analysis.h"

#include <QStringList>

#include <algorithm>
#include <set>

namespace ember::model {
namespace {

QString quantisationText(const std::optional<Quantisation>& q)
{
    if (!q)
        return {};
    if (q->perChannel())
        return QStringLiteral(" [%1 scales, axis %2]").arg(q->scales.size()).arg(q->axis);
    return QStringLiteral(" [%1, %2]").arg(static_cast<double>(q->scale()), 0, 'g', 6).arg(q->zeroPoint());
}

// Names of values as short as can be told apart. TensorFlow Lite joins those of all fused operations with semicolons,
// and both formats put the path of modules in front: the end of the first says most.
class ShortNames
{
public:
    QString of(const std::string& name)
    {
        const auto [at, isNew] = m_short.emplace(name, QString());
        if (!isNew)
            return at->second;
        const QString wanted = shortened(QString::fromStdString(name));
        QString chosen = wanted;
        for (int n = 2; !m_taken.insert(chosen).second; ++n)
            chosen = QStringLiteral("%1~%2").arg(wanted).arg(n);
        return at->second = chosen;
    }

private:
    static constexpr qsizetype kMost = 28;

    static QString shortened(const QString& name)
    {
        if (name.size() <= kMost)
            return name;
        const QStringList parts = name.section(QLatin1Char(';'), 0, 0).split(QLatin1Char('/'), Qt::SkipEmptyParts);
        QString text;
        for (auto part = parts.rbegin(); part != parts.rend() && text.size() + part->size() < kMost; ++part)
            text = text.isEmpty() ? *part : *part + QLatin1Char('/') + text;
        if (!text.isEmpty())
            return text;
        const QString last = parts.isEmpty() ? name : parts.back();
        return last.left(kMost / 2) + QStringLiteral("..") + last.right(kMost / 2 - 2);
    }

    std::map<std::string, QString> m_short;
    std::set<QString> m_taken;
};

QString listText(const char* name, const std::vector<qint64>& values)
{
    if (values.empty())
        return {};
    QStringList parts;
    for (const qint64 value : values)
        parts << QString::number(value);
    return QStringLiteral(" %1=%2").arg(QLatin1String(name), parts.join(QLatin1Char(',')));
}

QString activationText(Activation activation)
{
    switch (activation) {
    case Activation::None:
        return {};
    case Activation::Relu:
        return QStringLiteral(" +relu");
    case Activation::ReluMinus1To1:
        return QStringLiteral(" +relu(-1..1)");
    case Activation::Relu6:
        return QStringLiteral(" +relu6");
    case Activation::Tanh:
        return QStringLiteral(" +tanh");
    }
    return {};
}

// Steps of one are what everybody expects.
QString stepText(const char* name, const std::vector<qint64>& steps)
{
    const bool ones = std::all_of(steps.begin(), steps.end(), [](qint64 step) { return step == 1; });
    return ones ? QString() : listText(name, steps);
}

QString windowText(const Window& window)
{
    QString text = stepText("stride", window.strides) + stepText("dilation", window.dilations);
    if (window.padding == Padding::SameUpper || window.padding == Padding::SameLower)
        return text + QStringLiteral(" pad=same");
    return text + listText("pad", window.padsBegin) + listText("pad-end", window.padsEnd);
}

// The parameters that shape the work of an operation; the others have none, or show them in their values.
struct Parameters
{
    QString operator()(const Conv& op) const
    {
        return windowText(op.window) + (op.groups != 1 ? QStringLiteral(" groups=%1").arg(op.groups) : QString()) +
               activationText(op.activation);
    }
    QString operator()(const DepthwiseConv& op) const { return windowText(op.window) + activationText(op.activation); }
    QString operator()(const ConvTranspose& op) const { return windowText(op.window) + activationText(op.activation); }
    QString operator()(const Pool& op) const { return listText("kernel", op.kernel) + windowText(op.window); }
    QString operator()(const Dense& op) const { return activationText(op.activation); }
    QString operator()(const Binary& op) const { return activationText(op.activation); }
    QString operator()(const Reduce& op) const { return listText("axes", op.axes); }
    QString operator()(const Transpose& op) const { return listText("order", op.permutation); }
    QString operator()(const Concat& op) const { return QStringLiteral(" axis=%1").arg(op.axis); }
    QString operator()(const Softmax& op) const { return QStringLiteral(" axis=%1").arg(op.axis); }
    QString operator()(const Recurrent& op) const { return QStringLiteral(" units=%1").arg(op.hidden); }
    QString operator()(const Svdf& op) const { return QStringLiteral(" rank=%1").arg(op.rank); }
    QString operator()(const Signal& op) const
    {
        const auto* fft = std::get_if<SignalFft>(&op.step);
        return fft ? QStringLiteral(" points=%1").arg(fft->length) : QString();
    }
    QString operator()(const TreeEnsemble& op) const
    {
        return QStringLiteral(" %1 trees, %2 nodes").arg(op.roots.size()).arg(op.nodes.size());
    }
    QString operator()(const SvmModel& op) const
    {
        return QStringLiteral(" %1 classes, %2 support vectors")
            .arg(op.classes)
            .arg(op.features > 0 ? static_cast<qint64>(op.vectors.size()) / op.features : 0);
    }
    template <typename Other>
    QString operator()(const Other&) const
    {
        return {};
    }
};

class Lister
{
public:
    explicit Lister(const Graph& graph)
        : m_graph(graph)
    {
        if (auto analysis = analyse(graph))
            m_values = std::move(analysis->values);
    }

    QString text()
    {
        QStringList lines;
        for (const ValueInfo& input : m_graph.inputs)
            lines << QStringLiteral("input  ") + valueText(input);
        for (const ValueInfo& state : m_graph.states)
            lines << QStringLiteral("state  ") + valueText(state);
        for (const Node& node : m_graph.nodes)
            lines << nodeText(node);
        for (const ValueInfo& output : m_graph.outputs)
            lines << QStringLiteral("output ") + valueText(known(output));
        return lines.join(QLatin1Char('\n'));
    }

    std::vector<ListedNode> nodes()
    {
        std::vector<ListedNode> all;
        for (const Node& node : m_graph.nodes)
            all.push_back(listed(node));
        return all;
    }

private:
    ListedNode listed(const Node& node)
    {
        ListedNode one;
        one.operation = operationName(node.operation);
        one.parameters = std::visit(Parameters(), node.operation).trimmed();
        QStringList reads, constants, makes;
        for (const std::string& name : node.inputs) {
            one.inputs << QString::fromStdString(name);
            const auto constant = m_graph.constants.find(name);
            if (constant != m_graph.constants.end())
                constants << QStringLiteral("%1 %2").arg(tensorTypeName(constant->second.value.type()),
                                                         shapeText(constant->second.value.shape()));
            else if (!name.empty())
                reads << m_names.of(name);
        }
        for (const std::string& name : node.outputs) {
            one.outputs.push_back(known({name, TensorType::Float32, {}}));
            makes << m_names.of(name);
        }
        one.reads = reads.join(QStringLiteral(", "));
        one.constants = constants.join(QStringLiteral(", "));
        one.makes = makes.join(QStringLiteral(", "));
        return one;
    }

    QString valueText(const ValueInfo& info)
    {
        return QStringLiteral("%1: %2 %3%4")
            .arg(m_names.of(info.name), tensorTypeName(info.type), shapeText(info.shape),
                 quantisationText(info.quantisation));
    }

    ValueInfo known(const ValueInfo& info) const
    {
        const auto found = m_values.find(info.name);
        return found == m_values.end() ? info : found->second;
    }

    QString nameText(const std::string& name)
    {
        if (name.empty())
            return QStringLiteral("-");
        if (const auto constant = m_graph.constants.find(name); constant != m_graph.constants.end())
            return QStringLiteral("(%1 %2%3)")
                .arg(tensorTypeName(constant->second.value.type()), shapeText(constant->second.value.shape()),
                     quantisationText(constant->second.quantisation));
        return m_names.of(name);
    }

    QString nodeText(const Node& node)
    {
        QStringList inputs, outputs;
        for (const std::string& name : node.inputs)
            inputs << nameText(name);
        for (const std::string& name : node.outputs) {
            const auto found = m_values.find(name);
            outputs << (found == m_values.end() ? m_names.of(name) : valueText(found->second));
        }
        return QStringLiteral("  %1%2 (%3) -> %4")
            .arg(operationName(node.operation), std::visit(Parameters(), node.operation),
                 inputs.join(QStringLiteral(", ")), outputs.join(QStringLiteral("; ")));
    }

    const Graph& m_graph;
    std::map<std::string, ValueInfo> m_values;
    ShortNames m_names;
};

} // namespace

QString listing(const Model& model)
{
    return Lister(model.graph).text();
}

std::vector<ListedNode> listedNodes(const Model& model)
{
    return Lister(model.graph).nodes();
}

} // namespace ember::model
