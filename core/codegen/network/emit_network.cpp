// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/emit_network.h"

#include "core/codegen/emit_parts.h"
#include "core/codegen/emit_text.h"

namespace ember::codegen {
namespace {

constexpr std::size_t kNumbersPerLine = 10;

const QString kSpace = QStringLiteral("ember::runtime::nn::");

/// The smallest number is no literal.
QString literal(qint32 word)
{
    return word == std::numeric_limits<qint32>::min() ? QStringLiteral("-2147483647 - 1") : QString::number(word);
}

/// `const <type> <name>[n] EMBER_IN_FLASH = {...};`
template <typename TextOf>
QString numberTable(const QString& type, const QString& name, std::size_t count, const TextOf& textOf)
{
    QString text = QStringLiteral("const %1 %2[%3] EMBER_IN_FLASH = {").arg(type, name).arg(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (i % kNumbersPerLine == 0)
            text += QStringLiteral("\n   ");
        text += QStringLiteral(" %1,").arg(textOf(i));
    }
    return text + QStringLiteral("\n};\n");
}

QString wordTable(const QString& name, const std::vector<qint32>& words)
{
    return numberTable(QStringLiteral("int32_t"), name, words.size(),
                       [&words](std::size_t i) { return literal(words[i]); });
}

QString range(const StoredRange& range)
{
    return QStringLiteral("{%1, %2, %3}").arg(range.zero).arg(range.least).arg(range.most);
}

QString numbers(std::initializer_list<qint64> list)
{
    QStringList texts;
    for (const qint64 number : list)
        texts << QString::number(number);
    return texts.join(QStringLiteral(", "));
}

/// Prints one step: its tables and its function.
class StepPrinter
{
public:
    StepPrinter(const LoweredNetwork& network, std::size_t index)
        : m_network(network)
        , m_step(network.steps[index])
        , m_index(index)
    {}

    QString print() const
    {
        return std::visit([this](const auto& kind) { return printKind(kind); }, m_step.kind);
    }

    QString function() const
    {
        return std::visit([](const auto& kind) { return nameOf(kind); }, m_step.kind) + QString::number(m_index);
    }

private:
    static QString nameOf(const ConvStep&) { return QStringLiteral("convolve"); }
    static QString nameOf(const DepthwiseStep&) { return QStringLiteral("convolveDepthwise"); }
    static QString nameOf(const DenseStep&) { return QStringLiteral("dense"); }
    static QString nameOf(const PoolStep&) { return QStringLiteral("pool"); }
    static QString nameOf(const PairStep&) { return QStringLiteral("combine"); }
    static QString nameOf(const LookUpStep&) { return QStringLiteral("lookUp"); }
    static QString nameOf(const SoftmaxStep&) { return QStringLiteral("softmax"); }
    static QString nameOf(const QuantiseStep&) { return QStringLiteral("quantise"); }
    static QString nameOf(const MoveStep&) { return QStringLiteral("move"); }

    QString table(const char* what, const QString& prefix = {}) const
    {
        return QLatin1String("k") + prefix + QLatin1String(what) + QString::number(m_index);
    }

    /// `prefix`: of the names, for the second layer of a step.
    QString layerTables(const LayerTables& tables, const QString& prefix = {}) const
    {
        // Kernels read channels in twos and fours.
        constexpr std::size_t kChannelsAtOnce = 4;
        const std::size_t channels = (tables.bias.size() + kChannelsAtOnce - 1) / kChannelsAtOnce * kChannelsAtOnce;
        QString text = QStringLiteral("\nalignas(4) ") + byteTable(table("Weights", prefix), tables.weights) +
                       QStringLiteral("const %1Channel %2[%3] EMBER_IN_FLASH = {\n")
                           .arg(kSpace, table("Channels", prefix))
                           .arg(channels);
        const bool rounded = tables.scale() == LayerScale::Any || tables.scale() == LayerScale::Down;
        const int less = rounded ? 0 : 1;
        for (std::size_t i = 0; i < tables.bias.size(); ++i)
            text += QStringLiteral("    {%1, %2, %3},\n")
                        .arg(literal(tables.bias[i]))
                        .arg(tables.scales[i].multiplier)
                        .arg(tables.scales[i].right - less);
        for (std::size_t i = tables.bias.size(); i < channels; ++i)
            text += QStringLiteral("    {0, 0, 0},\n");
        return text + QStringLiteral("};\n");
    }

    QString title() const
    {
        const QString text = commentText(m_step.name);
        return text.isEmpty() ? QString() : QStringLiteral("// ") + text + QLatin1Char('\n');
    }

