// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulators/uno/feed_client.h"

#include "device-agent/wire/description.hpp"

#include <QElapsedTimer>
#include <QFile>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace ember::uno {
namespace {

using wire::MessageType;

constexpr qsizetype kBufferBytes = 70'000;
constexpr int kAnswerMs = 10'000;
// Rows that are fetched at once: little, so that what a feed counts as lost is what its reader really came too late
// for.
constexpr quint16 kRowsAtOnce = 16;
constexpr int kAskAgainMs = 1;

Error bad(const QString& why)
{
    return Error(ErrorKind::BadData, QStringLiteral("The sensor feed's answer makes no sense: %1.").arg(why));
}

} // namespace

FeedClient::FeedClient(device::FdHandle fd)
    : m_fd(std::move(fd))
    , m_buffer(kBufferBytes, '\0')
    , m_receiver(reinterpret_cast<uint8_t*>(m_buffer.data()), static_cast<size_t>(m_buffer.size()))
{}

Result<std::unique_ptr<FeedClient>> FeedClient::connect(const QString& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const QByteArray name = QFile::encodeName(path);
    if (name.size() >= static_cast<qsizetype>(sizeof address.sun_path))
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is too long for a socket.").arg(path));
    std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
    device::FdHandle fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd.isValid() || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return Error(ErrorKind::Io, QStringLiteral("The sensor feed '%1' cannot be opened: %2.")
                                        .arg(path, QString::fromLocal8Bit(std::strerror(errno))));
    std::unique_ptr<FeedClient> client(new FeedClient(std::move(fd)));
    EMBER_CHECK(client->identify());
    return client;
}

