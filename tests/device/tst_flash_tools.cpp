// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flash_image.h"
#include "core/device/flash_steps.h"
#include "core/device/tool_flasher.h"
#include "core/device/uf2.h"
#include "core/device/uf2_flasher.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <atomic>
#include <thread>

using namespace ember;
using namespace ember::device;

// What the tools really said, and under "assembled/" what they would: tests/data/flashers/README.md.
namespace {

using Stage = FlashEvent::Stage;

QByteArray recorded(const QString& name)
{
    QFile file(QStringLiteral(EMBERLAB_TEST_DATA "/flashers/%1.txt").arg(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

const FlashTool& tool(const QString& method)
{
    for (const FlashTool* one : flashTools()) {
        if (method == QLatin1String(one->method))
            return *one;
    }
    qFatal("no such tool");
}

Board board(const char* id)
{
    return *findBoard(QLatin1String(id));
}

/// The smallest ELF file for an Arm core that has `bytes` at `address`.
QByteArray elfWith(const QByteArray& bytes, quint32 address)
{
    QByteArray elf(52 + 32, '\0');
    const auto put16 = [&elf](int at, quint16 v) { qToLittleEndian(v, elf.data() + at); };
    const auto put32 = [&elf](int at, quint32 v) { qToLittleEndian(v, elf.data() + at); };
    elf.replace(0, 7,
                QByteArray("\x7F"
                           "ELF\x01\x01\x01",
                           7));
    put16(16, 2);
    put16(18, 40);
    put32(20, 1);
    put32(24, address);
    put32(28, 52);
    put16(40, 52);
    put16(42, 32);
    put16(44, 1);
    put16(46, 40);
    put32(52, 1);
    put32(56, 84);
    put32(60, address);
    put32(64, address);
    put32(68, static_cast<quint32>(bytes.size()));
    put32(72, static_cast<quint32>(bytes.size()));
    return elf + bytes;
}

} // namespace

class TestFlashTools : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = qgetenv("PATH");
        qputenv("EMBERLAB_STATE", QFile::encodeName(m_folder->filePath(QStringLiteral("state"))));
    }
    void cleanup() { qputenv("PATH", m_path); }

    void commandLinesFollowTheBoardFiles_data()
    {
        QTest::addColumn<QString>("command");
        QTest::newRow("nucleo-f401re") << "st-flash --reset --format ihex write image.hex";
        QTest::newRow("nucleo-l476rg") << "openocd -f board/st_nucleo_l4.cfg -c program|image.hex|verify|reset|exit";
        QTest::newRow("nucleo-h743zi")
            << "openocd -f board/st_nucleo_h743zi.cfg -c program|image.hex|verify|reset|exit";
        QTest::newRow("bluepill-f103c8") << "stm32flash -b 115200 -w image.hex -v -g 0x08000000 PORT";
        QTest::newRow("blackpill-f411ce") << "dfu-util -d 0483:df11 -a 0 -s 0x08000000:leave -D image.bin";
        QTest::newRow("arduino-nano-33-ble") << "bossac --port=PORT -U -a -i -e -w -R image.bin";
        QTest::newRow("arduino-zero") << "bossac --port=PORT -U -a -i -e -w -v --offset=0x2000 -R image.bin";
        QTest::newRow("esp32-devkit")
            << "esptool --chip esp32 elf2image --output image.bin image.elf; "
               "esptool --chip esp32 --port PORT --baud 460800 --before default_reset --after "
               "hard_reset write_flash 0x10000 image.bin";
    }
    void commandLinesFollowTheBoardFiles()
    {
        QFETCH(QString, command);
        const Board target = board(QTest::currentDataTag());
        const FlashTool& with = tool(target.upload.method);
        static const char* const files[] = {"image.elf", "image.hex", "image.bin", "image.uf2"};
        const auto commands = with.commands(
            {target, QStringLiteral("PORT"), QLatin1String(files[static_cast<int>(with.form)]), 0x08000000});
        QVERIFY2(commands, qPrintable(commands ? QString() : commands.error().toString()));
        QStringList lines;
        for (QStringList arguments : *commands) {
            for (QString& argument : arguments)
                argument.replace(QLatin1Char(' '), QLatin1Char('|')); // a blank inside an argument
            lines << with.programs.front() + QLatin1Char(' ') + arguments.join(QLatin1Char(' '));
        }
        QCOMPARE(lines.join(QStringLiteral("; ")), command);
    }

    void everyBoardHasAFlasher()
    {
        for (const Board& one : *loadBoards()) {
            const auto flasher = makeFlasher(one);
            QVERIFY2(flasher, qPrintable(one.id));
            const FlasherInfo info = (*flasher)->info();
            QVERIFY2(!info.tool.isEmpty(), qPrintable(one.id));
            for (const FlashTool* known : flashTools())
                QVERIFY(!known->getIt.isEmpty());
        }
    }

    void badOptionsAreRefusedByName_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QJsonValue>("value");
        QTest::newRow("no config") << "nucleo-l476rg"
                                   << "config" << QJsonValue(QJsonValue::Undefined);
        QTest::newRow("a script as config") << "nucleo-l476rg"
                                            << "config" << QJsonValue(QJsonArray{"a.cfg; shutdown"});
        QTest::newRow("a script as serial") << "nucleo-l476rg"
                                            << "serial" << QJsonValue("1; shutdown");
        QTest::newRow("an option as serial") << "nucleo-f401re"
                                             << "serial" << QJsonValue("--area=option");
        QTest::newRow("no device") << "blackpill-f411ce"
                                   << "device" << QJsonValue(QJsonValue::Undefined);
        QTest::newRow("offset in words") << "arduino-zero"
                                         << "offset" << QJsonValue("far");
        QTest::newRow("touch in words") << "arduino-zero"
                                        << "touch" << QJsonValue("gently");
        QTest::newRow("half a baud") << "bluepill-f103c8"
                                     << "baud" << QJsonValue(115200.5);
        QTest::newRow("odd lines") << "bluepill-f103c8"
                                   << "gpio" << QJsonValue("rts && rm");
        QTest::newRow("no chip") << "esp32-devkit"
                                 << "chip" << QJsonValue(QJsonValue::Undefined);
    }
    void badOptionsAreRefusedByName()
    {
        QFETCH(QString, board);
        QFETCH(QString, key);
        QFETCH(QJsonValue, value);
        Board target = *findBoard(board);
        target.upload.options.remove(key);
        if (!value.isUndefined())
            target.upload.options.insert(key, value);
        const auto commands = tool(target.upload.method).commands({target, {}, QStringLiteral("image.bin"), 0});
        QVERIFY(!commands);
        QCOMPARE(commands.error().kind, ErrorKind::BadData);
        QVERIFY2(commands.error().message.contains(QStringLiteral("upload.") + key),
                 qPrintable(commands.error().message));
    }

