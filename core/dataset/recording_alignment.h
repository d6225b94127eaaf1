// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/recorded_together.h"

#include <QHash>
#include <QString>

#include <vector>

namespace ember::dataset {

class Project;

// No format for recordings says that one began later than another. An export that holds recordings made at the same
// time has a table beside them, `alignment.csv`: file (without extension), recorded_with (another of these),
// begins_after_s. Import of the folder reads it again.

inline constexpr const char* kAlignmentFile = "alignment.csv";

/// The table for the recordings that were written, by the names of their files without extension. Empty when none of
/// them was recorded together with another one of them.
QByteArray alignmentTable(const std::vector<std::pair<Recording, QString>>& written);

/// Lines recordings up again that come from files beside such a table, or in folders beside it: some formats sort
/// their files into those. Collects first, for the table may come before
/// or after what it speaks of.
class AlignmentReader
{
public:
    static bool isAlignment(const QString& path);

    void add(const QString& alignmentPath) { m_tables.push_back(alignmentPath); }
    void note(const QString& path, const std::vector<RecordingId>& recordings);
    /// A table that could not be used, or not to its end.
    struct Failure
    {
        QString table;
        Error why;
    };
    /// Lines that name files that were not imported, or more than one recording, are passed over.
    std::vector<Failure> apply(Project& project) const;

private:
    Status applyTable(Project& project, const QString& path) const;
    RecordingId find(const QString& folder, const QString& file) const;

    std::vector<QString> m_tables;
    QHash<QString, RecordingId> m_recordings; ///< by path without extension
};

} // namespace ember::dataset
