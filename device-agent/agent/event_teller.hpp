// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/messages.hpp"
#include "limits.hpp"
#include "model_port.hpp"

#if EMBER_EVENTS
#include "../runtime/events.hpp" // which an agent without a model comes without
#endif

namespace ember {
namespace agent {

#if EMBER_EVENTS

/// What began or ended with the last window, class after class, until it has been sent. There is no queue: what is not
/// sent when the next window comes is counted as lost.
class EventTeller
{
public:
    /// The model may be null, and one without events.
    explicit EventTeller(const ModelDescriptor* model)
        : m_port(model != nullptr ? model->events : nullptr)
        , m_classes(model != nullptr ? model->classCount : uint16_t{0})
    {}

    /// The stream begins: nothing has been seen.
    void start()
    {
        m_left = 0;
        m_lost = 0;
        if (m_port != nullptr)
            m_port->init();
    }

    /// The next rows do not follow the ones before.
    void interrupt()
    {
        if (m_port == nullptr)
            return;
        m_port->interrupt();
        look(m_endRow);
    }

    /// The model has answered to the window before row `endRow`.
    void look(uint32_t endRow)
    {
        if (m_port == nullptr)
            return;
        const uint32_t lost = uint32_t{m_lost} + m_left;
        m_lost = static_cast<uint16_t>(lost < 0xFFFF ? lost : 0xFFFF);
        m_endRow = endRow;
        m_next = 0;
        m_left = 0;
        for (uint16_t label = 0; label < m_classes; ++label)
            m_left = static_cast<uint16_t>(m_left + (changed(label) ? 1 : 0));
    }

    bool waiting() const { return m_left > 0; }

    /// What has not been told never will be: the phases may change without a window of the stream.
    void forget() { m_left = 0; }

    /// The payload of Event, for while one waits.
    size_t pack(uint8_t* at)
    {
        while (m_next < m_classes && !changed(m_next))
            ++m_next;
        wire::EventHeader header;
        header.endRow = m_endRow;
        header.label = m_next;
        header.phase = m_port->phase(m_next);
        header.lost = m_lost;
        header.pack(at);
        ++m_next;
        --m_left;
        return wire::EventHeader::kSize;
    }

private:
    bool changed(uint16_t label) const
    {
        const uint8_t phase = m_port->phase(label);
        return phase == runtime::kEventBegins || phase == runtime::kEventEnds;
    }

    const EventPort* m_port;
    uint16_t m_classes;
    uint16_t m_next = 0; ///< class from which on is looked for what is to be told
    uint16_t m_left = 0; ///< changes that have not been told
    uint16_t m_lost = 0;
    uint32_t m_endRow = 0;
};

#else

/// What stands in its place in a firmware that tells none.
class EventTeller
{
public:
    explicit EventTeller(const ModelDescriptor*) {}
    void start() {}
    void interrupt() {}
    void look(uint32_t) {}
    void forget() {}
    bool waiting() const { return false; }
    size_t pack(uint8_t*) { return 0; }
};

#endif

} // namespace agent
} // namespace ember
