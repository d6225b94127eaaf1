// SPDX-License-Identifier: GPL-3.0-or-later
// Other tools' files: read, written, and read again.
#include "core/dataset/edits.h"
#include "core/dataset/exporter.h"
#include "core/dataset/formats/edge_impulse.h"
#include "core/dataset/formats/label_track.h"
#include "core/dataset/importer.h"
#include "samples.h"

#include <QCryptographicHash>
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QMessageAuthenticationCode>

#include <cmath>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

/// Channels, values and labels of a project, to be compared with those of another.
struct Content
{
    QStringList channels;
    QStringList units;
    double rateHz = 0;
    std::vector<float> values;
    QStringList segments; ///< "label begin end"

    friend bool operator==(const Content&, const Content&) = default;
};

Result<Content> contentOf(const Project& project, const Recording& recording)
{
    Content content;
    for (const signal::Channel& channel : recording.stream.channels) {
        content.channels << channel.name;
        content.units << channel.unit;
    }
    content.rateHz = recording.stream.rateHz;
    EMBER_TRY(const RecordingReader reader, RecordingReader::open(project, recording.id));
    EMBER_TRY(const std::vector<RowRun> runs, reader.rows(0, recording.endRow));
    for (const RowRun& run : runs) {
        const std::vector<float> values = signal::toPhysical(run.rows, recording.stream);
        content.values.insert(content.values.end(), values.begin(), values.end());
    }
    EMBER_TRY(const std::vector<Segment> segments, project.labels().segments(recording.id));
    for (const Segment& segment : segments) {
        EMBER_TRY(const Label label, project.labels().label(segment.label));
        content.segments << QStringLiteral("%1 %2 %3").arg(label.name).arg(segment.begin).arg(segment.end);
    }
    return content;
}

} // namespace

