// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/sensor_feed.h"

#include "core/device/fd_handle.h"
#include "core/device/feed_player.h"
#include "core/device/frame_decoder.h"
#include "core/device/socket_transport.h"
#include "core/device/steady_clock.h"
#include "device-agent/wire/description.hpp"

#include <QFile>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

namespace ember::device {
namespace {

using wire::MessageType;

// How long the thread may be deaf to the request to end.
constexpr int kSliceMs = 50;
// An emulator that is stopped for a while takes no bytes; it is not gone.
constexpr int kWriteTimeoutMs = 30'000;
constexpr int kMaxRowsBytes = 60'000;
constexpr double kInt16Range = 32767.0;

QByteArray shortName(const QString& name)
{
    // Whole characters: a name cut inside one would not be UTF-8 any more.
    QString text = name;
    while (text.toUtf8().size() > static_cast<qsizetype>(wire::kMaxNameLength))
        text.chop(1);
    return text.toUtf8();
}

void appendF32(QByteArray& bytes, double value)
{
    uint8_t raw[4];
    wire::putF32(raw, static_cast<float>(value));
    bytes.append(reinterpret_cast<const char*>(raw), sizeof raw);
}

QByteArray describeSpec(const signal::StreamSpec& spec)
{
    QByteArray bytes;
    bytes += static_cast<char>(spec.type);
    bytes += static_cast<char>(spec.channels.size());
    appendF32(bytes, spec.rateHz);
    for (const signal::Channel& channel : spec.channels) {
        appendF32(bytes, channel.scale);
        appendF32(bytes, channel.offset);
        for (const QString& text : {channel.name, channel.unit}) {
            const QByteArray name = shortName(text);
            bytes += static_cast<char>(name.size());
            bytes += name;
        }
    }
    return bytes;
}

QByteArray rowsPayload(const FeedBatch& batch)
{
    wire::SensorRowsHeader header;
    header.firstRow = static_cast<quint32>(batch.firstRow);
    header.overruns = static_cast<quint32>(batch.overruns);
    header.ended = batch.ended ? 1 : 0;
    QByteArray bytes(static_cast<qsizetype>(wire::SensorRowsHeader::kSize), '\0');
    header.pack(reinterpret_cast<uint8_t*>(bytes.data()));
    return bytes + batch.rows;
}

Status checkPlayable(const FeedRecording& recording, const SensorFeedOptions& options)
{
    const auto bad = [](const QString& why) {
        return Error(ErrorKind::BadData, QStringLiteral("The recording cannot be played to a sensor: %1.").arg(why));
    };
    const size_t channels = recording.spec.channels.size();
    if (channels == 0 || channels > wire::kMaxChannels)
        return bad(QStringLiteral("it has %1 channels, a board takes 1 to %2").arg(channels).arg(wire::kMaxChannels));
    if (!(recording.spec.rateHz > 0) || !std::isfinite(recording.spec.rateHz))
        return bad(QStringLiteral("it has no sampling rate"));
    if (recording.rowCount() == 0 || recording.rows.size() % static_cast<qsizetype>(recording.spec.bytesPerRow()) != 0)
        return bad(QStringLiteral("it has no rows, or a torn one"));
    if (!(options.speed > 0) || !std::isfinite(options.speed) || options.fifoRows < 1)
        return Error(ErrorKind::Usage, QStringLiteral("The sensor's speed and queue must be above zero."));
    return {};
}

/// Smallest power of two that brings values up to `most` into int16.
double scaleFor(double most)
{
    return most > 0 ? std::exp2(std::ceil(std::log2(most / kInt16Range))) : 1.0;
}

// What motion sensors are usually set to, so that recordings of one kind get one scale whatever happened in them.
double usualRange(const QString& unit)
{
    static const std::map<QString, double> ranges = {
        {QStringLiteral("g"), 4.0},      {QStringLiteral("m/s2"), 39.2},    {QStringLiteral("m/s²"), 39.2},
        {QStringLiteral("rad/s"), 34.9}, {QStringLiteral("deg/s"), 2000.0}, {QStringLiteral("dps"), 2000.0},
    };
    const auto found = ranges.find(unit);
    return found == ranges.end() ? 0.0 : found->second;
}

} // namespace

qint64 FeedRecording::rowCount() const
{
    const auto rowBytes = static_cast<qsizetype>(spec.bytesPerRow());
    return rowBytes == 0 ? 0 : rows.size() / rowBytes;
}

Result<FeedRecording> quantiseForFeed(const signal::StreamSpec& spec, std::span<const float> values,
                                      std::optional<double> scale)
{
    const size_t channels = spec.channels.size();
    if (channels == 0 || values.size() % channels != 0)
        return Error(
            ErrorKind::BadData,
            QStringLiteral("%1 values are no whole number of rows of %2 channels.").arg(values.size()).arg(channels));
    if (scale && !(*scale > 0 && std::isfinite(*scale)))
        return Error(ErrorKind::Usage, QStringLiteral("The sensor's scale must be above zero."));
    std::map<QString, double> most; // by unit
    for (size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]))
            return Error(ErrorKind::BadData,
                         QStringLiteral("Row %1 has a value that is no number.").arg(i / channels + 1));
        double& entry = most[spec.channels[i % channels].unit];
        entry = std::max(entry, std::abs(static_cast<double>(values[i])));
    }
    FeedRecording recording{spec, {}};
    recording.spec.type = signal::SampleType::Int16;
    for (signal::Channel& channel : recording.spec.channels) {
        channel.scale = scale ? *scale : scaleFor(std::max(most[channel.unit], usualRange(channel.unit)));
        channel.offset = 0;
    }
    recording.rows.resize(static_cast<qsizetype>(values.size()) * 2);
    for (size_t i = 0; i < values.size(); ++i) {
        const double raw = std::round(static_cast<double>(values[i]) / recording.spec.channels[i % channels].scale);
        const auto sample = static_cast<qint16>(std::clamp(raw, -kInt16Range - 1, kInt16Range));
        wire::putU16(reinterpret_cast<uint8_t*>(recording.rows.data()) + 2 * i, static_cast<quint16>(sample));
    }
    return recording;
}

