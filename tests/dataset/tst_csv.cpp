// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/csv.h"
#include "core/dataset/table.h"
#include "core/dataset/time_axis.h"
#include "samples.h"

#include <QDir>
#include <QRandomGenerator>

using namespace ember;
using namespace ember::dataset;

namespace {

QList<QStringList> records(const QByteArray& text, const CsvDialect& dialect)
{
    CsvReader reader(text, dialect);
    std::vector<QByteArrayView> fields;
    QList<QStringList> all;
    while (reader.next(fields)) {
        QStringList record;
        for (const QByteArrayView field : fields)
            record << QString::fromUtf8(field);
        all << record;
    }
    return all;
}

} // namespace

class TestCsv : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void dialectsAreRecognised_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<char>("delimiter");
        QTest::addColumn<bool>("decimalComma");
        QTest::newRow("comma") << QByteArray("a,b\n1,2\n3.5,4\n") << ',' << false;
        QTest::newRow("tab") << QByteArray("a\tb\n1\t2\n") << '\t' << false;
        QTest::newRow("semicolon") << QByteArray("a;b\n1;2\n") << ';' << false;
        QTest::newRow("German") << QByteArray("a;b\n1,5;2,25\n-3,0;4\n") << ';' << true;
        QTest::newRow("tab and decimal comma") << QByteArray("a\tb\n1,5\t2,25\n") << '\t' << true;
        QTest::newRow("space") << QByteArray("1 2 3\n4  5 6\n") << ' ' << false;
        QTest::newRow("dates hold spaces") << QByteArray("t,v\n2020-01-01 10:00:00,1\n") << ',' << false;
        QTest::newRow("one column") << QByteArray("1\n2\n3\n") << ',' << false;
        QTest::newRow("some broken lines") << QByteArray("a,b\n1,2\n3\n4,5\n6,7\n") << ',' << false;
        QTest::newRow("last line cut") << QByteArray("a,b,c\n1,2,3\n4,5") << ',' << false;
        QTest::newRow("empty") << QByteArray() << ',' << false;
    }
    void dialectsAreRecognised()
    {
        QFETCH(QByteArray, text);
        QFETCH(char, delimiter);
        QFETCH(bool, decimalComma);
        QCOMPARE(detectDialect(text).delimiter, delimiter);
        QCOMPARE(detectDialect(text).decimalComma, decimalComma);
    }

    void recordsAreCutAtDelimiters()
    {
        QCOMPARE(records("a, b ,\r\n\n# note\n,,x\n", {}),
                 (QList<QStringList>{{QStringLiteral("a"), QStringLiteral("b"), QString()},
                                     {QString(), QString(), QStringLiteral("x")}}));
        QCOMPARE(records("\xEF\xBB\xBFt,v", {}), (QList<QStringList>{{QStringLiteral("t"), QStringLiteral("v")}}));
        QCOMPARE(records("  1   2 \n", {' ', false}), (QList<QStringList>{{QStringLiteral("1"), QStringLiteral("2")}}));
        QCOMPARE(records("a\t\t\n", {'\t', false}), (QList<QStringList>{{QStringLiteral("a"), QString(), QString()}}));
    }

    void quotesProtectDelimiters()
    {
        QCOMPARE(records("\"a,b\",\"say \"\"hi\"\"\",\"\"\n", {}),
                 (QList<QStringList>{{QStringLiteral("a,b"), QStringLiteral("say \"hi\""), QString()}}));
        // A quote that is not closed costs its own line, not the file.
        QCOMPARE(records("\"a,1\nb,2\n", {}).size(), 2);
        QCOMPARE(records("\"a,1\nb,2\n", {})[1], (QStringList{QStringLiteral("b"), QStringLiteral("2")}));
    }

    void linesAreCountedFromOne()
    {
        CsvReader reader("# first\n\na\nb\n", {});
        std::vector<QByteArrayView> fields;
        QVERIFY(reader.next(fields));
        QCOMPARE(reader.lineNumber(), 3);
        QVERIFY(reader.next(fields));
        QCOMPARE(reader.lineNumber(), 4);
        QVERIFY(!reader.next(fields));
    }

    void numbersAreNumbersOnly()
    {
        QCOMPARE(csvNumber(" -1.5e3 ", {}).value(), -1500.0);
        QCOMPARE(csvNumber("+7", {}).value(), 7.0);
        QCOMPARE(csvNumber("1,5", {';', true}).value(), 1.5);
        for (const char* bad :
             {"", "x", "1,5", "1.5x", "nan", "inf", "-inf", "1e999", "0x10", "1 2", "--1", "+-1", "+"})
            QVERIFY2(!csvNumber(bad, {}), bad);
        QVERIFY(!csvNumber(QByteArray(100, '1'), {}));
    }

    void randomBytesNeverCrash()
    {
        QRandomGenerator random(4);
        const QByteArray alphabet = QByteArrayLiteral("0123,;\t \"\n\r.-#ax\0\xFF");
        qsizetype fields = 0;
        for (int round = 0; round < 500; ++round) {
            QByteArray text(random.bounded(400), '\0');
            for (char& c : text)
                c = alphabet[random.bounded(static_cast<int>(alphabet.size()))];
            for (const QStringList& record : records(text, detectDialect(text)))
                fields += record.size();
        }
        QVERIFY(fields > 0);
    }

    void ratesComeFromTimeStamps_data()
    {
        QTest::addColumn<QList<double>>("steps");
        QTest::addColumn<double>("nominal");
        QTest::addColumn<bool>("regular");
        QTest::newRow("exact") << QList<double>(100, 0.016) << 62.5 << true;
        QTest::newRow("five minutes") << QList<double>(100, 300.0) << 0.00333333 << true;
        QTest::newRow("bursts") << QList<double>{0.05, 0, 0, 0, 0, 0.05, 0, 0, 0, 0, 0.05, 0, 0, 0, 0} << 100.0
                                << false;
        QTest::newRow("gaps do not count") << QList<double>{0.01, 0.01, 60.0, 0.01, 0.01} << 100.0 << true;
        QTest::newRow("steps back do not count") << QList<double>{0.01, 0.01, -5.0, 0.01, 0.01} << 100.0 << true;
        QTest::newRow("none") << QList<double>() << 0.0 << false;
        QTest::newRow("clock stands still") << QList<double>(10, 0.0) << 0.0 << false;
    }
    void ratesComeFromTimeStamps()
    {
        QFETCH(QList<double>, steps);
        QFETCH(double, nominal);
        QFETCH(bool, regular);
        const TimeAxis axis = fitTimeAxis(std::span(steps.constData(), static_cast<std::size_t>(steps.size())));
        QCOMPARE(axis.nominalRateHz(), nominal);
        QCOMPARE(axis.regular, regular);
    }

    void jitteringRatesOfOneSensorGetOneName()
    {
        for (const double rate : {102.02, 102.43, 102.56, 102.99})
            QCOMPARE((TimeAxis{rate, false, 1.0}.nominalRateHz()), 102.5);
        QCOMPARE((TimeAxis{49.8, false, 1.0}.nominalRateHz()), 50.0);
        QCOMPARE((TimeAxis{104.27, false, 1.0}.nominalRateHz()), 104.0);
        QCOMPARE((TimeAxis{16010.0, false, 1.0}.nominalRateHz()), 16000.0);
    }

    void longStepsAreMissingRows()
    {
        const TimeAxis axis{100.0, true, 1.0};
        QCOMPARE(axis.missingRows(0.9), 0);
        QCOMPARE(axis.missingRows(1.5), 149);
        QVERIFY(axis.missingRows(1e300) > 0);
    }

    void tablesAreReadStrictly()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("t.csv"));
        writeFile(path, "f0,label,f1,who\n1,10,2.5,s1\n3,9,-4e2,s2\n0,10,0,s1\n");
        const auto table = readTable(path, {QStringLiteral("label"), QStringLiteral("who")});
        VERIFY_OK(table);
        QCOMPARE(table->columns, (QStringList{QStringLiteral("f0"), QStringLiteral("f1")}));
        QCOMPARE(table->values, (std::vector<float>{1.0f, 2.5f, 3.0f, -400.0f, 0.0f, 0.0f}));
        QCOMPARE(table->classNames, (QStringList{QStringLiteral("9"), QStringLiteral("10")}));
        QCOMPARE(table->labels, (std::vector<qint32>{1, 0, 1}));
        QCOMPARE(table->groups, (QStringList{QStringLiteral("s1"), QStringLiteral("s2"), QStringLiteral("s1")}));
        QCOMPARE(table->rows(), std::size_t{3});
    }

    void tablesSurviveTheRoundTrip()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("t.csv"));
        Table table;
        table.columns = {QStringLiteral("a, odd"), QStringLiteral("b\"q")};
        table.values = {0.1f, -1e-30f, 3.4e38f, 16777217.0f};
        table.classNames = {QStringLiteral("sit"), QStringLiteral("walk, fast")};
        table.labels = {1, 0};
        VERIFY_OK(writeTable(path, table));
        const auto back = readTable(path, {QStringLiteral("label"), {}});
        VERIFY_OK(back);
        QCOMPARE(back->columns, table.columns);
        QCOMPARE(back->values, table.values);
        QCOMPARE(back->classNames, table.classNames);
        QCOMPARE(back->labels, table.labels);
        QCOMPARE(writeTable(folder.filePath(QStringLiteral("no/t.csv")), table).error().kind, ErrorKind::Io);
    }

    void badTablesSayWhere_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("says");
        const auto bad = static_cast<int>(ErrorKind::BadData);
        QTest::newRow("word") << QByteArray("a,b,label\n1,2,x\n1,oops,y\n") << bad << "line 3";
        QTest::newRow("missing value") << QByteArray("a,b,label\n1,,x\n") << bad << "column 'b'";
        QTest::newRow("not finite") << QByteArray("a,b,label\n1,nan,x\n") << bad << "nan";
        QTest::newRow("beyond float") << QByteArray("a,b,label\n1,1e300,x\n") << bad << "1e300";
        QTest::newRow("short line") << QByteArray("a,b,label\n1,x\n") << bad << "2 fields";
        QTest::newRow("only labels") << QByteArray("label\nx\n") << bad << "no rows of features";
        QTest::newRow("only a header") << QByteArray("a,b,label\n") << bad << "no rows";
        QTest::newRow("empty") << QByteArray() << bad << "empty";
        QTest::newRow("no such column") << QByteArray("a,b\n1,2\n") << static_cast<int>(ErrorKind::Usage) << "'label'";
    }
    void badTablesSayWhere()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, kind);
        QFETCH(QString, says);
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("t.csv"));
        writeFile(path, text);
        const auto table = readTable(path, {QStringLiteral("label"), {}});
        QVERIFY(!table);
        QCOMPARE(static_cast<int>(table.error().kind), kind);
        QVERIFY2(table.error().message.contains(says), qPrintable(table.error().message));
    }

    void missingFilesAreNotFound()
    {
        QCOMPARE(readTable(QStringLiteral("/no/such/table.csv"), {}).error().kind, ErrorKind::NotFound);
        QCOMPARE(readTable(QDir::tempPath(), {}).error().kind, ErrorKind::Usage);
    }

private:
    static void writeFile(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }
};

QTEST_GUILESS_MAIN(TestCsv)
#include "tst_csv.moc"