    void progressBecomesEvents_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("events"); // stage and bytes of 4096
        QTest::newRow("stm32flash-success") << "stm32flash"
                                            << "erase 0, write 1024, write 2048, write 3072, write 4096";
        QTest::newRow("assembled/openocd-success") << "openocd"
                                                   << "write 0, write 4096, verify 0, verify 4096";
        QTest::newRow("assembled/st-flash-success")
            << "st-flash"
            << "erase 0, erase 4096, write 1024, write 2048, write 3072, write 4096, verify 0, verify 4096";
        QTest::newRow("assembled/dfu-util-success") << "dfu-util"
                                                    << "erase 0, erase 4096, write 0, write 2048, write 4096";
        QTest::newRow("assembled/bossac-success")
            << "bossac"
            << "erase 0, write 2048, write 4096, verify 0, verify 2048, verify 4096, verify 4096";
        QTest::newRow("assembled/esptool-success") << "esptool"
                                                   << "erase 0, write 2048, write 4096, verify 4096";
        QTest::newRow("assembled/picotool-success") << "picotool"
                                                    << "write 2048, write 4096, verify 4096";
    }
    void progressBecomesEvents()
    {
        QFETCH(QString, method);
        QFETCH(QString, events);
        const QByteArray said = recorded(QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(!said.isEmpty());
        for (const qsizetype piece : {1, 7, 100'000}) {
            QStringList heard;
            FlashProgress progress(tool(method), 4096, [&heard](const FlashEvent& event) {
                QCOMPARE(event.total, 4096);
                heard << QStringLiteral("%1 %2").arg(flashStageName(event.stage)).arg(event.done);
            });
            for (qsizetype at = 0; at < said.size(); at += piece)
                progress.feed(said.mid(at, piece));
            QCOMPARE(heard.join(QStringLiteral(", ")), events);
        }
    }

    void hostileOutputDoesNoHarm()
    {
        const QByteArray lines[] = {"Wrote 999999999999999999999%\n",
                                    "Wrote %\n",
                                    "%\n",
                                    "Download -5%\n",
                                    "[==] 1e9%\r",
                                    " 9223372036854775807/ 1 pages written\n",
                                    " 1/ 9223372036854775807 pages written\n",
                                    "-1/-1 pages written\n",
                                    "/ pages written\n",
                                    "Writing at 99999 %\n",
                                    "Loading into Flash: 101%\n",
                                    QByteArray(100'000, '1') + "%\n",
                                    QByteArray(100, '\0')};
        for (const FlashTool* one : flashTools()) {
            FlashProgress progress(
                *one, 100, [](const FlashEvent& event) { QVERIFY(event.done >= 0 && event.done <= event.total); });
            for (const QByteArray& line : lines)
                progress.feed(line);
            QVERIFY(!one->explain(QByteArray(10'000, '\xFF'), {board("nucleo-f401re"), {}, {}, 0}));
        }
    }

    void failuresSayWhatToDo_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("hint");
        QTest::newRow("openocd-no-probe") << "openocd"
                                          << "was not found"
                                          << "debug probe";
        QTest::newRow("openocd-no-config") << "openocd"
                                           << "does not have the configuration"
                                           << "nonsense.cfg";
        QTest::newRow("assembled/openocd-wrong-chip") << "openocd"
                                                      << "is not that of"
                                                      << "STM32 family";
        QTest::newRow("assembled/openocd-no-permission") << "openocd"
                                                         << "may not use"
                                                         << "udev";
        QTest::newRow("st-flash-no-probe") << "st-flash"
                                           << "was not found"
                                           << "ST-Link";
        QTest::newRow("assembled/st-flash-no-permission") << "st-flash"
                                                          << "may not use"
                                                          << "udev";
        QTest::newRow("stm32flash-no-port") << "stm32flash"
                                            << "cannot be opened"
                                            << "Failed to open port";
        QTest::newRow("stm32flash-no-permission") << "stm32flash"
                                                  << "cannot be opened"
                                                  << "Failed to open port";
        QTest::newRow("stm32flash-silent") << "stm32flash"
                                           << "was not found at /dev/ttyUSB0"
                                           << "BOOT0";
        QTest::newRow("stm32flash-protected") << "stm32flash"
                                              << "refuses"
                                              << "stm32flash -u /dev/ttyUSB0";
        QTest::newRow("stm32flash-mismatch") << "stm32flash"
                                             << "differs"
                                             << "expected 0x03 and found 0x02";
        QTest::newRow("stm32flash-unknown") << "stm32flash"
                                            << "not one that stm32flash knows"
                                            << "0x499";
        QTest::newRow("dfu-util-no-device") << "dfu-util"
                                            << "was not found"
                                            << "BOOT0";
        QTest::newRow("assembled/dfu-util-several") << "dfu-util"
                                                    << "Several boards"
                                                    << "--list";
        QTest::newRow("bossac-no-device") << "bossac"
                                          << "was not found"
                                          << "reset button twice";
        QTest::newRow("assembled/bossac-unsupported") << "bossac"
                                                      << "does not know the chip"
                                                      << "Arduino core";
        QTest::newRow("assembled/esptool-wrong-chip") << "esptool"
                                                      << "is not that of"
                                                      << "ESP32-S3";
        QTest::newRow("assembled/esptool-no-answer") << "esptool"
                                                     << "was not found"
                                                     << "BOOT button";
        QTest::newRow("assembled/picotool-no-board") << "picotool"
                                                     << "was not found"
                                                     << "BOOTSEL";
    }
    void failuresSayWhatToDo()
    {
        QFETCH(QString, method);
        QFETCH(QString, message);
        QFETCH(QString, hint);
        const QByteArray said = recorded(QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(!said.isEmpty());
        const auto error = tool(method).explain(said, {board("nucleo-f401re"), QStringLiteral("/dev/ttyUSB0"), {}, 0});
        QVERIFY(error);
        QVERIFY(error->kind == ErrorKind::Board || error->kind == ErrorKind::BadData);
        QVERIFY2(error->message.contains(message), qPrintable(error->toString()));
        QVERIFY2(error->hint.contains(hint), qPrintable(error->toString()));
    }

    // The whole way, with a program in the tool's place that says what the tool says.
    void aFlashIsRunAndTold()
    {
        standIn("st-flash", "cp image.hex '" + out() + "'; cat '" + data("assembled/st-flash-success") + "' >&2");
        QList<Stage> stages;
        FlashRequest request = requestFor(QByteArray(1000, 'A'));
        request.onEvent = [&stages](const FlashEvent& event) {
            if (stages.isEmpty() || stages.last() != event.stage)
                stages << event.stage;
        };
        const auto report = flash("nucleo-f401re", request);
        QVERIFY2(report, qPrintable(report ? QString() : report.error().toString()));
        QVERIFY(report->compared && !report->verified);
        QCOMPARE(report->bytes, 1000);
        QCOMPARE(report->commands.size(), size_t(1));
        QCOMPARE(stages, (QList<Stage>{Stage::Check, Stage::Write, Stage::Erase, Stage::Write, Stage::Verify}));
        // What the tool was given is the image.
        const auto given = readFlashImage(QFile::decodeName(out()));
        QVERIFY(given);
        QCOMPARE(given->base, 0x08000000u);
        QCOMPARE(given->bytes, QByteArray(1000, 'A'));
    }

    void aDryRunChangesNothing()
    {
        standIn("st-flash", "touch '" + out() + "'");
        FlashRequest request = requestFor("abcd");
        request.dryRun = true;
        const auto report = flash("nucleo-f401re", request);
        QVERIFY(report);
        QCOMPARE(report->commands.front().join(QLatin1Char(' ')),
                 QStringLiteral("st-flash --reset --format ihex write image.hex"));
        QVERIFY(!report->verified && !report->compared);
        QVERIFY(!QFile::exists(QFile::decodeName(out())));
    }

    void aFailureIsExplainedOrQuoted()
    {
        standIn("st-flash", "cat '" + data("st-flash-no-probe") + "'; exit 255");
        QCOMPARE(flash("nucleo-f401re", requestFor("abcd")).error().kind, ErrorKind::Board);
        standIn("st-flash", "echo the moon is full; exit 1");
        const auto report = flash("nucleo-f401re", requestFor("abcd"));
        QCOMPARE(report.error().kind, ErrorKind::Failed);
        QCOMPARE(report.error().hint, QStringLiteral("the moon is full"));
    }

    void aCancelEndsTheTool()
    {
        standIn("st-flash", "touch '" + out() + "'; exec sleep 100");
        CancelSource source;
        FlashRequest request = requestFor("abcd");
        request.cancel = source.token();
        std::thread canceller([&] {
            QElapsedTimer clock;
            clock.start();
            while (!QFile::exists(QFile::decodeName(out())) && clock.elapsed() < 20'000)
                QThread::msleep(5);
            source.cancel();
        });
        const auto report = flash("nucleo-f401re", request);
        canceller.join();
        QCOMPARE(report.error().kind, ErrorKind::Cancelled);
    }

    void whatIsMissingOrWrongIsNamedBeforehand()
    {
        qputenv("PATH", "/nowhere");
        auto report = flash("nucleo-f401re", requestFor("abcd"));
        QCOMPARE(report.error().kind, ErrorKind::MissingTool);
        QCOMPARE(exitCodeFor(report.error().kind), 5);
        QVERIFY(report.error().hint.contains(QStringLiteral("stlink-tools")));

        standIn("stm32flash", "touch '" + out() + "'");
        FlashRequest request = requestFor("abcd");
        report = flash("bluepill-f103c8", request);
        QCOMPARE(report.error().kind, ErrorKind::Usage);
        request.port = QStringLiteral("/dev/no-such-port");
        report = flash("bluepill-f103c8", request);
        QCOMPARE(report.error().kind, ErrorKind::Board);
        QVERIFY(report.error().message.contains(QStringLiteral("There is no port /dev/no-such-port")));

        report = flash("bluepill-f103c8", requestFor(QByteArray(70'000, 'x')));
        QCOMPARE(report.error().kind, ErrorKind::BadData);
        QVERIFY(report.error().message.contains(QStringLiteral("70000 bytes of flash")));
        report = flash("arduino-mega", requestFor("abcd")); // an image for Arm
        QCOMPARE(report.error().kind, ErrorKind::BadData);
        QVERIFY(report.error().message.contains(QStringLiteral("The image is for")));
        report = flash("bluepill-f103c8", requestFor("abcd", 0x10000000)); // another chip's flash
        QCOMPARE(report.error().kind, ErrorKind::BadData);
        QVERIFY(report.error().message.contains(QStringLiteral("goes to address 0x10000000")));
        QVERIFY(!QFile::exists(QFile::decodeName(out())));
    }

    void aDriveIsFoundByItsName()
    {
        const QString drive = m_folder->filePath(QStringLiteral("drive"));
        QVERIFY(QDir().mkpath(drive));
        Uf2Flasher flasher(board("raspberry-pi-pico"), {m_folder->path(), drive});
        FlashRequest request = requestFor(QByteArray(1000, 'B'), 0x10000000);
        auto report = flasher.flash(request);
        QCOMPARE(report.error().kind, ErrorKind::Board);
        QVERIFY(report.error().hint.contains(QStringLiteral("BOOTSEL")));

        write(drive + QStringLiteral("/INFO_UF2.TXT"), "UF2 Bootloader v3.0\r\nBoard-ID: SAMD21G18A-Zero-v0\r\n");
        report = flasher.flash(request);
        QVERIFY(report.error().message.contains(QStringLiteral("not Raspberry Pi Pico")));

        write(drive + QStringLiteral("/INFO_UF2.TXT"),
              "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n");
        request.dryRun = true;
        QVERIFY(flasher.flash(request));
        QVERIFY(!QFile::exists(drive + QStringLiteral("/emberlab.uf2")));
        request.dryRun = false;
        report = flasher.flash(request);
        QVERIFY2(report, qPrintable(report ? QString() : report.error().toString()));
        QFile copied(drive + QStringLiteral("/emberlab.uf2"));
        QVERIFY(copied.open(QIODevice::ReadOnly));
        QCOMPARE(copied.readAll(), toUf2({0x10000000, QByteArray(1000, 'B')}, 0xe48bff56));
    }

private:
    QByteArray out() const { return QFile::encodeName(m_folder->filePath(QStringLiteral("out"))); }
    static QByteArray data(const char* name) { return QByteArray(EMBERLAB_TEST_DATA "/flashers/") + name + ".txt"; }

    static void write(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(bytes);
    }

    /// A script of this name, first in PATH.
    void standIn(const char* name, const QByteArray& script)
    {
        const QString path = m_folder->filePath(QLatin1String(name));
        write(path, "#!/bin/sh\n" + script + "\n");
        QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        qputenv("PATH", QFile::encodeName(m_folder->path()) + ":" + m_path);
    }

    FlashRequest requestFor(const QByteArray& bytes, quint32 address = 0x08000000)
    {
        FlashRequest request;
        request.image = m_folder->filePath(QStringLiteral("firmware.elf"));
        write(request.image, elfWith(bytes, address));
        return request;
    }

    static Result<FlashReport> flash(const char* id, const FlashRequest& request)
    {
        EMBER_TRY(const auto flasher, makeFlasher(board(id)));
        return flasher->flash(request);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QByteArray m_path;
};

QTEST_GUILESS_MAIN(TestFlashTools)
#include "tst_flash_tools.moc"
