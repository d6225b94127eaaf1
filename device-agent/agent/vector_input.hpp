// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/messages.hpp"
#include "flash_text.hpp"
#include "model_port.hpp"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace ember {
namespace agent {

#if EMBER_WITH_MODEL

/// Puts the pieces of a Vector request together, in the model's own buffers. Trusts nothing the pieces say.
class VectorInput
{
public:
    explicit VectorInput(const ModelDescriptor* model)
        : m_model(model)
    {}

    /// Forgets a half-collected input.
    void abandon() { m_open = false; }

    /// Takes a piece. Returns null and sets `*complete`, or what is wrong with it (a text in flash); a wrong piece ends
    /// its input.
    const char* take(const wire::VectorHeader& header, const uint8_t* piece, size_t size, bool* complete,
                     wire::NakReason* reason)
    {
        *complete = false;
        const char* const fault = check(header, size, reason);
        if (fault != nullptr) {
            m_open = false;
            return fault;
        }
        memcpy(buffer(header.kind) + header.offset, piece, size);
        m_next = header;
        m_next.offset += static_cast<uint32_t>(size);
        *complete = m_next.offset == m_next.total;
        m_open = !*complete;
        return nullptr;
    }

private:
    const char* check(const wire::VectorHeader& header, size_t size, wire::NakReason* reason) const
    {
        *reason = wire::NakReason::WrongShape;
        const bool window = header.kind == wire::kVectorWindow;
        if (header.kind > wire::kVectorWindow)
            return EMBER_REASON("This kind of input is not known.");
        if (window && m_model->input != InputKind::Window)
            return EMBER_REASON("The model takes features, not windows.");
        if (header.total != expectedBytes(header.kind))
            return EMBER_REASON("The input is not as long as the model's.");
        *reason = wire::NakReason::Malformed;
        if (size == 0 || size > header.total || header.offset > header.total - size)
            return EMBER_REASON("The piece is empty or goes beyond the input.");
        if (header.offset == 0)
            return nullptr;
        const bool follows = m_open && header.row == m_next.row && header.kind == m_next.kind &&
                             header.want == m_next.want && header.offset == m_next.offset;
        return follows ? nullptr : EMBER_REASON("The piece does not follow the one before.");
    }

    size_t expectedBytes(uint8_t kind) const
    {
        if (kind == wire::kVectorWindow)
            return static_cast<size_t>(m_model->windowRows) * m_model->channels *
                   wire::elementSize(m_model->windowType);
        return m_model->featureCount * wire::elementSize(m_model->featureType);
    }

    uint8_t* buffer(uint8_t kind) const
    {
        return static_cast<uint8_t*>(kind == wire::kVectorWindow ? m_model->windowBuffer : m_model->featureBuffer);
    }

    const ModelDescriptor* m_model;
    wire::VectorHeader m_next; ///< what the next piece must say
    bool m_open = false;
};

#else

/// What stands in its place in a firmware that never has a model.
class VectorInput
{
public:
    constexpr explicit VectorInput(const ModelDescriptor*) {}
    void abandon() {}
    const char* take(const wire::VectorHeader&, const uint8_t*, size_t, bool*, wire::NakReason*) { return nullptr; }
};

#endif

} // namespace agent
} // namespace ember
