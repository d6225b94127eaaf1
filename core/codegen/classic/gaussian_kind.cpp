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
        if (!body.firsts.empty())
            hash.add(std::span<const quint16>(body.firsts));
    }

    QString title() const override { return QStringLiteral("gaussian"); }

    QString description(const LoweredModel& model) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        const QString what = body.firsts.empty() ? QStringLiteral("naive Bayes in integers")
                                                 : QStringLiteral("%1 Gaussians in integers").arg(body.components);
        return QStringLiteral("%1: means to 1/%2, weights of 11 bits; a feature beyond %3 counts as %3")
            .arg(what)
            .arg(1 << body.fractionBits)
            .arg(body.mostFeature);
    }

    QStringList includes(const LoweredModel&) const override { return {QStringLiteral("gaussian.hpp")}; }
    QStringList runtimeHeaders(const LoweredModel&) const override
    {
        return {QStringLiteral("flash_data.hpp"), QStringLiteral("gaussian.hpp")};
    }

    QString printTables(const EmitContext& context) const override
    {
        const LoweredGaussian& body = gaussianOf(context.model);
        QString text = numberTable(QStringLiteral("uint32_t"), QStringLiteral("kMeansAndWeights"),
                                   unsignedLiterals(body.table), 8) +
                       numberTable(QStringLiteral("int32_t"), QStringLiteral("kConstants"), literalsOf(body.constants));
        if (!body.firsts.empty())
            text += numberTable(QStringLiteral("uint16_t"), QStringLiteral("kFirsts"), literalsOf(body.firsts)) +
                    numberTable(QStringLiteral("uint8_t"), QStringLiteral("kLogs"), literalsOf(body.logs)) +
                    QStringLiteral("int32_t kParts[%1];\n").arg(body.components);
        return text +
               QStringLiteral("int32_t kRow[%1];\n\n"
                              "uint16_t run(const %2* features, int32_t* outputs)\n{\n"
                              "    const ember::runtime::GaussianShape shape{%1, %3, %4, %5};\n"
                              "    ember::runtime::fixedFeatures(shape, features, kRow);\n"
                              "    return ember::runtime::%6;\n}\n")
                   .arg(body.features)
                   .arg(featureCType(context.model.featureType))
                   .arg(body.components)
                   .arg(body.fractionBits)
                   .arg(body.scoreShift)
                   .arg(body.firsts.empty()
                            ? QStringLiteral("gaussianScores(shape, kRow, kMeansAndWeights, kConstants, outputs)")
                            : QStringLiteral("mixtureScores(shape, %1, kRow, kMeansAndWeights, kConstants, kFirsts, "
                                             "kLogs, kParts, outputs)")
                                  .arg(body.classes));
    }

    QString printInfer(const EmitContext& context) const override
    {
        return QStringLiteral("    return %1::run(features, outputs);\n").arg(context.model.name);
    }

    qint64 constantBytes(const LoweredModel& model) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        return static_cast<qint64>(4 * (body.table.size() + body.constants.size()) + 2 * body.firsts.size() +
                                   body.logs.size());
    }
    qint64 scratchBytes(const LoweredModel& model) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        return 4 * (qint64{body.features} + (body.firsts.empty() ? 0 : qint64{body.components}));
    }
    bool wantsSpeedFlags(const LoweredModel&) const override { return true; }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        const LoweredGaussian& body = gaussianOf(model);
        const runtime::GaussianShape shape{body.features, body.components, body.fractionBits, body.scoreShift};
        std::vector<int32_t> row(body.features);
        std::vector<int32_t> scores(body.classes);
        withEncodedRow(model.featureType, features,
                       [&](const auto* from) { runtime::fixedFeatures(shape, from, row.data()); });
        InferenceOutput output;
        std::vector<int32_t> parts(body.components);
        output.winner =
            body.firsts.empty()
                ? runtime::gaussianScores(shape, row.data(), body.table.data(), body.constants.data(), scores.data())
                : runtime::mixtureScores(shape, body.classes, row.data(), body.table.data(), body.constants.data(),
                                         body.firsts.data(), body.logs.data(), parts.data(), scores.data());
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
