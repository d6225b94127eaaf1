// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/gaussian_kind.h"

#include "core/codegen/classic/encoded_row.h"
#include "core/codegen/classic/step_pattern.h"
#include "core/codegen/learning/emit_learning.h"
#include "device-agent/runtime/gaussian.hpp"

namespace ember::codegen {
namespace {

const LoweredGaussian& gaussianOf(const LoweredModel& model)
{
    return std::get<LoweredGaussian>(model.body);
}

class GaussianKind : public ModelKind
{
public:
    Result<WhyNot> lower(const model::Model&, const Options&, LoweredModel&) const override
    {
        return WhyNot(QStringLiteral("no model of its own kind")); // programKind() makes it
    }

    void addTo(ContentHash& hash, const LoweredModel& model) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        hash.add(QStringLiteral("gaussian")).add(body.classes).add(body.fractionBits).add(body.scoreShift);
        hash.add(std::span<const quint32>(body.table)).add(std::span<const qint32>(body.constants));
        if (!body.firsts.empty())
            hash.add(std::span<const quint16>(body.firsts));
        if (!body.logs.empty())
            hash.add(std::span<const quint8>(body.logs));
        if (body.detector)
            hash.add(QStringLiteral("detector"));
        if (!body.factors.empty())
            hash.add(std::span<const qint32>(body.factors)).add(std::span<const qint32>(body.offsets));
    }

    QString title() const override { return QStringLiteral("gaussian"); }

    QString description(const LoweredModel& model) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        const bool centres = !body.logs.empty() && body.logs.front() == 0;
        const QString what = body.firsts.empty() ? QStringLiteral("naive Bayes in integers")
                             : centres           ? QStringLiteral("%1 centres in integers").arg(body.components)
                                                 : QStringLiteral("%1 Gaussians in integers").arg(body.components);
        if (!body.factors.empty())
            return what + QStringLiteral(": factors of 32 bits, sums of 64");
        return QStringLiteral("%1: means to 1/%2, weights of 11 bits; a feature beyond %3 counts as %3")
            .arg(what)
            .arg(1 << body.fractionBits)
            .arg(body.mostFeature);
    }

    QStringList includes(const LoweredModel&) const override { return {QStringLiteral("gaussian.hpp")}; }
    QStringList runtimeHeaders(const LoweredModel&) const override
    {
        return {QStringLiteral("fixed_linear.hpp"), QStringLiteral("fixed_power.hpp"), QStringLiteral("flash_data.hpp"),
                QStringLiteral("gaussian.hpp")};
    }

    QString printTables(const EmitContext& context) const override
    {
        const LoweredGaussian& body = gaussianOf(context.model);
        QString text = numberTable("int32_t", "kConstants", literalsOf(body.constants));
        if (body.factors.empty())
            text += numberTable("uint32_t", "kMeansAndWeights", unsignedLiterals(body.table), 8) +
                    QStringLiteral("int32_t kRow[%1];\n\n").arg(body.features);
        else
            text += numberTable("int32_t", "kFactors", literalsOf(body.factors)) +
                    numberTable("int32_t", "kOffsets", literalsOf(body.offsets));
        if (!body.firsts.empty())
            text += numberTable("uint16_t", "kFirsts", literalsOf(body.firsts)) +
                    numberTable("uint8_t", "kLogs", literalsOf(body.logs)) +
                    QStringLiteral("int32_t kParts[%1];\n\n").arg(body.components);
        return text + (context.model.learning ? printLearning(context) : printRun(context));
    }

    QString printInfer(const EmitContext& context) const override
    {
        return QStringLiteral("    return %1::run(features, outputs);\n").arg(context.model.name);
    }

    qint64 constantBytes(const LoweredModel& model) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        return static_cast<qint64>(
            4 * (body.table.size() + body.factors.size() + body.offsets.size() + body.constants.size()) +
            2 * body.firsts.size() + body.logs.size());
    }
    qint64 scratchBytes(const LoweredModel& model) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        return 4 * ((body.factors.empty() ? qint64{body.features} : 0) +
                    (body.firsts.empty() ? 0 : qint64{body.components}));
    }
    bool wantsSpeedFlags(const LoweredModel&) const override { return true; }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        std::vector<int32_t> parts(body.components);
        InferenceOutput output;
        withEncodedRow(model.rowType(), features,
                       [&](const auto* from) { output.winner = componentScores(body, from, parts.data()); });
        std::vector<int32_t> scores = parts;
        if (!body.firsts.empty()) {
            scores.resize(body.classes);
            output.winner =
                runtime::mixtureScores(body.classes, body.firsts.data(), body.logs.data(), parts.data(), scores.data());
        }
        if (body.detector) {
            scores.resize(2);
            output.winner = runtime::decideDetector(scores.data());
        }
        output.outputs = signal::ElementValues::of(signal::SampleType::Int32, std::span<const int32_t>(scores));
        return output;
    }

private:
    template <typename Feature>
    static uint16_t componentScores(const LoweredGaussian& body, const Feature* from, int32_t* parts)
    {
        const runtime::GaussianShape shape{body.features, body.components, body.fractionBits, body.scoreShift};
        if (!body.factors.empty())
            return runtime::whitenedScores(shape, from, body.factors.data(), body.offsets.data(), body.constants.data(),
                                           parts);
        std::vector<int32_t> row(body.features);
        runtime::fixedFeatures(shape, from, row.data());
        return runtime::gaussianScores(shape, row.data(), body.table.data(), body.constants.data(), parts);
    }

    static QString printRun(const EmitContext& context)
    {
        const LoweredGaussian& body = gaussianOf(context.model);
        const QString to = body.firsts.empty() ? QStringLiteral("outputs") : QStringLiteral("kParts");
        const QString components =
            body.factors.empty()
                ? QStringLiteral("runtime::gaussianScores(shape, kRow, kMeansAndWeights, kConstants, %1)").arg(to)
                : QStringLiteral("runtime::whitenedScores(shape, features, kFactors, kOffsets, kConstants, %1)")
                      .arg(to);
        const QString scores =
            body.firsts.empty()
                ? components
                : QStringLiteral("runtime::mixtureScores(%1, kFirsts, kLogs, kParts, outputs)").arg(body.classes);
        const QString end =
            body.detector ? QStringLiteral("    %1;\n    return runtime::decideDetector(outputs);\n}\n").arg(scores)
                          : QStringLiteral("    return %1;\n}\n").arg(scores);
        return QStringLiteral("uint16_t run(const %1* features, int32_t* outputs)\n{\n"
                              "    namespace runtime = ember::runtime;\n"
                              "    const runtime::GaussianShape shape{%2, %3, %4, %5};\n")
                   .arg(featureCType(context.model.rowType()))
                   .arg(body.features)
                   .arg(body.components)
                   .arg(body.fractionBits)
                   .arg(body.scoreShift) +
               (body.factors.empty() ? QStringLiteral("    runtime::fixedFeatures(shape, features, kRow);\n")
                                     : QString()) +
               (body.firsts.empty() ? QString() : QStringLiteral("    %1;\n").arg(components)) + end;
    }
};

} // namespace

const ModelKind& gaussianKind()
{
    static const GaussianKind kind;
    return kind;
}

} // namespace ember::codegen
