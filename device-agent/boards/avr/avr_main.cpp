// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../../agent/flash_text.hpp"
#include "avr_port.hpp"
#include "mpu6050.hpp"
#include "restart_record.hpp"

namespace {

using namespace ember;

// Requests come in pieces of what the receive buffer holds. The send buffer holds the description, which is the longest
// that is sent: 110 bytes, 21 for each channel, and with a model 125 and its labels. The row buffer only puts frames
// together: rows wait in the sensor.
uint8_t receiveBuffer[80];
uint8_t sendBuffer[agent::kWithModel ? EMBER_SEND_BYTES : 264];
uint8_t rowBuffer[EMBER_ROW_BYTES];

// A model of the acceleration alone gets that alone: rows are half as long, in the link and in the window.
uint8_t channelsWanted()
{
    const agent::ModelDescriptor* const model = agent::deployedModel();
    return model != nullptr && model->channels == 3 ? 3 : 6;
}

// Not inside main(), where each would carry a guard.
avr::AvrPort port;
avr::Mpu6050 sensor(channelsWanted());
agent::Agent theAgent(port, &sensor, agent::deployedModel(),
                      {receiveBuffer, sizeof receiveBuffer, sendBuffer, sizeof sendBuffer, rowBuffer,
                       sizeof rowBuffer});

} // namespace

int main()
{
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
