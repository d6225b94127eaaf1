// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/classic/neighbours_kind.h"

#include "core/codegen/classic/encoded_row.h"
#include "core/codegen/classic/step_pattern.h"
#include "core/codegen/learning/emit_learning.h"
#include "device-agent/runtime/fixed_neighbours.hpp"

namespace ember::codegen {
namespace {

const LoweredNeighbours& neighboursOf(const LoweredModel& model)
{
    return std::get<LoweredNeighbours>(model.body);
}

/// Calls call(Sum()) with the type of distances.
template <typename Call>
auto withSum(const LoweredNeighbours& body, Call call)
{
    return body.wideSums ? call(uint64_t()) : call(uint32_t());
}

template <typename Sum, typename Feature, typename Point>
uint16_t votesOf(const LoweredNeighbours& body, const Feature* features, const Point* points, int32_t* votes)
{
    const runtime::NeighbourShape shape{body.features, body.pointCount, body.classes, body.k};
    std::vector<Sum> nearest(body.k);
    std::vector<uint16_t> voters(body.k);
    const auto with = [&](auto metric, auto weights) {
        return body.byNearness ? runtime::nearestShares(metric, shape, features, points, weights, body.labels.data(),
                                                        nearest.data(), voters.data(), votes)
                               : runtime::nearestVotes(metric, shape, features, points, weights, body.labels.data(),
                                                       nearest.data(), voters.data(), votes);
    };
    const auto weighted = [&](auto metric) {
        return body.weights.empty() ? with(metric, runtime::EqualWeights())
                                    : with(metric, runtime::FlashWeights{body.weights.data()});
    };
    return body.cityBlocks ? weighted(runtime::CityBlockDistance()) : weighted(runtime::SquaredDistance());
}

class NeighboursKind : public ModelKind
{
public:
    Result<WhyNot> lower(const model::Model&, const Options&, LoweredModel&) const override
    {
        return WhyNot(QStringLiteral("no model of its own kind")); // programKind() makes it
    }

    void addTo(ContentHash& hash, const LoweredModel& model) const override
    {
        const LoweredNeighbours& body = neighboursOf(model);
        hash.add(QStringLiteral("neighbours")).add(body.classes).add(body.k).add(body.cityBlocks).add(body.wideSums);
        if (body.byNearness)
            hash.add(QStringLiteral("nearness"));
        hash.add(std::span<const qint16>(body.points)).add(std::span<const quint32>(body.weights));
        hash.add(std::span<const quint16>(body.labels));
    }

    QString title() const override { return QStringLiteral("neighbours"); }

    QString description(const LoweredModel& model) const override
    {
        const LoweredNeighbours& body = neighboursOf(model);
        return QStringLiteral("the %1 nearest of %2 points in int%3; distances of %4 bits%5")
            .arg(body.k)
            .arg(body.pointCount)
            .arg(body.widePoints ? 16 : 8)
            .arg(body.wideSums ? 64 : 32)
            .arg((body.weights.empty() ? QStringLiteral(", exact") : QStringLiteral(", weights of 32")) +
                 (body.byNearness ? QStringLiteral("; votes of 16 bits by nearness") : QString()));
    }

    QStringList includes(const LoweredModel&) const override { return {QStringLiteral("fixed_neighbours.hpp")}; }
    QStringList runtimeHeaders(const LoweredModel&) const override
    {
        return {QStringLiteral("fixed_neighbours.hpp"), QStringLiteral("flash_data.hpp")};
    }

    QString printTables(const EmitContext& context) const override
    {
        const LoweredNeighbours& body = neighboursOf(context.model);
        QString text = numberTable(body.widePoints ? QStringLiteral("int16_t") : QStringLiteral("int8_t"),
                                   QStringLiteral("kPoints"), literalsOf(body.points)) +
                       numberTable(QStringLiteral("uint16_t"), QStringLiteral("kLabels"), literalsOf(body.labels));
        if (!body.weights.empty())
            text += numberTable(QStringLiteral("uint32_t"), QStringLiteral("kWeights"), unsignedLiterals(body.weights));
        return text + (context.model.learning ? printLearning(context) : printRun(context));
    }

    QString printInfer(const EmitContext& context) const override
    {
        return QStringLiteral("    return %1::run(features, outputs);\n").arg(context.model.name);
    }

    qint64 constantBytes(const LoweredModel& model) const override
    {
        const LoweredNeighbours& body = neighboursOf(model);
        return (body.widePoints ? 2 : 1) * static_cast<qint64>(body.points.size()) +
               4 * static_cast<qint64>(body.weights.size()) + 2 * static_cast<qint64>(body.labels.size());
    }
    qint64 scratchBytes(const LoweredModel& model) const override
    {
        const LoweredNeighbours& body = neighboursOf(model);
        return (body.wideSums ? 8 : 4) * qint64{body.k} + (qint64{body.k} + 1) / 2 * 4;
    }
    bool wantsSpeedFlags(const LoweredModel&) const override { return true; }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        const LoweredNeighbours& body = neighboursOf(model);
        const std::vector<int8_t> narrow(body.points.begin(), body.points.end()); // as they are printed
        std::vector<int32_t> votes(body.classes);
        InferenceOutput output;
        withEncodedRow(model.rowType(), features, [&](const auto* from) {
            output.winner = withSum(body, [&](auto sum) {
                using Sum = decltype(sum);
                return body.widePoints ? votesOf<Sum>(body, from, body.points.data(), votes.data())
                                       : votesOf<Sum>(body, from, narrow.data(), votes.data());
            });
        });
        output.outputs = signal::ElementValues::of(signal::SampleType::Int32, std::span<const int32_t>(votes));
        return output;
    }

private:
    static QString printRun(const EmitContext& context)
    {
        const LoweredNeighbours& body = neighboursOf(context.model);
        return QStringLiteral("uint%1_t kNearest[%2];\nuint16_t kVoters[%2];\n\n"
                              "uint16_t run(const %3* features, int32_t* outputs)\n{\n"
                              "    namespace runtime = ember::runtime;\n"
                              "    const runtime::NeighbourShape shape{%4, %5, %6, %2};\n"
                              "    return runtime::%9(runtime::%7(), shape, features, kPoints, runtime::%8, "
                              "kLabels,\n                                 kNearest, kVoters, outputs);\n}\n")
            .arg(body.wideSums ? 64 : 32)
            .arg(body.k)
            .arg(featureCType(context.model.rowType()))
            .arg(body.features)
            .arg(body.pointCount)
            .arg(body.classes)
            .arg(body.cityBlocks ? QStringLiteral("CityBlockDistance") : QStringLiteral("SquaredDistance"),
                 body.weights.empty() ? QStringLiteral("EqualWeights()") : QStringLiteral("FlashWeights{kWeights}"),
                 body.byNearness ? QStringLiteral("nearestShares") : QStringLiteral("nearestVotes"));
    }
};

} // namespace

const ModelKind& neighboursKind()
{
    static const NeighboursKind kind;
    return kind;
}

} // namespace ember::codegen
