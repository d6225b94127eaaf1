// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../../agent/describe.hpp"
#include "../../agent/flash_text.hpp"
#include "analog_inputs.hpp"
#include "avr_port.hpp"
#include "mpu6050.hpp"
#include "twi.hpp"

namespace {

using namespace ember;

// Requests come in pieces of what the receive buffer holds. The send buffer holds the description, which is the longest
// that is sent: with a model 110 bytes, 21 for each channel of the motion sensor, 57 for the analogue inputs, and 125
// and its labels, 12 for each of learning and self-test, 5 for events. The row buffers only put frames together: rows
// wait in the sensor.
uint8_t receiveBuffer[80];
#if EMBER_WITH_MODEL
uint8_t sendBuffer[EMBER_SEND_BYTES + 12 * (EMBER_LEARNING + EMBER_SELF_TEST) + 5 * EMBER_EVENTS];
#else
uint8_t sendBuffer[wire::kHeaderSize + agent::kFixedDescriptionBytes + avr::Mpu6050::kDescribedBytes + 4 +
                   avr::AnalogInputs::kDescribedBytes + 4 + 4];
#endif
uint8_t rowBuffer[EMBER_ROW_BYTES];

#define EMBER_BUFFERS                                                                                                  \
    {                                                                                                                  \
        receiveBuffer, sizeof receiveBuffer, sendBuffer, sizeof sendBuffer, rowBuffer, sizeof rowBuffer                \
    }

avr::AvrPort port;
avr::AnalogInputs analog;

#if EMBER_WITH_MODEL

// A model of the acceleration alone gets that alone: rows are half as long, in the link and in the window.
uint8_t channelsWanted()
{
    const agent::ModelDescriptor* const model = agent::deployedModel();
    return model != nullptr && model->channels == 3 ? 3 : 6;
}

// Not inside main(), where each would carry a guard.
avr::Mpu6050 motion(channelsWanted());

// A model has one stream, the one that it takes: the memory of another is the model's.
agent::Sensor* firstSensor()
{
    const agent::ModelDescriptor* const model = agent::deployedModel();
    if (model != nullptr && model->channels == avr::AnalogInputs::kInputs)
        return &analog;
    return &motion;
}

agent::Agent theAgent(port, firstSensor(), agent::deployedModel(), EMBER_BUFFERS);

#else

avr::Mpu6050 motion(6);
uint8_t analogRows[12];
agent::Streamer analogStream(analog, analogRows, sizeof analogRows, 1);
agent::Agent theAgent(port, &motion, nullptr, EMBER_BUFFERS, &analogStream);

#endif

} // namespace

int main()
{
    avr::AvrPort::begin();
    avr::Twi::begin();
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
