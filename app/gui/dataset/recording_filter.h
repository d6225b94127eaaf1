// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace ember::gui {

/// Sorts the recordings and leaves out those that do not fit the words of a filter. Every word must fit: a bare one any
/// cell, `group:anna`, `tag:good`, `label:walk` and `FIELD:value` that cell, `is:unlabelled` and `is:duplicate` the
/// recording; `-` in front of a word turns it round. A word with spaces stands in quotes. GUI thread.
class RecordingFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit RecordingFilter(QObject* parent = nullptr);

    void setWords(const QString& text);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    bool fits(const QString& word, int row) const;
    bool fitsCell(const QString& column, const QString& value, int row) const;

    QStringList m_words;
};

} // namespace ember::gui
