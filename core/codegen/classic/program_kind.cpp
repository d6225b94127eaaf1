// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/program_kind.h"

#include "core/codegen/classic/gaussian_lowering.h"
#include "core/codegen/classic/linear_lowering.h"
#include "core/codegen/classic/neighbours_lowering.h"
#include "core/codegen/classic/program_forms.h"
#include "core/codegen/classic/program_lowering.h"
#include "core/codegen/classic/program_run.h"
#include "core/codegen/classic/support_lowering.h"
#include "core/features/emit_plan.h"

#include <cmath>

namespace ember::codegen {
namespace {

constexpr int kFloatsPerLine = 8;

const LoweredProgram& programOf(const LoweredModel& model)
{
    return std::get<LoweredProgram>(model.body);
}

QString address(const StepOperand& at)
{
    static const char* const kBases[] = {"", "features", "kScratch", "outputs", "kConstants"};
    const QLatin1String base(kBases[static_cast<std::size_t>(at.place)]);
    return at.offset == 0 ? QString(base) : QStringLiteral("%1 + %2").arg(base).arg(at.offset);
}

QString reading(const StepOperand& at)
{
    return QStringLiteral("runtime::%1(%2)")
        .arg(at.place == Place::Constant ? QStringLiteral("inFlash") : QStringLiteral("inRam"), address(at));
}

/// "DenseShape{64, 10, 0}", or a plain number.
QString shapeText(const ProgramStep& step)
{
    QStringList numbers;
    for (const quint32 number : step.numbers)
        numbers << QString::number(number);
    const auto window = static_cast<qsizetype>(windowNumbersOf(step.kind));
    const QString shape = QLatin1String(formOf(step.kind).shape);
    const QString own = numbers.mid(window).join(QStringLiteral(", "));
    QString text =
        window == 0
            ? QString()
            : QStringLiteral("runtime::ImageWindow{%1}, ").arg(numbers.first(window).join(QStringLiteral(", ")));
    text += shape.isEmpty() ? own : QStringLiteral("runtime::%1{%2}").arg(shape, own);
    return text;
}

QString stepCall(const ProgramStep& step)
{
    QStringList arguments;
    if (step.function != StepFunction::None)
        arguments << QStringLiteral("runtime::%1()").arg(QLatin1String(functionName(step.function)));
    arguments << shapeText(step);
    for (const StepOperand& operand : step.operands)
        arguments << (step.kind == ProgramKernel::Widen ? address(operand) : reading(operand));
    arguments << address(step.result);
    if (step.second.place != Place::Nowhere)
        arguments << address(step.second);
    return QStringLiteral("    runtime::%1(%2);\n")
        .arg(QLatin1String(formOf(step.kind).kernel), arguments.join(QStringLiteral(", ")));
}

QString literal(float value)
{
    if (std::isfinite(value))
        return features::floatLiteral(value);
    if (std::isnan(value))
        return QStringLiteral("__builtin_nanf(\"\")");
    return value < 0 ? QStringLiteral("-__builtin_inff()") : QStringLiteral("__builtin_inff()");
}

QString constantTable(const std::vector<float>& values)
{
    if (values.empty())
        return {};
    QString text = QStringLiteral("const float kConstants[%1] EMBER_IN_FLASH = {").arg(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        text += (i % kFloatsPerLine == 0 ? QStringLiteral("\n    ") : QStringLiteral(" ")) + literal(values[i]) +
                QLatin1Char(',');
    return text + QStringLiteral("\n};\n\n");
}

/// The steps, and who wins.
QString printRun(const EmitContext& context)
{
    const LoweredProgram& program = programOf(context.model);
    QString text = QStringLiteral("uint16_t run(const %1* features, float* outputs)\n{\n"
                                  "    namespace runtime = ember::runtime;\n")
                       .arg(featureCType(context.model.rowType()));
    for (const ProgramStep& step : program.steps)
        text += stepCall(step);
    const QString canonical =
        QStringLiteral("    runtime::canonicalNans(outputs, %1);\n").arg(context.outputCountMacro());
    if (program.label.place == Place::Nowhere)
        return text + canonical + QStringLiteral("    return 0;\n}\n");
    return text +
           QStringLiteral("    const uint16_t winner = runtime::winnerFrom(*(%1), %2_CLASS_COUNT);\n")
               .arg(address(program.label), context.macro) +
           canonical + QStringLiteral("    return winner;\n}\n");
}

void addOperand(ContentHash& hash, const StepOperand& at)
{
    hash.add(static_cast<int>(at.place)).add(static_cast<qint64>(at.offset));
}

/// Whole-number features let some models do without floats.
void becomeIntegers(LoweredModel& lowered, bool learns)
{
    const LoweredProgram program = programOf(lowered);
    if (auto gaussian = integerGaussian(program, lowered.featureCount, lowered.rowType(), learns)) {
        lowered.outputScale = gaussian->scoreScale;
        lowered.body = std::move(gaussian->model);
    } else if (auto support = integerSupport(program, lowered.featureCount)) {
        lowered.outputScale = support->decisionScale;
        lowered.body = std::move(support->model);
    } else if (auto linear = integerLinear(program, lowered)) {
        lowered.outputScale = linear->scoreScale;
        lowered.body = std::move(linear->model);
    } else if (auto neighbours = integerNeighbours(program, lowered, learns)) {
        lowered.outputScale = neighbours->voteScale;
        lowered.body = std::move(neighbours->model);
    } else {
        return;
    }
    lowered.outputType = signal::SampleType::Int32;
}

class ProgramKind : public ModelKind
{
public:
    Result<WhyNot> lower(const model::Model& model, const Options& options, LoweredModel& lowered) const override
    {
        EMBER_TRY(WhyNot why, lowerProgram(model, lowered));
        if (why.isEmpty() && lowered.rowType() != FeatureType::Float32)
            becomeIntegers(lowered, options.learning.has_value());
        return why;
    }

    void addTo(ContentHash& hash, const LoweredModel& model) const override
    {
        const LoweredProgram& program = programOf(model);
        hash.add(QStringLiteral("program")).add(model.outputCount).add(model.classCount);
        hash.add(static_cast<qint64>(program.scratchFloats));
        hash.add(QByteArray::fromRawData(reinterpret_cast<const char*>(program.constants.data()),
                                         static_cast<qsizetype>(program.constants.size() * sizeof(float))));
        for (const ProgramStep& step : program.steps) {
            hash.add(static_cast<int>(step.kind)).add(static_cast<int>(step.function));
            for (const StepOperand& at : step.operands)
                addOperand(hash, at);
            addOperand(hash, step.result);
            addOperand(hash, step.second);
            for (const quint32 number : step.numbers)
                hash.add(static_cast<qint64>(number));
        }
        addOperand(hash, program.label);
    }

    QString title() const override { return QStringLiteral("program"); }

    QString description(const LoweredModel& model) const override
    {
        const LoweredProgram& program = programOf(model);
        return QStringLiteral("%1 steps in float32; working memory %2 bytes, lower bound of its plan %3")
            .arg(program.steps.size())
            .arg(4 * program.scratchFloats)
            .arg(4 * program.scratchLowerBound);
    }

    QStringList includes(const LoweredModel& model) const override
    {
        QStringList headers = {QStringLiteral("tensor.hpp")};
        for (const ProgramStep& step : programOf(model).steps)
            headers << QLatin1String(formOf(step.kind).header);
        headers.removeDuplicates();
        return headers;
    }

    QStringList runtimeHeaders(const LoweredModel& model) const override
    {
        return includes(model) + QStringList{QStringLiteral("elementary.hpp"), QStringLiteral("flash_data.hpp"),
                                             QStringLiteral("real.hpp")};
    }

    QString printTables(const EmitContext& context) const override
    {
        const LoweredProgram& program = programOf(context.model);
        QString text = constantTable(program.constants);
        if (program.scratchFloats > 0)
            text += QStringLiteral("float kScratch[%1];\n\n").arg(program.scratchFloats);
        return text + printRun(context);
    }

    QString printInfer(const EmitContext& context) const override
    {
        return QStringLiteral("    return %1::run(features, outputs);\n").arg(context.model.name);
    }

    qint64 constantBytes(const LoweredModel& model) const override
    {
        return static_cast<qint64>(programOf(model).constants.size()) * 4;
    }

    qint64 scratchBytes(const LoweredModel& model) const override { return qint64{programOf(model).scratchFloats} * 4; }
    bool wantsSpeedFlags(const LoweredModel&) const override { return true; }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        return runProgram(programOf(model), model, features);
    }
};

} // namespace

const ModelKind& programKind()
{
    static const ProgramKind kind;
    return kind;
}

} // namespace ember::codegen
