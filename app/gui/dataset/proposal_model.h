// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/recording.h"
#include "core/workflow/label_proposals.h"

#include <QAbstractTableModel>
#include <QHash>

#include <vector>

namespace ember::gui {

/// Proposed labels as a table, in the order they came. GUI thread.
class ProposalModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        LabelName,
        Sure,
        From,
        Length,
        RecordingName,
        Now,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setProposals(std::vector<workflow::LabelProposal> proposals,
                      const std::vector<dataset::Recording>& recordings);
    const std::vector<workflow::LabelProposal>& proposals() const { return m_proposals; }
    const workflow::LabelProposal* at(int row) const;
    void removeAt(int row);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(const workflow::LabelProposal& proposal, int column) const;

    std::vector<workflow::LabelProposal> m_proposals;
    QHash<dataset::RecordingId, dataset::Recording> m_recordings;
};

} // namespace ember::gui
