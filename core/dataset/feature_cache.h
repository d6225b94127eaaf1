// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"

#include <optional>

namespace ember::dataset {

/// Computed features, kept by the hash of all that went into them. Entries may vanish; a miss is not an error.
/// Borrowed from Project; same thread.
class FeatureCache
{
public:
    /// What is kept by default before the entries used longest ago are dropped.
    static constexpr qint64 kDefaultLimitBytes = 256 * 1024 * 1024;

    explicit FeatureCache(Database& database)
        : m_database(&database)
    {}

    Result<std::optional<QByteArray>> get(const QString& key) const;
    /// Stores under the key, replacing what was there, then drops old entries beyond the limit.
    Status put(const QString& key, const QByteArray& data, qint64 limitBytes = kDefaultLimitBytes);
    Status clear();

private:
    Database* m_database;
};

} // namespace ember::dataset
