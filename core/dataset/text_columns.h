// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <cstddef>
#include <vector>

namespace ember::dataset::detail {

// Columns of words in a long table. Tables of gigabytes repeat a few words in millions of rows, so that only what is
// asked for later is kept. Pure; one thread.

/// A column whose value is asked for row by row: kept where it changes.
class TextRuns
{
public:
    /// Of the next row, UTF-8.
    void add(QByteArrayView text);

    bool isEmpty() const { return m_runs.empty(); }
    const QString& at(std::size_t row) const { return m_runs[runOf(row)].text; }
    /// Whether the row has another value than the one before it; false for the first and in an empty column.
    bool changesAt(std::size_t row) const { return !isEmpty() && row > 0 && runOf(row) != runOf(row - 1); }
    /// One past the last row from this one on that has its value.
    std::size_t endOfRun(std::size_t row) const { return m_runs[runOf(row)].end; }
    std::size_t kept() const { return m_runs.size(); }

private:
    struct Run
    {
        std::size_t end = 0;
        QString text;
    };
    std::size_t runOf(std::size_t row) const;

    std::vector<Run> m_runs;
    QByteArray m_last;
};

/// The first different values of a column, without empty ones, in the order in which they appear. Kept for each stretch
/// of rows by itself, so that those of several stretches together can be asked for.
class DistinctTexts
{
public:
    /// No more than `most` of a stretch.
    explicit DistinctTexts(qsizetype most)
        : m_most(most)
    {}

    /// The next row that is added, `row`, begins a stretch; the first one always does.
    void beginStretch(std::size_t row);
    /// Of the next row, UTF-8.
    void add(QByteArrayView text);

    /// Of the rows from `first` to before `end`, which both are where stretches begin or end.
    QStringList in(std::size_t first, std::size_t end) const;
    qsizetype kept() const;

private:
    struct Stretch
    {
        std::size_t first = 0;
        QStringList values;
    };

    qsizetype m_most;
    std::vector<Stretch> m_stretches; ///< those that have values
    std::size_t m_first = 0;          ///< of the stretch that rows are added to
    QByteArray m_last;
};

} // namespace ember::dataset::detail
