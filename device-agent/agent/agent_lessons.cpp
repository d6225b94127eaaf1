// SPDX-License-Identifier: MIT-0
// Requests that only some firmware has: lessons, and the self-test.
#include "agent.hpp"
#include "flash_text.hpp"

namespace ember {
namespace agent {

using wire::MessageType;
using wire::NakReason;

#if EMBER_LEARNING

Agent::Outcome Agent::handleLearn()
{
    if (!m_learning.canLearn())
        return nak(NakReason::Unsupported, EMBER_REASON("The model of this firmware does not learn."));
    if (m_receiver.payloadSize() < wire::LearnRequest::kSize)
        return nak(NakReason::Malformed, EMBER_REASON("Learn is too short."));
    bool busy = false;
    NakReason reason;
    const char* const fault = m_learning.apply(wire::LearnRequest::unpack(m_receiver.payload()), &busy, &reason);
    if (fault != nullptr)
        return nak(reason, fault);
    if (busy)
        return Outcome::Later;
    send(MessageType::Learned, m_learning.pack(m_sender.payload(), m_sender.capacity()));
    return Outcome::Done;
}

#endif

#if EMBER_SELF_TEST

Agent::Outcome Agent::handleSelfTest()
{
    if (model() == nullptr || model()->selfTest == nullptr)
        return nak(NakReason::Unsupported, EMBER_REASON("This firmware carries no inputs for a self-test."));
    if (m_streamer.inferring())
        return nak(NakReason::Busy, EMBER_REASON("The model is at work on the stream; stop that first."));
#if EMBER_LEARNING
    if (m_learning.hasLearned())
        return nak(NakReason::Busy,
                   EMBER_REASON("What was learned changes the answers: emberlab learn --forget first."));
    if (m_learning.isWaiting()) // the test's inputs would be taken for what was announced
        return nak(NakReason::Busy, EMBER_REASON("Inputs are still waited for; end that first."));
#endif
    m_vector.abandon(); // its buffers are the test's now
    SelfTestRun(*model(), m_inference).run().pack(m_sender.payload());
#if EMBER_LEARNING
    m_learning.forgetInput(); // nobody gave the last one
#endif
    send(MessageType::SelfTested, wire::SelfTestReport::kSize);
    return Outcome::Done;
}

#endif

} // namespace agent
} // namespace ember
