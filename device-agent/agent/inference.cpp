// SPDX-License-Identifier: MIT-0
#include "inference.hpp"

#if EMBER_WITH_MODEL

namespace ember {
namespace agent {

namespace {

uint16_t emptyModel(const void*, void*)
{
    return 0;
}

} // namespace

void Inference::Stage::add(uint32_t ticks)
{
    if (ticks < least)
        least = ticks;
    if (ticks > most)
        most = ticks;
    sum += ticks;
}

// What reading the timer twice and calling an empty function takes. The least of several tries: where time is real,
// anything else is somebody else's work.
void Inference::calibrate()
{
    uint16_t (*volatile const infer)(const void*, void*) = emptyModel;
    m_overhead = 0xFFFFFFFFu;
    for (uint8_t i = 0; i < 8; ++i) {
        const uint32_t before = m_port.cpuTicks();
        infer(m_model->featureBuffer, m_model->outputBuffer);
        const uint32_t after = m_port.cpuTicks();
        if (after - before < m_overhead)
            m_overhead = after - before;
    }
    m_calibrated = true;
}

uint32_t Inference::span(uint32_t from, uint32_t to) const
{
    const uint32_t ticks = to - from;
    return ticks > m_overhead ? ticks - m_overhead : 0;
}

InferenceResult Inference::run(bool fromWindow)
{
    InferenceResult result;
    m_port.beginMeasurement();
    if (!m_calibrated)
        calibrate();
    uint8_t* const stackPointer = m_port.stackPointer();
    m_stack.paint(stackPointer);
    if (fromWindow) {
        const uint32_t before = m_port.cpuTicks();
        m_model->extract(m_model->windowBuffer, m_model->featureBuffer);
        result.featureTicks = span(before, m_port.cpuTicks());
    }
    const uint32_t before = m_port.cpuTicks();
    result.winner = m_model->infer(m_model->featureBuffer, m_model->outputBuffer);
    result.modelTicks = span(before, m_port.cpuTicks());
    result.stackBytes = m_stack.usedBelow(stackPointer);
    m_port.endMeasurement();

    ++m_runs;
    if (fromWindow)
        m_featureStage.add(result.featureTicks);
    m_modelStage.add(result.modelTicks);
#if EMBER_LEARNING
    if (m_pupil != nullptr)
        m_pupil->sawInput();
#endif
    return result;
}

void Inference::clearProfile()
{
    m_runs = 0;
    m_featureStage = Stage();
    m_modelStage = Stage();
}

size_t Inference::packProfile(uint8_t* at) const
{
    wire::ProfileHeader header;
    header.cpuTickHz = m_port.cpuTickHz();
    header.runs = m_runs;
    header.stages = stages();
    header.pack(at);
    size_t size = wire::ProfileHeader::kSize;
    const Stage* const all[2] = {&m_featureStage, &m_modelStage};
    for (uint8_t i = static_cast<uint8_t>(2 - header.stages); i < 2; ++i) {
        wire::StageTicks ticks;
        ticks.least = all[i]->least > all[i]->most ? 0 : all[i]->least; // a stage that never ran
        ticks.most = all[i]->most;
        ticks.sumLow = static_cast<uint32_t>(all[i]->sum);
        ticks.sumHigh = static_cast<uint32_t>(all[i]->sum >> 32);
        ticks.pack(at + size);
        size += wire::StageTicks::kSize;
    }
    return size;
}

} // namespace agent
} // namespace ember

#endif
