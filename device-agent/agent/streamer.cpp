// SPDX-License-Identifier: MIT-0
#include "streamer.hpp"

namespace ember {
namespace agent {

namespace {

// A row waits this long for company in its frame: short enough for a live view, long enough that frames are not tiny.
constexpr uint32_t kBatchMicros = 30000;
// Payload of a frame of samples at most, so that an answer never waits long behind one.
constexpr size_t kSamplesBytes = 1024;

} // namespace

const StreamInfo* Streamer::stream() const
{
    if (!kWithModel && EMBER_SMALL)
        return m_sensor->stream();
    if (m_sensor != nullptr && m_sensor->stream() != nullptr)
        return m_sensor->stream();
    return m_model.stream();
}

bool Streamer::modelFitsStream() const
{
    const StreamInfo* info = stream();
    return info != nullptr && m_model.fits(*info);
}

bool Streamer::takeStreamChange()
{
    const bool changed = m_streamChanged;
    m_streamChanged = false;
    return changed;
}

bool Streamer::noticeStreamChange()
{
    if (!hasSensor() || m_sensor->streamVersion() == m_streamVersion)
        return false;
    m_streamVersion = m_sensor->streamVersion();
    m_streamChanged = true;
    if (m_state != State::Idle)
        m_sensor->stop();
    m_state = State::Idle;
    endInjection();
    m_model.forgetResult();
    m_queue.restart(m_nextRow);
    return true;
}

void Streamer::start(uint8_t outputs)
{
    const StreamInfo* info = stream();
    m_state = State::Running;
#if EMBER_WITH_MODEL
    m_outputs = outputs;
#else
    static_cast<void>(outputs);
#endif
    endInjection();
    m_flush = false;
#if !EMBER_WHOLE_BATCHES
    m_taken = 0;
#endif
    m_nextRow = 0;
    m_dropped = 0;
#if EMBER_SMALL
    m_queue.configure(info->rowBytes());
#else
    m_queue.configure(info->rowBytes(), info->period);
#endif
    m_model.start();
    if (hasSensor())
        m_sensor->start();
}

bool Streamer::finish()
{
    if (m_state == State::Idle)
        return true;
    if (m_state == State::Running && hasSensor())
        m_sensor->stop();
    m_state = State::Draining;
    m_flush = true;
    if (m_queue.count() > 0 || resultWaiting() || eventWaiting())
        return false;
    m_state = State::Idle;
    return true;
}

#if EMBER_WITH_INJECT
void Streamer::endInjection()
{
    m_injecting = false;
    m_injectionOpen = false;
    m_rowOffset = 0;
}

void Streamer::inject(const SensorBatch& rows)
{
    if (!m_injecting) {
        if (m_sensor != nullptr)
            m_sensor->stop();
        m_injecting = true;
        m_taken = 0;
        m_rowOffset = m_nextRow - rows.firstRow; // the host may begin to count anywhere
        if (wants(wire::kStartInference))
            m_model.breakWindow(0); // injected rows wait for what is to be told, however long
    }
    m_injection = rows;
    m_injectionOpen = true;
}
#else
void Streamer::endInjection() {}
void Streamer::inject(const SensorBatch&) {}
#endif

uint16_t Streamer::room() const
{
    if (m_state != State::Running || injecting() || resultWaiting())
        return 0;
    return wants(wire::kStartSamples) ? m_queue.room() : uint16_t{0xFFFF};
}

bool Streamer::poll(uint32_t now)
{
    if (hasSensor())
        m_sensor->poll(now, room());
    return noticeStreamChange() || takeRows(now);
}

// Null when nothing waits.
const SensorBatch* Streamer::currentBatch() const
{
#if EMBER_WITH_INJECT
    if (m_injecting)
        return m_injectionOpen ? &m_injection : nullptr;
#endif
    return hasSensor() && m_sensor->batch().count > 0 ? &m_sensor->batch() : nullptr;
}

void Streamer::releaseBatch()
{
#if !EMBER_WHOLE_BATCHES
    m_taken = 0;
#endif
#if EMBER_WITH_INJECT
    if (m_injecting) {
        m_injectionOpen = false;
        return;
    }
#endif
    m_sensor->release();
}

// Fits the batch's row numbers to the stream's. False: not yet, because a frame of samples cannot hold a gap and there
// are rows from before it, or because what ended with the gap is to be told first.
bool Streamer::align(const SensorBatch& batch, uint32_t now)
{
    bool isBroken = false;
#if EMBER_WITH_INJECT
    uint32_t firstRow = batch.firstRow + m_rowOffset;
    if (static_cast<int32_t>(firstRow - m_nextRow) < 0) { // the source began anew
        m_rowOffset += m_nextRow - firstRow;
        firstRow = m_nextRow;
        isBroken = true;
    }
#else
    const uint32_t firstRow = batch.firstRow; // drivers count on
#endif
    if (firstRow != m_nextRow) {
        if (m_queue.count() > 0) {
            m_flush = true;
            return false;
        }
        m_dropped += firstRow - m_nextRow;
        m_nextRow = firstRow;
        m_queue.restart(firstRow);
        isBroken = true;
    }
#if EMBER_WITH_MODEL
    if (isBroken && wants(wire::kStartInference)) {
        m_model.breakWindow(now);
        if (m_model.eventWaiting())
            return false;
    }
#else
    static_cast<void>(isBroken);
    static_cast<void>(now);
#endif
    if (wants(wire::kStartSamples))
        m_queue.mark(batch.ticks);
    return true;
}

bool Streamer::takeRows(uint32_t now)
{
    static_cast<void>(now);
    const SensorBatch* const batch = currentBatch();
    if (batch == nullptr)
        return false;
    if (m_state != State::Running) {
        releaseBatch();
        return true;
    }
#if EMBER_WHOLE_BATCHES
    if (m_queue.room() < batch->count || !align(*batch, now))
        return false;
    m_queue.push(batch->rows, batch->count);
    m_nextRow += batch->count;
    releaseBatch();
#else
    const uint16_t count = acceptable(static_cast<uint16_t>(batch->count - m_taken), now);
    if (count == 0 || (m_taken == 0 && !align(*batch, now)))
        return false;
    take(batch->rows + m_taken * m_queue.rowBytes(), count, now);
    m_taken = static_cast<uint16_t>(m_taken + count);
    if (m_taken == batch->count)
        releaseBatch();
#endif
    return true;
}

#if !EMBER_WHOLE_BATCHES

// How many of the offered rows can be taken now. Injected rows wait for room, and where the queue makes none the
// sensor's do too.
uint16_t Streamer::acceptable(uint16_t offered, uint32_t now) const
{
    uint16_t count = offered;
    if ((injecting() || !StreamQueue::kMakesRoom) && wants(wire::kStartSamples) && m_queue.room() < count)
        count = m_queue.room();
    return wants(wire::kStartInference) ? m_model.acceptable(count, injecting(), now) : count;
}

void Streamer::take(const uint8_t* rows, uint16_t count, uint32_t now)
{
    if (wants(wire::kStartSamples)) {
#if !EMBER_SMALL
        if (m_queue.count() == 0)
            m_queuedSince = now;
#endif
        m_dropped += m_queue.push(rows, count);
    }
    m_nextRow += count;
    if (wants(wire::kStartInference))
        m_model.take(rows, count, m_nextRow, now);
}

#endif

uint16_t Streamer::rowsPerFrame(size_t capacity) const
{
    const size_t bytes = (capacity < kSamplesBytes ? capacity : kSamplesBytes) - wire::SamplesHeader::kSize;
    const size_t rows = bytes / m_queue.rowBytes();
    return static_cast<uint16_t>(rows > 0 ? rows : 1);
}

bool Streamer::samplesDue(uint32_t now, size_t capacity) const
{
    if (m_state == State::Idle || m_queue.count() == 0)
        return false;
        // A queue that is shorter than a frame must not wait until it overflows.
#if EMBER_SMALL
    static_cast<void>(capacity); // all of the queue fits
    return m_flush || m_queue.nearlyFull() || now - m_queue.headTicks() >= kBatchMicros;
#else
    return m_flush || m_queue.nearlyFull() || m_queue.count() >= rowsPerFrame(capacity) ||
           now - m_queuedSince >= kBatchMicros;
#endif
}

size_t Streamer::packSamples(uint8_t* at, size_t capacity, uint32_t now)
{
    uint16_t count = m_queue.count();
    if (StreamQueue::kMakesRoom && count > rowsPerFrame(capacity))
        count = rowsPerFrame(capacity);
    wire::SamplesHeader header;
    header.firstRow = m_nextRow - m_queue.count();
    header.dropped = m_dropped;
    header.pack(at);
    const size_t bytes = m_queue.pop(at + wire::SamplesHeader::kSize, count);
#if EMBER_SMALL
    static_cast<void>(now);
#else
    m_queuedSince = now;
#endif
    if (m_queue.count() == 0)
        m_flush = false;
    return wire::SamplesHeader::kSize + bytes;
}

} // namespace agent
} // namespace ember
