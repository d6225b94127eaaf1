// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../common/memory.hpp"
#include "../cortex-m/fault_record.hpp"
#include "mps2_port.hpp"

int main()
{
    using namespace ember;
    static mps2::Mps2Port port;
    static boards::FeedSensor sensor(port.sensorLink(), boards::feedMemory());
    static boards::FeedSensor second(port.secondSensorLink(), boards::feedMemory<1>(), "sensor2");
    static agent::Agent agent(port, &sensor, agent::deployedModel(), boards::agentBuffers());
    agent.addStream(*boards::moreStream<1>(second));
    cortexm::reportFault(agent);
    for (;;)
        agent.step();
}
