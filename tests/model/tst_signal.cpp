// SPDX-License-Identifier: GPL-3.0-or-later
// Frames, windows and spectra of an audio front end against their definitions; what a whole front end gives,
// tst_tflite_signal says.
#include "core/model/ops/integer_fft.h"
#include "tests/model/signal_bench.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

using namespace ember;
using namespace ember::model;
using namespace ember::test;

namespace {

std::vector<qint16> counted(qint16 from, int count)
{
    std::vector<qint16> values;
    for (int i = 0; i < count; ++i)
        values.push_back(static_cast<qint16>(from + i));
    return values;
}

/// What rounding and factors that are not quite 1 / radix may cost: half a unit and radix / 2^bits of the value in each
/// of the steps.
double transformTolerance(qint64 length, double value, int bits)
{
    double steps = 2, radices = 4;
    for (qint64 left = length / 2, radix = 4; left > 1; left /= radix) {
        while (left % radix != 0)
            radix = radix == 4 ? 2 : radix == 2 ? 3 : radix + 2;
        steps += 1 + static_cast<double>(radix) / 4;
        radices += static_cast<double>(radix);
    }
    return 2 * steps + std::abs(value) * radices * std::ldexp(2.0, -bits);
}

/// The definition, in doubles, divided by the length.
std::vector<std::complex<double>> spectrumOf(const std::vector<double>& samples)
{
    const std::size_t length = samples.size();
    std::vector<std::complex<double>> spectrum(length / 2 + 1);
    for (std::size_t k = 0; k < spectrum.size(); ++k) {
        for (std::size_t n = 0; n < length; ++n)
            spectrum[k] += samples[n] * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * n % length) /
                                                            static_cast<double>(length));
        spectrum[k] /= static_cast<double>(length);
    }
    return spectrum;
}

std::vector<double> samplesOf(const std::vector<std::complex<double>>& spectrum)
{
    const std::size_t length = 2 * (spectrum.size() - 1);
    std::vector<double> samples(length);
    for (std::size_t n = 0; n < length; ++n) {
        for (std::size_t k = 0; k < length; ++k) {
            const std::complex<double> bin = k < spectrum.size() ? spectrum[k] : std::conj(spectrum[length - k]);
            samples[n] += (bin * std::polar(1.0, 2 * std::numbers::pi * static_cast<double>(k * n % length) /
                                                     static_cast<double>(length)))
                              .real();
        }
        samples[n] /= static_cast<double>(length);
    }
    return samples;
}

template <typename T>
void compareWithDefinition(qint64 length, int bits)
{
    QRandomGenerator random(static_cast<quint32>(length));
    const std::vector<T> samples = randoms<T>(random, static_cast<std::size_t>(length));
    const auto spectrum = spectrumOf({samples.begin(), samples.end()});
    std::vector<T> pairs(static_cast<std::size_t>(length + 2));
    ops::RealTransform<T>(length, false).forward(samples, pairs);
    for (std::size_t k = 0; k < spectrum.size(); ++k) {
        const double most = transformTolerance(length, std::ldexp(1.0, bits), bits);
        const std::complex<double> got(static_cast<double>(pairs[2 * k]), static_cast<double>(pairs[2 * k + 1]));
        QVERIFY2(
            std::abs(got - spectrum[k]) <= most,
            qPrintable(QStringLiteral("bin %1 of %2 is %3 apart").arg(k).arg(length).arg(std::abs(got - spectrum[k]))));
    }
    // Back, from bins that no sum of takes more than the bits.
    std::vector<std::complex<double>> bins;
    for (std::size_t k = 0; k < spectrum.size(); ++k) {
        const bool real = k == 0 || k + 1 == spectrum.size();
        pairs[2 * k] = static_cast<T>(pairs[2 * k] / 2);
        pairs[2 * k + 1] = real ? T{0} : static_cast<T>(pairs[2 * k + 1] / 2);
        bins.emplace_back(static_cast<double>(pairs[2 * k]), static_cast<double>(pairs[2 * k + 1]));
    }
    const std::vector<double> wanted = samplesOf(bins);
    std::vector<T> back(static_cast<std::size_t>(length));
    ops::RealTransform<T>(length, true).backward(pairs, back);
    for (std::size_t n = 0; n < wanted.size(); ++n) {
        const double apart = std::abs(static_cast<double>(back[n]) - wanted[n]);
        QVERIFY2(apart <= transformTolerance(length, std::ldexp(1.0, bits), bits),
                 qPrintable(QStringLiteral("sample %1 of %2 is %3 apart").arg(n).arg(length).arg(apart)));
    }
}

} // namespace

