// SPDX-License-Identifier: MIT-0
#pragma once

#include "../runtime/flash_data.hpp"
#include "limits.hpp"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// On AVR constants lie in an address space of their own, and what is not put there takes RAM. Every text, and every
// table that is called constant in the agent's interfaces (channels, model descriptions), is therefore read through
// these; on other boards they are plain reads.

#if defined(__AVR__)
/// A literal in flash: `const char*` that only the functions below may read.
#define EMBER_TEXT(literal) PSTR(literal)
#else
#define EMBER_TEXT(literal) (literal)
#endif

/// Why a request is refused, for a person. A small agent leaves the words out: its host knows them by the reason's
/// code.
#if EMBER_SMALL
#define EMBER_REASON(literal) EMBER_TEXT("")
#else
#define EMBER_REASON(literal) EMBER_TEXT(literal)
#endif

namespace ember {
namespace agent {

inline size_t flashTextLength(const char* text)
{
#if defined(__AVR__)
    return strlen_P(text);
#else
    return strlen(text);
#endif
}

inline void copyFromFlash(void* to, const void* from, size_t size)
{
#if defined(__AVR__)
    memcpy_P(to, from, size);
#else
    memcpy(to, from, size);
#endif
}

} // namespace agent
} // namespace ember
