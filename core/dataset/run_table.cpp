// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/run_table.h"

#include "core/dataset/process_identity.h"
#include "core/dataset/rows.h"

namespace ember::dataset {
namespace {

constexpr const char* kSelectRun =
    "SELECT id, name, trainer, parameters, seed, pipeline, windows, validation, scores, costs, dataset_hash, status,"
    " reason, created_ms, seconds, model FROM runs WHERE id = ?";
constexpr const char* kSelectRuns =
    "SELECT id, name, trainer, parameters, seed, pipeline, windows, validation, scores, costs, dataset_hash, status,"
    " reason, created_ms, seconds, model FROM runs ORDER BY id";

Result<Run> readRun(const Statement& row)
{
    Run run;
    run.id = row.id<RunId>(0);
    run.name = row.text(1);
    run.trainer = row.text(2);
    run.parameters = row.json(3);
    run.seed = static_cast<quint64>(row.integer(4));
    run.pipeline = row.json(5);
    run.windows = row.json(6);
    run.validation = row.json(7);
    run.scores = row.json(8);
    run.costs = row.json(9);
    run.datasetHash = row.text(10);
    run.status = static_cast<RunStatus>(row.integer(11));
    run.reason = row.text(12);
    run.created = detail::fromMilliseconds(row.integer(13));
    run.seconds = row.real(14);
    run.model = row.id<ModelId>(15);
    return run;
}

QString ownerOf(const Run& run)
{
    return run.status == RunStatus::Running ? thisProcessIdentity() : QString();
}

} // namespace

QString runStatusName(RunStatus status)
{
    switch (status) {
    case RunStatus::Running:
        return QStringLiteral("running");
    case RunStatus::Finished:
        return QStringLiteral("finished");
    case RunStatus::Failed:
        return QStringLiteral("failed");
    case RunStatus::Cancelled:
        return QStringLiteral("cancelled");
    }
    return QStringLiteral("unknown");
}

Result<RunId> RunTable::add(const Run& run)
{
    EMBER_TRY(Transaction transaction, Transaction::begin(*m_database));
    EMBER_CHECK(m_database->change(
        "INSERT INTO runs (name, trainer, parameters, seed, pipeline, windows, validation, scores, costs, dataset_hash,"
        " status, reason, owner, created_ms, seconds, model) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        run.name, run.trainer, run.parameters, run.seed, run.pipeline, run.windows, run.validation, run.scores,
        run.costs, run.datasetHash, static_cast<int>(run.status), run.reason, ownerOf(run),
        detail::toMilliseconds(run.created), run.seconds, run.model));
    const RunId id{m_database->lastInsertId()};
    if (run.name.isEmpty())
        EMBER_CHECK(
            m_database->change("UPDATE runs SET name = ? WHERE id = ?", QStringLiteral("Run %1").arg(id.value), id));
    EMBER_CHECK(transaction.commit());
    return id;
}

Status RunTable::update(const Run& run)
{
    EMBER_CHECK(m_database->change(
        "UPDATE runs SET name = ?, trainer = ?, parameters = ?, seed = ?, pipeline = ?, windows = ?, validation = ?,"
        " scores = ?, costs = ?, dataset_hash = ?, status = ?, reason = ?, owner = ?, created_ms = ?, seconds = ?,"
        " model = ? WHERE id = ?",
        run.name, run.trainer, run.parameters, run.seed, run.pipeline, run.windows, run.validation, run.scores,
        run.costs, run.datasetHash, static_cast<int>(run.status), run.reason, ownerOf(run),
        detail::toMilliseconds(run.created), run.seconds, run.model, run.id));
    if (m_database->changedRows() == 0)
        return detail::noSuchRow(QStringLiteral("run"), run.id.value);
    return {};
}

Result<Run> RunTable::get(RunId id) const
{
    return detail::readOne<Run>(m_database->query(kSelectRun, id), readRun,
                                detail::noSuchRow(QStringLiteral("run"), id.value));
}

Result<std::vector<Run>> RunTable::list() const
{
    return detail::readAll<Run>(m_database->query(kSelectRuns), readRun);
}

Status RunTable::remove(RunId id)
{
    EMBER_CHECK(m_database->change("DELETE FROM runs WHERE id = ?", id));
    if (m_database->changedRows() == 0)
        return detail::noSuchRow(QStringLiteral("run"), id.value);
    return {};
}

} // namespace ember::dataset
