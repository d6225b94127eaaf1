// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/quantity.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_reader.h"
#include "core/device/board.h"
#include "core/device/capture.h"
#include "core/device/flasher.h"
#include "core/workflow/record_boards.h"
#include "tests/support/host_board.h"
#include "tests/support/link_proxy.h"
#include "tests/support/numbered_rows.h"
#include "tests/support/pty_pair.h"

#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <thread>

using namespace ember;
using namespace ember::test;
using namespace ember::workflow;

class TestRecord : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_project = m_folder->filePath(QStringLiteral("p.ember"));
        QVERIFY(dataset::Project::create(m_project));
    }

    // Stopping waits for the acquisition thread, however long that needs, and everything that came is there. Run under
    // the thread sanitizer this also proves that nobody else touches the writer meanwhile.
    void cancellingWhileTheProjectIsLockedLosesNothing()
    {
        SocketPair pair;
        const LinkProxy proxy(pair.takeHostEnd());
        const HostBoard board(pair.boardEnd(), {.session = 1});
        auto other = dataset::Project::open(m_project);
        QVERIFY(other);

        RecordRequest request;
        request.project = m_project;
        request.source.port = proxy.address();
        CancelSource source;
        Hooks hooks;
        hooks.cancel = source.token();
        std::atomic_int reports = 0;
        hooks.progress = [&reports](const Progress&) { ++reports; };
        std::optional<Result<RecordOutcome>> outcome;
        std::thread recorder([&] { outcome = record(request, hooks); });

        bool locked = false;
        {
            // Locked in the middle of the recording, so that rows wait when it is cancelled.
            const bool streaming = QTest::qWaitFor(
                [&] {
                    const auto rows = other->recordings().list();
                    return rows && !rows->empty() && rows->front().endRow > 100;
                },
                60'000);
            const auto transaction = dataset::Transaction::begin(other->database());
            locked = streaming && transaction;
            const int before = reports;
            (void)QTest::qWaitFor([&] { return reports > before + 10; }, 60'000);
            source.cancel();
            const int atCancel = reports;
            (void)QTest::qWaitFor([&] { return reports > atCancel + 2 || outcome; }, 1000);
        }
        recorder.join();
        QVERIFY(locked);
        QVERIFY(outcome);
        QVERIFY2(*outcome, qPrintable(*outcome ? QString() : outcome->error().toString()));
        QVERIFY2(!(*outcome)->endedBy, qPrintable((*outcome)->endedBy ? (*outcome)->endedBy->toString() : QString()));
        const dataset::Recording recording = (*outcome)->recording;
        QCOMPARE(recording.state, dataset::RecordingState::Finished);
        QCOMPARE(recording.rowCount, recording.endRow);
        QCOMPARE(recording.ledger.lostRows(), 0);
        const auto reader = dataset::RecordingReader::open(*other, recording.id);
        QVERIFY(reader);
        QCOMPARE(reader->window(0, recording.rowCount).value(), numberedRows(0, recording.rowCount));
    }

    // Two sensors, two rates: each stream is a recording of its own, with its own rows and labels.
    void everyStreamBecomesARecording()
    {
        const auto board = device::findBoard(QStringLiteral("mps2-an386"));
        QVERIFY(board);
        if (!device::missingTool(*board).isEmpty() || !device::shippedImage(*board))
            QSKIP("no emulator is installed, or the firmware has not been built (no cross-compiler)");
        FeedFile fast;
        fast.recording = {numberedSpec(400), numberedRows(0, 800)};
        fast.segments = {{QStringLiteral("walk"), 100, 700}};
        FeedFile slow;
        slow.recording = {numberedSpec(20, 1), numberedRows(0, 1000, 1)};
        slow.segments = {{QStringLiteral("warm"), 5, 15}};
        slow.name = QStringLiteral("temperature");
        RecordRequest request;
        request.project = m_project;
        request.source.board = board->id;
        request.source.image = device::shippedImage(*board).value();
        request.source.feed = std::make_shared<const FeedFile>(fast);
        request.source.secondFeed = std::make_shared<const FeedFile>(slow);
        request.streams = {QString::fromLatin1(device::kAllStreams)};
        request.name = QStringLiteral("trip");
        const auto outcome = record(request);
        QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().toString()));
        QVERIFY(!outcome->endedBy);
        QCOMPARE(outcome->others.size(), size_t(1));
        const dataset::Recording& main = outcome->recording;
        const dataset::Recording& other = outcome->others[0].recording;
        QCOMPARE(main.name, QStringLiteral("trip"));
        QCOMPARE(main.stream.rateHz, 400.0);
        QCOMPARE(main.rowCount, 800);
        QCOMPARE(other.name, QStringLiteral("trip (sensor2)"));
        QCOMPARE(other.stream.rateHz, 20.0);
        QCOMPARE(other.stream.channels.size(), size_t(1));
        QCOMPARE(other.state, dataset::RecordingState::Finished);
        QCOMPARE(other.metadata.value(QStringLiteral("recorded_with")).toInteger(), main.id.value);
        // Both sensors begin with the board's streams, by two requests in a row.
        const QJsonValue after = other.metadata.value(QStringLiteral("begins_after_s"));
        QVERIFY2(after.isDouble() && std::abs(after.toDouble()) < 1, qPrintable(QString::number(after.toDouble())));
        QCOMPARE(outcome->others[0].beginsAfterSeconds, after.toDouble());
        QCOMPARE(other.metadata.value(QStringLiteral("feed")).toString(), slow.name);
        QCOMPARE(main.ledger.lostRows() + other.ledger.lostRows(), 0);
        QVERIFY2(other.rowCount >= 20, qPrintable(QString::number(other.rowCount)));
        QCOMPARE(outcome->segments, 1);
        QCOMPARE(outcome->others[0].segments, 1);
        const auto project = dataset::Project::open(m_project);
        QVERIFY(project);
        const auto reader = dataset::RecordingReader::open(*project, other.id);
        QVERIFY(reader);
        QCOMPARE(reader->window(0, other.rowCount).value(), numberedRows(0, other.rowCount, 1));
    }

    // The samples are there though nothing can be done with the label: of both streams, and sealed.
    void whatFailsAfterwardsLeavesEveryStreamWhole()
    {
        PtyPair cable;
        const HostBoard board(cable.master(), {.rateHz = 1000, .secondRateHz = 100});
        RecordRequest request;
        request.project = m_project;
        request.source.port = cable.path();
        request.streams = {QString::fromLatin1(device::kAllStreams)};
        request.seconds = 0.5;
        request.label = QStringLiteral(" ");
        const auto outcome = record(request);
        QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().toString()));
        QVERIFY(outcome->endedBy && outcome->endedBy->message.contains(QStringLiteral("label")));
        QCOMPARE(outcome->segments, 0);
        QCOMPARE(outcome->recording.rowCount, 500);
        QCOMPARE(outcome->others.size(), size_t(1));
        const auto project = dataset::Project::open(m_project);
        QVERIFY(project);
        const auto recordings = project->recordings().list();
        QVERIFY(recordings && recordings->size() == 2);
        for (const dataset::Recording& recording : *recordings)
            QCOMPARE(recording.state, dataset::RecordingState::Finished);
        const QJsonObject kept = recordings->back().metadata;
        QCOMPARE(kept.value(QLatin1String(dataset::kRecordedWith)).toInteger(), outcome->recording.id.value);
        QVERIFY(kept.value(QStringLiteral("begins_after_s")).isDouble());
    }

    void timeBetweenRecordingsIsOfTheStream()
    {
        QCOMPARE(beginsAfter(2'000'000'000, 5'000'000'000), 3.0);
        QCOMPARE(beginsAfter(5'000'000'000, 2'000'000'000, 4), -12.0); // a feed at four times the speed
        QCOMPARE(beginsAfter(0, 5'000'000'000), 0.0);
    }

    void severalBoardsAreRecordedAtOnce()
    {
        PtyPair firstCable;
        PtyPair secondCable;
        const auto requestFor = [this](const QString& port) {
            RecordRequest request;
            request.project = m_project;
            request.source.port = port;
            request.seconds = 1;
            request.label = QStringLiteral("walk");
            return request;
        };
        const HostBoard first(firstCable.master(), {.rateHz = 1000});
        std::unique_ptr<HostBoard> second;
        // One is switched on when another is being recorded, and the first to be named is not there at all.
        std::thread late([&] {
            const auto watched = dataset::Project::open(m_project);
            for (int tries = 0; watched && tries < 500; ++tries) {
                const auto recordings = watched->recordings().list();
                if (recordings && !recordings->empty() && recordings->front().endRow > 100)
                    break;
                QThread::msleep(20);
            }
            second = std::make_unique<HostBoard>(secondCable.master(), HostBoardOptions{.rateHz = 500, .channels = 2});
        });
        std::mutex mutex;
        QStringList details;
        const auto outcomes = recordBoards({requestFor(QStringLiteral("/dev/pts/does-not-exist")),
                                            requestFor(firstCable.path()), requestFor(secondCable.path())},
                                           {[&](const Progress& progress) {
                                                const std::lock_guard lock(mutex);
                                                details << progress.detail;
                                            },
                                            {}});
        late.join();
        QCOMPARE(outcomes.size(), size_t(3));
        QVERIFY(!outcomes[0] && outcomes[0].error().kind == ErrorKind::Board);
        QVERIFY2(outcomes[1], qPrintable(outcomes[1] ? QString() : outcomes[1].error().toString()));
        QVERIFY2(outcomes[2], qPrintable(outcomes[2] ? QString() : outcomes[2].error().toString()));
        const dataset::Recording& one = outcomes[1]->recording;
        const dataset::Recording& two = outcomes[2]->recording;
        QCOMPARE(one.rowCount, 1000);
        QCOMPARE(two.rowCount, 500);
        QCOMPARE(two.stream.channels.size(), size_t(2));
        QCOMPARE(outcomes[1]->segments + outcomes[2]->segments, 2);
        QCOMPARE(outcomes[1]->beginsAfterSeconds, 0.0);
        QVERIFY2(outcomes[2]->beginsAfterSeconds > 0 && outcomes[2]->beginsAfterSeconds < 15,
                 qPrintable(QString::number(outcomes[2]->beginsAfterSeconds)));
        const auto project = dataset::Project::open(m_project);
        QVERIFY(project);
        const QJsonObject kept = project->recordings().get(two.id)->metadata;
        QCOMPARE(kept.value(QLatin1String(dataset::kRecordedBeside)).toInteger(), one.id.value);
        QVERIFY(!kept.contains(QLatin1String(dataset::kRecordedWith))); // it is no further stream of the same board
        QCOMPARE(kept.value(QStringLiteral("begins_after_s")).toDouble(), outcomes[2]->beginsAfterSeconds);
        for (const auto& [id, channels] : {std::pair(one.id, 3), std::pair(two.id, 2)}) {
            const auto reader = dataset::RecordingReader::open(*project, id);
            QVERIFY(reader);
            const qint64 rows = project->recordings().get(id)->rowCount;
            const QByteArray bytes = reader->window(0, rows).value();
            qint64 begin = 0; // the first row that was kept is not the sensor's first
            while (begin < 65'536 && !bytes.startsWith(numberedRows(begin, 1, channels)))
                ++begin;
            QCOMPARE(bytes, numberedRows(begin, rows, channels));
        }
        // Each has its word, the one that failed its reason to the end.
        QVERIFY2(details.last().startsWith(QStringLiteral("1: ") + outcomes[0].error().message) &&
                     details.last().contains(QStringLiteral("; 3: 500 rows")),
                 qPrintable(details.last()));
    }

    void numbersThatMakeNoSenseAreRefused_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<double>("speed");
        QTest::addColumn<double>("rate");
        const double nan = std::nan("");
        const double infinity = std::numeric_limits<double>::infinity();
        QTest::newRow("no number of seconds") << nan << 1.0 << 0.0;
        QTest::newRow("endless") << infinity << 1.0 << 0.0;
        QTest::newRow("before it began") << -1.0 << 1.0 << 0.0;
        QTest::newRow("longer than anything") << 1e300 << 1.0 << 0.0;
        QTest::newRow("no speed") << 1.0 << nan << 0.0;
        QTest::newRow("standing still") << 1.0 << 0.0 << 0.0;
        QTest::newRow("backwards") << 1.0 << -1.0 << 0.0;
        QTest::newRow("faster than anything") << 1.0 << 1e300 << 0.0;
        QTest::newRow("infinitely fast") << 1.0 << infinity << 0.0;
        QTest::newRow("no rate") << 1.0 << 1.0 << nan;
        QTest::newRow("rate below zero") << 1.0 << 1.0 << -1.0;
        QTest::newRow("rate beyond any sensor") << 1.0 << 1.0 << 1e300;
    }
    void numbersThatMakeNoSenseAreRefused()
    {
        QFETCH(double, seconds);
        QFETCH(double, speed);
        QFETCH(double, rate);
        RecordRequest request;
        request.project = m_project;
        request.source.board = QStringLiteral("mps2-an386");
        request.source.speed = speed;
        request.source.rateHz = rate;
        request.seconds = seconds;
        const auto outcome = record(request);
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().kind, ErrorKind::Usage);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_project;
};

QTEST_GUILESS_MAIN(TestRecord)
#include "tst_record.moc"
