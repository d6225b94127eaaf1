// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/dataset/maintenance/storage.h"
#include "core/dataset/project.h"
#include "core/dataset/totals.h"

#include <QFileInfo>
#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

class NewCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("new"); }
    QString summary() const override { return QStringLiteral("Make an empty project"); }
    QString example() const override { return QStringLiteral("emberlab new gestures.ember"); }
    void declare(CLI::App& app) override { app.add_option("project", m_path, "Path of the new file")->required(); }

    Result<Output> run(const Context&) override
    {
        EMBER_TRY(const dataset::Project project, dataset::Project::create(qs(m_path)));
        const QString path = QFileInfo(project.path()).absoluteFilePath();
        Output output;
        output.result.insert(QStringLiteral("path"), path);
        output.text = QStringLiteral("Made %1.").arg(path);
        return output;
    }

private:
    std::string m_path;
};

class InfoCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("info"); }
    QString summary() const override { return QStringLiteral("Say what a project holds"); }
    QString example() const override { return QStringLiteral("emberlab info --project gestures.ember"); }
    void declare(CLI::App& app) override { app.add_option("--project,-p", m_path, "The project")->required(); }

    Result<Output> run(const Context&) override
    {
        EMBER_TRY(const dataset::Project project,
                  dataset::Project::open(qs(m_path), dataset::Project::Access::ReadOnly));
        EMBER_TRY(const dataset::ProjectInfo info, project.info());
        QJsonArray interrupted;
        for (const dataset::Recording& recording : info.interrupted)
            interrupted.append(QJsonObject{{QStringLiteral("recording"), recording.id.value},
                                           {QStringLiteral("name"), recording.name},
                                           {QStringLiteral("interrupted_at_row"), recording.ledger.interruptedAtRow},
                                           {QStringLiteral("unknown_tail_ms"), recording.ledger.unknownTailMs}});
        EMBER_TRY(const dataset::DatasetTotals totals, dataset::totalsOf(project));
        EMBER_TRY(const dataset::StorageSizes sizes, dataset::storageSizes(project));
        Output output;
        output.result = {{QStringLiteral("recordings"), info.recordings},
                         {QStringLiteral("segments"), info.segments},
                         {QStringLiteral("label_sets"), QJsonArray::fromStringList(info.labelSets)},
                         {QStringLiteral("groups"), QJsonArray::fromStringList(info.groups)},
                         {QStringLiteral("runs"), info.runs},
                         {QStringLiteral("samples"), info.samples},
                         {QStringLiteral("duration_s"), info.durationSeconds},
                         {QStringLiteral("bytes"), info.bytes},
                         {QStringLiteral("storage"), storageJson(sizes)},
                         {QStringLiteral("interrupted"), interrupted},
                         {QStringLiteral("labels"), labelsJson(totals)},
                         {QStringLiteral("group_totals"), groupsJson(totals)},
                         {QStringLiteral("duplicates"), static_cast<qint64>(totals.duplicates.size())}};
        output.text = QStringLiteral("%1, %2, %3\n%4 in %5\ngroups: %6\n%7\n%8")
                          .arg(countOf(info.recordings, QStringLiteral("recording")),
                               countOf(info.samples, QStringLiteral("row")), formatSeconds(info.durationSeconds),
                               countOf(info.segments, QStringLiteral("segment")),
                               info.labelSets.isEmpty() ? QStringLiteral("no label set")
                                                        : info.labelSets.join(QStringLiteral(", ")),
                               info.groups.isEmpty() ? QStringLiteral("none") : info.groups.join(QStringLiteral(", ")),
                               countOf(info.runs, QStringLiteral("run")), storageText(info, sizes));
        for (const dataset::LabelTotal& total : totals.labels)
            output.text += QStringLiteral("\n  %1: %2 (%3)")
                               .arg(total.label.name, formatSeconds(total.seconds),
                                    countOf(total.segments, QStringLiteral("segment")));
        return output;
    }

private:
    static QJsonObject storageJson(const dataset::StorageSizes& sizes)
    {
        return {{QStringLiteral("file_bytes"), sizes.file},           {QStringLiteral("log_bytes"), sizes.log},
                {QStringLiteral("sample_bytes"), sizes.samples},      {QStringLiteral("trash_bytes"), sizes.trash},
                {QStringLiteral("summary_bytes"), sizes.summaries},   {QStringLiteral("model_bytes"), sizes.models},
                {QStringLiteral("feature_cache_bytes"), sizes.cache}, {QStringLiteral("free_bytes"), sizes.free}};
    }

    static QString storageText(const dataset::ProjectInfo& info, const dataset::StorageSizes& sizes)
    {
        QStringList parts;
        const auto add = [&parts](const QString& what, qint64 bytes) {
            if (bytes > 0)
                parts << QStringLiteral("%1 %2").arg(what, formatBytes(bytes));
        };
        add(QStringLiteral("samples"), sizes.samples);
        add(QStringLiteral("summaries for plots"), sizes.summaries);
        add(QStringLiteral("models"), sizes.models);
        add(QStringLiteral("computed features"), sizes.cache);
        add(QStringLiteral("trash"), sizes.trash);
        add(QStringLiteral("unused"), sizes.free);
        const QString whole = QStringLiteral("%1 on disk").arg(formatBytes(info.bytes));
        return parts.isEmpty() ? whole : QStringLiteral("%1: %2").arg(whole, parts.join(QStringLiteral(", ")));
    }

    static QJsonArray labelsJson(const dataset::DatasetTotals& totals)
    {
        QJsonArray list;
        for (const dataset::LabelTotal& total : totals.labels)
            list.append(QJsonObject{{QStringLiteral("label_set"), total.set},
                                    {QStringLiteral("label"), total.label.name},
                                    {QStringLiteral("segments"), total.segments},
                                    {QStringLiteral("rows"), total.rows},
                                    {QStringLiteral("seconds"), total.seconds}});
        return list;
    }

    static QJsonArray groupsJson(const dataset::DatasetTotals& totals)
    {
        QJsonArray list;
        for (const dataset::GroupTotal& total : totals.groups)
            list.append(QJsonObject{{QStringLiteral("group"), total.name},
                                    {QStringLiteral("recordings"), total.recordings},
                                    {QStringLiteral("seconds"), total.seconds},
                                    {QStringLiteral("labelled_seconds"), total.labelledSeconds}});
        return list;
    }

    std::string m_path;
};

} // namespace

std::unique_ptr<Command> makeNewCommand()
{
    return std::make_unique<NewCommand>();
}

std::unique_ptr<Command> makeInfoCommand()
{
    return std::make_unique<InfoCommand>();
}

} // namespace ember::cli
