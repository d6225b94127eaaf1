// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/train/run_scores.h"
#include "core/dataset/run_table.h"

#include <QAbstractTableModel>
#include <QHash>

#include <utility>
#include <vector>

namespace ember::dataset {
class Project;
}

namespace ember::gui {

/// The runs of the open project with scores and costs. Both pages that list runs use it and hide what they do not need.
class RunModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Name,
        Trainer,
        F1,
        Interval,
        Accuracy,
        AgainstBest, ///< whether it differs from the best one by more than chance; set by setDifferences()
        Board,       ///< whose costs follow
        Flash,
        Ram,
        Instructions,
        Seconds,
        State,
        ColumnCount
    };
    enum Role
    {
        SortRole = Qt::UserRole,
        SourceRole ///< footprint::CostSource of a cost cell as int; -1 without
    };

    using QAbstractTableModel::QAbstractTableModel;

    void load(const dataset::Project* project);
    /// Shows the costs on this board only; empty: of each run the figures that are worth most.
    void setBoard(const QString& boardId);
    /// A short word and its reason for each run that has one.
    void setDifferences(QHash<qint64, std::pair<QString, QString>> differences);

    const dataset::Run* at(int row) const;
    const RunScores* scoresAt(int row) const;
    int rowOf(dataset::RunId id) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    /// The costs of a run on one board: the profile's where there is one, the estimate's otherwise.
    struct Costs
    {
        QString board;
        double flash = -1;
        double ram = -1;
        double instructions = -1;
        int source = -1;
    };
    struct Row
    {
        dataset::Run run;
        RunScores scores;
        Costs costs;
    };

    Costs readCosts(const QJsonObject& json) const;
    QVariant text(const Row& row, int column) const;
    QVariant sortKey(const Row& row, int column) const;

    std::vector<Row> m_rows;
    QString m_board;
    QHash<qint64, std::pair<QString, QString>> m_differences; ///< by run
};

} // namespace ember::gui
