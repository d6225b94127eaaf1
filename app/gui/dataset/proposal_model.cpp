// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/proposal_model.h"

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

bool isFigure(int column)
{
    return column == ProposalModel::Sure || column == ProposalModel::From || column == ProposalModel::Length;
}

} // namespace

void ProposalModel::setProposals(std::vector<workflow::LabelProposal> proposals,
                                 const std::vector<dataset::Recording>& recordings)
{
    beginResetModel();
    m_proposals = std::move(proposals);
    m_recordings.clear();
    for (const dataset::Recording& recording : recordings)
        m_recordings.insert(recording.id, recording);
    endResetModel();
}

const workflow::LabelProposal* ProposalModel::at(int row) const
{
    return row >= 0 && row < rowCount() ? &m_proposals[static_cast<std::size_t>(row)] : nullptr;
}

void ProposalModel::removeAt(int row)
{
    if (!at(row))
        return;
    beginRemoveRows({}, row, row);
    m_proposals.erase(m_proposals.begin() + row);
    endRemoveRows();
}

int ProposalModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_proposals.size());
}

int ProposalModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString ProposalModel::text(const workflow::LabelProposal& proposal, int column) const
{
    const dataset::Recording recording = m_recordings.value(proposal.recording);
    const double rate = recording.stream.rateHz > 0 ? recording.stream.rateHz : 1.0;
    const auto seconds = [rate](qint64 rows) { return tr("%1 s").arg(static_cast<double>(rows) / rate, 0, 'f', 2); };
    switch (column) {
    case LabelName:
        return proposal.label.isEmpty() ? tr("(to be chosen)") : proposal.label;
    case Sure:
        // A rule is not more or less sure of what it finds.
        return proposal.label.isEmpty() ? QStringLiteral("–") : tr("%1 %").arg(std::floor(proposal.confidence * 100));
    case From:
        return seconds(proposal.begin);
    case Length:
        return seconds(proposal.end - proposal.begin);
    case RecordingName:
        return recording.name;
    case Now:
        return proposal.current;
    default:
        return {};
    }
}

QVariant ProposalModel::data(const QModelIndex& index, int role) const
{
    const workflow::LabelProposal* proposal = at(index.row());
    if (!proposal)
        return {};
    if (role == Qt::DisplayRole)
        return text(*proposal, index.column());
    if (role == Qt::TextAlignmentRole)
        return QVariant(isFigure(index.column()) ? Qt::AlignRight | Qt::AlignVCenter
                                                 : Qt::AlignLeft | Qt::AlignVCenter);
    return {};
}

QVariant ProposalModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(isFigure(section) ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case LabelName:
        return tr("Label");
    case Sure:
        return tr("Sure");
    case From:
        return tr("From");
    case Length:
        return tr("Length");
    case RecordingName:
        return tr("Recording");
    case Now:
        return tr("Now");
    default:
        return {};
    }
}

} // namespace ember::gui
