// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/block_sink.h"
#include "core/signal/sample_block.h"

#include <deque>
#include <vector>

namespace ember::device {

/// The newest seconds of a stream as it came, for takes that begin before they are asked for. One thread at a time.
class BlockHistory
{
public:
    /// However long the history, it takes no more memory than this.
    static constexpr qint64 kMaxBytes = 64 << 20;

    /// A block, and the stream's ledger before and after it.
    struct Entry
    {
        signal::SampleBlock block;
        signal::Ledger before;
        signal::Ledger after;
    };

    /// Keeps what covers the last `seconds` of a stream of `spec`; 0: nothing.
    BlockHistory(const signal::StreamSpec& spec, double seconds);

    bool isKept() const { return m_seconds > 0; }
    void append(const signal::SampleBlock& block, const signal::Ledger& after);
    void clear();

    /// The rows of the last `seconds`, oldest first, the first block cut to begin there; less where less is kept.
    std::vector<Entry> last(double seconds) const;

private:
    bool reachesBack(std::size_t entry, double seconds) const;
    double secondsFrom(const signal::SampleBlock& block) const;

    signal::StreamSpec m_spec;
    double m_seconds;
    std::deque<Entry> m_entries;
    signal::Ledger m_newest;
    qint64 m_bytes = 0;
};

} // namespace ember::device
