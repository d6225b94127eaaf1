// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/sample_checks.h"

#include "core/base/quantity.h"
#include "core/dataset/recording_reader.h"
#include "core/signal/sample_block.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::dataset::detail {
namespace {

constexpr qint64 kRowsAtOnce = 256 * 1024;
// A sensor at its limit stays there for some samples; a single peak that happens to be the largest is no clipping.
constexpr qint64 kClippedRun = 4;
constexpr double kClippedShare = 0.0005;
constexpr qint64 kStuckRows = 50;
constexpr double kRateTolerance = 0.02;
constexpr double kGapShareOfError = 0.01;
constexpr double kStandardGravity = 9.80665;

/// What one pass over a channel finds.
struct ChannelSummary
{
    float minimum = std::numeric_limits<float>::infinity();
    float maximum = -std::numeric_limits<float>::infinity();
    double sum = 0;
    double sumOfSquares = 0;
    qint64 count = 0;
    qint64 longestRun = 0; ///< equal samples in a row
    qint64 longestRunBegin = 0;
};

/// Samples at a channel's limits that stand there in runs.
struct Clipping
{
    qint64 rows = 0;
    qint64 firstBegin = 0;
    qint64 firstEnd = 0;
};

/// Goes over the recording in stretches without a gap: `visit(firstRow, values, rows)`, values row-major.
template <typename Visit>
Status eachStretch(const RecordingReader& reader, Visit visit)
{
    const Recording& recording = reader.recording();
    for (qint64 at = 0; at < recording.endRow; at += kRowsAtOnce) {
        EMBER_TRY(const std::vector<RowRun> runs, reader.rows(at, std::min(at + kRowsAtOnce, recording.endRow)));
        for (const RowRun& run : runs)
            visit(run.firstRow, signal::toPhysical(run.rows, recording.stream), run.rowCount);
    }
    return {};
}

Result<std::vector<ChannelSummary>> summarise(const RecordingReader& reader)
{
    const std::size_t channels = reader.recording().stream.channels.size();
    std::vector<ChannelSummary> all(channels);
    std::vector<float> last(channels, std::numeric_limits<float>::quiet_NaN());
    std::vector<qint64> runBegin(channels, 0);
    EMBER_CHECK(eachStretch(reader, [&](qint64 firstRow, const std::vector<float>& values, qint64 rows) {
        for (qint64 row = 0; row < rows; ++row) {
            for (std::size_t c = 0; c < channels; ++c) {
                const float value = values[static_cast<std::size_t>(row) * channels + c];
                ChannelSummary& summary = all[c];
                summary.minimum = std::min(summary.minimum, value);
                summary.maximum = std::max(summary.maximum, value);
                summary.sum += value;
                summary.sumOfSquares += static_cast<double>(value) * value;
                ++summary.count;
                if (value != last[c])
                    runBegin[c] = firstRow + row;
                last[c] = value;
                if (const qint64 run = firstRow + row + 1 - runBegin[c]; run > summary.longestRun) {
                    summary.longestRun = run;
                    summary.longestRunBegin = runBegin[c];
                }
            }
        }
    }));
    return all;
}

Result<std::vector<Clipping>> findClipping(const RecordingReader& reader, const std::vector<ChannelSummary>& summaries)
{
    const std::size_t channels = summaries.size();
    std::vector<Clipping> all(channels);
    std::vector<qint64> run(channels, 0);
    const auto close = [&](std::size_t c, qint64 end) {
        if (run[c] >= kClippedRun) {
            if (all[c].rows == 0) {
                all[c].firstBegin = end - run[c];
                all[c].firstEnd = end;
            }
            all[c].rows += run[c];
        }
        run[c] = 0;
    };
    EMBER_CHECK(eachStretch(reader, [&](qint64 firstRow, const std::vector<float>& values, qint64 rows) {
        for (qint64 row = 0; row < rows; ++row) {
            for (std::size_t c = 0; c < channels; ++c) {
                const float value = values[static_cast<std::size_t>(row) * channels + c];
                if (value == summaries[c].minimum || value == summaries[c].maximum)
                    ++run[c];
                else
                    close(c, firstRow + row);
            }
        }
        for (std::size_t c = 0; c < channels; ++c)
            close(c, firstRow + rows);
    }));
    return all;
}

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(share * 100, 0, 'g', 2);
}

class SampleCheck
{
public:
    SampleCheck(const Recording& recording, std::vector<Finding>& findings)
        : m_recording(recording)
        , m_findings(findings)
    {}