/// The thread behind a feed. The player is the thread's; progress is copied out under the lock after every request.
class SensorFeed::Server
{
public:
    Server(FeedRecording recording, const SensorFeedOptions& options)
        : m_spec(recording.spec)
        , m_options(options)
        , m_player(std::move(recording), options)
        , m_progress(m_player.progress())
    {}

    ~Server()
    {
        m_stop = true;
        if (m_thread.joinable())
            m_thread.join();
        if (!m_path.isEmpty())
            QFile::remove(m_path);
    }

    Status listen(const QString& path);

    SensorFeedProgress progress() const
    {
        const std::lock_guard lock(m_mutex);
        return m_progress;
    }
    const signal::StreamSpec& spec() const { return m_spec; }
    const SensorFeedOptions& options() const { return m_options; }

    // The player is the caller's as long as no thread has been started.
    FeedPlayer& player() { return m_player; }
    void publish()
    {
        const std::lock_guard lock(m_mutex);
        m_progress = m_player.progress();
    }

private:
    void run();
    void serve(Transport& link);
    QByteArray answer(const Frame& request);
    QByteArray frame(MessageType type, quint32 ticks, const QByteArray& payload);

    const signal::StreamSpec m_spec;
    const SensorFeedOptions m_options;
    FeedPlayer m_player;
    quint32 m_seq = 0;
    QString m_path;
    FdHandle m_listener;
    std::thread m_thread;
    std::atomic_bool m_stop{false};
    mutable std::mutex m_mutex;
    SensorFeedProgress m_progress;
};

Status SensorFeed::Server::listen(const QString& path)
{
    if (m_thread.joinable())
        return Error(ErrorKind::Usage, QStringLiteral("The sensor feed listens already."));
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    const QByteArray name = QFile::encodeName(path);
    if (name.isEmpty() || static_cast<size_t>(name.size()) >= sizeof at.sun_path)
        return Error(ErrorKind::Io, QStringLiteral("'%1' is too long for a socket's path.").arg(path));
    std::memcpy(at.sun_path, name.constData(), static_cast<size_t>(name.size()));
    FdHandle listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!listener.isValid() || ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::listen(listener.get(), 1) != 0) {
        return Error(ErrorKind::Io, QStringLiteral("The sensor's socket '%1' cannot be made: %2.")
                                        .arg(path, QString::fromLocal8Bit(std::strerror(errno))));
    }
    m_path = path;
    m_listener = std::move(listener);
    m_thread = std::thread([this] { run(); });
    return {};
}

