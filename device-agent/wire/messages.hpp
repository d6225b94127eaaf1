// SPDX-License-Identifier: MIT-0
#pragma once

#include "bytes.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace wire {

// What frames say. Requests go from host to board and are answered by exactly one frame: the answer named beside the
// request, or an Ack where none is named, or a Nak; Ack and Nak carry the request's seq. Types with the high bit set go
// from board to host. Layouts are packed, little-endian, and described beside each type; what follows a fixed part
// fills the rest of the payload. docs/wire-protocol.md tells the same as prose.

enum class MessageType : uint8_t
{
    // host to board
    DescribeRequest = 0x01, ///< no payload; answered with Description
    Start = 0x02,           ///< StartRequest
    Stop = 0x03,            ///< no payload; stream kAllStreams stops all
    Configure = 0x04,       ///< ConfigureRequest
    Inject = 0x05, ///< u32 first row, then rows as in Samples: the host stands in for the sensor; Ack when taken
    Vector = 0x06, ///< VectorHeader, then a piece of the input; Ack, and for the last piece Output
    ProfileRequest = 0x07, ///< u8: 1 clears the counters afterwards; answered with Profile
    StatsRequest = 0x08,   ///< no payload; answered with Stats of that stream
    Learn = 0x09,          ///< LearnRequest; answered with Learned
    Reset = 0x0A,          ///< u8: 0 restart, 1 enter the bootloader
    Declare = 0x0B,        ///< as SensorSpec: what the rows look like that Inject will bring; Ack, then Description
    SelfTest = 0x0C,       ///< no payload: runs the inputs that are stored in the firmware; answered with SelfTested

    // board to its sensor, where an emulated sensor sits on a second link
    SensorIdentify = 0x40, ///< no payload; answered with SensorSpec
    SensorStart = 0x41,    ///< no payload; rows count from zero again
    SensorStop = 0x42,     ///< no payload
    SensorRead = 0x43,     ///< u16 most rows wanted; answered with SensorRows, perhaps of no rows

    // board to host
    Description = 0x81, ///< CBOR map, see description.hpp
    Samples = 0x82,     ///< SamplesHeader, then rows in the stream's type
    Log = 0x83,         ///< u8 level (0 debug, 1 info, 2 warning, 3 error), then UTF-8 text
    Stats = 0x84,       ///< StatsReport
    Inference = 0x85,   ///< InferenceHeader, then outputs in the model's output type
    Output = 0x86,      ///< OutputHeader, then features in the model's feature type, then outputs in its output type
    Profile = 0x87,     ///< ProfileHeader, then a StageTicks for each stage
    Learned = 0x88,     ///< LearnedHeader, then u16 for each class: rows that were taught
    SelfTested = 0x89,  ///< SelfTestReport
    Event = 0x8A,       ///< EventHeader: what began or ended on the stream, where the firmware tells events
    Ack = 0x8E,         ///< AckHeader
    Nak = 0x8F,         ///< AckHeader with a reason, then UTF-8 text for a person

    // sensor to board
    SensorSpec = 0xC0, ///< u8 sample type, u8 channels, f32 rate in Hz, then for each channel: f32 scale, f32 offset,
                       ///< u8 name length, name, u8 unit length, unit
    SensorRows = 0xC3, ///< SensorRowsHeader, then rows
};

/// Element types, with the codes used in descriptions and models.
enum class ElementType : uint8_t
{
    Int8 = 0,
    Int16 = 1,
    Int32 = 2,
    Float32 = 3
};

constexpr size_t elementSize(ElementType type)
{
    return type == ElementType::Int8 ? 1 : type == ElementType::Int16 ? 2 : 4;
}

enum class NakReason : uint8_t
{
    Unknown = 0,   ///< message type not known
    Malformed = 1, ///< payload too short or inconsistent
    NoSuchStream = 2,
    NoModel = 3,    ///< the firmware carries no model
    WrongShape = 4, ///< input size or kind does not fit the model
    Busy = 5,
    Unsupported = 6, ///< known, but this board cannot
    TooLarge = 7,
};

/// In Stop: every stream there is.
constexpr uint8_t kAllStreams = 0xFF;

// Start: which of the stream's outputs to send.
constexpr uint8_t kStartSamples = 0x1;
constexpr uint8_t kStartInference = 0x2;

struct StartRequest // 1 byte
{
    uint8_t outputs = kStartSamples;
    static constexpr size_t kSize = 1;
};

