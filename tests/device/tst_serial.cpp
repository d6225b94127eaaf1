// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/agent_session.h"
#include "core/device/capture.h"
#include "core/device/transport.h"
#include "tests/support/host_board.h"
#include "tests/support/memory_sink.h"
#include "tests/support/pty_pair.h"

#include <QFile>
#include <QTest>

#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

// The real libserialport on a pseudo-terminal; the preloaded shim answers for the modem lines that it does not have.
namespace {

constexpr int kPatienceMs = 30'000;

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

} // namespace

class TestSerial : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(hasModemShim(), "run by ctest, which preloads the shim; or set LD_PRELOAD=tests/pty_modem_shim.so");
    }

    void bytesPassUntouched()
    {
        PtyPair pty;
        const auto link = openTransport(pty.serialAddress());
        QVERIFY2(link, qPrintable(link ? QString() : link.error().toString()));
        QByteArray all;
        for (int i = 0; i < 256; ++i)
            all += static_cast<char>(i);
        QCOMPARE(::write(pty.master(), all.constData(), 256), ssize_t(256));
        QCOMPARE(readExactly(**link, 256), all);
        QVERIFY((*link)->write(all));
        QByteArray back;
        QTRY_VERIFY_WITH_TIMEOUT(([&] {
                                     char buffer[256];
                                     const ssize_t count = ::read(pty.master(), buffer, sizeof buffer);
                                     back += QByteArray(buffer, std::max<ssize_t>(count, 0));
                                     return back.size() == 256;
                                 }()),
                                 kPatienceMs);
        QCOMPARE(back, all);
        QVERIFY((*link)->read(0)->isEmpty()); // silence is no error
    }

    void speedAndLinesAreSet()
    {
        PtyPair pty;
        const auto link = openTransport(pty.serialAddress(), {.baud = 57'600, .dtr = false, .rts = true});
        QVERIFY(link);
        termios settings{};
        QCOMPARE(::tcgetattr(pty.master(), &settings), 0);
        QCOMPARE(::cfgetospeed(&settings), speed_t(B57600));
        QCOMPARE(settings.c_cflag & CSIZE, tcflag_t(CS8));
        QCOMPARE(settings.c_cflag & (PARENB | CSTOPB | CRTSCTS), tcflag_t(0));
        QCOMPARE(modemLines() & TIOCM_DTR, 0);
        QCOMPARE(modemLines() & TIOCM_RTS, TIOCM_RTS);
    }

    void aPortIsForOneProgramAlone()
    {
        PtyPair pty;
        const auto first = openTransport(pty.serialAddress());
        QVERIFY(first);
        const auto second = openTransport(pty.serialAddress());
        QVERIFY(!second);
        QCOMPARE(second.error().kind, ErrorKind::Board);
        QVERIFY2(second.error().message.contains(QStringLiteral("another program")),
                 qPrintable(second.error().message));
        (*first)->close();
        QVERIFY(openTransport(pty.serialAddress()));
    }

    // The administrator can open a port that another program has for itself; being refused must leave it as it was.
    void aRefusedOpenLeavesThePortAlone()
    {
        PtyPair pty;
        const auto first = openTransport(pty.serialAddress(), {.dtr = false, .rts = true});
        QVERIFY(first);
        const int lines = modemLines();
        const auto isExclusive = [&pty] {
            int flag = -1;
            const int fd = ::open(QFile::encodeName(pty.serialAddress()).constData(), O_RDWR | O_NOCTTY | O_NONBLOCK);
            if (fd < 0)
                return errno == EBUSY; // not the administrator: kept out by the very flag
            ::ioctl(fd, TIOCGEXCL, &flag);
            ::close(fd);
            return flag == 1;
        };
        QVERIFY(isExclusive());
        QVERIFY(!openTransport(pty.serialAddress()));
        QVERIFY(isExclusive());
        QCOMPARE(modemLines(), lines);
        (*first)->close();
        QVERIFY(!isExclusive());
    }

    void unpluggingIsSeenAndPluggingInAgainWorks()
    {
        PtyPair pty;
        auto link = openTransport(pty.serialAddress());
        QVERIFY(link);
        pty.unplug();
        const auto read = (*link)->read(kPatienceMs);
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::Board);
        QVERIFY(!(*link)->write(QByteArray(100, 'x'), 200));
        QCOMPARE(openTransport(pty.serialAddress()).error().kind, ErrorKind::Board);

        QVERIFY(pty.plugAgain());
        link = openTransport(pty.serialAddress());
        QVERIFY2(link, qPrintable(link ? QString() : link.error().toString()));
        QCOMPARE(::write(pty.master(), "back", 4), ssize_t(4));
        QCOMPARE(readExactly(**link, 4), QByteArray("back"));
    }

    void aRecordingSurvivesACableThatIsPulled()
    {
        PtyPair pty;
        auto board = std::make_unique<HostBoard>(pty.master(), HostBoardOptions{.session = 1});
        const auto sink = std::make_shared<MemorySink>();
        CaptureOptions options;
        options.address = pty.serialAddress();
        options.connectTimeoutMs = kPatienceMs;
        options.sink = into(sink);
        Capture capture(options, {});
        capture.start();
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > 200, kPatienceMs);
        board.reset(); // before its descriptor goes
        pty.unplug();
        QTRY_COMPARE_WITH_TIMEOUT(capture.status().state, CaptureState::LinkLost, kPatienceMs);
        const qint64 before = sink->rows();
        QVERIFY(pty.plugAgain());
        board = std::make_unique<HostBoard>(pty.master(), HostBoardOptions{.session = 2});
        QTRY_VERIFY_WITH_TIMEOUT(sink->rows() > before + 200, kPatienceMs);
        capture.stop();
        QVERIFY(capture.wait(kPatienceMs));
        QCOMPARE(capture.status().state, CaptureState::Finished);
        QCOMPARE(sink->ledger().reconnects, 1);
        QCOMPARE(sink->rows() + sink->ledger().lostRows(), sink->blocks().back().endRow());
    }

    void theAgentAnswersOverTheSerialPort()
    {
        PtyPair pty;
        const HostBoard board(pty.master(), {});
        const auto session = AgentSession::open(pty.serialAddress(), kPatienceMs);
        QVERIFY2(session, qPrintable(session ? QString() : session.error().toString()));
        QCOMPARE((*session)->description().board, QStringLiteral("host-board"));
    }
};

QTEST_GUILESS_MAIN(TestSerial)
#include "tst_serial.moc"
