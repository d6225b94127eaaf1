// SPDX-License-Identifier: MIT-0
// Requests that are about the model: inputs of the host, and the profile.
#include "agent.hpp"
#include "flash_text.hpp"

#include <string.h>

namespace ember {
namespace agent {

using wire::MessageType;
using wire::NakReason;

#if EMBER_WITH_MODEL

Agent::Outcome Agent::handleVector()
{
    if (model() == nullptr)
        return nak(NakReason::NoModel, EMBER_REASON("The firmware has no model."));
    if (m_streamer.inferring())
        return nak(NakReason::Busy, EMBER_REASON("The model is at work on the stream; stop that first."));
    const size_t size = m_receiver.payloadSize();
    if (size < wire::VectorHeader::kSize)
        return nak(NakReason::Malformed, EMBER_REASON("Vector is too short."));
    const wire::VectorHeader header = wire::VectorHeader::unpack(m_receiver.payload());
    if (outputBytes(header.want) > m_sender.capacity())
        return nak(NakReason::TooLarge,
                   EMBER_REASON("The answer does not fit a frame; ask for features or outputs alone."));
#if EMBER_LEARNING
    m_learning.forgetInput(); // the piece goes to where the input lies
#endif
    bool complete = false;
    NakReason reason;
    const char* const fault = m_vector.take(header, m_receiver.payload() + wire::VectorHeader::kSize,
                                            size - wire::VectorHeader::kSize, &complete, &reason);
    if (fault != nullptr)
        return nak(reason, fault);
    if (!complete)
        return ack();
    sendOutput(header, header.kind == wire::kVectorWindow ? m_inference.runWindow() : m_inference.runFeatures());
    return Outcome::Done;
}

size_t Agent::outputBytes(uint8_t want) const
{
    size_t size = wire::OutputHeader::kSize;
    if ((want & wire::kWantFeatures) != 0)
        size += m_model->featureCount * wire::elementSize(m_model->featureType);
    if ((want & wire::kWantOutputs) != 0)
        size += m_model->outputCount * wire::elementSize(m_model->outputType);
    return size;
}

void Agent::sendOutput(const wire::VectorHeader& header, const InferenceResult& result)
{
    wire::OutputHeader out;
    out.row = header.row;
    out.winner = result.winner;
    out.features = (header.want & wire::kWantFeatures) != 0 ? m_model->featureCount : uint16_t{0};
    out.outputs = (header.want & wire::kWantOutputs) != 0 ? m_model->outputCount : uint16_t{0};
    out.featureTicks = result.featureTicks;
    out.modelTicks = result.modelTicks;
    out.stackBytes = result.stackBytes;
    uint8_t* at = m_sender.payload();
    out.pack(at);
    at += wire::OutputHeader::kSize;
    const size_t featureBytes = out.features * wire::elementSize(m_model->featureType);
    memcpy(at, m_model->featureBuffer, featureBytes); // every board we know is little-endian, as the wire is
    at += featureBytes;
    const size_t outputBytes = out.outputs * wire::elementSize(m_model->outputType);
    memcpy(at, m_model->outputBuffer, outputBytes);
    at += outputBytes;
    send(MessageType::Output, static_cast<size_t>(at - m_sender.payload()));
}

Agent::Outcome Agent::handleProfile()
{
    if (model() == nullptr)
        return nak(NakReason::NoModel, EMBER_REASON("The firmware has no model."));
    send(MessageType::Profile, m_inference.packProfile(m_sender.payload()));
    if (m_receiver.payloadSize() > 0 && m_receiver.payload()[0] == 1)
        m_inference.clearProfile();
    return Outcome::Done;
}

#else

Agent::Outcome Agent::handleVector()
{
    return nak(NakReason::NoModel, EMBER_REASON("The firmware has no model."));
}

Agent::Outcome Agent::handleProfile()
{
    return nak(NakReason::NoModel, EMBER_REASON("The firmware has no model."));
}

#endif

} // namespace agent
} // namespace ember
