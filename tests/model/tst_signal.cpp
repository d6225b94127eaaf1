// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of an audio front end against their definitions; what a whole front end gives, tst_tflite_signal says.
#include "core/model/interpreter.h"
#include "core/model/ops/integer_fft.h"
#include "core/model/ops/signal.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

using namespace ember;
using namespace ember::model;

namespace {

/// One step, its states, and the tensors that go in and come out.
class Bench
{
public:
    Bench(Signal step, const std::vector<Tensor>& inputs, std::vector<ValueInfo> states, std::size_t outputs = 1)
    {
        Model model;
        Node node{"step", std::move(step), {}, {}};
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const std::string name = "x" + std::to_string(i);
            model.graph.inputs.push_back({name, inputs[i].type(), inputs[i].shape()});
            node.inputs.push_back(name);
        }
        for (ValueInfo& state : states) {
            node.inputs.push_back(state.name);
            model.graph.states.push_back(std::move(state));
        }
        for (std::size_t i = 0; i < outputs; ++i) {
            node.outputs.push_back("y" + std::to_string(i));
            model.graph.outputs.push_back({node.outputs.back(), TensorType::Float32, {}});
        }
        model.graph.nodes.push_back(std::move(node));
        m_interpreter = std::make_unique<Interpreter>(Interpreter::create(std::move(model)).value());
        m_state = std::make_unique<Interpreter::State>(m_interpreter->initialState().value());
    }

    Result<std::vector<Tensor>> tryRun(const std::vector<Tensor>& inputs)
    {
        return m_interpreter->run(inputs, RequantiseRounding::Double, m_state.get());
    }
    std::vector<Tensor> run(const std::vector<Tensor>& inputs) { return tryRun(inputs).value(); }

private:
    std::unique_ptr<Interpreter> m_interpreter;
    std::unique_ptr<Interpreter::State> m_state;
};

template <typename T>
Tensor row(const std::vector<T>& values)
{
    return Tensor::of(values, {static_cast<qint64>(values.size())});
}

template <typename T>
std::vector<T> elements(const Tensor& tensor)
{
    const auto all = tensor.as<T>();
    return {all.begin(), all.end()};
}

template <typename T>
std::vector<T> randoms(QRandomGenerator& random, std::size_t count)
{
    std::vector<T> values(count);
    for (T& value : values)
        value = static_cast<T>(random.generate64());
    return values;
}

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
