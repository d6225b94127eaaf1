// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../../agent/flash_text.hpp"
#include "analog_inputs.hpp"
#include "avr_port.hpp"
#include "mpu6050.hpp"
#include "restart_record.hpp"

namespace {

using namespace ember;

// Requests come in pieces of what the receive buffer holds. The send buffer holds the description, which is the longest
// that is sent: 110 bytes, 21 for each channel of the motion sensor, 57 for the analogue inputs, and with a model 125
// and its labels, 12 for each of learning and self-test, 5 for events. The row buffers only put frames together: rows
// wait in the sensor.
constexpr size_t kDescriptionOptions = 12 * (EMBER_LEARNING + EMBER_SELF_TEST) + 5 * EMBER_EVENTS;
uint8_t receiveBuffer[80];
uint8_t sendBuffer[agent::kWithModel ? EMBER_SEND_BYTES + kDescriptionOptions : 308];
uint8_t rowBuffer[EMBER_ROW_BYTES];

// A model of the acceleration alone gets that alone: rows are half as long, in the link and in the window.
uint8_t channelsWanted()
{
    const agent::ModelDescriptor* const model = agent::deployedModel();
    return model != nullptr && model->channels == 3 ? 3 : 6;
}

// Not inside main(), where each would carry a guard.
avr::AvrPort port;
avr::Mpu6050 motion(channelsWanted());
avr::AnalogInputs analog;

// A model has one stream, the one that it takes: the memory of another is the model's.
agent::Sensor* firstSensor()
{
    const agent::ModelDescriptor* const model = agent::deployedModel();
    if (model != nullptr && model->channels == analog.stream()->channels)
        return &analog;
    return &motion;
}

agent::Agent theAgent(port, firstSensor(), agent::deployedModel(),
                      {receiveBuffer, sizeof receiveBuffer, sendBuffer, sizeof sendBuffer, rowBuffer,
                       sizeof rowBuffer});
#if !EMBER_WITH_MODEL
uint8_t analogRows[12];
agent::Streamer analogStream(analog, analogRows, sizeof analogRows);
#endif

} // namespace

int main()
{
#if !EMBER_WITH_MODEL
    theAgent.addStream(analogStream);
#endif
    if (avr::restartRecord.reason == avr::RestartRecord::kStackRanOut)
        theAgent.log(agent::LogLevel::Error, EMBER_TEXT("The board restarted because its stack ran out."));
    avr::restartRecord.reason = 0;
    for (;;) {
        theAgent.step();
        if (!port.stackIntact()) {
            avr::restartRecord.reason = avr::RestartRecord::kStackRanOut;
            port.reset(false);
        }
    }
}