    /// A call with everything in place: "<kind>(<before>, in, weights, channels, range<scratch>, out);"
    QString body(const QString& constants, const QString& call) const
    {
        const bool pair = m_step.inputs.size() > 1;
        return QLatin1Char('\n') + title() +
               QStringLiteral("void %1(const int8_t* x, %2int8_t* y)\n{\n%3    %4%5;\n}\n")
                   .arg(function(), pair ? QStringLiteral("const int8_t* other, ") : QString(), constants, kSpace,
                        call);
    }

    QString layerConstants(const LayerTables& tables) const { return rangeConstant(tables.range); }

    static QString rangeConstant(const StoredRange& stored, const QString& name = QStringLiteral("range"))
    {
        return QStringLiteral("    static constexpr %1Range %2 = %3;\n").arg(kSpace, name, range(stored));
    }

    static QString pairConstant(const PairStep& step)
    {
        return QStringLiteral("    static constexpr %1PairScale scale = {%2};\n")
            .arg(kSpace, numbers({step.zeroA, step.zeroB, step.a.multiplier, step.b.multiplier, step.result.multiplier,
                                  step.a.right, step.b.right, step.result.right}));
    }

    static QString scaleName(const LayerTables& tables)
    {
        switch (tables.scale()) {
        case LayerScale::Byte:
            return kSpace + QStringLiteral("ByteScale");
        case LayerScale::Relu:
            return kSpace + QStringLiteral("ReluScale");
        case LayerScale::Down:
            return kSpace + QStringLiteral("DownScale");
        case LayerScale::Any:
            break;
        }
        return kSpace + QStringLiteral("AnyScale");
    }

    QString scratch(const QString& type, qint64 offset = 0) const
    {
        const QString at = QStringLiteral("arena + %1").arg(m_step.scratchOffset + offset);
        return type.isEmpty() ? at : QStringLiteral("reinterpret_cast<%1*>(%2)").arg(type, at);
    }

    QString printKind(const ConvStep& step) const
    {
        const WindowGeometry& w = step.window;
        const QString shape = QStringLiteral("    static constexpr %1ConvShape shape = {%2, %3};\n")
                                  .arg(kSpace,
                                       numbers({w.inHeight, w.inWidth, w.inChannels, w.kernelHeight, w.kernelWidth,
                                                w.strideY, w.strideX, w.padTop, w.padLeft, w.outHeight, w.outWidth,
                                                w.outChannels, step.tables.inputZero + 128}),
                                       step.backward ? QStringLiteral("true") : QStringLiteral("false"));
        const QString call =
            QStringLiteral("%1<%2%3>(shape, x, %4, %5, range, %6, %7)")
                .arg(step.dense ? QStringLiteral("convolveDense") : QStringLiteral("convolve"), scaleName(step.tables),
                     step.dense ? QStringLiteral(", ") + scaleName(step.dense->tables) : QString(), table("Weights"),
                     table("Channels"), scratch(QStringLiteral("uint16_t")), target(step));
        QString constants = shape + layerConstants(step.tables);
        QString tables = layerTables(step.tables);
        if (step.sum)
            constants += pairConstant(*step.sum) + rangeConstant(step.sum->range, QStringLiteral("sumRange"));
        if (step.dense) {
            tables += layerTables(step.dense->tables, QStringLiteral("Dense"));
            constants += rangeConstant(step.dense->tables.range, QStringLiteral("denseRange"));
        }
        return tables + body(constants, call);
    }

    /// What takes the pixels of a convolution.
    QString target(const ConvStep& step) const
    {
        const int channels = step.window.outChannels;
        const ConvStep::Scratch places = step.scratch();
        const QString made = scratch(QStringLiteral("int8_t"), places.made);
        if (step.sum)
            return QStringLiteral("%1ToSum<%2, %3>{%4, other, %5, scale, sumRange, y}")
                .arg(kSpace)
                .arg(step.sum->kind == PairKind::Subtract ? -1 : 1)
                .arg(step.sumMadeFirst ? QStringLiteral("true") : QStringLiteral("false"), made)
                .arg(channels);
        if (step.dense)
            return QStringLiteral("%1ToDense{%2, %3, %4, %5, %6, %7}, %8, denseRange, y")
                .arg(kSpace, made)
                .arg(channels)
                .arg(table("Weights", QStringLiteral("Dense")))
                .arg(step.dense->in)
                .arg(step.dense->out)
                .arg(scratch(QStringLiteral("int32_t"), places.sums), table("Channels", QStringLiteral("Dense")));
        return QStringLiteral("%1ToImage{y, %2}").arg(kSpace).arg(channels);
    }

