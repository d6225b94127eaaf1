// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/messages.hpp"
#include "limits.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace agent {

enum class InputKind : uint8_t
{
    FeatureVector = 0,
    Window = 1
};

/// How a model learns: the functions of its generated code, which that explains.
struct LearningPort
{
    uint8_t (*learn)(const void* features, uint16_t label); ///< returns a runtime::LearnOutcome
    void (*reset)();
    uint16_t (*count)(uint16_t label); ///< rows taught of a class
    const void* (*state)();            ///< what is learned, stateBytes
    uint8_t (*restore)(const void* state);
    uint16_t stateBytes;
};

/// How a model tells events: the functions of its generated code, which that explains. ModelDescriptor::infer gives
/// every answer to the detector, so that what it costs is counted with the model.
struct EventPort
{
    void (*init)();
    void (*interrupt)();              ///< the next window does not follow the last one
    uint8_t (*phase)(uint16_t label); ///< a runtime::EventPhase
    uint8_t patience;                 ///< windows in a row that make an event
};

/// Inputs with the answers of the desktop, in flash: each the bytes of an input, the outputs' bytes and the class as a
/// u16, little-endian.
struct SelfTestVectors
{
    const uint8_t* inFlash;
    uint16_t count;
    uint16_t inputBytes; ///< a window, or features
};

/// What the agent knows of the model that is linked into the firmware. The glue file that the build makes beside the
/// generated model fills it; a firmware without a model links no_model.cpp. The texts lie in flash (flash_text.hpp).
struct ModelDescriptor
{
    const char* name;
    const char* hash; ///< first 16 hexadecimal digits of the model's content hash
    InputKind input;

    // Window models only; zero otherwise.
    uint16_t windowRows;
    uint16_t hopRows;
    uint16_t channels;            ///< columns of a window row
    wire::ElementType windowType; ///< the stream's element type

    wire::ElementType featureType;
    uint16_t featureCount;
    wire::ElementType outputType; ///< Int32: votes
    uint16_t outputCount;
    uint16_t classCount;
    const char* const* classNames; ///< a table in RAM of texts in flash

    /// Window (windowRows x channels, row-major, windowType) to features; null for feature-vector models.
    void (*extract)(const void* window, void* features);
    /// Features to outputs; returns the winning class.
    uint16_t (*infer)(const void* features, void* outputs);

    // Buffers that the agent hands to the calls above; sized by the glue file, null where not needed. The window buffer
    // holds windowRows rows; the agent keeps the rows in order.
    void* windowBuffer;
    void* featureBuffer;
    void* outputBuffer;

#if EMBER_LEARNING
    const LearningPort* learning; ///< null for a model that does not learn
#endif
#if EMBER_SELF_TEST
    const SelfTestVectors* selfTest; ///< null without
#endif
#if EMBER_EVENTS
    const EventPort* events; ///< null for a model that only answers
#endif
};

/// The linked model, or null. Defined by the glue file or by no_model.cpp.
const ModelDescriptor* deployedModel();

} // namespace agent
} // namespace ember