    void channel(const signal::Channel& channel, const ChannelSummary& summary, const Clipping& clipping)
    {
        if (summary.count >= kStuckRows && summary.minimum == summary.maximum) {
            add(Severity::Warning, "stuck-channel",
                QStringLiteral("'%1' is %2 throughout. Is the sensor connected?")
                    .arg(channel.name)
                    .arg(summary.minimum),
                0, m_recording.endRow);
            return;
        }
        const double share =
            static_cast<double>(clipping.rows) / static_cast<double>(std::max<qint64>(summary.count, 1));
        if (clipping.rows >= kClippedRun && share > kClippedShare)
            add(Severity::Warning, "clipping",
                QStringLiteral("'%1' stands at its limit (%2 or %3) for %4 of its samples. Choose a larger range.")
                    .arg(channel.name)
                    .arg(summary.minimum)
                    .arg(summary.maximum)
                    .arg(percent(share)),
                clipping.firstBegin, clipping.firstEnd);
        else if (const double rate = m_recording.stream.rateHz;
                 rate > 0 && summary.longestRun >= std::max<qint64>(kStuckRows, std::llround(rate)))
            add(Severity::Info, "stuck-channel",
                QStringLiteral("'%1' does not change for %2 samples.").arg(channel.name).arg(summary.longestRun),
                summary.longestRunBegin, summary.longestRunBegin + summary.longestRun);
    }

    void gaps(const std::vector<RowInterval>& runs)
    {
        const qint64 missing = m_recording.endRow - m_recording.rowCount;
        if (missing <= 0 || runs.empty())
            return;
        const double share = static_cast<double>(missing) / static_cast<double>(m_recording.endRow);
        const qint64 firstGap = runs.front().begin > 0 ? 0 : runs.front().end;
        const qint64 gapEnd = runs.front().begin > 0 ? runs.front().begin
                              : runs.size() > 1      ? runs[1].begin
                                                     : m_recording.endRow;
        add(share > kGapShareOfError ? Severity::Warning : Severity::Info, "gaps",
            QStringLiteral("%1 of %2 rows are missing (%3). Windows across a gap are left out.")
                .arg(missing)
                .arg(m_recording.endRow)
                .arg(percent(share)),
            firstGap, gapEnd);
    }

    void rate()
    {
        const double nominal = m_recording.stream.rateHz;
        const double measured = m_recording.ledger.measuredRateHz;
        if (nominal <= 0) {
            add(Severity::Warning, "rate",
                QStringLiteral("Its rate is not known, so windows cannot be given in seconds."));
            return;
        }
        if (measured > 0 && std::abs(measured / nominal - 1) > kRateTolerance)
            add(Severity::Warning, "rate",
                QStringLiteral("It came at %1 Hz and calls itself %2 Hz.")
                    .arg(measured, 0, 'f', 2)
                    .arg(nominal, 0, 'f', 2));
    }

    /// A resting accelerometer's magnitude is 9.8 in m/s² and 1 in g; the unit should agree.
    void units(const std::vector<ChannelSummary>& summaries)
    {
        double square = 0;
        QString unit;
        for (std::size_t c = 0; c < summaries.size(); ++c) {
            const signal::Channel& channel = m_recording.stream.channels[c];
            if (!channel.name.startsWith(QLatin1Char('a'), Qt::CaseInsensitive) || channel.unit.isEmpty())
                continue;
            unit = channel.unit;
            square += summaries[c].sumOfSquares / static_cast<double>(std::max<qint64>(summaries[c].count, 1));
        }
        const double magnitude = std::sqrt(square);
        const bool saysG = unit == QLatin1String("g");
        const bool saysMetres = unit.startsWith(QLatin1String("m/s"));
        if (saysG && magnitude > kStandardGravity / 2)
            add(Severity::Warning, "unit",
                QStringLiteral("Its acceleration is %1 on average; that is m/s² rather than g.")
                    .arg(magnitude, 0, 'f', 1));
        if (saysMetres && magnitude > 0.3 && magnitude < 3)
            add(Severity::Warning, "unit",
                QStringLiteral("Its acceleration is %1 on average; that is g rather than m/s².")
                    .arg(magnitude, 0, 'f', 1));
    }

    void state()
    {
        if (m_recording.state == RecordingState::Interrupted)
            add(Severity::Info, "interrupted",
                QStringLiteral("The recording was interrupted; what was committed until then is there."));
    }

private:
    void add(Severity severity, const char* code, const QString& message, qint64 begin = 0, qint64 end = 0)
    {
        m_findings.push_back({severity, QLatin1String(code), message, m_recording.id, m_recording.name, begin, end});
    }

    const Recording& m_recording;
    std::vector<Finding>& m_findings;
};

} // namespace

Status checkSamples(const Project& project, const Recording& recording, std::vector<Finding>& findings)
{
    SampleCheck check(recording, findings);
    check.state();
    check.rate();
    if (recording.rowCount == 0) {
        findings.push_back({Severity::Warning, QStringLiteral("empty"), QStringLiteral("It has no samples."),
                            recording.id, recording.name, 0, 0});
        return {};
    }
    EMBER_TRY(const RecordingReader reader, RecordingReader::open(project, recording.id));
    EMBER_TRY(const std::vector<RowInterval> runs, reader.runs());
    check.gaps(runs);
    EMBER_TRY(const std::vector<ChannelSummary> summaries, summarise(reader));
    EMBER_TRY(const std::vector<Clipping> clipping, findClipping(reader, summaries));
    for (std::size_t c = 0; c < summaries.size(); ++c)
        check.channel(recording.stream.channels[c], summaries[c], clipping[c]);
    check.units(summaries);
    return {};
}

} // namespace ember::dataset::detail
