// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/messages.hpp"
#include "limits.hpp"
#include "model_port.hpp"
#include "persistent_store.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace agent {

#if EMBER_LEARNING

/// Keeps what was learned in a PersistentStore, as a record in one of its two slots, each time in the other one: a
/// header with the model's hash, a number that grows, a length and a CRC-32 over all, and then what was learned. A
/// record that is torn, damaged or of another model is not there. The first record of a model takes both slots from the
/// one before, whose older record would else be the newest when that model comes back.
class StateKeeper
{
public:
    enum class Progress : uint8_t
    {
        Busy, ///< ask again
        Done,
        Failed ///< what was read back is not what was written
    };

    /// The store may be null; the model's hash is 16 hexadecimal digits in flash.
    StateKeeper(PersistentStore* store, const char* modelHash, uint16_t stateBytes);

    bool canKeep() const { return m_store != nullptr; }
    /// Which record is the newest; 0: there is none.
    uint32_t generation() const { return m_generation; }

    /// Reads the newest record into `state`; false when there is none, and nothing has changed.
    bool load(void* state);
    /// Writes a record, a little with each call, until it is no longer busy. `state` does not change meanwhile.
    Progress save(const void* state);

private:
    static constexpr uint8_t kHeaderBytes = 24;

    void clearOther(uint8_t slot);
    void packHeader(uint32_t generation, const uint8_t* state, uint8_t* at) const;
    bool isSound(uint8_t slot, uint32_t* generation) const;

    PersistentStore* m_store;
    uint16_t m_stateBytes;
    uint16_t m_step = 0;    ///< of a record that is being written: 0 erases, then four bytes each
    uint8_t m_clearing = 0; ///< of the other slot, before the first record: 0 erases, 1 writes zeros, 2 is done
    uint8_t m_slot = 0;     ///< that has the newest record
    uint8_t m_hash[8];
    uint32_t m_generation = 0;
};

/// The lessons: which input is of which class, and what is kept of them over a restart.
class Learning
{
public:
    /// Restores what was kept. A model without learning, or none (null), is never asked.
    Learning(PersistentStore* store, const ModelDescriptor* model);

    bool canLearn() const { return m_port != nullptr; }
    bool canKeep() const { return canLearn() && m_keeper.canKeep(); }
    /// Whether the model is no longer the trained one.
    bool hasLearned() const;

    /// Whether coming inputs are to be taught.
    bool isWaiting() const { return m_waiting > 0; }

    /// The model has run on what lies in its feature buffer: it is taught when a label waits for it.
    void sawInput();
    /// What lies in the feature buffer is no longer what the model ran on.
    void forgetInput() { m_inputKnown = false; }

    /// Does what is asked. Returns null when it is done or, with `*busy`, when it is to be asked again; else why not,
    /// in flash.
    const char* apply(const wire::LearnRequest& request, bool* busy, wire::NakReason* reason);
    /// Writes LearnedHeader and the counts; returns their size.
    size_t pack(uint8_t* at, size_t capacity) const;

private:
    void teach(uint16_t label);
    const char* keep(bool* busy, wire::NakReason* reason);

    const ModelDescriptor* m_model;
    const LearningPort* m_port;
    StateKeeper m_keeper;
    bool m_inputKnown = false; ///< it can be taught, once
    bool m_unkept = false;
    bool m_restored = false;
    uint8_t m_outcome = 0;
    uint16_t m_label = 0;   ///< of the last lesson
    uint16_t m_next = 0;    ///< label of inputs that are still to come
    uint16_t m_waiting = 0; ///< how many of them
    uint32_t m_lessons = 0;
};

#endif

} // namespace agent
} // namespace ember
