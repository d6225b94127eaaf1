// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/dataset/project.h"
#include "core/workflow/import_files.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

constexpr qsizetype kMostPreviews = 1'000'000; ///< all there are

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

QJsonObject toJson(const QString& file, const dataset::ImportPreview& preview)
{
    QJsonArray columns;
    for (const dataset::ColumnPreview& column : preview.columns)
        columns.append(QJsonObject{{QStringLiteral("name"), column.mapping.column},
                                   {QStringLiteral("role"), dataset::columnRoleName(column.mapping.role)},
                                   {QStringLiteral("unit"), column.mapping.unit},
                                   {QStringLiteral("stream"), column.mapping.stream},
                                   {QStringLiteral("examples"), QJsonArray::fromStringList(column.examples)}});
    return {{QStringLiteral("file"), file},
            {QStringLiteral("format"), preview.format},
            {QStringLiteral("format_reason"), preview.reason},
            {QStringLiteral("columns"), columns},
            {QStringLiteral("recordings"), preview.recordings},
            {QStringLiteral("samples"), preview.rows},
            {QStringLiteral("segments"), preview.segments},
            {QStringLiteral("rate_hz"), preview.rateHz},
            {QStringLiteral("labels"), QJsonArray::fromStringList(preview.labels)},
            {QStringLiteral("groups"), QJsonArray::fromStringList(preview.groups)},
            {QStringLiteral("metadata"), QJsonArray::fromStringList(preview.metadata)},
            {QStringLiteral("partial"), preview.isPartial},
            {QStringLiteral("warnings"), QJsonArray::fromStringList(preview.warnings)}};
}

QString textOf(const QString& file, const dataset::ImportPreview& preview)
{
    QStringList columns;
    for (const dataset::ColumnPreview& column : preview.columns)
        columns << dataset::columnMappingText(column.mapping);
    QString text =
        QStringLiteral("%1: %2%3, %4, %5 (%6)\n  %7\n")
            .arg(file, preview.isPartial ? QStringLiteral("at least ") : QString(),
                 countOf(preview.recordings, QStringLiteral("recording")), countOf(preview.rows, QStringLiteral("row")),
                 countOf(preview.segments, QStringLiteral("segment")), preview.format,
                 columns.join(QStringLiteral("  ")));
    for (const QString& warning : preview.warnings)
        text += QStringLiteral("  %1\n").arg(warning);
    return text;
}

/// As parseSeconds(), and with a sign before it.
Result<double> signedSeconds(const QString& text)
{
    const bool isNegative = text.startsWith(QLatin1Char('-'));
    EMBER_TRY(const double seconds, parseSeconds(isNegative ? text.mid(1) : text));
    return isNegative ? -seconds : seconds;
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
        app.add_option("files", m_files,
                       "Files to import; of a folder everything in it and below, of an archive (zip, tar, tar.gz ...) "
                       "all that it holds")
            ->required();
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
        app.add_option(
               "--column", m_columns,
               "What a column of a table is, in place of what is guessed: NAME=ROLE[,unit=U][,stream=S]; may be "
               "repeated. Roles: channel, time, label, subject, device, session, metadata, ignored. Channels of "
               "one stream name become a recording of their own")
            ->allow_extra_args(false);
        auto* beside = app.add_option("--beside", m_beside, "Name of the recording that was made at the same time");
        app.add_option("--offset", m_offset, "How long after that one's beginning the files begin: 1.5s, -20ms")
            ->needs(beside);
        app.add_flag("--preview", m_preview, "Only say what would become of each file");
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
        for (const std::string& text : m_columns) {
            EMBER_TRY(const dataset::ColumnMapping mapping, dataset::columnMappingFromText(qs(text)));
            options.columns.push_back(mapping);
        }
        if (!m_beside.empty()) {
            EMBER_TRY(const dataset::Project project,
                      dataset::Project::open(qs(m_project), dataset::Project::Access::ReadOnly));
            EMBER_TRY(const dataset::Recording beside, project.recordings().find(qs(m_beside)));
            options.beside = beside.id;
            EMBER_TRY(options.besideSeconds, signedSeconds(qs(m_offset)));
        }
        QStringList files;
        for (const std::string& file : m_files)
            files << qs(file);
        if (m_preview)
            return preview(files, options, context);
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
    static Result<Output> preview(const QStringList& filesAndFolders, const dataset::ImportOptions& options,
                                  const Context& context)
    {
        EMBER_TRY(const workflow::PreviewFilesOutcome outcome,
                  workflow::previewFiles(filesAndFolders, options, kMostPreviews, hooksOf(context)));
        Output output;
        QJsonArray previews, refused;
        for (const workflow::PreviewedFile& one : outcome.files) {
            previews.append(toJson(one.file, one.preview));
            output.text += textOf(one.file, one.preview);
        }
        for (const workflow::SkippedFile& one : outcome.skipped) {
            refused.append(
                QJsonObject{{QStringLiteral("file"), one.file}, {QStringLiteral("reason"), one.why.toString()}});
            output.text += QStringLiteral("%1: would be skipped: %2\n").arg(one.file, one.why.toString());
        }
        output.result = {{QStringLiteral("previews"), previews}, {QStringLiteral("skipped"), refused}};
        return output;
    }

    std::vector<std::string> m_columns;
    std::string m_beside;
    std::string m_offset = "0s";
    bool m_preview = false;
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

std::unique_ptr<Command> makeImportCommand()
{
    return std::make_unique<ImportCommand>();
}

} // namespace ember::cli