Status FeedClient::identify()
{
    EMBER_CHECK(send(MessageType::SensorIdentify));
    QElapsedTimer clock;
    clock.start();
    while (m_spec.isEmpty() && !m_gone && clock.elapsed() < kAnswerMs)
        receive(kAnswerMs);
    const auto* at = reinterpret_cast<const uint8_t*>(m_spec.constData());
    const auto* const end = at + m_spec.size();
    if (m_spec.size() < 6)
        return bad(QStringLiteral("it says nothing about its rows"));
    if (at[0] != static_cast<uint8_t>(wire::ElementType::Int16))
        return Error(ErrorKind::Unsupported, QStringLiteral("The sensor feed's rows are not int16."));
    const int channels = at[1];
    m_rateHz = static_cast<double>(wire::getF32(at + 2));
    if (!(m_rateHz > 0) || m_rateHz > 100'000)
        return bad(QStringLiteral("its rate is %1 Hz").arg(m_rateHz));
    at += 6;
    const auto text = [&at, end](QString* to) {
        if (at == end || end - at - 1 < *at)
            return false;
        *to = QString::fromUtf8(reinterpret_cast<const char*>(at + 1), *at);
        at += 1 + *at;
        return true;
    };
    for (int i = 0; i < channels; ++i) {
        FeedChannel channel;
        if (end - at < 8)
            return bad(QStringLiteral("it is cut off"));
        channel.scale = static_cast<double>(wire::getF32(at));
        channel.offset = static_cast<double>(wire::getF32(at + 4));
        at += 8;
        if (!text(&channel.name) || !text(&channel.unit))
            return bad(QStringLiteral("it is cut off"));
        m_channels.push_back(channel);
    }
    return m_channels.empty() ? Status(bad(QStringLiteral("it has no channels"))) : Status();
}

Status FeedClient::send(MessageType type, const QByteArray& payload)
{
    QByteArray frame(static_cast<qsizetype>(wire::kHeaderSize) + payload.size() + 4, '\0');
    std::copy(payload.begin(), payload.end(), frame.begin() + wire::kHeaderSize);
    wire::FrameHeader header;
    header.type = static_cast<uint8_t>(type);
    header.seq = m_seq++;
    QByteArray encoded;
    wire::sendFrame(header, reinterpret_cast<uint8_t*>(frame.data()), static_cast<size_t>(payload.size()),
                    [&encoded](uint8_t byte) { encoded += static_cast<char>(byte); });
    for (qsizetype sent = 0; sent < encoded.size();) {
        const ssize_t n =
            ::send(m_fd.get(), encoded.constData() + sent, static_cast<size_t>(encoded.size() - sent), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            m_gone = true;
            return Error(ErrorKind::Io, QStringLiteral("The sensor feed is gone."));
        }
        sent += n;
    }
    return {};
}

Status FeedClient::start()
{
    // What an older request still brings belongs to the time before.
    while (m_asked && !m_gone && receive(kAnswerMs)) {
    }
    m_rows.clear();
    m_ended = false;
    return send(MessageType::SensorStart);
}

Status FeedClient::stop()
{
    return send(MessageType::SensorStop);
}

void FeedClient::ask()
{
    if (m_asked || m_ended || m_gone)
        return;
    QByteArray most(2, '\0');
    wire::putU16(reinterpret_cast<uint8_t*>(most.data()), kRowsAtOnce);
    m_asked = bool(send(MessageType::SensorRead, most));
}

bool FeedClient::receive(int timeoutMs)
{
    pollfd one{m_fd.get(), POLLIN, 0};
    if (m_gone || ::poll(&one, 1, timeoutMs) <= 0)
        return false;
    char bytes[4096];
    const ssize_t got = ::recv(m_fd.get(), bytes, sizeof bytes, 0);
    if (got <= 0)
        m_gone = got == 0 || errno != EINTR;
    for (ssize_t i = 0; i < got; ++i) {
        if (m_receiver.push(static_cast<uint8_t>(bytes[i])) == wire::FrameVerdict::Valid)
            takeFrame();
    }
    return got > 0;
}

void FeedClient::takeFrame()
{
    const uint8_t* payload = m_receiver.payload();
    const size_t size = m_receiver.payloadSize();
    switch (static_cast<MessageType>(m_receiver.header().type)) {
    case MessageType::SensorSpec:
        m_spec = QByteArray(reinterpret_cast<const char*>(payload), static_cast<qsizetype>(size));
        break;
    case MessageType::SensorRows:
        m_asked = false;
        if (size < wire::SensorRowsHeader::kSize)
            return;
        m_ended = wire::SensorRowsHeader::unpack(payload).ended != 0;
        for (size_t at = wire::SensorRowsHeader::kSize; at + 2 <= size; at += 2)
            m_rows.push_back(static_cast<qint16>(wire::getU16(payload + at)));
        break;
    default:
        break;
    }
}

FeedClient::Row FeedClient::next(std::vector<double>& values, int timeoutMs)
{
    QElapsedTimer clock;
    clock.start();
    while (!hasRow()) {
        if (m_ended || m_gone)
            return Row::Ended;
        if (!m_asked && clock.elapsed() > 0)
            ::poll(nullptr, 0, kAskAgainMs); // the last answer was without rows
        ask();
        const auto left = timeoutMs - clock.elapsed();
        if (left < 0)
            return Row::NotYet;
        receive(static_cast<int>(left));
    }
    takeRow(values);
    return Row::Taken;
}

FeedClient::Row FeedClient::nextIfThere(std::vector<double>& values)
{
    if (!hasRow()) {
        ask();
        receive(0);
    }
    if (!hasRow())
        return m_ended || m_gone ? Row::Ended : Row::NotYet;
    takeRow(values);
    return Row::Taken;
}

void FeedClient::takeRow(std::vector<double>& values)
{
    values.resize(m_channels.size());
    for (size_t i = 0; i < m_channels.size(); ++i) {
        values[i] = m_rows.front() * m_channels[i].scale + m_channels[i].offset;
        m_rows.pop_front();
    }
}

} // namespace ember::uno
