// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/features/emit_plan.h"
#include "core/features/pipeline.h"

#include <QByteArrayView>
#include <QString>

#include <span>
#include <vector>

namespace ember::features {

/// Computes features of windows of one pipeline, one after the other, without allocating. Keeps its plan and scratch;
/// one object per thread. Copies are independent.
class Extractor
{
public:
    /// Errors: as validate().
    static Result<Extractor> make(const Pipeline& pipeline);

    int featureCount() const { return m_plan.features; }
    qsizetype windowBytes() const { return static_cast<qsizetype>(m_window.size()); }
    const ExtractionPlan& plan() const { return m_plan; }

    /// `rows` is one window of raw rows, at any address; `features` takes featureCount() values.
    /// Errors: BadData when either has another size.
    Status extract(QByteArrayView rows, std::span<float> features);

private:
    Extractor(ExtractionPlan plan, std::size_t windowBytes);

    ExtractionPlan m_plan;
    std::vector<char> m_window; ///< the window again, aligned for any sample type
    std::vector<float> m_scratch;
};

/// Feature vectors of many windows, row-major.
struct FeatureMatrix
{
    int columns = 0;
    std::vector<float> values; ///< rows x columns

    qsizetype rows() const { return columns == 0 ? 0 : static_cast<qsizetype>(values.size()) / columns; }
    std::span<const float> row(qsizetype i) const
    {
        return std::span(values).subspan(static_cast<std::size_t>(i * columns), static_cast<std::size_t>(columns));
    }
};

struct BatchOptions
{
    int threads = 0;       ///< 0: as many as the machine has
    ProgressSink progress; ///< called on the calling thread
    CancelToken cancel;
};

/// Features of all windows, computed on several threads; the result does not depend on how many. The bytes that the
/// views show must stay until it returns. Errors: as Extractor, naming the window; Cancelled.
Result<FeatureMatrix> extractAll(const Pipeline& pipeline, std::span<const QByteArrayView> windows,
                                 const BatchOptions& options = {});

/// Key under which features of a pipeline over a set of windows may be kept: changes with the pipeline, with the
/// content that `windowsHash` stands for and with the arithmetic of the kernels.
QString featureCacheKey(const Pipeline& pipeline, const QString& windowsHash);

} // namespace ember::features
