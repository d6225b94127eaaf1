// SPDX-License-Identifier: GPL-3.0-or-later
// Tables as programs write them: a header or none, comma, semicolon, tab or blanks.
#include "core/formats/table_text.h"

namespace ember::formats {
namespace {

class CsvFormat final : public Format
{
public:
    QString name() const override { return QStringLiteral("csv"); }
    QString title() const override { return QStringLiteral("Table of numbers (CSV)"); }

    Guess survey(const Opening& opening) const override
    {
        Guess guess;
        guess.format = name();
        const TableSurvey table = surveyTable(opening);
        guess.reason = describeTable(table);
        if (table.rows < kLeastRows || table.share() < kLeastScore)
            return guess;
        const bool certain = !table.layout.names.isEmpty() || table.layout.separator == ';';
        guess.score = (certain ? 0.95 : 0.8) * table.share();
        guess.spec = tableSpec(table, QStringLiteral("sensor"));
        guess.hasTime = table.layout.time.has_value();
        guess.makeDecoder = [layout = table.layout] { return std::make_unique<TableDecoder>(layout); };
        return guess;
    }
};

} // namespace

std::unique_ptr<Format> makeCsvFormat()
{
    return std::make_unique<CsvFormat>();
}

} // namespace ember::formats
