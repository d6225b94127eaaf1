// SPDX-License-Identifier: GPL-3.0-or-later
// Features of sound against their definitions in double, in floats and in fixed point. What fixed point loses is
// printed as a ratio of signal to error.
#include "core/features/block.h"
#include "core/features/extractor.h"
#include "core/features/fft_tables.h"
#include "core/features/mel_tables.h"
#include "device-agent/runtime/audio.hpp"
#include "device-agent/runtime/fixed_audio.hpp"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

using namespace ember;
using namespace ember::features;
using namespace ember::runtime;

namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kRate = 16'000;
using Reals = std::vector<double>;

std::vector<std::complex<double>> dft(const Reals& x)
{
    const std::size_t n = x.size();
    std::vector<std::complex<double>> out(n / 2 + 1);
    for (std::size_t k = 0; k < out.size(); ++k) {
        for (std::size_t i = 0; i < n; ++i)
            out[k] += x[i] * std::polar(1.0, -2.0 * kPi * static_cast<double>((k * i) % n) / static_cast<double>(n));
    }
    return out;
}

double mel(double hertz)
{
    return 1127.0 * std::log(1.0 + hertz / 700.0);
}

struct Front
{
    std::size_t points = 512;
    std::size_t hop = 256;
    int mels = 32;
    double low = 50;
    double high = kRate / 2;
    double emphasis = 0.97;
};

/// Energies of one frame by definition: emphasis, Hann, transform, triangles on the mel scale.
Reals melOracle(const Reals& samples, std::size_t begin, const Front& front)
{
    Reals x(front.points);
    double squares = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double weight = std::pow(std::sin(kPi * static_cast<double>(i) / static_cast<double>(x.size())), 2);
        x[i] = (samples[begin + i] - front.emphasis * samples[begin + (i > 0 ? i - 1 : 0)]) * weight;
        squares += weight * weight;
    }
    const auto spectrum = dft(x);
    Reals energies(static_cast<std::size_t>(front.mels));
    const double step = (mel(front.high) - mel(front.low)) / (front.mels + 1);
    for (std::size_t k = 1; k < spectrum.size(); ++k) {
        const double at = (mel(static_cast<double>(k) * kRate / static_cast<double>(x.size())) - mel(front.low)) / step;
        for (int m = 0; m < front.mels; ++m) {
            const double weight = 1.0 - std::abs(at - (m + 1));
            if (weight > 0)
                energies[static_cast<std::size_t>(m)] +=
                    2.0 * weight * std::norm(spectrum[k]) / (squares * static_cast<double>(x.size()));
        }
    }
    return energies;
}

Reals levels(const Reals& energies, double floor)
{
    Reals out;
    for (double energy : energies)
        out.push_back(std::max(energy > 0 ? 10.0 * std::log10(energy) : -1e9, floor));
    return out;
}

Reals cepstrum(const Reals& levels, int coefficients)
{
    const auto n = static_cast<double>(levels.size());
    Reals out(static_cast<std::size_t>(coefficients));
    for (std::size_t c = 0; c < out.size(); ++c) {
        for (std::size_t i = 0; i < levels.size(); ++i)
            out[c] += std::sqrt((c == 0 ? 1.0 : 2.0) / n) * levels[i] *
                      std::cos(kPi * static_cast<double>(c) * (static_cast<double>(i) + 0.5) / n);
    }
    return out;
}

/// 10 log10 of the power of the reference, its mean taken out, over the power of the error.
double ratio(const Reals& reference, const std::vector<float>& got)
{
    double mean = 0;
    for (double value : reference)
        mean += value / static_cast<double>(reference.size());
    double signal = 0;
    double error = 1e-300;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        signal += std::pow(reference[i] - mean, 2);
        error += std::pow(reference[i] - static_cast<double>(got[i]), 2);
    }
    return 10.0 * std::log10(signal / error);
}

