// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/json.h"

#include <QJsonArray>
#include <QTest>

using namespace ember;
using namespace ember::signal;

namespace {

StreamSpec imu()
{
    return {QStringLiteral("imu"),
            SampleType::Int16,
            102.5,
            {{QStringLiteral("ax"), QStringLiteral("m/s2"), 0.0012, 0.0},
             {QStringLiteral("t"), QStringLiteral("°C"), 0.01, 25.0}}};
}

} // namespace

class TestStreamJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void streamsSurviveTheRoundTrip()
    {
        const auto back = streamSpecFromJson(toJson(imu()));
        QVERIFY(back);
        QCOMPARE(*back, imu());
    }

    void everySampleTypeHasAName()
    {
        for (const SampleType type : {SampleType::Int8, SampleType::Int16, SampleType::Int32, SampleType::Float32})
            QCOMPARE(sampleTypeFromName(sampleTypeName(type)).value(), type);
        QCOMPARE(sampleTypeFromName(QStringLiteral("complex")).error().kind, ErrorKind::BadData);
    }

    void damagedDescriptionsNameTheKey_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QJsonValue>("value");
        QTest::newRow("no such type") << "type" << QJsonValue(QStringLiteral("int24"));
        QTest::newRow("type missing") << "type" << QJsonValue();
        QTest::newRow("rate is text") << "rate_hz" << QJsonValue(QStringLiteral("fast"));
        QTest::newRow("rate is negative") << "rate_hz" << QJsonValue(-1.0);
        QTest::newRow("no channels") << "channels" << QJsonValue(QJsonArray());
        QTest::newRow("channel is a number") << "channels" << QJsonValue(QJsonArray{1});
        QJsonArray many;
        for (int i = 0; i <= kMaxStreamChannels; ++i)
            many.append(QJsonObject());
        QTest::newRow("too many channels") << "channels" << QJsonValue(many);
        QTest::newRow("scale is text") << "channels"
                                       << QJsonValue(
                                              QJsonArray{QJsonObject{{QStringLiteral("scale"), QStringLiteral("x")}}});
    }
    void damagedDescriptionsNameTheKey()
    {
        QFETCH(QString, key);
        QFETCH(QJsonValue, value);
        QJsonObject json = toJson(imu());
        json.insert(key, value);
        const auto spec = streamSpecFromJson(json);
        QVERIFY(!spec);
        QCOMPARE(spec.error().kind, ErrorKind::BadData);
        QVERIFY(!spec.error().message.isEmpty());
    }

    void ledgersSurviveTheRoundTripAndOldOnesAreReadable()
    {
        Ledger ledger;
        ledger.bytes = 9'000'000'000;
        ledger.frames = 2;
        ledger.crcErrors = 3;
        ledger.deviceDrops = 4;
        ledger.linkGaps = 5;
        ledger.driftPpm = -12.5;
        ledger.measuredRateHz = 99.5;
        ledger.reconnects = 1;
        QCOMPARE(toJson(ledgerFromJson(toJson(ledger))), toJson(ledger));
        QCOMPARE(ledgerFromJson(toJson(ledger)).bytes, ledger.bytes);
        QCOMPARE(ledgerFromJson({{QStringLiteral("link_gaps"), 7}}).lostRows(), qint64{7});
        ledger.arrivals.add(0.3);
        ledger.arrivals.add(5000);
        QCOMPARE(ledgerFromJson(toJson(ledger)).arrivals, ledger.arrivals);
        // Counts of other classes mean nothing here.
        QJsonObject json = toJson(ledger);
        json.insert(QStringLiteral("jitter_histogram"), QJsonObject{{QStringLiteral("upper_ms"), QJsonArray{1, 2}},
                                                                    {QStringLiteral("blocks"), QJsonArray{1, 2, 3}}});
        QCOMPARE(ledgerFromJson(json).arrivals.total(), 0);
    }

    // A stream without row numbers says nothing about what did not come: no zero is claimed.
    void lossIsSaidOnlyWhereItIsSeen()
    {
        Ledger ledger;
        QCOMPARE(lossText(ledger), QStringLiteral("0 lost"));
        ledger.linkGaps = 1200;
        QCOMPARE(lossText(ledger), QStringLiteral("1,200 lost"));
        ledger.seesLoss = false;
        QCOMPARE(lossText(ledgerFromJson(toJson(ledger))), QStringLiteral("at least 1,200 lost"));
        ledger.linkGaps = 0;
        QCOMPARE(lossText(ledgerFromJson(toJson(ledger))), QStringLiteral("losses not visible"));
    }
};

QTEST_GUILESS_MAIN(TestStreamJson)
#include "tst_stream_json.moc"
