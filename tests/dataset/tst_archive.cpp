// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/archive.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::dataset;

namespace {

constexpr int kTarBlock = 512;

/// One entry of a tar archive, written down from the format's description.
QByteArray tarEntry(const QByteArray& name, const QByteArray& content, char type = '0', const QByteArray& link = {})
{
    QByteArray header(kTarBlock, '\0');
    const auto put = [&header](int at, const QByteArray& text) { header.replace(at, text.size(), text); };
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, QByteArray::number(content.size(), 8).rightJustified(11, '0'));
    put(136, "00000000000");
    put(148, "        ");
    header[156] = type;
    put(157, link);
    put(257, QByteArray("ustar\00000", 8));
    int sum = 0;
    for (const char c : header)
        sum += static_cast<uchar>(c);
    put(148, QByteArray::number(sum, 8).rightJustified(6, '0') + QByteArray("\0 ", 2));
    const auto padded = (content.size() + kTarBlock - 1) / kTarBlock * kTarBlock;
    return header + content.leftJustified(padded, '\0');
}

QByteArray tarOf(const QByteArray& entries)
{
    return entries + QByteArray(2 * kTarBlock, '\0');
}

quint32 crc32(const QByteArray& bytes)
{
    quint32 crc = 0xffffffffu;
    for (const char c : bytes) {
        crc ^= static_cast<uchar>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0u);
    }
    return ~crc;
}

QByteArray little(quint32 value, int bytes)
{
    QByteArray out;
    for (int i = 0; i < bytes; ++i)
        out.append(static_cast<char>(value >> (8 * i)));
    return out;
}

/// A zip archive of files that are stored as they are.
QByteArray zipOf(const QList<std::pair<QByteArray, QByteArray>>& files)
{
    QByteArray bytes, directory;
    for (const auto& [name, content] : files) {
        const auto size = static_cast<quint32>(content.size());
        const QByteArray common = little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                                  little(crc32(content), 4) + little(size, 4) + little(size, 4) +
                                  little(static_cast<quint32>(name.size()), 2) + little(0, 2);
        directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                     little(static_cast<quint32>(bytes.size()), 4) + name;
        bytes += "PK\x03\x04" + common + name + content;
    }
    const auto count = static_cast<quint32>(files.size());
    return bytes + directory + "PK\x05\x06" + little(0, 4) + little(count, 2) + little(count, 2) +
           little(static_cast<quint32>(directory.size()), 4) + little(static_cast<quint32>(bytes.size()), 4) +
           little(0, 2);
}

} // namespace

