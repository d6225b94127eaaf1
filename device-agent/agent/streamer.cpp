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

Streamer::Streamer(Sensor* sensor, const ModelDescriptor* model, Inference& inference, uint8_t* memory, size_t size)
    : m_sensor(sensor)
    , m_queue(memory, size)
    , m_model(model, &inference)
{
#if EMBER_WITH_INJECT
    m_injection = SensorBatch();
#endif
}

Streamer::Streamer(Sensor& sensor, uint8_t* memory, size_t size)
    : m_sensor(&sensor)
    , m_queue(memory, size)
    , m_model(nullptr, nullptr)
{
#if EMBER_WITH_INJECT
    m_injection = SensorBatch();
#endif
}

const StreamInfo* Streamer::stream() const
{
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
    if (m_sensor == nullptr || m_sensor->streamVersion() == m_streamVersion)
        return false;
    m_streamVersion = m_sensor->streamVersion();
    m_streamChanged = true;
    if (m_state != State::Idle)
        m_sensor->stop();
    m_state = State::Idle;
    m_injecting = false;
    m_injectionOpen = false;
    m_model.forgetResult();
    m_queue.restart(m_nextRow);
    return true;
}

void Streamer::start(uint8_t outputs)
{
    const StreamInfo* info = stream();
    m_state = State::Running;
    m_outputs = outputs;
    m_injecting = false;
    m_injectionOpen = false;
    m_flush = false;
    m_taken = 0;
    m_rowOffset = 0;
    m_nextRow = 0;
    m_dropped = 0;
    m_queue.configure(info->rowBytes(), info->period);
    m_model.start();
    if (m_sensor != nullptr)
        m_sensor->start();
}

bool Streamer::finish()
{
    if (m_state == State::Idle)
        return true;
    if (m_state == State::Running && m_sensor != nullptr)
        m_sensor->stop();
    m_state = State::Draining;
    m_flush = true;
    if (m_queue.count() > 0 || resultWaiting() || eventWaiting())
        return false;
    m_state = State::Idle;
    return true;
}

#if EMBER_WITH_INJECT
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
    if (m_sensor != nullptr)
        m_sensor->poll(now, room());
    return noticeStreamChange() || takeRows(now);
}

bool Streamer::currentBatch(SensorBatch* batch)
{
#if EMBER_WITH_INJECT
    if (m_injecting) {
        *batch = m_injection;
        return m_injectionOpen;
    }
#endif
    return m_sensor != nullptr && m_sensor->batch(batch);
}

void Streamer::releaseBatch()
{
    m_taken = 0;
    if (injecting())
        m_injectionOpen = false;
    else
        m_sensor->release();
}

// Fits the batch's row numbers to the stream's. False: not yet, because a frame of samples cannot hold a gap and there
// are rows from before it, or because what ended with the gap is to be told first.
bool Streamer::align(const SensorBatch& batch, uint32_t now)
{
    const int32_t jump = static_cast<int32_t>(batch.firstRow + m_rowOffset - m_nextRow);
    if (jump > 0) {
        if (m_queue.count() > 0) {
            m_flush = true;
            return false;
        }
        m_dropped += static_cast<uint32_t>(jump);
        m_nextRow += static_cast<uint32_t>(jump);
        m_queue.restart(m_nextRow);
    } else if (jump < 0) {
        m_rowOffset -= static_cast<uint32_t>(jump); // the source began anew
    }
    if (jump != 0 && wants(wire::kStartInference)) {
        m_model.breakWindow(now);
        if (m_model.eventWaiting())
            return false;
    }
    if (wants(wire::kStartSamples))
        m_queue.mark(batch.ticks);
    return true;
}

// How many of the offered rows can be taken now. Injected rows wait for room, the sensor's do not.
uint16_t Streamer::acceptable(uint16_t offered, uint32_t now) const
{
    uint16_t count = offered;
    if (injecting() && wants(wire::kStartSamples) && m_queue.room() < count)
        count = m_queue.room();
    return wants(wire::kStartInference) ? m_model.acceptable(count, injecting(), now) : count;
}

bool Streamer::takeRows(uint32_t now)
{
    SensorBatch batch;
    if (!currentBatch(&batch))
        return false;
    if (m_state != State::Running || batch.count == 0) {
        releaseBatch();
        return true;
    }
    const uint16_t count = acceptable(static_cast<uint16_t>(batch.count - m_taken), now);
    if (count == 0 || (m_taken == 0 && !align(batch, now)))
        return false;
    take(batch.rows + m_taken * stream()->rowBytes(), count, now);
    m_taken = static_cast<uint16_t>(m_taken + count);
    if (m_taken == batch.count)
        releaseBatch();
    return true;
}

void Streamer::take(const uint8_t* rows, uint16_t count, uint32_t now)
{
    if (wants(wire::kStartSamples)) {
        if (m_queue.count() == 0)
            m_queuedSince = now;
        m_dropped += m_queue.push(rows, count);
    }
    m_nextRow += count;
    if (wants(wire::kStartInference))
        m_model.take(rows, count, m_nextRow, now);
}

uint16_t Streamer::rowsPerFrame(size_t capacity) const
{
    const size_t bytes = (capacity < kSamplesBytes ? capacity : kSamplesBytes) - wire::SamplesHeader::kSize;
    const size_t rows = bytes / stream()->rowBytes();
    return static_cast<uint16_t>(rows > 0 ? rows : 1);
}

bool Streamer::samplesDue(uint32_t now, size_t capacity) const
{
    if (m_state == State::Idle || m_queue.count() == 0)
        return false;
    // A queue that is shorter than a frame must not wait until it overflows.
    return m_flush || m_queue.nearlyFull() || m_queue.count() >= rowsPerFrame(capacity) ||
           now - m_queuedSince >= kBatchMicros;
}

size_t Streamer::packSamples(uint8_t* at, size_t capacity, uint32_t now, uint32_t* ticks)
{
    const uint16_t most = rowsPerFrame(capacity);
    const uint16_t count = m_queue.count() < most ? m_queue.count() : most;
    wire::SamplesHeader header;
    header.firstRow = m_queue.firstRow();
    header.dropped = m_dropped;
    header.pack(at);
    *ticks = m_queue.headTicks();
    m_queue.pop(at + wire::SamplesHeader::kSize, count);
    m_queuedSince = now;
    if (m_queue.count() == 0)
        m_flush = false;
    return wire::SamplesHeader::kSize + count * stream()->rowBytes();
}

} // namespace agent
} // namespace ember