class TestInterchange : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_project = path("p.ember");
        VERIFY_OK(Project::create(m_project));
    }

    // --- there and back ---

    void whatIsExportedReadsBackEqual_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<bool>("keepsUnits");
        QTest::addColumn<bool>("keepsRate");
        QTest::newRow("csv") << "csv" << true << true;
        QTest::newRow("edge impulse json") << "edge-impulse" << true << true;
        QTest::newRow("edge impulse cbor") << "edge-impulse-cbor" << true << true;
        QTest::newRow("deepcraft") << "deepcraft" << false << true;
        QTest::newRow("sensiml") << "sensiml" << false << false;
        QTest::newRow("label studio") << "label-studio" << true << true;
        QTest::newRow("elan") << "elan" << true << true;
    }

    void whatIsExportedReadsBackEqual()
    {
        QFETCH(QString, format);
        QFETCH(bool, keepsUnits);
        QFETCH(bool, keepsRate);
        const Content before = makeRecording();
        ExportOptions options;
        options.format = format;
        options.outputDir = path("out");
        options.backgroundLabel = QStringLiteral("rest");
        {
            const auto project = Project::open(m_project);
            const auto report = exportProject(*project, options);
            VERIFY_OK(report);
            QCOMPARE(report->recordings, 1);
            QCOMPARE(report->rows, 300);
            QCOMPARE(report->segments, 2);
            for (const QString& file : report->files)
                QVERIFY2(QFileInfo::exists(QDir(options.outputDir).filePath(file)), qPrintable(file));
        }
        const QString second = path("q.ember");
        auto project = Project::create(second);
        VERIFY_OK(project);
        const auto files = importableFiles({options.outputDir});
        VERIFY_OK(files);
        QStringList data = *files;
        // These lists name their data themselves.
        if (format == QLatin1String("sensiml") || format == QLatin1String("label-studio"))
            data = data.filter(QRegularExpression(QStringLiteral("\\.dai$|tasks\\.json$")));
        QCOMPARE(data.size(), 1);
        const auto report = importFile(*project, data.front());
        VERIFY_OK(report);
        const auto recordings = project->recordings().list();
        QCOMPARE(recordings->size(), std::size_t{1});
        const auto after = contentOf(*project, recordings->front());
        VERIFY_OK(after);

        QCOMPARE(after->channels, before.channels);
        QCOMPARE(after->values, before.values);
        if (keepsUnits)
            QCOMPARE(after->units, before.units);
        if (keepsRate)
            QCOMPARE(after->rateHz, before.rateHz);
        QStringList wanted = before.segments;
        if (format.startsWith(QLatin1String("edge-impulse"))) // that format wants every row labelled
            wanted = {QStringLiteral("rest 0 20"), QStringLiteral("walk 20 120"), QStringLiteral("rest 120 200"),
                      QStringLiteral("run, fast 200 300")};
        QCOMPARE(after->segments, wanted);
    }

    void aRecordingWithGapsBecomesFilesWithoutAny()
    {
        auto writer = RecordingWriter::start(m_project, {QStringLiteral("holes"), imuStream(), {}, {}});
        VERIFY_OK(writer);
        VERIFY_OK((*writer)->append(blockOf(0, 100)));
        VERIFY_OK((*writer)->append(blockOf(150, 50)));
        VERIFY_OK((*writer)->finish());
        const auto project = Project::open(m_project);
        ExportOptions options;
        options.format = QStringLiteral("wav");
        options.outputDir = path("out");
        const auto report = exportProject(*project, options);
        VERIFY_OK(report);
        QCOMPARE(report->files, (QStringList{QStringLiteral("holes.wav"), QStringLiteral("holes_part2.wav")}));
        QCOMPARE(report->warnings.size(), 1);
        const auto second = readSignals(QDir(options.outputDir).filePath(QStringLiteral("holes_part2.wav")));
        VERIFY_OK(second);
        const signal::SampleBlock& block = second->recordings.front().blocks.front();
        QCOMPARE(block.rowCount, 50);
        QCOMPARE(block.rows, blockOf(150, 50).rows); // 16-bit samples are kept as they are
    }

    void namesStayInTheFolderAndDoNotCollide()
    {
        for (const char* name : {"../../etc/passwd", "a/b", "A_B", ""})
            VERIFY_OK(addRecording(m_project, QString::fromLatin1(name), 10));
        const auto project = Project::open(m_project);
        ExportOptions options;
        options.format = QStringLiteral("npy");
        options.outputDir = path("out");
        const auto report = exportProject(*project, options);
        VERIFY_OK(report);
        QCOMPARE(report->files.size(), 5); // with the index
        QCOMPARE(QDir(options.outputDir).entryList(QDir::Files).size(), 5);
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Dirs | QDir::NoDotAndDotDot),
                 QStringList{QStringLiteral("out")});
        // Nothing that is there is replaced unasked.
        const auto again = exportProject(*project, options);
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::Usage);
        options.overwrite = true;
        VERIFY_OK(exportProject(*project, options));
    }

    // --- Edge Impulse ---

    void labelsComeFromInfoLabels()
    {
        QVERIFY(QDir(m_folder->path()).mkpath(QStringLiteral("set/training")));
        write("set/training/a.json", acquisition("[[1,2],[3,4],[5,6],[7,8]]"));
        write("set/info.labels", R"({"version":1,"files":[
            {"path":"training/b.json","category":"training","label":{"type":"label","label":"other"}},
            {"path":"training/a.json","category":"testing","label":{"type":"multi-label","labels":[
                {"startIndex":0,"endIndex":1,"label":"idle"},{"startIndex":2,"endIndex":9,"label":"grind"}]}}]})");
        const auto file = readSignals(path("set/training/a.json"));
        VERIFY_OK(file);
        const ImportedRecording& recording = file->recordings.front();
        QCOMPARE(recording.segments.size(), std::size_t{2});
        QCOMPARE(recording.segments[0].end, 2); // indices in the file are inclusive
        QCOMPARE(recording.segments[1].begin, 2);
        QCOMPARE(recording.segments[1].end, 4); // cut at the end of the data, and said
        QCOMPARE(file->warnings.size(), 1);
        QCOMPARE(recording.about.metadata.value(QStringLiteral("category")).toString(), QStringLiteral("testing"));
        QCOMPARE(recording.about.stream.rateHz, 100.0);
    }

    void labelsOfLargeExportsStandOnLines()
    {
        write("a.json", acquisition("[[1,2],[3,4]]"));
        write("info.labels", "{\"version\":1,\"__ndjson\":true}\n"
                             "{\"__key\":\"files\",\"__item\":{\"path\":\"z.json\",\"label\":{\"type\":\"label\","
                             "\"label\":\"no\"}}}\n"
                             "{\"__key\":\"files\",\"__item\":{\"path\":\"a.json\",\"label\":{\"type\":\"label\","
                             "\"label\":\"yes\"}}}\n");
        const auto file = readSignals(path("a.json"));
        VERIFY_OK(file);
        QCOMPARE(file->recordings.front().segments.front().label, QStringLiteral("yes"));
    }

    void structuredLabelsAreInclusiveIndices()
    {
        write("a.json", acquisition("[[1,2],[3,4],[5,6]]"));
        write("structured_labels.labels",
              R"({"version":1,"type":"structured-labels","structuredLabels":{"a.json":[
                  {"startIndex":0,"endIndex":0,"label":"one"},{"startIndex":1,"endIndex":2,"label":"two"}]}})");
        const auto file = readSignals(path("a.json"));
        VERIFY_OK(file);
        QCOMPARE(file->recordings.front().segments[0].end, 1);
        QCOMPARE(file->recordings.front().segments[1].begin, 1);
        QCOMPARE(file->recordings.front().segments[1].end, 3);
    }

    void aSignatureIsCheckedWithTheKey()
    {
        const QByteArray unsignedFile = acquisition("[[1,2],[3,4]]", "HS256");
        QByteArray file = unsignedFile;
        const QByteArray zeros(64, '0');
        file.replace(zeros,
                     QMessageAuthenticationCode::hash(unsignedFile, "secret", QCryptographicHash::Sha256).toHex());
        write("good.json", file);
        ImportOptions options;
        options.signingKey = QStringLiteral("secret");
        const auto good = readSignals(path("good.json"), options);
        VERIFY_OK(good);
        QCOMPARE(good->recordings.front().about.metadata.value(QStringLiteral("signature")).toString(),
                 QStringLiteral("valid"));
        write("bad.json", QByteArray(file).replace("[3,4]", "[3,5]"));
        const auto bad = readSignals(path("bad.json"), options);
        QVERIFY(!bad);
        QCOMPARE(bad.error().kind, ErrorKind::BadData);
        // Without a key nobody can tell, and the recording says so.
        const auto unknown = readSignals(path("bad.json"));
        VERIFY_OK(unknown);
        QCOMPARE(unknown->recordings.front().about.metadata.value(QStringLiteral("signature")).toString(),
                 QStringLiteral("not checked"));
    }

    void whatIsWrittenIsSigned()
    {
        edgeimpulse::Acquisition acquisition;
        acquisition.deviceType = QStringLiteral("X");
        acquisition.intervalMs = 10;
        acquisition.sensors = {{QStringLiteral("a"), {}}};
        acquisition.values = {1.5f, -2.25f};
        for (const auto encoding : {edgeimpulse::Encoding::Json, edgeimpulse::Encoding::Cbor}) {
            const QByteArray bytes = edgeimpulse::writeAcquisition(acquisition, encoding, "key");
            const auto read = edgeimpulse::parseAcquisition(bytes);
            VERIFY_OK(read);
            QCOMPARE(read->values, acquisition.values);
            QCOMPARE(read->algorithm, QStringLiteral("HS256"));
            QCOMPARE(*edgeimpulse::signatureOf(bytes, read->signature, "key"), read->signature);
            QVERIFY(*edgeimpulse::signatureOf(bytes, read->signature, "other") != read->signature);
        }
    }

    void damagedAcquisitionsSayWhatIsWrong_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QTest::newRow("a row too short") << acquisition("[[1,2],[3]]") << "row 1 has 1 values";
        QTest::newRow("text for a number") << acquisition("[[1,\"x\"]]") << "not a number";
        QTest::newRow("no rows") << acquisition("[]") << "is empty";
        QTest::newRow("beyond float") << acquisition("[[1,1e300]]") << "not finite";
        QTest::newRow("another version") << acquisition("[[1,2]]").replace("\"v1\"", "\"v9\"") << "v9";
        QTest::newRow("cut off") << acquisition("[[1,2],[3,4]]").chopped(20) << "no JSON object";
        QTest::newRow("cut-off CBOR") << QByteArray("\xA3gpayload\xA4", 10) << "no CBOR map";
    }

    void damagedAcquisitionsSayWhatIsWrong()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const auto read = edgeimpulse::parseAcquisition(bytes);
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::BadData);
        QVERIFY2(read.error().message.contains(says), qPrintable(read.error().message));
    }

    void everyRowIsCoveredOnce()
    {
        // Against the obvious way: a label per row.
        const std::vector<edgeimpulse::LabelRange> ranges{{3, 5, QStringLiteral("a")},
                                                          {5, 8, QStringLiteral("b")},
                                                          {9, 9, QStringLiteral("b")},
                                                          {12, 40, QStringLiteral("c")}};
        QStringList wanted(20, QStringLiteral("-"));
        for (const edgeimpulse::LabelRange& range : ranges) {
            for (qint64 row = range.startIndex; row <= range.endIndex && row < wanted.size(); ++row)
                wanted[row] = range.label;
        }
        QStringList got;
        QString last;
        for (const edgeimpulse::LabelRange& range : edgeimpulse::coverAllRows(ranges, 20, QStringLiteral("-"))) {
            QCOMPARE(range.startIndex, static_cast<qint64>(got.size()));
            QVERIFY(range.label != last); // neighbours are joined
            last = range.label;
            for (qint64 row = range.startIndex; row <= range.endIndex; ++row)
                got << range.label;
        }
        QCOMPARE(got, wanted);
    }

    // --- audio and label tracks ---

    void aWavFileKeepsItsSixteenBits()
    {
        write("yes.wav", wav(1, 16000, QByteArray("\x01\x00\xFF\x7F\x00\x80", 6)));
        const auto file = readSignals(path("yes.wav"));
        VERIFY_OK(file);
        const ImportedRecording& recording = file->recordings.front();
        QCOMPARE(recording.about.stream.rateHz, 16000.0);
        QCOMPARE(recording.blocks.front().rowCount, 3);
        QCOMPARE(signal::toPhysical(recording.blocks.front().rows, recording.about.stream),
                 (std::vector<float>{1.0f / 32768, 32767.0f / 32768, -1.0f}));
    }

    void damagedWavFilesAreRefusedOrCutWithAWord()
    {
        write("head.wav", QByteArray("RIFF\x24\x00\x00\x00WAVE", 12));
        const auto head = readSignals(path("head.wav"));
        QVERIFY(!head);
        QCOMPARE(head.error().kind, ErrorKind::BadData);
        QByteArray claims = wav(1, 8000, QByteArray(200, '\1'));
        claims.truncate(100); // the header claims more than there is
        write("short.wav", claims);
        const auto cut = readSignals(path("short.wav"));
        if (cut)
            QVERIFY(cut->recordings.front().blocks.front().rowCount <= 28);
        else
            QCOMPARE(cut.error().kind, ErrorKind::BadData);
    }

    void anAudacityTrackBesideTheSoundLabelsIt()
    {
        write("a.wav", wav(1, 1000, QByteArray(4000, '\0')));
        write("a.labels.txt", "0.100000\t0.500000\tknock\n\\\t100.0\t200.0\n1.0\t1.0\tclick\n5\t6\tbeyond\n");
        const auto file = readSignals(path("a.wav"));
        VERIFY_OK(file);
        const auto& segments = file->recordings.front().segments;
        QCOMPARE(segments.size(), std::size_t{2});
        QCOMPARE(segments[0].begin, 100);
        QCOMPARE(segments[0].end, 500);
        QCOMPARE(segments[1].end, 1001); // a point is one sample
        QCOMPARE(file->warnings.size(), 1);
        QVERIFY(isSideLabelFile(path("a.labels.txt")));
    }

    void labelTracksReadBackEqual()
    {
        const std::vector<TimedLabel> labels{{QStringLiteral("walk, slow \"a\""), 0.5, 1.25},
                                             {QStringLiteral("Übung"), 2, 2}};
        QCOMPARE(parseDeepcraftLabels(writeDeepcraftLabels(labels)).value(), labels);
        QCOMPARE(parseAudacityLabels(writeAudacityLabels(labels)).value(), labels);
        QVERIFY(!parseAudacityLabels("one\ttwo\tthree\n"));
        QVERIFY(!parseAudacityLabels("2.0\t1.0\tbackwards\n"));
        QVERIFY(!parseDeepcraftLabels("Time,Length,Label\n1,x,walk\n"));
    }

    // --- the rest ---

    void aSensimlExportStaysInItsFolder()
    {
        write("a.csv", "x,y\n1,2\n3,4\n5,6\n");
        write("export.dai", R"([{"file_name":"../secret.csv","sessions":[]},
            {"file_name":"missing.csv","sessions":[]},
            {"file_name":"a.csv","metadata":[{"name":"Subject","value":"anna"}],"sessions":[{"session_name":"s",
             "segments":[{"name":"Label","value":"up","start":0,"end":1},{"name":"Label","value":"off","start":7,"end":9}]}]}])");
        const auto file = readSignals(path("export.dai"));
        VERIFY_OK(file);
        QCOMPARE(file->recordings.size(), std::size_t{1});
        const ImportedRecording& recording = file->recordings.front();
        QCOMPARE(recording.about.group.name, QStringLiteral("anna"));
        QCOMPARE(recording.segments.size(), std::size_t{1});
        QCOMPARE(recording.segments[0].end, 2); // the file's end is inclusive
        QVERIFY(file->warnings.filter(QStringLiteral("leads out")).size() == 1);
        QVERIFY(file->warnings.filter(QStringLiteral("missing.csv")).size() == 1);
        QVERIFY(file->warnings.filter(QStringLiteral("does not fit")).size() == 1);
    }

    void strokesBecomeRecordings()
    {
        write("wand.json", R"({"strokes":[{"index":0,"label":"7","strokePoints":[{"x":0.5,"y":1},{"x":-1,"y":2}]},
                              {"index":1,"label":"8","strokePoints":[]}]})");
        const auto file = readSignals(path("wand.json"));
        VERIFY_OK(file);
        QCOMPARE(file->recordings.size(), std::size_t{1});
        QCOMPARE(signal::toPhysical(file->recordings[0].blocks[0].rows, file->recordings[0].about.stream),
                 (std::vector<float>{0.5f, 1, -1, 2}));
        QCOMPARE(file->recordings[0].segments.front().label, QStringLiteral("7"));
    }

    void foldersGiveTheirFilesAndLabels()
    {
        QVERIFY(QDir(m_folder->path()).mkpath(QStringLiteral("set/yes")));
        write("set/yes/k1_a.wav", wav(1, 1000, QByteArray(40, '\0')));
        write("set/yes/k1_a.txt", "0\t0.01\tx\n");
        write("set/info.labels", "{}");
        const auto files = importableFiles({path("set")});
        VERIFY_OK(files);
        QCOMPARE(*files, QStringList{path("set/yes/k1_a.wav")});
        ImportOptions options;
        options.labelFromFolder = true;
        options.groupPattern = QStringLiteral("^(k\\d)_");
        const auto file = readSignals(files->front(), options);
        VERIFY_OK(file);
        QCOMPARE(file->recordings[0].segments.front().label, QStringLiteral("yes"));
        QCOMPARE(file->recordings[0].about.group.name, QStringLiteral("k1"));
        QVERIFY(
            !importableFiles({path("set/none")}).value_or(QStringList()).isEmpty()); // a file that import will refuse
    }