/// Kinds of sound: something like a vowel, a tone, noise, noise of a few steps of the converter, clipping.
std::vector<qint16> sound(const QByteArray& kind, std::size_t rows, QRandomGenerator& random)
{
    std::vector<qint16> samples(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        const double t = static_cast<double>(i) / kRate;
        const double noise = 2.0 * random.generateDouble() - 1.0;
        double value = 0;
        if (kind == "vowel") {
            for (int h = 1; h < 25; ++h)
                value += 6000.0 / h * std::sin(2.0 * kPi * 140.0 * h * t + h * h);
            value += 30 * noise;
        } else if (kind == "tone") {
            value = 32000.0 * std::sin(2.0 * kPi * 1234.5 * t);
        } else if (kind == "noise") {
            value = 20000.0 * noise;
        } else if (kind == "quiet") {
            value = 6.0 * noise;
        } else { // clipped
            value = 90000.0 * std::sin(2.0 * kPi * 433.0 * t) + 1000.0 * noise;
        }
        samples[i] = static_cast<qint16>(std::lround(std::clamp(value, -32768.0, 32767.0)));
    }
    return samples;
}

const QList<QByteArray> kKinds = {"vowel", "tone", "noise", "quiet", "clipped"};

signal::StreamSpec microphone(signal::SampleType type, double scale = 1.0 / 32768)
{
    signal::StreamSpec stream;
    stream.name = QStringLiteral("microphone");
    stream.type = type;
    stream.rateHz = kRate;
    stream.channels.push_back({QStringLiteral("mic"), QString(), scale, 0.0});
    return stream;
}

Result<std::vector<float>> audioFeatures(const std::vector<qint16>& samples, const QJsonObject& parameters,
                                         double scale = 1.0 / 32768)
{
    EMBER_TRY(BlockUse use, makeUse(QStringLiteral("audio"), {0}, parameters));
    const auto rows = static_cast<int>(samples.size());
    return extract(Pipeline{microphone(signal::SampleType::Int16, scale), rows, rows, {std::move(use)}},
                   QByteArray(reinterpret_cast<const char*>(samples.data()), rows * 2));
}

Reals physical(const std::vector<qint16>& samples, double scale = 1.0 / 32768)
{
    Reals out;
    for (qint16 sample : samples)
        out.push_back(sample * scale);
    return out;
}

} // namespace

