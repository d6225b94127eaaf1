// SPDX-License-Identifier: MIT-0
#include "learning.hpp"

#if EMBER_LEARNING

#include "../wire/crc.hpp"
#include "flash_text.hpp"

#include <string.h>

namespace ember {
namespace agent {

namespace {

// "EML1", little-endian.
constexpr uint32_t kMagic = 0x314C4D45u;
// Of a record's header: magic, hash, generation, length, two bytes of zeros, CRC.
constexpr uint8_t kHashAt = 4;
constexpr uint8_t kGenerationAt = 12;
constexpr uint8_t kLengthAt = 16;
constexpr uint8_t kCrcAt = 20;

uint8_t digitOf(char digit)
{
    return static_cast<uint8_t>(digit >= 'a' ? digit - 'a' + 10 : digit - '0');
}

uint32_t crcOver(uint32_t running, const uint8_t* bytes, uint16_t count)
{
    for (uint16_t i = 0; i < count; ++i)
        running = wire::crc32Update(running, bytes[i]);
    return running;
}

/// Counts on from 0xFFFFFFFF to 1: 0 says that there is none.
uint32_t numberAfter(uint32_t generation)
{
    return generation == 0xFFFFFFFFu ? 1 : generation + 1;
}

bool isNewer(uint32_t a, uint32_t b)
{
    return static_cast<int32_t>(a - b) > 0;
}

} // namespace

StateKeeper::StateKeeper(PersistentStore* store, const char* modelHash, uint16_t stateBytes)
    : m_store(store)
    , m_stateBytes(stateBytes)
{
    memset(m_hash, 0, sizeof m_hash);
    const size_t length = modelHash == nullptr ? 0 : flashTextLength(modelHash);
    for (uint8_t i = 0; i < 2 * sizeof m_hash && i < length; ++i) {
        char digit;
        copyFromFlash(&digit, modelHash + i, 1);
        m_hash[i / 2] = static_cast<uint8_t>((m_hash[i / 2] << 4) | digitOf(digit));
    }
    if (store != nullptr && store->slotBytes() < kHeaderBytes + stateBytes + PersistentStore::kWriteBytes)
        m_store = nullptr;
}

void StateKeeper::packHeader(uint32_t generation, const uint8_t* state, uint8_t* at) const
{
    wire::putU32(at, kMagic);
    memcpy(at + kHashAt, m_hash, sizeof m_hash);
    wire::putU32(at + kGenerationAt, generation);
    wire::putU16(at + kLengthAt, m_stateBytes);
    wire::putU16(at + kLengthAt + 2, 0);
    wire::putU32(at + kCrcAt, ~crcOver(crcOver(0xFFFFFFFFu, at, kCrcAt), state, m_stateBytes));
}

bool StateKeeper::isSound(uint8_t slot, uint32_t* generation) const
{
    uint8_t bytes[kHeaderBytes];
    m_store->read(slot, 0, bytes, sizeof bytes);
    *generation = wire::getU32(bytes + kGenerationAt);
    if (wire::getU32(bytes) != kMagic || memcmp(bytes + kHashAt, m_hash, sizeof m_hash) != 0 || *generation == 0 ||
        wire::getU16(bytes + kLengthAt) != m_stateBytes)
        return false;
    const uint32_t crc = wire::getU32(bytes + kCrcAt);
    uint32_t running = crcOver(0xFFFFFFFFu, bytes, kCrcAt);
    for (uint16_t at = 0; at < m_stateBytes;) {
        const uint16_t left = static_cast<uint16_t>(m_stateBytes - at);
        const uint16_t count = left < sizeof bytes ? left : uint16_t{sizeof bytes};
        m_store->read(slot, static_cast<uint16_t>(kHeaderBytes + at), bytes, count);
        running = crcOver(running, bytes, count);
        at = static_cast<uint16_t>(at + count);
    }
    return crc == ~running;
}

bool StateKeeper::load(void* state)
{
    bool found = false;
    for (uint8_t slot = 0; m_store != nullptr && slot < PersistentStore::kSlots; ++slot) {
        uint32_t generation = 0;
        if (!isSound(slot, &generation) || (found && !isNewer(generation, m_generation)))
            continue;
        found = true;
        m_slot = slot;
        m_generation = generation;
    }
    if (found)
        m_store->read(m_slot, kHeaderBytes, static_cast<uint8_t*>(state), m_stateBytes);
    return found;
}

// A step of it: zeros over the magic, also where a store erases nothing.
void StateKeeper::clearOther(uint8_t slot)
{
    const uint8_t zeros[PersistentStore::kWriteBytes] = {0, 0, 0, 0};
    if (m_clearing == 0 ? m_store->erase(slot) : m_store->write(slot, 0, zeros))
        ++m_clearing;
}

// The state first and the header behind it, so that a record that is not whole has no header.
StateKeeper::Progress StateKeeper::save(const void* state)
{
    constexpr uint8_t kPiece = PersistentStore::kWriteBytes;
    const auto* const from = static_cast<const uint8_t*>(state);
    const uint8_t slot = static_cast<uint8_t>(m_generation == 0 ? 0 : 1 - m_slot);
    const uint32_t generation = numberAfter(m_generation);
    const uint16_t statePieces = static_cast<uint16_t>((m_stateBytes + kPiece - 1u) / kPiece);
    if (m_generation == 0 && m_clearing < 2) {
        clearOther(static_cast<uint8_t>(1 - slot));
        return Progress::Busy;
    }
    if (m_step == 0) {
        m_step = m_store->erase(slot) ? 1 : 0;
        return Progress::Busy;
    }
    const uint16_t piece = static_cast<uint16_t>(m_step - 1);
    if (piece < statePieces) {
        uint8_t bytes[kPiece] = {0, 0, 0, 0};
        const uint16_t at = static_cast<uint16_t>(piece * kPiece);
        const uint16_t left = static_cast<uint16_t>(m_stateBytes - at);
        memcpy(bytes, from + at, left < kPiece ? left : kPiece);
        if (m_store->write(slot, static_cast<uint16_t>(kHeaderBytes + at), bytes))
            ++m_step;
        return Progress::Busy;
    }
    uint8_t header[kHeaderBytes];
    packHeader(generation, from, header);
    const uint16_t at = static_cast<uint16_t>((piece - statePieces) * kPiece);
    if (at < kHeaderBytes) {
        if (m_store->write(slot, at, header + at))
            ++m_step;
        return Progress::Busy;
    }
    m_step = 0;
    uint32_t written = 0;
    if (!isSound(slot, &written) || written != generation)
        return Progress::Failed;
    m_slot = slot;
    m_generation = generation;
    return Progress::Done;
}

Learning::Learning(PersistentStore* store, const ModelDescriptor* model)
    : m_model(model)
    , m_port(model != nullptr ? model->learning : nullptr)
    , m_keeper(m_port != nullptr ? store : nullptr, model != nullptr ? model->hash : nullptr,
               m_port != nullptr ? m_port->stateBytes : uint16_t{0})
{
    if (!canKeep())
        return;
    // Into its place, for there may be no room for it twice; what is not of this model is taken out again.
    void* const state = const_cast<void*>(m_port->state());
    m_restored = m_keeper.load(state) && m_port->restore(state) != 0;
}

bool Learning::hasLearned() const
{
    for (uint16_t c = 0; canLearn() && c < m_model->classCount; ++c) {
        if (m_port->count(c) > 0)
            return true;
    }
    return false;
}

void Learning::teach(uint16_t label)
{
    m_outcome = m_port->learn(m_model->featureBuffer, label);
    m_label = label;
    m_inputKnown = false; // the same input is not taught twice, however often a host asks
    ++m_lessons;
    m_unkept = true;
}

void Learning::sawInput()
{
    m_inputKnown = true;
    if (m_waiting == 0)
        return;
    --m_waiting;
    teach(m_next);
}

const char* Learning::apply(const wire::LearnRequest& request, bool* busy, wire::NakReason* reason)
{
    *busy = false;
    *reason = wire::NakReason::Malformed;
    if (request.action > wire::kLearnKeep)
        return EMBER_REASON("This firmware does not know such a lesson.");
    const bool labelled = request.action == wire::kLearnLast || request.action == wire::kLearnNext;
    if (labelled && request.label >= m_model->classCount)
        return EMBER_REASON("The model has no such class.");
    switch (request.action) {
    case wire::kLearnLast:
        *reason = wire::NakReason::Busy;
        if (!m_inputKnown)
            return EMBER_REASON("There is no input that was not taught already.");
        teach(request.label);
        break;
    case wire::kLearnNext:
        m_next = request.label;
        m_waiting = request.count;
        break;
    case wire::kLearnForget:
        m_port->reset();
        m_waiting = 0;
        m_unkept = true;
        break;
    case wire::kLearnKeep:
        return keep(busy, reason);
    default:
        break;
    }
    return nullptr;
}

const char* Learning::keep(bool* busy, wire::NakReason* reason)
{
    *reason = wire::NakReason::Unsupported;
    if (!canKeep())
        return EMBER_REASON("The board has no place that outlives a restart, or it is too small.");
    *reason = wire::NakReason::Busy;
    if (m_waiting > 0)
        return EMBER_REASON("Inputs are still waited for; end that first.");
    switch (m_keeper.save(m_port->state())) {
    case StateKeeper::Progress::Busy:
        *busy = true;
        return nullptr;
    case StateKeeper::Progress::Failed:
        *reason = wire::NakReason::Unsupported;
        return EMBER_REASON("What was written cannot be read back.");
    case StateKeeper::Progress::Done:
        break;
    }
    m_unkept = false;
    return nullptr;
}

size_t Learning::pack(uint8_t* at, size_t capacity) const
{
    wire::LearnedHeader header;
    header.outcome = m_outcome;
    header.flags =
        static_cast<uint8_t>((canKeep() ? wire::kLearnedCanKeep : 0) | (m_unkept ? wire::kLearnedUnkept : 0) |
                             (m_restored ? wire::kLearnedRestored : 0));
    header.label = m_label;
    header.waiting = m_waiting;
    header.lessons = m_lessons;
    header.generation = m_keeper.generation();
    header.stateBytes = m_port->stateBytes;
    const bool fit = wire::LearnedHeader::kSize + 2u * m_model->classCount <= capacity;
    header.classes = fit ? m_model->classCount : uint16_t{0};
    header.pack(at);
    size_t size = wire::LearnedHeader::kSize;
    for (uint16_t c = 0; c < header.classes; ++c, size += 2)
        wire::putU16(at + size, m_port->count(c));
    return size;
}

} // namespace agent
} // namespace ember

#endif
