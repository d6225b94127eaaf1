// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/frame_decoder.h"

namespace ember::device {

using wire::FrameVerdict;

FrameDecoder::FrameDecoder()
    : m_buffer(kMaxFrame, '\0')
    , m_receiver(reinterpret_cast<uint8_t*>(m_buffer.data()), static_cast<size_t>(kMaxFrame))
{}

void FrameDecoder::feed(QByteArrayView bytes, const Sink& sink)
{
    m_counts.bytes += bytes.size();
    for (const char byte : bytes) {
        switch (m_receiver.push(static_cast<uint8_t>(byte))) {
        case FrameVerdict::NeedMore:
            break;
        case FrameVerdict::Torn:
            ++m_counts.torn;
            break;
        case FrameVerdict::TooLong:
            ++m_counts.tooLong;
            break;
        case FrameVerdict::BadCrc:
            ++m_counts.badCrc;
            break;
        case FrameVerdict::BadVersion:
            ++m_counts.badVersion;
            break;
        case FrameVerdict::Valid:
            ++m_counts.frames;
            if (sink)
                sink({m_receiver.header(), QByteArray(reinterpret_cast<const char*>(m_receiver.payload()),
                                                      static_cast<qsizetype>(m_receiver.payloadSize()))});
            break;
        }
    }
}

QByteArray encodeFrame(const wire::FrameHeader& header, const QByteArray& payload)
{
    constexpr qsizetype kCrcRoom = 4;
    QByteArray buffer(static_cast<qsizetype>(wire::kHeaderSize), '\0');
    buffer += payload;
    buffer.append(kCrcRoom, '\0');
    QByteArray out;
    out.reserve(static_cast<qsizetype>(wire::cobsMaxEncodedSize(static_cast<size_t>(buffer.size()))) + 1);
    wire::sendFrame(header, reinterpret_cast<uint8_t*>(buffer.data()), static_cast<size_t>(payload.size()),
                    [&out](uint8_t byte) { out += static_cast<char>(byte); });
    return out;
}

} // namespace ember::device
