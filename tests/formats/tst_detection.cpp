// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/formats/decoding.h"

using namespace ember;
using namespace ember::formats;
using namespace ember::test;

class TestDetection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void noiseAndOtherTextAreNobodys()
    {
        QRandomGenerator random(1);
        for (int round = 0; round < 20; ++round) {
            QByteArray noise(20'000, '\0');
            for (char& byte : noise)
                byte = static_cast<char>(random.bounded(256));
            const std::vector<Guess> guesses = rank(openingOf(noise, 11'520));
            QCOMPARE(guesses.size(), static_cast<size_t>(formatNames().size()));
            QVERIFY2(guesses.front().score < kLeastScore, qPrintable(guesses.front().format));
            for (const Guess& guess : guesses)
                QVERIFY(!guess.reason.isEmpty());
        }
        const QByteArray log = "[00:00:01.250] <inf> main: Booting Zephyr\r\n[00:00:01.251] <wrn> bt: no address\r\n"
                               "[00:00:01.300] <inf> app: temperature 21 C\r\n[00:00:01.400] <inf> app: ready\r\n";
        QVERIFY(rank(openingOf(log, 1000)).front().score < kLeastScore);
        QVERIFY(rank(Opening()).front().score < kLeastScore);
    }

    void numbersWithoutNamesAreTheForwarders()
    {
        QByteArray bytes = "x\n";
        for (int i = 0; i < 50; ++i)
            bytes += QByteArray::number(i) + ",2,3\n";
        QCOMPARE(rank(openingOf(bytes, 700)).front().format, QStringLiteral("edge-impulse"));
        QCOMPARE(rank(openingOf("a,b,c\n" + bytes.mid(2), 700)).front().format, QStringLiteral("csv"));
    }

    void anOpeningIsBounded()
    {
        Opening opening;
        QVERIFY(opening.add(QByteArray(200'000, 'x'), 0));
        QVERIFY(!opening.add(QByteArray(200'000, 'x'), 1'000'000'000));
        QVERIFY(!opening.add("x", 2'000'000'000));
        QCOMPARE(opening.bytes().size(), Opening::kMaxBytes);
        QCOMPARE(opening.seconds(), 1.0);
        QCOMPARE(opening.secondsAt(0), 0.0);
        QCOMPARE(opening.secondsAt(200'000), 1.0);
    }

    void aFormatThatIsNotThereNamesThoseThatAre()
    {
        const auto nothing = findFormat(QStringLiteral("xml"));
        QVERIFY(!nothing);
        QVERIFY(nothing.error().hint.contains(QStringLiteral("teleplot")));
        for (const QString& name : formatNames())
            QCOMPARE((*findFormat(name))->name(), name);
    }

    void channelsCanBeRenamed()
    {
        signal::StreamSpec spec;
        spec.channels.resize(2);
        QVERIFY(rename(spec, {QStringLiteral("gx (dps)"), QStringLiteral("gy")}));
        QCOMPARE(spec.channels[0].unit, QStringLiteral("dps"));
        QCOMPARE(rename(spec, {QStringLiteral("a")}).error().kind, ErrorKind::Usage);
    }
};

QTEST_GUILESS_MAIN(TestDetection)
#include "tst_detection.moc"
