// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/host_program.h"
#include "core/codegen/lower.h"
#include "core/model/evaluator.h"
#include "core/model/feature_codes.h"
#include "core/model/model_file.h"
#include "device-agent/runtime/elementary.hpp"
#include "device-agent/runtime/fixed_neighbours.hpp"
#include "device-agent/runtime/support.hpp"
#include "tests/codegen/sample_classic.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace ember;
using namespace ember::codegen;
using namespace ember::codegen::test;

namespace {

constexpr int kRows = 200;

HostProgram programOf(const model::Model& model, const Options& options = {})
{
    auto lowered = lower(model, options);
    if (!lowered)
        qFatal("%s", qPrintable(lowered.error().toString()));
    return HostProgram::make(std::move(*lowered)).value();
}

bool isInteger(const LoweredModel& model)
{
    return !std::holds_alternative<LoweredProgram>(model.body);
}

/// Of integers, scores that are far too low to win are only known to be so.
constexpr double kFarTooLow = -1000;

struct Comparison
{
    int flips = 0;
    int clearFlips = 0;    ///< of these, where the reference's two scores are further apart than integers are wrong
    double widestFlip = 0; ///< and how far they are apart at most
    double apart = 0;      ///< largest distance of scores: of integers relative to the score, else to the row's largest
};

constexpr double kIntegerTolerance = 4e-3; ///< what 16 bits of kernels and coefficients, or 11 of weights, lose at most

/// How near to each other two scores are that integers may put in another order. Of mixtures and naive Bayes eight
/// steps of 1/256, for constants, sums and lines of logarithms are rounded to one, and means to some. Else kernels of
/// 16 bits and coefficients up to 2, over at most 27 vectors.
double nearTie(const LoweredModel& model)
{
    return std::holds_alternative<LoweredGaussian>(model.body) ? 8.0 / 256 : 2 * 27 * 2.0 / 65536;
}

/// Below this size of a score, those steps are what it is wrong by.
double leastSize(const LoweredModel& model)
{
    return std::max(1.0, nearTie(model) / kIntegerTolerance);
}

Comparison compare(const model::Model& model, const HostProgram& program, const std::vector<float>& rows)
{
    Comparison result;
    const model::Evaluation reference = model::evaluate(model, rows).value();
    const std::size_t columns = program.model().featureCount;
    for (std::size_t r = 0; r < rows.size() / columns; ++r) {
        const QByteArray encoded = program.encodeFeatures(std::span(rows).subspan(r * columns, columns)).value();
        const HostOutput output = program.runFeatures(encoded).value();
        const std::vector<double> scores = output.outputs.numbers();
        const auto known = [&program](double score) {
            return isInteger(program.model()) ? std::max(score, kFarTooLow) : score;
        };
        double largest = 1;
        for (const float score : reference.row(r))
            largest = std::max(largest, std::abs(known(static_cast<double>(score))));
        if (!reference.winners.empty() && reference.winners[r] != output.winner) {
            const auto row = reference.row(r);
            const auto right = static_cast<std::size_t>(reference.winners[r]);
            const bool scored = row.size() > std::max<std::size_t>(right, output.winner);
            const double margin =
                scored ? static_cast<double>(row[right] - row[output.winner]) : std::numeric_limits<double>::infinity();
            ++result.flips;
            result.clearFlips += margin > nearTie(program.model()) ? 1 : 0;
            result.widestFlip = std::max(result.widestFlip, margin);
        }
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const double truth = known(static_cast<double>(reference.row(r)[i]));
            const double size =
                isInteger(program.model()) ? std::max(leastSize(program.model()), std::abs(truth)) : largest;
            const double apart = std::abs(known(program.model().score(scores[i])) - truth) / size;
            result.apart = std::max(result.apart, std::isnan(apart) ? std::numeric_limits<double>::infinity() : apart);
        }
    }
    return result;
}

void addSamples()
{
    QTest::addColumn<int>("sample");
    const std::vector<ClassicSample> samples = classicSamples();
    for (std::size_t i = 0; i < samples.size(); ++i)
        QTest::newRow(qPrintable(samples[i].name)) << static_cast<int>(i);
}

ClassicSample sampleOf(int index)
{
    return classicSamples()[static_cast<std::size_t>(index)];
}

double unitsApart(float value, double truth)
{
    const double unit = std::ldexp(1.0, std::ilogb(std::max(std::abs(truth), 1e-37)) - 23);
    return std::abs(static_cast<double>(value) - truth) / unit;
}

} // namespace

