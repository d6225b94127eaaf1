// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block.h"
#include "core/features/canonical_json.h"
#include "core/features/emit_plan.h"
#include "core/features/pipeline.h"
#include "core/features/presets.h"

#include <QJsonDocument>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include <limits>

using namespace ember;
using namespace ember::features;

namespace {

signal::StreamSpec imu()
{
    signal::StreamSpec stream;
    stream.name = QStringLiteral("imu");
    stream.type = signal::SampleType::Int16;
    stream.rateHz = 100.0;
    for (const char* name : {"ax", "ay", "az"})
        stream.channels.push_back({QString::fromLatin1(name), QStringLiteral("m/s2"), 0.0024, 0.0});
    for (const char* name : {"gx", "gy", "gz"})
        stream.channels.push_back({QString::fromLatin1(name), QStringLiteral("rad/s"), 0.001, 0.0});
    return stream;
}

BlockUse use(const char* block, std::vector<int> channels, const QJsonObject& parameters = {})
{
    auto made = makeUse(QString::fromLatin1(block), std::move(channels), parameters);
    return made ? std::move(made).value() : BlockUse{};
}

QJsonObject fromText(const char* text)
{
    return QJsonDocument::fromJson(text).object();
}

/// One of each block, with settings that are not the defaults.
Pipeline everything()
{
    return {imu(),
            200,
            100,
            {use("statistics", {0, 2}, fromText(R"({"statistics": ["std", "mean", "trend"]})")),
             use("spectrum", {1}, fromText(R"({"fft-size": 128, "bands": 2, "peaks": 1, "shape": ["entropy"]})")),
             use("magnitude", {3, 4, 5}, fromText(R"({"norm": "absolute", "statistics": ["mean"]})")),
             use("correlation", {0, 1, 2})}};
}

} // namespace

