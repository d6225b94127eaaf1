// SPDX-License-Identifier: GPL-3.0-or-later
// What columns of tables become: as the user says, and as is said before they are imported.
#include "core/dataset/import_preview.h"
#include "core/dataset/text_columns.h"
#include "samples.h"

#include <QDir>
#include <QJsonArray>
#include <QRandomGenerator>

using namespace ember;
using namespace ember::dataset;
using test::floatsOf;
using test::mentions;

class TestImportColumns : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath(QStringLiteral("walk.03.csv"));
    }

    void columnsAreWhatTheUserSays()
    {
        write("ms,a (g),b,place,run\n0,1,10,hall,3\n20,2,20,hall,3\n40,3,30,yard,3\n");
        ImportOptions options;
        for (const char* text : {"ms=time", "b=channel,unit=deg/s,stream=gyro", "run=metadata", "no=label"}) {
            const auto mapping = columnMappingFromText(QLatin1String(text));
            VERIFY_OK(mapping);
            QCOMPARE(columnMappingText(*mapping), QLatin1String(text));
            options.columns.push_back(*mapping);
        }
        const auto file = readSignals(m_file, options);
        VERIFY_OK(file);
        QVERIFY(mentions(file->warnings, "no column 'no'"));
        QVERIFY(mentions(file->warnings, "changes within a recording"));
        QCOMPARE(file->recordings.size(), std::size_t{2});
        const ImportedRecording& main = file->recordings[0];
        const ImportedRecording& gyro = file->recordings[1];
        QCOMPARE(main.withRecording, -1);
        QCOMPARE(gyro.withRecording, 0);
        QCOMPARE(gyro.about.stream.name, QStringLiteral("gyro"));
        QCOMPARE(gyro.about.stream.channels[0].unit, QStringLiteral("deg/s"));
        QCOMPARE(gyro.about.stream.rateHz, 50.0);
        QCOMPARE(floatsOf(main), (std::vector<float>{1, 2, 3}));
        QCOMPARE(floatsOf(gyro), (std::vector<float>{10, 20, 30}));
        QCOMPARE(main.about.metadata.value(QStringLiteral("run")).toString(), QStringLiteral("3"));
        QCOMPARE(main.about.metadata.value(QStringLiteral("place")).toArray(),
                 (QJsonArray{QStringLiteral("hall"), QStringLiteral("yard")}));

        // In the project they are lined up; a column called as our own is kept beside it.
        write("a,recorded_with,source\n1,x,y\n2,x,y\n");
        const auto own = readSignals(m_file);
        VERIFY_OK(own);
        QVERIFY(!own->recordings[0].about.metadata.contains(QStringLiteral("recorded_with")));
        QCOMPARE(own->recordings[0].about.metadata.value(QStringLiteral("column recorded_with")).toString(),
                 QStringLiteral("x"));
        QCOMPARE(own->recordings[0].about.metadata.value(QStringLiteral("column source")).toString(),
                 QStringLiteral("y"));
        for (const char* wrong : {"", "a", "=channel", "a=magic", "a=channel,colour=red"})
            QCOMPARE(columnMappingFromText(QLatin1String(wrong)).error().kind, ErrorKind::Usage);
    }

    void mappingsAreReadAsTheyAreWritten()
    {
        const QStringList texts{QStringLiteral("a"),       QStringLiteral("a,b"),  QStringLiteral("a=b"),
                                QStringLiteral("\""),      QStringLiteral("\"\""), QStringLiteral("5\" pipe"),
                                QStringLiteral("\"q\",="), QStringLiteral(" b "),  QStringLiteral("it's (C), 'x'"),
                                QStringLiteral("=\",=\"")};
        for (const QString& name : texts) {
            for (const QString& unit : texts + QStringList{QString()}) {
                const ColumnMapping mapping{name, ColumnRole::Channel, unit, unit};
                const auto read = columnMappingFromText(columnMappingText(mapping));
                VERIFY_OK(read);
                QVERIFY2(*read == mapping, qPrintable(columnMappingText(mapping)));
            }
        }
        QCOMPARE(columnMappingText({QStringLiteral("a,b"), ColumnRole::Channel, QStringLiteral("1 \"in\""), {}}),
                 QStringLiteral("\"a,b\"=channel,unit=\"1 \"\"in\"\"\""));
        QCOMPARE(columnMappingText({{}, ColumnRole::Ignored, {}, {}}), QStringLiteral("\"\"=ignored"));
        QCOMPARE(columnMappingFromText(QStringLiteral("5\" pipe=metadata"))->column, QStringLiteral("5\" pipe"));
        QCOMPARE(columnMappingFromText(QStringLiteral("\"a=channel")).error().kind, ErrorKind::Usage);
    }

    void columnsOfOneNameAreToldApart()
    {
        write("temp (C),temp (F),temp 2,temp (K)\n1,10,100,1000\n2,20,200,2000\n");
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        QStringList names;
        for (const signal::Channel& channel : file->recordings[0].about.stream.channels)
            names << channel.name + u'/' + channel.unit;
        QCOMPARE(names.join(u' '), QStringLiteral("temp/C temp 3/F temp 2/ temp 4/K"));
        // By the name, and by all of the heading.
        for (const char* second : {"temp 3=ignored", "temp (F)=ignored"}) {
            ImportOptions options;
            options.columns = {*columnMappingFromText(QLatin1String(second)),
                               *columnMappingFromText(QStringLiteral("temp=channel,unit=degC"))};
            const auto fewer = readSignals(m_file, options);
            VERIFY_OK(fewer);
            QCOMPARE(floatsOf(fewer->recordings[0]), (std::vector<float>{1, 100, 1000, 2, 200, 2000}));
            QCOMPARE(fewer->recordings[0].about.stream.channels[0].unit, QStringLiteral("degC"));
        }
    }

    // Against all values of all rows, for files whose clocks step back and whose sessions change.
    void metadataIsThatOfItsRecording()
    {
        QRandomGenerator random(8);
        for (int run = 0; run < 40; ++run) {
            const int words = 1 + random.bounded(25);
            QByteArray text("time_s,v,note,session\n");
            QList<QStringList> expected;
            int time = 0;
            int session = 0;
            for (int row = 0; row < 300; ++row) {
                const bool restarts = time > 1000 && random.bounded(60) == 0;
                const bool changes = row > 0 && random.bounded(60) == 0;
                // Back by a fifth of a step is jitter, not another recording.
                time = restarts ? 0 : time + 100;
                session += changes ? 1 : 0;
                const int shown = time - (!restarts && random.bounded(20) == 0 ? 120 : 0);
                if (row == 0 || restarts || changes)
                    expected << QStringList();
                const QString word =
                    random.bounded(4) == 0 ? QString() : QStringLiteral("w%1").arg(random.bounded(words));
                if (!word.isEmpty() && !expected.back().contains(word))
                    expected.back() << word;
                text += QByteArray::number(shown / 1000.0 + 1, 'f', 3) + ",1," + word.toUtf8() + ",s" +
                        QByteArray::number(session) + '\n';
            }
            write(text);
            ImportOptions options;
            options.columns = {*columnMappingFromText(QStringLiteral("note=metadata"))};
            const auto file = readSignals(m_file, options);
            VERIFY_OK(file);
            QCOMPARE(static_cast<qsizetype>(file->recordings.size()), expected.size());
            for (qsizetype i = 0; i < expected.size(); ++i) {
                const QJsonValue note =
                    file->recordings[static_cast<std::size_t>(i)].about.metadata.value(QStringLiteral("note"));
                const QStringList kept = expected[i].mid(0, 16);
                if (kept.size() > 1)
                    QCOMPARE(note.toArray(), QJsonArray::fromStringList(kept));
                else
                    QCOMPARE(note.toString(), kept.value(0));
            }
        }
    }

    void longColumnsOfWordsAreNotKept()
    {
        detail::DistinctTexts free(17);
        detail::TextRuns runs;
        for (std::size_t row = 0; row < 100'000; ++row) {
            if (row % 50'000 == 0)
                free.beginStretch(row);
            free.add(QByteArray::number(static_cast<qint64>(row)));
            runs.add(row < 60'000 ? "sit" : "stand");
        }
        QCOMPARE(free.kept(), 34);
        QCOMPARE(free.in(50'000, 100'000).front(), QStringLiteral("50000"));
        QCOMPARE(free.in(0, 100'000).size(), 17);
        QCOMPARE(runs.kept(), std::size_t{2});
        QVERIFY(runs.changesAt(60'000) && !runs.changesAt(59'999) && !runs.changesAt(60'001) && !runs.changesAt(0));
        QCOMPARE(runs.endOfRun(7), std::size_t{60'000});
        QCOMPARE(runs.at(99'999), QStringLiteral("stand"));
    }

    // Of a table that is too long, a copy of the beginning is read.
    void aPreviewOfALongTableSaysWhatImportDoes()
    {
        QVERIFY(QDir(m_folder->path()).mkdir(QStringLiteral("sitting")));
        m_file = m_folder->filePath(QStringLiteral("sitting/walk.03.csv"));
        const QByteArray line = "1," + QByteArray(10'000, 'x') + '\n';
        write("v,note\n" + line.repeated(1800)); // 18 MB
        ImportOptions options;
        options.rateHz = 100;
        options.labelFromFolder = true;
        const auto folder = previewImport(m_file, options);
        VERIFY_OK(folder);
        QVERIFY(folder->isPartial && folder->rows < 1800);
        QCOMPARE(folder->labels, QStringList{QStringLiteral("sitting")});
        options.labelPattern = QStringLiteral("^([^.]+)");
        const auto pattern = previewImport(m_file, options);
        VERIFY_OK(pattern);
        QCOMPARE(pattern->labels, QStringList{QStringLiteral("walk")}); // as import takes it
        QFile beside(m_folder->filePath(QStringLiteral("sitting/walk.03.labels.txt")));
        QVERIFY(beside.open(QIODevice::WriteOnly));
        beside.write("1\t2\tjump\n17.9\t17.95\tlate\n");
        beside.close();
        options = {};
        options.rateHz = 100;
        const auto labelled = previewImport(m_file, options);
        VERIFY_OK(labelled);
        QCOMPARE(labelled->labels, QStringList{QStringLiteral("jump")});
        QCOMPARE(labelled->segments, 1);
        QVERIFY(!mentions(labelled->warnings, "left out"));
        // A short one is read whole, with the same precedence.
        write("v\n1\n2\n");
        options.labelFromFolder = true;
        options.labelPattern = QStringLiteral("^([^.]+)");
        QCOMPARE(previewImport(m_file, options)->labels, QStringList{QStringLiteral("walk")});
    }

    void aPreviewSaysWhatImportDoes()
    {
        write("time_s,a,note,label,subject\n0,1,x,walk,anna\n1,2,x,run,anna\n2,bad,x,run,anna\n3,4,x,run,ben\n");
        const auto preview = previewImport(m_file);
        VERIFY_OK(preview);
        const auto file = readSignals(m_file);
        VERIFY_OK(file);
        QCOMPARE(preview->recordings, static_cast<qint64>(file->recordings.size()));
        QCOMPARE(preview->rows, 3);
        QCOMPARE(preview->segments, 3);
        QCOMPARE(preview->labels, (QStringList{QStringLiteral("walk"), QStringLiteral("run")}));
        QCOMPARE(preview->groups, (QStringList{QStringLiteral("anna"), QStringLiteral("ben")}));
        QCOMPARE(preview->warnings, file->warnings);
        QVERIFY(preview->metadata.contains(QStringLiteral("note")) && preview->isTable && !preview->isPartial);
        QCOMPARE(preview->columns.size(), std::size_t{5});
        QCOMPARE(preview->columns[1].examples,
                 (QStringList{QStringLiteral("1"), QStringLiteral("2"), QStringLiteral("bad")}));
        write(QByteArray("\x00\x01", 2));
        QCOMPARE(previewImport(m_file).error().kind, ErrorKind::Unsupported);
    }

private:
    void write(const QByteArray& bytes)
    {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
};

QTEST_GUILESS_MAIN(TestImportColumns)
#include "tst_import_columns.moc"
