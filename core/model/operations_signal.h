// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of an audio front end as the signal library of TensorFlow Lite Micro has them, in its fixed point to the
// last bit. Part of operations.h. States begin at zero and belong to the node that reads them.
#pragma once

#include <QtGlobal>

#include <variant>

namespace ember::model {

/// x [..., samples] int16, samples kept [outer, frameSize] int16, count [1] int32. Makes overlapping frames
/// [..., samples / frameStep, frameSize], which begin with the oldest sample kept, and whether all of them are complete
/// (a Bool scalar); a frame that is not is zeros.
struct SignalFramer
{
    qint32 frameSize = 1;
    qint32 frameStep = 1;
    bool prefill = false; ///< frameSize - frameStep zeros lie before the first sample
};

/// x [..., samples] int16, weights [samples] int16: (x * weight) >> shift, saturated.
struct SignalWindow
{
    qint32 shift = 0;
};

/// x [samples] int16. Makes x shifted left until its largest magnitude fills 15 bits, and by how many bits (an int32
/// scalar).
struct SignalFftAutoScale
{};

/// x [..., samples] int16, int32 or float32, zeros behind it up to `length`; makes length / 2 + 1 pairs of real and
/// imaginary part, integers divided by the length. Inverse: the pairs to `length` samples.
struct SignalFft
{
    qint32 length = 2;
    bool inverse = false;
};

/// x [2 * bins] int16, pairs: the squared magnitudes [bins] uint32 of the bins from `begin` to before `end`, else zero.
struct SignalEnergy
{
    qint32 begin = 0;
    qint32 end = 0;
};

/// x [bins] uint32, weights and unweights [n] int16, and for each channel and one before the first: where its bins and
/// its weights begin, and how many there are, [channels + 1] int16. Makes sums [channels] uint64: each bin weighs in
/// one channel, and with its unweight in the next.
struct SignalFilterBank
{
    qint32 channels = 1;
};

/// x [channels] uint64, scale bits int32: the rounded root shifted right by the bits, uint32.
struct SignalFilterBankSquareRoot
{};

/// x [channels] uint32, estimate of the noise [channels] uint32 (state). Makes x without the noise, and the estimate,
/// which follows x with the smoothing of even or odd channels.
struct SignalSpectralSubtraction
{
    qint32 channels = 1;
    quint32 smoothing = 0;
    quint32 oneMinusSmoothing = 0;
    quint32 alternateSmoothing = 0;
    quint32 alternateOneMinusSmoothing = 0;
    quint32 minSignalRemaining = 0;
    qint32 smoothingBits = 0; ///< of the estimate, behind the point
    qint32 bits = 0;          ///< of the factors, behind the point
    bool clamping = false;    ///< the estimate never exceeds x
};

/// Gain control of each channel: x [channels] uint32, noise [channels] uint32, table of gains [at least 125] int16.
struct SignalPcan
{
    qint32 snrShift = 0;
};

/// x [channels] uint32: the natural logarithm of x << correctionBits times the scale, int16.
struct SignalFilterBankLog
{
    qint32 outputScale = 1;
    qint32 correctionBits = 0;
};

/// x [..., samples] int16, samples kept [outer, delay] int16: x, so many samples late.
struct SignalDelay
{
    qint32 delay = 0;
};

/// x [..., frames, frameSize] int16 or float32, sums [outer, frameSize] of the same type: frames that begin frameStep
/// samples apart, added. Makes [..., frames * frameStep].
struct SignalOverlapAdd
{
    qint32 frameStep = 1;
};

/// x [channels] int16, frames kept [left + 1 + right, channels] int16, how many and whether there was one [2] int32.
/// Makes all kept frames side by side, and whether they are complete (a Bool scalar); else zeros. The first frame
/// counts `left` times more.
struct SignalStacker
{
    qint32 channels = 1;
    qint32 left = 0;
    qint32 right = 0;
    qint32 step = 1; ///< frames that are dropped behind each result
};

/// One step of an audio front end.
struct Signal
{
    std::variant<SignalFramer, SignalWindow, SignalFftAutoScale, SignalFft, SignalEnergy, SignalFilterBank,
                 SignalFilterBankSquareRoot, SignalSpectralSubtraction, SignalPcan, SignalFilterBankLog, SignalDelay,
                 SignalOverlapAdd, SignalStacker>
        step;
};

} // namespace ember::model