class TestArchive : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_out = m_folder->filePath(QStringLiteral("out/in"));
        QVERIFY(QDir().mkpath(m_out));
    }

    void zipAndTarGiveTheirFiles_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray csv = "t,v\n0,1\n1,2\n";
        QTest::newRow("zip") << zipOf({{"a/x.csv", csv}, {"b/x.csv", csv + "2,3\n"}});
        QTest::newRow("zip with Windows separators") << zipOf({{"a\\x.csv", csv}, {"b\\x.csv", csv + "2,3\n"}});
        QTest::newRow("tar") << tarOf(tarEntry("a/", {}, '5') + tarEntry("./a/x.csv", csv) +
                                      tarEntry("b/x.csv", csv + "2,3\n"));
    }
    void zipAndTarGiveTheirFiles()
    {
        QFETCH(QByteArray, bytes);
        const QString path = write("in", bytes);
        QVERIFY(isArchive(path));
        const auto files = unpackArchive(path, m_out);
        QVERIFY2(files, files ? "" : qPrintable(files.error().toString()));
        QCOMPARE(*files, (QStringList{QStringLiteral("a/x.csv"), QStringLiteral("b/x.csv")}));
        QCOMPARE(read(QStringLiteral("a/x.csv")), QByteArray("t,v\n0,1\n1,2\n"));
        QCOMPARE(read(QStringLiteral("b/x.csv")), QByteArray("t,v\n0,1\n1,2\n2,3\n"));
    }

    void whatIsOnlyCompressedBecomesOneFile()
    {
        // gzip of "t,v\n0,1\n", stored: header, one block, crc, size.
        const QByteArray text = "t,v\n0,1\n";
        const QByteArray gz = QByteArray("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10) + char(1) + little(8, 2) +
                              little(0xfff7, 2) + text + little(crc32(text), 4) + little(8, 4);
        const QString path = write("walk.csv.gz", gz);
        QVERIFY(isArchive(path));
        const auto files = unpackArchive(path, m_out);
        QVERIFY2(files, files ? "" : qPrintable(files.error().toString()));
        QCOMPARE(*files, QStringList{QStringLiteral("walk.csv")});
        QCOMPARE(read(QStringLiteral("walk.csv")), text);
    }

    void whatIsDangerousIsRefusedAndNothingLeavesTheFolder_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const QByteArray good = tarEntry("good.csv", "1,2\n");
        const auto row = [good](const char* name, const QByteArray& entry, const char* says) {
            QTest::newRow(name) << tarOf(good + entry) << QString::fromLatin1(says);
        };
        row("up", tarEntry("../escaped.csv", "x"), "outside of the folder");
        row("up from below", tarEntry("a/../../escaped.csv", "x"), "outside of the folder");
        row("absolute", tarEntry("/tmp/escaped.csv", "x"), "outside of the folder");
        row("drive", tarEntry("C:/escaped.csv", "x"), "outside of the folder");
        row("up the Windows way", tarEntry("a\\..\\..\\escaped.csv", "x"), "outside of the folder");
        row("symbolic link", tarEntry("link", {}, '2', "/etc/passwd"), "is a link");
        row("hard link", tarEntry("link", {}, '1', "good.csv"), "is a link");
        row("device", tarEntry("null", {}, '3'), "neither a file nor a folder");
        row("pipe", tarEntry("pipe", {}, '6'), "neither a file nor a folder");
        row("twice", tarEntry("GOOD.csv", "3,4\n"), "twice");
        QTest::newRow("zip, up") << zipOf({{"../escaped.csv", "x"}}) << QStringLiteral("outside of the folder");
        QTest::newRow("empty zip") << zipOf({}) << QStringLiteral("holds no files");
    }
    void whatIsDangerousIsRefusedAndNothingLeavesTheFolder()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const auto files = unpackArchive(write("in", bytes), m_out);
        QVERIFY(!files);
        QCOMPARE(files.error().kind, ErrorKind::BadData);
        QVERIFY2(files.error().message.contains(says), qPrintable(files.error().message));
        QDirIterator at(m_folder->path(), QDir::Files | QDir::System | QDir::Hidden, QDirIterator::Subdirectories);
        while (at.hasNext()) {
            const QString file = at.next();
            QVERIFY2(file.startsWith(m_out + QLatin1Char('/')) || file.endsWith(QLatin1String("/in")),
                     qPrintable(file));
            QVERIFY(!at.fileInfo().isSymLink());
        }
        QVERIFY(!QFile::exists(QStringLiteral("/tmp/escaped.csv")));
    }

    void limitsAreOfWhatIsWritten()
    {
        const QString path = write("in", zipOf({{"a.csv", QByteArray(700, 'x')}, {"b.csv", QByteArray(400, 'y')}}));
        ArchiveLimits limits;
        limits.bytes = 1100;
        QVERIFY(unpackArchive(path, m_out, limits));
        limits.bytes = 1099;
        const auto clear = [this] { return QDir(m_out).removeRecursively() && QDir().mkpath(m_out); };
        QVERIFY(clear());
        QCOMPARE(unpackArchive(path, m_out, limits).error().kind, ErrorKind::BadData);
        QVERIFY(clear());
        limits = {};
        limits.files = 1;
        QVERIFY(unpackArchive(path, m_out, limits).error().message.contains(QStringLiteral("more than 1 files")));
        QVERIFY(clear());
        const QString deep = write("deep", tarOf(tarEntry(QByteArray("d/").repeated(40) + "x", "x")));
        QVERIFY(unpackArchive(deep, m_out).error().message.contains(QStringLiteral("too long")));
    }

    void damagedArchivesSayThatTheyAre()
    {
        const QByteArray zip = zipOf({{"a.csv", QByteArray(500, 'x')}});
        int refused = 0;
        for (qsizetype at = 5; at < zip.size(); at += 7) {
            QVERIFY(QDir(m_out).removeRecursively() && QDir().mkpath(m_out));
            const auto files = unpackArchive(write("in", zip.left(at)), m_out);
            refused += files ? 0 : 1;
            if (!files)
                continue;
            // Nothing but the list at the end is cut off, which says the same as what stands before each file.
            QCOMPARE(*files, QStringList{QStringLiteral("a.csv")});
            QCOMPARE(read(QStringLiteral("a.csv")), QByteArray(500, 'x'));
        }
        QVERIFY2(refused > 50, qPrintable(QString::number(refused)));
        QVERIFY(!isArchive(m_folder->filePath(QStringLiteral("nothing"))));
        QVERIFY(!isArchive(write("x.csv", "t,v\n0,1\n")));
        CancelSource cancel;
        cancel.cancel();
        QCOMPARE(unpackArchive(write("in", zip), m_out, {}, {}, cancel.token()).error().kind, ErrorKind::Cancelled);
    }

private:
    QString write(const char* name, const QByteArray& bytes) const
    {
        const QString path = m_folder->filePath(QLatin1String(name));
        QFile file(path);
        if (file.open(QIODevice::WriteOnly))
            file.write(bytes);
        return path;
    }
    QByteArray read(const QString& name) const
    {
        QFile file(QDir(m_out).filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_out;
};

QTEST_GUILESS_MAIN(TestArchive)
#include "tst_archive.moc"
