// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/workflow/dataset_versions.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

constexpr qsizetype kShownDigits = 12;

QJsonObject toJson(const dataset::ContentRecording& recording)
{
    return {{QStringLiteral("recording"), recording.name},
            {QStringLiteral("group"), recording.group},
            {QStringLiteral("rows"), recording.rows},
            {QStringLiteral("segments"), static_cast<qint64>(recording.segments.size())}};
}

QJsonObject toJson(const dataset::ContentSegment& segment)
{
    return {{QStringLiteral("begin_row"), segment.begin},
            {QStringLiteral("end_row"), segment.end},
            {QStringLiteral("label_set"), segment.set},
            {QStringLiteral("label"), segment.label}};
}

QJsonObject toJson(const dataset::SegmentChange& change)
{
    return {{QStringLiteral("before"), toJson(change.before)}, {QStringLiteral("after"), toJson(change.after)}};
}

QJsonObject toJson(const dataset::RecordingChange& change);

template <typename T>
QJsonArray listOf(const std::vector<T>& values)
{
    QJsonArray list;
    for (const T& value : values)
        list.append(toJson(value));
    return list;
}

QJsonObject toJson(const dataset::RecordingChange& change)
{
    QJsonObject json{{QStringLiteral("recording"), change.after.name},
                     {QStringLiteral("segments_added"), listOf(change.added)},
                     {QStringLiteral("segments_removed"), listOf(change.removed)},
                     {QStringLiteral("segments_changed"), listOf(change.changed)}};
    if (change.isRenamed())
        json.insert(QStringLiteral("name_before"), change.before.name);
    if (change.isRegrouped())
        json.insert(QStringLiteral("group_before"), change.before.group);
    return json;
}

class VersionsCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("versions"); }
    QString summary() const override
    {
        return QStringLiteral("Keep versions of the data set, and say what has changed between two");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab versions --project gestures.ember --keep first\n"
                              "  emberlab versions --project gestures.ember --compare first,now");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        auto* keep = app.add_option("--keep", m_keep, "Keep what there is now under this name");
        auto* compare = app.add_option(
            "--compare", m_compare, "Two of: a name, the beginning of a hash, run:NUMBER, now; with a comma between");
        auto* remove = app.add_option("--remove", m_remove, "Forget a version, by name or hash");
        keep->excludes(compare)->excludes(remove);
        compare->excludes(remove);
    }

    Result<Output> run(const Context&) override
    {
        EMBER_TRY(const dataset::Project project, dataset::Project::open(qs(m_project)));
        if (!m_compare.empty())
            return compare(project);
        dataset::SnapshotTable versions(project.database());
        if (!m_keep.empty()) {
            EMBER_TRY(const dataset::DatasetContent content, dataset::datasetContent(project));
            EMBER_CHECK(versions.put(qs(m_keep), content));
        }
        if (!m_remove.empty()) {
            EMBER_TRY(const dataset::Snapshot gone, versions.find(qs(m_remove)));
            EMBER_CHECK(versions.remove(gone.id));
        }
        return listVersions(project);
    }

private:
    static Result<Output> listVersions(const dataset::Project& project)
    {
        EMBER_TRY(const std::vector<workflow::DatasetVersion> versions, workflow::datasetVersions(project));
        Output output;
        QJsonArray list;
        TextTable table({QStringLiteral("name"), QStringLiteral("hash"), QStringLiteral("kept"),
                         QStringLiteral("recordings"), QStringLiteral("segments"), QStringLiteral("runs")});
        for (const workflow::DatasetVersion& version : versions) {
            const dataset::Snapshot& kept = version.snapshot;
            list.append(QJsonObject{{QStringLiteral("name"), kept.name},
                                    {QStringLiteral("hash"), kept.hash},
                                    {QStringLiteral("created"), kept.created.toString(Qt::ISODate)},
                                    {QStringLiteral("recordings"), kept.recordings},
                                    {QStringLiteral("segments"), kept.segments},
                                    {QStringLiteral("runs"), QJsonArray::fromStringList(version.runs)},
                                    {QStringLiteral("is_now"), version.isNow}});
            table.add({kept.name + (version.isNow ? QStringLiteral(" (now)") : QString()), kept.hash.left(kShownDigits),
                       kept.created.toString(QStringLiteral("yyyy-MM-dd hh:mm")), QString::number(kept.recordings),
                       QString::number(kept.segments), version.runs.join(QStringLiteral(", "))});
        }
        output.result.insert(QStringLiteral("versions"), list);
        output.text = list.isEmpty() ? QStringLiteral("None is kept yet.") : table.toString();
        return output;
    }

    Result<Output> compare(const dataset::Project& project) const
    {
        const QStringList names = qs(m_compare).split(QLatin1Char(','));
        if (names.size() != 2)
            return Error(ErrorKind::Usage, QStringLiteral("'%1' is not two versions.").arg(qs(m_compare)),
                         QStringLiteral("Name two with a comma between: first,now."));
        EMBER_TRY(const dataset::DatasetContent before, workflow::contentOfVersion(project, names[0].trimmed()));
        EMBER_TRY(const dataset::DatasetContent after, workflow::contentOfVersion(project, names[1].trimmed()));
        const dataset::DatasetDiff diff = dataset::compareContents(before, after);
        Output output;
        output.result = {{QStringLiteral("same"), diff.same},
                         {QStringLiteral("recordings_added"), listOf(diff.added)},
                         {QStringLiteral("recordings_removed"), listOf(diff.removed)},
                         {QStringLiteral("recordings_changed"), listOf(diff.changed)},
                         {QStringLiteral("segments_added"), diff.segmentsAdded()},
                         {QStringLiteral("segments_removed"), diff.segmentsRemoved()},
                         {QStringLiteral("segments_changed"), diff.segmentsChanged()}};
        output.text = workflow::describe(diff).join(QLatin1Char('\n'));
        return output;
    }

    std::string m_project, m_keep, m_compare, m_remove;
};

} // namespace

std::unique_ptr<Command> makeVersionsCommand()
{
    return std::make_unique<VersionsCommand>();
}

} // namespace ember::cli
