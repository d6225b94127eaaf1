// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/pipeline.h"

#include <QByteArrayView>

namespace ember::features {

/// A window behind some of a pipeline's stages: what the next one, or the blocks, would read.
struct StagedSignals
{
    QStringList names; ///< of the signals
    int rows = 0;      ///< of each
    double rateHz = 0;
    std::vector<std::vector<float>> values; ///< one list for each signal, in the channels' units
};

/// The first `stages` of the pipeline on one window of raw rows, computed by the kernels that a board runs; 0 gives the
/// raw channels. Errors: Usage for a pipeline that does not hold up to there; BadData for a window of another size.
Result<StagedSignals> signalsAfter(const Pipeline& pipeline, std::size_t stages, QByteArrayView window);

} // namespace ember::features
