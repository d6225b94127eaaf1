// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/unread_transport.h"

#include <deque>
#include <iterator>

namespace ember::device {
namespace {

class UnreadTransport final : public Transport
{
public:
    UnreadTransport(std::unique_ptr<Transport> transport, std::vector<ReadChunk> chunks)
        : m_transport(std::move(transport))
        , m_chunks(std::make_move_iterator(chunks.begin()), std::make_move_iterator(chunks.end()))
    {}

    Result<QByteArray> read(int timeoutMs, qsizetype maxBytes) override
    {
        if (m_chunks.empty()) {
            m_wasUnread = false;
            return m_transport->read(timeoutMs, maxBytes);
        }
        ReadChunk& chunk = m_chunks.front();
        m_wasUnread = true;
        m_nanos = chunk.hostNanos;
        const QByteArray bytes = chunk.bytes.left(maxBytes);
        chunk.bytes.remove(0, bytes.size());
        if (chunk.bytes.isEmpty())
            m_chunks.pop_front();
        return bytes;
    }

    /// What was read before arrived then and not now.
    qint64 arrivalNanos() const override { return m_wasUnread ? m_nanos : m_transport->arrivalNanos(); }

    Status write(const QByteArray& bytes, int timeoutMs) override { return m_transport->write(bytes, timeoutMs); }
    void close() override { m_transport->close(); }
    bool isOpen() const override { return m_transport->isOpen(); }
    QString address() const override { return m_transport->address(); }
    bool isInteractive() const override { return m_transport->isInteractive(); }
    bool isLive() const override { return m_transport->isLive(); }
    bool atEnd() const override { return m_chunks.empty() && m_transport->atEnd(); }

private:
    std::unique_ptr<Transport> m_transport;
    std::deque<ReadChunk> m_chunks;
    qint64 m_nanos = 0;
    bool m_wasUnread = false;
};

} // namespace

std::unique_ptr<Transport> giveBack(std::unique_ptr<Transport> transport, std::vector<ReadChunk> chunks)
{
    if (chunks.empty())
        return transport;
    return std::make_unique<UnreadTransport>(std::move(transport), std::move(chunks));
}

} // namespace ember::device
