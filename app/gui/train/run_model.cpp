// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/run_model.h"

#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"
#include "core/dataset/project.h"
#include "core/footprint/cost.h"

#include <QPalette>

namespace ember::gui {
namespace {

bool isNumber(int column)
{
    return (column >= RunModel::F1 && column <= RunModel::Accuracy) ||
           (column >= RunModel::Flash && column <= RunModel::Seconds);
}

int sourceFromName(const QString& name)
{
    for (const auto source :
         {footprint::CostSource::Estimated, footprint::CostSource::Emulated, footprint::CostSource::Measured}) {
        if (footprint::costSourceName(source) == name)
            return static_cast<int>(source);
    }
    return -1;
}

QString stateText(const dataset::Run& run)
{
    switch (run.status) {
    case dataset::RunStatus::Running:
        return RunModel::tr("running");
    case dataset::RunStatus::Finished:
        return RunModel::tr("finished");
    case dataset::RunStatus::Failed:
        return RunModel::tr("failed");
    case dataset::RunStatus::Cancelled:
        return RunModel::tr("cancelled");
    }
    return {};
}

} // namespace

RunModel::Costs RunModel::readCosts(const QJsonObject& json) const
{
    Costs costs;
    for (auto board = json.begin(); board != json.end(); ++board) {
        if (!m_board.isEmpty() && board.key() != m_board)
            continue;
        const QJsonObject of = board.value().toObject();
        const bool profiled = of.contains(QStringLiteral("profile"));
        const QJsonObject cost = of.value(profiled ? QStringLiteral("profile") : QStringLiteral("estimate")).toObject();
        const int source = sourceFromName(cost.value(QStringLiteral("source")).toString());
        // One line shows one board: the one whose figures are worth most.
        if (source <= costs.source)
            continue;
        costs.board = board.key();
        costs.source = source;
        costs.flash = cost.value(QStringLiteral("flash_bytes")).toDouble(-1);
        costs.ram = cost.value(QStringLiteral("ram_bytes")).toDouble(-1);
        costs.instructions = cost.value(QStringLiteral("instructions")).toDouble(-1);
    }
    return costs;
}

void RunModel::setBoard(const QString& boardId)
{
    m_board = boardId;
    for (Row& row : m_rows)
        row.costs = readCosts(row.run.costs);
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, Board), index(rowCount() - 1, Instructions));
}

void RunModel::setDifferences(QHash<qint64, std::pair<QString, QString>> differences)
{
    m_differences = std::move(differences);
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, AgainstBest), index(rowCount() - 1, AgainstBest));
}

void RunModel::load(const dataset::Project* project)
{
    std::vector<Row> rows;
    if (project) {
        for (dataset::Run& run : project->runs().list().value_or(std::vector<dataset::Run>{})) {
            RunScores scores = readScores(run.scores);
            Costs costs = readCosts(run.costs);
            rows.push_back({std::move(run), std::move(scores), std::move(costs)});
        }
    }
    const bool sameRuns = !rows.empty() && std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                                                      [](const Row& a, const Row& b) { return a.run.id == b.run.id; });
    if (sameRuns) {
        m_rows = std::move(rows);
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

const dataset::Run* RunModel::at(int row) const
{
    return row >= 0 && row < rowCount() ? &m_rows[static_cast<std::size_t>(row)].run : nullptr;
}

const RunScores* RunModel::scoresAt(int row) const
{
    return row >= 0 && row < rowCount() ? &m_rows[static_cast<std::size_t>(row)].scores : nullptr;
}

int RunModel::rowOf(dataset::RunId id) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].run.id == id)
            return static_cast<int>(i);
    }
    return -1;
}

int RunModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RunModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunModel::text(const Row& row, int column) const
{
    const RunScores& s = row.scores;
    switch (column) {
    case Name:
        return row.run.name;
    case Trainer:
        return row.run.trainer;
    case F1:
        return s.hasF1 ? formatScore(s.f1) : QString();
    case Interval:
        return s.hasF1 ? QStringLiteral("%1 – %2").arg(formatScore(s.f1Low), formatScore(s.f1High)) : QString();
    case Accuracy:
        return s.hasF1 ? formatScore(s.accuracy) : QString();
    case AgainstBest:
        return m_differences.value(row.run.id.value).first;
    case Board:
        return row.costs.board;
    case Flash:
        return row.costs.flash >= 0 ? formatBytes(static_cast<qint64>(row.costs.flash)) : QString();
    case Ram:
        return row.costs.ram >= 0 ? formatBytes(static_cast<qint64>(row.costs.ram)) : QString();
    case Instructions:
        return row.costs.instructions >= 0 ? formatCount(static_cast<qint64>(row.costs.instructions)) : QString();
    case Seconds:
        return row.run.seconds > 0 ? formatSeconds(row.run.seconds) : QString();
    case State:
        return stateText(row.run);
    default:
        return {};
    }
}

QVariant RunModel::sortKey(const Row& row, int column) const
{
    switch (column) {
    case Name:
        return row.run.id.value; // in the order they were made
    case F1:
        return row.scores.hasF1 ? row.scores.f1 : -1.0;
    case Interval:
        return row.scores.hasF1 ? row.scores.f1Low : -1.0;
    case Accuracy:
        return row.scores.hasF1 ? row.scores.accuracy : -1.0;
    case Flash:
        return row.costs.flash;
    case Ram:
        return row.costs.ram;
    case Instructions:
        return row.costs.instructions;
    case Seconds:
        return row.run.seconds;
    default:
        return text(row, column);
    }
}

QVariant RunModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case SortRole:
        return sortKey(row, index.column());
    case SourceRole:
        return index.column() >= Flash && index.column() <= Instructions &&
                       !text(row, index.column()).toString().isEmpty()
                   ? row.costs.source
                   : -1;
    case Qt::TextAlignmentRole:
        return QVariant(isNumber(index.column()) ? Qt::AlignRight | Qt::AlignVCenter
                                                 : Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        if (index.column() == AgainstBest)
            return m_differences.value(row.run.id.value).second;
        return row.run.reason.isEmpty() ? QVariant() : row.run.reason;
    default:
        return {};
    }
}

QVariant RunModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(isNumber(section) ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Run");
    case Trainer:
        return tr("Trainer");
    case F1:
        return tr("F1");
    case Interval:
        return tr("95 % interval");
    case Accuracy:
        return tr("Accuracy");
    case AgainstBest:
        return tr("Against the best");
    case Board:
        return tr("Board");
    case Flash:
        return tr("Flash");
    case Ram:
        return tr("RAM");
    case Instructions:
        return tr("Instructions");
    case Seconds:
        return tr("Time");
    case State:
        return tr("State");
    default:
        return {};
    }
}

} // namespace ember::gui
