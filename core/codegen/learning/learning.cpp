// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/learning/learning.h"

#include "core/codegen/lower.h"
#include "device-agent/runtime/gaussian.hpp"

#include <algorithm>
#include <cmath>

namespace ember::codegen {
namespace {

constexpr int kMostDriftBits = 8;
constexpr double kMostDrift = 32'767;
constexpr double kStepShare = 0.125;         ///< of the limit of a weight that one row may move it
constexpr qint64 kMostLearnedBytes = 65'535; ///< what the agent and the wire count in 16 bits
constexpr int kMostLinearFeatures = 512;     ///< with narrow weights: more, and a sum could exceed 32 bits

Error cannot(const QString& why, const QString& hint)
{
    return Error(ErrorKind::Unsupported, QStringLiteral("This model cannot learn on the board: %1.").arg(why), hint);
}

Status add(const LearningOptions& options, const LoweredNeighbours& body, LoweredModel& model)
{
    if (model.rowType() == FeatureType::Int32)
        return cannot(QStringLiteral("its features have 32 bits"), QStringLiteral("Use --feature-type int8 or int16."));
    if (body.byNearness)
        return cannot(QStringLiteral("its neighbours vote by their nearness"),
                      QStringLiteral("Train it with --set weights=uniform."));
    if (options.votes > body.k)
        return Error(ErrorKind::Usage,
                     QStringLiteral("%1 votes for learned rows are more than the %2 neighbours that vote.")
                         .arg(options.votes)
                         .arg(body.k));
    model.learning->rows = static_cast<quint16>(options.rows);
    model.learning->votes = static_cast<quint16>(options.votes > 0 ? options.votes : body.k);
    return {};
}

Status add(const LearningOptions& options, const LoweredGaussian& body, LoweredModel& model)
{
    if (!body.factors.empty())
        return cannot(QStringLiteral("its distributions have covariances"),
                      QStringLiteral("Train it with --set covariance=diagonal."));
    if (body.detector)
        return cannot(QStringLiteral("it tells one class from all else"), QStringLiteral("Train a classifier."));
    LoweredLearning& learning = *model.learning;
    learning.prior = static_cast<quint16>(options.prior);
    learning.memory = static_cast<quint16>(options.memory);
    // In the kernel's units, in which mean and drift together must stay within what a difference has room for.
    std::vector<double> limits;
    for (std::size_t i = 0; i < body.table.size(); ++i) {
        const double mean = std::abs(static_cast<double>(static_cast<qint32>(body.table[i]) >> 16));
        const double wanted = std::ldexp(options.limit * body.spreads[i], body.fractionBits);
        limits.push_back(std::clamp(wanted, 0.0, std::max(runtime::kMostFixed - mean, 0.0)));
    }
    const double most = std::max(1.0, *std::max_element(limits.begin(), limits.end()));
    learning.driftBits =
        static_cast<quint8>(std::clamp(static_cast<int>(std::floor(std::log2(kMostDrift / most))), 0, kMostDriftBits));
    for (const double limit : limits)
        learning.limits.push_back(static_cast<quint16>(std::floor(std::ldexp(limit, learning.driftBits))));
    return {};
}

Status add(const LearningOptions& options, const LoweredLinear& body, LoweredModel& model)
{
    if (!body.classifier || body.outputs < 2 || body.outputs != model.outputCount)
        return cannot(QStringLiteral("it has no score for each class"),
                      QStringLiteral("Train a classifier, such as linear.logistic."));
    if (model.rowType() == FeatureType::Int32)
        return cannot(QStringLiteral("its features have 32 bits"), QStringLiteral("Use --feature-type int8 or int16."));
    if (!body.wide && body.features > kMostLinearFeatures)
        return cannot(QStringLiteral("it has more than %1 features of 8 bits").arg(kMostLinearFeatures),
                      QStringLiteral("Use --feature-type int16."));
    double largest = 0;
    for (const qint32 weight : body.weights)
        largest = std::max(largest, std::abs(static_cast<double>(weight)));
    const double limit = std::clamp(std::round(options.limit * largest), 1.0, body.wide ? 2'147'483'000.0 : 32'767.0);
    LoweredLearning& learning = *model.learning;
    learning.weightLimit = static_cast<qint32>(limit);
    learning.weightStep = std::max(1, static_cast<qint32>(limit * kStepShare));
    learning.marginBits = body.scoreBits;
    return {};
}

template <typename Body>
Status add(const LearningOptions&, const Body&, LoweredModel& model)
{
    const QString kinds = QStringLiteral("Nearest neighbours, naive Bayes, nearest centroids, mixtures and linear "
                                         "classifiers learn, on whole-number features: use --feature-type int8 or "
                                         "int16, or make them with 'emberlab quantise --features int16'.");
    if (model.rowType() == FeatureType::Float32)
        return cannot(QStringLiteral("its features are floats"), kinds);
    return cannot(QStringLiteral("no integer kernel that learns is of its kind, or its numbers do not fit one"),
                  kinds + QStringLiteral(" Means need features within some hundreds: try int8."));
}

Status checkLearnedBytes(const LoweredModel& model)
{
    const qint64 bytes = learnedBytes(model);
    if (bytes <= kMostLearnedBytes)
        return {};
    return Error(
        ErrorKind::Usage,
        QStringLiteral("What is learned would take %1 bytes of RAM; %2 is the most.").arg(bytes).arg(kMostLearnedBytes),
        std::holds_alternative<LoweredNeighbours>(model.body)
            ? QStringLiteral("Keep fewer taught rows with --learn-rows, or use --feature-type int8.")
            : QStringLiteral("Take a model with fewer features or components."));
}

} // namespace

Status checkLearningOptions(const LearningOptions& options)
{
    const auto outside = [](const QString& what, const QString& range) {
        return Error(ErrorKind::Usage, QStringLiteral("%1 must be %2.").arg(what, range));
    };
    if (options.rows < 1 || options.rows > 4096)
        return outside(QStringLiteral("The number of learned rows"), QStringLiteral("from 1 to 4096"));
    if (options.votes < 0 || options.votes > 65'535)
        return outside(QStringLiteral("The number of votes for learned rows"), QStringLiteral("from 0 to 65535"));
    if (!(options.limit > 0 && options.limit <= 100))
        return outside(QStringLiteral("The limit of learning"), QStringLiteral("above 0 and at most 100"));
    if (options.prior < 1 || options.prior > 10'000)
        return outside(QStringLiteral("The rows that a trained mean counts for"), QStringLiteral("from 1 to 10000"));
    if (options.memory <= options.prior || options.memory > 20'000)
        return outside(QStringLiteral("The memory of learning"),
                       QStringLiteral("more rows than a trained mean counts for, and at most 20000"));
    return {};
}

Status addLearning(const LearningOptions& options, LoweredModel& model)
{
    if (!model.classifier)
        return cannot(QStringLiteral("it has no classes"), QStringLiteral("Train a classifier."));
    model.learning.emplace();
    EMBER_CHECK(std::visit([&](const auto& body) { return add(options, body, model); }, model.body));
    return checkLearnedBytes(model);
}

qint64 learnedBytes(const LoweredModel& model)
{
    if (!model.learning)
        return 0;
    const auto classes = static_cast<qint64>(model.classNames.size());
    if (const auto* body = std::get_if<LoweredNeighbours>(&model.body)) {
        const qint64 element = model.rowType() == FeatureType::Int8 ? 1 : 2;
        const qint64 rows = qint64{model.learning->rows} * body->features * element;
        return 2 + 2 * classes + 2 * qint64{model.learning->rows} + (rows + 1) / 2 * 2;
    }
    if (const auto* body = std::get_if<LoweredGaussian>(&model.body))
        return 2 * static_cast<qint64>(body->table.size()) + 2 * qint64{body->components} + 2 * classes;
    const auto* body = std::get_if<LoweredLinear>(&model.body);
    const auto weights = body ? static_cast<qint64>(body->weights.size()) : 0;
    return body && body->wide ? 4 * weights + (classes + 1) / 2 * 4 : 2 * weights + 2 * classes;
}

} // namespace ember::codegen