private:
    QString path(const char* name) const { return m_folder->filePath(QLatin1String(name)); }

    void write(const char* name, const QByteArray& bytes) const
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    static QByteArray acquisition(const QByteArray& values, const QByteArray& algorithm = "none")
    {
        return "{\"protected\":{\"ver\":\"v1\",\"alg\":\"" + algorithm + "\"},\"signature\":\"" + QByteArray(64, '0') +
               "\",\"payload\":{\"device_type\":\"T\",\"interval_ms\":10,\"sensors\":[{\"name\":\"a\",\"units\":\"N/"
               "A\"},"
               "{\"name\":\"b\",\"units\":\"m/s2\"}],\"values\":" +
               values + "}}";
    }

    /// A PCM WAV file of 16-bit samples, by the definition of the format.
    static QByteArray wav(quint16 channels, quint32 rate, const QByteArray& samples)
    {
        const auto u16 = [](quint32 v) { return QByteArray(1, static_cast<char>(v)) + static_cast<char>(v >> 8); };
        const auto u32 = [&](quint32 v) { return u16(v & 0xFFFF) + u16(v >> 16); };
        const QByteArray format =
            u16(1) + u16(channels) + u32(rate) + u32(rate * channels * 2) + u16(channels * 2) + u16(16);
        const QByteArray body =
            "WAVEfmt " + u32(16) + format + "data" + u32(static_cast<quint32>(samples.size())) + samples;
        return "RIFF" + u32(static_cast<quint32>(body.size())) + body;
    }

    /// 300 rows of two float channels at 50 Hz with labels on two stretches.
    Content makeRecording()
    {
        signal::StreamSpec spec;
        spec.name = QStringLiteral("imu");
        spec.rateHz = 50;
        spec.channels = {{QStringLiteral("ax"), QStringLiteral("m/s2"), 1, 0},
                         {QStringLiteral("gx"), QStringLiteral("rad/s"), 1, 0}};
        signal::SampleBlock block;
        block.rowCount = 300;
        for (int row = 0; row < 300; ++row) {
            for (const float value :
                 {std::sin(0.1f * static_cast<float>(row)) * 9.81f, 1.0f / static_cast<float>(row + 3)})
                block.rows.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
        auto writer = RecordingWriter::start(
            m_project, {QStringLiteral("walk 1"), spec, {QStringLiteral("anna"), GroupKind::Subject}, {}});
        Content content;
        if (!writer || !(*writer)->append(block))
            return content;
        const auto recording = (*writer)->finish();
        auto project = Project::open(m_project);
        const QString set = QString::fromLatin1(kDefaultLabelSet);
        const auto walk = project->labels().ensureLabel(set, QStringLiteral("walk"));
        const auto run = project->labels().ensureLabel(set, QStringLiteral("run, fast"));
        if (!apply(*project, AddSegment{{{}, recording->id, walk->id, 20, 120}}) ||
            !apply(*project, AddSegment{{{}, recording->id, run->id, 200, 300}}))
            return content;
        return contentOf(*project, *recording).value_or(content);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_project;
};

QTEST_GUILESS_MAIN(TestInterchange)
#include "tst_interchange.moc"
