// SPDX-License-Identifier: MIT-0
// Two analogue inputs as a stream of Emberlab, 100 rows a second. To record it:
//   emberlab record --project try.ember --port /dev/ttyACM0 --duration 10s
#include <EmberAgent.h>

EmberAgent agent;

const EmberChannel channels[] PROGMEM = {{"a0", "V", 5.0f / 1023.0f, 0}, {"a1", "V", 5.0f / 1023.0f, 0}};

bool readInputs(int16_t* row)
{
    row[0] = analogRead(A0);
    row[1] = analogRead(A1);
    return true;
}

void setup()
{
    Serial.begin(115200);
    agent.addStream(F("analog"), 100, readInputs, channels);
    agent.begin(Serial);
}

void loop()
{
    agent.poll();
}
