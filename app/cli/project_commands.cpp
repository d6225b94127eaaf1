// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/dataset/maintenance/storage.h"
#include "core/dataset/project.h"
#include "core/dataset/totals.h"
#include "core/workflow/import_files.h"

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

QJsonObject toJson(const dataset::ImportReport& report)
{
    return {{QStringLiteral("file"), report.file},
            {QStringLiteral("format"), report.format},
            {QStringLiteral("format_reason"), report.reason},
            {QStringLiteral("recordings"), static_cast<qint64>(report.recordings.size())},
            {QStringLiteral("samples"), report.rows},
            {QStringLiteral("segments"), report.segments},
            {QStringLiteral("warnings"), QJsonArray::fromStringList(report.warnings)}};
}

class ImportCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("import"); }
    QString summary() const override { return QStringLiteral("Bring files into a project as recordings"); }
    QString example() const override
    {
        return QStringLiteral("emberlab import --project gestures.ember walk.csv --label walk --group anna");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        app.add_option("files", m_files, "Files to import; of a folder everything in it and below")->required();
        app.add_option("--format", m_format, "auto, or the format's name")->capture_default_str();
        app.add_option("--label", m_label, "Label for all of every file");
        app.add_flag("--label-from-folder", m_labelFromFolder, "The label is the name of the folder a file lies in");
        app.add_option("--label-pattern", m_labelPattern,
                       "Regular expression on the file's name; its first capture is the label");
        app.add_option("--label-set", m_labelSet, "Label set (default: label)");
        app.add_option("--group", m_group, "Group (subject, device or session) of every recording");
        app.add_option("--group-pattern", m_groupPattern,
                       "Regular expression on the file's name; its first capture is the group");
        app.add_option("--rate", m_rate, "Rate in Hz, for files that do not tell");
        app.add_option("--key", m_key, "HMAC key: files whose signature it does not make are refused");
        app.add_flag("--one-per-file", m_onePerFile, "One recording per file even where it names sessions");
    }

    Result<Output> run(const Context& context) override
    {
        dataset::ImportOptions options;
        options.format = qs(m_format);
        options.label = qs(m_label);
        options.labelFromFolder = m_labelFromFolder;
        options.labelPattern = qs(m_labelPattern);
        options.groupPattern = qs(m_groupPattern);
        options.signingKey = qs(m_key);
        options.labelSet = qs(m_labelSet);
        options.group = qs(m_group);
        options.rateHz = m_rate;
        options.recordingPerSession = !m_onePerFile;

        QStringList files;
        for (const std::string& file : m_files)
            files << qs(file);
        EMBER_TRY(const workflow::ImportFilesOutcome outcome,
                  workflow::importFiles(qs(m_project), files, options, hooksOf(context)));
        Output output;
        QJsonArray imported;
        for (const dataset::ImportReport& report : outcome.imported) {
            imported.append(toJson(report));
            output.text += QStringLiteral("%1: %2, %3, %4 (%5)\n")
                               .arg(report.file,
                                    countOf(static_cast<qint64>(report.recordings.size()), QStringLiteral("recording")),
                                    countOf(report.rows, QStringLiteral("row")),
                                    countOf(report.segments, QStringLiteral("segment")), report.format);
            for (const QString& warning : report.warnings)
                output.text += QStringLiteral("  %1\n").arg(warning);
        }
        QJsonArray skipped;
        for (const workflow::SkippedFile& file : outcome.skipped) {
            skipped.append(
                QJsonObject{{QStringLiteral("file"), file.file}, {QStringLiteral("reason"), file.why.toString()}});
            output.text += QStringLiteral("%1: skipped: %2\n").arg(file.file, file.why.toString());
        }
        output.result = {{QStringLiteral("imported"), imported}, {QStringLiteral("skipped"), skipped}};
        return output;
    }

private:
    std::string m_project;
    std::vector<std::string> m_files;
    std::string m_format = "auto";
    std::string m_label;
    std::string m_labelPattern;
    std::string m_groupPattern;
    std::string m_key;
    bool m_labelFromFolder = false;
    std::string m_labelSet;
    std::string m_group;
    double m_rate = 0;
    bool m_onePerFile = false;
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

std::unique_ptr<Command> makeImportCommand()
{
    return std::make_unique<ImportCommand>();
}

} // namespace ember::cli
