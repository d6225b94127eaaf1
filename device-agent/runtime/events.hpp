// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace runtime {

// From what a model says of windows that follow each other to events: shares of the classes are averaged over the last
// windows; an event of a class begins where its mean has been at `on` or above for some windows, and ends where it
// falls below `off`; for some windows more none of the same class begins. It looks only backwards. Desktop and board
// run these lines on the same answers, in whole numbers, so that what was tuned is what the board does.

// A share is in 1/256; 255 also stands for 1.
constexpr uint8_t kWholeShare = 255;

/// No class.
constexpr uint16_t kNoEvent = 0xFFFF;

/// What became of a class with the last window. The numbers are part of the generated API and of the link.
enum EventPhase : uint8_t
{
    kEventNone = 0,
    kEventBegins = 1, ///< with this window
    kEventGoesOn = 2,
    kEventEnds = 3 ///< it is over with this window
};

/// How outputs are shares: `zero` is none, `zero + whole` is 1. Between them a share is ((output - zero) >> shift) *
/// factor >> 16, where factor is 2^24 / (whole >> shift), rounded up, and whole >> shift has at most 16 bits: a share
/// is never less than floor(256 * (output - zero) / whole) where nothing is shifted out.
struct ShareScale // generated code has one whose members are static
{
    int32_t zero;
    uint32_t whole;
    uint32_t factor;
    uint8_t shift;
};

template <typename Scale>
inline uint8_t shareOf(const Scale& scale, int32_t output)
{
    if (output <= scale.zero)
        return 0;
    // Hostile outputs may be far apart: subtracted without overflow.
    const uint32_t above = static_cast<uint32_t>(static_cast<int64_t>(output) - scale.zero);
    if (above >= scale.whole)
        return kWholeShare;
    const uint32_t share = ((above >> scale.shift) * scale.factor) >> 16;
    return share < kWholeShare ? static_cast<uint8_t>(share) : kWholeShare;
}

/// Of a float: a power of two is exact, so every compiler has the same answer. What is no number is no share.
inline uint8_t shareOf(float output)
{
    if (!(output > 0.0f))
        return 0;
    return output < 1.0f ? static_cast<uint8_t>(output * 256.0f) : kWholeShare;
}

/// Shares of outputs of whole numbers, of floats, and of a model whose outputs are none: all to the winner.
template <typename Scale, typename Output>
struct ScaledShares
{
    Scale scale;
    const Output* outputs;
    uint8_t of(uint16_t label) const { return shareOf(scale, outputs[label]); }
};
struct RealShares
{
    const float* outputs;
    uint8_t of(uint16_t label) const { return shareOf(outputs[label]); }
};
struct WinnerShares
{
    uint16_t winner;
    uint8_t of(uint16_t label) const { return label == winner ? kWholeShare : uint8_t{0}; }
};
/// As they are.
struct PlainShares
{
    const uint8_t* shares;
    uint8_t of(uint16_t label) const { return shares[label]; }
};

// `Shape` has the settings as members, static ones in generated code, so that they are constants there:
//   uint16_t classes, background (kNoEvent: none); uint8_t smoothing (1 at least), patience (1 at least), rest, on,
//   off.
// `Memory` has what is kept between windows, all zero at first: uint16_t sums[classes]; uint8_t runs[classes] (windows
//   at `on`), rests[classes] (windows in which none begins), phases[classes], ring[smoothing * classes], at, filled.

/// The next phase of one class. `starts`: its mean is at `on`; `stops`: it is below `off`.
template <typename Shape>
inline uint8_t nextPhase(const Shape& shape, uint8_t phase, bool starts, bool stops, uint8_t* run, uint8_t* rest)
{
    if (phase == kEventBegins || phase == kEventGoesOn) {
        if (!stops)
            return kEventGoesOn;
        *run = 0;
        *rest = shape.rest;
        return kEventEnds;
    }
    if (*rest > 0) {
        *rest = static_cast<uint8_t>(*rest - 1);
        return kEventNone;
    }
    *run = starts ? static_cast<uint8_t>(*run + 1) : uint8_t{0};
    if (*run < shape.patience)
        return kEventNone;
    *run = 0;
    return kEventBegins;
}

/// Takes the shares of the next window. Returns the class whose event begins with it, the first of several; kNoEvent:
/// none does. `memory.phases` has them all.
template <typename Shape, typename Shares, typename Memory>
inline uint16_t takeWindow(const Shape& shape, const Shares& shares, Memory& memory)
{
    const bool full = memory.filled == shape.smoothing;
    if (!full)
        memory.filled = static_cast<uint8_t>(memory.filled + 1);
    const uint16_t windows = memory.filled;
    const uint16_t on = static_cast<uint16_t>(windows * static_cast<uint16_t>(shape.on));
    const uint16_t off = static_cast<uint16_t>(windows * static_cast<uint16_t>(shape.off));
    uint16_t began = kNoEvent;
    for (uint16_t label = 0; label < shape.classes; ++label) {
        if (label == shape.background)
            continue;
        const size_t slot = static_cast<size_t>(memory.at) * shape.classes + label;
        const uint8_t share = shares.of(label);
        const uint8_t gone = full ? memory.ring[slot] : uint8_t{0};
        memory.ring[slot] = share;
        const uint16_t sum = static_cast<uint16_t>(memory.sums[label] + share - gone);
        memory.sums[label] = sum;
        const uint8_t phase =
            nextPhase(shape, memory.phases[label], sum >= on, sum < off, &memory.runs[label], &memory.rests[label]);
        memory.phases[label] = phase;
        if (phase == kEventBegins && began == kNoEvent)
            began = label;
    }
    const uint8_t next = static_cast<uint8_t>(memory.at + 1);
    memory.at = next < shape.smoothing ? next : uint8_t{0};
    return began;
}

/// The next window does not follow the last one: events that go on end, and everything begins anew.
template <typename Shape, typename Memory>
inline void breakWindows(const Shape& shape, Memory& memory)
{
    for (uint16_t label = 0; label < shape.classes; ++label) {
        const uint8_t phase = memory.phases[label];
        memory.phases[label] = phase == kEventBegins || phase == kEventGoesOn ? kEventEnds : kEventNone;
        memory.sums[label] = 0;
        memory.runs[label] = 0;
        memory.rests[label] = 0;
    }
    memory.at = 0;
    memory.filled = 0;
}

/// Nothing has been seen.
template <typename Shape, typename Memory>
inline void forgetWindows(const Shape& shape, Memory& memory)
{
    breakWindows(shape, memory);
    for (uint16_t label = 0; label < shape.classes; ++label)
        memory.phases[label] = kEventNone;
}

} // namespace runtime
} // namespace ember
