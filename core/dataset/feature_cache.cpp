// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/feature_cache.h"

#include "core/dataset/rows.h"

namespace ember::dataset {
namespace {

Status touch(Database& database, const QString& key)
{
    return database.change("UPDATE feature_cache SET used = (SELECT max(used) + 1 FROM feature_cache) WHERE key = ?",
                           key);
}

Status dropBeyond(Database& database, qint64 limitBytes)
{
    // Newest first, the entries whose running total is over the limit.
    return database.change("DELETE FROM feature_cache WHERE key IN (SELECT key FROM (SELECT key,"
                           " sum(bytes) OVER (ORDER BY used DESC, key) AS total FROM feature_cache) WHERE total > ?)",
                           limitBytes);
}

} // namespace

Result<std::optional<QByteArray>> FeatureCache::get(const QString& key) const
{
    using Found = std::optional<QByteArray>;
    EMBER_TRY(const auto found,
              detail::readAll<QByteArray>(m_database->query("SELECT data FROM feature_cache WHERE key = ?", key),
                                          [](const Statement& row) -> Result<QByteArray> { return row.blob(0); }));
    if (found.empty())
        return Found();
    if (!m_database->isReadOnly())
        EMBER_CHECK(touch(*m_database, key));
    return Found(found.front());
}

Status FeatureCache::put(const QString& key, const QByteArray& data, qint64 limitBytes)
{
    EMBER_TRY(Transaction transaction, Transaction::begin(*m_database));
    EMBER_CHECK(m_database->change("INSERT OR REPLACE INTO feature_cache (key, used, bytes, data) VALUES (?,"
                                   " (SELECT coalesce(max(used), 0) + 1 FROM feature_cache), ?, ?)",
                                   key, data.size(), data));
    EMBER_CHECK(dropBeyond(*m_database, limitBytes));
    return transaction.commit();
}

Status FeatureCache::clear()
{
    return m_database->change("DELETE FROM feature_cache");
}

} // namespace ember::dataset