void SensorFeed::Server::run()
{
    while (!m_stop) {
        pollfd entry{m_listener.get(), POLLIN, 0};
        if (::poll(&entry, 1, kSliceMs) <= 0)
            continue;
        const int fd = ::accept4(m_listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        const auto link = adoptSocket(fd, m_path);
        serve(*link);
    }
}

void SensorFeed::Server::serve(Transport& link)
{
    FrameDecoder decoder;
    while (!m_stop) {
        const auto bytes = link.read(kSliceMs);
        if (!bytes)
            return;
        QByteArray answers;
        decoder.feed(*bytes, [&](const Frame& request) { answers += answer(request); });
        publish();
        if (!answers.isEmpty() && !link.write(answers, kWriteTimeoutMs))
            return;
    }
}

QByteArray SensorFeed::Server::answer(const Frame& request)
{
    switch (request.type()) {
    case MessageType::SensorIdentify:
        return frame(MessageType::SensorSpec, 0, describeSpec(m_spec));
    case MessageType::SensorStart:
        m_player.start(steadyNanos());
        return {};
    case MessageType::SensorStop:
        m_player.stop();
        return {};
    case MessageType::SensorRead: {
        if (request.payload.size() < 2)
            return {};
        const int wanted = wire::getU16(reinterpret_cast<const uint8_t*>(request.payload.constData()));
        const int most = std::max(1, kMaxRowsBytes / static_cast<int>(m_spec.bytesPerRow()));
        const FeedBatch batch = m_player.read(steadyNanos(), std::min(wanted, most));
        return frame(MessageType::SensorRows, static_cast<quint32>(m_player.microsAt(batch.firstRow)),
                     rowsPayload(batch));
    }
    default:
        return {};
    }
}

QByteArray SensorFeed::Server::frame(MessageType type, quint32 ticks, const QByteArray& payload)
{
    wire::FrameHeader header;
    header.type = static_cast<uint8_t>(type);
    header.seq = m_seq++;
    header.ticks = ticks;
    return encodeFrame(header, payload);
}

SensorFeed::SensorFeed(std::unique_ptr<Server> server)
    : m_server(std::move(server))
{}

SensorFeed::~SensorFeed() = default;

Result<std::unique_ptr<SensorFeed>> SensorFeed::create(FeedRecording recording, const SensorFeedOptions& options)
{
    EMBER_CHECK(checkPlayable(recording, options));
    return std::unique_ptr<SensorFeed>(new SensorFeed(std::make_unique<Server>(std::move(recording), options)));
}

Status SensorFeed::listen(const QString& path)
{
    return m_server->listen(path);
}

void SensorFeed::startPlaying()
{
    m_server->player().start(steadyNanos());
    m_server->publish();
}

void SensorFeed::stopPlaying()
{
    m_server->player().stop();
    m_server->publish();
}

FeedBatch SensorFeed::readRows(int most)
{
    FeedBatch batch = m_server->player().read(steadyNanos(), most);
    m_server->publish();
    return batch;
}

qint64 SensorFeed::microsAt(qint64 row) const
{
    return m_server->player().microsAt(row);
}

QByteArray SensorFeed::specPayload() const
{
    return describeSpec(m_server->spec());
}

SensorFeedProgress SensorFeed::progress() const
{
    return m_server->progress();
}

std::optional<qint64> SensorFeed::finalRows() const
{
    const SensorFeedProgress now = progress();
    return now.ended ? std::optional(now.total) : std::nullopt;
}

const signal::StreamSpec& SensorFeed::spec() const
{
    return m_server->spec();
}

const SensorFeedOptions& SensorFeed::options() const
{
    return m_server->options();
}

} // namespace ember::device
