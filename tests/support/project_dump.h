// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/project.h"

namespace ember::test {

/// Everything in a project that edits can touch, as text, byte for byte.
inline QString dump(const dataset::Project& project)
{
    QString text;
    for (const char* sql :
         {"SELECT group_concat(id || '|' || hex(name), ';') FROM (SELECT * FROM label_sets ORDER BY id)",
          "SELECT group_concat(id || '|' || label_set || '|' || hex(name) || '|' || colour, ';')"
          " FROM (SELECT * FROM labels ORDER BY id)",
          "SELECT group_concat(id || '|' || recording || '|' || label || '|' || begin_row || '|' || end_row, ';')"
          " FROM (SELECT * FROM segments ORDER BY id)",
          "SELECT group_concat(id || '|' || hex(name) || '|' || hex(group_name) || '|' || group_kind || '|'"
          " || hex(metadata) || '|' || trashed || '|' || end_row, ';') FROM (SELECT * FROM recordings ORDER BY id)"}) {
        auto statement = project.database().query(sql);
        if (!statement || !statement->step().value_or(false))
            return QStringLiteral("the dump failed");
        text += statement->text(0) + QLatin1Char('\n');
    }
    return text;
}

} // namespace ember::test