    QString printKind(const DepthwiseStep& step) const
    {
        const WindowGeometry& w = step.window;
        const QString shape =
            QStringLiteral("    static constexpr %1DepthwiseShape shape = {%2};\n")
                .arg(kSpace, numbers({w.inHeight, w.inWidth, w.inChannels, w.kernelHeight, w.kernelWidth, w.strideY,
                                      w.strideX, w.padTop, w.padLeft, w.outHeight, w.outWidth, w.ringWidth(),
                                      step.tables.inputZero + 128}));
        const bool cells3 = w.kernelHeight == 3 && w.kernelWidth == 3;
        return layerTables(step.tables) +
               body(shape + layerConstants(step.tables),
                    QStringLiteral("convolveDepthwise<%1, %2>(shape, x, %3, %4, range, %5, y)")
                        .arg(scaleName(step.tables), cells3 ? QStringLiteral("true") : QStringLiteral("false"),
                             table("Weights"), table("Channels"), scratch({})));
    }

    QString printKind(const DenseStep& step) const
    {
        return layerTables(step.tables) + body(layerConstants(step.tables),
                                               QStringLiteral("dense<%1>(%2, x, %3, %4, range, y)")
                                                   .arg(scaleName(step.tables), numbers({step.rows, step.in, step.out}),
                                                        table("Weights"), table("Channels")));
    }

    QString printKind(const PoolStep& step) const
    {
        const WindowGeometry& w = step.window;
        const QString shape =
            QStringLiteral("    static constexpr %1PoolShape shape = {%2};\n")
                .arg(kSpace, numbers({w.inHeight, w.inWidth, w.inChannels, w.kernelHeight, w.kernelWidth, w.strideY,
                                      w.strideX, w.padTop, w.padLeft, w.outHeight, w.outWidth}));
        return body(shape + rangeConstant(step.range),
                    QStringLiteral("pool<%1%2>(shape, x, range, y)")
                        .arg(kSpace, step.average ? QStringLiteral("Average") : QStringLiteral("Maximum")));
    }

    QString printKind(const PairStep& step) const
    {
        const QString kernel = step.kind == PairKind::Multiply ? QStringLiteral("multiply")
                               : step.kind == PairKind::Add    ? QStringLiteral("add<1>")
                                                               : QStringLiteral("add<-1>");
        return body(pairConstant(step) + rangeConstant(step.range),
                    QStringLiteral("%1(x, other, %2, scale, range, y)").arg(kernel).arg(step.count));
    }

    QString printKind(const LookUpStep& step) const
    {
        return QLatin1Char('\n') + byteTable(table("Table"), step.table) +
               body({}, QStringLiteral("lookUp(x, %1, %2, y)").arg(step.count).arg(table("Table")));
    }

    QString printKind(const SoftmaxStep& step) const
    {
        return QLatin1Char('\n') + wordTable(table("Exponentials"), step.exponentials) +
               body({}, QStringLiteral("softmax(%1, %2, x, %3, %4, y)")
                            .arg(step.rows)
                            .arg(step.size)
                            .arg(table("Exponentials"))
                            .arg(step.exponentials.size()));
    }

    /// One loop: the arithmetic is printed as it is, for it is as various as it is short.
    QString printKind(const QuantiseStep& step) const
    {
        QString tables;
        QString order = QStringLiteral("i");
        if (!step.source.empty()) {
            const QString name = table("Source");
            tables += numberTable(QStringLiteral("uint16_t"), name, step.source.size(),
                                  [&step](std::size_t i) { return QString::number(step.source[i]); });
            order = QStringLiteral("%1readIndex(%2 + i)").arg(kSpace, name);
        }
        QString value = QStringLiteral("static_cast<float>(x[%1])").arg(order);
        for (std::size_t k = 0; k < step.arithmetic.size(); ++k) {
            const RealStep& real = step.arithmetic[k];
            QString operand = features::floatLiteral(real.operands.front());
            if (!real.isUniform()) {
                const QString name = QStringLiteral("%1_%2").arg(table("Reals")).arg(k);
                tables += numberTable(QStringLiteral("float"), name, real.operands.size(),
                                      [&real](std::size_t i) { return features::floatLiteral(real.operands[i]); });
                operand = QStringLiteral("%1readReal(%2 + i)").arg(kSpace, name);
            }
            value = QStringLiteral("(%1 %2 %3)").arg(value, signOf(real.kind), operand);
        }
        return tables + QStringLiteral("\n%1void %2(const %3* x, int8_t* y)\n{\n    for (uint16_t i = 0; i < %4; ++i)\n"
                                       "        y[i] = %5quantised(%6 / %7, %8);\n}\n")
                            .arg(title(), function(), featureCType(m_network.featureType))
                            .arg(step.count)
                            .arg(kSpace, value, features::floatLiteral(step.scale))
                            .arg(step.zero);
    }

