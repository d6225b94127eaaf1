// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/line_reader.h"
#include "core/formats/number.h"
#include "core/formats/rate_guess.h"

#include <QRandomGenerator>
#include <QTest>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

using namespace ember::formats;

namespace {

std::optional<float> parsed(const QByteArray& text)
{
    float value = 0;
    const char* end = text.constData() + text.size();
    return parseNumber(text.constData(), end, value) == end ? std::optional(value) : std::nullopt;
}

} // namespace

class TestNumbers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesWhatNumberOfJavascriptTakes()
    {
        constexpr float kInfinity = std::numeric_limits<float>::infinity();
        QCOMPARE(*parsed("0"), 0.0F);
        QCOMPARE(*parsed("-12"), -12.0F);
        QCOMPARE(*parsed("+2.5"), 2.5F);
        QCOMPARE(*parsed(".5"), 0.5F);
        QCOMPARE(*parsed("5."), 5.0F);
        QCOMPARE(*parsed("1e3"), 1000.0F);
        QCOMPARE(*parsed("-1.25E-2"), -0.0125F);
        QCOMPARE(*parsed("0x10"), 16.0F);
        QCOMPARE(*parsed("0XfF"), 255.0F);
        QCOMPARE(*parsed("Infinity"), kInfinity);
        QCOMPARE(*parsed("-Infinity"), -kInfinity);
        QCOMPARE(*parsed("1e400"), kInfinity);
        QCOMPARE(*parsed("1e39"), kInfinity);
        QCOMPARE(*parsed("1e-400"), 0.0F);
        QVERIFY(std::signbit(*parsed("-0")));
        QCOMPARE(*parsed("16777217"), 16777216.0F); // beyond what a float has digits for
        QCOMPARE(*parsed("123456789012"), 123456789012.0F);
    }

    void refusesWhatIsNoNumber()
    {
        for (const char* text : {"", "-", "+", ".", "e3", "--1", "+-1", "nan", "NaN", "-nan", "0x", "-0x10", "x", "1e",
                                 "1.2.3", "12abc", "1,2", " 1"})
            QVERIFY2(!parsed(text), text);
    }

    // The fast path must round as the library does, to the last bit.
    void everyShortNumberIsRoundedAsTheLibraryDoes()
    {
        QRandomGenerator random(7);
        for (int i = 0; i < 300'000; ++i) {
            const QByteArray text = QByteArray::number(random.generateDouble() * 2e4 - 1e4, 'f', random.bounded(9));
            float expected = 0;
            std::from_chars(text.constData(), text.constData() + text.size(), expected);
            const auto value = parsed(text);
            QVERIFY(value);
            QVERIFY2(std::bit_cast<quint32>(*value) == std::bit_cast<quint32>(expected), text.constData());
        }
    }

    void linesDoNotDependOnChunks()
    {
        const QByteArray bytes = "torn\r\none\n\ntwo\r\nthree\n" + QByteArray(40'000, 'x') + "\nfour\nrest";
        const auto linesOf = [&bytes](qsizetype chunk) {
            LineReader reader;
            QList<QByteArray> lines;
            for (qsizetype at = 0; at < bytes.size(); at += chunk) {
                reader.feed(QByteArrayView(bytes).sliced(at, std::min(chunk, bytes.size() - at)),
                            [&](QByteArrayView line, qint64 offset, bool whole) {
                                lines << QByteArray::number(offset) + (whole ? ':' : '!') + line.toByteArray();
                            });
            }
            return lines;
        };
        const QList<QByteArray> lines = linesOf(bytes.size());
        QCOMPARE(lines.size(), 7);
        QCOMPARE(lines[1], QByteArray("6:one"));
        QCOMPARE(lines[4], QByteArray("16:three"));
        QVERIFY(lines[5].startsWith("22!xxx"));
        QVERIFY(lines[5].size() <= LineReader::kMaxLine + 10);
        QCOMPARE(lines[6], QByteArray("40023:four"));
        for (const qsizetype chunk : {1, 2, 3, 7, 100, 16'384, 30'000})
            QCOMPARE(linesOf(chunk), lines);
    }

    void aRateIsFittedThroughLumps()
    {
        // 100 Hz, delivered every 64 ms in lumps.
        std::vector<RowTime> times;
        for (int row = 0; row < 200; ++row)
            times.push_back({static_cast<double>(row), std::ceil(row * 0.01 / 0.064) * 0.064});
        QVERIFY(std::abs(fitRate(times) - 100) < 1.5);
        QCOMPARE(nominalRate(fitRate(times), kArrivalTolerance), 100.0);
        // A machine that stood still for half a second delivers late, but nothing early.
        std::vector<RowTime> stalled;
        for (int row = 0; row < 150; ++row) {
            const double due = row * 0.01;
            stalled.push_back(
                {static_cast<double>(row), due > 0.9 && due < 1.4 ? 1.4 + row * 1e-6 : due + (row % 3) * 0.001});
        }
        QVERIFY(std::abs(fitRate(stalled) - 100) < 0.5);
        QCOMPARE(nominalRate(62.4, kClockTolerance), 62.5);
        QCOMPARE(nominalRate(17.34, kClockTolerance), 17.3);
        QCOMPARE(nominalRate(3.3333, kArrivalTolerance), 3.33);
        QCOMPARE(nominalRate(0, kArrivalTolerance), 0.0);
        QCOMPARE(fitRate({{0, 0}, {1, 0}, {2, 0}}), 0.0); // all at once, as from a file
    }
};

QTEST_GUILESS_MAIN(TestNumbers)
#include "tst_numbers.moc"
