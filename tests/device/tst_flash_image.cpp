// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/device/flash_image.h"
#include "core/device/flasher.h"
#include "core/device/uf2.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <random>

using namespace ember;
using namespace ember::device;

namespace {

QByteArray randomBytes(std::mt19937& random, int size)
{
    QByteArray bytes(size, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random());
    return bytes;
}

} // namespace

class TestFlashImage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Blocks as the specification has them, read by its own words: magic numbers, 256 bytes each, numbered.
    void uf2BlocksCarryTheImage()
    {
        FlashImage image;
        image.base = 0x10000080;
        for (int i = 0; i < 700; ++i)
            image.bytes += static_cast<char>(i * 7);
        const QByteArray file = toUf2(image, 0xe48bff56);
        QCOMPARE(file.size() % 512, 0);
        const auto blocks = static_cast<quint32>(file.size() / 512);
        QCOMPARE(blocks, 4u); // 0x80 before, 700 bytes, in steps of 256
        QByteArray memory;
        for (quint32 i = 0; i < blocks; ++i) {
            const char* const block = file.constData() + 512 * i;
            const auto field = [block](int at) { return qFromLittleEndian<quint32>(block + at); };
            QCOMPARE(QByteArray(block, 4), QByteArray("UF2\n"));
            QCOMPARE(field(4), 0x9E5D5157u);
            QCOMPARE(field(8), 0x2000u); // a family is given, nothing else
            QCOMPARE(field(12), 0x10000000u + 256 * i);
            QCOMPARE(field(16), 256u);
            QCOMPARE(field(20), i);
            QCOMPARE(field(24), blocks);
            QCOMPARE(field(28), 0xe48bff56u);
            QCOMPARE(QByteArray(block + 32 + 256, 476 - 256), QByteArray(476 - 256, '\0'));
            QCOMPARE(field(508), 0x0AB16F30u);
            memory += QByteArray(block + 32, 256);
        }
        QCOMPARE(memory, QByteArray(0x80, '\xFF') + image.bytes + QByteArray(1024 - 0x80 - 700, '\xFF'));
    }

    // The example of Intel's specification (Hexadecimal Object File Format, revision A, 1988).
    void knownRecordsAreRead()
    {
        const auto image = parseIntelHex(":0300300002337A1E\n:00000001FF\n", QStringLiteral("x"));
        QVERIFY(image);
        QCOMPARE(image->base, 0x30u);
        QCOMPARE(image->bytes, QByteArray::fromHex("02337A"));
    }

    void gapsAreErasedFlash()
    {
        const auto image = parseIntelHex(":0100000011EE\r\n:0100040022D9\r\n:00000001FF\r\n", QStringLiteral("x"));
        QVERIFY(image);
        QCOMPARE(image->bytes, QByteArray::fromHex("11FFFFFF22"));
    }

    void whatIsWrittenIsRead()
    {
        std::mt19937 random(3);
        for (const quint32 base : {0u, 1u, 0x7E00u, 0xFFF8u, 0x08000000u, 0x10000000u}) {
            for (const int size : {1, 15, 16, 17, 300, 70'000}) {
                const FlashImage image{base, randomBytes(random, size)};
                const auto back = parseIntelHex(toIntelHex(image), QStringLiteral("x"));
                QVERIFY(back);
                QCOMPARE(back->base, image.base);
                QCOMPARE(back->bytes, image.bytes);
            }
        }
    }

    void hostileTextIsRefusedByLine_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("why");
        const QByteArray end = "\n:00000001FF\n";
        QTest::newRow("no record") << QByteArray("hello" + end) << QStringLiteral("line 1");
        QTest::newRow("checksum") << QByteArray(":0300300002337A1F" + end) << QStringLiteral("checksum");
        QTest::newRow("length") << QByteArray(":0400300002337A1D" + end) << QStringLiteral("length");
        QTest::newRow("digits") << QByteArray(":03003000023G7A1E" + end) << QStringLiteral("digits");
        QTest::newRow("type") << QByteArray(":0000000AF6" + end) << QStringLiteral("type 10");
        QTest::newRow("cut off") << QByteArray(":0300300002337A1E\n") << QStringLiteral("end record");
        QTest::newRow("nothing") << QByteArray(":00000001FF\n") << QStringLiteral("nothing");
        QTest::newRow("far apart") << QByteArray(":0100000011EE\n:02000004FFFFFC\n:0100000011EE" + end)
                                   << QStringLiteral("apart");
        QTest::newRow("empty") << QByteArray() << QStringLiteral("end record");
    }
    void hostileTextIsRefusedByLine()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, why);
        const auto image = parseIntelHex(text, QStringLiteral("x.hex"));
        QVERIFY(!image);
        QCOMPARE(image.error().kind, ErrorKind::BadData);
        QVERIFY2(image.error().message.contains(why), qPrintable(image.error().message));
    }

    void anElfGivesWhatObjcopyGives()
    {
        const auto board = findBoard(QStringLiteral("arduino-uno"));
        QVERIFY(board);
        const auto elf = shippedImage(*board);
        if (!elf || !programExists(QStringLiteral("avr-objcopy")))
            QSKIP("the Uno's firmware or avr-objcopy is not there");
        const QTemporaryDir folder;
        const QString hex = folder.filePath(QStringLiteral("out.hex"));
        ProcessRequest request;
        request.program = QStringLiteral("avr-objcopy");
        request.arguments = {QStringLiteral("-O"), QStringLiteral("ihex"), *elf, hex};
        QVERIFY(runProcessChecked(request));
        const auto ours = readFlashImage(*elf);
        const auto theirs = readFlashImage(hex);
        QVERIFY(ours);
        QVERIFY(theirs);
        QCOMPARE(ours->base, theirs->base);
        QCOMPARE(ours->bytes, theirs->bytes);
    }
};

QTEST_GUILESS_MAIN(TestFlashImage)
#include "tst_flash_image.moc"
