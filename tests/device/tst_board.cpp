// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/board.h"
#include "core/device/discovery.h"
#include "core/device/flasher.h"
#include "core/device/serial_api.h"

#include <QDir>
#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <cerrno>

using namespace ember;
using namespace ember::device;

namespace {

// A machine with two ports. The table's functions are plain C, so their world is global to this file.
struct FakePort
{
    char name[16];
    char description[32];
    bool usb;
    int vendor;
    int product;
};
std::array<FakePort, 2> fakePorts{
    {{"/dev/ttyUSB1", "Test adapter", true, 0x2341, 0x8037}, {"/dev/ttyS0", "", false, 0, 0}}};
std::array<sp_port*, 3> fakeList{};
int freedLists = 0;

FakePort* fake(const sp_port* port)
{
    return reinterpret_cast<FakePort*>(const_cast<sp_port*>(port));
}
sp_return fakeListPorts(sp_port*** list)
{
    fakeList = {reinterpret_cast<sp_port*>(&fakePorts[0]), reinterpret_cast<sp_port*>(&fakePorts[1]), nullptr};
    *list = fakeList.data();
    return SP_OK;
}
sp_return failingListPorts(sp_port***)
{
    errno = EACCES;
    return SP_ERR_FAIL;
}
void fakeFreeList(sp_port**)
{
    ++freedLists;
}
char* fakeName(const sp_port* port)
{
    return fake(port)->name;
}
char* fakeDescription(const sp_port* port)
{
    return fake(port)->description;
}
char* fakeSerial(const sp_port*)
{
    return nullptr;
}
sp_return fakeIds(const sp_port* port, int* vendor, int* product)
{
    if (!fake(port)->usb)
        return SP_ERR_ARG;
    *vendor = fake(port)->vendor;
    *product = fake(port)->product;
    return SP_OK;
}

SerialApi fakeMachine()
{
    SerialApi api = systemSerialApi();
    api.listPorts = fakeListPorts;
    api.freePortList = fakeFreeList;
    api.getPortName = fakeName;
    api.getPortDescription = fakeDescription;
    api.getPortUsbSerial = fakeSerial;
    api.getPortUsbVidPid = fakeIds;
    return api;
}

QByteArray boardJson(const QByteArray& id, const QByteArray& more = {})
{
    return R"({"id": ")" + id + R"(", "name": "A board", "cpu": "Cortex-M4F", "clock_hz": 64000000,
              "flash_bytes": 1048576, "ram_bytes": 262144, "fpu": true,
              "toolchain": {"family": "arm-none-eabi", "package": "gcc-arm-none-eabi", "flags": ["-mcpu=cortex-m4"]},
              "usb": [{"vid": "0x2341", "pid": "0x8037"}], "active_ma": 5.5, "supply_v": 3.3,
              "sleep_ua": 2.5, "current_source": "a meter")" +
           more + "}";
}

} // namespace

