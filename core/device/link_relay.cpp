// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/link_relay.h"

#include "core/device/fd_handle.h"
#include "core/device/frame_decoder.h"
#include "core/device/row_injector.h"
#include "core/device/steady_clock.h"

#include <QFile>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>

namespace ember::device {
namespace {

// How long the thread may be deaf to the request to end, and how late a row may be.
constexpr int kSliceMs = 50;
constexpr int kFeedSliceMs = 4;
constexpr int kPipeBytes = 1024 * 1024; // what a user may ask for
constexpr qsizetype kChunk = 16 * 1024;
// A program that does not read gets no more than this kept for it; then the pipe fills up, and then the board loses.
constexpr qsizetype kMostKept = 4 * 1024 * 1024;

Error ioError(const QString& what, const QString& path)
{
    return Error(
        ErrorKind::Io,
        QStringLiteral("%1 '%2' cannot be made: %3.").arg(what, path, QString::fromLocal8Bit(std::strerror(errno))));
}

/// Bytes on their way to a descriptor that takes them when it likes.
class Outlet
{
public:
    void add(QByteArrayView bytes) { m_bytes.append(bytes.data(), bytes.size()); }
    void clear() { m_bytes.clear(); }
    qsizetype size() const { return m_bytes.size(); }
    bool isEmpty() const { return m_bytes.isEmpty(); }

    /// False when the other end is gone.
    bool flush(int fd)
    {
        while (!m_bytes.isEmpty()) {
            ssize_t count = ::send(fd, m_bytes.constData(), static_cast<size_t>(m_bytes.size()), MSG_NOSIGNAL);
            if (count < 0 && errno == ENOTSOCK)
                count = ::write(fd, m_bytes.constData(), static_cast<size_t>(m_bytes.size()));
            if (count < 0)
                return errno == EAGAIN || errno == EINTR;
            m_bytes.remove(0, count);
        }
        return true;
    }

private:
    QByteArray m_bytes;
};

} // namespace

class LinkRelay::Worker
{
public:
    Worker(QString pipe, QString socket, SensorFeed* feed)
        : m_pipe(std::move(pipe))
        , m_socket(std::move(socket))
    {
        if (feed)
            m_injector.emplace(*feed);
    }
    ~Worker()
    {
        m_stop = true;
        if (m_thread.joinable())
            m_thread.join();
        for (const QString& path : {m_pipe + QStringLiteral(".in"), m_pipe + QStringLiteral(".out"), m_socket})
            QFile::remove(path);
    }

    Status open();
    bool isBoardUp() const { return m_boardUp; }

private:
    void run();
    void openBoard();
    bool fromBoard();
    void passOn(QByteArrayView chunk);
    void takeClient();
    bool fromClient();
    void dropClient();
    void inject();

