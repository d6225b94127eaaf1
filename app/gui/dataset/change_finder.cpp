// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/change_finder.h"

#include "app/gui/dataset/timeline.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "core/dataset/changes.h"

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr int kRestMs = 150; ///< a view that still moves is not worth a look

} // namespace

ChangeFinder::ChangeFinder(AppContext& context, Timeline& timeline, QObject* parent)
    : QObject(parent)
    , m_context(context)
    , m_timeline(timeline)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRestMs);
    connect(&m_rest, &QTimer::timeout, this, &ChangeFinder::look);
    connect(&timeline.time(), &TimeView::changed, &m_rest, qOverload<>(&QTimer::start));
    connect(&timeline, &Timeline::shown, this, &ChangeFinder::forgetOfAnother);
    connect(&timeline, &Timeline::shown, &m_rest, qOverload<>(&QTimer::start));
}

/// Rows that come in while a recording goes on leave what was found in those before them.
void ChangeFinder::forgetOfAnother()
{
    if (m_recording == m_timeline.recordingId())
        return;
    m_recording = m_timeline.recordingId();
    ++m_request;
    m_context.jobs.cancel(m_job);
    m_timeline.lanes().setChanges({});
}

void ChangeFinder::setSnapping(bool snaps)
{
    m_timeline.lanes().setSnapping(snaps);
    look();
}

void ChangeFinder::look()
{
    const quint64 request = ++m_request;
    m_context.jobs.cancel(m_job);
    const TimeView& time = m_timeline.time();
    const double rate = m_timeline.rate();
    const dataset::RowInterval rows{
        std::max<qint64>(0, std::llround((time.begin() - time.length()) * rate)),
        std::min(m_timeline.endRow(), static_cast<qint64>(std::llround((time.end() + time.length()) * rate)))};
    const dataset::RecordingId recording = m_timeline.recordingId();
    const bool isWorthIt = m_timeline.lanes().isSnapping() && recording.isValid() && m_context.project.isOpen() &&
                           rows.begin < rows.end && rows.end - rows.begin <= dataset::kMostChangeRows;
    if (!isWorthIt) {
        m_timeline.lanes().setChanges({});
        return;
    }
    using Rows = std::vector<qint64>;
    m_job = m_context.jobs.runQuietly<Rows>(
        [path = m_context.project.path(), recording, rows](const JobContext& job) -> Result<Rows> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            return dataset::changesIn(project, recording, rows, {}, job.cancel);
        },
        this,
        [this, request](const Result<Rows>& done) {
            if (request != m_request)
                return;
            // What cannot be read is told by the traces; here it only means that there is nothing to snap to.
            m_timeline.lanes().setChanges(done ? *done : Rows{});
            Q_EMIT found();
        });
}

} // namespace ember::gui