class TestBoard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_state = std::make_unique<QTemporaryDir>();
        qputenv("EMBERLAB_STATE", QFile::encodeName(m_state->path()));
        QVERIFY(QDir(m_state->path()).mkpath(QStringLiteral("boards.d")));
    }

    void theShippedBoardsAreWhole()
    {
        const auto registry = loadBoardRegistry();
        QVERIFY2(registry, qPrintable(registry ? QString() : registry.error().toString()));
        QVERIFY(registry->problems.empty());
        for (const char* id : {"microbit", "mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps2-m0",
                               "netduino-plus-2", "sifive-e", "stm32vldiscovery"}) {
            const auto board = findBoard(QLatin1String(id));
            QVERIFY(board);
            QVERIFY(board->isEmulated());
            QVERIFY(!board->toolchain.family.isEmpty() && !board->toolchain.package.isEmpty());
            QVERIFY(!board->toolchain.flags.isEmpty());
            QVERIFY(board->flashBytes > 0 && board->ramBytes > 0 && board->clockHz > 0);
            QVERIFY(!board->firmware.linkerScript.isEmpty());
        }
        QVERIFY(std::is_sorted(registry->boards.begin(), registry->boards.end(),
                               [](const Board& a, const Board& b) { return a.id < b.id; }));
    }

    void anUnknownBoardNamesTheKnownOnes()
    {
        const auto board = findBoard(QStringLiteral("nano-9000"));
        QCOMPARE(board.error().kind, ErrorKind::Usage);
        QVERIFY(board.error().hint.contains(QStringLiteral("mps2-an386")));
    }

    void addingABoardIsAddingAFile()
    {
        write(QStringLiteral("mine.json"), boardJson("my-board"));
        const auto board = findBoard(QStringLiteral("my-board"));
        QVERIFY2(board, qPrintable(board ? QString() : board.error().toString()));
        QCOMPARE(board->clockHz, 64'000'000);
        QVERIFY(board->fpu);
        QVERIFY(!board->dsp);
        QVERIFY(!board->isEmulated());
        QCOMPARE(*board->activeMilliamps, 5.5);
        QCOMPARE(*board->sleepMicroamps, 2.5);
        QCOMPARE(board->currentSource, QStringLiteral("a meter"));
        QCOMPARE(board->usbIds, (std::vector<UsbId>{{0x2341, 0x8037}}));
        QVERIFY(missingTool(*board).isEmpty());
    }

    void theUsersFileWins()
    {
        write(QStringLiteral("other.json"), boardJson("mps2-an386"));
        QCOMPARE(findBoard(QStringLiteral("mps2-an386"))->name, QStringLiteral("A board"));
    }

    void badFilesAreReportedAndTheRestIsRead_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("names");
        const QByteArray good = boardJson("b");
        const auto replaced = [&](const char* what, const char* with) { return QByteArray(good).replace(what, with); };
        QTest::newRow("not JSON") << QByteArray("{]") << QStringLiteral("JSON");
        QTest::newRow("a list") << QByteArray("[]") << QStringLiteral("JSON");
        QTest::newRow("no id") << QByteArray("{}") << QStringLiteral("'id' is missing");
        QTest::newRow("id that is a path") << boardJson("../../etc") << QStringLiteral("'id'");
        QTest::newRow("clock as text") << replaced("64000000", "\"fast\"") << QStringLiteral("'clock_hz'");
        QTest::newRow("no flash") << replaced("1048576", "0") << QStringLiteral("'flash_bytes'");
        QTest::newRow("origin in words") << replaced("\"fpu\"", "\"flash_origin\": \"top\", \"fpu\"")
                                         << QStringLiteral("'flash_origin'");
        QTest::newRow("half a byte") << replaced("262144", "0.5") << QStringLiteral("'ram_bytes'");
        QTest::newRow("endless flash") << replaced("1048576", "1e30") << QStringLiteral("'flash_bytes'");
        QTest::newRow("flag as number") << replaced("true", "1") << QStringLiteral("'fpu'");
        QTest::newRow("flags no list") << replaced("[\"-mcpu=cortex-m4\"]", "7") << QStringLiteral("'toolchain.flags'");
        QTest::newRow("usb id") << replaced("0x2341", "sparkly") << QStringLiteral("'usb.vid'");
        QTest::newRow("negative current") << replaced("5.5", "-1") << QStringLiteral("'active_ma'");
        QTest::newRow("sleep in words") << replaced("2.5", "\"little\"") << QStringLiteral("'sleep_ua'");
        QTest::newRow("currents from nowhere") << replaced("a meter", "") << QStringLiteral("'current_source'");
        QTest::newRow("emulator without program")
            << boardJson("b", R"(, "emulator": {"machine": "x"})") << QStringLiteral("'emulator.program'");
        const auto emulated = [](const QByteArray& more) {
            return boardJson("b", R"(, "emulator": {"program": "p", "package": "q", "machine": "m", )" + more + "}");
        };
        QTest::newRow("unknown link") << emulated(R"("link": "string")")
                                      << QStringLiteral("'emulator.link' is 'string', not one of socket, pipe");
        QTest::newRow("unknown sensor") << emulated(R"("link": "pipe", "sensor": "nose")")
                                        << QStringLiteral("'emulator.sensor' is 'nose'");
        QTest::newRow("inject without pipe")
            << emulated(R"("sensor": "inject")") << QStringLiteral("'emulator.sensor' is 'inject', which needs");
        QTest::newRow("far too long") << QByteArray(400'000, ' ') << QStringLiteral("too long");
    }
    void badFilesAreReportedAndTheRestIsRead()
    {
        QFETCH(QByteArray, json);
        QFETCH(QString, names);
        write(QStringLiteral("bad.json"), json);
        const auto registry = loadBoardRegistry();
        QVERIFY(registry);
        QCOMPARE(registry->problems.size(), size_t(1));
        const Error& problem = registry->problems.front();
        QCOMPARE(problem.kind, ErrorKind::BadData);
        QVERIFY(problem.message.contains(QStringLiteral("bad.json")));
        QVERIFY2(problem.message.contains(names), qPrintable(problem.message));
        QVERIFY(findBoard(QStringLiteral("mps2-an386")));
    }

    void theEmulatorsOptionsAreData()
    {
        write(QStringLiteral("e.json"),
              boardJson("b", R"(, "emulator": {"program": "p", "package": "q", "machine": "m", "link": "pipe",
                                 "sensor": "inject"})"));
        const auto board = findBoard(QStringLiteral("b"));
        QVERIFY(board && board->emulator);
        QCOMPARE(board->emulator->link, BoardEmulator::Link::Pipe);
        QCOMPARE(board->emulator->sensor, BoardEmulator::Sensor::Inject);
        QCOMPARE(findBoard(QStringLiteral("mps2-an386"))->emulator->link, BoardEmulator::Link::Socket);
        QCOMPARE(findBoard(QStringLiteral("mps2-an386"))->emulator->sensor, BoardEmulator::Sensor::Uart);
    }

    void aMissingEmulatorIsNamedByItsPackage()
    {
        write(QStringLiteral("e.json"),
              boardJson(
                  "b",
                  R"(, "emulator": {"program": "no-such-emulator", "package": "qemu-of-tomorrow", "machine": "m"})"));
        QCOMPARE(missingTool(*findBoard(QStringLiteral("b"))), QStringLiteral("qemu-of-tomorrow"));
    }

    void uploadMethodsThatAreNotKnownAreRefused()
    {
        write(QStringLiteral("mine.json"), boardJson("my-board", R"(, "upload": {"method": "pigeon"})"));
        const auto flasher = makeFlasher(*findBoard(QStringLiteral("my-board")));
        QCOMPARE(flasher.error().kind, ErrorKind::Unsupported);
        QVERIFY(flasher.error().message.contains(QStringLiteral("pigeon")));
    }

    void portsAreListedWithAGuess()
    {
        write(QStringLiteral("mine.json"), boardJson("my-board"));
        const auto boards = loadBoards();
        QVERIFY(boards);
        freedLists = 0;
        const auto ports = listPorts(*boards, fakeMachine());
        QVERIFY(ports);
        QCOMPARE(freedLists, 1);
        QCOMPARE(ports->size(), size_t(2));
        QCOMPARE(ports->at(0).name, QStringLiteral("/dev/ttyS0"));
        QVERIFY(!ports->at(0).usb);
        QCOMPARE(ports->at(1).description, QStringLiteral("Test adapter"));
        QCOMPARE(ports->at(1).boardGuess, QStringLiteral("my-board"));

        // Two boards with the same adapter: no guess is better than a wrong one.
        write(QStringLiteral("twin.json"), boardJson("my-twin"));
        const PortInfo shared = listPorts(*loadBoards(), fakeMachine())->at(1);
        QVERIFY(shared.boardGuess.isEmpty());
        QCOMPARE(shared.boardCandidates, (QStringList{QStringLiteral("my-board"), QStringLiteral("my-twin")}));
        SerialApi broken = fakeMachine();
        broken.listPorts = failingListPorts;
        QCOMPARE(listPorts(*boards, broken).error().kind, ErrorKind::Io);
        // This machine, whatever it has.
        QVERIFY(listPorts(*boards));
    }

    void portsAppearAndVanish()
    {
        const auto port = [](const char* name, const char* serial) {
            PortInfo info;
            info.name = QLatin1String(name);
            info.usbSerial = QLatin1String(serial);
            return info;
        };
        Result<std::vector<PortInfo>> there = std::vector<PortInfo>{port("/dev/ttyACM0", "1")};
        PortWatcher watcher([&there] { return there; });
        QCOMPARE(watcher.look()->appeared.size(), size_t(1)); // what is there at the first look is new
        QVERIFY(watcher.look()->isEmpty());

        there = std::vector<PortInfo>{port("/dev/ttyACM0", "1"), port("/dev/ttyACM1", "2")};
        auto changes = watcher.look();
        QVERIFY(changes->vanished.empty());
        QCOMPARE(changes->appeared.at(0).name, QStringLiteral("/dev/ttyACM1"));

        // Another board takes the name of one that was pulled out in between.
        there = std::vector<PortInfo>{port("/dev/ttyACM0", "3")};
        changes = watcher.look();
        QCOMPARE(changes->vanished.size(), size_t(2));
        QCOMPARE(changes->appeared.at(0).usbSerial, QStringLiteral("3"));

        // A system that cannot be asked for once has not lost its ports.
        there = Error(ErrorKind::Io, QStringLiteral("busy"));
        QCOMPARE(watcher.look().error().kind, ErrorKind::Io);
        there = std::vector<PortInfo>{port("/dev/ttyACM0", "3")};
        QVERIFY(watcher.look()->isEmpty());
    }

    // Boards of one make share the USB ids of their debug probe, so they are candidates; others are told apart.
    void theShippedBoardsAreGuessedByTheirUsbIds()
    {
        const auto boards = loadBoards();
        QVERIFY(boards);
        QCOMPARE(guessBoard(*boards, {0x2341, 0x0043}), QStringLiteral("arduino-uno"));
        QCOMPARE(guessBoard(*boards, {0x2341, 0x0042}), QStringLiteral("arduino-mega"));
        QCOMPARE(guessBoard(*boards, {0x2341, 0x805a}), QStringLiteral("arduino-nano-33-ble"));
        QCOMPARE(guessBoard(*boards, {0x2e8a, 0x000a}), QStringLiteral("raspberry-pi-pico"));
        QVERIFY(boardsWithUsbId(*boards, {0x0483, 0x374b}).contains(QStringLiteral("nucleo-f401re")));
        QVERIFY(guessBoard(*boards, {0x0483, 0x374b}).isEmpty());
        QVERIFY(boardsWithUsbId(*boards, {0xFFFF, 0xFFFF}).isEmpty());
    }

private:
    void write(const QString& name, const QByteArray& bytes)
    {
        QFile file(m_state->filePath(QStringLiteral("boards.d/") + name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

    std::unique_ptr<QTemporaryDir> m_state;
};

QTEST_GUILESS_MAIN(TestBoard)
#include "tst_board.moc"
