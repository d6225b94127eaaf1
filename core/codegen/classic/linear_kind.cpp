// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/linear_kind.h"

#include "core/codegen/classic/encoded_row.h"
#include "core/codegen/classic/step_pattern.h"
#include "core/codegen/learning/emit_learning.h"
#include "device-agent/runtime/fixed_linear.hpp"

namespace ember::codegen {
namespace {

const LoweredLinear& linearOf(const LoweredModel& model)
{
    return std::get<LoweredLinear>(model.body);
}

const char* transformName(ScoreTransform transform)
{
    return transform == ScoreTransform::Softmax ? "softmaxShares" : "logisticShares";
}

class LinearKind : public ModelKind
{
public:
    Result<WhyNot> lower(const model::Model&, const Options&, LoweredModel&) const override
    {
        return WhyNot(QStringLiteral("no model of its own kind")); // programKind() makes it
    }

    void addTo(ContentHash& hash, const LoweredModel& model) const override
    {
        const LoweredLinear& body = linearOf(model);
        hash.add(QStringLiteral("linear")).add(body.outputs).add(body.wide).add(body.scoreShift);
        hash.add(static_cast<int>(body.transform)).add(body.farAway).add(body.slope).add(body.slopeShift);
        hash.add(std::span<const qint32>(body.weights)).add(std::span<const qint32>(body.biases));
    }

    QString title() const override { return QStringLiteral("linear"); }

    QString description(const LoweredModel& model) const override
    {
        const LoweredLinear& body = linearOf(model);
        return QStringLiteral("a linear model in integers: weights of %1 bits, sums of %2")
            .arg(body.wide ? 32 : 16)
            .arg(body.wide ? 64 : 32);
    }

    QStringList includes(const LoweredModel&) const override { return {QStringLiteral("fixed_linear.hpp")}; }
    QStringList runtimeHeaders(const LoweredModel&) const override
    {
        return {QStringLiteral("fixed_linear.hpp"), QStringLiteral("fixed_power.hpp"),
                QStringLiteral("flash_data.hpp")};
    }

    QString printTables(const EmitContext& context) const override
    {
        const LoweredLinear& body = linearOf(context.model);
        QString text = numberTable(body.wide ? QStringLiteral("int32_t") : QStringLiteral("int16_t"),
                                   QStringLiteral("kWeights"), literalsOf(body.weights)) +
                       numberTable(QStringLiteral("int32_t"), QStringLiteral("kBiases"), literalsOf(body.biases));
        if (!body.powers.empty())
            text += numberTable(QStringLiteral("uint16_t"), QStringLiteral("kPowers"), literalsOf(body.powers));
        return text + (context.model.learning ? printLearning(context) : printRun(context));
    }

    QString printInfer(const EmitContext& context) const override
    {
        return QStringLiteral("    return %1::run(features, outputs);\n").arg(context.model.name);
    }

    qint64 constantBytes(const LoweredModel& model) const override
    {
        const LoweredLinear& body = linearOf(model);
        return (body.wide ? 4 : 2) * static_cast<qint64>(body.weights.size()) +
               4 * static_cast<qint64>(body.biases.size()) + 2 * static_cast<qint64>(body.powers.size());
    }
    bool wantsSpeedFlags(const LoweredModel&) const override { return true; }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        const LoweredLinear& body = linearOf(model);
        const runtime::LinearShape shape{body.features, body.outputs, body.scoreShift};
        const std::vector<int16_t> narrow(body.weights.begin(), body.weights.end()); // as they are printed
        std::vector<int32_t> scores(body.outputs);
        InferenceOutput output;
        withEncodedRow(model.rowType(), features, [&](const auto* from) {
            output.winner =
                body.wide ? runtime::linearScores(shape, from, body.weights.data(), body.biases.data(), scores.data())
                          : runtime::linearScores(shape, from, narrow.data(), body.biases.data(), scores.data());
        });
        const runtime::ShareShape shares{body.farAway, body.slope, body.slopeShift};
        if (body.transform == ScoreTransform::Softmax)
            runtime::softmaxShares(shares, body.powers.data(), body.outputs, scores.data());
        else if (body.transform == ScoreTransform::Logistic)
            runtime::logisticShares(shares, body.powers.data(), body.outputs, scores.data());
        output.winner = body.classifier ? output.winner : 0;
        output.outputs = signal::ElementValues::of(signal::SampleType::Int32, std::span<const int32_t>(scores));
        return output;
    }

private:
    static QString printRun(const EmitContext& context)
    {
        const LoweredLinear& body = linearOf(context.model);
        QString text =
            QStringLiteral("uint16_t run(const %1* features, int32_t* outputs)\n{\n"
                           "    namespace runtime = ember::runtime;\n"
                           "    const runtime::LinearShape shape{%2, %3, %4};\n"
                           "    const uint16_t winner = runtime::linearScores(shape, features, kWeights, kBiases, "
                           "outputs);\n")
                .arg(featureCType(context.model.rowType()))
                .arg(body.features)
                .arg(body.outputs)
                .arg(body.scoreShift);
        if (body.transform != ScoreTransform::None)
            text += QStringLiteral("    const runtime::ShareShape shares{%1u, %2u, %3};\n"
                                   "    runtime::%4(shares, kPowers, shape.outputs, outputs);\n")
                        .arg(body.farAway)
                        .arg(body.slope)
                        .arg(body.slopeShift)
                        .arg(QLatin1String(transformName(body.transform)));
        return text + (body.classifier ? QStringLiteral("    return winner;\n}\n")
                                       : QStringLiteral("    (void)winner;\n    return 0;\n}\n"));
    }
};

} // namespace

const ModelKind& linearKind()
{
    static const LinearKind kind;
    return kind;
}

} // namespace ember::codegen
