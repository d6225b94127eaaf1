// SPDX-License-Identifier: MIT-0
#pragma once

#include "flash_text.hpp"
#include "inference.hpp"
#include "limits.hpp"
#include "model_port.hpp"

#include <string.h>

namespace ember {
namespace agent {

#if EMBER_SELF_TEST

/// Runs the inputs that lie in the firmware's flash through the model and compares with the answers beside them, bit by
/// bit. Works in the model's buffers; what was in them is gone.
class SelfTestRun
{
public:
    SelfTestRun(const ModelDescriptor& model, Inference& inference)
        : m_model(model)
        , m_inference(inference)
    {}

    wire::SelfTestReport run()
    {
        wire::SelfTestReport report;
        const size_t width = wire::elementSize(m_model.outputType);
        const size_t outputBytes = m_model.outputCount * width;
        const SelfTestVectors& vectors = *m_model.selfTest;
        const uint8_t* at = vectors.inFlash;
        for (; report.vectors < vectors.count; ++report.vectors, at += vectors.inputBytes + outputBytes + 2) {
            const bool window = m_model.input == InputKind::Window;
            copyFromFlash(window ? m_model.windowBuffer : m_model.featureBuffer, at, vectors.inputBytes);
            const InferenceResult result = window ? m_inference.runWindow() : m_inference.runFeatures();
            const uint16_t output = firstDifference(at + vectors.inputBytes, outputBytes, width);
            const uint16_t winner = runtime::readFlash16(at + vectors.inputBytes + outputBytes);
            if (output == wire::SelfTestReport::kNone && result.winner == winner)
                continue;
            if (report.wrong++ == 0)
                note(result, winner, output, at + vectors.inputBytes, report);
        }
        return report;
    }

private:
    const uint8_t* outputs() const { return static_cast<const uint8_t*>(m_model.outputBuffer); }

    uint16_t firstDifference(const uint8_t* stored, size_t bytes, size_t width) const
    {
        for (size_t i = 0; i < bytes; ++i) {
            if (outputs()[i] != runtime::readFlash8(stored + i))
                return static_cast<uint16_t>(i / width);
        }
        return wire::SelfTestReport::kNone;
    }

    static uint32_t extended(uint32_t bits, size_t width)
    {
        const uint32_t sign = uint32_t{1} << (8 * width - 1);
        return width < 4 && (bits & sign) != 0 ? bits | ~(sign * 2 - 1) : bits;
    }

    void note(const InferenceResult& result, uint16_t winner, uint16_t output, const uint8_t* stored,
              wire::SelfTestReport& report) const
    {
        report.vector = report.vectors;
        report.output = output;
        report.winner = result.winner;
        report.storedWinner = winner;
        if (output == wire::SelfTestReport::kNone)
            return;
        const size_t width = wire::elementSize(m_model.outputType);
        for (size_t b = width; b-- > 0;) {
            report.bits = (report.bits << 8) | outputs()[output * width + b];
            report.storedBits = (report.storedBits << 8) | runtime::readFlash8(stored + output * width + b);
        }
        report.bits = extended(report.bits, width);
        report.storedBits = extended(report.storedBits, width);
    }

    const ModelDescriptor& m_model;
    Inference& m_inference;
};

#endif

} // namespace agent
} // namespace ember