struct ConfigureRequest // 4 bytes
{
    uint32_t rateMilliHz = 0; ///< the nearest rate the sensor has is used; the description tells which
    static constexpr size_t kSize = 4;
};

/// Samples: `firstRow` counts the rows the sensor has produced since Start, lost ones included; `dropped` is how many
/// of them the board itself has lost so far. A jump of firstRow beyond the rows received, less the growth of `dropped`,
/// was lost on the link: every lost row is counted on exactly one side.
struct SamplesHeader
{
    uint32_t firstRow = 0;
    uint32_t dropped = 0;
    static constexpr size_t kSize = 8;
    void pack(uint8_t* at) const
    {
        putU32(at, firstRow);
        putU32(at + 4, dropped);
    }
    static SamplesHeader unpack(const uint8_t* at)
    {
        SamplesHeader h;
        h.firstRow = getU32(at);
        h.dropped = getU32(at + 4);
        return h;
    }
};

/// SensorRows: as SamplesHeader, with what the sensor's own buffer lost; the frame's ticks are the sensor's clock.
struct SensorRowsHeader
{
    uint32_t firstRow = 0;
    uint32_t overruns = 0; ///< rows the sensor threw away because nobody read them, since SensorStart
    uint8_t ended = 0;     ///< 1: the recording that feeds the sensor has been played to its end
    static constexpr size_t kSize = 9;
    void pack(uint8_t* at) const
    {
        putU32(at, firstRow);
        putU32(at + 4, overruns);
        at[8] = ended;
    }
    static SensorRowsHeader unpack(const uint8_t* at)
    {
        SensorRowsHeader h;
        h.firstRow = getU32(at);
        h.overruns = getU32(at + 4);
        h.ended = at[8];
        return h;
    }
};

// Vector: what the piece belongs to and what shall come back.
constexpr uint8_t kVectorFeatures = 0; ///< input is a feature vector in the model's feature type
constexpr uint8_t kVectorWindow = 1;   ///< input is a window of raw rows in the stream's type
constexpr uint8_t kWantFeatures = 0x1;
constexpr uint8_t kWantOutputs = 0x2;

struct VectorHeader
{
    uint32_t row = 0; ///< the host's number for this input, returned in Output
    uint8_t kind = kVectorFeatures;
    uint8_t want = kWantFeatures | kWantOutputs;
    uint32_t offset = 0; ///< where in the input this piece begins, bytes; pieces come in order
    uint32_t total = 0;  ///< the whole input, bytes
    static constexpr size_t kSize = 14;
    void pack(uint8_t* at) const
    {
        putU32(at, row);
        at[4] = kind;
        at[5] = want;
        putU32(at + 6, offset);
        putU32(at + 10, total);
    }
    static VectorHeader unpack(const uint8_t* at)
    {
        VectorHeader h;
        h.row = getU32(at);
        h.kind = at[4];
        h.want = at[5];
        h.offset = getU32(at + 6);
        h.total = getU32(at + 10);
        return h;
    }
};

struct OutputHeader
{
    uint32_t row = 0;
    uint16_t winner = 0;       ///< index of the class
    uint16_t features = 0;     ///< values that follow; 0 when not wanted
    uint16_t outputs = 0;      ///< values that follow the features; 0 when not wanted
    uint32_t featureTicks = 0; ///< CPU-timer ticks of the feature stage; 0 for a feature-vector input
    uint32_t modelTicks = 0;   ///< CPU-timer ticks of the model stage
    uint32_t stackBytes = 0;   ///< painted high-water mark of this inference
    static constexpr size_t kSize = 22;
    void pack(uint8_t* at) const
    {
        putU32(at, row);
        putU16(at + 4, winner);
        putU16(at + 6, features);
        putU16(at + 8, outputs);
        putU32(at + 10, featureTicks);
        putU32(at + 14, modelTicks);
        putU32(at + 18, stackBytes);
    }
    static OutputHeader unpack(const uint8_t* at)
    {
        OutputHeader h;
        h.row = getU32(at);
        h.winner = getU16(at + 4);
        h.features = getU16(at + 6);
        h.outputs = getU16(at + 8);
        h.featureTicks = getU32(at + 10);
        h.modelTicks = getU32(at + 14);
        h.stackBytes = getU32(at + 18);
        return h;
    }
};

