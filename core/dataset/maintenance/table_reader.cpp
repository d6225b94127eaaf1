// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/maintenance/table_reader.h"

#include <algorithm>
#include <limits>

namespace ember::dataset::detail {
namespace {

// Where the end of a table cannot be read either, row ids are looked for in stretches of this many until one has none.
constexpr qint64 kStretch = 4096;
// Every attempt is a search through a few pages; a file that has nothing but damage ends after some seconds.
constexpr int kMostAttempts = 500'000;

} // namespace

TableReader::TableReader(Database& database, const QByteArray& table, const QByteArray& columns)
    : m_database(database)
    , m_upwards("SELECT rowid, " + columns + " FROM " + table + " WHERE rowid BETWEEN ? AND ? ORDER BY rowid")
    , m_downwards(m_upwards + " DESC")
    , m_count("SELECT count(*) FROM " + table)
{}

// False: damaged at the place where it ended. The range shrinks by what was read.
Result<bool> TableReader::readFrom(End end, qint64* first, qint64* last, const Take& take)
{
    ++m_attempts;
    EMBER_TRY(Statement statement,
              m_database.query((end == End::Lowest ? m_upwards : m_downwards).constData(), *first, *last));
    for (;;) {
        const Result<bool> more = statement.step();
        if (!more && more.error().kind != ErrorKind::BadData)
            return more.error();
        if (!more) {
            m_damaged = true;
            return false;
        }
        if (!*more)
            return true;
        // A page of nonsense may give rows that were not asked for, and the same ones again.
        const qint64 id = statement.integer(0);
        if (id < *first || id > *last) {
            m_damaged = true;
            return false;
        }
        EMBER_CHECK(take(statement));
        ++m_found;
        // At the end of the range; the id may be the last number that there is.
        if (id == (end == End::Lowest ? *last : *first))
            return true;
        (end == End::Lowest ? *first : *last) = end == End::Lowest ? id + 1 : id - 1;
    }
}

Status TableReader::readRange(qint64 first, qint64 last, const Take& take)
{
    if (first > last || m_attempts >= kMostAttempts)
        return {};
    EMBER_TRY(const bool whole, readFrom(End::Lowest, &first, &last, take));
    if (whole || first >= last)
        return {};
    EMBER_TRY(const bool rest, readFrom(End::Highest, &first, &last, take));
    if (rest || first > last)
        return {};
    const qint64 middle = first + (last - first) / 2;
    EMBER_CHECK(readRange(first, middle, take));
    return readRange(middle + 1, last, take);
}

Status TableReader::readAll(const Take& take)
{
    qint64 first = 0;
    qint64 last = std::numeric_limits<qint64>::max();
    EMBER_TRY(const bool whole, readFrom(End::Lowest, &first, &last, take));
    if (!whole) {
        EMBER_TRY(const bool rest, readFrom(End::Highest, &first, &last, take));
        if (!rest && last < std::numeric_limits<qint64>::max())
            EMBER_CHECK(readRange(first, last, take));
        else if (!rest)
            EMBER_CHECK(readStretches(first, take));
    }
    return compareCount();
}

// The highest row ids cannot be read either.
Status TableReader::readStretches(qint64 first, const Take& take)
{
    for (;;) {
        const qint64 before = m_found;
        const qint64 last = first + std::min(kStretch - 1, std::numeric_limits<qint64>::max() - first);
        EMBER_CHECK(readRange(first, last, take));
        if (m_found == before || m_attempts >= kMostAttempts || last == std::numeric_limits<qint64>::max())
            return {};
        first = last + 1;
    }
}

// A page of nonsense may look like one with fewer rows; an index of the table tells how many there are.
Status TableReader::compareCount()
{
    const Result<qint64> count = m_database.integer(m_count.constData());
    if (!count && count.error().kind != ErrorKind::BadData)
        return count.error();
    if (count)
        m_expected = *count;
    return {};
}

} // namespace ember::dataset::detail
