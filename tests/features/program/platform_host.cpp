// SPDX-License-Identifier: GPL-3.0-or-later
// What a printed plan needs around it to run on this computer.
#include <cstdint>
#include <cstdio>

extern "C" {

void put(const char* text)
{
    std::fputs(text, stdout);
}

uint32_t ticks()
{
    return 0;
}

void program();
}

int main()
{
    program();
    return 0;
}
