// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::features {

/// Triangular filters over the bins of a transform, equally wide on the mel scale 1127 ln(1 + f / 700) and linear in
/// it (Young et al., The HTK Book). In the form that melEnergies() of device-agent/runtime/audio.hpp reads.
struct MelBank
{
    std::vector<quint16> edges; ///< mels + 2 bins; filter m lies between edges[m] and edges[m + 2]
    std::vector<float> weights; ///< of the bins from edges.front() to edges.back() - 1: how far each has risen

    int mels() const { return static_cast<int>(edges.size()) - 2; }
    /// Whether each filter has a bin to see with.
    bool everyFilterHasBins() const;
    /// Most bins between two neighbouring edges.
    int widestStep() const;
    /// Weights in Q8, for fixedMelFrame().
    std::vector<quint16> weightsQ8() const;
};

/// Frequencies in Hz, 0 <= low < high <= rate / 2.
MelBank melBank(int points, int mels, double low, double high, double rate);

/// Rows of the orthonormal DCT-II, outputs x count: sqrt(2 / count) cos(pi c (i + 1/2) / count), the first row less by
/// sqrt(2).
std::vector<float> cosineTable(int count, int outputs);

/// Rows of the same less the common factor sqrt(2 / count), 1 as 1023, for fixedProduct().
std::vector<qint16> cosineTableQ10(int count, int outputs);

/// The sine table of a transform in Q15, 1 as 32767.
std::vector<qint16> sineTableQ15(int points);

} // namespace ember::features