class TestPipeline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rawSamplesHaveAShape()
    {
        Pipeline pipeline{imu(), 200, 100, {use("raw", {1, 4}, {{QStringLiteral("decimate"), 3}})}};
        QVERIFY(validate(pipeline));
        QCOMPARE(featureShape(pipeline), (std::vector<int>{66, 2}));
        const QStringList names = featureNames(pipeline);
        QCOMPARE(names.size(), 132);
        QCOMPARE(names.mid(0, 3),
                 (QStringList{QStringLiteral("ay[0]"), QStringLiteral("gy[0]"), QStringLiteral("ay[1]")}));
        pipeline.blocks.push_back(use("statistics", {0}));
        QVERIFY(featureShape(pipeline).empty());
        pipeline.windowRows = 2;
        QVERIFY(!validate(pipeline)); // no mean of three rows
        const auto preset = presetPipeline(QStringLiteral("raw"), imu(), 200, 100);
        QCOMPARE(featureShape(*preset), (std::vector<int>{100, 6}));
    }

    void everyBlockDescribesItself()
    {
        QSet<QString> ids;
        for (const Block* block : allBlocks()) {
            const BlockInfo info = block->info();
            QVERIFY(!ids.contains(info.id));
            ids << info.id;
            QCOMPARE(findBlock(info.id), block);
            QVERIFY(!info.title.isEmpty() && !info.help.isEmpty() && !info.source.isEmpty());
            for (const BlockParameter& parameter : info.parameters) {
                QVERIFY(!parameter.key.isEmpty() && !parameter.name.isEmpty() && !parameter.help.isEmpty());
                const auto made = makeUse(info.id, {0, 1, 2}, {{parameter.key, parameter.defaultValue}});
                QVERIFY2(made, qPrintable(info.id + QLatin1Char('.') + parameter.key));
            }
            // Fast enough for the blocks of sound, and long enough for a frame of it.
            signal::StreamSpec fast = imu();
            fast.rateHz = 16'000;
            Pipeline pipeline{fast, 1000, 100, {makeUse(info.id, {0, 1, 2}).value()}};
            QVERIFY(validate(pipeline));
            QVERIFY(!featureNames(pipeline).isEmpty());
        }
        QVERIFY(!findBlock(QStringLiteral("no-such-block")));
    }

    void namesAreInOutputOrder()
    {
        const QStringList expected = {
            QStringLiteral("ax.mean"),
            QStringLiteral("ax.std"),
            QStringLiteral("ax.trend"),
            QStringLiteral("az.mean"),
            QStringLiteral("az.std"),
            QStringLiteral("az.trend"),
            QStringLiteral("ay.band_0.7813-6.25Hz"),
            QStringLiteral("ay.band_6.25-50.78Hz"),
            QStringLiteral("ay.peak1_frequency"),
            QStringLiteral("ay.peak1_power"),
            QStringLiteral("ay.entropy"),
            QStringLiteral("sum|gx,gy,gz|.mean"),
            QStringLiteral("corr(ax,ay)"),
            QStringLiteral("corr(ax,az)"),
            QStringLiteral("corr(ay,az)"),
        };
        QCOMPARE(featureNames(everything()), expected);
        const auto plan = planFor(everything());
        QVERIFY(plan);
        QCOMPARE(plan->features, int(expected.size()));
    }

    void equalNamesAreToldApart()
    {
        Pipeline pipeline{imu(), 200, 100, {use("correlation", {0, 1}), use("correlation", {0, 1})}};
        QCOMPARE(featureNames(pipeline), (QStringList{QStringLiteral("corr(ax,ay)"), QStringLiteral("corr(ax,ay)#2")}));
    }

    void anUnknownRateGivesBandsInBins()
    {
        Pipeline pipeline{imu(), 64, 64, {use("spectrum", {0}, fromText(R"({"bands": 2, "peaks": 0, "shape": []})"))}};
        pipeline.stream.rateHz = 0;
        QCOMPARE(featureNames(pipeline),
                 (QStringList{QStringLiteral("ax.band_bins1-5"), QStringLiteral("ax.band_bins6-32")}));
    }

    void jsonComesBackAsItWas()
    {
        for (const Pipeline& pipeline :
             {everything(), presetPipeline(QStringLiteral("motion"), imu(), 200, 100).value(),
              presetPipeline(QStringLiteral("generic"), imu(), 333, 7).value()}) {
            const QByteArray text = QJsonDocument(toJson(pipeline)).toJson();
            const auto back = pipelineFromJson(QJsonDocument::fromJson(text).object());
            QVERIFY2(back, qPrintable(back ? QString() : back.error().toString()));
            QCOMPARE(*back, pipeline);
            QCOMPARE(pipelineHash(*back), pipelineHash(pipeline));
        }
    }

    // Models carry this hash: when it changes, no stored feature cache and no deployed model fits any more.
    void theHashStaysWhatItIs()
    {
        QCOMPARE(pipelineHash(everything()),
                 QStringLiteral("cfac2899626a22919293a0ea6f6dc4cacbcfe0e864d2397fce4d97e9ad32680e"));
        Pipeline other = everything();
        other.hopRows = 99;
        QVERIFY(pipelineHash(other) != pipelineHash(everything()));
        other = everything();
        other.stream.channels[3].scale *= 1.0000001;
        QVERIFY(pipelineHash(other) != pipelineHash(everything()));
    }

    void canonicalTextIsOneText()
    {
        const QJsonObject object = {
            {QStringLiteral("b"), QJsonArray{1, 2.5, 0.1, -3, 1e300, true, QJsonValue::Null}},
            {QStringLiteral("a"), QStringLiteral("x\"\\\n\u00e4")},
            {QString(), QJsonObject()},
        };
        QCOMPARE(canonicalJson(object),
                 QByteArray("{\"\":{},\"a\":\"x\\\"\\\\\\u000a\xc3\xa4\","
                            "\"b\":[1,2.5,0.10000000000000001,-3,1.0000000000000001e+300,true,null]}"));
    }

    void peopleMayWriteNamesAndLeaveOutDefaults()
    {
        const auto blocks = blocksFromJson(
            QJsonDocument::fromJson(R"([{"block": "statistics", "channels": ["az", "gx"]}])").array(), imu());
        QVERIFY(blocks);
        QCOMPARE(*blocks, (std::vector<BlockUse>{use("statistics", {2, 3})}));
    }

    void aFileHoldsBlocksOrAWholePipeline()
    {
        const Pipeline whole = everything();
        const auto fromWhole = pipelineFromText(QJsonDocument(toJson(whole)).toJson(), {}, 0, 0);
        QVERIFY(fromWhole);
        QCOMPARE(*fromWhole, whole);
        const QByteArray blocks = QJsonDocument(blocksToJson(whole.blocks)).toJson();
        const auto fromBlocks = pipelineFromText(blocks, imu(), 200, 100);
        QVERIFY(fromBlocks);
        QCOMPARE(*fromBlocks, whole);
        for (const QByteArray& text : {QByteArray(), QByteArray("7"), QByteArray("[{]"), QByteArray("[]"),
                                       QByteArray("\xff\xfe"), blocks.left(blocks.size() / 2)}) {
            const auto refused = pipelineFromText(text, imu(), 200, 100);
            QVERIFY(!refused);
            QCOMPARE(refused.error().kind, ErrorKind::BadData);
        }
        QVERIFY(!pipelineFromText(blocks, imu(), 100, 100)); // the FFT of 128 does not fit
    }

    void wrongJsonSaysWhatIsWrong_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QJsonValue>("value");
        QTest::addColumn<QString>("word");
        const auto row = [](const char* name, const char* path, const QJsonValue& value, const char* word) {
            QTest::newRow(name) << QString::fromLatin1(path) << value << QString::fromLatin1(word);
        };
        row("missing format", "format", QJsonValue::Undefined, "format");
        row("future format", "format", 2, "format 2");
        row("window is text", "window_rows", "200", "window_rows");
        row("window is broken", "window_rows", 2.5, "window_rows");
        row("window is huge", "window_rows", 1e12, "window_rows");
        row("window is one row", "window_rows", 1, "rows");
        row("hop is zero", "hop_rows", 0, "row");
        row("unknown key", "windwo_rows", 200, "windwo_rows");
        row("no stream", "stream", QJsonValue::Undefined, "stream");
        row("blocks are text", "blocks", "statistics", "blocks");
        row("no blocks", "blocks", QJsonArray(), "blocks");
        row("block is a number", "blocks", QJsonArray{7}, "blocks[0]");
        row("unknown block", "blocks", QJsonArray{fromText(R"({"block": "fractal", "channels": [0]})")}, "fractal");
        row("unknown channel", "blocks", QJsonArray{fromText(R"({"block": "statistics", "channels": ["bx"]})")},
            "channels");
        row("channel too high", "blocks", QJsonArray{fromText(R"({"block": "statistics", "channels": [6]})")}, "6");
        row("channel twice", "blocks", QJsonArray{fromText(R"({"block": "statistics", "channels": [1, 1]})")}, "twice");
        row("no channel", "blocks", QJsonArray{fromText(R"({"block": "statistics", "channels": []})")}, "channels");
        row("too few channels", "blocks", QJsonArray{fromText(R"({"block": "correlation", "channels": [1]})")},
            "at least 2|2 to 16");
        row("unknown parameter", "blocks",
            QJsonArray{fromText(R"({"block": "spectrum", "channels": [1], "parameters": {"fft": 64}})")}, "'fft'");
        row("choice unknown", "blocks",
            QJsonArray{fromText(R"({"block": "spectrum", "channels": [1], "parameters": {"taper": "kaiser"}})")},
            "taper");
        row("set unknown", "blocks",
            QJsonArray{fromText(R"({"block": "statistics", "channels": [1], "parameters": {"statistics": ["mode"]}})")},
            "statistics");
        row("set empty", "blocks",
            QJsonArray{fromText(R"({"block": "statistics", "channels": [1], "parameters": {"statistics": []}})")},
            "nothing to compute");
        row("out of range", "blocks",
            QJsonArray{fromText(R"({"block": "spectrum", "channels": [1], "parameters": {"peaks": 9}})")}, "peaks");
        row("not a power of two", "blocks",
            QJsonArray{fromText(R"({"block": "spectrum", "channels": [1], "parameters": {"fft-size": 100}})")},
            "power of two");
        row("window too short", "blocks",
            QJsonArray{fromText(R"({"block": "spectrum", "channels": [1], "parameters": {"fft-size": 256}})")}, "256");
        row("too many bands", "blocks",
            QJsonArray{
                fromText(R"({"block": "spectrum", "channels": [1], "parameters": {"fft-size": 8, "bands": 5}})")},
            "bands");
        row("length of one", "blocks",
            QJsonArray{fromText(R"({"block": "spectrum", "channels": [1], "parameters": {"signal": "length"}})")},
            "length");
    }

    void wrongJsonSaysWhatIsWrong()
    {
        QFETCH(QString, path);
        QFETCH(QJsonValue, value);
        QFETCH(QString, word);
        QJsonObject json = toJson(everything());
        if (value.isUndefined())
            json.remove(path);
        else
            json.insert(path, value);
        const auto read = pipelineFromJson(json);
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::BadData);
        QVERIFY2(read.error().toString().contains(QRegularExpression(
                     QRegularExpression::escape(word).replace(QStringLiteral("\\|"), QStringLiteral("|")))),
                 qPrintable(read.error().toString()));
    }

    void numbersThatFloatsCannotHoldAreRefused()
    {
        Pipeline pipeline = everything();
        pipeline.stream.channels[0].scale = 1e38;
        QVERIFY(!validate(pipeline));
        pipeline = everything();
        pipeline.stream.channels[0].offset = std::numeric_limits<double>::infinity();
        QVERIFY(!validate(pipeline));
        pipeline = everything();
        pipeline.stream.rateHz = -1;
        QVERIFY(!validate(pipeline));
        pipeline = everything();
        pipeline.stream.channels.clear();
        QVERIFY(!validate(pipeline));
    }

    void usesMustBeComplete()
    {
        Pipeline pipeline = everything();
        pipeline.blocks[1].parameters.remove(QStringLiteral("taper"));
        QVERIFY(!validate(pipeline));
    }

    void setsHaveOneOrder()
    {
        const BlockUse a = use("statistics", {0}, fromText(R"({"statistics": ["rms", "mean", "mean"]})"));
        const BlockUse b = use("statistics", {0}, fromText(R"({"statistics": ["mean", "rms"]})"));
        QCOMPARE(a, b);
    }

    void presetsFitTheirStreams()
    {
        const auto motion = presetPipeline(QStringLiteral("motion"), imu(), 200, 100);
        QVERIFY(motion);
        const QStringList names = featureNames(*motion);
        QCOMPARE(names.size(), 27);
        QVERIFY(names.contains(QStringLiteral("gz.trend")));
        QVERIFY(names.contains(QStringLiteral("length(ax,ay,az).std")));
        QVERIFY(names.contains(QStringLiteral("length(gx,gy,gz).mean")));

        signal::StreamSpec accelerometer = imu();
        accelerometer.channels.resize(3);
        accelerometer.channels[0].name = QStringLiteral("accX");
        accelerometer.channels[1].name = QStringLiteral("accY");
        accelerometer.channels[2].name = QStringLiteral("accZ");
        QVERIFY(presetPipeline(QStringLiteral("motion"), accelerometer, 10, 5)); // too short for a spectrum

        signal::StreamSpec microphone = imu();
        microphone.channels.resize(1);
        microphone.channels[0].name = QStringLiteral("max level");
        const auto refused = presetPipeline(QStringLiteral("motion"), microphone, 200, 100);
        QVERIFY(!refused);
        QVERIFY(refused.error().hint.contains(QStringLiteral("generic")));
        for (int rows : {2, 15, 16, 200, 16'000})
            QVERIFY(presetPipeline(QStringLiteral("generic"), microphone, rows, rows));

        const auto unknown = presetPipeline(QStringLiteral("speech"), imu(), 200, 100);
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().kind, ErrorKind::NotFound);
        for (const QString& name : presetNames())
            QVERIFY(unknown.error().hint.contains(name));
    }
};

QTEST_GUILESS_MAIN(TestPipeline)
#include "tst_pipeline.moc"
