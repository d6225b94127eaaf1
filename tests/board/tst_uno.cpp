// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/device/board.h"
#include "core/device/capture.h"
#include "core/device/child_process.h"
#include "core/device/elf_image.h"
#include "core/device/emulator.h"
#include "core/device/flasher.h"
#include "tests/support/memory_sink.h"
#include "tests/support/verify_ok.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

// The Arduino Uno from end to end, emulated: the agent's real drivers on a simulated ATmega328P.
namespace {

constexpr int kPatienceMs = 120'000;
constexpr double kRateHz = 102.4; // nothing that the sensor's divider could give

QString countedImage()
{
    return QStringLiteral("%1/counted-arduino-uno.elf").arg(qEnvironmentVariable("EMBERLAB_TEST_IMAGES"));
}

signal::StreamSpec motionSpec(const QString& acceleration = QStringLiteral("m/s2"))
{
    signal::StreamSpec spec;
    spec.name = QStringLiteral("phone");
    spec.type = signal::SampleType::Int16;
    spec.rateHz = kRateHz;
    for (const char* name : {"ax", "ay", "az"})
        spec.channels.push_back({QString::fromLatin1(name), acceleration, 0.0, 0.0});
    for (const char* name : {"gx", "gy", "gz"})
        spec.channels.push_back({QString::fromLatin1(name), QStringLiteral("rad/s"), 0.0, 0.0});
    return spec;
}

/// Values as a phone gives them, and some beyond the sensor's range of 4 g.
std::vector<float> motion(int rows)
{
    std::mt19937 random(7);
    std::normal_distribution<float> acceleration(0, 12);
    std::normal_distribution<float> turn(0, 2);
    std::vector<float> values;
    for (int i = 0; i < rows * 6; ++i)
        values.push_back(i % 6 < 3 ? acceleration(random) : turn(random));
    values[0] = 60;
    values[1] = -60;
    return values;
}

Result<std::unique_ptr<SensorFeed>> motionFeed(FeedRecording recording, double speed = 1)
{
    SensorFeedOptions options;
    options.speed = speed;
    return SensorFeed::create(std::move(recording), options);
}

/// What an MPU-6050 set to 4 g and 2000 degrees a second makes of a value: 8192 counts for a g, 16.4 for a degree.
qint16 counts(double value, int channel)
{
    const double perUnit = channel < 3 ? 8192 / 9.80665 : 131.0 / 8 * 180 / M_PI;
    return static_cast<qint16>(std::clamp(std::round(value * perUnit), -32768.0, 32767.0));
}

QByteArray windowOfTurns(quint16 turns)
{
    QByteArray window(16 * 3 * 2, '\0');
    wire::putU16(reinterpret_cast<uint8_t*>(window.data()), turns);
    for (int i = 1; i < 48; ++i)
        wire::putU16(reinterpret_cast<uint8_t*>(window.data()) + 2 * i, static_cast<quint16>(i));
    return window;
}

} // namespace

