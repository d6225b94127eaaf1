// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/emit_plan.h"

#include <set>

namespace ember::features {
namespace {

/// Text that can stand behind // whatever the user called his channels.
QString inComment(const QString& text)
{
    QString safe;
    for (QChar c : text)
        safe += QStringLiteral("\\?").contains(c) || c.unicode() < 0x20 || c.unicode() >= 0x7F ? QLatin1Char('_') : c;
    return safe;
}

/// "12", "i", "12 + 3 * i", or nothing for a constant zero.
QString offsetText(int index, int step)
{
    QString text = index != 0 ? QString::number(index) : QString();
    if (step == 0)
        return text;
    if (!text.isEmpty())
        text += QStringLiteral(" + ");
    return text + (step == 1 ? QStringLiteral("i") : QStringLiteral("%1 * i").arg(step));
}

/// A loop cannot count down in size_t; a step below zero is rare enough to be written out pass by pass.
bool goesBackwards(const PlanLoop& loop)
{
    for (const KernelCall& call : loop.body) {
        for (const Argument& argument : call.arguments) {
            if (argument.step < 0)
                return true;
        }
    }
    return false;
}

QString sampleTypeText(signal::SampleType type)
{
    switch (type) {
    case signal::SampleType::Int8:
        return QStringLiteral("int8_t");
    case signal::SampleType::Int16:
        return QStringLiteral("int16_t");
    case signal::SampleType::Int32:
        return QStringLiteral("int32_t");
    case signal::SampleType::Float32:
        return QStringLiteral("float");
    }
    return QStringLiteral("float");
}

template <typename T>
void appendLiterals(QStringList& items, const std::vector<T>& values)
{
    for (T value : values) {
        if constexpr (std::is_same_v<T, float>)
            items << floatLiteral(value);
        else
            items << QString::number(value);
    }
}

class Printer
{
public:
    Printer(const ExtractionPlan& plan, const PlanNames& names)
        : m_plan(plan)
        , m_names(names)
    {}

    PlanSource print()
    {
        PlanSource source;
        source.sampleType = sampleTypeText(m_plan.sampleType);
        source.headers = headers();
        source.tables = tables();
        for (const PlanLoop& loop : m_plan.loops)
            source.body += loopText(loop);
        return source;
    }

private:
    QStringList headers() const
    {
        std::set<QString> all;
        for (const PlanLoop& loop : m_plan.loops) {
            for (const KernelCall& call : loop.body)
                all.insert(QString::fromLatin1(kernelInfo(call.kernel).header));
        }
        return {all.begin(), all.end()};
    }

    QString tables() const
    {
        QString text;
        for (const ConstantTable& table : m_plan.tables) {
            QStringList items;
            std::visit([&items](const auto& values) { appendLiterals(items, values); }, table.values);
            static const QStringList types = {QStringLiteral("float"), QStringLiteral("uint16_t"),
                                              QStringLiteral("int16_t")};
            const QString& type = types[static_cast<qsizetype>(table.values.index())];
            text += QStringLiteral("static const %1 %2%3[%4] = {\n")
                        .arg(type, m_names.tablePrefix, table.name)
                        .arg(items.size());
            text += lines(items) + QStringLiteral("};\n");
        }
        return text;
    }

    QString lines(const QStringList& items) const
    {
        QString text;
        QString line = m_names.indent;
        for (const QString& item : items) {
            if (line.size() + item.size() > 116) {
                text += line.trimmed().isEmpty() ? QString() : m_names.indent + line.trimmed() + QLatin1Char('\n');
                line = m_names.indent;
            }
            line += item + QStringLiteral(", ");
        }
        return text + m_names.indent + line.trimmed() + QLatin1Char('\n');
    }

