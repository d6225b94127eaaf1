// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <array>
#include <cstddef>

namespace ember::footprint {

/// What steps of programs are priced as: kernels, and functions of single elements.
enum class Priced : quint8
{
    Widen,
    Copy,
    Dense,
    MatrixProduct,
    Power,
    Reduce,
    LogSumExp,
    Softmax,
    ArgExtreme,
    Distances,
    AbsoluteDistances,
    ScaledDistances,
    TopK,
    GatherRows,
    OneHot,
    PairDecisions,
    PairWinner,
    Convolve,
    Pool,
    Gru,
    Lstm,
    Cheap, ///< signs and maxima
    Plain, ///< sums and products
    Division,
    SquareRoot,
    Exponential,
    Logarithm,
    Logistic,
    Tangent,
};
inline constexpr std::size_t kPricedCount = 29;

struct KernelPrice
{
    double inner;  ///< work of the innermost statement
    double result; ///< work around it, for each result
    double code;   ///< bytes, once (made for size) or for each step
};

/// What programs cost on one kind of core. Work is instructions, on an AVR cycles.
struct ProgramPrices
{
    double call;        ///< work of each step
    double row;         ///< work of each row of a window over an image
    double zeroProduct; ///< work of a dense layer's product with a weight that is zero; without an FPU it is quick
    double base;        ///< bytes of what every program has, float library included
    double step;        ///< bytes of each call
    double again;       ///< bytes of one more call of a kernel that is there already
    double number;      ///< bytes of each number that such a call passes
    double exponential; ///< bytes of e^x, once
    double logarithm;   ///< bytes of the logarithm, once
    std::array<KernelPrice, kPricedCount> kernels; ///< by Priced

