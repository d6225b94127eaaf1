// SPDX-License-Identifier: MIT-0
#pragma once

#include "model_port.hpp"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace ember {
namespace agent {

/// Fills the model's window buffer with consecutive rows and moves it on by the hop.
class WindowFiller
{
public:
    explicit WindowFiller(const ModelDescriptor* model)
        : m_model(model)
    {
        restart();
    }

    /// Forgets what was collected: the next rows do not follow the ones before.
    void restart()
    {
        m_filled = 0;
        m_skip = 0;
    }

    /// Rows that push() takes before the window is full.
    uint32_t wanted() const { return static_cast<uint32_t>(m_skip) + m_model->windowRows - m_filled; }
    bool full() const { return m_filled == m_model->windowRows; }

    /// Takes at most wanted() rows.
    void push(const uint8_t* rows, uint16_t count)
    {
        const uint16_t skipped = count < m_skip ? count : m_skip;
        m_skip = static_cast<uint16_t>(m_skip - skipped);
        const uint16_t kept = static_cast<uint16_t>(count - skipped);
        memcpy(buffer() + m_filled * rowBytes(), rows + skipped * rowBytes(), kept * rowBytes());
        m_filled = static_cast<uint16_t>(m_filled + kept);
    }

    /// Moves a full window on by the hop.
    void advance()
    {
        const uint16_t window = m_model->windowRows;
        const uint16_t hop = m_model->hopRows == 0 ? window : m_model->hopRows;
        if (hop >= window) {
            m_filled = 0;
            m_skip = static_cast<uint16_t>(hop - window);
            return;
        }
        m_filled = static_cast<uint16_t>(window - hop);
        memmove(buffer(), buffer() + hop * rowBytes(), m_filled * rowBytes());
    }

private:
    uint8_t* buffer() const { return static_cast<uint8_t*>(m_model->windowBuffer); }
    size_t rowBytes() const { return m_model->channels * wire::elementSize(m_model->windowType); }

    const ModelDescriptor* m_model;
    uint16_t m_filled = 0;
    uint16_t m_skip = 0;
};

} // namespace agent
} // namespace ember