struct InferenceHeader
{
    uint32_t endRow = 0; ///< the window was the rows before this one
    uint16_t winner = 0;
    uint16_t outputs = 0;  ///< values that follow
    uint32_t cpuTicks = 0; ///< features and model together
    static constexpr size_t kSize = 12;
    void pack(uint8_t* at) const
    {
        putU32(at, endRow);
        putU16(at + 4, winner);
        putU16(at + 6, outputs);
        putU32(at + 8, cpuTicks);
    }
    static InferenceHeader unpack(const uint8_t* at)
    {
        InferenceHeader h;
        h.endRow = getU32(at);
        h.winner = getU16(at + 4);
        h.outputs = getU16(at + 6);
        h.cpuTicks = getU32(at + 8);
        return h;
    }
};

struct EventHeader
{
    uint32_t endRow = 0; ///< of the window that decided: the rows before this one
    uint16_t label = 0;  ///< index of the class
    uint8_t phase = 0;   ///< a runtime::EventPhase: begins or ends
    uint16_t lost = 0;   ///< such messages, since Start, that the link had no time for
    static constexpr size_t kSize = 9;
    void pack(uint8_t* at) const
    {
        putU32(at, endRow);
        putU16(at + 4, label);
        at[6] = phase;
        putU16(at + 7, lost);
    }
    static EventHeader unpack(const uint8_t* at)
    {
        EventHeader h;
        h.endRow = getU32(at);
        h.label = getU16(at + 4);
        h.phase = at[6];
        h.lost = getU16(at + 7);
        return h;
    }
};

struct StatsReport
{
    uint32_t rowsProduced = 0; ///< by the sensor since Start
    uint32_t rowsDropped = 0;  ///< lost on the board: sensor overruns and full queue
    uint32_t rxFrames = 0;
    uint32_t rxErrors = 0;       ///< frames refused: torn, too long, CRC, version
    uint32_t stackHighWater = 0; ///< bytes since start-up
    uint16_t loadPermille = 0;
    uint8_t streaming = 0; ///< bit per stream
    static constexpr size_t kSize = 23;
    void pack(uint8_t* at) const
    {
        putU32(at, rowsProduced);
        putU32(at + 4, rowsDropped);
        putU32(at + 8, rxFrames);
        putU32(at + 12, rxErrors);
        putU32(at + 16, stackHighWater);
        putU16(at + 20, loadPermille);
        at[22] = streaming;
    }
    static StatsReport unpack(const uint8_t* at)
    {
        StatsReport r;
        r.rowsProduced = getU32(at);
        r.rowsDropped = getU32(at + 4);
        r.rxFrames = getU32(at + 8);
        r.rxErrors = getU32(at + 12);
        r.stackHighWater = getU32(at + 16);
        r.loadPermille = getU16(at + 20);
        r.streaming = at[22];
        return r;
    }
};

struct ProfileHeader
{
    uint32_t cpuTickHz = 0; ///< rate of the CPU timer
    uint32_t runs = 0;
    uint8_t stages = 0; ///< names are in the description, in this order
    static constexpr size_t kSize = 9;
    void pack(uint8_t* at) const
    {
        putU32(at, cpuTickHz);
        putU32(at + 4, runs);
        at[8] = stages;
    }
    static ProfileHeader unpack(const uint8_t* at)
    {
        ProfileHeader h;
        h.cpuTickHz = getU32(at);
        h.runs = getU32(at + 4);
        h.stages = at[8];
        return h;
    }
};

struct StageTicks
{
    uint32_t least = 0;
    uint32_t most = 0;
    uint32_t sumLow = 0; ///< 64-bit sum over all runs
    uint32_t sumHigh = 0;
    static constexpr size_t kSize = 16;
    void pack(uint8_t* at) const
    {
        putU32(at, least);
        putU32(at + 4, most);
        putU32(at + 8, sumLow);
        putU32(at + 12, sumHigh);
    }
    static StageTicks unpack(const uint8_t* at)
    {
        StageTicks s;
        s.least = getU32(at);
        s.most = getU32(at + 4);
        s.sumLow = getU32(at + 8);
        s.sumHigh = getU32(at + 12);
        return s;
    }
};

// Learn: what is to be done.
constexpr uint8_t kLearnAsk = 0;    ///< nothing: only the answer is wanted
constexpr uint8_t kLearnLast = 1;   ///< the input that the model ran on last is of class `label`
constexpr uint8_t kLearnNext = 2;   ///< the next `count` inputs will be; 0 ends it
constexpr uint8_t kLearnForget = 3; ///< the trained model is back; what is kept over a restart stays
constexpr uint8_t kLearnKeep = 4;   ///< what was learned is kept over a restart from now on

