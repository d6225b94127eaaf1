// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../../agent/flash_text.hpp"
#include "avr_port.hpp"
#include "mpu6050.hpp"
#include "restart_record.hpp"

namespace {

// Requests come in pieces of what the receive buffer holds. The send buffer holds the description, which is the longest
// that is sent: 100 bytes, 28 for each channel, and with a model 80 and its labels. The rows are those of 0.2 s.
uint8_t receiveBuffer[96];
uint8_t sendBuffer[EMBER_SEND_BYTES];
uint8_t rowBuffer[EMBER_ROW_BYTES];

} // namespace

int main()
{
    using namespace ember;
    const agent::ModelDescriptor* const model = agent::deployedModel();
    static avr::AvrPort port;
    // A model of the acceleration alone gets that alone: rows are half as long, in the link and in the window.
    static avr::Mpu6050 sensor(model != nullptr && model->channels == 3 ? 3 : 6);
    const agent::AgentBuffers buffers = {receiveBuffer, sizeof receiveBuffer, sendBuffer, sizeof sendBuffer,
                                         rowBuffer,     sizeof rowBuffer};
    static agent::Agent agent(port, &sensor, model, buffers);
    if (avr::restartRecord.reason == avr::RestartRecord::kStackRanOut)
        agent.log(agent::LogLevel::Error, EMBER_TEXT("The board restarted because its stack ran out."));
    avr::restartRecord.reason = 0;
    for (;;) {
        agent.step();
        if (!port.stackIntact()) {
            avr::restartRecord.reason = avr::RestartRecord::kStackRanOut;
            port.reset(false);
        }
    }
}
