// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/recording_filter.h"

#include "app/gui/dataset/recording_model.h"

#include <QRegularExpression>

#include <algorithm>

namespace ember::gui {

RecordingFilter::RecordingFilter(QObject* parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(RecordingModel::SortRole);
}

void RecordingFilter::setWords(const QString& text)
{
    static const QRegularExpression kWord(QStringLiteral(R"re((?:[^\s"]|"[^"]*"?)+)re"));
    m_words.clear();
    for (auto found = kWord.globalMatch(text); found.hasNext();)
        m_words << found.next().captured().remove(QLatin1Char('"'));
    invalidateFilter();
}

bool RecordingFilter::filterAcceptsRow(int row, const QModelIndex&) const
{
    return std::all_of(m_words.begin(), m_words.end(), [this, row](const QString& word) {
        const bool turned = word.startsWith(QLatin1Char('-')) && word.size() > 1;
        return turned ? !fits(word.mid(1), row) : fits(word, row);
    });
}

bool RecordingFilter::fits(const QString& word, int row) const
{
    const qsizetype colon = word.indexOf(QLatin1Char(':'));
    if (colon > 0 && fitsCell(word.left(colon).toLower(), word.mid(colon + 1), row))
        return true;
    for (int column = 0; column < sourceModel()->columnCount(); ++column) {
        if (sourceModel()->index(row, column).data().toString().contains(word, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

bool RecordingFilter::fitsCell(const QString& column, const QString& value, int row) const
{
    const auto cell = [this, row](int number) { return sourceModel()->index(row, number).data().toString(); };
    if (column == QLatin1String("is"))
        return (value == QLatin1String("unlabelled") && cell(RecordingModel::Labels).isEmpty()) ||
               (value == QLatin1String("duplicate") && !cell(RecordingModel::SameAs).isEmpty());
    for (int number = 0; number < sourceModel()->columnCount(); ++number) {
        QString name = sourceModel()->headerData(number, Qt::Horizontal).toString().toLower();
        if (number == RecordingModel::Tags || number == RecordingModel::Labels)
            name.chop(1); // "tag:", "label:"
        if (name == column && cell(number).contains(value, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

} // namespace ember::gui
