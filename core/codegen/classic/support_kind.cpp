// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/support_kind.h"

#include "core/codegen/classic/encoded_row.h"
#include "core/codegen/classic/step_pattern.h"
#include "device-agent/runtime/support.hpp"

namespace ember::codegen {
namespace {

const LoweredSupport& supportOf(const LoweredModel& model)
{
    return std::get<LoweredSupport>(model.body);
}

runtime::SupportShape shapeOf(const LoweredSupport& body)
{
    return {body.features, body.vectorCount,   body.classes, body.mostFeature,
            body.farAway,  body.distanceShift, body.slope,   body.decisionShift};
}

/// With two classes, and of a detector, the scores are the decision and its opposite.
std::size_t outputsOf(const LoweredSupport& body)
{
    if (body.form == SupportForm::Scores)
        return body.rho.size();
    return body.classes == 2 || body.form == SupportForm::Detector ? 2 : body.pairs();
}

/// What follows the kernels.
QString endText(const LoweredSupport& body)
{
    if (body.form == SupportForm::Detector)
        return QStringLiteral(
            "    return runtime::kernelDetector(kShape, kKernels, kCoefficients, kRho, outputs);\n}\n");
    if (body.form == SupportForm::Scores)
        return QStringLiteral(
                   "    return runtime::kernelScores(kShape, kKernels, kCoefficients, %1, kRho, outputs);\n}\n")
            .arg(body.rho.size());
    return QStringLiteral("    runtime::supportDecisions(kShape, kKernels, kCoefficients, kFirsts, kRho, outputs);\n") +
           (body.classes == 2
                ? QStringLiteral("    outputs[1] = -outputs[0];\n"
                                 "    return outputs[0] > 0 ? 0 : 1;\n}\n")
                : QStringLiteral("    return runtime::supportWinner(%1, outputs);\n}\n").arg(body.classes));
}

QString shapeText(const LoweredSupport& body)
{
    return QStringLiteral("{%1, %2, %3, %4, %5u, %6, %7u, %8}")
        .arg(body.features)
        .arg(body.vectorCount)
        .arg(body.classes)
        .arg(body.mostFeature)
        .arg(body.farAway)
        .arg(body.distanceShift)
        .arg(body.slope)
        .arg(body.decisionShift);
}

QString weightTable(const LoweredSupport& body)
{
    QStringList literals;
    for (const SupportWeight& weight : body.weights)
        literals << QStringLiteral("{%1u, %2}").arg(weight.weight).arg(weight.most);
    return numberTable("ember::runtime::FeatureWeight", "kWeights", literals, 6);
}

QString rowText(const LoweredSupport& body)
{
    const QString centres = body.centres.empty() ? QStringLiteral("nullptr") : QStringLiteral("kCentres");
    return body.weights.empty() ? QStringLiteral("centredRow(kShape, features, %1, kRow)").arg(centres)
                                : QStringLiteral("weightedRow(kShape, features, %1, kWeights, kRow)").arg(centres);
}

class SupportKind : public ModelKind
{
public:
    Result<WhyNot> lower(const model::Model&, const Options&, LoweredModel&) const override
    {
        return WhyNot(QStringLiteral("no model of its own kind")); // programKind() makes it
    }

    void addTo(ContentHash& hash, const LoweredModel& model) const override
    {
        const LoweredSupport& body = supportOf(model);
        hash.add(QStringLiteral("support")).add(shapeText(body));
        hash.add(std::span<const qint8>(body.vectors)).add(std::span<const quint32>(body.lengths));
        hash.add(std::span<const qint16>(body.centres));
        for (const SupportWeight& weight : body.weights)
            hash.add(weight.weight).add(weight.most);
        hash.add(std::span<const qint16>(body.coefficients)).add(std::span<const quint16>(body.firsts));
        hash.add(std::span<const qint32>(body.rho)).add(static_cast<int>(body.form));
    }

    QString title() const override { return QStringLiteral("support"); }

    QString description(const LoweredModel& model) const override
    {
        const LoweredSupport& body = supportOf(model);
        const QString limit = body.weights.empty()
                                  ? QStringLiteral("a feature beyond %1 counts as %1").arg(body.mostFeature)
                                  : QStringLiteral("features have limits of their own beyond which kernels are zero");
        return QStringLiteral("%1 vectors in int8, coefficients and kernels of 16 bits; %2")
            .arg(body.vectorCount)
            .arg(limit);
    }

    QStringList includes(const LoweredModel&) const override { return {QStringLiteral("support.hpp")}; }
    QStringList runtimeHeaders(const LoweredModel&) const override
    {
        return {QStringLiteral("fixed_power.hpp"), QStringLiteral("flash_data.hpp"), QStringLiteral("nn/lanes.hpp"),
                QStringLiteral("support.hpp")};
    }

