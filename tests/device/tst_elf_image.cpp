// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/elf_image.h"
#include "device-agent/wire/bytes.hpp"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::device;

namespace {

constexpr quint32 kAlloc = 2;
constexpr quint32 kWrite = 1;
constexpr quint32 kExec = 4;

/// Builds ELF files from nothing, so that every byte of them is the test's.
class ElfBuilder
{
public:
    struct Section
    {
        QByteArray name;
        quint32 type;
        quint32 flags;
        quint32 address;
        QByteArray content;
        quint32 size; ///< of a section without content
        quint32 link = 0;
    };

    quint16 machine = 40;
    quint16 type = 2;
    quint8 bits = 1;
    std::vector<Section> sections;

    void add(const char* name, quint32 type_, quint32 flags, quint32 address, const QByteArray& content,
             quint32 size = 0)
    {
        sections.push_back({name, type_, flags, address, content, size});
    }

    static QByteArray number(quint64 value, int bytes)
    {
        QByteArray out;
        for (int i = 0; i < bytes; ++i)
            out += static_cast<char>(value >> (8 * i));
        return out;
    }

    QByteArray build() const
    {
        std::vector<Section> all{{"", 0, 0, 0, {}, 0}};
        all.insert(all.end(), sections.begin(), sections.end());
        all.push_back({".shstrtab", 3, 0, 0, {}, 0});
        QByteArray names;
        std::vector<quint32> nameAt;
        for (const Section& section : all) {
            nameAt.push_back(static_cast<quint32>(names.size()));
            names += section.name + '\0';
        }
        all.back().content = names;

        const quint32 headerEnd = 52 + 32;
        QByteArray body;
        QByteArray table;
        for (size_t i = 0; i < all.size(); ++i) {
            const Section& s = all[i];
            const quint32 offset = headerEnd + static_cast<quint32>(body.size());
            body += s.content;
            const auto size = s.content.isEmpty() ? s.size : static_cast<quint32>(s.content.size());
            for (const quint32 field : {nameAt[i], s.type, s.flags, s.address, offset, size, s.link, 0u, 4u, 0u})
                table += number(field, 4);
        }
        const auto bodySize = static_cast<quint32>(body.size());
        QByteArray file("\x7F"
                        "ELF");
        file += static_cast<char>(bits);
        file += "\x01\x01";
        file += QByteArray(9, '\0');
        file += number(type, 2) + number(machine, 2) + number(1, 4) + number(0x41, 4) + number(52, 4);
        file += number(headerEnd + bodySize, 4) + number(0, 4) + number(52, 2) + number(32, 2) + number(1, 2);
        file += number(40, 2) + number(all.size(), 2) + number(all.size() - 1, 2);
        for (const quint32 field : {1u, headerEnd, 0u, 0u, bodySize, bodySize, 5u, 4u})
            file += number(field, 4);
        return file + body + table;
    }
};

QByteArray buildIdNote(const QByteArray& id)
{
    return ElfBuilder::number(4, 4) + ElfBuilder::number(static_cast<quint64>(id.size()), 4) +
           ElfBuilder::number(3, 4) + QByteArray("GNU\0", 4) + id;
}

ElfBuilder goodElf()
{
    ElfBuilder elf;
    elf.add(".text", 1, kAlloc | kExec, 0, QByteArray(1000, 't'));
    elf.add(".rodata", 1, kAlloc, 1000, QByteArray(500, 'r'));
    elf.add(".note.gnu.build-id", 7, kAlloc, 1500, buildIdNote(QByteArray(20, '\x42')));
    elf.add(".data", 1, kAlloc | kWrite, 0x20000000, QByteArray(60, 'd'));
    elf.add(".bss", 8, kAlloc | kWrite, 0x2000003C, {}, 4000);
    elf.add(".comment", 1, 0, 0, QByteArray(77, 'c'));
    const QByteArray names("\0main\0table\0", 12);
    elf.add(".strtab", 3, 0, 0, names);
    QByteArray symbols(16, '\0');
    symbols += ElfBuilder::number(1, 4) + ElfBuilder::number(0x41, 4) + ElfBuilder::number(90, 4) + '\x12' + '\0' +
               ElfBuilder::number(1, 2);
    symbols += ElfBuilder::number(6, 4) + ElfBuilder::number(1000, 4) + ElfBuilder::number(256, 4) + '\x01' + '\0' +
               ElfBuilder::number(2, 2);
    elf.add(".symtab", 2, 0, 0, symbols);
    elf.sections.back().link = 7;
    return elf;
}

Board boardWith(qint64 flash, qint64 ram, const char* family = "arm-none-eabi")
{
    Board board;
    board.id = QStringLiteral("test-board");
    board.name = QStringLiteral("Test board");
    board.flashBytes = flash;
    board.ramBytes = ram;
    board.toolchain.family = QLatin1String(family);
    return board;
}

} // namespace

