// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/host_program.h"
#include "core/codegen/learning/host_learner.h"
#include "core/codegen/learning/learning.h"
#include "core/model/feature_codes.h"
#include "device-agent/runtime/learn_means.hpp"
#include "device-agent/runtime/learn_rows.hpp"
#include "device-agent/runtime/learn_weights.hpp"
#include "tests/codegen/plain_learning.h"
#include "tests/codegen/sample_classic.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace ember;
using namespace ember::codegen;
using namespace ember::codegen::test;

namespace {

HostProgram learningProgram(const model::Model& model, FeatureType type, const LearningOptions& learning = {})
{
    Options options{.featureType = type};
    options.learning = learning;
    auto lowered = lower(model, options);
    if (!lowered)
        qFatal("%s", qPrintable(lowered.error().toString()));
    return HostProgram::make(std::move(*lowered)).value();
}

std::vector<QByteArray> encodedRows(const HostProgram& program, const std::vector<float>& rows)
{
    std::vector<QByteArray> encoded;
    for (std::size_t at = 0; at < rows.size(); at += kFeatures)
        encoded.push_back(program.encodeFeatures(std::span(rows).subspan(at, kFeatures)).value());
    return encoded;
}

std::vector<QByteArray> wholeRows(const HostProgram& program, int count, quint32 seed)
{
    ClassicModels make(seed);
    return encodedRows(program, make.whole(static_cast<std::size_t>(count) * kFeatures, 0, 16));
}

std::vector<qint64> numbersOf(const QByteArray& row, FeatureType type)
{
    std::vector<qint64> numbers;
    for (qsizetype i = 0; i < row.size(); i += type == FeatureType::Int8 ? 1 : 2) {
        if (type == FeatureType::Int8) {
            numbers.push_back(static_cast<qint8>(row[i]));
        } else {
            qint16 value;
            std::memcpy(&value, row.constData() + i, sizeof value);
            numbers.push_back(value);
        }
    }
    return numbers;
}

/// Bytes of the right number that are beyond the limits: rows that do not exist, or the smallest numbers there are.
QByteArray impossibleState(const LoweredModel& model)
{
    if (std::holds_alternative<LoweredNeighbours>(model.body))
        return QByteArray(learnedBytes(model), '\x7F');
    return QByteArray("\0\0\0\x80", 4).repeated((learnedBytes(model) + 3) / 4).left(learnedBytes(model));
}

} // namespace

