// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"

#include <QString>

#include <memory>
#include <span>

namespace ember::dataset {

/// "EMBR": tells a project from any other SQLite file.
constexpr qint64 kApplicationId = 0x454D4252;

/// One step of the file format, done in one transaction. Steps are never changed once released, only added.
struct Migration
{
    int version = 0;      ///< the format after it
    int oldestReader = 0; ///< the oldest format number whose programs may read such a file, though not write it
    const char* sql = "";
};

/// All steps, in order from version 1.
std::span<const Migration> migrations();

/// Brings the file to the last of `steps`; each is whole or not done at all.
Status migrate(Database& database, std::span<const Migration> steps);

/// A checked connection to a project file.
struct Store
{
    std::unique_ptr<Database> database;
    QString readOnlyReason; ///< for a person; empty when it can be written
};

/// Makes an empty project file; what was begun is removed when it fails. Errors: see Project::create.
Result<Store> createStore(const QString& path);

/// Checks that the file is a project of a version this program can use. Errors: see Project::open.
Result<Store> openStore(const QString& path, bool readOnly);

} // namespace ember::dataset
