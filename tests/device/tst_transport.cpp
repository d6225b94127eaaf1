// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/fd_handle.h"
#include "core/device/serial_transport.h"
#include "core/device/socket_transport.h"
#include "core/device/transport.h"
#include "tests/support/host_board.h"
#include "tests/support/pty_pair.h"
#include "tests/support/udp_sender.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <arpa/inet.h>
#include <cerrno>
#include <future>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

namespace {

constexpr int kPatienceMs = 30'000;

/// Reads until `count` bytes are there or the link fails.
QByteArray readExactly(Transport& link, qsizetype count)
{
    QByteArray all;
    for (int tries = 0; all.size() < count && tries < 1000; ++tries) {
        const auto piece = link.read(kPatienceMs, count - all.size());
        if (!piece)
            break;
        all += *piece;
    }
    return all;
}

/// A TCP server on a free local port.
struct TcpServer
{
    FdHandle listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    quint16 port = 0;

    TcpServer()
    {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), size) == 0 && ::listen(listener.get(), 1) == 0 &&
            ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0)
            port = ntohs(at.sin_port);
    }
};

// Stand-ins for a port that the system has but will not give: what the library reports then, with errno as it leaves
// it.
int forcedErrno = 0;
int dummyPort = 0;

sp_return fakeFind(const char*, sp_port** port)
{
    *port = reinterpret_cast<sp_port*>(&dummyPort);
    return SP_OK;
}
void fakeFree(sp_port*) {}
sp_return fakeOpen(sp_port*, sp_mode)
{
    errno = forcedErrno;
    return SP_ERR_FAIL;
}

} // namespace

