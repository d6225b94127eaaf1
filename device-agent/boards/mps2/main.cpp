// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "fault_record.hpp"
#include "feed_sensor.hpp"
#include "mps2_port.hpp"

namespace {

// A frame of 4 KiB still has the short CRC. The rows are those of a quarter of a second at 5000 rows of 12 bytes a
// second: as long as a desktop program may be busy with other things.
uint8_t receiveBuffer[4096];
uint8_t sendBuffer[4096];
uint8_t rowBuffer[16384];

} // namespace

int main()
{
    using namespace ember;
    static mps2::Mps2Port port;
    static mps2::FeedSensor sensor(port.sensorUart());
    const agent::AgentBuffers buffers = {receiveBuffer, sizeof receiveBuffer, sendBuffer, sizeof sendBuffer,
                                         rowBuffer,     sizeof rowBuffer};
    static agent::Agent agent(port, &sensor, agent::deployedModel(), buffers);
    if (mps2::faultRecord.magic == mps2::FaultRecord::kMagic) {
        mps2::faultRecord.magic = 0;
        agent.log(agent::LogLevel::Error, "The board restarted after a fault at", mps2::faultRecord.pc);
        agent.log(agent::LogLevel::Error, "Fault status", mps2::faultRecord.status);
    }
    for (;;)
        agent.step();
}