    const KernelPrice& of(Priced what) const { return kernels[static_cast<std::size_t>(what)]; }
};

// Fitted by robust least squares to linked images of gcc 12 and counts of the emulators, for models of every trainer on
// two tables and for one of every kind of graph; tests/bench/bench_estimate prints how far off they are. Where no such
// model has a kernel, its figure is that of Cortex-M3 or M4F times what the others have to it.

// Cortex-M4F, M7 and M33, made for size.
inline constexpr ProgramPrices kProgramHardwareSize = {0.0,
                                                       14.9,
                                                       33.0,
                                                       26.4,
                                                       0.0,
                                                       54.8,
                                                       4.78,
                                                       329.0,
                                                       215.0,
                                                       {{
                                                           {6.02, 0, 29.3},    // Widen
                                                           {4, 0, 20},         // Copy
                                                           {6.3, 13.6, 55.6},  // Dense
                                                           {9, 16, 100},       // MatrixProduct
                                                           {0, 1.76, 0},       // Power
                                                           {8.61, 6.11, 153},  // Reduce
                                                           {56.1, 67.2, 58},   // LogSumExp
                                                           {68.6, 18.3, 98.4}, // Softmax
                                                           {7.86, 5.72, 128},  // ArgExtreme
                                                           {7.68, 7.5, 0},     // Distances
                                                           {8.39, 10.1, 6.57}, // AbsoluteDistances
                                                           {10, 1.5, 72.7},    // ScaledDistances
                                                           {29.8, 33.4, 190},  // TopK
                                                           {6.68, 36.8, 91.5}, // GatherRows
                                                           {13.7, 11.9, 71.4}, // OneHot
                                                           {6.61, 76.3, 254},  // PairDecisions
                                                           {5.44, 8.94, 125},  // PairWinner
                                                           {10.3, 132, 580},   // Convolve
                                                           {11.9, 147, 391},   // Pool
                                                           {6.75, 335, 587},   // Gru
                                                           {6.54, 489, 575},   // Lstm
                                                           {0, 0, 0},          // Cheap
                                                           {16.6, 0, 44.2},    // Plain
                                                           {7.01, 0, 16.8},    // Division
                                                           {12, 0, 60},        // SquareRoot
                                                           {70.6, 0, 119},     // Exponential
                                                           {60, 0, 40},        // Logarithm
                                                           {60.3, 0, 11.6},    // Logistic
                                                           {81.3, 0, 162},     // Tangent
                                                       }}};

// The same, made for speed.
inline constexpr ProgramPrices kProgramHardwareSpeed = {0.0,
                                                        3.41,
                                                        33.0,
                                                        6.56,
                                                        0.0,
                                                        24.0,
                                                        2.0,
                                                        85.8,
                                                        461.0,
                                                        {{
                                                            {6.83, 0, 31.6},    // Widen
                                                            {4, 0, 20},         // Copy
                                                            {6.08, 9.22, 76.2}, // Dense
                                                            {8, 16, 100},       // MatrixProduct
                                                            {0, 3.17, 0},       // Power
                                                            {4.15, 0, 54.7},    // Reduce
                                                            {57.7, 70.2, 72.2}, // LogSumExp
                                                            {68.5, 9.13, 356},  // Softmax
                                                            {11.3, 3.93, 146},  // ArgExtreme
                                                            {7, 12.6, 109},     // Distances
                                                            {9.35, 10.8, 78.5}, // AbsoluteDistances
                                                            {9.12, 10.1, 106},  // ScaledDistances
                                                            {38.2, 38.2, 176},  // TopK
                                                            {7.64, 53.4, 87.3}, // GatherRows
                                                            {19.8, 14.5, 68.7}, // OneHot
                                                            {6.46, 40.6, 292},  // PairDecisions
                                                            {5.67, 7.72, 133},  // PairWinner
                                                            {5.6, 131, 463},    // Convolve
                                                            {7.96, 147, 331},   // Pool
                                                            {5.5, 261, 1450},   // Gru
                                                            {5.56, 405, 1820},  // Lstm
                                                            {0, 0, 19.2},       // Cheap
                                                            {5.42, 0, 20.2},    // Plain
                                                            {7.04, 0, 42.7},    // Division
                                                            {12, 0, 60},        // SquareRoot
                                                            {56.7, 0, 174},     // Exponential
                                                            {50, 0, 40},        // Logarithm
                                                            {61.2, 0, 225},     // Logistic
                                                            {66.2, 0, 322},     // Tangent
                                                        }}};

// Cortex-M3, made for size.
inline constexpr ProgramPrices kProgramLibrarySize = {33.5,
                                                      19.8,
                                                      52.3,
                                                      1170.0,
                                                      0.0,
                                                      60.1,
                                                      3.45,
                                                      565.0,
                                                      377.0,
                                                      {{
                                                          {16.8, 0, 17.3},    // Widen
                                                          {4, 0, 20},         // Copy
                                                          {78.5, 57, 80.2},   // Dense
                                                          {105, 30, 100},     // MatrixProduct
                                                          {21.1, 18.5, 0},    // Power
                                                          {82.5, 34.3, 190},  // Reduce
                                                          {903, 976, 67.3},   // LogSumExp
                                                          {1180, 58.9, 233},  // Softmax
                                                          {81.7, 23.3, 182},  // ArgExtreme
                                                          {125, 36.2, 0},     // Distances
                                                          {96.4, 20.4, 4.52}, // AbsoluteDistances
                                                          {161, 32.2, 103},   // ScaledDistances
                                                          {119, 64, 392},     // TopK
                                                          {6.2, 79.8, 149},   // GatherRows
                                                          {90.9, 10.5, 108},  // OneHot
                                                          {105, 187, 343},    // PairDecisions
                                                          {21.3, 10.2, 146},  // PairWinner
                                                          {71.3, 245, 848},   // Convolve
                                                          {59.9, 230, 530},   // Pool
                                                          {107, 3870, 847},   // Gru
                                                          {103, 6190, 840},   // Lstm
                                                          {7.95, 0, 0},       // Cheap
                                                          {51.9, 0, 31.7},    // Plain
                                                          {183, 0, 16},       // Division
                                                          {400, 0, 60},       // SquareRoot
                                                          {1040, 0, 0},       // Exponential
                                                          {1000, 0, 40},      // Logarithm
                                                          {1230, 0, 114},     // Logistic
                                                          {1410, 0, 294},     // Tangent
                                                      }}};

// The same, made for speed.
inline constexpr ProgramPrices kProgramLibrarySpeed = {36.1,
                                                       19.5,
                                                       48.6,
                                                       1130.0,
                                                       0.161,
                                                       24.0,
                                                       2.0,
                                                       440.0,
                                                       548.0,
                                                       {{
                                                           {22, 0, 19.4},      // Widen
                                                           {4, 0, 20},         // Copy
                                                           {74.8, 44.8, 94.4}, // Dense
                                                           {105, 30, 100},     // MatrixProduct
                                                           {21.1, 18.5, 0},    // Power
                                                           {77, 29.5, 103},    // Reduce
                                                           {931, 991, 77.2},   // LogSumExp
                                                           {1180, 58.6, 406},  // Softmax
                                                           {74.3, 21.3, 225},  // ArgExtreme
                                                           {121, 39.1, 75.8},  // Distances
                                                           {95.4, 20.3, 43.7}, // AbsoluteDistances
                                                           {155, 31.6, 131},   // ScaledDistances
                                                           {130, 64.4, 385},   // TopK
                                                           {6.22, 81.9, 147},  // GatherRows
                                                           {95.3, 10.6, 107},  // OneHot
                                                           {104, 186, 419},    // PairDecisions
                                                           {21.4, 10.2, 163},  // PairWinner
                                                           {59, 237, 664},     // Convolve
                                                           {59.7, 229, 383},   // Pool
                                                           {106, 3800, 1820},  // Gru
                                                           {101, 6030, 2280},  // Lstm
                                                           {6.54, 0, 12.9},    // Cheap
                                                           {42.4, 0, 13},      // Plain
                                                           {183, 0, 30.1},     // Division
                                                           {400, 0, 60},       // SquareRoot
                                                           {1020, 0, 0},       // Exponential
                                                           {1000, 0, 40},      // Logarithm
                                                           {1250, 0, 263},     // Logistic
                                                           {1380, 0, 452},     // Tangent
                                                       }}};

// Cortex-M0, made for size.
inline constexpr ProgramPrices kProgramArmV6Size = {58.9,
                                                    34.0,
                                                    133.0,
                                                    2510.0,
                                                    2.22,
                                                    66.2,
                                                    2.47,
                                                    709.0,
                                                    618.0,
                                                    {{
                                                        {30.6, 0, 65.7},    // Widen
                                                        {6.8, 0, 24},       // Copy
                                                        {166, 107, 99.2},   // Dense
                                                        {178, 51, 120},     // MatrixProduct
                                                        {76.6, 33.6, 41.9}, // Power
                                                        {132, 63, 242},     // Reduce
                                                        {2070, 1930, 90.3}, // LogSumExp
                                                        {2560, 100, 484},   // Softmax
                                                        {97.2, 36, 632},    // ArgExtreme
                                                        {240, 39.2, 0},     // Distances
                                                        {126, 34.1, 33.9},  // AbsoluteDistances
                                                        {362, 39.6, 151},   // ScaledDistances
                                                        {176, 108, 644},    // TopK
                                                        {10.5, 130, 228},   // GatherRows
                                                        {144, 17.8, 161},   // OneHot
                                                        {232, 308, 736},    // PairDecisions
                                                        {36.1, 17.3, 251},  // PairWinner
                                                        {136, 425, 1200},   // Convolve
                                                        {102, 391, 731},    // Pool
                                                        {219, 8390, 1140},  // Gru
                                                        {203, 13500, 1160}, // Lstm
                                                        {11.7, 0, 0},       // Cheap
                                                        {105, 0, 10.9},     // Plain
                                                        {307, 0, 29.5},     // Division
                                                        {680, 0, 72},       // SquareRoot
                                                        {2230, 0, 0},       // Exponential
                                                        {1700, 0, 48},      // Logarithm
                                                        {2670, 0, 282},     // Logistic
                                                        {2960, 0, 565},     // Tangent
                                                    }}};

// The same, made for speed.
inline constexpr ProgramPrices kProgramArmV6Speed = {46.6,
                                                     32.9,
                                                     127.0,
                                                     2540.0,
                                                     0.0,
                                                     28.8,
                                                     2.4,
                                                     662.0,
                                                     715.0,
                                                     {{
                                                         {38.1, 0, 69.9},    // Widen
                                                         {6.6, 0, 24},       // Copy
                                                         {167, 96.1, 95.2},  // Dense
                                                         {173, 49.5, 120},   // MatrixProduct
                                                         {78.3, 32.8, 0},    // Power
                                                         {133, 56.7, 195},   // Reduce
                                                         {2090, 1910, 95.9}, // LogSumExp
                                                         {2580, 97.6, 562},  // Softmax
                                                         {105, 34.6, 648},   // ArgExtreme
                                                         {238, 44.8, 0},     // Distances
                                                         {129, 33.2, 27.7},  // AbsoluteDistances
                                                         {364, 41.7, 166},   // ScaledDistances
                                                         {182, 105, 661},    // TopK
                                                         {10.2, 128, 233},   // GatherRows
                                                         {142, 17.3, 164},   // OneHot
                                                         {229, 303, 758},    // PairDecisions
                                                         {35, 16.8, 256},    // PairWinner
                                                         {127, 409, 948},    // Convolve
                                                         {98.9, 379, 498},   // Pool
                                                         {217, 8400, 2120},  // Gru
                                                         {201, 13600, 2530}, // Lstm
                                                         {10.5, 0, 17.4},    // Cheap
                                                         {73, 0, 0},         // Plain
                                                         {299, 0, 27.3},     // Division
                                                         {660, 0, 72},       // SquareRoot
                                                         {2240, 0, 0},       // Exponential
                                                         {1650, 0, 48},      // Logarithm
                                                         {2690, 0, 371},     // Logistic
                                                         {2930, 0, 703},     // Tangent
                                                     }}};

// RV32IMAC, made for size.
inline constexpr ProgramPrices kProgramRv32Size = {58.4,
                                                   32.2,
                                                   147.0,
                                                   1940.0,
                                                   67.5,
                                                   5.94,
                                                   5.29,
                                                   1360.0,
                                                   254.0,
                                                   {{
                                                       {30.8, 0, 67.6},    // Widen
                                                       {6.4, 0, 28},       // Copy
                                                       {161, 107, 83.1},   // Dense
                                                       {168, 48, 140},     // MatrixProduct
                                                       {83.8, 32.2, 209},  // Power
                                                       {127, 62.1, 718},   // Reduce
                                                       {1910, 1790, 78.5}, // LogSumExp
                                                       {2140, 94.5, 649},  // Softmax
                                                       {54.5, 31.1, 565},  // ArgExtreme
                                                       {235, 19.5, 0},     // Distances
                                                       {123, 32.2, 6.54},  // AbsoluteDistances
                                                       {345, 31.4, 774},   // ScaledDistances
                                                       {135, 99.8, 610},   // TopK
                                                       {9.79, 115, 226},   // GatherRows
                                                       {120, 16.5, 162},   // OneHot
                                                       {205, 275, 861},    // PairDecisions
                                                       {33.5, 16.2, 293},  // PairWinner
                                                       {137, 405, 581},    // Convolve
                                                       {96.1, 368, 430},   // Pool
                                                       {198, 7490, 1310},  // Gru
                                                       {185, 12100, 1320}, // Lstm
                                                       {9.94, 0, 52},      // Cheap
                                                       {130, 0, 33.3},     // Plain
                                                       {289, 0, 22.5},     // Division
                                                       {640, 0, 84},       // SquareRoot
                                                       {2110, 0, 0},       // Exponential
                                                       {1600, 0, 56},      // Logarithm
                                                       {2230, 0, 231},     // Logistic
                                                       {2500, 0, 290},     // Tangent
                                                   }}};

// The same, made for speed.
inline constexpr ProgramPrices kProgramRv32Speed = {39.0,
                                                    30.8,
                                                    135.0,
                                                    2000.0,
                                                    59.4,
                                                    33.6,
                                                    2.8,
                                                    1280.0,
                                                    445.0,
                                                    {{
                                                        {42.2, 0, 90.7},    // Widen
                                                        {6.2, 0, 28},       // Copy
                                                        {164, 83.2, 0},     // Dense
                                                        {163, 46.5, 140},   // MatrixProduct
                                                        {70.9, 30.6, 184},  // Power
                                                        {118, 52.8, 625},   // Reduce
                                                        {1940, 1780, 89.5}, // LogSumExp
                                                        {2170, 91.6, 840},  // Softmax
                                                        {63.3, 28.9, 586},  // ArgExtreme
                                                        {235, 30.2, 0},     // Distances
                                                        {129, 31.3, 0},     // AbsoluteDistances
                                                        {348, 36.8, 600},   // ScaledDistances
                                                        {147, 97.2, 623},   // TopK
                                                        {9.51, 114, 230},   // GatherRows
                                                        {121, 16.1, 165},   // OneHot
                                                        {206, 271, 794},    // PairDecisions
                                                        {32.6, 15.7, 277},  // PairWinner
                                                        {113, 381, 290},    // Convolve
                                                        {92.8, 356, 371},   // Pool
                                                        {195, 7410, 2370},  // Gru
                                                        {180, 11900, 2730}, // Lstm
                                                        {9, 0, 52.7},       // Cheap
                                                        {70, 0, 4.5},       // Plain
                                                        {281, 0, 14.9},     // Division
                                                        {620, 0, 84},       // SquareRoot
                                                        {2090, 0, 0},       // Exponential
                                                        {1550, 0, 56},      // Logarithm
                                                        {2260, 0, 442},     // Logistic
                                                        {2480, 0, 572},     // Tangent
                                                    }}};

// ATmega, which is always compiled for size; cycles.
inline constexpr ProgramPrices kProgramAvr = {48.0,
                                              70.0,
                                              200.0,
                                              766.0,
                                              17.2,
                                              49.0,
                                              5.6,
                                              756.0,
                                              622.0,
                                              {{
                                                  {52.8, 0, 52.8},    // Widen
                                                  {14, 0, 32},        // Copy
                                                  {237, 296, 49},     // Dense
                                                  {368, 105, 160},    // MatrixProduct
                                                  {86, 65.3, 0},      // Power
                                                  {93.7, 108, 127},   // Reduce
                                                  {3460, 3570, 109},  // LogSumExp
                                                  {4610, 205, 459},   // Softmax
                                                  {56.6, 60.8, 269},  // ArgExtreme
                                                  {378, 29.6, 20.3},  // Distances
                                                  {213, 69.6, 39},    // AbsoluteDistances
                                                  {504, 74, 73.7},    // ScaledDistances
                                                  {292, 215, 556},    // TopK
                                                  {21.2, 234, 218},   // GatherRows
                                                  {224, 35.7, 160},   // OneHot
                                                  {474, 585, 631},    // PairDecisions
                                                  {73.6, 35.2, 252},  // PairWinner
                                                  {280, 875, 736},    // Convolve
                                                  {210, 805, 528},    // Pool
                                                  {379, 13700, 1140}, // Gru
                                                  {361, 21900, 1210}, // Lstm
                                                  {15.8, 0, 71.6},    // Cheap
                                                  {352, 0, 58},       // Plain
                                                  {626, 0, 37.1},     // Division
                                                  {1400, 0, 96},      // SquareRoot
                                                  {3850, 0, 0},       // Exponential
                                                  {3500, 0, 64},      // Logarithm
                                                  {4590, 0, 110},     // Logistic
                                                  {4980, 0, 348},     // Tangent
                                              }}};

} // namespace ember::footprint
