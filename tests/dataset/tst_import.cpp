// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/resources.h"
#include "core/dataset/formats/elan_text.h"
#include "core/dataset/importer.h"
#include "core/dataset/recording_reader.h"
#include "core/signal/npy.h"
#include "samples.h"

#include <QDir>
#include <QRandomGenerator>

#include <cstring>

using namespace ember;
using namespace ember::dataset;
using test::floatsOf;
using test::mentions;

class TestImport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath(QStringLiteral("walk.03.csv"));
    }

    void labelsSubjectsAndSessionsAreFound()
    {
        write("timestamp_ms,ax,ay,label,subject,session\n"
              "1657533977000,9.8,0.1,SIT,s01,01\n"
              "1657533977010,9.7,0.2,SIT,s01,01\n"
              "1657533977020,9.9,0.3,WALK,s01,01\n"
              "1657533979000,9.8,0.4,WALK,s01,02\n"
              "1657533979010,9.6,0.5,,s01,02\n"
              "1657533990000,9.8,0.6,SIT,s02,01\n"
              "1657533990010,9.8,0.7,SIT,s02,01\n");
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        QCOMPARE(file->recordings.size(), std::size_t{3});
        const ImportedRecording& first = file->recordings[0];
        QCOMPARE(first.about.name, QStringLiteral("walk.03-s01-01"));
        QCOMPARE(first.about.group, (Group{QStringLiteral("s01"), GroupKind::Subject}));
        QCOMPARE(first.about.metadata.value(QStringLiteral("session")).toString(), QStringLiteral("01"));
        QCOMPARE(first.about.stream.rateHz, 100.0);
        QCOMPARE(first.about.stream.channels.size(), std::size_t{2});
        QCOMPARE(first.about.stream.channels[0].name, QStringLiteral("ax"));
        QCOMPARE(first.about.stream.channels[0].unit, QStringLiteral("m/s2"));
        QCOMPARE(floatsOf(first), (std::vector<float>{9.8f, 0.1f, 9.7f, 0.2f, 9.9f, 0.3f}));
        QCOMPARE(first.segments.size(), std::size_t{2});
        QCOMPARE(first.segments[1].label, QStringLiteral("WALK"));
        QCOMPARE(first.segments[1].begin, 2);
        QCOMPARE(first.segments[1].end, 3);
        QCOMPARE(file->recordings[1].segments.size(), std::size_t{1});
        QCOMPARE(file->recordings[2].about.group.name, QStringLiteral("s02"));
        QVERIFY(mentions(file->warnings, "m/s2"));
    }

    void sessionsMayStayTogether()
    {
        write("time_s,v,session\n0,1,a\n0.5,2,a\n1.0,3,b\n1.5,4,b\n");
        ImportOptions options;
        options.recordingPerSession = false;
        const auto file = readSignals(m_file, options);
        VERIFY_OK(file);
        QCOMPARE(file->recordings.size(), std::size_t{1});
        QCOMPARE(file->recordings[0].about.name, QStringLiteral("walk.03"));
        QCOMPARE(file->recordings[0].about.stream.rateHz, 2.0);
        QCOMPARE(floatsOf(file->recordings[0]).size(), std::size_t{4});
    }

    void gapsInTimeAreGapsInRows()
    {
        write("t_ms,v\n0,1\n10,2\n20,3\n3020,4\n3030,5\n");
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        const ImportedRecording& recording = file->recordings[0];
        QCOMPARE(recording.blocks.size(), std::size_t{2});
        QCOMPARE(recording.blocks[1].firstRow, 302);
        QCOMPARE(recording.blocks[1].deviceMicros, 3'020'000);
        QCOMPARE(recording.about.stream.rateHz, 100.0);
    }

    void unreadableLinesInATimedFileAreMissingOnce()
    {
        // 200 lines of 10 ms: longer than what counts as a gap of the time stamps.
        QByteArray text = "t_ms,v\n";
        for (int row = 0; row < 600; ++row)
            text += QByteArray::number(row * 10) + (row >= 200 && row < 400 ? ",oops\n" : ",1\n");
        write(text);
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        QCOMPARE(file->recordings[0].blocks.size(), std::size_t{2});
        QCOMPARE(file->recordings[0].blocks[1].firstRow, 400);
        QCOMPARE(file->recordings[0].blocks[1].endRow(), 600);
    }

    void badLinesAreCountedNamedAndLeftAsGaps()
    {
        write("t_ms,v,label\n0,1,a\n10,oops,a\n20,3,a\n30\n40,5,a\nlater,6,a\n60,7,a\n");
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        const ImportedRecording& recording = file->recordings[0];
        QCOMPARE(floatsOf(recording), (std::vector<float>{1, 3, 5, 7}));
        QCOMPARE(recording.blocks.back().endRow(), 7);
        QCOMPARE(recording.blocks.size(), std::size_t{4});
        QCOMPARE(recording.segments.size(), std::size_t{1});
        QCOMPARE(recording.segments[0].end, 7);
        QVERIFY(mentions(file->warnings, "3 lines"));
        QVERIFY(mentions(file->warnings, "3, 5, 7"));
    }

    void aClockThatRestartsBeginsARecording()
    {
        write("timestamp_ms,v\n0,1\n20,2\n40,3\n60000,9\n60020,9\n0,4\n20,5\n");
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        QCOMPARE(file->recordings.size(), std::size_t{2});
        QCOMPARE(file->recordings[1].about.name, QStringLiteral("walk.03 (2)"));
        QCOMPARE(floatsOf(file->recordings[1]), (std::vector<float>{4, 5}));
        QVERIFY(mentions(file->warnings, "steps back"));
    }

    void columnsAreTakenForWhatTheyAre_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("channels");
        QTest::addColumn<QStringList>("units");
        QTest::addColumn<double>("rate");
        const QStringList none;
        QTest::newRow("no header") << QByteArray("1,2\n3,4\n") << QStringList{"ch0", "ch1"} << QStringList{"", ""}
                                   << 0.0;
        QTest::newRow("units in the header") << QByteArray("time_s,Power (W),U [V]\n0,1,2\n1,3,4\n2,3,4\n")
                                             << QStringList{"Power", "U"} << QStringList{"W", "V"} << 1.0;
        QTest::newRow("index column")
            << QByteArray(",ctime,p,label\n0,2020-01-18 02:00:00,0.5,0\n1,2020-01-18 02:01:00,0.5,0\n"
                          "2,2020-01-18 02:02:00,0.5,1\n")
            << QStringList{"p"} << QStringList{""} << 0.0166667;
        QTest::newRow("words are passed over")
            << QByteArray("v,note\n1,x\n2,y\n") << QStringList{"v"} << QStringList{""} << 0.0;
        QTest::newRow("American dates") << QByteArray(
                                               "time,v\n3/19/2020 16:00,1\n3/19/2020 16:01,2\n3/19/2020 16:02,2\n")
                                        << QStringList{"v"} << QStringList{""} << 0.0166667;
        QTest::newRow("unreadable dates")
            << QByteArray("time,v\nnoon,1\nlater,2\n") << QStringList{"v"} << QStringList{""} << 0.0;
        QTest::newRow("microseconds") << QByteArray("time_us,v\n0,1\n1000,2\n2000,3\n") << QStringList{"v"}
                                      << QStringList{""} << 1000.0;
        QTest::newRow("epoch nanoseconds") << QByteArray("timestamp,v\n1657533977000000000,1\n1657533977010000000,2\n")
                                           << QStringList{"v"} << QStringList{""} << 100.0;
        QTest::newRow("g and degrees") << QByteArray("acc_x,acc_y,acc_z,gyr_x\n0.1,0.1,1.0,20\n0.1,0.1,1.0,-90\n")
                                       << QStringList{"acc_x", "acc_y", "acc_z", "gyr_x"}
                                       << QStringList{"g", "g", "g", "deg/s"} << 0.0;
        QTest::newRow("German") << QByteArray("Zeit;v\n1,5;2,5\n1,6;2,75\n") << QStringList{"Zeit", "v"}
                                << QStringList{"", ""} << 0.0;
    }
    void columnsAreTakenForWhatTheyAre()
    {
        QFETCH(QByteArray, text);
        QFETCH(QStringList, channels);
        QFETCH(QStringList, units);
        QFETCH(double, rate);
        write(text);
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        QStringList foundChannels;
        QStringList foundUnits;
        for (const signal::Channel& channel : file->recordings[0].about.stream.channels) {
            foundChannels << channel.name;
            foundUnits << channel.unit;
        }
        QCOMPARE(foundChannels, channels);
        QCOMPARE(foundUnits, units);
        QCOMPARE(file->recordings[0].about.stream.rateHz, rate);
    }

    void filesThatAreNotForImport_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("kind");
        QTest::newRow("empty") << QByteArray() << static_cast<int>(ErrorKind::Unsupported);
        QTest::newRow("binary") << QByteArray("RIFF\x00\x01\x02", 7) << static_cast<int>(ErrorKind::Unsupported);
        QTest::newRow("prose") << QByteArray("Dear all,\nthe data is late.\n")
                               << static_cast<int>(ErrorKind::Unsupported);
        QTest::newRow("broken array") << QByteArrayLiteral("\x93NUMPY\x01") << static_cast<int>(ErrorKind::BadData);
    }
    void filesThatAreNotForImport()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, kind);
        write(bytes);
        const auto file = readSignals(m_file);
        QVERIFY(!file);
        QCOMPARE(static_cast<int>(file.error().kind), kind);
        QVERIFY(!file.error().message.isEmpty());
    }

    void theFormatIsChosenWithAReason()
    {
        write("t_ms,v\n0,1\n10,2\n");
        const auto chosen = chooseImporter(m_file, {});
        VERIFY_OK(chosen);
        QCOMPARE(chosen->importer->id(), QStringLiteral("csv"));
        QVERIFY(chosen->reason.contains(QStringLiteral("comma")));
        ImportOptions options;
        options.format = QStringLiteral("fax");
        const auto unknown = chooseImporter(m_file, options);
        QCOMPARE(unknown.error().kind, ErrorKind::Usage);
        QVERIFY(unknown.error().hint.contains(QStringLiteral("npy")));
        QCOMPARE(chooseImporter(QStringLiteral("/no/file.csv"), {}).error().kind, ErrorKind::NotFound);
    }

    void arraysKeepTheirType()
    {
        const QString path = m_folder->filePath(QStringLiteral("2025_snake.npy"));
        VERIFY_OK(signal::writeNpy(path, signal::NpyArray::of(std::vector<qint16>{1, -2, 3, -4, 5, -6}, {2, 3})));
        ImportOptions options;
        options.rateHz = 100.0;
        options.labelPattern = QStringLiteral("_([a-z]+)$");
        const auto file = readSignals(path, options);
        VERIFY_OK(file);
        const ImportedRecording& recording = file->recordings[0];
        QCOMPARE(recording.about.stream.type, signal::SampleType::Int16);
        QCOMPARE(recording.about.stream.rateHz, 100.0);
        QCOMPARE(floatsOf(recording), (std::vector<float>{1, -2, 3, -4, 5, -6}));
        QCOMPARE(recording.segments.size(), std::size_t{1});
        QCOMPARE(recording.segments[0].label, QStringLiteral("snake"));
        QCOMPARE(recording.segments[0].end, 2);

        VERIFY_OK(signal::writeNpy(path, signal::NpyArray::of(std::vector<double>{0.5, 1.5}, {2})));
        const auto doubles = readSignals(path);
        QCOMPARE(doubles->recordings[0].about.stream.type, signal::SampleType::Float32);
        QVERIFY(mentions(doubles->warnings, "float64"));
        QVERIFY(mentions(doubles->warnings, "rate"));
        VERIFY_OK(signal::writeNpy(path, signal::NpyArray::of(std::vector<qint64>{1, qint64{1} << 40}, {2})));
        QCOMPARE(readSignals(path)->recordings[0].about.stream.type, signal::SampleType::Float32);
        VERIFY_OK(signal::writeNpy(path, signal::NpyArray::of(std::vector<qint64>{1, 2}, {2})));
        QCOMPARE(readSignals(path)->recordings[0].about.stream.type, signal::SampleType::Int32);
        VERIFY_OK(signal::writeNpy(path, signal::NpyArray::of(std::vector<float>(8), {2, 2, 2})));
        QCOMPARE(readSignals(path).error().kind, ErrorKind::Unsupported);
        VERIFY_OK(signal::writeNpy(path, signal::NpyArray::of(std::vector<float>(), {0, 3})));
        QCOMPARE(readSignals(path).error().kind, ErrorKind::BadData);
    }

    void anArrayThatWasCutOffGivesItsWholeRows()
    {
        m_file = m_folder->filePath(QStringLiteral("cut.npy"));
        write(signal::npyBytes(signal::NpyArray::of(std::vector<qint16>{1, 2, 3, 4, 5, 6}, {3, 2})).chopped(3));
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        QCOMPARE(floatsOf(file->recordings[0]), (std::vector<float>{1, 2, 3, 4}));
        QVERIFY(mentions(file->warnings, "1 of 3 rows"));
    }

    void optionsOverruleTheFile()
    {
        write("t_ms,v,label,subject\n0,1,a,s1\n10,2,b,s1\n20,3,b,s2\n");
        ImportOptions options;
        options.label = QStringLiteral("walk");
        options.group = QStringLiteral("board 7");
        options.groupKind = GroupKind::Device;
        const auto file = readSignals(m_file, options);
        VERIFY_OK(file);
        QCOMPARE(file->recordings.size(), std::size_t{2});
        for (const ImportedRecording& recording : file->recordings) {
            QCOMPARE(recording.about.group, (Group{QStringLiteral("board 7"), GroupKind::Device}));
            QCOMPARE(recording.segments.size(), std::size_t{1});
            QCOMPARE(recording.segments[0].label, QStringLiteral("walk"));
        }
        options.labelPattern = QStringLiteral("(");
        options.label.clear();
        QCOMPARE(readSignals(m_file, options).error().kind, ErrorKind::Usage);
    }

    void everythingOfAFileGoesIntoTheProjectOrNothing()
    {
        write("t_ms,v,label,session\n0,1,a,1\n10,2,b,1\n20,3,b,2\n30,4,b,2\n");
        auto project = Project::create(m_folder->filePath(QStringLiteral("p.ember")));
        CancelSource cancel;
        cancel.cancel();
        QCOMPARE(importFile(*project, m_file, {}, {}, cancel.token()).error().kind, ErrorKind::Cancelled);
        QCOMPARE(project->info()->recordings, 0);

        double last = 0;
        const auto report = importFile(*project, m_file, {}, [&last](const Progress& p) { last = p.fraction; });
        VERIFY_OK(report);
        QCOMPARE(last, 1.0);
        QCOMPARE(report->recordings.size(), std::size_t{2});
        QCOMPARE(report->rows, 4);
        QCOMPARE(report->segments, 3);
        QCOMPARE(report->format, QStringLiteral("csv"));
        const auto recording = project->recordings().get(report->recordings[0]);
        QCOMPARE(recording->state, RecordingState::Finished);
        QCOMPARE(recording->ledger.measuredRateHz, 100.0);
        QCOMPARE(project->labels().segments(recording->id)->size(), std::size_t{2});
    }

    void theDemoRecordingsAreWhatTheirReadmeSays()
    {
        const auto folder = resourcePath(QStringLiteral("demo-data/human-activity"));
        VERIFY_OK(folder);
        const QDir directory(*folder);
        const QStringList files = directory.entryList({QStringLiteral("*.csv")}, QDir::Files, QDir::Name);
        QCOMPARE(files.size(), 8);
        auto project = Project::create(m_folder->filePath(QStringLiteral("p.ember")));
        qint64 bytes = 0;
        for (const QString& name : files) {
            VERIFY_OK(importFile(*project, directory.filePath(name)));
            bytes += QFile(directory.filePath(name)).size();
        }
        QVERIFY(bytes <= 3'000'000);
        const auto info = project->info();
        QCOMPARE(info->recordings, 32);
        QCOMPARE(info->groups.size(), 8);
        QVERIFY(info->samples > 38'000);
        QCOMPARE(project->labels().labels()->size(), std::size_t{5});
        const auto all = project->recordings().list().value();
        for (const Recording& recording : all) {
            QCOMPARE(recording.stream.rateHz, 102.5);
            QVERIFY(sameLayout(recording.stream, all.front().stream));
            // Bursts and late rows are not losses.
            QCOMPARE(recording.rowCount, recording.endRow);
        }
    }

    // As Label Studio writes it: a path of the server with the prefix of an upload, ends that belong to the region.
    void labelStudioTasksFindTheirFilesAndRows()
    {
        write("time,v\n100,1\n100.5,2\n101,3\n105,4\n105.5,5\n"); // seconds, from somewhere, with a gap
        const QString name = QFileInfo(m_file).fileName();
        const auto tasksWith = [&name](const QByteArray& result, const char* file = nullptr) {
            return QByteArray("[{\"id\": 7, \"data\": {\"csv\": \"/data/upload/3/0a1b2c3d-") +
                   (file ? QByteArray(file) : name.toUtf8()) + "\"}, \"annotations\": [{\"result\": [" + result +
                   "]}]}]";
        };
        const QByteArray region = "{\"type\": \"timeserieslabels\", \"value\": {\"start\": 100.5, \"end\": 105,"
                                  " \"timeserieslabels\": [\"up\"]}}";
        const QByteArray empty = "{\"value\": {\"start\": 102, \"end\": 103, \"timeserieslabels\": [\"gone\"]}}";
        const QString tasks = m_folder->filePath(QStringLiteral("tasks.json"));
        QVERIFY(writeTo(tasks, tasksWith(region + ", " + empty)));
        const auto chosen = chooseImporter(tasks, {});
        VERIFY_OK(chosen);
        QCOMPARE(chosen->importer->id(), QStringLiteral("label-studio"));
        const auto read = readSignals(tasks);
        VERIFY_OK(read);
        QCOMPARE(read->recordings.size(), std::size_t{1});
        const ImportedRecording& recording = read->recordings.front();
        QCOMPARE(recording.segments.size(), std::size_t{1});
        QCOMPARE(recording.segments.front().label, QStringLiteral("up"));
        QCOMPARE(recording.segments.front().begin, 1);
        QCOMPARE(recording.segments.front().end, recording.blocks.back().firstRow + 1);
        QVERIFY(read->warnings.join(QLatin1Char(' ')).contains(QStringLiteral("102 to 103")));

        // What somebody skipped does not count, and what a region has besides its first label is told.
        const QByteArray two =
            "{\"value\": {\"start\": 100, \"end\": 101, \"timeserieslabels\": [\"walk\", \"left\"]}}";
        QByteArray skipped = tasksWith(two);
        skipped.replace("\"annotations\": [", "\"annotations\": [{\"was_cancelled\": true, \"result\": []}, ");
        QVERIFY(writeTo(tasks, skipped));
        const auto finished = readSignals(tasks);
        VERIFY_OK(finished);
        QCOMPARE(finished->recordings.front().segments.size(), std::size_t{1});
        QCOMPARE(finished->recordings.front().segments.front().label, QStringLiteral("walk"));
        QVERIFY(finished->warnings.join(QLatin1Char(' ')).contains(QStringLiteral("2 labels")));

        // The short form, and files that are not there or would lie elsewhere.
        QVERIFY(writeTo(tasks, "[{\"id\": 1, \"csv\": \"" + name.toUtf8() +
                                   "\", \"label\": [{\"start\": 100, \"end\": 101, \"timeserieslabels\": [\"x\"]}]}]"));
        const auto brief = readSignals(tasks);
        VERIFY_OK(brief);
        QCOMPARE(brief->recordings.front().segments.front().end, 3);
        for (const char* file : {"nowhere.csv", "..\\\\..\\\\etc", "../../../etc/passwd"}) {
            QVERIFY(writeTo(tasks, tasksWith(region, file)));
            QCOMPARE(readSignals(tasks).error().kind, ErrorKind::BadData);
        }
    }

    void elanTextIsReadInItsThreeForms()
    {
        const ElanText wanted{{{QStringLiteral("hand"), {QStringLiteral("wave"), 1.5, 2.25}},
                               {QStringLiteral("foot"), {QStringLiteral("step"), 61.0, 62.0}}},
                              {QStringLiteral("hand"), QStringLiteral("foot")}};
        for (const QByteArray& text :
             {QByteArray(
                  "hand\t\t00:00:01.500\t1.5\t1500\t00:00:02.250\t2.25\t2250\t00:00:00.750\t0.75\t750\twave\n"
                  "foot\t\t00:01:01.000\t61.0\t61000\t00:01:02.000\t62.0\t62000\t00:00:01.000\t1.0\t1000\tstep\n"),
              QByteArray("\"#file:///C:/walk.eaf\"\r\nTier\tBegin Time - ss.msec\tEnd Time - ss.msec\tAnnotation\r\n"
                         "hand\t1.5\t2.25\twave\r\nfoot\t61.0\t62.0\tstep\r\n"),
              writeElanText(wanted)}) {
            const auto read = parseElanText(text);
            VERIFY_OK(read);
            QCOMPARE(read->annotations, wanted.annotations);
            QCOMPARE(read->tiers, wanted.tiers);
        }
        const ElanText quoted{{{QStringLiteral("\"left\" hand"), {QStringLiteral("wave\rback"), 1.5, 2.25}}}, {}};
        const auto again = parseElanText(writeElanText(quoted));
        VERIFY_OK(again);
        QCOMPARE(again->annotations.front().tier, quoted.annotations.front().tier);
        QCOMPARE(again->annotations.front().label.label, QStringLiteral("wave back"));
        QVERIFY(!parseElanText("hand\t2000\t1000\t-1000\tbackwards\n"));
        QVERIFY(!parseElanText("one\ttwo\tthree\tfour\n"));

        // Beside a recording the tier counts that is called as the label set, or the first.
        write("time_s,v\n0,1\n1,2\n2,3\n3,4\n");
        const QString base = m_folder->filePath(QFileInfo(m_file).completeBaseName());
        QVERIFY(writeTo(base + QStringLiteral(".elan.txt"), "hand\t1000\t2000\twave\nfoot\t0\t3000\tstep\n"));
        const auto first = readSignals(m_file);
        VERIFY_OK(first);
        QCOMPARE(first->recordings.front().segments.front().label, QStringLiteral("wave"));
        QVERIFY(first->warnings.join(QLatin1Char(' ')).contains(QStringLiteral("foot")));
        ImportOptions options;
        options.labelSet = QStringLiteral("foot");
        QCOMPARE(readSignals(m_file, options)->recordings.front().segments.front().end, 3);
    }

    void randomTextNeverCrashesTheImporter()
    {
        QRandomGenerator random(8);
        const QByteArray alphabet = QByteArrayLiteral("0123456789,,,;\t \n\n.-ax\"t_ms\r#:");
        int read = 0;
        for (int round = 0; round < 300; ++round) {
            QByteArray text("t_ms,v,label\n0,1,a\n");
            for (int row = 1; row < 30; ++row)
                text += QByteArray::number(row * 10) + ',' + QByteArray::number(random.bounded(100)) + ",b\n";
            for (int flips = random.bounded(60); flips > 0; --flips)
                text[random.bounded(static_cast<int>(text.size()))] =
                    alphabet[random.bounded(static_cast<int>(alphabet.size()))];
            write(text);
            const auto file = readSignals(m_file);
            if (!file) {
                QVERIFY(!file.error().message.isEmpty());
                continue;
            }
            ++read;
            for (const ImportedRecording& recording : file->recordings) {
                qint64 end = 0;
                for (const signal::SampleBlock& block : recording.blocks) {
                    QVERIFY(block.firstRow >= end && block.rowCount > 0);
                    QCOMPARE(block.rows.size(),
                             block.rowCount * static_cast<qint64>(recording.about.stream.bytesPerRow()));
                    end = block.endRow();
                }
                for (const ImportedSegment& segment : recording.segments)
                    QVERIFY(segment.begin >= 0 && segment.begin < segment.end && segment.end <= end);
            }
        }
        QVERIFY(read > 50);
    }

private:
    static bool writeTo(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    }

    void write(const QByteArray& bytes)
    {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
};

QTEST_GUILESS_MAIN(TestImport)
#include "tst_import.moc"
