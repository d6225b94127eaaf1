// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ember::formats {

/// Reads a number as JavaScript's Number() does, which is what the Edge Impulse data forwarder takes: "1e3", "+2",
/// ".5", "0x10", "Infinity"; also "inf". Not a number: "nan", which is a reading that failed. Returns the end of the
/// number, or null. Does not look at what follows it.
const char* parseNumber(const char* begin, const char* end, float& value);
const char* parseNumber(const char* begin, const char* end, double& value);

} // namespace ember::formats