/// What models learn, against plain versions of the rules that docs/generated-code.md states.
class TestLearned : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKindIsItself_data()
    {
        QTest::addColumn<int>("sample");
        QTest::addColumn<int>("type");
        const std::vector<ClassicSample> samples = learningSamples();
        for (std::size_t i = 0; i < samples.size(); ++i) {
            for (const FeatureType type : {FeatureType::Int8, FeatureType::Int16})
                QTest::addRow("%s, %s", qPrintable(samples[i].name), qPrintable(featureTypeName(type)))
                    << static_cast<int>(i) << static_cast<int>(type);
        }
    }

    /// With nothing learned a model that learns says what the same model says that does not.
    void everyKindIsItself()
    {
        const HostProgram program = dataProgram();
        const LoweredModel& model = program.model();
        const HostLearner learner = HostLearner::make(program).value();
        QCOMPARE(learner.state().size(), learnedBytes(model));
        for (const QByteArray& row : wholeRows(program, 300, 5)) {
            const HostOutput plain = program.runFeatures(row).value();
            const HostOutput learned = learner.run(row).value();
            QCOMPARE(learned.winner, plain.winner);
            QCOMPARE(learned.outputs.bytes, plain.outputs.bytes);
        }
    }

    void neighboursLearnAsWritten_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("votes");
        for (const char* name : {"learning neighbours", "learning city blocks", "learning scaled neighbours"}) {
            for (const FeatureType type : {FeatureType::Int8, FeatureType::Int16}) {
                for (const auto& [rows, votes] : {std::pair{1, 0}, std::pair{2, 1}, std::pair{9, 0}, std::pair{40, 2}})
                    QTest::addRow("%s, %s, %d rows, %d votes", name, qPrintable(featureTypeName(type)), rows, votes)
                        << QString::fromLatin1(name) << static_cast<int>(type) << rows << votes;
            }
        }
    }
    void neighboursLearnAsWritten()
    {
        QFETCH(int, rows);
        QFETCH(int, votes);
        const auto [program, type] = namedProgram({.rows = rows, .votes = votes});
        HostLearner learner = HostLearner::make(program).value();
        PlainRows plain(program.model());
        QRandomGenerator random(3);
        int changed = 0;
        for (const QByteArray& row : wholeRows(program, 150, 8)) {
            const std::vector<qint64> x = numbersOf(row, type);
            const auto [winner, expected] = plain.answer(x);
            const HostOutput output = learner.run(row).value();
            QCOMPARE(output.winner, winner);
            QCOMPARE(output.outputs.integers(), expected);
            changed += output.outputs.bytes != program.runFeatures(row).value().outputs.bytes ? 1 : 0;
            const auto label = static_cast<quint16>(random.bounded(program.model().classNames.size()));
            QCOMPARE(learner.learn(row, label).value(), plain.learn(x, label));
        }
        QVERIFY2(changed > 10, "the lessons changed hardly anything: the comparison says nothing");
    }

    void meansLearnAsWritten_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("limit");
        for (const char* name :
             {"learning bayes", "learning centroids", "learning mixture", "learning uneven mixture"}) {
            for (const FeatureType type : {FeatureType::Int8, FeatureType::Int16}) {
                for (const double limit : {0.05, 1.0, 100.0})
                    QTest::addRow("%s, %s, %g", name, qPrintable(featureTypeName(type)), limit)
                        << QString::fromLatin1(name) << static_cast<int>(type) << limit;
            }
        }
    }
    void meansLearnAsWritten()
    {
        QFETCH(double, limit);
        const auto [program, type] = namedProgram({.limit = limit, .prior = 2, .memory = 12});
        HostLearner learner = HostLearner::make(program).value();
        PlainMeans plain(program.model());
        const auto& body = std::get<LoweredGaussian>(program.model().body);
        QRandomGenerator random(3);
        int outcomes[5] = {};
        for (const QByteArray& row : wholeRows(program, 200, 9)) {
            const std::vector<qint64> x = numbersOf(row, type);
            if (body.firsts.empty()) // of mixtures, only what is behind the sums is compared: the winner, below
                QCOMPARE(learner.run(row).value().outputs.integers(), plain.componentScores(x));
            const auto label = static_cast<quint16>(random.bounded(program.model().classNames.size()));
            const quint8 outcome = learner.learn(row, label).value();
            QCOMPARE(outcome, plain.learn(x, label));
            ++outcomes[outcome];
        }
        QVERIFY(plain.largestDriftOfLimit() <= 1);
        QVERIFY(limit < 1 ? outcomes[3] > 0 && plain.largestDriftOfLimit() >= 1 : outcomes[1] > 0);
    }

    void mixturesAddTheirDriftedComponents()
    {
        const auto samples = learningSamples();
        const HostProgram program = learningProgram(samples[5].model, FeatureType::Int16, {.prior = 2, .memory = 8});
        const auto& body = std::get<LoweredGaussian>(program.model().body);
        HostLearner learner = HostLearner::make(program).value();
        PlainMeans plain(program.model());
        double widest = 0;
        for (const QByteArray& row : wholeRows(program, 100, 10)) {
            const std::vector<qint64> x = numbersOf(row, FeatureType::Int16);
            const std::vector<qint32> parts = plain.componentScores(x);
            const std::vector<qint32> scores = learner.run(row).value().outputs.integers();
            for (std::size_t c = 0; c < scores.size(); ++c) {
                double sum = 0;
                const qint32 most =
                    *std::max_element(parts.begin() + body.firsts[c], parts.begin() + body.firsts[c + 1]);
                for (quint16 k = body.firsts[c]; k < body.firsts[c + 1]; ++k)
                    sum += std::exp((parts[k] - static_cast<double>(most)) / 256);
                widest = std::max(widest, std::abs(scores[c] - (most + 256 * std::log(sum))));
            }
            QCOMPARE(learner.learn(row, 1).value(), plain.learn(x, 1));
        }
        QVERIFY2(widest <= 2, qPrintable(QString::number(widest))); // units of 1/256: what the bound below assumes
    }

    void weightsLearnAsWritten_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("limit");
        for (const char* name : {"learning logistic", "learning ridge"}) {
            for (const FeatureType type : {FeatureType::Int8, FeatureType::Int16}) {
                for (const double limit : {0.02, 2.0})
                    QTest::addRow("%s, %s, %g", name, qPrintable(featureTypeName(type)), limit)
                        << QString::fromLatin1(name) << static_cast<int>(type) << limit;
            }
        }
    }
    void weightsLearnAsWritten()
    {
        QFETCH(double, limit);
        const auto [program, type] = namedProgram({.limit = limit});
        const auto& body = std::get<LoweredLinear>(program.model().body);
        HostLearner learner = HostLearner::make(program).value();
        PlainWeights plain(program.model());
        QRandomGenerator random(3);
        int outcomes[5] = {};
        for (const QByteArray& row : wholeRows(program, 200, 11)) {
            const std::vector<qint64> x = numbersOf(row, type);
            const std::vector<qint64> expected = plain.scores(x);
            const HostOutput output = learner.run(row).value();
            if (body.transform == ScoreTransform::None) {
                for (qsizetype o = 0; o < output.outputs.count(); ++o)
                    QCOMPARE(qint64{output.outputs.integers()[static_cast<std::size_t>(o)]},
                             expected[static_cast<std::size_t>(o)]);
            }
            // Sums that are one score are in the order of the sums, and the plain scores are cut: no flip but of ties.
            QVERIFY(expected[output.winner] == *std::max_element(expected.begin(), expected.end()));
            const auto label = static_cast<quint16>(random.bounded(body.outputs));
            const quint8 outcome = learner.learn(row, label).value();
            QCOMPARE(outcome, plain.learn(x, label));
            ++outcomes[outcome];
        }
        QVERIFY(outcomes[1] + outcomes[3] > 20);
        QVERIFY(limit > 1 || outcomes[3] > 0);
    }

    /// Rows that are called certain keep their answer under lessons that pull as hard as they can at it.
    void whatIsCertainStays_data() { everyKindIsItself_data(); }
    void whatIsCertainStays()
    {
        QFETCH(int, type);
        QFETCH(int, sample);
        const ClassicSample one = learningSamples()[static_cast<std::size_t>(sample)];
        const bool linear = one.name.contains(QLatin1String("logistic")) || one.name.contains(QLatin1String("ridge"));
        LearningOptions learning{.rows = 60, .limit = linear ? 0.03 : 0.3, .prior = 1, .memory = 2};
        if (one.name.contains(QLatin1String("neighbours")) || one.name.contains(QLatin1String("city")))
            learning.votes = 1;
        const HostProgram program = learningProgram(one.model, static_cast<FeatureType>(type), learning);
        const std::vector<QByteArray> rows = wholeRows(program, 120, 12);
        const HostLearner trained = HostLearner::make(program).value();
        int certain = 0;
        int flipped = 0;
        const auto classes = static_cast<quint16>(program.model().classNames.size());
        for (const QByteArray& row : rows) {
            const quint16 answer = trained.run(row).value().winner;
            const bool isCertain = trained.isCertain(row).value();
            certain += isCertain ? 1 : 0;
            for (quint16 rival = 0; rival < classes; ++rival) {
                HostLearner learner = trained;
                for (int lesson = 0; lesson < 60; ++lesson) {
                    QVERIFY(learner.learn(row, rival));
                    // And what is of the answer's class is said to be far away.
                    QVERIFY(learner.learn(rows[static_cast<std::size_t>(lesson)], answer));
                    const bool same = learner.run(row).value().winner == answer;
                    QVERIFY2(same || !isCertain, qPrintable(QStringLiteral("lesson %1 to %2").arg(lesson).arg(rival)));
                    flipped += same ? 0 : 1;
                }
            }
        }
        QVERIFY2(certain > 0, "nothing is certain: the bound is worth nothing");
        QVERIFY2(flipped > 0, "the lessons flip nothing: the test cannot fail");
    }

    void learningHelps_data() { everyKindIsItself_data(); }
    /// A user whose rows are shifted: half of them are taught, the other half is answered better than before.
    void learningHelps()
    {
        const HostProgram program = dataProgram({.rows = 120, .limit = 4});
        const HostProgram judge = dataProgram();
        HostLearner learner = HostLearner::make(program).value();
        ClassicModels make(13);
        std::vector<float> rows = make.whole(400 * kFeatures, 0, 16);
        std::vector<float> shifted = rows;
        for (std::size_t i = 0; i < rows.size(); ++i)
            shifted[i] = rows[i] + (i % kFeatures < 3 ? 4.0f : -3.0f);
        const std::vector<QByteArray> old = encodedRows(judge, rows);
        const std::vector<QByteArray> fresh = encodedRows(program, shifted);
        std::vector<quint16> labels;
        for (const QByteArray& row : old)
            labels.push_back(judge.runFeatures(row).value().winner);
        const auto right = [&] {
            int count = 0;
            for (std::size_t i = 1; i < fresh.size(); i += 2)
                count += learner.run(fresh[i]).value().winner == labels[i] ? 1 : 0;
            return count;
        };
        const int before = right();
        for (std::size_t i = 0; i < fresh.size(); i += 2)
            QVERIFY(learner.learn(fresh[i], labels[i]));
        QVERIFY2(right() > before, qPrintable(QStringLiteral("%1 before, %2 after").arg(before).arg(right())));
        learner.reset();
        QCOMPARE(right(), before);
    }

    void whatIsLearnedCanBeKept_data() { everyKindIsItself_data(); }
    void whatIsLearnedCanBeKept()
    {
        const HostProgram program = dataProgram({.rows = 5});
        const std::vector<QByteArray> rows = wholeRows(program, 60, 14);
        HostLearner learner = HostLearner::make(program).value();
        for (std::size_t i = 0; i < 30; ++i)
            QVERIFY(learner.learn(rows[i], static_cast<quint16>(i % 3)));
        HostLearner other = HostLearner::make(program).value();
        QVERIFY(other.restore(learner.state()));
        QCOMPARE(other.state(), learner.state());
        for (const QByteArray& row : rows)
            QCOMPARE(other.run(row).value().outputs.bytes, learner.run(row).value().outputs.bytes);
        // What cannot be of this model changes nothing: every number at its largest is beyond limits, rows and classes.
        QVERIFY(!other.restore(learner.state().left(learner.state().size() - 1)));
        QVERIFY(!other.restore(impossibleState(program.model())));
        QCOMPARE(other.state(), learner.state());
        QCOMPARE(learner.learn(rows[0], 99).value(), quint8{0});
        QCOMPARE(other.state(), learner.state());
    }

    void codedFeaturesLearnToo()
    {
        const auto samples = learningSamples();
        const std::vector<float> rows = classicRows(samples[3].model, 200, false, 15);
        const model::Tensor table = model::Tensor::of(rows, {200, kFeatures});
        const model::Model coded = model::codeFeatures(samples[3].model, table, model::TensorType::Int8).value().model;
        const HostProgram program = learningProgram(coded, FeatureType::Auto);
        QCOMPARE(program.model().featureType, FeatureType::Float32);
        HostLearner learner = HostLearner::make(program).value();
        const std::vector<QByteArray> encoded = encodedRows(program, rows);
        QVERIFY(learner.learn(encoded[0], 2).value() > 0);
        QVERIFY(learner.state() != HostLearner::make(program).value().state());
    }

    void whatCannotLearnSaysWhy_data()
    {
        QTest::addColumn<QString>("sample");
        QTest::addColumn<int>("type");
        QTest::addColumn<QString>("word");
        QTest::newRow("floats") << "naive bayes" << static_cast<int>(FeatureType::Float32) << "floats";
        QTest::newRow("covariances") << "full mixture" << static_cast<int>(FeatureType::Int16) << "covariances";
        QTest::newRow("regression") << "linear regression" << static_cast<int>(FeatureType::Int16) << "classes";
        QTest::newRow("support vectors") << "svm of equal scales" << static_cast<int>(FeatureType::Int16) << "kind";
        QTest::newRow("network") << "relu network" << static_cast<int>(FeatureType::Int16) << "kind";
    }
    void whatCannotLearnSaysWhy()
    {
        QFETCH(QString, sample);
        QFETCH(int, type);
        QFETCH(QString, word);
        Options options{.featureType = static_cast<FeatureType>(type)};
        options.learning = LearningOptions();
        for (const ClassicSample& one : classicSamples()) {
            if (one.name != sample)
                continue;
            const auto lowered = lower(one.model, options);
            QVERIFY(!lowered);
            QCOMPARE(lowered.error().kind, ErrorKind::Unsupported);
            QVERIFY2(lowered.error().message.contains(word), qPrintable(lowered.error().message));
            return;
        }
        QFAIL("no such sample");
    }

    void wrongNumbersAreRefused()
    {
        const auto samples = learningSamples();
        for (const LearningOptions& wrong :
             {LearningOptions{.rows = 0}, LearningOptions{.rows = 5000}, LearningOptions{.votes = 99},
              LearningOptions{.limit = 0}, LearningOptions{.limit = std::numeric_limits<double>::quiet_NaN()},
              LearningOptions{.prior = 0}, LearningOptions{.prior = 64, .memory = 64}}) {
            Options options{.featureType = FeatureType::Int8};
            options.learning = wrong;
            const auto lowered = lower(samples[0].model, options);
            QVERIFY(!lowered);
            QCOMPARE(lowered.error().kind, ErrorKind::Usage);
        }
    }

    /// The agent counts what is learned in 16 bits: code for more would not compile.
    void whatIsLearnedFits16Bits()
    {
        Options options{.featureType = FeatureType::Int16};
        options.learning = LearningOptions();
        LoweredModel lowered = lower(learningSamples()[0].model, options).value();
        std::get<LoweredNeighbours>(lowered.body).features = 8; // more than the samples have
        const auto bytesWith = [&](int rows) -> qint64 {
            const Status added = addLearning({.rows = rows}, lowered);
            if (added)
                return learnedBytes(lowered);
            const Error& error = added.error();
            return error.kind == ErrorKind::Usage && error.hint.contains(QStringLiteral("--learn-rows")) ? -1 : -2;
        };
        const qint64 one = bytesWith(2) - bytesWith(1);
        const qint64 fixed = bytesWith(1) - one;
        QVERIFY(one > 16); // else 4096 rows, the most, always fit
        const int most = static_cast<int>((65'535 - fixed) / one);
        QVERIFY(most < 4096);
        QVERIFY(bytesWith(most) <= 65'535 && bytesWith(most) > 65'535 - one);
        QCOMPARE(bytesWith(most + 1), -1);
        QCOMPARE(bytesWith(4096), -1);
    }

    void quotientsAreThoseOfNumbers()
    {
        QRandomGenerator random(16);
        for (int i = 0; i < 20'000; ++i) {
            const auto value = static_cast<qint32>(random.generate()) >> random.bounded(4, 30);
            const auto by = 1 + static_cast<qint32>(random.bounded(20'000));
            QCOMPARE(double{static_cast<double>(runtime::roundedQuotient(value, by))},
                     std::round(static_cast<double>(value) / by));
            const quint32 loss = random.generate() >> random.bounded(32);
            const unsigned shift = static_cast<unsigned>(random.bounded(78));
            const quint64 square = 1 + (random.generate64() >> random.bounded(12, 63));
            const auto got = static_cast<long double>(runtime::shiftedQuotient(loss, shift, square));
            const long double exact = std::min(
                std::ldexp(static_cast<long double>(loss), static_cast<int>(shift)) / square, std::ldexp(1.0L, 46));
            // Exact but for the rounding down, and what more than 62 bits before the division lose.
            QVERIFY(got <= exact);
            QVERIFY(exact - got < 1 || exact - got < std::ldexp(exact, -9));
        }
    }

private:
    HostProgram dataProgram(const LearningOptions& learning = {}) const
    {
        QFETCH(int, sample);
        QFETCH(int, type);
        return learningProgram(learningSamples()[static_cast<std::size_t>(sample)].model,
                               static_cast<FeatureType>(type), learning);
    }

    std::pair<HostProgram, FeatureType> namedProgram(const LearningOptions& learning) const
    {
        QFETCH(QString, name);
        QFETCH(int, type);
        for (const ClassicSample& sample : learningSamples()) {
            if (sample.name == name)
                return {learningProgram(sample.model, static_cast<FeatureType>(type), learning),
                        static_cast<FeatureType>(type)};
        }
        qFatal("no such sample");
    }
};

QTEST_GUILESS_MAIN(TestLearned)
#include "tst_learned.moc"
