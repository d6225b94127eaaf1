// SPDX-License-Identifier: GPL-3.0-or-later
// The text of the Edge Impulse data forwarder (github.com/edgeimpulse/edge-impulse-cli, cli/data-forwarder.ts): a line
// of numbers for each reading, separated by commas, tabs or blanks; a line that begins with ERR or <ERR is an error.
#include "core/formats/table_text.h"

namespace ember::formats {
namespace {

class EdgeImpulseFormat final : public Format
{
public:
    QString name() const override { return QStringLiteral("edge-impulse"); }
    QString title() const override { return QStringLiteral("Edge Impulse data forwarder"); }

    Guess survey(const Opening& opening) const override
    {
        Guess guess;
        guess.format = name();
        TableSurvey table = surveyTable(opening);
        guess.reason = describeTable(table);
        if (!table.errorLine.isEmpty())
            guess.reason += QStringLiteral("; the board said '%1'").arg(table.errorLine);
        const bool foreign = table.layout.separator == ';' || table.layout.decimalComma;
        if (table.rows < kLeastRows || foreign || table.share() < kLeastScore)
            return guess;
        table.layout.separator = ' '; // the forwarder takes any mixture of the three
        table.layout.abortsOnErr = true;
        // Names make it a table for more programs than this one.
        guess.score = (table.layout.names.isEmpty() ? 0.9 : 0.7) * table.share();
        guess.spec = tableSpec(table, QStringLiteral("sensor"));
        guess.hasTime = table.layout.time.has_value();
        guess.makeDecoder = [layout = table.layout] { return std::make_unique<TableDecoder>(layout); };
        return guess;
    }
};

} // namespace

std::unique_ptr<Format> makeEdgeImpulseFormat()
{
    return std::make_unique<EdgeImpulseFormat>();
}

} // namespace ember::formats