class TestUno : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_state.isValid());
        qputenv("EMBERLAB_STATE", m_state.path().toLocal8Bit());
        const auto board = findBoard(QStringLiteral("arduino-uno"));
        VERIFY_OK(board);
        m_board = *board;
        if (!missingTool(m_board).isEmpty())
            QSKIP("emberlab-uno has not been built (libsimavr-dev is missing)");
        if (!shippedImage(m_board) || !QFile::exists(countedImage()))
            QSKIP("the firmware has not been built (no gcc-avr)");
    }

    void theAgentFits()
    {
        const auto image = readElf(*shippedImage(m_board));
        VERIFY_OK(image);
        VERIFY_OK(checkImage(*image, m_board));
        QVERIFY2(image->flashBytes() <= 6 * 1024, qPrintable(QString::number(image->flashBytes())));
        // The stack of 256 bytes included.
        QVERIFY2(image->ramBytes() <= 1'024 + 256, qPrintable(QString::number(image->ramBytes())));
    }

    void withoutARecordingThereIsNoMotionSensor()
    {
        const auto emulator = start({}, *shippedImage(m_board));
        VERIFY_OK(emulator);
        const auto session = (*emulator)->connectAgent(kPatienceMs);
        VERIFY_OK(session);
        QCOMPARE((*session)->description().board, m_board.id);
        // The analogue inputs are the chip's own, and not the first stream.
        QCOMPARE((*session)->description().streams.size(), size_t(1));
        QCOMPARE((*session)->description().streams[0].number, 1);
        QCOMPARE((*session)->description().streams[0].spec.name, QStringLiteral("adc"));
        QCOMPARE((*session)->description().cpuTickHz, m_board.clockHz);
    }

    void everyRowPassesTheSensorAndItsDriver_data()
    {
        QTest::addColumn<double>("speed");
        QTest::newRow("real time") << 1.0;
        QTest::newRow("four times the speed") << 4.0;
    }
    void everyRowPassesTheSensorAndItsDriver()
    {
        QFETCH(double, speed);
        const int rows = speed > 1 ? 1000 : 400;
        const auto recording = quantiseForFeed(motionSpec(), motion(rows));
        VERIFY_OK(recording);
        auto feed = motionFeed(*recording, speed);
        VERIFY_OK(feed);
        const auto emulator = start({std::move(*feed)}, *shippedImage(m_board));
        VERIFY_OK(emulator);

        const auto sink = std::make_shared<MemorySink>();
        signal::StreamSpec seen;
        CaptureOptions capture;
        capture.address = (*emulator)->linkAddress();
        capture.connectTimeoutMs = kPatienceMs;
        capture.timeScale = speed;
        capture.sink = [&](const BoardDescription&, const StreamDescription& stream) {
            seen = stream.spec;
            return Result<std::shared_ptr<signal::BlockSink>>(sink);
        };
        capture.sourceRows = [&] { return (*emulator)->feed()->finalRows(); };
        Capture run(capture, {});
        run.start();
        QVERIFY(run.wait(kPatienceMs));
        QCOMPARE(captureStateName(run.status().state), QStringLiteral("finished"));
        QCOMPARE(sink->rows(), rows);
        QCOMPARE(sink->ledger().lostRows(), 0);
        QCOMPARE(sink->ledger().crcErrors, 0);
        QCOMPARE(seen.channels.size(), size_t(6));
        QCOMPARE(seen.channels[0].unit, QStringLiteral("m/s2"));
        QCOMPARE(seen.channels[5].name, QStringLiteral("gz"));
        QVERIFY(std::abs(seen.channels[0].scale - 9.80665 / 8192) < 1e-9);
        QVERIFY2(std::abs(sink->ledger().measuredRateHz - kRateHz) < 1,
                 qPrintable(QString::number(sink->ledger().measuredRateHz)));

        qint64 next = 0;
        for (const signal::SampleBlock& block : sink->blocks()) {
            QCOMPARE(block.firstRow, next);
            for (qint64 row = 0; row < block.rowCount; ++row, ++next) {
                for (int c = 0; c < 6; ++c) {
                    const qint64 at = next * 6 + c;
                    const auto raw = static_cast<qint16>(
                        wire::getU16(reinterpret_cast<const uint8_t*>(recording->rows.constData()) + 2 * at));
                    const double value = raw * recording->spec.channels[static_cast<size_t>(c)].scale;
                    const auto got = static_cast<qint16>(
                        wire::getU16(reinterpret_cast<const uint8_t*>(block.rows.constData()) + 2 * (row * 6 + c)));
                    QCOMPARE(got, counts(value, c));
                }
            }
        }
        QCOMPARE(next, rows);
    }

    // The Arduino library in a sketch, with Arduino's own core: two analogue inputs that measure a file of voltages.
    void aSketchStreamsItsSensor()
    {
        const QString image = QStringLiteral(EMBERLAB_SKETCHES "/AnalogStream.elf");
        if (!QFile::exists(image))
            QSKIP("the Arduino example has not been built (no arduino-core-avr)");
        QFile volts(m_state.filePath(QStringLiteral("volts.csv")));
        QVERIFY(volts.open(QIODevice::WriteOnly));
        volts.write("a1,a0\n");
        std::set<int> low;
        for (int i = 0; i < 50; ++i) {
            volts.write("3.3," + QByteArray::number(0.1 * i, 'f', 3) + "\n");
            low.insert(100 * i * 1023 / 5000); // millivolts as a converter of 10 bits sees them
        }
        volts.close();
        const QString link = m_state.filePath(QStringLiteral("sketch.sock"));
        // Half of the sketch's rate: each voltage is seen about twice.
        const auto emulator =
            ChildProcess::start(m_board.emulator->program,
                                {QStringLiteral("--socket"), link, QStringLiteral("--analog"), volts.fileName(),
                                 QStringLiteral("--analog-rate"), QStringLiteral("50"), image},
                                {}, m_board.emulator->package);
        VERIFY_OK(emulator);

        const auto sink = std::make_shared<MemorySink>();
        BoardDescription seen;
        signal::StreamSpec spec;
        CaptureOptions capture;
        capture.address = QStringLiteral("unix://") + link;
        capture.connectTimeoutMs = kPatienceMs;
        capture.take.maxRows = 300;
        capture.sink = [&](const BoardDescription& board, const StreamDescription& stream) {
            seen = board;
            spec = stream.spec;
            return Result<std::shared_ptr<signal::BlockSink>>(sink);
        };
        Capture run(capture, {});
        run.start();
        QVERIFY2(run.wait(kPatienceMs), qPrintable((*emulator)->output()));
        QCOMPARE(captureStateName(run.status().state), QStringLiteral("finished"));
        QCOMPARE(seen.board, QStringLiteral("arduino-uno"));
        QCOMPARE(spec.name, QStringLiteral("analog"));
        QCOMPARE(spec.channels.size(), size_t(2));
        QCOMPARE(spec.channels[1].name, QStringLiteral("a1"));
        QCOMPARE(spec.channels[1].unit, QStringLiteral("V"));
        QCOMPARE(spec.rateHz, 100.0);
        QCOMPARE(sink->rows(), 300);
        QCOMPARE(sink->ledger().lostRows(), 0);
        QCOMPARE(sink->ledger().crcErrors, 0);

        std::set<int> found;
        for (const signal::SampleBlock& block : sink->blocks()) {
            for (qint64 row = 0; row < block.rowCount; ++row) {
                const auto* at = reinterpret_cast<const uint8_t*>(block.rows.constData()) + 4 * row;
                QVERIFY(low.contains(wire::getU16(at)));
                found.insert(wire::getU16(at));
                QCOMPARE(wire::getU16(at + 2), 3300 * 1023 / 5000);
            }
        }
        QCOMPARE(found.size(), low.size()); // all voltages came by
    }

    void aRecordingThatIsNoMotionIsRefusedWithWords()
    {
        signal::StreamSpec spec;
        spec.name = QStringLiteral("room");
        spec.type = signal::SampleType::Int16;
        spec.rateHz = 10;
        spec.channels.push_back({QStringLiteral("temperature"), QStringLiteral("degC"), 0.5, 0.0});
        auto feed = motionFeed({spec, QByteArray(200, '\1')});
        VERIFY_OK(feed);
        const auto emulator = start({std::move(*feed)}, *shippedImage(m_board));
        Error error;
        if (!emulator)
            error = emulator.error();
        else if (const auto session = (*emulator)->connectAgent(kPatienceMs); !session)
            error = session.error();
        QCOMPARE(error.kind, ErrorKind::Board);
        QVERIFY2(error.hint.contains(QStringLiteral("temperature")), qPrintable(error.toString()));
    }

    // Over a quarter of a million cycles the timer overflows four times, and its interrupts must not show.
    void cyclesAreCountedExactly()
    {
        const auto emulator = start({}, countedImage(), 10);
        VERIFY_OK(emulator);
        const auto session = (*emulator)->connectAgent(kPatienceMs);
        VERIFY_OK(session);
        QVERIFY((*session)->description().model);
        QCOMPARE((*session)->description().model->name, QStringLiteral("counted"));
        QCOMPARE((*session)->description().model->classNames,
                 (QStringList{QStringLiteral("short"), QStringLiteral("long")}));
        std::optional<qint64> fixedPart[2]; // for either answer: a branch that is taken costs a cycle more
        std::optional<quint32> extractPart;
        quint32 row = 0;
        for (const int turns : {1, 1000, 2, 16'383, 16'384, 65'535, 40'000, 17, 65'535, 1}) {
            const QByteArray window = windowOfTurns(static_cast<quint16>(turns));
            const auto out = (*session)->runVector(row++, VectorKind::Window, window,
                                                   wire::kWantFeatures | wire::kWantOutputs, {kPatienceMs, 1});
            VERIFY_OK(out);
            qint32 sum = static_cast<qint16>(turns);
            for (int i = 1; i < 48; ++i)
                sum += i;
            QCOMPARE(out->outputs.integers(), (std::vector<qint32>{sum, 3}));
            QCOMPARE(out->winner, turns > 1000 ? 1 : 0);
            const qint64 rest = qint64(out->modelTicks) - 4 * turns;
            std::optional<qint64>& known = fixedPart[out->winner];
            known = known.value_or(rest);
            QCOMPARE(rest, *known);
            extractPart = extractPart.value_or(out->featureTicks);
            QCOMPARE(out->featureTicks, *extractPart);
            QVERIFY2(out->stackBytes >= 100 && out->stackBytes <= 164, qPrintable(QString::number(out->stackBytes)));
        }
        QVERIFY2(*fixedPart[0] > 20 && *fixedPart[0] < 150, qPrintable(QString::number(*fixedPart[0])));
        QVERIFY(std::abs(*fixedPart[0] - *fixedPart[1]) <= 1);
        qInfo("model %lld + 4 a turn, features %u cycles", static_cast<long long>(*fixedPart[0]), *extractPart);
    }

    // Rows and results come over the same link; every result is that of the rows it names.
    void aModelRunsOnTheStream()
    {
        constexpr int kChannels = 3;
        constexpr int kRows = 16;
        constexpr size_t kResults = 10;
        const auto recording = quantiseForFeed(motionSpec(), motion(400));
        VERIFY_OK(recording);
        auto feed = motionFeed(*recording);
        VERIFY_OK(feed);
        const auto emulator = start({std::move(*feed)}, countedImage());
        VERIFY_OK(emulator);
        const auto session = (*emulator)->connectAgent(kPatienceMs);
        VERIFY_OK(session);
        QTRY_VERIFY_WITH_TIMEOUT((*session)->describe() && (*session)->description().streams.size() == 1, kPatienceMs);
        // A model of three channels makes the sensor give three.
        QCOMPARE((*session)->description().streams[0].spec.channels.size(), size_t(kChannels));

        QByteArray rows;
        QList<QByteArray> results;
        (*session)->setFrameHandler([&](const Frame& frame, qint64) {
            if (frame.type() == wire::MessageType::Samples)
                rows += frame.payload.mid(wire::SamplesHeader::kSize);
            else if (frame.type() == wire::MessageType::Inference)
                results << frame.payload;
        });
        VERIFY_OK((*session)->start(0, wire::kStartSamples | wire::kStartInference, {kPatienceMs, 1}));
        const QDeadlineTimer deadline(kPatienceMs);
        while (results.size() < qsizetype(kResults) && !deadline.hasExpired())
            QVERIFY((*session)->poll(100));
        VERIFY_OK((*session)->stop());
        QVERIFY(results.size() >= qsizetype(kResults));
        for (const QByteArray& result : std::as_const(results)) {
            const auto* at = reinterpret_cast<const uint8_t*>(result.constData());
            const qint64 end = wire::InferenceHeader::unpack(at).endRow;
            QVERIFY(end >= kRows && end * kChannels * 2 <= rows.size());
            qint32 sum = 0;
            for (qint64 i = (end - kRows) * kChannels; i < end * kChannels; ++i)
                sum += static_cast<qint16>(wire::getU16(reinterpret_cast<const uint8_t*>(rows.constData()) + 2 * i));
            QCOMPARE(static_cast<qint32>(wire::getU32(at + wire::InferenceHeader::kSize)), sum);
        }
    }

    void avrdudeFlashesTheBoard()
    {
        if (!programExists(QStringLiteral("avrdude")))
            QSKIP("avrdude is not installed");
        if (!resourceExists())
            QSKIP("the bootloader has not been built (arduino-core-avr is missing)");
        const auto flasher = makeFlasher(m_board);
        VERIFY_OK(flasher);
        QCOMPARE((*flasher)->info().tool, QStringLiteral("avrdude"));
        QVERIFY(!(*flasher)->info().needsPort);
        FlashRequest request;
        request.image = countedImage();
        request.bootTimeoutMs = kPatienceMs;
        request.dryRun = true;
        auto report = (*flasher)->flash(request);
        VERIFY_OK(report);
        QVERIFY(!report->verified);
        QCOMPARE(*currentImage(m_board), *shippedImage(m_board)); // nothing changed

        QStringList stages;
        qint64 last = 0;
        bool backwards = false;
        request.onEvent = [&](const FlashEvent& event) {
            const QString name = flashStageName(event.stage);
            if (stages.isEmpty() || stages.last() != name)
                stages << name;
            else
                backwards = backwards || event.done < last;
            last = event.done;
        };
        request.dryRun = false;
        report = (*flasher)->flash(request);
        VERIFY_OK(report);
        QVERIFY(report->verified);
        QVERIFY(!backwards);
        QCOMPARE(report->tool, QStringLiteral("avrdude"));
        QCOMPARE(report->buildId, readElf(countedImage())->buildId);
        QCOMPARE(stages, (QStringList{QStringLiteral("check"), QStringLiteral("write"), QStringLiteral("verify"),
                                      QStringLiteral("boot")}));
        const QString kept = *currentImage(m_board);
        QVERIFY(kept.startsWith(m_state.path()));
        QCOMPARE(readElf(kept)->buildId, report->buildId);

        // Cancelled while it writes: the board keeps what it has.
        CancelSource cancel;
        request.image = *shippedImage(m_board);
        request.cancel = cancel.token();
        request.onEvent = [&](const FlashEvent& event) {
            if (event.stage == FlashEvent::Stage::Write && event.done > 0)
                cancel.cancel();
        };
        report = (*flasher)->flash(request);
        QVERIFY(!report);
        QCOMPARE(report.error().kind, ErrorKind::Cancelled);
        QCOMPARE(readElf(*currentImage(m_board))->buildId, readElf(countedImage())->buildId);
    }

private:
    struct Sensor
    {
        std::unique_ptr<SensorFeed> feed;
    };

    Result<std::unique_ptr<Emulator>> start(Sensor sensor, const QString& image, std::optional<int> shift = {})
    {
        EmulatorOptions options;
        options.image = image;
        options.icountShift = shift;
        options.feed = std::move(sensor.feed);
        options.startTimeoutMs = kPatienceMs;
        return Emulator::start(m_board, std::move(options));
    }
    bool resourceExists() const
    {
        return QFile::exists(qEnvironmentVariable("EMBERLAB_RESOURCES") + QLatin1Char('/') +
                             m_board.emulator->bootloader);
    }

    QTemporaryDir m_state;
    Board m_board;
};

QTEST_GUILESS_MAIN(TestUno)
#include "tst_uno.moc"
