// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../common/memory.hpp"
#include "../cortex-m/fault_record.hpp"
#include "stm32_port.hpp"

int main()
{
    using namespace ember;
    static stm32::Stm32Port port;
#if defined(EMBER_SENSOR_USART)
    static boards::FeedSensor feed(port.sensorLink(), boards::feedMemory());
    agent::Sensor* const sensor = &feed;
#else
    agent::Sensor* const sensor = boards::hostSensor();
#endif
    static agent::Agent agent(port, sensor, agent::deployedModel(), boards::agentBuffers());
    cortexm::reportFault(agent);
    for (;;)
        agent.step();
}
