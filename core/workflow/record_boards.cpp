// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/record_boards.h"

#include "core/base/quantity.h"
#include "core/dataset/project.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

namespace ember::workflow {
namespace {

/// Reports of several boards as one line: how far the slowest is, and the newest word of each.
class JoinedProgress
{
public:
    JoinedProgress(ProgressSink sink, std::size_t boards)
        : m_sink(std::move(sink))
        , m_last(boards)
    {}

    void take(std::size_t board, const Progress& progress)
    {
        const std::lock_guard lock(m_mutex);
        m_last[board] = progress;
        QStringList words;
        double least = 1;
        for (std::size_t i = 0; i < m_last.size(); ++i) {
            least = std::min(least, m_last[i].fraction);
            words << QStringLiteral("%1: %2").arg(i + 1).arg(m_last[i].detail.isEmpty() ? m_last[i].step
                                                                                        : m_last[i].detail);
        }
        report(m_sink, QStringLiteral("Recording"), least, words.join(QStringLiteral("; ")));
    }

    /// What has ended does not hold the others' progress up, and says how it ended.
    void end(std::size_t board, const Result<RecordOutcome>& outcome)
    {
        const std::optional<Error> problem = outcome ? outcome->endedBy : std::optional<Error>(outcome.error());
        const QString detail =
            problem ? problem->message : QStringLiteral("%1 rows").arg(formatCount(outcome->recording.rowCount));
        take(board, {QStringLiteral("Recording"), 1, detail});
    }

private:
    const ProgressSink m_sink;
    std::mutex m_mutex; // guards what follows, and calls of the sink
    std::vector<Progress> m_last;
};

/// Tells each recording how it lies to the first one that has rows. What goes wrong is that recording's end.
void align(const QString& path, std::vector<Result<RecordOutcome>>& outcomes)
{
    const auto hasRows = [](const Result<RecordOutcome>& outcome) { return outcome && outcome->beginNanos != 0; };
    const auto first = std::find_if(outcomes.begin(), outcomes.end(), hasRows);
    if (std::none_of(first == outcomes.end() ? first : first + 1, outcomes.end(), hasRows))
        return;
    const RecordOutcome& main = **first;
    auto project = dataset::Project::open(path);
    for (auto outcome = first + 1; outcome != outcomes.end(); ++outcome) {
        if (!hasRows(*outcome))
            continue;
        RecordOutcome& own = **outcome;
        own.beginsAfterSeconds = beginsAfter(main.beginNanos, own.beginNanos, main.timeScale);
        const Status kept = project ? alignRecording(*project, own.recording.id, dataset::kRecordedBeside,
                                                     main.recording.id, own.beginsAfterSeconds)
                                    : Status(project.error());
        if (!kept)
            noteEnd(own.endedBy, kept.error(), QStringLiteral("aligning the boards"));
    }
}

} // namespace

std::vector<Result<RecordOutcome>> recordBoards(const std::vector<RecordRequest>& requests, const Hooks& hooks)
{
    JoinedProgress progress(hooks.progress, requests.size());
    std::vector<std::optional<Result<RecordOutcome>>> ended(requests.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        threads.emplace_back([&, i] {
            const Hooks own{[&progress, i](const Progress& said) { progress.take(i, said); }, hooks.cancel};
            ended[i].emplace(record(requests[i], own));
            progress.end(i, *ended[i]);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    std::vector<Result<RecordOutcome>> outcomes;
    for (std::optional<Result<RecordOutcome>>& outcome : ended)
        outcomes.push_back(std::move(*outcome));
    if (!outcomes.empty())
        align(requests.front().project, outcomes);
    return outcomes;
}

} // namespace ember::workflow
