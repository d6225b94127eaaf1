// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../common/feed_sensor.hpp"
#include "../cortex-m/fault_record.hpp"
#include "mps2_port.hpp"

namespace {

// A frame of 4 KiB still has the short CRC. The rows are those of a quarter of a second at 5000 rows of 12 bytes a
// second: as long as a desktop program may be busy with other things.
uint8_t receiveBuffer[4096];
uint8_t sendBuffer[4096];
uint8_t rowBuffer[16384];
uint8_t sensorBuffer[2048];
ember::agent::ChannelInfo channels[ember::wire::kMaxChannels];

} // namespace

int main()
{
    using namespace ember;
    static mps2::Mps2Port port;
    static boards::FeedSensor sensor(port.sensorLink(),
                                     {sensorBuffer, sizeof sensorBuffer, channels, wire::kMaxChannels});
    const agent::AgentBuffers buffers = {receiveBuffer, sizeof receiveBuffer, sendBuffer, sizeof sendBuffer,
                                         rowBuffer,     sizeof rowBuffer};
    static agent::Agent agent(port, &sensor, agent::deployedModel(), buffers);
    cortexm::reportFault(agent);
    for (;;)
        agent.step();
}
