// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/fd_handle.h"
#include "core/device/link_relay.h"
#include "core/device/transport.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <poll.h>

using namespace ember;
using namespace ember::device;

namespace {

constexpr int kPatienceMs = 20'000;

/// What an emulator does with the two pipes.
class FakeBoard
{
public:
    explicit FakeBoard(const QString& pipe)
        : m_in(::open(QFile::encodeName(pipe + QStringLiteral(".in")).constData(), O_RDWR | O_NONBLOCK | O_CLOEXEC))
        , m_out(::open(QFile::encodeName(pipe + QStringLiteral(".out")).constData(), O_RDWR | O_NONBLOCK | O_CLOEXEC))
    {}

    bool say(const QByteArray& bytes)
    {
        return ::write(m_out.get(), bytes.constData(), static_cast<size_t>(bytes.size())) == bytes.size();
    }
    QByteArray hear(qsizetype count)
    {
        QByteArray heard;
        while (heard.size() < count) {
            pollfd entry{m_in.get(), POLLIN, 0};
            if (::poll(&entry, 1, kPatienceMs) <= 0)
                break;
            char buffer[4096];
            const ssize_t got = ::read(m_in.get(), buffer, sizeof buffer);
            heard.append(buffer, std::max<ssize_t>(0, got));
        }
        return heard;
    }

private:
    FdHandle m_in;
    FdHandle m_out;
};

QByteArray readBytes(Transport& link, qsizetype count)
{
    QByteArray bytes;
    while (bytes.size() < count) {
        const auto read = link.read(kPatienceMs);
        if (!read || read->isEmpty())
            break;
        bytes += *read;
    }
    return bytes;
}

} // namespace

class TestLinkRelay : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>(QStringLiteral("/tmp/relay-XXXXXX"));
        QVERIFY(m_folder->isValid());
        auto relay = LinkRelay::start(pipe(), socket(), nullptr);
        QVERIFY2(relay, qPrintable(relay ? QString() : relay.error().toString()));
        m_relay = std::move(*relay);
    }
    void cleanup()
    {
        m_relay.reset();
        QVERIFY(!QFile::exists(socket()));
        QVERIFY(!QFile::exists(pipe() + QStringLiteral(".in")));
    }

    void bytesPassBothWaysAsTheyAre()
    {
        QVERIFY(!m_relay->isBoardUp());
        FakeBoard board(pipe());
        QTRY_VERIFY_WITH_TIMEOUT(m_relay->isBoardUp(), kPatienceMs);
        const auto link = openTransport(QStringLiteral("unix://") + socket(), {});
        QVERIFY2(link, qPrintable(link ? QString() : link.error().toString()));
        QVERIFY((*link)->write(QByteArray("to\0the board", 12), kPatienceMs));
        QCOMPARE(board.hear(12), QByteArray("to\0the board", 12));

        // Byte by byte, more than a socket would hold of them while nobody reads.
        QByteArray sent;
        for (int i = 0; i < 20'000; ++i) {
            const QByteArray one(1, static_cast<char>(i * 7));
            QVERIFY(board.say(one));
            sent += one;
        }
        QCOMPARE(readBytes(**link, sent.size()), sent);
    }

    void aProgramThatLeavesHalfAFrameHarmsNobody()
    {
        FakeBoard board(pipe());
        QTRY_VERIFY_WITH_TIMEOUT(m_relay->isBoardUp(), kPatienceMs);
        {
            const auto link = openTransport(QStringLiteral("unix://") + socket(), {});
            QVERIFY(link);
            QVERIFY((*link)->write("half", kPatienceMs));
            QCOMPARE(board.hear(4), QByteArray("half"));
        }
        QCOMPARE(board.hear(1), QByteArray(1, '\0'));
        const auto next = openTransport(QStringLiteral("unix://") + socket(), {});
        QVERIFY(next);
        QVERIFY((*next)->write("x", kPatienceMs));
        QCOMPARE(board.hear(1), QByteArray("x"));
    }

    void aBoardThatDiesIsALinkThatEnds()
    {
        auto board = std::make_unique<FakeBoard>(pipe());
        QTRY_VERIFY_WITH_TIMEOUT(m_relay->isBoardUp(), kPatienceMs);
        const auto link = openTransport(QStringLiteral("unix://") + socket(), {});
        QVERIFY(link);
        QVERIFY(board->say("last words"));
        QCOMPARE(readBytes(**link, 10), QByteArray("last words"));
        board.reset();
        QTRY_VERIFY_WITH_TIMEOUT(!(*link)->read(100), kPatienceMs);
        QVERIFY(!openTransport(QStringLiteral("unix://") + socket(), {}));
    }

    void placesThatCannotBeAreErrors()
    {
        QCOMPARE(LinkRelay::start(QStringLiteral("/nowhere/link"), socket() + QLatin1Char('2'), nullptr).error().kind,
                 ErrorKind::Io);
        const QString longName = m_folder->filePath(QString(200, QLatin1Char('s')));
        QCOMPARE(LinkRelay::start(m_folder->filePath(QStringLiteral("other")), longName, nullptr).error().kind,
                 ErrorKind::Io);
    }

private:
    QString pipe() const { return m_folder->filePath(QStringLiteral("link")); }
    QString socket() const { return m_folder->filePath(QStringLiteral("link.sock")); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<LinkRelay> m_relay;
};

QTEST_GUILESS_MAIN(TestLinkRelay)
#include "tst_link_relay.moc"
