// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/gaussian_kind.h"

#include "core/codegen/classic/encoded_row.h"
#include "core/codegen/classic/step_pattern.h"
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
    }

    QString title() const override { return QStringLiteral("gaussian"); }

    QString description(const LoweredModel& model) const override
    {
        return QStringLiteral("naive Bayes in integers: means to 1/%1, weights of 11 bits; a feature beyond %2 counts "
                              "as %2")
            .arg(1 << gaussianOf(model).fractionBits)
            .arg(gaussianOf(model).mostFeature);
    }

    QStringList includes(const LoweredModel&) const override { return {QStringLiteral("gaussian.hpp")}; }
    QStringList runtimeHeaders(const LoweredModel&) const override
    {
        return {QStringLiteral("flash_data.hpp"), QStringLiteral("gaussian.hpp")};
    }

    QString printTables(const EmitContext& context) const override
    {
        const LoweredGaussian& body = gaussianOf(context.model);
        return numberTable(QStringLiteral("uint32_t"), QStringLiteral("kMeansAndWeights"), unsignedLiterals(body.table),
                           8) +
               numberTable(QStringLiteral("int32_t"), QStringLiteral("kConstants"), literalsOf(body.constants)) +
               QStringLiteral("int32_t kRow[%1];\n\n"
                              "uint16_t run(const %2* features, int32_t* outputs)\n{\n"
                              "    const ember::runtime::GaussianShape shape{%1, %3, %4, %5};\n"
                              "    ember::runtime::fixedFeatures(shape, features, kRow);\n"
                              "    return ember::runtime::gaussianScores(shape, kRow, kMeansAndWeights, kConstants, "
                              "outputs);\n}\n")
                   .arg(body.features)
                   .arg(featureCType(context.model.featureType))
                   .arg(body.classes)
                   .arg(body.fractionBits)
                   .arg(body.scoreShift);
    }

    QString printInfer(const EmitContext& context) const override
    {
        return QStringLiteral("    return %1::run(features, outputs);\n").arg(context.model.name);
    }

    qint64 constantBytes(const LoweredModel& model) const override
    {
        return 4 * static_cast<qint64>(gaussianOf(model).table.size() + gaussianOf(model).constants.size());
    }
    qint64 scratchBytes(const LoweredModel& model) const override { return 4 * qint64{gaussianOf(model).features}; }
    bool wantsSpeedFlags(const LoweredModel&) const override { return true; }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        const runtime::GaussianShape shape{body.features, body.classes, body.fractionBits, body.scoreShift};
        std::vector<int32_t> row(body.features);
        std::vector<int32_t> scores(body.classes);
        withEncodedRow(model.featureType, features,
                       [&](const auto* from) { runtime::fixedFeatures(shape, from, row.data()); });
        InferenceOutput output;
        output.winner =
            runtime::gaussianScores(shape, row.data(), body.table.data(), body.constants.data(), scores.data());
        output.outputs = signal::ElementValues::of(signal::SampleType::Int32, std::span<const int32_t>(scores));
        return output;
    }
};

} // namespace

const ModelKind& gaussianKind()
{
    static const GaussianKind kind;
    return kind;
}

} // namespace ember::codegen
