// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/map_runner.h"

namespace ember::gui {
namespace {

QString titleOf(workflow::MapMethod method)
{
    switch (method) {
    case workflow::MapMethod::Tsne:
        return MapRunner::tr("t-SNE");
    case workflow::MapMethod::Umap:
        return MapRunner::tr("UMAP");
    case workflow::MapMethod::Pca:
        break;
    }
    return MapRunner::tr("Principal components");
}

} // namespace

MapRunner::MapRunner(JobQueue& jobs, QObject* parent)
    : QObject(parent)
    , m_jobs(jobs)
{
    connect(&jobs, &JobQueue::changed, this, [this] {
        if (!m_job)
            return;
        if (const auto job = m_jobs.job(*m_job); job && job->isActive())
            Q_EMIT progressed(job->progress);
    });
}

void MapRunner::setData(std::shared_ptr<const ExplorerData> data)
{
    ++m_request; // what is on its way is about other windows
    if (m_job)
        m_jobs.cancel(*m_job);
    m_job.reset();
    m_made.clear();
    m_data = std::move(data);
}

void MapRunner::request(workflow::MapMethod method)
{
    if (!m_data)
        return;
    const quint64 number = ++m_request;
    if (m_job)
        m_jobs.cancel(*m_job);
    m_job.reset();
    if (const auto there = m_made.find(method); there != m_made.end()) {
        Q_EMIT ready(there->second);
        return;
    }
    const auto work = [data = m_data, method](const JobContext& job) -> Result<Map> {
        workflow::MapOptions options;
        options.method = method;
        EMBER_TRY(workflow::FeatureMap map,
                  workflow::mapFeatures(data->set.matrix, options, {job.progress, job.cancel}));
        return std::make_shared<const workflow::FeatureMap>(std::move(map));
    };
    const auto done = [this, number, method](const Result<Map>& made) { take(number, method, made); };
    // Principal components are there before anybody would look at a list of jobs.
    m_job = method == workflow::MapMethod::Pca ? m_jobs.runQuietly<Map>(work, this, done)
                                               : m_jobs.run<Map>(titleOf(method), work, this, done);
    Q_EMIT started();
}

void MapRunner::cancel()
{
    if (m_job)
        m_jobs.cancel(*m_job);
}

void MapRunner::take(quint64 number, workflow::MapMethod method, const Result<Map>& made)
{
    if (number != m_request)
        return;
    m_job.reset();
    if (!made) {
        Q_EMIT failed(made.error());
        return;
    }
    m_made[method] = *made;
    Q_EMIT ready(*made);
}

} // namespace ember::gui
