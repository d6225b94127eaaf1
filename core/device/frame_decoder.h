// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "device-agent/wire/frame.hpp"
#include "device-agent/wire/messages.hpp"

#include <QByteArray>
#include <QByteArrayView>

#include <functional>

namespace ember::device {

/// A whole, checked frame.
struct Frame
{
    wire::FrameHeader header;
    QByteArray payload;

    wire::MessageType type() const { return static_cast<wire::MessageType>(header.type); }
};

struct DecoderCounts
{
    qint64 bytes = 0; ///< noise included
    qint64 frames = 0;
    qint64 torn = 0;
    qint64 tooLong = 0;
    qint64 badCrc = 0;
    qint64 badVersion = 0;

    qint64 refused() const { return torn + tooLong + badCrc + badVersion; }
};

/// Finds frames in chunks of bytes, wherever the chunks are cut. Never fails: what is no frame is counted.
class FrameDecoder
{
public:
    using Sink = std::function<void(const Frame&)>;

    /// The longest frame it takes, before COBS.
    static constexpr qsizetype kMaxFrame = 72 * 1024;

    FrameDecoder();
    FrameDecoder(const FrameDecoder&) = delete;
    FrameDecoder& operator=(const FrameDecoder&) = delete;

    void feed(QByteArrayView bytes, const Sink& sink);
    const DecoderCounts& counts() const { return m_counts; }

private:
    QByteArray m_buffer;
    wire::FrameReceiver m_receiver;
    DecoderCounts m_counts;
};

/// The bytes that carry a frame over the link, delimiter included.
QByteArray encodeFrame(const wire::FrameHeader& header, const QByteArray& payload);

} // namespace ember::device