struct LearnRequest
{
    uint8_t action = kLearnAsk;
    uint16_t label = 0;
    uint16_t count = 0;
    static constexpr size_t kSize = 5;
    void pack(uint8_t* at) const
    {
        at[0] = action;
        putU16(at + 1, label);
        putU16(at + 3, count);
    }
    static LearnRequest unpack(const uint8_t* at)
    {
        LearnRequest r;
        r.action = at[0];
        r.label = getU16(at + 1);
        r.count = getU16(at + 3);
        return r;
    }
};

// Learned: flags.
constexpr uint8_t kLearnedCanKeep = 0x1;  ///< the board has a place that outlives a restart, and this fits it
constexpr uint8_t kLearnedUnkept = 0x2;   ///< what was learned is not what is kept
constexpr uint8_t kLearnedRestored = 0x4; ///< this start began with what was kept

struct LearnedHeader
{
    uint8_t outcome = 0;     ///< of the last lesson, a runtime::LearnOutcome
    uint8_t flags = 0;       ///< kLearned...
    uint16_t label = 0;      ///< of the last lesson
    uint16_t waiting = 0;    ///< inputs that are still to be taught as the label of kLearnNext
    uint32_t lessons = 0;    ///< since the start
    uint32_t generation = 0; ///< how often something was kept; 0: nothing is
    uint16_t stateBytes = 0; ///< of what is learned
    uint16_t classes = 0;    ///< counts that follow; 0 where they do not fit a frame
    static constexpr size_t kSize = 18;
    void pack(uint8_t* at) const
    {
        at[0] = outcome;
        at[1] = flags;
        putU16(at + 2, label);
        putU16(at + 4, waiting);
        putU32(at + 6, lessons);
        putU32(at + 10, generation);
        putU16(at + 14, stateBytes);
        putU16(at + 16, classes);
    }
    static LearnedHeader unpack(const uint8_t* at)
    {
        LearnedHeader h;
        h.outcome = at[0];
        h.flags = at[1];
        h.label = getU16(at + 2);
        h.waiting = getU16(at + 4);
        h.lessons = getU32(at + 6);
        h.generation = getU32(at + 10);
        h.stateBytes = getU16(at + 14);
        h.classes = getU16(at + 16);
        return h;
    }
};

struct SelfTestReport
{
    static constexpr uint16_t kNone = 0xFFFF;

    uint16_t vectors = 0;      ///< that were run
    uint16_t wrong = 0;        ///< of them, those whose outputs or class are not the stored ones, bit for bit
    uint16_t vector = kNone;   ///< the first of these, as the rest
    uint16_t output = kNone;   ///< its first output that differs; kNone: only the class does
    uint16_t winner = 0;       ///< the class that it gave
    uint16_t storedWinner = 0; ///< and the one that it should have given
    uint32_t bits = 0;         ///< that output, sign-extended where it is shorter
    uint32_t storedBits = 0;
    static constexpr size_t kSize = 20;
    void pack(uint8_t* at) const
    {
        putU16(at, vectors);
        putU16(at + 2, wrong);
        putU16(at + 4, vector);
        putU16(at + 6, output);
        putU16(at + 8, winner);
        putU16(at + 10, storedWinner);
        putU32(at + 12, bits);
        putU32(at + 16, storedBits);
    }
    static SelfTestReport unpack(const uint8_t* at)
    {
        SelfTestReport r;
        r.vectors = getU16(at);
        r.wrong = getU16(at + 2);
        r.vector = getU16(at + 4);
        r.output = getU16(at + 6);
        r.winner = getU16(at + 8);
        r.storedWinner = getU16(at + 10);
        r.bits = getU32(at + 12);
        r.storedBits = getU32(at + 16);
        return r;
    }
};

struct AckHeader
{
    uint32_t seq = 0;   ///< of the request
    uint8_t type = 0;   ///< of the request
    uint8_t reason = 0; ///< a NakReason; 0 in an Ack
    static constexpr size_t kSize = 6;
    void pack(uint8_t* at) const
    {
        putU32(at, seq);
        at[4] = type;
        at[5] = reason;
    }
    static AckHeader unpack(const uint8_t* at)
    {
        AckHeader h;
        h.seq = getU32(at);
        h.type = at[4];
        h.reason = at[5];
        return h;
    }
};

} // namespace wire
} // namespace ember
