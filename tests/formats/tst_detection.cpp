// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/edge_impulse_at.h"
#include "tests/formats/decoding.h"
#include "tests/support/cost_guard.h"

using namespace ember;
using namespace ember::formats;
using namespace ember::test;

class TestDetection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersToAtCommandsAreReadWithCare()
    {
        QVERIFY(endsWithPrompt("> ") && endsWithPrompt("b\r\n> ") && endsWithPrompt("OK\n> "));
        QVERIFY(!endsWithPrompt("a -> ") && !endsWithPrompt(">") && !endsWithPrompt("") && !endsWithPrompt("\n> b"));
        QCOMPARE(parseAtConfig("===== Sensors =====\r\nBuilt-in microphone\r\n> ")->sensors.front().ratesHz.front(),
                 16'000.0);
        QVERIFY(parseAtConfig("===== Device info =====\nAT Version: 1.5.9\n=== Sensors ===\nBuilt-in microphone\n")
                    ->namesBaudRate() == false);
        for (const char* broken :
             {"", "===== Sensors =====\r\n", "== Sensors ==\nName: a, Max sample length: 300s, Frequencies: [0Hz]\n",
              "== Sensors ==\nName: a, Max sample length: 1e9s, Frequencies: [1Hz]\n"})
            QCOMPARE(parseAtConfig(broken).error().kind, ErrorKind::BadData);
        QCOMPARE(parseAtConfig("ERR: no").error().kind, ErrorKind::Board);
        const auto sample = parseAtSample("File name: /fs/x\nNot uploading file. Used buffer, from=3, to=310.\n> ");
        QVERIFY(sample && sample->file.isEmpty() && sample->from == 3 && sample->to == 310);
        QCOMPARE(parseAtSample("Not uploading file. Used buffer, from=9, to=9.\n").error().kind, ErrorKind::BadData);
        QCOMPARE(parseAtSample("Not uploading file. Used buffer, from=0, to=999999999999.\n").error().kind,
                 ErrorKind::BadData);
        QCOMPARE(parseAtSample("Not uploading file.\n").error().kind, ErrorKind::BadData);
        QCOMPARE(parseAtSample("File name: a,y\nNot uploading file.\n").error().kind, ErrorKind::BadData);
        // The command comes back as an echo, and its letters are those of base64.
        QCOMPARE(decodeAtFile("AT+READFILE=/fs/noise0\r\nSGVs\r\nbG8=\r\nOK\r\n> ").value(), QByteArray("Hello"));
        for (const char* broken : {"", "> ", "SGVsbG8", "SG!sbG8=", "SGVsbG8==="})
            QVERIFY(!decodeAtFile(broken));
        // A rate that nothing has is no rate, and a name is text for a person.
        const auto config = parseAtConfig("== Sensors ==\nName: a\x1B[31m\x07, Max sample length: 3s, "
                                          "Frequencies: [1e-300Hz, 62.50Hz, 1e30Hz]\n> ");
        QVERIFY(config);
        QCOMPARE(config->sensors.front().ratesHz, std::vector<double>{62.5});
        for (const QChar c : config->sensors.front().name)
            QVERIFY(c.isPrint() || c == QChar(QChar::ReplacementCharacter));
    }

    void nothingButLineEndsCostsNoMemory()
    {
        const QByteArray ends(8 << 20, '\n');
        const CostGuard guard;
        QVERIFY(checkAtAnswer(ends));
        QVERIFY(!decodeAtFile(ends));
        guard.check("line ends");
    }

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
        QVERIFY(apply({{QStringLiteral("gx (dps)"), QStringLiteral("gy")}, {}}, spec));
        QCOMPARE(spec.channels[0].unit, QStringLiteral("dps"));
        QCOMPARE(apply({{QStringLiteral("a")}, {}}, spec).error().kind, ErrorKind::Usage);
    }

    void channelsCanBeRescaled()
    {
        signal::StreamSpec spec;
        spec.channels = {{QStringLiteral("a"), {}, 0.5, 2}, {QStringLiteral("b"), {}, 1, 0}};
        QVERIFY(apply({}, spec));
        QCOMPARE(spec.channels[0].scale, 0.5);
        QVERIFY(apply({{}, {-2}}, spec));
        QCOMPARE(spec.channels[0].scale, -1.0);
        QCOMPARE(spec.channels[0].offset, -4.0);
        QCOMPARE(spec.channels[1].scale, -2.0);
        QVERIFY(apply({{}, {1, 10}}, spec));
        QCOMPARE(spec.channels[1].scale, -20.0);
        for (const std::vector<double>& wrong :
             {std::vector<double>{1, 2, 3}, std::vector<double>{0}, std::vector<double>{qQNaN()}})
            QCOMPARE(apply({{}, wrong}, spec).error().kind, ErrorKind::Usage);
    }
};

QTEST_GUILESS_MAIN(TestDetection)
#include "tst_detection.moc"
