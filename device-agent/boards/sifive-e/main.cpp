// SPDX-License-Identifier: MIT-0
#include "../../agent/agent.hpp"
#include "../common/memory.hpp"
#include "sifive_port.hpp"

int main()
{
    using namespace ember;
    static sifive::SifivePort port;
    static boards::FeedSensor sensor(port.sensorLink(), boards::feedMemory());
    static agent::Agent agent(port, &sensor, agent::deployedModel(), boards::agentBuffers());
    if (sifive::faultRecord.magic == sifive::FaultRecord::kMagic) {
        sifive::faultRecord.magic = 0;
        agent.log(agent::LogLevel::Error, "The board restarted after a fault at", sifive::faultRecord.pc);
        agent.log(agent::LogLevel::Error, "Fault cause", sifive::faultRecord.cause);
    }
    for (;;)
        agent.step();
}
