// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/extractor.h"

#include "core/base/content_hash.h"

#include <QElapsedTimer>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace ember::features {
namespace {

/// Raised whenever a kernel gives other bits for the same window.
constexpr int kArithmeticVersion = 1;

/// What the threads of one batch share. Each takes the next window that nobody has; rows of the matrix do not overlap.
class Batch
{
public:
    Batch(std::span<const QByteArrayView> windows, FeatureMatrix& matrix, const BatchOptions& options)
        : m_windows(windows)
        , m_matrix(matrix)
        , m_options(options)
    {}

    /// Computes windows until there are none left, calling `between` after each.
    template <typename Between>
    void work(Extractor extractor, Between between)
    {
        const auto columns = static_cast<std::size_t>(m_matrix.columns);
        while (!m_stop && !m_options.cancel.isCancelled()) {
            const std::size_t i = m_next++;
            if (i >= m_windows.size())
                return;
            const Status status =
                extractor.extract(m_windows[i], std::span(m_matrix.values).subspan(i * columns, columns));
            if (!status)
                fail(i, status.error());
            ++m_done;
            between();
        }
    }

    void reportProgress() const
    {
        report(m_options.progress, QStringLiteral("Computing features"),
               static_cast<double>(m_done) / static_cast<double>(m_windows.size()));
    }

    /// To be asked when no thread works any more.
    Status outcome() const
    {
        if (m_error)
            return *m_error;
        if (m_done < m_windows.size())
            return Error(ErrorKind::Cancelled, QStringLiteral("Computing features was cancelled."));
        return {};
    }

private:
    /// Windows before this one have all been taken and get finished, so the first bad one is always the one named.
    void fail(std::size_t window, const Error& cause)
    {
        m_stop = true;
        const std::scoped_lock lock(m_errorMutex);
        if (m_error && m_errorWindow < window)
            return;
        m_errorWindow = window;
        m_error = cause.context(QStringLiteral("window %1").arg(window));
    }

    std::span<const QByteArrayView> m_windows;
    FeatureMatrix& m_matrix;
    const BatchOptions& m_options;
    std::atomic<std::size_t> m_next = 0;
    std::atomic<std::size_t> m_done = 0;
    std::atomic<bool> m_stop = false;
    std::mutex m_errorMutex;
    std::optional<Error> m_error;
    std::size_t m_errorWindow = 0;
};

int threadCount(const BatchOptions& options, std::size_t windows)
{
    const int wanted = options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
    return std::clamp(wanted, 1, static_cast<int>(std::clamp<std::size_t>(windows, 1, 256)));
}

} // namespace

Extractor::Extractor(ExtractionPlan plan, std::size_t windowBytes)
    : m_plan(std::move(plan))
    , m_window(windowBytes)
    , m_scratch(static_cast<std::size_t>(m_plan.scratchFloats))
{}

Result<Extractor> Extractor::make(const Pipeline& pipeline)
{
    EMBER_TRY(ExtractionPlan plan, planFor(pipeline));
    return Extractor(std::move(plan), pipeline.stream.bytesPerRow() * static_cast<std::size_t>(pipeline.windowRows));
}

Status Extractor::extract(QByteArrayView rows, std::span<float> features)
{
    if (rows.size() != windowBytes())
        return Error(ErrorKind::BadData,
                     QStringLiteral("A window for these features has %1 bytes (%2 rows), not %3.")
                         .arg(windowBytes())
                         .arg(m_plan.windowRows)
                         .arg(rows.size()),
                     QStringLiteral("Cut windows of the pipeline's length out of a stream of its type and channels."));
    if (features.size() != static_cast<std::size_t>(m_plan.features))
        return Error(ErrorKind::BadData, QStringLiteral("The pipeline makes %1 features; there is room for %2.")
                                             .arg(m_plan.features)
                                             .arg(features.size()));
    std::memcpy(m_window.data(), rows.data(), m_window.size());
    runPlan(m_plan, m_window.data(), features, m_scratch);
    return {};
}

Result<FeatureMatrix> extractAll(const Pipeline& pipeline, std::span<const QByteArrayView> windows,
                                 const BatchOptions& options)
{
    EMBER_TRY(const Extractor extractor, Extractor::make(pipeline));
    FeatureMatrix matrix;
    matrix.columns = extractor.featureCount();
    matrix.values.resize(windows.size() * static_cast<std::size_t>(matrix.columns));

    if (windows.empty())
        return matrix;

    Batch batch(windows, matrix, options);
    {
        std::vector<std::jthread> helpers;
        try {
            for (int i = 1; i < threadCount(options, windows.size()); ++i)
                helpers.emplace_back([&batch, &extractor] { batch.work(extractor, [] {}); });
        } catch (const std::system_error&) {
            // No more threads to be had: those that there are do the work.
        }
        QElapsedTimer sinceReport;
        sinceReport.start();
        batch.work(extractor, [&batch, &sinceReport] {
            if (sinceReport.hasExpired(50)) {
                batch.reportProgress();
                sinceReport.start();
            }
        });
    }
    EMBER_CHECK(batch.outcome());
    batch.reportProgress();
    return matrix;
}

QString featureCacheKey(const Pipeline& pipeline, const QString& windowsHash)
{
    return ContentHash()
        .add(QStringLiteral("features"))
        .add(kArithmeticVersion)
        .add(pipelineHash(pipeline))
        .add(windowsHash)
        .hex();
}

} // namespace ember::features