class TestSignal : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Twos, threes, fours, fives, larger primes and their products.
    void transformsFollowTheirDefinition_data()
    {
        QTest::addColumn<int>("length");
        for (const int length : {4,  6,  8,   10,  12,  14,  16,  18,  20,  22,  26,  30,   64,
                                 90, 96, 100, 126, 154, 240, 250, 256, 480, 512, 686, 1000, 1024})
            QTest::addRow("%d", length) << length;
    }
    void transformsFollowTheirDefinition()
    {
        QFETCH(int, length);
        compareWithDefinition<qint16>(length, 15);
        compareWithDefinition<qint32>(length, 31);
    }

    void realTransformsFollowTheirDefinition()
    {
        for (const qint64 length : {4, 22, 60, 64, 250, 512}) {
            QRandomGenerator random(7);
            std::vector<float> samples(static_cast<std::size_t>(length));
            for (float& sample : samples)
                sample = static_cast<float>(random.generateDouble() - 0.5);
            const auto spectrum = spectrumOf({samples.begin(), samples.end()});
            std::vector<float> pairs(static_cast<std::size_t>(length + 2));
            ops::RealTransform<float>(length, false).forward(samples, pairs);
            for (std::size_t k = 0; k < spectrum.size(); ++k) {
                const std::complex<double> got(static_cast<double>(pairs[2 * k]),
                                               static_cast<double>(pairs[2 * k + 1]));
                QVERIFY(std::abs(got - spectrum[k] * static_cast<double>(length)) < 1e-4);
            }
            std::vector<float> back(samples.size());
            ops::RealTransform<float>(length, true).backward(pairs, back);
            for (std::size_t n = 0; n < samples.size(); ++n)
                QVERIFY(std::abs(back[n] / static_cast<float>(length) - samples[n]) < 1e-5f);
        }
    }

    // Published with the library: a pulse of 16384 over 64 points is 256 everywhere, exactly, in both widths, and in
    // each of several rows.
    void aPulseHasAFlatSpectrum()
    {
        std::vector<qint16> flat;
        for (int k = 0; k <= 32; ++k)
            flat.insert(flat.end(), {256, 0});
        std::vector<qint16> pulse(64, 0);
        pulse[0] = 16'384;
        Bench narrow(Signal{SignalFft{64, false}}, {row(pulse)}, {});
        QCOMPARE(elements<qint16>(narrow.run({row(pulse)})[0]), flat);
        std::vector<qint32> rows(2 * 64, 0);
        rows[0] = rows[64] = 16'384;
        const Tensor wide = Tensor::of(rows, {2, 64});
        Bench both(Signal{SignalFft{64, false}}, {wide}, {});
        const Tensor spectra = both.run({wide})[0];
        QCOMPARE(spectra.shape(), (Shape{2, 66}));
        std::vector<qint32> expected(flat.begin(), flat.end());
        expected.insert(expected.end(), flat.begin(), flat.end());
        QCOMPARE(elements<qint32>(spectra), expected);
        // What is shorter than the transform has zeros behind it.
        const Tensor shorter = row(std::vector<qint16>{16'384, 0, 0});
        Bench padded(Signal{SignalFft{64, false}}, {shorter}, {});
        QCOMPARE(elements<qint16>(padded.run({shorter})[0]), flat);
    }

    void transformsBeyondTheLimitsAreRefused()
    {
        const Tensor x = row(std::vector<qint16>(8, 1));
        for (const qint32 length : {-2, 0, 2, 7, 9, 65'538, std::numeric_limits<qint32>::max()})
            QVERIFY(!Bench(Signal{SignalFft{length, false}}, {x}, {}).tryRun({x}));
        QVERIFY(!Bench(Signal{SignalFft{8, true}}, {x}, {}).tryRun({x}));  // 10 are needed
        QVERIFY(!Bench(Signal{SignalFft{6, false}}, {x}, {}).tryRun({x})); // more than the transform
    }

    void windowsShiftAndSaturate()
    {
        QRandomGenerator random(5);
        const std::vector<qint16> x = randoms<qint16>(random, 60), w = randoms<qint16>(random, 20);
        const Tensor rows = Tensor::of(x, {3, 20});
        for (const int shift : {0, 7, 12, 15, 31}) {
            Bench bench(Signal{SignalWindow{shift}}, {rows, row(w)}, {});
            const std::vector<qint16> y = elements<qint16>(bench.run({rows, row(w)})[0]);
            for (std::size_t i = 0; i < x.size(); ++i) {
                const double real = std::floor(std::ldexp(static_cast<double>(x[i]) * w[i % 20], -shift));
                QCOMPARE(static_cast<double>(y[i]), std::clamp(real, -32'768.0, 32'767.0));
            }
        }
        QVERIFY(!Bench(Signal{SignalWindow{32}}, {rows, row(w)}, {}).tryRun({rows, row(w)}));
        QVERIFY(!Bench(Signal{SignalWindow{1}}, {rows, row(x)}, {}).tryRun({rows, row(x)}));
    }

    void signalsAreScaledToFifteenBits()
    {
        const auto scaled = [](const std::vector<qint16>& x) {
            Bench bench(Signal{SignalFftAutoScale{}}, {row(x)}, {}, 2);
            const auto outputs = bench.run({row(x)});
            return std::pair(elements<qint16>(outputs[0]), outputs[1].as<qint32>()[0]);
        };
        QCOMPARE(scaled({1, -3, 2}), std::pair(std::vector<qint16>({8'192, -24'576, 16'384}), 13));
        QCOMPARE(scaled({32'767, -1}), std::pair(std::vector<qint16>({32'767, -1}), 0));
        QCOMPARE(scaled({0, 0}), std::pair(std::vector<qint16>({0, 0}), 15));
        // As the library's 16 bits have it: the magnitude of the least number is less than any other.
        QCOMPARE(scaled({5, -32'768}), std::pair(std::vector<qint16>({5, -32'768}), 0));
        QCOMPARE(scaled({-32'768, 5}), std::pair(std::vector<qint16>({0, 20'480}), 12));
    }

    void energyIsTheSquareOfTheMagnitude()
    {
        const Tensor x = row(std::vector<qint16>{3, 4, -32'768, -32'768, 0, -5, 7, 7});
        Bench all(Signal{SignalEnergy{0, 4}}, {x}, {});
        QCOMPARE(elements<quint32>(all.run({x})[0]), (std::vector<quint32>{25, 2'147'483'648u, 25, 98}));
        Bench some(Signal{SignalEnergy{1, 3}}, {x}, {});
        QCOMPARE(elements<quint32>(some.run({x})[0]), (std::vector<quint32>{0, 2'147'483'648u, 25, 0}));
        for (const auto& [begin, end] : {std::pair(-1, 4), std::pair(0, 5), std::pair(3, 2)})
            QVERIFY(!Bench(Signal{SignalEnergy{begin, end}}, {x}, {}).tryRun({x}));
    }

    // Frames of the whole signal, however it is cut into runs.
    void framesOverlap_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("step");
        QTest::addColumn<int>("run");
        QTest::newRow("as documented") << 3 << 2 << 2;
        QTest::newRow("a multiple") << 8 << 4 << 4;
        QTest::newRow("speech") << 480 << 160 << 320;
        QTest::newRow("no multiple") << 400 << 160 << 160;
        QTest::newRow("side by side") << 5 << 5 << 15;
        QTest::newRow("sample by sample") << 7 << 1 << 1;
    }
    void framesOverlap()
    {
        QFETCH(int, size);
        QFETCH(int, step);
        QFETCH(int, run);
        QRandomGenerator random(3);
        const int capacity = (size + step - 1) / step * step;
        for (const bool prefill : {false, true}) {
            // Two signals side by side do not mix.
            const std::vector<qint16> signals[2] = {randoms<qint16>(random, static_cast<std::size_t>(12 * run)),
                                                    randoms<qint16>(random, static_cast<std::size_t>(12 * run))};
            const Tensor first = Tensor::of(std::vector<qint16>(static_cast<std::size_t>(2 * run)), {2, run});
            Bench bench(Signal{SignalFramer{size, step, prefill}}, {first},
                        {{"kept", TensorType::Int16, {2, capacity}}, {"count", TensorType::Int32, {1}}}, 2);
            int frames = 0; // complete ones so far
            for (int i = 0; i < 12; ++i) {
                std::vector<qint16> x;
                for (const auto& signal : signals)
                    x.insert(x.end(), signal.begin() + i * run, signal.begin() + (i + 1) * run);
                const auto outputs = bench.run({Tensor::of(x, {2, run})});
                QCOMPARE(outputs[0].shape(), (Shape{2, run / step, size}));
                int begun = frames;
                bool all = true;
                for (int f = 0; f < run / step; ++f) {
                    const int arrived = i * run + (f + 1) * step + (prefill ? size - step : 0);
                    const bool complete = arrived >= begun * step + size;
                    all = all && complete;
                    for (std::size_t s = 0; s < 2; ++s) {
                        for (int n = 0; n < size; ++n) {
                            const int at = begun * step + n - (prefill ? size - step : 0);
                            const qint16 wanted =
                                complete && at >= 0 ? signals[s][static_cast<std::size_t>(at)] : qint16{0};
                            const auto place =
                                (s * static_cast<std::size_t>(run / step) + static_cast<std::size_t>(f)) *
                                    static_cast<std::size_t>(size) +
                                static_cast<std::size_t>(n);
                            QCOMPARE(outputs[0].as<qint16>()[place], wanted);
                        }
                    }
                    begun += complete ? 1 : 0;
                }
                frames = begun;
                QCOMPARE(outputs[1].as<quint8>()[0] != 0, all);
            }
            QVERIFY(frames > 0);
        }
    }

    void delayedSignalsComeLate()
    {
        const std::vector<qint16> signal = counted(1, 24);
        for (const int delay : {0, 1, 3, 4, 9}) {
            Bench bench(Signal{SignalDelay{delay}}, {row(counted(0, 4))}, {{"kept", TensorType::Int16, {1, delay}}});
            for (int i = 0; i < 6; ++i) {
                const auto y = elements<qint16>(bench.run({row(counted(static_cast<qint16>(1 + 4 * i), 4))})[0]);
                for (int n = 0; n < 4; ++n) {
                    const int at = 4 * i + n - delay;
                    QCOMPARE(y[static_cast<std::size_t>(n)], at < 0 ? qint16{0} : signal[static_cast<std::size_t>(at)]);
                }
            }
        }
    }

    // The example of the library's documentation, in one run and frame by frame, in both types.
    void overlappingFramesAreAdded()
    {
        const std::vector<qint16> frames{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5};
        const std::vector<qint16> sums{1, 2, 7, 5, 13, 8, 9, 1, 5, 4};
        const Tensor all = Tensor::of(frames, {5, 3});
        Bench atOnce(Signal{SignalOverlapAdd{2}}, {all}, {{"sums", TensorType::Int16, {1, 3}}});
        const Tensor y = atOnce.run({all})[0];
        QCOMPARE(y.shape(), (Shape{10}));
        QCOMPARE(elements<qint16>(y), sums);
        const Tensor one = Tensor::of(std::vector<float>(3), {1, 3});
        Bench singly(Signal{SignalOverlapAdd{2}}, {one}, {{"sums", TensorType::Float32, {1, 3}}});
        for (std::size_t i = 0; i < 5; ++i) {
            const std::vector<float> frame(frames.begin() + static_cast<std::ptrdiff_t>(3 * i),
                                           frames.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
            QCOMPARE(elements<float>(singly.run({Tensor::of(frame, {1, 3})})[0]),
                     (std::vector<float>{static_cast<float>(sums[2 * i]), static_cast<float>(sums[2 * i + 1])}));
        }
        const Tensor loud = Tensor::of(std::vector<qint16>{0, 30'000, 30'000, -9}, {2, 2});
        Bench saturating(Signal{SignalOverlapAdd{1}}, {loud}, {{"sums", TensorType::Int16, {1, 2}}});
        QCOMPARE(elements<qint16>(saturating.run({loud})[0]), (std::vector<qint16>{0, 32'767}));
        QVERIFY(!Bench(Signal{SignalOverlapAdd{4}}, {all}, {{"sums", TensorType::Int16, {1, 3}}}).tryRun({all}));
    }

    // Frame i is {10 i, 10 i + 1}; the first counts for those before it.
    void framesAreStacked()
    {
        const auto frame = [](int i) { return counted(static_cast<qint16>(10 * i), 2); };
        Bench bench(Signal{SignalStacker{2, 2, 1, 2}}, {row(frame(0))},
                    {{"kept", TensorType::Int16, {4, 2}}, {"count", TensorType::Int32, {2}}}, 2);
        std::vector<int> line{0, 0}; // what lies before the first frame
        for (int i = 1, stacked = 0; i < 12; ++i) {
            line.push_back(i - 1);
            const auto outputs = bench.run({row(frame(i - 1))});
            const bool complete = static_cast<int>(line.size()) >= 2 * stacked + 4;
            QCOMPARE(outputs[1].as<quint8>()[0] != 0, complete);
            std::vector<qint16> wanted(8, 0);
            for (int n = 0; complete && n < 4; ++n) {
                const auto part = frame(line[static_cast<std::size_t>(2 * stacked + n)]);
                std::copy(part.begin(), part.end(), wanted.begin() + 2 * n);
            }
            QCOMPARE(elements<qint16>(outputs[0]), wanted);
            stacked += complete ? 1 : 0;
        }
        // All are dropped behind each result: the next frame is not the first again.
        Bench apart(Signal{SignalStacker{2, 1, 0, 2}}, {row(frame(0))},
                    {{"kept", TensorType::Int16, {2, 2}}, {"count", TensorType::Int32, {2}}}, 2);
        QCOMPARE(elements<qint16>(apart.run({row(frame(1))})[0]), (std::vector<qint16>{10, 11, 10, 11}));
        QCOMPARE(apart.run({row(frame(2))})[1].as<quint8>()[0], quint8{0});
        QCOMPARE(elements<qint16>(apart.run({row(frame(3))})[0]), (std::vector<qint16>{20, 21, 30, 31}));
    }

    void statesOfOtherSizesAreRefused()
    {
        const Tensor x = row(counted(0, 4));
        const auto refused = [&x](Signal step, std::vector<ValueInfo> states) {
            return !Bench(std::move(step), {x}, std::move(states)).tryRun({x});
        };
        QVERIFY(
            refused({SignalFramer{4, 2, false}}, {{"kept", TensorType::Int16, {1, 2}}, {"n", TensorType::Int32, {1}}}));
        QVERIFY(
            refused({SignalFramer{4, 2, false}}, {{"kept", TensorType::Int32, {1, 4}}, {"n", TensorType::Int32, {1}}}));
        QVERIFY(refused({SignalFramer{4, 2, false}}, {{"kept", TensorType::Int16, {1, 4}}}));
        QVERIFY(
            refused({SignalFramer{2, 4, false}}, {{"kept", TensorType::Int16, {1, 4}}, {"n", TensorType::Int32, {1}}}));
        QVERIFY(refused({SignalDelay{3}}, {{"kept", TensorType::Int16, {1, 2}}}));
        QVERIFY(refused({SignalDelay{-1}}, {{"kept", TensorType::Int16, {1, 2}}}));
        QVERIFY(
            refused({SignalStacker{4, 1, 1, 4}}, {{"kept", TensorType::Int16, {3, 4}}, {"n", TensorType::Int32, {2}}}));
        QVERIFY(
            refused({SignalStacker{3, 1, 1, 1}}, {{"kept", TensorType::Int16, {3, 3}}, {"n", TensorType::Int32, {2}}}));
    }

    // States that no board could keep are no states.
    void hugeStatesAreRefused()
    {
        Model model;
        model.graph.inputs = {{"x", TensorType::Int16, {4}}};
        model.graph.outputs = {{"y", TensorType::Int16, {4}}};
        model.graph.states = {{"kept", TensorType::Int16, {1, 20'000'000}}};
        model.graph.nodes = {{"delay", Signal{SignalDelay{20'000'000}}, {"x", "kept"}, {"y"}}};
        const auto refused = Interpreter::create(std::move(model));
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(QLatin1String("states")), qPrintable(refused.error().message));
    }
};

QTEST_GUILESS_MAIN(TestSignal)
#include "tst_signal.moc"