class TestAudio : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void powersOfTwo()
    {
        QRandomGenerator random(1);
        for (int i = 0; i < 20'000; ++i) {
            const auto x = static_cast<float>(random.generateDouble() * 250.0 - 125.0);
            const double expected = std::exp2(static_cast<double>(x));
            QVERIFY2(std::abs(static_cast<double>(exp2Of(x)) / expected - 1.0) < 5e-7, qPrintable(QString::number(x)));
        }
        QCOMPARE(exp2Of(-1e30f), 0.0f);
        QVERIFY(std::isinf(exp2Of(200.0f)));
        QVERIFY(std::isnan(exp2Of(quietNan())));
    }

    void floatFeaturesFollowTheirDefinition_data()
    {
        QTest::addColumn<QByteArray>("kind");
        for (const QByteArray& kind : kKinds)
            QTest::newRow(kind) << kind;
    }

    void floatFeaturesFollowTheirDefinition()
    {
        QFETCH(QByteArray, kind);
        QRandomGenerator random(2);
        const Front front;
        const std::vector<qint16> samples = sound(kind, 1024 + 100, random); // three frames and a rest
        const auto energies = audioFeatures(samples, {{"output", "mel"}});
        const auto levelsGot = audioFeatures(samples, {{"output", "log-mel"}, {"floor", -140}});
        const auto cepstra = audioFeatures(samples, {{"output", "mfcc"}, {"floor", -140}});
        QVERIFY(energies && levelsGot && cepstra);
        QCOMPARE(energies->size(), std::size_t(3 * 32));
        QCOMPARE(cepstra->size(), std::size_t(3 * 13));
        for (std::size_t f = 0; f < 3; ++f) {
            const Reals expected = melOracle(physical(samples), f * front.hop, front);
            const double most = *std::max_element(expected.begin(), expected.end());
            for (std::size_t m = 0; m < 32; ++m) {
                const double got = static_cast<double>((*energies)[f * 32 + m]);
                // What leaks in from the loudest filter is rounded at its size: 1e-5 of each, 1e-7 of the loudest.
                QVERIFY2(std::abs(got - expected[m]) <= 1e-5 * expected[m] + 1e-7 * most,
                         qPrintable(QStringLiteral("%1: %2 instead of %3").arg(m).arg(got).arg(expected[m])));
            }
            const Reals wanted = levels(expected, -140);
            const Reals coefficients = cepstrum(wanted, 13);
            double size = 0;
            for (double value : coefficients)
                size = std::max(size, std::abs(value));
            // A tone leaves most filters with rounding errors only, whose logarithm is no figure.
            if (kind == "tone")
                continue;
            for (std::size_t m = 0; m < 32; ++m)
                QVERIFY(std::abs(static_cast<double>((*levelsGot)[f * 32 + m]) - wanted[m]) <=
                        1e-5 * std::abs(wanted[m]));
            for (std::size_t c = 0; c < 13; ++c)
                QVERIFY(std::abs(static_cast<double>((*cepstra)[f * 13 + c]) - coefficients[c]) <= 1e-5 * size);
        }
    }

    void fixedTransform_data()
    {
        QTest::addColumn<int>("points");
        for (int points = 8; points <= 4096; points *= 2)
            QTest::addRow("%d", points) << points;
    }

    void fixedTransform()
    {
        QFETCH(int, points);
        QRandomGenerator random(3);
        const std::vector<qint16> sine = sineTableQ15(points);
        double worst = 1e9;
        for (const QByteArray& kind :
             {QByteArray("vowel"), QByteArray("tone"), QByteArray("noise"), QByteArray("clipped")}) {
            std::vector<qint16> samples = sound(kind, static_cast<std::size_t>(points), random);
            for (qint16& sample : samples)
                sample = std::max<qint16>(sample, -32767);
            const Reals x(samples.begin(), samples.end());
            const auto expected = dft(x);
            std::vector<qint16> z = samples;
            qint32 most = 0;
            for (qint16 sample : samples)
                most = std::max(most, std::abs(qint32(sample)));
            auto* values = reinterpret_cast<FixedComplex*>(z.data());
            const double scale = std::ldexp(1.0, fixedRealFft(values, static_cast<size_t>(points), sine.data(), most));
            double signal = 0;
            double error = 0;
            for (std::size_t k = 0; k <= static_cast<std::size_t>(points) / 2; ++k) {
                const bool last = k == static_cast<std::size_t>(points) / 2;
                const std::complex<double> got =
                    k == 0 || last ? std::complex<double>((k == 0 ? values[0].re : values[0].im) * scale)
                                   : std::complex<double>(values[k].re * scale, values[k].im * scale);
                signal += std::norm(expected[k]);
                error += std::norm(expected[k] - got);
            }
            const double decibels = 10.0 * std::log10(signal / error);
            qInfo("fixed-point FFT of %d, %s: %.1f dB", points, kind.constData(), decibels);
            worst = std::min(worst, decibels);
        }
        QVERIFY2(worst >= 60.0, qPrintable(QString::number(worst)));
    }

    void fixedTransformNeverOverflows()
    {
        QRandomGenerator random(4);
        for (int points : {8, 64, 512}) {
            const std::vector<qint16> sine = sineTableQ15(points);
            for (int trial = 0; trial < 300; ++trial) {
                // Extremes only: the worst that a transform can be given.
                std::vector<qint16> z(static_cast<std::size_t>(points));
                for (std::size_t i = 0; i < z.size(); ++i)
                    z[i] = trial == 0   ? 32767
                           : trial == 1 ? (i % 2 ? -32767 : 32767)
                                        : (random.bounded(2) ? 32767 : -32767);
                const Reals x(z.begin(), z.end());
                auto* values = reinterpret_cast<FixedComplex*>(z.data());
                const double scale = std::ldexp(1.0, fixedRealFft(values, x.size(), sine.data(), 32767));
                const auto expected = dft(x);
                for (std::size_t k = 1; k < x.size() / 2; ++k)
                    QVERIFY(std::abs(expected[k].real() - values[k].re * scale) <
                            0.004 * 32767 * std::sqrt(points) * 2);
            }
        }
    }

    void fixedLevelsAndCepstra_data() { floatFeaturesFollowTheirDefinition_data(); }

    void fixedLevelsAndCepstra()
    {
        QFETCH(QByteArray, kind);
        QRandomGenerator random(5);
        const Front front;
        for (double scale : {1.0 / 32768, 1.0, 0.37}) {
            const std::vector<qint16> samples = sound(kind, 1024, random);
            // A tone's side lobes lie below what 16 bits hold; both stop at the same floor.
            const double floor = 20.0 * std::log10(32768 * scale) - (kind == "tone" || kind == "clipped" ? 70 : 115);
            const auto got =
                audioFeatures(samples, {{"output", "log-mel"}, {"arithmetic", "fixed"}, {"floor", floor}}, scale);
            const auto cepstra =
                audioFeatures(samples, {{"output", "mfcc"}, {"arithmetic", "fixed"}, {"floor", floor}}, scale);
            QVERIFY2(got && cepstra, qPrintable(got ? QString() : got.error().toString()));
            Reals wanted;
            Reals coefficients;
            for (std::size_t f = 0; f < 3; ++f) {
                const Reals frame = levels(melOracle(physical(samples, scale), f * front.hop, front), floor);
                const Reals cepstrumOfFrame = cepstrum(frame, 13);
                wanted.insert(wanted.end(), frame.begin(), frame.end());
                coefficients.insert(coefficients.end(), cepstrumOfFrame.begin(), cepstrumOfFrame.end());
            }
            const double levelRatio = ratio(wanted, *got);
            const double cepstrumRatio = ratio(coefficients, *cepstra);
            qInfo("fixed-point %s, scale %g: log-mel %.1f dB, mfcc %.1f dB", kind.constData(), scale, levelRatio,
                  cepstrumRatio);
            QVERIFY(levelRatio >= 40.0);
            QVERIFY(cepstrumRatio >= 40.0);
        }
    }

    void silenceIsTheFloor()
    {
        for (const char* arithmetic : {"float", "fixed"}) {
            for (qint16 value : {qint16(0), qint16(-5000), qint16(32767), qint16(-32768)}) {
                const std::vector<qint16> constant(512, value);
                const auto levelsGot = audioFeatures(
                    constant, {{"output", "log-mel"}, {"arithmetic", arithmetic}, {"low", 200}, {"floor", -60}});
                QVERIFY(levelsGot);
                for (float level : *levelsGot)
                    QVERIFY(std::abs(level + 60.0f) < 0.01f);
            }
        }
    }

    void summariesFollowTheirDefinition()
    {
        QRandomGenerator random(6);
        const std::vector<qint16> samples = sound("vowel", 4000, random);
        const QJsonObject frames = {{"output", "mfcc"}, {"coefficients", 4}, {"hop", 300}};
        QJsonObject slices = frames;
        slices.insert("slices", 3);
        slices.insert("summary", QJsonArray{"mean", "std", "max"});
        const auto each = audioFeatures(samples, frames);
        const auto summed = audioFeatures(samples, slices);
        QVERIFY(each && summed);
        const std::size_t count = each->size() / 4;
        QCOMPARE(count, std::size_t((4000 - 512) / 300 + 1));
        QCOMPARE(summed->size(), std::size_t(3 * 4 * 3));
        for (std::size_t s = 0; s < 3; ++s) {
            const std::size_t begin = s * count / 3;
            const std::size_t end = (s + 1) * count / 3;
            for (std::size_t v = 0; v < 4; ++v) {
                double mean = 0;
                double square = 0;
                double most = -1e9;
                for (std::size_t f = begin; f < end; ++f) {
                    const auto value = static_cast<double>((*each)[f * 4 + v]);
                    mean += value / static_cast<double>(end - begin);
                    most = std::max(most, value);
                }
                for (std::size_t f = begin; f < end; ++f)
                    square +=
                        std::pow(static_cast<double>((*each)[f * 4 + v]) - mean, 2) / static_cast<double>(end - begin);
                const float* got = summed->data() + (s * 4 + v) * 3;
                QVERIFY(std::abs(static_cast<double>(got[0]) - mean) < 1e-5 * (1 + std::abs(mean)));
                QVERIFY(std::abs(static_cast<double>(got[1]) - std::sqrt(square)) < 1e-4);
                QCOMPARE(static_cast<double>(got[2]), most);
            }
        }
    }

    void runningAveragesFollowTheirDefinition()
    {
        QRandomGenerator random(7);
        const std::vector<qint16> samples = sound("vowel", 6000, random);
        const auto energies = audioFeatures(samples, {{"output", "mel"}});
        const auto quiet = audioFeatures(samples, {{"output", "mel"}, {"noise", "subtract"}});
        const auto normalised = audioFeatures(samples, {{"output", "pcen"}});
        QVERIFY(energies && quiet && normalised);
        const double smoothing = 1.0 - std::exp(-256.0 / (kRate * 0.4));
        const std::size_t frames = energies->size() / 32;
        for (std::size_t m = 0; m < 32; ++m) {
            double average = static_cast<double>((*energies)[m]);
            for (std::size_t f = 0; f < frames; ++f) {
                const auto energy = static_cast<double>((*energies)[f * 32 + m]);
                average += smoothing * (energy - average);
                const double expected = std::max(energy - average, 0.05 * energy);
                QVERIFY(std::abs(static_cast<double>((*quiet)[f * 32 + m]) - expected) <=
                        1e-5 * std::max(energy, average));
                const double pcenExpected = std::sqrt(energy / std::pow(1e-6 + average, 0.98) + 2.0) - std::sqrt(2.0);
                QVERIFY(std::abs(static_cast<double>((*normalised)[f * 32 + m]) - pcenExpected) <=
                        1e-5 * (pcenExpected + 1.5));
            }
        }
    }

    void whatDoesNotFitIsRefused_data()
    {
        QTest::addColumn<QJsonObject>("parameters");
        QTest::addColumn<QString>("word");
        const auto row = [](const char* name, const QJsonObject& parameters, const char* word) {
            QTest::newRow(name) << parameters << QString::fromLatin1(word);
        };
        row("not a power of two", {{"fft-size", 500}}, "power of two");
        row("window too short", {{"fft-size", 2048}}, "one frame");
        row("filters without bins", {{"fft-size", 64}, {"mels", 64}}, "no frequency");
        row("above half the rate", {{"high", 9000}}, "9000");
        row("upside down", {{"low", 500}, {"high", 400}}, "'low'");
        row("too many coefficients", {{"mels", 16}, {"coefficients", 20}}, "coefficients");
        row("too many slices", {{"slices", 60}}, "slices");
        row("no summary", {{"slices", 1}, {"summary", QJsonArray()}}, "summary");
        row("PCEN in fixed point", {{"arithmetic", "fixed"}, {"output", "pcen"}}, "fixed point");
        row("noise in fixed point", {{"arithmetic", "fixed"}, {"noise", "subtract"}}, "fixed point");
    }

    void whatDoesNotFitIsRefused()
    {
        QFETCH(QJsonObject, parameters);
        QFETCH(QString, word);
        const auto refused = audioFeatures(std::vector<qint16>(1000), parameters);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Usage);
        QVERIFY2(refused.error().toString().contains(word), qPrintable(refused.error().toString()));
    }
};

QTEST_GUILESS_MAIN(TestAudio)
#include "tst_audio.moc"
