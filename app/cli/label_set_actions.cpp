// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/label_set_actions.h"

#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/workflow/label_copy.h"

#include <QHash>
#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

constexpr qsizetype kMostShownPlaces = 40; ///< as text; --json has all

QString labelsText(const QStringList& labels)
{
    return labels.isEmpty() ? QStringLiteral("-") : labels.join(QLatin1Char('+'));
}

QJsonValue numberOrNull(const std::optional<double>& number)
{
    return number ? QJsonValue(*number) : QJsonValue(QJsonValue::Null);
}

QJsonObject toJson(const dataset::Disagreement& what, const dataset::Recording& recording)
{
    QJsonObject object{{QStringLiteral("recording"), recording.name},
                       {QStringLiteral("begin_row"), what.rows.begin},
                       {QStringLiteral("end_row"), what.rows.end},
                       {QStringLiteral("first"), QJsonArray::fromStringList(what.first)},
                       {QStringLiteral("second"), QJsonArray::fromStringList(what.second)}};
    if (const double rate = recording.stream.rateHz; rate > 0) {
        object.insert(QStringLiteral("begin_s"), static_cast<double>(what.rows.begin) / rate);
        object.insert(QStringLiteral("end_s"), static_cast<double>(what.rows.end) / rate);
    }
    return object;
}

QString agreementText(const dataset::LabelAgreement& agreement)
{
    if (agreement.either == 0)
        return QStringLiteral("Neither set labels anything here.");
    QString text = QStringLiteral("Of %1 labelled by either set, %2 by both; equal on %3 (%4 %)")
                       .arg(countOf(agreement.either, QStringLiteral("row")), formatCount(agreement.both),
                            formatCount(agreement.equal))
                       .arg(*agreement.share() * 100, 0, 'f', 1);
    if (const auto kappa = agreement.kappa())
        text += QStringLiteral(", Cohen's kappa %1 where both label").arg(*kappa, 0, 'f', 3);
    return text + QLatin1Char('.');
}

} // namespace

std::vector<CLI::App*> LabelSetActions::declare(CLI::App& app)
{
    m_copy =
        app.add_subcommand("copy", "Copy labels to another label set, or to the streams recorded at the same time");
    auto* to = m_copy->add_option("--to", m_to, "Label set that they are copied to; made when it does not exist");
    auto* streams = m_copy->add_flag("--to-streams", m_toStreams,
                                     "To the recordings made at the same time, moved by when these began");
    to->excludes(streams);
    m_copy->add_option("--recording", m_recordings, "Names; all when none is given");
    m_copy->add_flag("--over-labels", m_overLabels, "Also where something is labelled; that is cut back");
    m_compare = app.add_subcommand("compare", "Say where two label sets differ, and how far they agree");
    m_compare->add_option("--with", m_with, "The other label set")->required();
    m_compare->add_option("--recording", m_recordings, "Names; all when none is given");
    m_compare->add_option("--least", m_least, "Pass over shorter differences, as of edges")->capture_default_str();
    return {m_copy, m_compare};
}

bool LabelSetActions::isWanted() const
{
    return m_copy->parsed() || m_compare->parsed();
}

QStringList LabelSetActions::recordingNames() const
{
    QStringList names;
    for (const std::string& name : m_recordings)
        names << qs(name);
    return names;
}

Result<Output> LabelSetActions::run(dataset::Project& project, const QString& labelSet) const
{
    return m_copy->parsed() ? runCopy(project, labelSet) : runCompare(project, labelSet);
}

Result<Output> LabelSetActions::runCopy(dataset::Project& project, const QString& labelSet) const
{
    workflow::LabelCopyRequest request;
    request.from = labelSet;
    request.to = qs(m_to);
    request.recordings = recordingNames();
    request.overLabels = m_overLabels;
    EMBER_TRY(const workflow::LabelCopy copy,
              m_toStreams ? workflow::copyLabelsToStreams(project, request) : workflow::copyLabels(project, request));
    EMBER_CHECK(dataset::apply(project, copy.edit));
    Output output;
    output.result = {{QStringLiteral("applied"), copy.segments}};
    if (!m_toStreams)
        output.result.insert(QStringLiteral("label_set"), request.to);
    output.text = QStringLiteral("%1 copied to %2.")
                      .arg(countOf(copy.segments, QStringLiteral("segment")),
                           m_toStreams ? QStringLiteral("the streams recorded at the same time")
                                       : QStringLiteral("the label set '%1'").arg(request.to));
    return output;
}

Result<Output> LabelSetActions::runCompare(const dataset::Project& project, const QString& labelSet) const
{
    EMBER_TRY(const double least, parseSeconds(qs(m_least)));
    EMBER_TRY(const workflow::LabelComparison comparison,
              workflow::compareLabelSets(project, labelSet, qs(m_with), recordingNames(), least));
    EMBER_TRY(const std::vector<dataset::Recording> recordings, project.recordings().list());
    QHash<dataset::RecordingId, dataset::Recording> byId;
    for (const dataset::Recording& recording : recordings)
        byId.insert(recording.id, recording);
    QJsonArray list;
    TextTable table({QStringLiteral("recording"), QStringLiteral("from"), QStringLiteral("to"),
                     labelSet.isEmpty() ? QString::fromLatin1(dataset::kDefaultLabelSet) : labelSet, qs(m_with)});
    for (const workflow::LabelComparison::Place& place : comparison.places) {
        const dataset::Recording recording = byId.value(place.recording);
        const double rate = recording.stream.rateHz;
        const auto at = [rate](qint64 row) {
            return rate > 0 ? QString::number(static_cast<double>(row) / rate, 'f', 2) : QString::number(row);
        };
        if (list.size() < kMostShownPlaces)
            table.add({recording.name, at(place.what.rows.begin), at(place.what.rows.end), labelsText(place.what.first),
                       labelsText(place.what.second)});
        list.append(toJson(place.what, recording));
    }
    const dataset::LabelAgreement& agreement = comparison.agreement;
    Output output;
    output.result = {{QStringLiteral("disagreements"), list},
                     {QStringLiteral("rows_either"), agreement.either},
                     {QStringLiteral("rows_both"), agreement.both},
                     {QStringLiteral("rows_equal"), agreement.equal},
                     {QStringLiteral("agreement"), numberOrNull(agreement.share())},
                     {QStringLiteral("kappa"), numberOrNull(agreement.kappa())}};
    if (!list.isEmpty())
        output.text = table.toString();
    if (list.size() > kMostShownPlaces)
        output.text += QStringLiteral("... and %1 more (--json has all)\n").arg(list.size() - kMostShownPlaces);
    output.text +=
        countOf(list.size(), QStringLiteral("disagreement")) + QStringLiteral(". ") + agreementText(agreement);
    return output;
}

} // namespace ember::cli
