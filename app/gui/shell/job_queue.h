// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QStringList>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace ember::gui {

using JobId = quint64;

/// What running work gets: where to report, and whether to stop. Used on the worker thread.
struct JobContext
{
    ProgressSink progress;
    std::function<void(const QString&)> log;
    CancelToken cancel;
};

enum class JobState
{
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled
};

/// A job as the tray shows it. A value.
struct JobInfo
{
    JobId id = 0;
    QString title;
    JobState state = JobState::Waiting;
    Progress progress;
    std::optional<Error> error;
    QStringList log;
    double seconds = 0;      ///< since it began
    double secondsLeft = -1; ///< negative: unknown

    bool isHidden = false;

    bool isActive() const { return state == JobState::Waiting || state == JobState::Running; }
};

/// Long work off the GUI thread. Work is a function that returns a Result; the result is delivered to a function on the
/// GUI thread, unless its receiver is gone. Destroying the queue cancels what runs and waits for it. GUI thread.
class JobQueue : public QObject
{
    Q_OBJECT

public:
    explicit JobQueue(QObject* parent = nullptr);
    ~JobQueue() override;

    /// Starts `work` as soon as a thread is free. `done` is called with its result while `receiver` lives, also
    /// with Cancelled when it was cancelled before it began.
    template <typename T>
    JobId run(const QString& title, std::function<Result<T>(const JobContext&)> work, QObject* receiver,
              std::function<void(const Result<T>&)> done)
    {
        QPointer<QObject> alive(receiver);
        return enqueue(title, [work = std::move(work), done = std::move(done), alive](const JobContext& context) {
            auto result = std::make_shared<Result<T>>(context.cancel.isCancelled() ? cancelledEarly() : work(context));
            Outcome outcome;
            if (!*result)
                outcome.error = result->error();
            outcome.deliver = [result, done, alive] {
                if (alive && done)
                    done(*result);
            };
            return outcome;
        });
    }

    /// The same for work that is over before anybody would look: it is not listed.
    template <typename T>
    JobId runQuietly(std::function<Result<T>(const JobContext&)> work, QObject* receiver,
                     std::function<void(const Result<T>&)> done)
    {
        const JobId id = run<T>(QString(), std::move(work), receiver, std::move(done));
        hide(id);
        return id;
    }

    void cancel(JobId id);
    void cancelAll();
    /// Forgets jobs that have ended.
    void clearEnded();

    std::vector<JobInfo> jobs() const; ///< oldest first
    std::optional<JobInfo> job(JobId id) const;
    int activeCount() const;

Q_SIGNALS:
    /// A job was added, moved on, or was forgotten.
    void changed();
    /// Of listed jobs only.
    void ended(const ember::gui::JobInfo& job);

private:
    struct Outcome
    {
        std::optional<Error> error;
        std::function<void()> deliver;
    };
    struct Entry;

    static Error cancelledEarly();

    void hide(JobId id);
    JobId enqueue(const QString& title, std::function<Outcome(const JobContext&)> work);
    void started(JobId id);
    void progressed(JobId id, const Progress& progress);
    void logged(JobId id, const QString& line);
    void finished(JobId id, const Outcome& outcome);
    Entry* find(JobId id);
    const Entry* find(JobId id) const;

    QThreadPool m_pool;
    std::vector<std::unique_ptr<Entry>> m_entries;
    JobId m_lastId = 0;
};

} // namespace ember::gui

Q_DECLARE_METATYPE(ember::gui::JobInfo)
