// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/job_queue.h"

#include <QRunnable>

#include <algorithm>

namespace ember::gui {
namespace {

// Jobs wait for compilers, emulators and workers more than they compute.
constexpr int kThreads = 3;
// Lines kept of one job's log; the start of a long log is the part nobody asks for.
constexpr qsizetype kLogLines = 2000;
// Jobs that have ended and are still listed.
constexpr std::size_t kEndedKept = 20;
// Below this share the time that is left would be a guess of a guess.
constexpr double kLeastFraction = 0.03;

} // namespace

struct JobQueue::Entry
{
    JobInfo info;
    CancelSource cancel;
    QElapsedTimer clock;

    JobInfo snapshot() const
    {
        JobInfo now = info;
        if (info.state == JobState::Running) {
            now.seconds = static_cast<double>(clock.elapsed()) / 1000.0;
            const double fraction = info.progress.fraction;
            if (fraction > kLeastFraction && fraction <= 1)
                now.secondsLeft = now.seconds * (1 - fraction) / fraction;
        }
        return now;
    }
};

Error JobQueue::cancelledEarly()
{
    return Error(ErrorKind::Cancelled, QStringLiteral("Cancelled before it began."));
}

JobQueue::JobQueue(QObject* parent)
    : QObject(parent)
{
    qRegisterMetaType<JobInfo>();
    m_pool.setMaxThreadCount(kThreads);
    m_pool.setObjectName(QStringLiteral("jobs"));
}

JobQueue::~JobQueue()
{
    cancelAll();
    m_pool.clear();
    m_pool.waitForDone();
}

JobId JobQueue::enqueue(const QString& title, std::function<Outcome(const JobContext&)> work)
{
    auto entry = std::make_unique<Entry>();
    const JobId id = ++m_lastId;
    entry->info.id = id;
    entry->info.title = title;

    // The pool is waited for in the destructor, so `this` outlives every worker; queued calls that were not delivered
    // by then are dropped by Qt with the object.
    const auto onGui = [this](std::function<void()> call) {
        QMetaObject::invokeMethod(this, std::move(call), Qt::QueuedConnection);
    };
    JobContext context;
    context.cancel = entry->cancel.token();
    context.progress = [this, id, onGui](const Progress& p) { onGui([this, id, p] { progressed(id, p); }); };
    context.log = [this, id, onGui](const QString& line) { onGui([this, id, line] { logged(id, line); }); };
    m_entries.push_back(std::move(entry));

    m_pool.start([this, id, onGui, context, work = std::move(work)] {
        onGui([this, id] { started(id); });
        const Outcome outcome = work(context);
        onGui([this, id, outcome] { finished(id, outcome); });
    });
    Q_EMIT changed();
    return id;
}

void JobQueue::hide(JobId id)
{
    if (Entry* entry = find(id)) {
        entry->info.isHidden = true;
        Q_EMIT changed();
    }
}

JobQueue::Entry* JobQueue::find(JobId id)
{
    const auto at = std::find_if(m_entries.begin(), m_entries.end(), [id](const auto& e) { return e->info.id == id; });
    return at == m_entries.end() ? nullptr : at->get();
}

const JobQueue::Entry* JobQueue::find(JobId id) const
{
    return const_cast<JobQueue*>(this)->find(id);
}

void JobQueue::started(JobId id)
{
    if (Entry* entry = find(id)) {
        entry->info.state = JobState::Running;
        entry->clock.start();
        Q_EMIT changed();
    }
}

void JobQueue::progressed(JobId id, const Progress& progress)
{
    if (Entry* entry = find(id)) {
        if (!progress.step.isEmpty() && progress.step != entry->info.progress.step)
            logged(id, progress.step);
        entry->info.progress = progress;
        Q_EMIT changed();
    }
}

void JobQueue::logged(JobId id, const QString& line)
{
    if (Entry* entry = find(id)) {
        entry->info.log.append(line);
        if (entry->info.log.size() > kLogLines)
            entry->info.log.removeFirst();
        Q_EMIT changed();
    }
}

void JobQueue::finished(JobId id, const Outcome& outcome)
{
    Entry* entry = find(id);
    if (!entry)
        return;
    entry->info = entry->snapshot();
    entry->info.secondsLeft = -1;
    entry->info.error = outcome.error;
    if (!outcome.error)
        entry->info.state = JobState::Done;
    else
        entry->info.state = outcome.error->kind == ErrorKind::Cancelled ? JobState::Cancelled : JobState::Failed;
    if (outcome.error)
        entry->info.log.append(outcome.error->toString());

    const JobInfo info = entry->info;
    const auto endedCount =
        std::count_if(m_entries.begin(), m_entries.end(), [](const auto& e) { return !e->info.isActive(); });
    if (static_cast<std::size_t>(endedCount) > kEndedKept) {
        m_entries.erase(
            std::find_if(m_entries.begin(), m_entries.end(), [](const auto& e) { return !e->info.isActive(); }));
    }
    if (info.isHidden)
        std::erase_if(m_entries, [id](const auto& e) { return e->info.id == id; });
    Q_EMIT changed();
    if (outcome.deliver)
        outcome.deliver();
    if (!info.isHidden)
        Q_EMIT ended(info);
}

void JobQueue::cancel(JobId id)
{
    if (Entry* entry = find(id))
        entry->cancel.cancel();
}

void JobQueue::cancelAll()
{
    for (const auto& entry : m_entries)
        entry->cancel.cancel();
}

void JobQueue::clearEnded()
{
    std::erase_if(m_entries, [](const auto& e) { return !e->info.isActive(); });
    Q_EMIT changed();
}

std::vector<JobInfo> JobQueue::jobs() const
{
    std::vector<JobInfo> list;
    list.reserve(m_entries.size());
    for (const auto& entry : m_entries) {
        if (!entry->info.isHidden)
            list.push_back(entry->snapshot());
    }
    return list;
}

std::optional<JobInfo> JobQueue::job(JobId id) const
{
    if (const Entry* entry = find(id))
        return entry->snapshot();
    return std::nullopt;
}

int JobQueue::activeCount() const
{
    return static_cast<int>(std::count_if(m_entries.begin(), m_entries.end(),
                                          [](const auto& e) { return e->info.isActive() && !e->info.isHidden; }));
}

} // namespace ember::gui
