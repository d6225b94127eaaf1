// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/curves.h"
#include "core/learn/events.h"
#include "core/learn/metrics.h"
#include "core/learn/rejection.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::learn;

namespace {

/// detectEvents() from its explanation, in floating point, one class after the other.
std::vector<Event> plainEvents(const Timeline& timeline, qint32 background, const EventSettings& settings)
{
    std::vector<Event> events;
    for (std::size_t label = 0; label < timeline.classes; ++label) {
        std::optional<Event> going;
        int run = 0, rest = 0;
        for (std::size_t w = 0; w < timeline.windows() && qint32(label) != background; ++w) {
            const std::size_t count = std::min(w + 1, std::size_t(settings.smoothing));
            double sum = 0;
            for (std::size_t i = w + 1 - count; i <= w; ++i)
                sum += timeline.shares[i * timeline.classes + label] / 256.0;
            const double mean = sum / double(count);
            const qint64 begin = timeline.first + qint64(w) * timeline.hop;
            if (going && mean < settings.off) {
                events.push_back(*going);
                going.reset();
                run = 0;
                rest = settings.deadTime;
                continue;
            }
            if (!going && rest-- <= 0) {
                run = mean >= settings.on ? run + 1 : 0;
                if (run == settings.patience)
                    going =
                        Event{qint32(label), begin - (settings.patience - 1) * timeline.hop, 0, begin + timeline.rows};
            }
            if (going)
                going->end = begin + timeline.rows;
        }
        if (going)
            events.push_back(*going);
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.begin < b.begin; });
    return events;
}

} // namespace

class TestMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Worked out by hand: rows are the truth.
    //      3 1 0
    //      0 2 2
    //      1 0 1
    void aWorkedExample()
    {
        Confusion c(3);
        c.add(0, 0, 3);
        c.add(0, 1, 1);
        c.add(1, 1, 2);
        c.add(1, 2, 2);
        c.add(2, 0, 1);
        c.add(2, 2, 1);
        const Metrics m = metricsOf(c);
        QCOMPARE(m.accuracy, 0.6);
        QCOMPARE(m.perClass[0].precision, 0.75);
        QCOMPARE(m.perClass[0].recall, 0.75);
        QCOMPARE(m.perClass[1].precision, 2.0 / 3);
        QCOMPARE(m.perClass[1].recall, 0.5);
        QCOMPARE(m.perClass[2].precision, 1.0 / 3);
        QCOMPARE(m.perClass[2].recall, 0.5);
        QCOMPARE(m.perClass[2].support, 2);
        QCOMPARE(m.balancedAccuracy, (0.75 + 0.5 + 0.5) / 3);
        const double f1 = (0.75 + 2 * (2.0 / 3 * 0.5) / (2.0 / 3 + 0.5) + 0.4) / 3;
        QVERIFY(std::abs(m.macroF1 - f1) < 1e-12);
        // (6*10 - (4*4 + 4*3 + 2*3)) / sqrt((100 - (16+9+9)) * (100 - (16+16+4)))
        QVERIFY(std::abs(m.mcc - (60.0 - 34.0) / std::sqrt(66.0 * 64.0)) < 1e-12);
    }

    // Matthews' own formula for two classes.
    void mccOfTwoClasses()
    {
        QRandomGenerator random(3);
        for (int round = 0; round < 100; ++round) {
            const double tp = random.bounded(1, 50), tn = random.bounded(1, 50), fp = random.bounded(1, 50),
                         fn = random.bounded(1, 50);
            Confusion c(2);
            c.add(1, 1, qint64(tp));
            c.add(0, 0, qint64(tn));
            c.add(0, 1, qint64(fp));
            c.add(1, 0, qint64(fn));
            const double expected = (tp * tn - fp * fn) / std::sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
            QVERIFY(std::abs(metricsOf(c).mcc - expected) < 1e-12);
        }
    }

    void classesThatDoNotOccur()
    {
        // Class 2 neither occurs nor is predicted: it does not count. Class 1 is predicted but does not occur.
        const std::vector<qint32> truth{0, 0, 0, 0}, predicted{0, 0, 0, 1};
        const Metrics m = metricsOf(Confusion::of(truth, predicted, 3));
        QCOMPARE(m.accuracy, 0.75);
        QCOMPARE(m.balancedAccuracy, 0.75);
        QVERIFY(std::abs(m.macroF1 - (6.0 / 7 + 0) / 2) < 1e-12);
        QCOMPARE(m.mcc, 0.0);
    }

    void nothingAtAll()
    {
        const Metrics m = metricsOf(Confusion(2));
        QCOMPARE(m.accuracy, 0.0);
        QCOMPARE(m.macroF1, 0.0);
        QCOMPARE(m.perClass.size(), std::size_t(2));
    }

    // Two classes, background first; a window of 20 rows every 10.
    void eventsBeginAndEndWhereTheirSharesSay()
    {
        Timeline timeline{100, 10, 20, 2, {}};
        for (const double share : {0.0, 0.9, 0.9, 0.55, 0.9, 0.2, 0.0, 0.7, 0.0})
            timeline.shares.insert(timeline.shares.end(), {eventShare(1 - share), eventShare(share)});
        const auto plain = detectEvents(timeline, 0, {1, 0.6, 0.6, 1});
        QCOMPARE(plain.size(), std::size_t(3)); // the dip at window 3 parts the first two
        QCOMPARE(plain[0].begin, 110);
        QCOMPARE(plain[0].end, 140);
        QCOMPARE(plain[0].known, 130);
        QCOMPARE(plain[2].begin, 170);

        const auto steady = detectEvents(timeline, 0, {1, 0.6, 0.5, 2});
        QCOMPARE(steady.size(), std::size_t(1)); // one, for the dip stays above `off`, and one window is no event
        QCOMPARE(steady[0].begin, 110);
        QCOMPARE(steady[0].known, 140); // the second window of the two ends there
        QCOMPARE(steady[0].end, 160);
        QCOMPARE(steady[0].label, 1);
        QVERIFY(detectEvents(timeline, 0, {3, 0.8, 0.5, 2}).empty()); // averages never stay that high
        QCOMPARE(detectEvents(timeline, -1, {1, 0.95, 0.95, 1}).front().label, 0);
        // For two windows after the first event has ended none begins: the second would have, with the next window.
        const auto rested = detectEvents(timeline, 0, {1, 0.6, 0.6, 1, 2});
        QCOMPARE(rested.size(), std::size_t(2));
        QCOMPARE(rested[0].end, 140);
        QCOMPARE(rested[1].begin, 170);
    }

    // Against means in floating point, window by window, as the settings are explained. Shares and thresholds are whole
    // 1/256, so that rounding decides nothing.
    void eventsAreWhatTheirDefinitionSays()
    {
        QRandomGenerator random(77);
        for (int round = 0; round < 300; ++round) {
            Timeline timeline{random.bounded(50), 1 + random.bounded(9), 10, std::size_t(1 + random.bounded(4)), {}};
            const int windows = random.bounded(60);
            for (int i = 0; i < windows * int(timeline.classes); ++i)
                timeline.shares.push_back(random.bounded(3) == 0 ? quint8(random.bounded(256))
                                                                 : quint8(200 * (i / 30 % 2)));
            const double off = random.bounded(200) / 256.0;
            const EventSettings settings{1 + random.bounded(9), off + random.bounded(56) / 256.0, off,
                                         1 + random.bounded(3), random.bounded(4)};
            const qint32 background = random.bounded(-1, int(timeline.classes));
            const auto said = detectEvents(timeline, background, settings);
            const auto expected = plainEvents(timeline, background, settings);
            QCOMPARE(said.size(), expected.size());
            for (std::size_t i = 0; i < said.size(); ++i) {
                QCOMPARE(said[i].label, expected[i].label);
                QCOMPARE(said[i].begin, expected[i].begin);
                QCOMPARE(said[i].end, expected[i].end);
                QCOMPARE(said[i].known, expected[i].known);
            }
        }
    }

    void settingsThatNoBoardCanHaveAreRefused()
    {
        QVERIFY(checkEventSettings({255, 1.0, 0.0, 255, 255}));
        for (const EventSettings& wrong :
             {EventSettings{0}, EventSettings{256}, EventSettings{1, 0.4, 0.5}, EventSettings{1, 1.5, 0.5},
              EventSettings{1, 0.5, std::nan("")}, EventSettings{1, 0.5, 0.5, 0}, EventSettings{1, 0.5, 0.5, 1, 256}})
            QVERIFY(!checkEventSettings(wrong));
        QCOMPARE(eventShare(0.5), quint8(128));
        QCOMPARE(eventShare(0.7 - 0.2), quint8(128));
        QCOMPARE(eventShare(1), quint8(255));
        QCOMPARE(eventShare(std::nan("")), quint8(0));
    }

    void eventsAreMatchedWithWhatHappened()
    {
        const std::vector<Event> truth{{1, 100, 200, 0}, {1, 400, 500, 0}, {2, 600, 700, 0}};
        const std::vector<Event> said{{1, 120, 160, 140},
                                      {1, 170, 220, 190},  // twice for the first
                                      {1, 505, 530, 525},  // late, within the tolerance
                                      {1, 610, 640, 630},  // of the wrong class
                                      {2, 800, 820, 820}}; // of nothing
        const EventScores scores = matchEvents(truth, said, 20);
        QCOMPARE(scores.happened, 3);
        QCOMPARE(scores.found, 2);
        QCOMPARE(scores.missed(), 1);
        QCOMPARE(scores.duplicates, 1);
        QCOMPARE(scores.spurious, 2);
        QCOMPARE(scores.latencies, (std::vector<double>{40, 125}));
        QCOMPARE(scores.recall(), 2.0 / 3);
        QCOMPARE(scores.precision(), 0.5);
        QCOMPARE(scores.f1(), 2 * 0.5 * (2.0 / 3) / (0.5 + 2.0 / 3));
        QCOMPARE(matchEvents(truth, said, 5).found, 1);
    }

    // Every point against counting, and the areas against other ways to them.
    void curvesAreWhatCountingSays()
    {
        QRandomGenerator random(12);
        for (int round = 0; round < 50; ++round) {
            std::vector<double> scores;
            std::vector<bool> positive;
            for (int i = 0; i < 40; ++i) {
                positive.push_back(i == 0 || (i > 1 && random.bounded(3) == 0));  // both kinds occur
                scores.push_back(random.bounded(12) + (positive.back() ? 3 : 0)); // with ties
            }
            const ThresholdCurve curve = thresholdCurve(scores, positive).value();
            QVERIFY(std::abs(curve.rocAuc - rocAuc(scores, positive).value()) < 1e-12);
            double area = 0, recall = 0, nearest = 1, rate = 1;
            for (const ThresholdPoint& point : curve.points) {
                double hits = 0, alarms = 0;
                for (std::size_t i = 0; i < scores.size(); ++i)
                    (positive[i] ? hits : alarms) += scores[i] >= point.threshold ? 1 : 0;
                QCOMPARE(point.truePositiveRate, hits / double(curve.positives));
                QCOMPARE(point.falsePositiveRate, alarms / double(curve.negatives));
                QCOMPARE(point.precision, hits + alarms > 0 ? hits / (hits + alarms) : 1);
                area += (point.truePositiveRate - recall) * point.precision;
                recall = point.truePositiveRate;
                const double apart = std::abs(1 - point.truePositiveRate - point.falsePositiveRate);
                if (apart < nearest) {
                    nearest = apart;
                    rate = (1 - point.truePositiveRate + point.falsePositiveRate) / 2;
                }
            }
            QVERIFY(std::abs(area - curve.averagePrecision) < 1e-12);
            QVERIFY(std::abs(curve.equalErrorRate - rate) <= nearest / 2 + 1e-12);
            QCOMPARE(curve.points.back().truePositiveRate, 1.0);
            const auto few = thinned(curve.points, 5);
            QCOMPARE(few.size(), std::size_t(5));
            QCOMPARE(few.front().threshold, curve.points.front().threshold);
            QCOMPARE(few.back().threshold, curve.points.back().threshold);
        }
        QVERIFY(!thresholdCurve(std::vector<double>{1, 2}, {true, true}));
    }

    // Worked out by hand: 0.9 right, 0.9 wrong, 0.6 right.
    void calibrationOfThreeRows()
    {
        const std::vector<float> shares{0.9f, 0.1f, 0.9f, 0.1f, 0.4f, 0.6f};
        const std::vector<qint32> truth{0, 1, 1};
        const Calibration calibration = calibrationOf(shares, 2, truth).value();
        QVERIFY(std::abs(calibration.brier - (2 * 0.01 + 2 * 0.81 + 2 * 0.16) / 3) < 1e-6);
        QCOMPARE(calibration.bins.size(), std::size_t(10));
        QCOMPARE(calibration.bins[9].rows + calibration.bins[8].rows, 2); // 0.9f lies next to the border
        QCOMPARE(calibration.bins[6].rows + calibration.bins[5].rows, 1);
        QVERIFY(std::abs(calibration.expectedError - (2 * 0.4 + 0.4) / 3) < 1e-6);
        QVERIFY(!calibrationOf(std::vector<float>{2, -1}, 2, std::vector<qint32>{0}));
        QVERIFY(!calibrationOf(std::vector<float>{0.9f, 0.5f}, 2, std::vector<qint32>{0}));
        QVERIFY(!calibrationOf({}, 2, {}));
    }

    void answersAreAsRightAsAskedFor()
    {
        // By hand: of the shares 0.9 and 0.8 all are right, with 0.7 two of three, with 0.6 three of four.
        const std::vector<double> shares{0.6, 0.9, 0.7, 0.8};
        const auto curve = rejectionCurve(shares, {true, true, false, true});
        QCOMPARE(curve.size(), std::size_t(4));
        QCOMPARE(pointForAccuracy(curve, 1.0)->threshold, 0.8);
        QCOMPARE(pointForAccuracy(curve, 0.75)->threshold, 0.6);
        QCOMPARE(pointForAccuracy(curve, 0.75)->coverage, 1.0);
        QVERIFY(!pointForAccuracy(rejectionCurve(std::vector<double>{0.9, 0.9}, {true, false}), 0.6));

        // Rows that are sure are right, the others one time in two; what is promised is met on the other half.
        QRandomGenerator random(3);
        Matrix matrix;
        matrix.classNames = QStringList{QStringLiteral("a"), QStringLiteral("b")};
        ValidationReport report;
        report.targets = 2;
        for (int i = 0; i < 400; ++i) {
            const bool sure = random.bounded(2) == 0;
            const auto share =
                static_cast<float>(sure ? 0.8 + 0.2 * random.generateDouble() : 0.5 + 0.2 * random.generateDouble());
            matrix.labels.push_back(sure || random.bounded(2) == 0 ? 1 : 0);
            matrix.groups.push_back(i % 10);
            report.rows.push_back(i);
            report.predicted.push_back(1);
            report.scores.insert(report.scores.end(), {1 - share, share});
        }
        const Rejection chosen = chooseRejection(report, matrix, 0.99).value();
        QVERIFY(chosen.threshold > 0.65 && chosen.threshold < 0.85);
        QVERIFY(chosen.coverage > 0.4 && chosen.coverage < 0.6);
        QVERIFY(chosen.accuracy > 0.95);
        QVERIFY(chosen.accuracyOfAll > 0.65 && chosen.accuracyOfAll < 0.85);
        QCOMPARE(chooseRejection(report, matrix, 0.1)->coverage, 1.0);
        for (const double wanted : {0.0, -1.0, 1.1, std::nan("")})
            QCOMPARE(chooseRejection(report, matrix, wanted).error().kind, ErrorKind::Usage);
        ValidationReport wild = report;
        wild.scores.front() = 3;
        QVERIFY(chooseRejection(wild, matrix, 0.5).error().message.contains(QStringLiteral("no shares")));
        Matrix bare = matrix;
        bare.labels.clear();
        QVERIFY(chooseRejection(report, bare, 0.5).error().message.contains(QStringLiteral("no shares")));
        Matrix alone = matrix;
        alone.groups.assign(matrix.labels.size(), 0);
        QVERIFY(chooseRejection(report, alone, 0.5).error().message.contains(QStringLiteral("two tested groups")));
        std::fill(matrix.labels.begin(), matrix.labels.end(), 0);
        QVERIFY(chooseRejection(report, matrix, 0.5).error().message.contains(QStringLiteral("No threshold")));
    }

    void settingsAreChosenForFewFalseAlarms()
    {
        // What happened has a share of 0.9 for four windows; what is nothing flickers at 0.95 for one.
        EventCase one{{0, 10, 10, 2, {}}, {{1, 100, 140, 0}}};
        for (int window = 0; window < 30; ++window) {
            const double share = window >= 10 && window < 14 ? 0.9 : window % 7 == 5 ? 0.95 : 0.1;
            one.timeline.shares.insert(one.timeline.shares.end(), {eventShare(1 - share), eventShare(share)});
        }
        const std::vector<const EventCase*> cases{&one};
        QVERIFY(scoreEvents(cases, 0, {}).spurious > 2);
        const EventSettings chosen = tuneEvents(cases, 0, 0);
        const EventScores scores = scoreEvents(cases, 0, chosen);
        QCOMPARE(scores.found, 1);
        QCOMPARE(scores.spurious, 0);
        QCOMPARE(tuneEvents(cases, 0, 0), chosen);
    }
};

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