/// Code for classic models and small float networks, on the desk, against the reference evaluator.
class TestClassic : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void floatsAgreeWithTheReference_data() { addSamples(); }
    void floatsAgreeWithTheReference()
    {
        QFETCH(int, sample);
        const ClassicSample subject = sampleOf(sample);
        const HostProgram program = programOf(subject.model);
        QCOMPARE(program.model().outputType, signal::SampleType::Float32);
        // Buffers lie in each other's place; if they were alive together, the scores would not be right.
        const auto& body = std::get<LoweredProgram>(program.model().body);
        QVERIFY(body.scratchFloats >= body.scratchLowerBound);
        const Comparison result = compare(subject.model, program, classicRows(subject.model, kRows, false, 5));
        QCOMPARE(result.flips, 0);
        QVERIFY2(result.apart < 2e-5, qPrintable(QString::number(result.apart)));
        QCOMPARE(program.model().classNames, subject.model.classNames);
    }

    void wholeNumbersAgreeWithTheReference_data() { addSamples(); }
    void wholeNumbersAgreeWithTheReference()
    {
        QFETCH(int, sample);
        const ClassicSample subject = sampleOf(sample);
        for (const FeatureType type : {FeatureType::Int8, FeatureType::Int16, FeatureType::Int32}) {
            const HostProgram program = programOf(subject.model, {.featureType = type});
            const Comparison result = compare(subject.model, program, classicRows(subject.model, kRows, true, 6));
            QVERIFY2(result.apart < (isInteger(program.model()) ? kIntegerTolerance : 2e-5),
                     qPrintable(QString::number(result.apart)));
            // The scores of a mixture's classes can be as near to each other as they are rounded.
            QVERIFY2((subject.name.endsWith(QLatin1String("mixture")) ? result.clearFlips : result.flips) == 0,
                     qPrintable(QString::number(result.widestFlip)));
        }
    }

    // Float features that become whole numbers in front of the integer kernels.
    void codedFeaturesAgreeWithTheReference_data() { addSamples(); }
    void codedFeaturesAgreeWithTheReference()
    {
        QFETCH(int, sample);
        const ClassicSample subject = sampleOf(sample);
        const std::vector<float> rows = classicRows(subject.model, kRows, false, 8);
        std::vector<float> beyond = classicRows(subject.model, kRows, false, 9);
        for (float& value : beyond)
            value = 3 * value - 16;
        const qint64 columns = static_cast<qint64>(rows.size()) / kRows;
        for (const model::TensorType type : {model::TensorType::Int8, model::TensorType::Int16}) {
            const model::Model coded =
                model::codeFeatures(subject.model, model::Tensor::of(rows, {kRows, columns}), type).value().model;
            const HostProgram program = programOf(coded);
            QCOMPARE(program.model().featureType, FeatureType::Float32);
            QCOMPARE(program.model().rowType(),
                     type == model::TensorType::Int8 ? FeatureType::Int8 : FeatureType::Int16);
            // Beyond the calibrated range, codes are cut alike on both sides.
            for (const std::vector<float>& some : {rows, beyond}) {
                const Comparison result = compare(coded, program, some);
                // A feature that hardly varies has its weight cut: it still decides, but scores are not the
                // reference's.
                const bool cut = subject.name == QLatin1String("naive bayes");
                QVERIFY2(cut || result.apart < (isInteger(program.model()) ? kIntegerTolerance : 2e-5),
                         qPrintable(QString::number(result.apart)));
                QVERIFY2((isInteger(program.model()) ? result.clearFlips : result.flips) == 0,
                         qPrintable(QString::number(result.widestFlip)));
            }
        }
    }

    // Weights that are all rounded up still sum to 32 bits.
    void sumsOfRoundedWeightsFit()
    {
        constexpr std::size_t kMany = 2'000;
        model::LinearModel linear;
        linear.classifier = true;
        linear.targets = linear.classes = 2;
        linear.coefficients.assign(kMany, 8388.59f / 16384);
        linear.coefficients.resize(2 * kMany, -8388.59f / 16384);
        linear.intercepts = {0, 0};
        model::GraphBuilder graph(kMany);
        const model::Model model =
            std::move(graph).classifier(std::move(linear), graph.input(), 2, ClassicModels::names(2));
        const HostProgram program = programOf(model, {.featureType = FeatureType::Int8});
        const auto& body = std::get<LoweredLinear>(program.model().body);
        QVERIFY(!body.wide);
        qint64 most = 0;
        for (std::size_t f = 0; f < kMany; ++f)
            most += 128 * std::abs(qint64{body.weights[f]});
        QVERIFY2(most <= std::numeric_limits<qint32>::max(), qPrintable(QString::number(most)));
        std::vector<float> rows(kMany, -128.0f);
        rows.resize(2 * kMany, 127.0f);
        const Comparison result = compare(model, program, rows);
        QCOMPARE(result.flips, 0);
        QVERIFY2(result.apart < kIntegerTolerance, qPrintable(QString::number(result.apart)));
    }

    // Scores whose bits no shift of 64 bits reaches are computed in float.
    void smallestCoefficientsStillDecide()
    {
        for (const float size : {1e-12f, 1e-17f, 1e-25f, 1e-37f}) {
            ClassicModels make(3);
            model::Model model = make.linear(model::PostTransform::None, 3);
            for (model::Node& node : model.graph.nodes) {
                if (auto* linear = std::get_if<model::LinearModel>(&node.operation)) {
                    for (float& coefficient : linear->coefficients)
                        coefficient *= size;
                    linear->intercepts.assign(linear->intercepts.size(), 0.0f);
                }
            }
            for (const FeatureType type : {FeatureType::Int8, FeatureType::Int16, FeatureType::Int32}) {
                const HostProgram program = programOf(model, {.featureType = type});
                if (const auto* linear = std::get_if<LoweredLinear>(&program.model().body))
                    QVERIFY(linear->scoreShift <= 62);
                else
                    QVERIFY(size < 1e-12f);
                QCOMPARE(compare(model, program, classicRows(model, kRows, true, 6)).flips, 0);
            }
        }
    }

    void modelsWithoutNeedOfFloatsHaveNone()
    {
        for (const ClassicSample& sample : classicSamples()) {
            static const QStringList kWanted{QStringLiteral("logistic regression"),
                                             QStringLiteral("two classes by one score"),
                                             QStringLiteral("ridge"),
                                             QStringLiteral("linear regression"),
                                             QStringLiteral("naive bayes"),
                                             QStringLiteral("whole neighbours"),
                                             QStringLiteral("whole city blocks"),
                                             QStringLiteral("scaled neighbours"),
                                             QStringLiteral("diagonal mixture"),
                                             QStringLiteral("uneven mixture"),
                                             QStringLiteral("full mixture"),
                                             QStringLiteral("one class svm"),
                                             QStringLiteral("k means"),
                                             QStringLiteral("whole relevance vectors"),
                                             QStringLiteral("near neighbours"),
                                             QStringLiteral("near city blocks"),
                                             QStringLiteral("scaled near neighbours"),
                                             QStringLiteral("one centre"),
                                             QStringLiteral("some centres"),
                                             QStringLiteral("one density"),
                                             QStringLiteral("some densities"),
                                             QStringLiteral("elliptic envelope")};
            const bool wanted = kWanted.contains(sample.name) || sample.name.startsWith(QLatin1String("svm of"));
            QVERIFY2(isInteger(programOf(sample.model, {.featureType = FeatureType::Int16}).model()) == wanted,
                     qPrintable(sample.name));
        }
    }

    // Rows beyond every vector have kernels of zero, whatever the type can hold.
    void farRowsOfASupportVectorMachineSayRho()
    {
        const ClassicSample subject = sampleOf(6);
        QCOMPARE(subject.name, QStringLiteral("svm of other scales"));
        const HostProgram program = programOf(subject.model, {.featureType = FeatureType::Int32});
        const auto& body = std::get<LoweredSupport>(program.model().body);
        for (const float far : {1e4f, -3e7f, 2147483520.0f, -2147483648.0f}) {
            const std::vector<float> row(ClassicModels::kFeatures, far);
            const HostOutput output = program.runFeatures(program.encodeFeatures(row).value()).value();
            const std::vector<double> decisions = output.outputs.numbers();
            for (std::size_t i = 0; i < decisions.size(); ++i)
                QCOMPARE(decisions[i], static_cast<double>(body.rho[i]));
        }
    }

    void missingAndInfiniteFeaturesAreDefined_data() { addSamples(); }
    void missingAndInfiniteFeaturesAreDefined()
    {
        QFETCH(int, sample);
        const ClassicSample subject = sampleOf(sample);
        const HostProgram program = programOf(subject.model);
        for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                                  -std::numeric_limits<float>::infinity(), 3e38f}) {
            std::vector<float> row = classicRows(subject.model, 1, false, 9);
            row[1] = value;
            const HostOutput output = program.runFeatures(program.encodeFeatures(row).value()).value();
            const auto classes = std::max<qsizetype>(program.model().classNames.size(), 1);
            QVERIFY(output.winner < classes);
            for (const double score : output.outputs.numbers()) {
                // Whatever NaN an operation made, one leaves.
                const auto bits = std::isnan(score) ? 0x7FC00000u : 0;
                if (bits != 0)
                    QVERIFY(
                        output.outputs.bytes.contains(QByteArray(reinterpret_cast<const char*>(&bits), sizeof bits)));
            }
        }
    }

    void elementaryFunctionsAreCloseToTheTruth()
    {
        QRandomGenerator random(3);
        double exponential = 0;
        double logarithm = 0;
        double tangent = 0;
        double logistic = 0;
        for (int i = 0; i < 200'000; ++i) {
            const auto x = static_cast<float>(random.generateDouble() * 174 - 87);
            const auto wide = static_cast<double>(x);
            exponential = std::max(exponential, unitsApart(runtime::exponential(x), std::exp(wide)));
            const float positive = runtime::exponential(x);
            logarithm = std::max(logarithm, std::abs(static_cast<double>(runtime::logarithm(positive)) -
                                                     std::log(static_cast<double>(positive))) /
                                                std::max(1.0, std::abs(wide)));
            const auto small = static_cast<double>(x / 10);
            tangent =
                std::max(tangent, std::abs(static_cast<double>(runtime::hyperbolicTangent(x / 10)) - std::tanh(small)) /
                                      std::abs(std::tanh(small)));
            logistic = std::max(
                logistic, std::abs(static_cast<double>(runtime::logisticOf(x / 10)) - 1 / (1 + std::exp(-small))));
        }
        QVERIFY2(exponential < 4, qPrintable(QString::number(exponential)));
        QVERIFY2(logarithm < 3e-7, qPrintable(QString::number(logarithm)));
        QVERIFY2(tangent < 1e-6, qPrintable(QString::number(tangent)));
        QVERIFY2(logistic < 3e-7, qPrintable(QString::number(logistic)));
        QCOMPARE(runtime::exponential(0.0f), 1.0f);
        QCOMPARE(runtime::exponential(-1e30f), 0.0f);
        QVERIFY(std::isinf(runtime::exponential(1e30f)));
        QVERIFY(std::isnan(runtime::exponential(std::numeric_limits<float>::quiet_NaN())));
        QCOMPARE(runtime::hyperbolicTangent(100.0f), 1.0f);
        QCOMPARE(runtime::hyperbolicTangent(-100.0f), -1.0f);
        QCOMPARE(runtime::logisticOf(-200.0f), 0.0f);
    }

    void rootsOfDistancesAreWhole()
    {
        QRandomGenerator random(19);
        std::vector<quint64> all{0, 1, 2, 3, 4, 0xFFFF'FFFE'0000'0000, 0xFFFF'FFFE'0000'0001, ~quint64{0}};
        for (int i = 0; i < 5'000; ++i)
            all.push_back(random.generate64() >> random.bounded(64));
        for (const quint64 x : all) {
            const quint64 root = runtime::wholeRoot(x);
            QVERIFY(root * root <= x && x - root * root <= 2 * root); // x < (root + 1)^2
            // Two bits of the largest distance are in use, or one: roots then have 32.
            const unsigned shift = runtime::lengthShift(x);
            QVERIFY(shift % 2 == 0 && (x == 0 || ((x << shift) >> shift == x && (x << shift) >> 62 != 0)));
        }
    }

    // The kernel by table against its definition, over all distances.
    void kernelsFollowTheirDefinition()
    {
        for (const char* name : {"svm of equal scales", "svm of other scales"}) {
            for (const ClassicSample& sample : classicSamples()) {
                if (sample.name != QLatin1String(name))
                    continue;
                const LoweredModel lowered = lower(sample.model, {.featureType = FeatureType::Int16}).value();
                const auto& body = std::get<LoweredSupport>(lowered.body);
                const runtime::SupportShape shape{body.features, body.vectorCount,   body.classes, body.mostFeature,
                                                  body.farAway,  body.distanceShift, body.slope,   body.decisionShift};
                const double perUnit = 16.0 / static_cast<double>(body.farAway);
                for (int i = 0; i <= 4000; ++i) {
                    const auto distance = static_cast<quint32>(static_cast<double>(body.farAway) * i / 3000);
                    const double truth = std::exp2(-perUnit * static_cast<double>(distance)) * 65535;
                    QVERIFY(std::abs(runtime::kernelOf(shape, distance, body.powers.data()) - truth) <
                            3 + truth * 40 / static_cast<double>(body.farAway));
                }
            }
        }
    }

    void whatHasNoCodeIsNamed()
    {
        const auto why = [](const model::Model& model) { return lower(model).error().message; };
        SmallNetworks make(1);
        model::Model erf = make.perceptron(model::UnaryKind::Erf, 3);
        QVERIFY(why(erf).contains(QLatin1String("Erf")));
        model::Model probable = make.svmClassifier(model::KernelKind::Rbf, 2, true);
        for (model::Node& node : probable.graph.nodes) {
            if (auto* svm = std::get_if<model::SvmModel>(&node.operation)) {
                svm->probA = {1.0f};
                svm->probB = {0.0f};
            }
        }
        QVERIFY(why(probable).contains(QLatin1String("probabilities")));
        model::Model swapped = make.linear(model::PostTransform::None, 3);
        swapped.classNames.swapItemsAt(0, 2);
        QVERIFY(why(swapped).contains(QLatin1String("another order")));
    }
};

QTEST_GUILESS_MAIN(TestClassic)
#include "tst_classic.moc"
