// SPDX-License-Identifier: GPL-3.0-or-later
// The channels of a filter bank in an audio front end against their definitions.
#include "tests/model/signal_bench.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::model;
using namespace ember::test;

class TestSignalChannels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // A bank as a matrix: each bin in one channel, and with its unweight in the next.
    void bankSumsBins()
    {
        QRandomGenerator random(9);
        const std::vector<quint32> bins = randoms<quint32>(random, 30);
        const std::vector<qint16> weights = randoms<qint16>(random, 40), unweights = randoms<qint16>(random, 40);
        const std::vector<qint16> begins{2, 5, 11, 20}, places{0, 3, 9, 30}, widths{3, 6, 9, 10};
        std::vector<quint64> expected(4, 0);
        for (std::size_t c = 0; c < 4; ++c) {
            for (int i = 0; i < widths[c]; ++i) {
                const quint64 bin = bins[static_cast<std::size_t>(begins[c] + i)];
                const auto place = static_cast<std::size_t>(places[c] + i);
                expected[c] += bin * static_cast<quint64>(static_cast<qint64>(weights[place]));
                if (c + 1 < 4)
                    expected[c + 1] += bin * static_cast<quint64>(static_cast<qint64>(unweights[place]));
            }
        }
        expected.erase(expected.begin()); // what lies before the first channel is no channel
        const auto inputs = [&](const std::vector<qint16>& from, const std::vector<qint16>& at,
                                const std::vector<qint16>& wide) {
            return std::vector<Tensor>{row(bins), row(weights), row(unweights), row(from), row(at), row(wide)};
        };
        const std::vector<Tensor> right = inputs(begins, places, widths);
        QCOMPARE(elements<quint64>(Bench(Signal{SignalFilterBank{3}}, right, {}).run(right)[0]), expected);
        for (const auto& wrong : {inputs({2, 5, 11, 21}, places, widths), inputs({2, -1, 11, 20}, places, widths),
                                  inputs(begins, {0, 3, 9, 31}, widths), inputs(begins, {0, 3, -9, 30}, widths),
                                  inputs(begins, places, {3, 6, 9, 32'767})}) {
            const auto refused = Bench(Signal{SignalFilterBank{3}}, wrong, {}).tryRun(wrong);
            QVERIFY(!refused);
            QCOMPARE(refused.error().kind, ErrorKind::BadData);
        }
        QVERIFY(!Bench(Signal{SignalFilterBank{4}}, right, {}).tryRun(right));
    }

    void rootsAreTheNearest()
    {
        QRandomGenerator random(13);
        std::vector<quint64> x{0, 1, 2, 3, 4, 0xFFFF'FFFF, 0x1'0000'0000, 0xFFFE'0001, ~quint64{0}, ~quint64{0} - 1};
        for (int i = 0; i < 2'000; ++i)
            x.push_back(random.generate64() >> random.bounded(64));
        const Tensor none = Tensor::of(std::vector<qint32>{0}, {}), two = Tensor::of(std::vector<qint32>{2}, {});
        const std::vector<quint32> roots =
            elements<quint32>(Bench(Signal{SignalFilterBankSquareRoot{}}, {row(x), none}, {}).run({row(x), none})[0]);
        for (std::size_t i = 0; i < x.size(); ++i) {
            // root - 1/2 < sqrt(x) <= root + 1/2, but for what half of the bits cannot say.
            const quint64 root = roots[i];
            const quint32 most = x[i] >> 32 == 0 ? 0xFFFF : 0xFFFF'FFFF;
            QVERIFY2(x[i] <= root * (root + 1) || root == most, qPrintable(QString::number(x[i])));
            QVERIFY2(root == 0 || x[i] > root * (root - 1), qPrintable(QString::number(x[i])));
        }
        const std::vector<quint32> quarters =
            elements<quint32>(Bench(Signal{SignalFilterBankSquareRoot{}}, {row(x), two}, {}).run({row(x), two})[0]);
        for (std::size_t i = 0; i < x.size(); ++i)
            QCOMPARE(quarters[i], roots[i] / 4);
        for (const qint32 bits : {-1, 32}) {
            const Tensor wrong = Tensor::of(std::vector<qint32>{bits}, {});
            QVERIFY(!Bench(Signal{SignalFilterBankSquareRoot{}}, {row(x), wrong}, {}).tryRun({row(x), wrong}));
        }
    }

    // Input, output and noise of the library's own test of 32 channels (factors of 0.04 and 0.96 in 14 bits).
    void noiseIsSubtracted()
    {
        const std::vector<quint32> x{322, 308, 210, 212, 181, 251, 403, 259, 65, 48, 76, 48, 50, 46,  53,  52,
                                     112, 191, 136, 59,  70,  51,  39,  64,  33, 44, 41, 49, 74, 107, 262, 479};
        const std::vector<quint32> y{310, 296, 202, 204, 174, 241, 387, 249, 63, 47, 73, 47, 49, 45,  51,  50,
                                     108, 184, 131, 57,  68,  49,  38,  62,  32, 43, 40, 48, 72, 103, 252, 460};
        const std::vector<quint32> noise{12, 12, 8, 8, 7, 10, 16, 10, 2, 1, 3, 1, 1, 1, 2,  2,
                                         4,  7,  5, 2, 2, 2,  1,  2,  1, 1, 1, 1, 2, 4, 10, 19};
        SignalSpectralSubtraction step;
        step.channels = 32;
        step.smoothing = step.alternateSmoothing = 655;
        step.oneMinusSmoothing = step.alternateOneMinusSmoothing = 15'729;
        step.minSignalRemaining = 819;
        step.bits = 14;
        Bench bench(Signal{step}, {row(x)}, {{"noise", TensorType::UInt32, {32}}}, 2);
        const auto first = bench.run({row(x)});
        QCOMPARE(elements<quint32>(first[0]), y);
        QCOMPARE(elements<quint32>(first[1]), noise);
        // The estimate goes on from there.
        const auto second = bench.run({row(x)});
        for (std::size_t c = 0; c < x.size(); ++c) {
            const quint64 follows = (quint64{x[c]} * 655 + quint64{noise[c]} * 15'729) >> 14;
            QCOMPARE(quint64{second[1].as<quint32>()[c]}, follows);
            QCOMPARE(quint64{second[0].as<quint32>()[c]}, std::max(x[c] - follows, (quint64{x[c]} * 819) >> 14));
        }
    }

    void clampedNoiseIsNeverMoreThanTheSignal()
    {
        SignalSpectralSubtraction step;
        step.channels = 2;
        step.smoothing = step.alternateSmoothing = 8'192;
        step.oneMinusSmoothing = step.alternateOneMinusSmoothing = 8'192;
        step.alternateOneMinusSmoothing = 16'384; // odd channels follow faster
        step.bits = 14;
        step.smoothingBits = 4;
        for (const bool clamping : {false, true}) {
            step.clamping = clamping;
            Bench bench(Signal{step}, {row(std::vector<quint32>{0, 0})}, {{"noise", TensorType::UInt32, {2}}}, 2);
            bench.run({row(std::vector<quint32>{1'000, 1'000})});
            const auto quiet = bench.run({row(std::vector<quint32>{10, 10})});
            QCOMPARE(elements<quint32>(quiet[0]), (std::vector<quint32>{0, 0}));
            const std::vector<quint32> estimate = elements<quint32>(quiet[1]);
            if (clamping)
                QCOMPARE(estimate, (std::vector<quint32>{160, 160}));
            else
                QCOMPARE(estimate, (std::vector<quint32>{(160 + 8'000) / 2, 80 + 8'000}));
        }
    }

    // shrink(x) = x^2 / 4 below 2, x - 1 from there on, with gains from a table that is constant between powers of two.
    void gainsNormaliseChannels()
    {
        std::vector<qint16> table(125, 0);
        table[0] = 100;
        table[1] = 101;
        for (int bits = 2; bits <= 32; ++bits)
            table[static_cast<std::size_t>(4 * bits - 6)] = static_cast<qint16>(1'000 * bits);
        const std::vector<quint32> noise{0, 1, 2, 3, 4, 1'023, 1'024, 0xFFFF'FFFF};
        const std::vector<double> gains{100, 101, 2'000, 2'000, 3'000, 10'000, 11'000, 32'000};
        const std::vector<quint32> x{50, 81, 82, 5, 1'234, 77, 40'000, 9};
        const std::vector<Tensor> inputs{row(x), row(noise), row(table)};
        const std::vector<quint32> y = elements<quint32>(Bench(Signal{SignalPcan{2}}, inputs, {}).run(inputs)[0]);
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double snr = std::floor(x[i] * gains[i] / 4) / 4'096;
            const double shrunk = snr < 2 ? snr * snr / 4 : std::floor(snr * 64) / 64 - 1;
            QCOMPARE(static_cast<double>(y[i]), std::floor(shrunk * 64));
        }
        const std::vector<Tensor> shortTable{row(x), row(noise), row(std::vector<qint16>(124))};
        QVERIFY(!Bench(Signal{SignalPcan{2}}, shortTable, {}).tryRun(shortTable));
        const std::vector<Tensor> otherNoise{row(x), row(std::vector<quint32>{1}), row(table)};
        QVERIFY(!Bench(Signal{SignalPcan{2}}, otherNoise, {}).tryRun(otherNoise));
        QVERIFY(!Bench(Signal{SignalPcan{64}}, inputs, {}).tryRun(inputs));
    }

    void logarithmsFollowTheirDefinition()
    {
        QRandomGenerator random(17);
        std::vector<quint32> x{0, 1, 2, 3, 4, 255, 256, 0x0FFF'FFFF};
        for (int i = 0; i < 3'000; ++i)
            x.push_back((random.generate() >> 4) >> random.bounded(28));
        for (const auto& [scale, bits] :
             {std::pair(64, 3), std::pair(1'600, 0), std::pair(1, 4), std::pair(2'000, 4)}) {
            const std::vector<qint16> y =
                elements<qint16>(Bench(Signal{SignalFilterBankLog{scale, bits}}, {row(x)}, {}).run({row(x)})[0]);
            for (std::size_t i = 0; i < x.size(); ++i) {
                const double input = std::ldexp(static_cast<double>(x[i]), bits);
                const double truth = input > 1 ? std::min(32'767.0, scale * std::log(input)) : 0;
                // A table of 128 places for each power of two, between which the library hardly interpolates: at most
                // 224 / 2^16 of log2.
                QVERIFY2(std::abs(y[i] - truth) <= 0.51 + scale * 0.0025, qPrintable(QString::number(x[i])));
            }
        }
        QVERIFY(!Bench(Signal{SignalFilterBankLog{0, 0}}, {row(x)}, {}).tryRun({row(x)}));
        QVERIFY(!Bench(Signal{SignalFilterBankLog{1, 32}}, {row(x)}, {}).tryRun({row(x)}));
    }
};

QTEST_GUILESS_MAIN(TestSignalChannels)
#include "tst_signal_channels.moc"
