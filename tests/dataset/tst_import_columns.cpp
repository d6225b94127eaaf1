// SPDX-License-Identifier: GPL-3.0-or-later
// What columns of tables become: as the user says, and as is said before they are imported.
#include "core/dataset/import_preview.h"
#include "samples.h"

#include <QJsonArray>

using namespace ember;
using namespace ember::dataset;

namespace {

std::vector<float> valuesOf(const ImportedRecording& recording)
{
    std::vector<float> values;
    for (const signal::SampleBlock& block : recording.blocks) {
        const std::vector<float> part = signal::toPhysical(block.rows, recording.about.stream);
        values.insert(values.end(), part.begin(), part.end());
    }
    return values;
}

bool mentions(const QStringList& texts, const char* what)
{
    return !texts.filter(QLatin1String(what)).isEmpty();
}

} // namespace

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
        QCOMPARE(valuesOf(main), (std::vector<float>{1, 2, 3}));
        QCOMPARE(valuesOf(gyro), (std::vector<float>{10, 20, 30}));
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
