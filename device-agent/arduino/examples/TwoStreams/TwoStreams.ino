// SPDX-License-Identifier: MIT-0
// Two analogue inputs as two streams of Emberlab, each with a rate of its own. To record both:
//   emberlab record --project try.ember --port /dev/ttyACM0 --streams all --duration 10s
#include <EmberAgent.h>

EmberAgent agent;

const EmberChannel fastChannels[] PROGMEM = {{"a0", "V", 5.0f / 1023.0f, 0}};
const EmberChannel slowChannels[] PROGMEM = {{"a1", "V", 5.0f / 1023.0f, 0}};

bool readFast(int16_t* row)
{
    row[0] = analogRead(A0);
    return true;
}

bool readSlow(int16_t* row)
{
    row[0] = analogRead(A1);
    return true;
}

void setup()
{
    Serial.begin(115200);
    agent.addStream(F("fast"), 100, readFast, fastChannels);
    agent.addStream(F("slow"), 12.5, readSlow, slowChannels);
    agent.begin(Serial);
}

void loop()
{
    agent.poll();
}
