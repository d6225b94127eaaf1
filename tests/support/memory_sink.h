// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/block_sink.h"

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace ember::test {

/// Keeps what it is given; may be looked at from another thread.
class MemorySink final : public signal::BlockSink
{
public:
    Status append(const signal::SampleBlock& block) override
    {
        const std::lock_guard lock(m_mutex);
        if (m_refuseAfter && static_cast<qint64>(m_blocks.size()) >= *m_refuseAfter)
            return Error(ErrorKind::Io, QStringLiteral("The disk is full."));
        m_blocks.push_back(block);
        return {};
    }
    Status updateLedger(const signal::Ledger& ledger) override
    {
        const std::lock_guard lock(m_mutex);
        m_ledger = ledger;
        ++m_ledgerUpdates;
        return {};
    }

    /// Refuses blocks once it has so many.
    void refuseAfter(qint64 blocks) { m_refuseAfter = blocks; }

    std::vector<signal::SampleBlock> blocks() const
    {
        const std::lock_guard lock(m_mutex);
        return m_blocks;
    }
    signal::Ledger ledger() const
    {
        const std::lock_guard lock(m_mutex);
        return m_ledger;
    }
    int ledgerUpdates() const
    {
        const std::lock_guard lock(m_mutex);
        return m_ledgerUpdates;
    }
    qint64 rows() const
    {
        qint64 sum = 0;
        for (const signal::SampleBlock& block : blocks())
            sum += block.rowCount;
        return sum;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<signal::SampleBlock> m_blocks;
    signal::Ledger m_ledger;
    int m_ledgerUpdates = 0;
    std::optional<qint64> m_refuseAfter;
};

/// A capture's sink factory that always gives this sink.
inline auto into(std::shared_ptr<signal::BlockSink> sink)
{
    return [sink](const auto&, const auto&) -> Result<std::shared_ptr<signal::BlockSink>> { return sink; };
}

} // namespace ember::test
