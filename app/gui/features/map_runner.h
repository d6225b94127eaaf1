// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/explorer_data.h"
#include "app/gui/shell/job_queue.h"

#include <QObject>

#include <map>
#include <memory>
#include <optional>

namespace ember::gui {

/// Maps of the explorer's windows, computed off the GUI thread and kept until the data changes. The newest request
/// wins; one that is not wanted any more is cancelled. GUI thread.
class MapRunner : public QObject
{
    Q_OBJECT

public:
    using Map = std::shared_ptr<const workflow::FeatureMap>;

    explicit MapRunner(JobQueue& jobs, QObject* parent = nullptr);

    /// Forgets all maps and what is being computed.
    void setData(std::shared_ptr<const ExplorerData> data);
    /// Answers with ready(), at once when it is there already, or failed().
    void request(workflow::MapMethod method);
    void cancel();
    bool isRunning() const { return m_job.has_value(); }

Q_SIGNALS:
    void started();
    void progressed(const ember::Progress& progress);
    void ready(ember::gui::MapRunner::Map map);
    /// Cancelled ones too.
    void failed(const ember::Error& error);

private:
    void take(quint64 number, workflow::MapMethod method, const Result<Map>& made);

    JobQueue& m_jobs;
    std::shared_ptr<const ExplorerData> m_data;
    std::map<workflow::MapMethod, Map> m_made;
    std::optional<JobId> m_job;
    quint64 m_request = 0;
};

} // namespace ember::gui