class TestElfImage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sizesAreThoseOfTheSections()
    {
        const auto image = parseElf(goodElf().build(), QStringLiteral("fw.elf"));
        QVERIFY2(image, qPrintable(image ? QString() : image.error().message));
        QCOMPARE(image->machine, quint16(40));
        QCOMPARE(image->entry, 0x41u);
        QCOMPARE(image->codeBytes(), 1000);
        QCOMPARE(image->flashBytes(), 1000 + 500 + 36 + 60);
        QCOMPARE(image->ramBytes(), 60 + 4000);
        QCOMPARE(image->buildId, QByteArray(20, '\x42'));
        QCOMPARE(image->sections[2].name, QStringLiteral(".rodata"));
        QCOMPARE(image->symbols.size(), size_t(2));
        QCOMPARE(image->symbol(QStringLiteral("main"))->size, 90u);
        QVERIFY(image->symbol(QStringLiteral("main"))->isFunction);
        QVERIFY(image->symbol(QStringLiteral("table"))->isObject);
        QCOMPARE(image->symbol(QStringLiteral("table"))->section, 2);
        QVERIFY(!image->symbol(QStringLiteral("nothing")));
    }

    void whatIsNoFirmwareIsSaidSo_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("why");
        ElfBuilder wide = goodElf();
        wide.bits = 2;
        ElfBuilder object = goodElf();
        object.type = 1;
        QByteArray noSegments = goodElf().build();
        noSegments[44] = 0;
        QTest::newRow("empty") << QByteArray() << QStringLiteral("not an ELF file");
        QTest::newRow("text") << QByteArray(100, 'x') << QStringLiteral("not an ELF file");
        QTest::newRow("64 bits") << wide.build() << QStringLiteral("32-bit");
        QTest::newRow("object file") << object.build() << QStringLiteral("not a linked program");
        QTest::newRow("no segments") << noSegments << QStringLiteral("segments");
    }
    void whatIsNoFirmwareIsSaidSo()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, why);
        const auto image = parseElf(bytes, QStringLiteral("fw.elf"));
        QCOMPARE(image.error().kind, ErrorKind::BadData);
        QVERIFY2(image.error().message.contains(why), qPrintable(image.error().message));
    }

    void lyingFilesNeverCrash()
    {
        QRandomGenerator random(9);
        const QByteArray good = goodElf().build();
        for (qsizetype size = 0; size < good.size(); ++size)
            QVERIFY(!parseElf(good.left(size), QStringLiteral("cut")));
        // Every header byte, and the tables' bytes, with the values that hurt most.
        const qsizetype tables = good.size() - 10 * 40;
        for (qsizetype at = 0; at < good.size(); at = at == 83 ? tables : at + 1) {
            for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
                QByteArray bad = good;
                bad[at] = static_cast<char>(value);
                static_cast<void>(parseElf(bad, QStringLiteral("bent")));
            }
        }
        for (int i = 0; i < 20'000; ++i) {
            QByteArray bad = good;
            for (int flips = 1 + random.bounded(6); flips > 0; --flips)
                bad[random.bounded(static_cast<int>(bad.size()))] = static_cast<char>(random.bounded(256));
            const auto image = parseElf(bad, QStringLiteral("bent"));
            if (image)
                QVERIFY(image->buildId.size() <= bad.size());
        }
    }

    // Tables that overlap make a small file say much: it is refused before that costs memory or time.
    void overlappingTablesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("why");
        ElfBuilder twice = goodElf();
        twice.sections.push_back(twice.sections.back());
        QTest::newRow("two tables of symbols") << twice.build() << QStringLiteral("several");

        constexpr quint32 kCount = 50'000;
        ElfBuilder long_ = goodElf();
        long_.sections[6].content = '\0' + QByteArray(100'000, 'n') + '\0';
        QByteArray symbols;
        for (quint32 i = 0; i < kCount; ++i)
            symbols += ElfBuilder::number(1, 4) + QByteArray(12, '\1');
        long_.sections[7].content = symbols;
        QTest::newRow("five gigabytes of names") << long_.build() << QStringLiteral("names");

        ElfBuilder notes = goodElf();
        QByteArray many;
        for (int i = 0; i < 2000; ++i)
            many += buildIdNote(QByteArray(20, '\x42'));
        for (int i = 0; i < 40; ++i)
            notes.add(".note", 7, 0, 0, many);
        QTest::newRow("notes without end") << notes.build() << QStringLiteral("notes");
    }
    void overlappingTablesAreRefused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, why);
        const auto image = parseElf(bytes, QStringLiteral("fw.elf"));
        QVERIFY(!image);
        QCOMPARE(image.error().kind, ErrorKind::BadData);
        QVERIFY2(image.error().message.contains(why), qPrintable(image.error().message));
    }

    void anImageHasToFitItsBoard()
    {
        const auto image = parseElf(goodElf().build(), QStringLiteral("fw.elf"));
        QVERIFY(checkImage(*image, boardWith(1596, 4060)));
        const auto flash = checkImage(*image, boardWith(1595, 4060));
        QCOMPARE(flash.error().kind, ErrorKind::BadData);
        QVERIFY(flash.error().message.contains(QStringLiteral("1596")));
        QVERIFY(flash.error().message.contains(QStringLiteral("1595")));
        const auto ram = checkImage(*image, boardWith(1596, 4059));
        QVERIFY(ram.error().message.contains(QStringLiteral("RAM")));
        const auto other = checkImage(*image, boardWith(1596, 4060, "avr"));
        QVERIFY2(other.error().message.contains(QStringLiteral("AVR")), qPrintable(other.error().message));
    }

    void filesThatAreNotThere()
    {
        QCOMPARE(readElf(QStringLiteral("/nowhere/fw.elf")).error().kind, ErrorKind::NotFound);
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("fw.elf")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(goodElf().build());
        file.close();
        QVERIFY(readElf(file.fileName()));
    }
};

QTEST_GUILESS_MAIN(TestElfImage)
#include "tst_elf_image.moc"
