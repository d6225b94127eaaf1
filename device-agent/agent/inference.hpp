// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/messages.hpp"
#include "learning.hpp"
#include "limits.hpp"
#include "model_port.hpp"
#include "port.hpp"
#include "stack_meter.hpp"

namespace ember {
namespace agent {

/// What one inference gave and what it took.
struct InferenceResult
{
    uint16_t winner = 0;
    uint32_t featureTicks = 0; ///< 0 when the features were given
    uint32_t modelTicks = 0;
    uint32_t stackBytes = 0;
};

#if EMBER_WITH_MODEL

/// Runs the model on its own buffers and keeps the profile. Ticks are those of an empty function less, so that what
/// remains is the work itself.
class Inference
{
public:
    /// Without a model (null) none of the calls below may be made.
    Inference(Port& port, StackMeter& stack, const ModelDescriptor* model)
        : m_port(port)
        , m_stack(stack)
        , m_model(model)
    {}

#if EMBER_LEARNING
    /// Is told of every input from now on.
    void setPupil(Learning& pupil)
    {
        m_pupil = &pupil;
    }
#endif

    /// Features of the window in windowBuffer, then the model on them.
    InferenceResult runWindow()
    {
        return run(true);
    }
    /// The model on the features in featureBuffer.
    InferenceResult runFeatures()
    {
        return run(false);
    }

    /// Stages in the profile: "features" (window models only), "model".
    uint8_t stages() const
    {
        return m_model->input == InputKind::Window ? 2 : 1;
    }
    /// Writes ProfileHeader and StageTicks; returns their size.
    size_t packProfile(uint8_t* at) const;
    void clearProfile();

private:
    /// Least, most and sum of one stage.
    struct Stage
    {
        uint32_t least = 0xFFFFFFFFu;
        uint32_t most = 0;
        uint64_t sum = 0;
        void add(uint32_t ticks);
    };

    InferenceResult run(bool fromWindow);
    void calibrate();
    uint32_t span(uint32_t from, uint32_t to) const;

    Port& m_port;
    StackMeter& m_stack;
    const ModelDescriptor* m_model;
    uint32_t m_overhead = 0;
    uint32_t m_runs = 0;
    Stage m_featureStage;
    Stage m_modelStage;
    bool m_calibrated = false;
#if EMBER_LEARNING
    Learning* m_pupil = nullptr;
#endif
};

#else

/// What stands in its place in a firmware that never has a model.
class Inference
{
public:
    InferenceResult runWindow() { return InferenceResult(); }
    InferenceResult runFeatures() { return InferenceResult(); }
    size_t packProfile(uint8_t*) const { return 0; }
    void clearProfile() {}
};

#endif

} // namespace agent
} // namespace ember
