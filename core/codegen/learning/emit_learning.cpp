// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/learning/emit_learning.h"

#include "core/codegen/classic/step_pattern.h"
#include "core/codegen/kind.h"

namespace ember::codegen {
namespace {

/// "a, b, c".
template <typename... Numbers>
QString list(Numbers... numbers)
{
    return QStringList{QString::number(numbers)...}.join(QStringLiteral(", "));
}

QString rowType(const EmitContext& context)
{
    return featureCType(context.model.rowType());
}

qsizetype classCount(const EmitContext& context)
{
    return context.model.classNames.size();
}

/// `struct Learned {...}; Learned learned;` and a check that it has the size that was planned.
QString learnedStruct(const EmitContext& context, const QString& members)
{
    return QStringLiteral("// What was taught. Nothing of it is in the tables above: zeros are the trained model.\n"
                          "struct Learned\n{\n%1};\nLearned learned;\n"
                          "static_assert(sizeof(Learned) == %2_LEARN_BYTES, \"what is learned has another size than "
                          "planned\");\n\n")
        .arg(members, context.macro);
}

QString functionHead(const EmitContext& context, const char* result, const char* name, const char* more)
{
    return QStringLiteral("%1 %2(const %3* features, %4)\n{\n    namespace runtime = ember::runtime;\n")
        .arg(QLatin1String(result), QLatin1String(name), rowType(context), QLatin1String(more));
}

QString soundness(const QString& call)
{
    return QStringLiteral("\nbool isSound(const Learned& kept)\n{\n    return ember::runtime::%1;\n}\n").arg(call);
}

// --- nearest neighbours ---

QString printOf(const EmitContext& context, const LoweredNeighbours& body)
{
    const LoweredLearning& learning = *context.model.learning;
    const qint64 elements = qint64{learning.rows} * body.features;
    const qint64 padded = context.model.rowType() == FeatureType::Int8 ? (elements + 1) / 2 * 2 : elements;
    QString text = learnedStruct(context, QStringLiteral("    uint16_t used; // rows that are taken\n"
                                                         "    uint16_t counts[%1];\n"
                                                         "    uint16_t labels[%2];\n"
                                                         "    %3 rows[%4]; // the oldest first\n")
                                              .arg(classCount(context))
                                              .arg(learning.rows)
                                              .arg(rowType(context))
                                              .arg(padded));
    text += QStringLiteral("uint%1_t kNearest[%2];\nuint16_t kVoters[%2];\n"
                           "constexpr ember::runtime::RowStore kStore{%3};\n\n")
                .arg(body.wideSums ? 64 : 32)
                .arg(body.k + learning.votes)
                .arg(list(learning.rows, learning.votes));
    text +=
        functionHead(context, "uint16_t", "run", "int32_t* outputs") +
        QStringLiteral("    const runtime::NeighbourShape shape{%1};\n"
                       "    return runtime::learnedVotes(runtime::%2(), shape, kStore, features, kPoints, "
                       "runtime::%3, kLabels,\n                                 learned.rows, learned.labels, "
                       "learned.used, kNearest, kVoters, outputs);\n}\n\n")
            .arg(list(body.features, body.pointCount, body.classes, body.k),
                 body.cityBlocks ? QStringLiteral("CityBlockDistance") : QStringLiteral("SquaredDistance"),
                 body.weights.empty() ? QStringLiteral("EqualWeights()") : QStringLiteral("FlashWeights{kWeights}"));
    text += functionHead(context, "uint8_t", "learnRow", "uint16_t label") +
            QStringLiteral("    return runtime::keepRow(%1, kStore, features, label, learned.rows, learned.labels, "
                           "&learned.used);\n}\n")
                .arg(list(body.features, body.classes));
    return text + soundness(QStringLiteral("isSoundStore(kStore, %1, kept.labels, kept.used)").arg(body.classes));
}

// --- naive Bayes, centroids, mixtures ---

QString printOf(const EmitContext& context, const LoweredGaussian& body)
{
    const LoweredLearning& learning = *context.model.learning;
    QString text = numberTable(QStringLiteral("uint16_t"), QStringLiteral("kDriftLimits"), literalsOf(learning.limits));
    text += learnedStruct(context, QStringLiteral("    int16_t drift[%1]; // of each mean, in 1/%2 of the table's\n"
                                                  "    uint16_t seen[%3]; // rows that moved each mean\n"
                                                  "    uint16_t counts[%4];\n")
                                       .arg(body.table.size())
                                       .arg(1 << learning.driftBits)
                                       .arg(body.components)
                                       .arg(classCount(context)));
    text += QStringLiteral("constexpr ember::runtime::GaussianShape kShape{%1};\n"
                           "constexpr ember::runtime::MeanLearning kLearning{%2};\n\n")
                .arg(list(body.features, body.components, body.fractionBits, body.scoreShift),
                     list(learning.driftBits, learning.prior, learning.memory));
    const QString fixed = QStringLiteral("    runtime::fixedFeatures(kShape, features, kRow);\n");
    const auto scores = [](const char* to) {
        return QStringLiteral("runtime::driftedScores(kShape, kRow, kMeansAndWeights, kConstants, learned.drift,\n"
                              "                                  kLearning.driftBits, %1)")
            .arg(QLatin1String(to));
    };
    const bool mixture = !body.firsts.empty();
    text += functionHead(context, "uint16_t", "run", "int32_t* outputs") + fixed;
    text += mixture ? QStringLiteral("    %1;\n    return runtime::mixtureScores(%2, kFirsts, kLogs, kParts, "
                                     "outputs);\n}\n\n")
                          .arg(scores("kParts"))
                          .arg(body.classes)
                    : QStringLiteral("    return %1;\n}\n\n").arg(scores("outputs"));
    text += functionHead(context, "uint8_t", "learnRow", "uint16_t label") + fixed;
    if (mixture)
        text += QStringLiteral("    %1;\n    const uint16_t component =\n"
                               "        runtime::likeliest(kParts, runtime::fromFlash(kFirsts + label), "
                               "runtime::fromFlash(kFirsts + label + 1));\n")
                    .arg(scores("kParts"));
    text += QStringLiteral("    return runtime::moveMean(kLearning, %1, kRow, %2, kMeansAndWeights, kDriftLimits, "
                           "learned.drift,\n                             learned.seen);\n}\n")
                .arg(body.features)
                .arg(mixture ? QStringLiteral("component") : QStringLiteral("label"));
    return text + soundness(QStringLiteral("isSoundDrift(%1, kDriftLimits, kept.drift)").arg(body.table.size()));
}

// --- linear classifiers ---

QString linearTransform(const LoweredLinear& body)
{
    if (body.transform == ScoreTransform::None)
        return {};
    return QStringLiteral("    const runtime::ShareShape shares{%1u, %2u, %3};\n"
                          "    runtime::%4(shares, kPowers, kShape.outputs, outputs);\n")
        .arg(body.farAway)
        .arg(body.slope)
        .arg(body.slopeShift)
        .arg(body.transform == ScoreTransform::Softmax ? QStringLiteral("softmaxShares")
                                                       : QStringLiteral("logisticShares"));
}

QString printOf(const EmitContext& context, const LoweredLinear& body)
{
    const LoweredLearning& learning = *context.model.learning;
    const QString weight = body.wide ? QStringLiteral("int32_t") : QStringLiteral("int16_t");
    const qsizetype counts = body.wide ? (classCount(context) + 1) / 2 * 2 : classCount(context);
    QString text =
        learnedStruct(context, QStringLiteral("    %1 change[%2]; // of each weight\n    uint16_t counts[%3];\n")
                                   .arg(weight)
                                   .arg(body.weights.size())
                                   .arg(counts));
    text += QStringLiteral("int32_t kScores[%1];\n\nconstexpr ember::runtime::LinearShape kShape{%2};\n"
                           "constexpr ember::runtime::WeightLearning<%3> kLearning{%4};\n\n")
                .arg(body.outputs)
                .arg(list(body.features, body.outputs, body.scoreShift), weight,
                     list(learning.weightLimit, learning.weightStep, learning.marginBits));
    const QString scores = QStringLiteral("runtime::changedScores(kShape, features, kWeights, kBiases, "
                                          "learned.change, %1);\n");
    text += functionHead(context, "uint16_t", "run", "int32_t* outputs") +
            QStringLiteral("    const uint16_t winner = ") + scores.arg(QStringLiteral("outputs")) +
            linearTransform(body) + QStringLiteral("    return winner;\n}\n\n");
    text += functionHead(context, "uint8_t", "learnRow", "uint16_t label") + QStringLiteral("    ") +
            scores.arg(QStringLiteral("kScores")) +
            QStringLiteral("    return runtime::stepWeights(kLearning, kShape, features, label, kScores, "
                           "learned.change);\n}\n");
    return text + soundness(QStringLiteral("isSoundChange(%1, kLearning.limit, kept.change)").arg(body.weights.size()));
}

template <typename Body>
QString printOf(const EmitContext&, const Body&)
{
    return {}; // addLearning() refuses it
}

} // namespace

QStringList learningHeaders(const LoweredModel& model)
{
    if (!model.learning)
        return {};
    const QString own = std::holds_alternative<LoweredNeighbours>(model.body) ? QStringLiteral("learn_rows.hpp")
                        : std::holds_alternative<LoweredGaussian>(model.body) ? QStringLiteral("learn_means.hpp")
                                                                              : QStringLiteral("learn_weights.hpp");
    return {QStringLiteral("learn.hpp"), own};
}

qint64 learningScratchBytes(const LoweredModel& model)
{
    if (!model.learning)
        return 0;
    if (const auto* body = std::get_if<LoweredNeighbours>(&model.body))
        return (body->wideSums ? 8 : 4) * qint64{model.learning->votes};
    const auto* linear = std::get_if<LoweredLinear>(&model.body);
    return linear ? 4 * qint64{linear->outputs} : 0;
}

QString printLearning(const EmitContext& context)
{
    return std::visit([&](const auto& body) { return printOf(context, body); }, context.model.body);
}

QString printLearningDefines(const EmitContext& context)
{
    if (!context.model.learning)
        return {};
    return QStringLiteral("#define %1_LEARN_BYTES %2\n").arg(context.macro).arg(learnedBytes(context.model));
}

QString printLearningDeclarations(const EmitContext& context)
{
    if (!context.model.learning)
        return {};
    const QString rows =
        context.model.learning->rows == 0
            ? QString()
            : QStringLiteral("   %1 rows are kept; then the class with most of them loses its oldest.\n")
                  .arg(context.model.learning->rows);
    return QStringLiteral(
               "\n/* Teaches the model that these features are of class `label`. What it learns lies in RAM, "
               "the trained tables stay.\n%3"
               "   Returns 0: no such class, 1: learned, 2: learned in the place of the oldest row, 3: "
               "learned up to the limit of\n   what may change, 4: nothing to learn, the model says so "
               "already. Not while %1_infer() runs. */\n"
               "uint8_t %1_learn(const %2* features, uint16_t label);\n\n"
               "/* Forgets what was taught: the trained model is back. */\n"
               "void %1_learn_reset(void);\n\n"
               "/* Rows that were taught as of class `label`, 65535 at most. */\n"
               "uint16_t %1_learn_count(uint16_t label);\n\n"
               "/* What was learned, %4_LEARN_BYTES bytes, to be kept over a restart; and back again. "
               "Bytes that are not of this\n   model are refused: then nothing is learned, and 0 is "
               "returned. Keep them with a checksum. */\n"
               "const void* %1_learned(void);\n"
               "uint8_t %1_learn_restore(const void* bytes);\n")
        .arg(context.model.name, featureCType(context.model.featureType), rows, context.macro);
}

QString printLearningWrappers(const EmitContext& context)
{
    if (!context.model.learning)
        return {};
    return QStringLiteral("inline uint8_t learn(const %1* features, uint16_t label) { return ::%2_learn(features, "
                          "label); }\n")
        .arg(featureCType(context.model.featureType), context.model.name);
}

QString printLearningFunctions(const EmitContext& context)
{
    if (!context.model.learning)
        return {};
    const QString& name = context.model.name;
    const QString encode = context.model.codes
                               ? QStringLiteral("    ember::runtime::encodeFeatures(%1, features, "
                                                "ember::runtime::inFlash(%2::kCodeConstants), %2::kCodes);\n")
                                     .arg(context.model.featureCount)
                                     .arg(name)
                               : QString();
    return QStringLiteral("\nuint8_t %1_learn(const %2* features, uint16_t label)\n{\n"
                          "    if (label >= %3_CLASS_COUNT)\n        return ember::runtime::kLearnRefused;\n%4"
                          "    %1::learned.counts[label] = ember::runtime::countedUp(%1::learned.counts[label]);\n"
                          "    return %1::learnRow(%5, label);\n}\n\n"
                          "void %1_learn_reset(void)\n{\n    %1::learned = %1::Learned();\n}\n\n"
                          "uint16_t %1_learn_count(uint16_t label)\n{\n"
                          "    return label < %3_CLASS_COUNT ? %1::learned.counts[label] : uint16_t{0};\n}\n\n"
                          "const void* %1_learned(void)\n{\n    return &%1::learned;\n}\n\n"
                          "uint8_t %1_learn_restore(const void* bytes)\n{\n"
                          "    const uint8_t* from = static_cast<const uint8_t*>(bytes);\n"
                          "    uint8_t* to = reinterpret_cast<uint8_t*>(&%1::learned);\n"
                          "    for (size_t i = 0; i < sizeof %1::learned; ++i)\n        to[i] = from[i];\n"
                          "    if (%1::isSound(%1::learned))\n        return 1;\n"
                          "    %1_learn_reset();\n    return 0;\n}\n")
        .arg(name, featureCType(context.model.featureType), context.macro, encode,
             context.model.codes ? name + QStringLiteral("::kCodes") : QStringLiteral("features"));
}

QString printLearningGlue(const EmitContext& context)
{
    if (!context.model.learning)
        return {};
    return QStringLiteral("uint8_t learn(const void* from, uint16_t label)\n{\n"
                          "    return %1_learn(static_cast<const %2*>(from), label);\n}\n\n"
                          "const ember::agent::LearningPort kLearning = {\n"
                          "    learn, %1_learn_reset, %1_learn_count, %1_learned, %1_learn_restore, %3_LEARN_BYTES,\n"
                          "};\n\n")
        .arg(context.model.name, featureCType(context.model.featureType), context.macro);
}

} // namespace ember::codegen
