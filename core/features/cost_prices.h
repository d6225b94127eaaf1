// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ember::features {

// All figures below are counts on emulated boards, instructions with -icount and bytes with nm, of the kernels compiled
// by gcc 12 with -Os, fitted by straight lines; tests/features/tst_cost.cpp holds them against fresh counts.

/// A figure for a CPU without and with floating-point hardware, and without on ARMv6-M, where it is different by more
/// than the usual factor.
struct Price
{
    double library;
    double hardware;
    double armV6 = 0; ///< 0: kArmV6 times that of `library`
    double avr = 0;   ///< cycles; 0: kAvr times that of `library`
    double rv32 = 0;  ///< 0: kRv32 times that of `library`
};

inline constexpr double kArmV6 = 1.65;
inline constexpr double kRv32 = 1.65;
inline constexpr double kAvr = 2.6;
// Of code, in bytes.
inline constexpr double kArmV6Code = 1.1;
inline constexpr double kRv32Code = 1.4;
inline constexpr double kAvrCode = 2.2;

inline constexpr Price kCall = {80, 40, 0, 1300};
inline constexpr Price kLoadInteger = {91, 16}; // per row, as all down to kTrend
inline constexpr Price kLoadFloat = {60, 14};
inline constexpr Price kClear = {1.8, 1.8};
inline constexpr Price kAddSquare = {61, 8};
inline constexpr Price kAddAbsolute = {58, 9};
inline constexpr Price kSquareRoot = {375, 9, 790, 7500};
inline constexpr Price kCentre = {124.5, 8.2};
inline constexpr Price kVariance = {213, 12.2};
inline constexpr Price kMeanSquare = {95, 8.2};
inline constexpr Price kExtremes = {122, 14.1};
inline constexpr Price kMoment = {284, 17.2};
inline constexpr Price kCrossings = {166, 15};
inline constexpr Price kMeanAbsolute = {59, 9.2};
inline constexpr Price kMeanDifference = {128, 14.2};
inline constexpr Price kTrend = {298, 13.2};
inline constexpr Price kZeroCrossings = {95, 19.5};
inline constexpr Price kCorrelation = {1000, 54};
inline constexpr Price kFftPerPoint = {0, 6.5}; // per point, and per point and factor of two
inline constexpr Price kFftPerStage = {110, 6.2, 194.3};
inline constexpr Price kSegmentHann = {355, 51.8, 740}; // per point: weigh, and add the powers
inline constexpr Price kSegmentPlain = {215, 18};
inline constexpr Price kBandBin = {57, 7.3};
inline constexpr Price kBand = {30, 12};
inline constexpr Price kBandLog2 = {925, 57};
inline constexpr Price kFirstPeak = {127, 33}; // per bin
inline constexpr Price kNextPeak = {171, 38};
inline constexpr Price kTotalPower = {57, 7.2};
inline constexpr Price kRollOff = {16, 2};
inline constexpr Price kCentroid = {120, 10.2};
inline constexpr Price kEntropy = {1060, 66};
inline constexpr Price kSubtractMean = {99, 5.6, 115};
// With an FPU a filter that occurs once is made for its order by the compiler; these lie between that and several.
inline constexpr Price kSection = {535, 23.7, 1050, 0, 1030};
inline constexpr Price kFilterRow = {17, 18, 90};    // per row, and per section and row
inline constexpr Price kHighSection = {140, 3, 268}; // beyond a low-pass
inline constexpr Price kSingle = {190, 3, 313};
inline constexpr Price kTap = {92.5, 13.4, 200};
inline constexpr Price kMedianStep = {69, 25, 90};
inline constexpr Price kAverage = {84, 20.5, 349};
inline constexpr Price kEmphasis = {95, 12};
inline constexpr Price kFrameTaper = {118, 33, 545};
inline constexpr Price kFramePower = {65, 8};
inline constexpr Price kMelBin = {150, 16};
inline constexpr Price kMel = {120, 25};
inline constexpr Price kNoise = {300, 20};
inline constexpr Price kPcen = {2600, 150};
inline constexpr Price kDecibel = {960, 62};
inline constexpr Price kProduct = {96, 9};
inline constexpr Price kPool = {150, 12};
inline constexpr Price kFixedLoad = {82.5, 81, 112};     // per point
inline constexpr Price kFixedStage = {14.5, 14.5, 20.7}; // per point and factor of two
inline constexpr Price kFixedBin = {30, 28, 40};
inline constexpr Price kFixedMel = {120, 110, 300};
inline constexpr Price kFixedLevel = {110, 14};
inline constexpr Price kFixedProduct = {8, 8};
inline constexpr Price kSort = {80, 23.7, 99, 0, 82}; // per row and factor of two
inline constexpr Price kQuantile = {250, 20};
inline constexpr Price kHistogram = {205, 16.4, 416};
inline constexpr Price kLag = {329, 13.7, 514};
inline constexpr Price kPeriod = {110, 22};
inline constexpr Price kGoertzel = {358, 11.7, 753};
inline constexpr Price kWaveletOut = {31, 14, 233}; // per approximation, and per tap of it
inline constexpr Price kWaveletTap = {199, 20, 410, 0, 425};
inline constexpr Price kTilt = {8500, 400, 0, 29000};
inline constexpr Price kScaleValue = {98, 11};
inline constexpr Price kRawAdd = {58, 4.5};       // per row
inline constexpr Price kRawCopy = {18, 15.7, 68}; // per value of single rows
inline constexpr Price kRawMean = {72, 16, 525};  // per value of several, a division among it
inline constexpr Price kRawCentre = {122, 3};
inline constexpr Price kRawScale = {36, 1};
inline constexpr Price kCanonicalNan = {41, 9};

} // namespace ember::features