    QString printKind(const MoveStep& step) const
    {
        QStringList inputs;
        for (std::size_t i = 0; i < m_step.inputs.size(); ++i)
            inputs << QStringLiteral("const int8_t* x%1").arg(i);
        QString text = QStringLiteral("\n%1void %2(%3, int8_t* y)\n{\n")
                           .arg(title(), function(), inputs.join(QStringLiteral(", ")));
        if (step.fill)
            text += QStringLiteral("    __builtin_memset(y, %1, %2);\n").arg(*step.fill).arg(step.count);
        for (const MovePart& part : step.parts)
            text += QStringLiteral("    %1moveRows(x%2 + %3, y + %4);\n")
                        .arg(kSpace)
                        .arg(part.input)
                        .arg(numbers({part.from, part.fromStep, part.rows, part.bytes}))
                        .arg(numbers({part.to, part.toStep}));
        return text + QStringLiteral("}\n");
    }

    static QString signOf(model::BinaryKind kind)
    {
        switch (kind) {
        case model::BinaryKind::Subtract:
            return QStringLiteral("-");
        case model::BinaryKind::Multiply:
            return QStringLiteral("*");
        case model::BinaryKind::Divide:
            return QStringLiteral("/");
        default:
            return QStringLiteral("+");
        }
    }

    const LoweredNetwork& m_network;
    const NetworkStep& m_step;
    std::size_t m_index;
};

QString place(const LoweredNetwork& network, const QString& space, int value)
{
    if (value == kNetworkInput)
        return QStringLiteral("features");
    const qint64 offset = network.values[static_cast<std::size_t>(value)].offset;
    return offset < 0 ? QStringLiteral("outputs")
                      : QStringLiteral("reinterpret_cast<int8_t*>(%1::arena + %2)").arg(space).arg(offset);
}

QString headerOf(const ConvStep& step)
{
    return step.sum || step.dense ? QStringLiteral("nn/conv_fused.hpp") : QStringLiteral("nn/conv.hpp");
}
QString headerOf(const DepthwiseStep&)
{
    return QStringLiteral("nn/depthwise.hpp");
}
QString headerOf(const DenseStep&)
{
    return QStringLiteral("nn/dense.hpp");
}
QString headerOf(const PoolStep&)
{
    return QStringLiteral("nn/pool.hpp");
}
QString headerOf(const SoftmaxStep&)
{
    return QStringLiteral("nn/softmax.hpp");
}
QString headerOf(const QuantiseStep&)
{
    return QStringLiteral("nn/quantise.hpp");
}
QString headerOf(const MoveStep&)
{
    return QStringLiteral("nn/move.hpp");
}
QString headerOf(const PairStep&)
{
    return QStringLiteral("nn/elementwise.hpp");
}
QString headerOf(const LookUpStep&)
{
    return QStringLiteral("nn/elementwise.hpp");
}

} // namespace

QString printNetwork(const LoweredNetwork& network)
{
    QString text = QStringLiteral("// Values between the steps and what kernels need meanwhile. %1\n"
                                  "constexpr size_t kArenaBytes = %2;\nalignas(8) uint8_t arena[kArenaBytes];\n")
                       .arg(network.arena.optimal
                                ? QStringLiteral("No plan for this order of steps is smaller.")
                                : QStringLiteral("At most %1 bytes more than the best plan.").arg(network.arena.gap()))
                       .arg(std::max<qint64>(network.arena.bytes, 8));
    for (std::size_t i = 0; i < network.steps.size(); ++i)
        text += StepPrinter(network, i).print();
    return text;
}

QString printNetworkCalls(const LoweredNetwork& network, const QString& space)
{
    QString text;
    for (std::size_t i = 0; i < network.steps.size(); ++i) {
        const NetworkStep& step = network.steps[i];
        QStringList arguments;
        for (const int input : step.inputs)
            arguments << place(network, space, input);
        arguments << place(network, space, step.output);
        text += QStringLiteral("    %1::%2(%3);\n")
                    .arg(space, StepPrinter(network, i).function(), arguments.join(QStringLiteral(", ")));
    }
    return text;
}

QString printWinner(const LoweredNetwork& network, const QString& space)
{
    return QStringLiteral("%1winnerOf(%2, %3)")
        .arg(kSpace, place(network, space, network.compared))
        .arg(network.values[static_cast<std::size_t>(network.compared)].bytes);
}

QStringList networkIncludes(const LoweredNetwork& network)
{
    QStringList names{QStringLiteral("nn/elementwise.hpp")}; // the winner
    for (const NetworkStep& step : network.steps)
        names += std::visit([](const auto& kind) { return headerOf(kind); }, step.kind);
    names.removeDuplicates();
    return names;
}

} // namespace ember::codegen