    QString loopText(const PlanLoop& loop) const
    {
        QString text = m_names.indent + QStringLiteral("// ") + inComment(loop.comment) + QLatin1Char('\n');
        if (loop.count > 1 && !goesBackwards(loop)) {
            text += m_names.indent + QStringLiteral("for (size_t i = 0; i < %1; ++i) {\n").arg(loop.count);
            for (const KernelCall& call : loop.body)
                text += m_names.indent + m_names.indent + callText(call) + QLatin1Char('\n');
            return text + m_names.indent + QStringLiteral("}\n");
        }
        for (int pass = 0; pass < loop.count; ++pass) {
            for (const KernelCall& call : loop.body)
                text += m_names.indent + callText(inPass(call, pass)) + QLatin1Char('\n');
        }
        return text;
    }

    static KernelCall inPass(KernelCall call, int pass)
    {
        for (Argument& argument : call.arguments) {
            argument.index += argument.step * pass;
            argument.step = 0;
        }
        return call;
    }

    QString callText(const KernelCall& call) const
    {
        QString text = QStringLiteral("ember::runtime::") + QString::fromLatin1(kernelInfo(call.kernel).function);
        if (!call.templateArguments.empty()) {
            QStringList items;
            for (quint32 value : call.templateArguments)
                items << QStringLiteral("0x%1u").arg(value, 0, 16);
            text += QLatin1Char('<') + items.join(QStringLiteral(", ")) + QLatin1Char('>');
        }
        QStringList arguments;
        for (const Argument& argument : call.arguments)
            arguments << argumentText(argument);
        return text + QLatin1Char('(') + arguments.join(QStringLiteral(", ")) + QStringLiteral(");");
    }

    QString argumentText(const Argument& a) const
    {
        const QString offset = offsetText(a.index, a.step);
        const auto pointer = [&offset](const QString& base) {
            return offset.isEmpty() ? base : base + QStringLiteral(" + ") + offset;
        };
        switch (a.kind) {
        case Argument::Kind::Input:
            return pointer(m_names.window);
        case Argument::Kind::Scratch:
            return pointer(m_names.scratch);
        case Argument::Kind::Output:
            return pointer(m_names.features);
        case Argument::Kind::Count:
            return offset.isEmpty() ? QStringLiteral("0") : offset;
        case Argument::Kind::Real:
            return floatLiteral(a.real);
        case Argument::Kind::Table:
            return tableName(a);
        case Argument::Kind::TableElement:
            return tableName(a) + QLatin1Char('[') + (offset.isEmpty() ? QStringLiteral("0") : offset) +
                   QLatin1Char(']');
        }
        return {};
    }

    QString tableName(const Argument& a) const
    {
        return m_names.tablePrefix + m_plan.tables[static_cast<std::size_t>(a.table)].name;
    }

    const ExtractionPlan& m_plan;
    const PlanNames& m_names;
};

} // namespace

QString floatLiteral(float value)
{
    // Nine significant digits name every float.
    QString text = QString::number(static_cast<double>(value), 'g', 9);
    if (!text.contains(QLatin1Char('.')) && !text.contains(QLatin1Char('e')))
        text += QStringLiteral(".0");
    return text + QLatin1Char('f');
}

PlanSource printPlan(const ExtractionPlan& plan, const PlanNames& names)
{
    return Printer(plan, names).print();
}

QStringList runtimeHeaderClosure(const ExtractionPlan& plan)
{
    QStringList all = printPlan(plan).headers;
    if (!all.contains(QStringLiteral("real.hpp")))
        all << QStringLiteral("real.hpp");
    const auto needs = [&all](const char* header, const char* other) {
        if (all.contains(QLatin1String(header)) && !all.contains(QLatin1String(other)))
            all << QString::fromLatin1(other);
    };
    needs("audio.hpp", "spectrum.hpp");
    needs("spectrum.hpp", "fft.hpp");
    needs("fixed_audio.hpp", "fixed_fft.hpp");
    needs("fft.hpp", "bit_reversal.hpp");
    needs("fixed_fft.hpp", "bit_reversal.hpp");
    all.sort();
    return all;
}

} // namespace ember::features
