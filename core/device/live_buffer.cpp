// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/live_buffer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::device {
namespace {

constexpr qint64 kFactor = 16;
constexpr int kMaxLevels = 7;
constexpr qint64 kChunkRows = 4096;
// A mistaken rate must not take all memory: 64 Mi values are 256 MiB.
constexpr qint64 kMaxValues = 64 * 1024 * 1024;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

qint64 roundUp(qint64 value, qint64 to)
{
    return (value + to - 1) / to * to;
}

qint64 capacityFor(qint64 rows, int channels)
{
    const qint64 most = std::max<qint64>(kChunkRows, kMaxValues / std::max(channels, 1) / kChunkRows * kChunkRows);
    return std::min(roundUp(std::max<qint64>(rows, 1), kChunkRows), most);
}

} // namespace

/// A ring of pieces of `rows` rows each. A cell's stores release and its loads acquire: a reader that sees a new value
/// also sees the announcement (m_begun) that was made before it.
struct LiveBuffer::Level
{
    Level(qint64 rowsPerPiece, qint64 capacity, int channelCount)
        : rows(rowsPerPiece)
        // One more than fit, so that the piece that is being written is never one that is still kept.
        , pieces((capacity + rowsPerPiece - 1) / rowsPerPiece + 1)
        , channels(channelCount)
        , least(std::make_unique<std::atomic<float>[]>(cells()))
        , most(rowsPerPiece > 1 ? std::make_unique<std::atomic<float>[]>(cells()) : nullptr)
    {}

    size_t cells() const { return static_cast<size_t>(pieces * channels); }
    size_t cell(qint64 piece, int channel) const { return static_cast<size_t>(piece % pieces * channels + channel); }

    void put(qint64 row, int channel, float value, bool first)
    {
        const size_t at = cell(row / rows, channel);
        if (rows == 1) {
            least[at].store(value, std::memory_order_release);
            return;
        }
        const float low = least[at].load(std::memory_order_relaxed);
        const float high = most[at].load(std::memory_order_relaxed);
        // From the first value, not from zero; comparisons with "missing" are false.
        if (first || value < low || std::isnan(low))
            least[at].store(value, std::memory_order_release);
        if (first || value > high || std::isnan(high))
            most[at].store(value, std::memory_order_release);
    }

    float low(qint64 piece, int channel) const { return least[cell(piece, channel)].load(std::memory_order_acquire); }
    float high(qint64 piece, int channel) const
    {
        return (most ? most : least)[cell(piece, channel)].load(std::memory_order_acquire);
    }

    const qint64 rows;
    const qint64 pieces;
    const int channels;
    const std::unique_ptr<std::atomic<float>[]> least;
    const std::unique_ptr<std::atomic<float>[]> most;
};

LiveBuffer::LiveBuffer(const signal::StreamSpec& spec, qint64 rows)
    : m_spec(spec)
    , m_channels(static_cast<int>(spec.channels.size()))
    , m_capacity(capacityFor(rows, m_channels))
    , m_missingRow(spec.channels.size(), kMissing)
{
    qint64 size = 1;
    for (int level = 0; level < kMaxLevels && size <= m_capacity; ++level, size *= kFactor)
        m_levels.push_back(std::make_unique<Level>(size, m_capacity, m_channels));
}

LiveBuffer::~LiveBuffer() = default;

qint64 LiveBuffer::firstRow() const
{
    return std::max(m_origin.load(std::memory_order_acquire), m_begun.load(std::memory_order_acquire) - m_capacity);
}

void LiveBuffer::append(const signal::SampleBlock& block)
{
    const qint64 end = m_end.load(std::memory_order_relaxed);
    if (block.endRow() <= end || m_channels == 0)
        return;
    const std::vector<float> values = signal::toPhysical(block.rows, m_spec);
    if (values.size() < static_cast<size_t>(block.rowCount) * m_spec.channels.size())
        return;
    m_begun.store(block.endRow(), std::memory_order_relaxed);
    qint64 row = std::max(block.firstRow, end);
    bool fresh = false;
    if (block.firstRow - end >= m_capacity) {
        // Nothing that was kept is within reach any more.
        m_origin.store(block.firstRow, std::memory_order_release);
        fresh = true;
    } else {
        for (qint64 missing = end; missing < row; ++missing)
            writeRow(missing, m_missingRow.data(), false);
    }
    for (; row < block.endRow(); ++row) {
        writeRow(row, values.data() + (row - block.firstRow) * m_channels, fresh);
        fresh = false;
    }
    m_end.store(block.endRow(), std::memory_order_release);
}

void LiveBuffer::writeRow(qint64 row, const float* values, bool fresh)
{
    for (const auto& level : m_levels) {
        const bool first = fresh || row % level->rows == 0;
        for (int channel = 0; channel < m_channels; ++channel)
            level->put(row, channel, values[channel], first);
    }
}

Envelope LiveBuffer::envelope(int channel, qint64 begin, qint64 end, int maxPoints) const
{
    Envelope result;
    if (channel < 0 || channel >= m_channels || maxPoints < 1 || end <= begin)
        return result;
    const qint64 wanted = (end - begin + maxPoints - 1) / maxPoints;
    const Level* level = m_levels.front().get();
    for (const auto& candidate : m_levels) {
        if (candidate->rows <= wanted)
            level = candidate.get();
    }
    const qint64 step = roundUp(wanted, level->rows);
    const qint64 committed = endRow();
    const qint64 from = std::max<qint64>(begin / step * step, roundUp(firstRow(), step));
    const qint64 to = std::min(end, committed);
    result.rowsPerPoint = step;
    result.firstRow = from;
    for (qint64 row = from; row < to; row += step) {
        float low = kMissing;
        float high = kMissing;
        const qint64 last = std::min(row + step, roundUp(committed, level->rows));
        for (qint64 piece = row / level->rows; piece * level->rows < last; ++piece) {
            low = std::fmin(low, level->low(piece, channel)); // fmin and fmax pass over a missing side
            high = std::fmax(high, level->high(piece, channel));
        }
        result.least.push_back(low);
        result.most.push_back(high);
    }
    dropOverwritten(result);
    return result;
}

void LiveBuffer::dropOverwritten(Envelope& envelope) const
{
    const qint64 late = firstRow() - envelope.firstRow;
    if (late <= 0)
        return;
    const auto points = std::min<qint64>((late + envelope.rowsPerPoint - 1) / envelope.rowsPerPoint,
                                         static_cast<qint64>(envelope.least.size()));
    envelope.least.erase(envelope.least.begin(), envelope.least.begin() + points);
    envelope.most.erase(envelope.most.begin(), envelope.most.begin() + points);
    envelope.firstRow += points * envelope.rowsPerPoint;
}

} // namespace ember::device