class TestTransport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Teleplot marks its values on serial ports, and what is no value in datagrams.
    void datagramsComeAsOnASerialPort()
    {
        const quint16 port = freeUdpPort();
        const QString address = QStringLiteral("udp:%1").arg(port);
        auto link = openTransport(address);
        QVERIFY2(link, qPrintable(link ? QString() : link.error().toString()));
        QVERIFY(!(*link)->isInteractive() && (*link)->isLive() && !(*link)->atEnd());
        QCOMPARE(openTransport(address).error().kind, ErrorKind::Board); // one at a time
        UdpSender board;
        UdpSender other("127.0.0.2");
        QVERIFY(board.bound && other.bound);
        QVERIFY(board.send(port, "sin:1627551892437:0.5|g\ncos:2\r\n"));
        const QByteArray values = ">sin:1627551892437:0.5|g\n>cos:2\n";
        QCOMPARE(readExactly(**link, values.size()), values);
        // Somebody else on the network does not get into the recording, and does not end it.
        QVERIFY(other.send(port, "sin:9"));
        QVERIFY(board.send(port, "") && board.send(port, ">it is warm: 40 C\n1,2,3"));
        const QByteArray rest = "it is warm: 40 C\n1,2,3\n";
        QCOMPARE(readExactly(**link, rest.size()), rest);
        // A datagram is larger than what is asked for at a time.
        const QByteArray large = QByteArray("a:1\n").repeated(15'000);
        QVERIFY(board.send(port, large));
        QByteArray all;
        while (all.size() < 5 * 15'000) {
            const auto piece = (*link)->read(kPatienceMs, 1000);
            QVERIFY(piece && !piece->isEmpty() && piece->size() <= 1000);
            all += *piece;
        }
        QCOMPARE(all, QByteArray(">a:1\n").repeated(15'000));
        QCOMPARE((*link)->write("x").error().kind, ErrorKind::Unsupported);
        const auto quiet = (*link)->read(1, 100);
        QVERIFY(quiet && quiet->isEmpty());
    }

    void bytesPassBothWaysUntilTheOtherEndGoes()
    {
        SocketPair pair;
        const auto board = adoptSocket(::dup(pair.boardEnd()), QStringLiteral("board"));
        const auto link = adoptSocket(pair.takeHostEnd(), QStringLiteral("unix:///test"));
        pair.closeBoardEnd();
        QVERIFY(link->read(0)->isEmpty());
        QVERIFY(board->write(QByteArray("up\0load", 7)));
        QCOMPARE(*link->read(kPatienceMs), QByteArray("up\0load", 7));
        QVERIFY(link->write("down"));
        QCOMPARE(*board->read(kPatienceMs), QByteArray("down"));

        // What was sent before the end still arrives; then the link is gone, for reading and for writing.
        QVERIFY(board->write("last words"));
        board->close();
        QCOMPARE(*link->read(kPatienceMs), QByteArray("last words"));
        const auto end = link->read(kPatienceMs);
        QVERIFY(!end);
        QCOMPARE(end.error().kind, ErrorKind::Board);
        QVERIFY(end.error().message.contains(link->address()));
        QCOMPARE(link->write("x").error().kind, ErrorKind::Board);
        link->close();
        QVERIFY(!link->isOpen());
        QCOMPARE(link->read(0).error().kind, ErrorKind::Board);
    }

    void aPeerThatTakesNothingIsAnErrorAndNotAHang()
    {
        SocketPair pair;
        const auto link = adoptSocket(pair.takeHostEnd(), QStringLiteral("unix:///test"));
        const auto written = link->write(QByteArray(16 * 1024 * 1024, 'x'), 100);
        QVERIFY(!written);
        QVERIFY2(written.error().message.contains(QStringLiteral("100 ms")), qPrintable(written.error().message));
    }

    void largeWritesArriveWhole()
    {
        SocketPair pair;
        const auto link = adoptSocket(pair.takeHostEnd(), QStringLiteral("a"));
        const auto board = adoptSocket(::dup(pair.boardEnd()), QStringLiteral("b"));
        QByteArray sent;
        for (int i = 0; i < 3'000'000; ++i)
            sent += static_cast<char>(i * 31 >> 3);
        auto writing = std::async(std::launch::async, [&] { return link->write(sent, kPatienceMs); });
        const QByteArray got = readExactly(*board, sent.size());
        QVERIFY(writing.get());
        QCOMPARE(got, sent);
    }

    void tcpConnectsAndSaysWhyNot()
    {
        TcpServer server;
        QVERIFY(server.port != 0);
        const QString address = QStringLiteral("tcp://127.0.0.1:%1").arg(server.port);
        const auto link = openTransport(address);
        QVERIFY2(link, qPrintable(link ? QString() : link.error().toString()));
        FdHandle peer(::accept(server.listener.get(), nullptr, nullptr));
        QVERIFY(peer.isValid());
        QVERIFY((*link)->write("hello"));
        char buffer[8] = {};
        QCOMPARE(::recv(peer.get(), buffer, 5, MSG_WAITALL), ssize_t(5));
        QCOMPARE(QByteArray(buffer), QByteArray("hello"));

        server.listener.reset();
        QCOMPARE(openTransport(address).error().kind, ErrorKind::Board);
        for (const char* bad :
             {"tcp://", "tcp://host", "tcp://:80", "tcp://host:port", "tcp://a:b:80", "tcp://h:123456"})
            QCOMPARE(openTransport(QLatin1String(bad)).error().kind, ErrorKind::Usage);
        QCOMPARE(openTransport(QStringLiteral("tcp://127.0.0.1:99999")).error().kind, ErrorKind::Board);
        for (const char* bad : {"udp:", "udp:0", "udp:70000", "udp:port", "udp:300.1.1.1:80", "udp:here:80"})
            QCOMPARE(openTransport(QString::fromLatin1(bad)).error().kind, ErrorKind::Usage);
    }

    void unixSocketsAreWaitedFor()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("s"));
        const QString address = QStringLiteral("unix://") + path;
        QCOMPARE(openTransport(address, {.connectTimeoutMs = 0}).error().kind, ErrorKind::Board);

        auto opening =
            std::async(std::launch::async, [&] { return openTransport(address, {.connectTimeoutMs = kPatienceMs}); });
        FdHandle listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::strcpy(at.sun_path, QFile::encodeName(path).constData());
        QCOMPARE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
        QCOMPARE(::listen(listener.get(), 1), 0);
        QVERIFY(opening.get());

        const QString tooLong = QStringLiteral("unix:///") + QString(200, QLatin1Char('x'));
        QCOMPARE(openTransport(tooLong).error().kind, ErrorKind::Usage);
    }

    void aLogPlaysToItsEnd()
    {
        QTemporaryDir folder;
        QFile log(folder.filePath(QStringLiteral("raw.bin")));
        QVERIFY(log.open(QIODevice::WriteOnly));
        log.write(QByteArray(1000, 'a') + QByteArray(1000, 'b'));
        log.close();
        const auto replay = openTransport(QStringLiteral("replay://") + log.fileName());
        QVERIFY(replay);
        QVERIFY(!(*replay)->isInteractive() && !(*replay)->isLive());
        QVERIFY((*replay)->write("ignored"));
        QCOMPARE(*(*replay)->read(0, 1500), QByteArray(1000, 'a') + QByteArray(500, 'b'));
        QVERIFY(!(*replay)->atEnd());
        QCOMPARE((*replay)->read(0, 1500)->size(), 500);
        QVERIFY((*replay)->atEnd());
        QVERIFY((*replay)->read(0)->isEmpty());
        QCOMPARE(openTransport(QStringLiteral("replay:///nowhere")).error().kind, ErrorKind::NotFound);
    }

    void addressesThatAreNoneAreUsageErrors()
    {
        for (const char* bad : {"", "COM3", "ttyACM0", "http://x", "/etc/passwd"})
            QCOMPARE(openTransport(QLatin1String(bad)).error().kind, ErrorKind::Usage);
    }

    void pseudoTerminalsOpenWithoutTheLibrary()
    {
        PtyPair pty;
        QVERIFY(pty.isValid());
        const auto link = openTransport(pty.path());
        QVERIFY2(link, qPrintable(link ? QString() : link.error().toString()));
        const auto raw = QByteArray("\x00\x03\x0D\x0A\x11\x7F\xFF", 7); // a terminal that is not raw would eat these
        QCOMPARE(::write(pty.master(), raw.constData(), 7), ssize_t(7));
        QCOMPARE(readExactly(**link, 7), raw);
        pty.unplug();
        QCOMPARE((*link)->read(kPatienceMs).error().kind, ErrorKind::Board);
    }

    void serialErrorsSayWhatToDo_data()
    {
        QTest::addColumn<int>("error");
        QTest::addColumn<QString>("hint");
        QTest::newRow("not permitted") << EACCES << QStringLiteral("dialout");
        QTest::newRow("in use") << EBUSY << QStringLiteral("other program");
        QTest::newRow("locked") << EWOULDBLOCK << QStringLiteral("other program");
        QTest::newRow("missing") << ENOENT << QStringLiteral("emberlab ports");
        QTest::newRow("unplugged meanwhile") << ENXIO << QStringLiteral("emberlab ports");
    }
    void serialErrorsSayWhatToDo()
    {
        QFETCH(int, error);
        QFETCH(QString, hint);
        SerialApi api = systemSerialApi();
        api.getPortByName = fakeFind;
        api.freePort = fakeFree;
        api.open = fakeOpen;
        forcedErrno = error;
        const auto link = openSerial(QStringLiteral("/dev/ttyACM7"), {}, api);
        QVERIFY(!link);
        QCOMPARE(link.error().kind, ErrorKind::Board);
        QVERIFY(link.error().message.contains(QStringLiteral("/dev/ttyACM7")));
        QVERIFY2(link.error().hint.contains(hint), qPrintable(link.error().hint));
    }

    void aMissingPortIsSaidToBeMissing()
    {
        const auto link = openTransport(QStringLiteral("/dev/ttyDoesNotExist0"));
        QCOMPARE(link.error().kind, ErrorKind::Board);
        QVERIFY(link.error().message.contains(QStringLiteral("no such port")));
        QCOMPARE(openSerial(QStringLiteral("/dev/ttyS0"), {.baud = 0}).error().kind, ErrorKind::Usage);
    }
};

QTEST_GUILESS_MAIN(TestTransport)
#include "tst_transport.moc"