    QString printTables(const EmitContext& context) const override
    {
        const LoweredSupport& body = supportOf(context.model);
        QString text = numberTable("int8_t", "kVectors", literalsOf(body.vectors), 32) +
                       numberTable("uint32_t", "kLengths", unsignedLiterals(body.lengths)) +
                       numberTable("uint16_t", "kPowers", literalsOf(body.powers)) +
                       numberTable("int16_t", "kCoefficients", literalsOf(body.coefficients)) +
                       numberTable("int32_t", "kRho", literalsOf(body.rho));
        if (!body.firsts.empty())
            text += numberTable("uint16_t", "kFirsts", literalsOf(body.firsts));
        if (!body.centres.empty())
            text += numberTable("int16_t", "kCentres", literalsOf(body.centres));
        if (!body.weights.empty())
            text += weightTable(body);
        return text +
               QStringLiteral("%1 kRow[%2];\nuint16_t kKernels[%3];\n\n")
                   .arg(body.weights.empty() ? QStringLiteral("int16_t") : QStringLiteral("uint32_t"))
                   .arg(runtime::paddedFeatures(body.features))
                   .arg(body.vectorCount) +
               printRun(context);
    }

    QString printInfer(const EmitContext& context) const override
    {
        return QStringLiteral("    return %1::run(features, outputs);\n").arg(context.model.name);
    }

    qint64 constantBytes(const LoweredModel& model) const override
    {
        const LoweredSupport& body = supportOf(model);
        return static_cast<qint64>(body.vectors.size() + 4 * body.lengths.size() + 2 * body.powers.size() +
                                   2 * body.coefficients.size() + 2 * body.firsts.size() + 4 * body.rho.size() +
                                   2 * body.centres.size() + 8 * body.weights.size());
    }

    qint64 scratchBytes(const LoweredModel& model) const override
    {
        const LoweredSupport& body = supportOf(model);
        const qint64 element = body.weights.empty() ? 2 : 4;
        return element * runtime::paddedFeatures(body.features) + (qint64{body.vectorCount} + 1) / 2 * 4;
    }
    bool wantsSpeedFlags(const LoweredModel&) const override { return true; }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        const LoweredSupport& body = supportOf(model);
        std::vector<uint16_t> kernels(body.vectorCount);
        if (body.weights.empty())
            fillKernels<int16_t>(body, model.rowType(), features, kernels);
        else
            fillKernels<uint32_t>(body, model.rowType(), features, kernels);
        std::vector<int32_t> decisions(outputsOf(body));
        InferenceOutput output;
        output.winner = decide(body, kernels.data(), decisions.data());
        output.outputs = signal::ElementValues::of(signal::SampleType::Int32, std::span<const int32_t>(decisions));
        return output;
    }

private:
    static uint16_t decide(const LoweredSupport& body, const uint16_t* kernels, int32_t* scores)
    {
        const runtime::SupportShape shape = shapeOf(body);
        if (body.form == SupportForm::Detector)
            return runtime::kernelDetector(shape, kernels, body.coefficients.data(), body.rho.data(), scores);
        if (body.form == SupportForm::Scores)
            return runtime::kernelScores(shape, kernels, body.coefficients.data(),
                                         static_cast<unsigned>(body.rho.size()), body.rho.data(), scores);
        runtime::supportDecisions(shape, kernels, body.coefficients.data(), body.firsts.data(), body.rho.data(),
                                  scores);
        const uint16_t winner = runtime::supportWinner(body.classes, scores);
        if (body.classes == 2)
            scores[1] = -scores[0];
        return winner;
    }

    static QString printRun(const EmitContext& context)
    {
        const LoweredSupport& body = supportOf(context.model);
        return QStringLiteral("uint16_t run(const %1* features, int32_t* outputs)\n{\n"
                              "    namespace runtime = ember::runtime;\n"
                              "    constexpr runtime::SupportShape kShape = %2;\n"
                              "    const uint32_t length = runtime::%3;\n"
                              "    runtime::supportKernels(kShape, kRow, length, kVectors, kLengths, kPowers, "
                              "kKernels);\n")
                   .arg(featureCType(context.model.rowType()), shapeText(body), rowText(body)) +
               endText(body);
    }

    template <typename Element>
    static void fillKernels(const LoweredSupport& body, FeatureType type, const QByteArray& features,
                            std::vector<uint16_t>& kernels)
    {
        const runtime::SupportShape shape = shapeOf(body);
        std::vector<Element> row(runtime::paddedFeatures(body.features));
        std::vector<runtime::FeatureWeight> weights;
        for (const SupportWeight& weight : body.weights)
            weights.push_back({weight.weight, weight.most});
        const int16_t* centres = body.centres.empty() ? nullptr : body.centres.data();
        uint32_t length = 0;
        withEncodedRow(type, features, [&](const auto* from) {
            if constexpr (sizeof(Element) == 2)
                length = runtime::centredRow(shape, from, centres, row.data());
            else
                length = runtime::weightedRow(shape, from, centres, weights.data(), row.data());
        });
        runtime::supportKernels(shape, row.data(), length, body.vectors.data(), body.lengths.data(), body.powers.data(),
                                kernels.data());
    }
};

} // namespace

const ModelKind& supportKind()
{
    static const SupportKind kind;
    return kind;
}

} // namespace ember::codegen
