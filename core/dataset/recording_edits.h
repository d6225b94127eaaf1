// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/edits.h"
#include "core/dataset/recording.h"

#include <QStringList>

#include <span>

namespace ember::dataset {

// What is done to many recordings at once, each as one edit. Tags are a list of words in a recording's metadata, under
// "tags". Error Usage when nothing would change.

/// Sorted, each once.
QStringList tagsOf(const Recording& recording);

/// Words are trimmed; an empty one is refused.
Result<Edit> addTag(std::span<const Recording> recordings, const QString& tag);
Result<Edit> removeTag(std::span<const Recording> recordings, const QString& tag);
/// Keeps each recording's kind of group.
Result<Edit> setGroupOf(std::span<const Recording> recordings, const QString& name);
/// An empty value removes the field. Error Usage for "tags" as well.
Result<Edit> setField(std::span<const Recording> recordings, const QString& key, const QString& value);
/// Into the trash, or out of it.
Result<Edit> setTrashed(std::span<const Recording> recordings, bool trashed);

/// The names of metadata that some recording has and that are one value each (no lists, no objects), sorted.
QStringList fieldsOf(std::span<const Recording> recordings);

} // namespace ember::dataset
