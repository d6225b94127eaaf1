// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace ember::features {

/// Coefficients as filterSignal() of device-agent/runtime/filter.hpp reads them.
struct FilterTable
{
    std::vector<float> values;
    int sections = 0; ///< of second order
    int single = 0;   ///< 0 or 1 of first order
};

/// Butterworth's filter of this order (1 to 8) by the bilinear transform: the poles of second order have
/// k = 2 cos(theta), theta = pi (2 j + 1) / (2 order) for even orders and pi (j + 1) / order for odd ones. Low-pass or
/// high-pass, as the kernel takes it. 0 < cutOff < rate / 2.
FilterTable butterworth(int order, double cutOff, double rate);

/// A notch of quality Q: the width between its -3 dB points is frequency / Q.
FilterTable notch(double frequency, double q, double rate);

/// A low-pass of `taps` taps whose sum is one: the ideal response under Hamming's window. With `high`, the high-pass
/// that completes it (odd number of taps).
std::vector<float> windowedSinc(int taps, double cutOff, double rate, bool high);

} // namespace ember::features
