// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/quantity.h"

#include <QTest>

using namespace ember;

class TestQuantity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void seconds_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("seconds");
        QTest::newRow("bare") << "2.5" << 2.5;
        QTest::newRow("s") << "10s" << 10.0;
        QTest::newRow("ms, spaces") << " 500 ms " << 0.5;
        QTest::newRow("min") << "2min" << 120.0;
        QTest::newRow("h") << "1.5h" << 5400.0;
    }
    void seconds()
    {
        QFETCH(QString, text);
        QFETCH(double, seconds);
        QCOMPARE(parseSeconds(text).value(), seconds);
    }

    void bytes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("bytes");
        QTest::newRow("bare") << "4096" << qint64(4096);
        QTest::newRow("kB is a thousand") << "32 kB" << qint64(32000);
        QTest::newRow("KiB is 1024") << "32 KiB" << qint64(32768);
        QTest::newRow("MB") << "1.5MB" << qint64(1'500'000);
    }
    void bytes()
    {
        QFETCH(QString, text);
        QFETCH(qint64, bytes);
        QCOMPARE(parseBytes(text).value(), bytes);
    }

    void nonsenseSaysHowToWriteIt_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text : {"", "s", "-3s", "3 parsecs", "1e9999s", "12s12", "0x10"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void nonsenseSaysHowToWriteIt()
    {
        QFETCH(QString, text);
        const auto seconds = parseSeconds(text);
        QVERIFY(!seconds);
        QCOMPARE(seconds.error().kind, ErrorKind::Usage);
        QVERIFY(!seconds.error().hint.isEmpty());
        QVERIFY(!parseBytes(text));
    }

    void timesThatFitNoNumberAreRefused()
    {
        QCOMPARE(parseMilliseconds(QStringLiteral("5s")).value(), 5000);
        QCOMPARE(parseMilliseconds(QStringLiteral("500h")).value(), 1'800'000'000);
        const QString huge(400, QLatin1Char('9')); // more than a double holds
        for (const QString& text : {QStringLiteral("1000h"), huge, huge + QStringLiteral("ms")})
            QCOMPARE(parseMilliseconds(text).error().kind, ErrorKind::Usage);
        QCOMPARE(parseSeconds(QStringLiteral("1000h")).value(), 3.6e6);
        QCOMPARE(parseSeconds(huge).error().kind, ErrorKind::Usage);
        QCOMPARE(parseSeconds(QStringLiteral("999999999999h")).error().kind, ErrorKind::Usage);
    }

    void peopleReadTheFigures()
    {
        QCOMPARE(formatBytes(950), QStringLiteral("950 B"));
        QCOMPARE(formatBytes(1023), QStringLiteral("1023 B"));
        QCOMPARE(formatBytes(1024), QStringLiteral("1 KiB"));
        QCOMPARE(formatBytes(32'256), QStringLiteral("31.5 KiB"));
        QCOMPARE(formatBytes(-32'256), QStringLiteral("-31.5 KiB"));
        QCOMPARE(formatBytes((1 << 20) - 1), QStringLiteral("1 MiB"));
        QCOMPARE(formatBytes(4 << 20), QStringLiteral("4 MiB"));
        QCOMPARE(formatBytes(qint64(5) << 30), QStringLiteral("5 GiB"));
        for (const char* unit : {"m/s2", "m/s^2", "m/s²"})
            QCOMPARE(formatUnit(QString::fromUtf8(unit)), QStringLiteral("m/s²"));
        QCOMPARE(formatUnit(QStringLiteral("rad/s")), QStringLiteral("rad/s"));
        QCOMPARE(formatCount(1'234'567), QStringLiteral("1,234,567"));
        QCOMPARE(formatSeconds(0.84), QStringLiteral("0.8 s"));
        QCOMPARE(formatSeconds(200), QStringLiteral("3 min 20 s"));
    }
};

QTEST_GUILESS_MAIN(TestQuantity)
#include "tst_quantity.moc"
