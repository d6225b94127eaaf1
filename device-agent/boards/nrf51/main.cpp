// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../common/memory.hpp"
#include "../cortex-m/fault_record.hpp"
#include "nrf51_port.hpp"

int main()
{
    using namespace ember;
    static nrf51::Nrf51Port port;
    static agent::Agent agent(port, boards::hostSensor(), agent::deployedModel(), boards::agentBuffers());
    cortexm::reportFault(agent);
    for (;;)
        agent.step();
}