    const QString m_pipe;
    const QString m_socket;
    std::optional<RowInjector> m_injector;
    FdHandle m_listener;
    FdHandle m_client;
    FdHandle m_fromBoard;
    FdHandle m_toBoard;
    FdHandle m_ownReader;
    Outlet m_clientOut;
    Outlet m_boardOut;
    FrameDecoder m_decoder;
    QByteArray m_frame;       // of the board's, as long as it is not whole
    bool m_midFrame = false;  // the program has sent a part of a frame
    bool m_boardGone = false; // it was there and has ended
    std::atomic_bool m_boardUp{false};
    std::atomic_bool m_stop{false};
    std::thread m_thread;
};

Status LinkRelay::Worker::open()
{
    for (const char* end : {".in", ".out"}) {
        const QString path = m_pipe + QLatin1String(end);
        if (::mkfifo(QFile::encodeName(path).constData(), 0600) != 0)
            return ioError(QStringLiteral("The pipe"), path);
    }
    // Reading can begin before there is a writer; writing cannot begin before there is a reader (openBoard).
    const QString out = m_pipe + QStringLiteral(".out");
    m_fromBoard = FdHandle(::open(QFile::encodeName(out).constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!m_fromBoard.isValid())
        return ioError(QStringLiteral("The pipe"), out);
    static_cast<void>(::fcntl(m_fromBoard.get(), F_SETPIPE_SZ, kPipeBytes)); // as it is must do where that is refused

    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    const QByteArray name = QFile::encodeName(m_socket);
    if (static_cast<size_t>(name.size()) >= sizeof at.sun_path)
        return Error(ErrorKind::Io, QStringLiteral("'%1' is too long for a socket's path.").arg(m_socket));
    std::memcpy(at.sun_path, name.constData(), static_cast<size_t>(name.size()));
    m_listener = FdHandle(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!m_listener.isValid() || ::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::listen(m_listener.get(), 1) != 0)
        return ioError(QStringLiteral("The socket"), m_socket);
    m_thread = std::thread([this] { run(); });
    return {};
}

void LinkRelay::Worker::openBoard()
{
    const QByteArray path = QFile::encodeName(m_pipe + QStringLiteral(".in"));
    m_toBoard = FdHandle(::open(path.constData(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    // A reader of its own, that never reads: an emulator that dies must not kill this process with SIGPIPE.
    if (m_toBoard.isValid())
        m_ownReader = FdHandle(::open(path.constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    m_boardUp = m_toBoard.isValid() && m_ownReader.isValid();
}

void LinkRelay::Worker::run()
{
    while (!m_stop && !m_boardGone) {
        if (!m_boardUp)
            openBoard();
        const int slice = m_boardUp ? (m_injector ? kFeedSliceMs : kSliceMs) : kFeedSliceMs;
        // One program at a time; the next waits. A program that does not read stops the board's bytes where they are.
        const bool roomForBoard = m_clientOut.size() < kMostKept;
        const auto writable = [](const Outlet& out) { return static_cast<short>(out.isEmpty() ? 0 : POLLOUT); };
        pollfd entries[4] = {
            {m_listener.get(), static_cast<short>(m_client.isValid() || !m_boardUp ? 0 : POLLIN), 0},
            {roomForBoard ? m_fromBoard.get() : -1, POLLIN, 0},
            {m_client.get(), static_cast<short>(POLLIN | writable(m_clientOut)), 0},
            {m_boardOut.isEmpty() ? -1 : m_toBoard.get(), POLLOUT, 0},
        };
        if (::poll(entries, 4, slice) < 0 && errno != EINTR)
            return;
        if ((entries[0].revents & POLLIN) != 0)
            takeClient();
        if ((entries[1].revents & (POLLIN | POLLHUP)) != 0 && !fromBoard())
            m_boardGone = true;
        if (m_client.isValid() && (entries[2].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !fromClient())
            dropClient();
        inject();
        if (m_client.isValid() && !m_clientOut.flush(m_client.get()))
            dropClient();
        if (m_boardUp && !m_boardOut.flush(m_toBoard.get()))
            m_boardGone = true;
    }
    // The program sees its link end, as it does when a socket's emulator dies; a new one, which may come at once, is
    // refused.
    m_listener.reset();
    dropClient();
}

bool LinkRelay::Worker::fromBoard()
{
    char buffer[kChunk];
    const ssize_t count = ::read(m_fromBoard.get(), buffer, sizeof buffer);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    if (count == 0)
        return !m_boardUp; // no writer yet
    const QByteArrayView chunk(buffer, count);
    if (m_injector)
        passOn(chunk);
    else if (m_client.isValid())
        m_clientOut.add(chunk);
    return true;
}

// Frame by frame, so that answers to the injector can be left out; everything else goes on as it came, noise included.
void LinkRelay::Worker::passOn(QByteArrayView chunk)
{
    while (!chunk.isEmpty()) {
        const qsizetype end = chunk.indexOf('\0');
        const QByteArrayView piece = end < 0 ? chunk : chunk.first(end + 1);
        chunk = chunk.sliced(piece.size());
        bool wanted = true;
        m_decoder.feed(piece, [&](const Frame& frame) { wanted = m_injector->takeFromBoard(frame); });
        m_frame.append(piece.data(), piece.size());
        if (end < 0 && m_frame.size() < FrameDecoder::kMaxFrame)
            return;
        if (wanted && m_client.isValid())
            m_clientOut.add(m_frame);
        m_frame.clear();
    }
}

void LinkRelay::Worker::takeClient()
{
    m_client = FdHandle(::accept4(m_listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

bool LinkRelay::Worker::fromClient()
{
    char buffer[kChunk];
    // Leaves bytes with the program while the board does not take them.
    if (m_boardOut.size() > kChunk)
        return true;
    const ssize_t count = ::recv(m_client.get(), buffer, sizeof buffer, 0);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    if (count == 0)
        return false;
    m_boardOut.add({buffer, count});
    m_midFrame = buffer[count - 1] != '\0';
    return true;
}

void LinkRelay::Worker::dropClient()
{
    m_client.reset();
    m_clientOut.clear();
    // Half a frame of a program that is gone must not swallow what comes next.
    if (m_midFrame)
        m_boardOut.add(QByteArrayView("\0", 1));
    m_midFrame = false;
}

void LinkRelay::Worker::inject()
{
    if (!m_injector || !m_boardUp || m_midFrame)
        return;
    if (const auto frame = m_injector->next(steadyNanos()))
        m_boardOut.add(*frame);
}

LinkRelay::LinkRelay(std::unique_ptr<Worker> worker)
    : m_worker(std::move(worker))
{}

LinkRelay::~LinkRelay() = default;

Result<std::unique_ptr<LinkRelay>> LinkRelay::start(const QString& pipe, const QString& socket, SensorFeed* feed)
{
    auto worker = std::make_unique<Worker>(pipe, socket, feed);
    EMBER_CHECK(worker->open());
    return std::unique_ptr<LinkRelay>(new LinkRelay(std::move(worker)));
}

bool LinkRelay::isBoardUp() const
{
    return m_worker->isBoardUp();
}

} // namespace ember::device
