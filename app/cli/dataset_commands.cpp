// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/dataset/checks.h"
#include "core/dataset/exporter.h"
#include "core/dataset/project.h"
#include "core/workflow/dataset_split.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

class ExportCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("export"); }
    QString summary() const override { return QStringLiteral("Write recordings and labels in another tool's format"); }
    QString example() const override
    {
        return QStringLiteral("emberlab export --project gestures.ember --format edge-impulse --out exported");
    }

    void declare(CLI::App& app) override
    {
        QStringList formats;
        for (const dataset::ExportFormat& format : dataset::exportFormats())
            formats << format.id;
        app.add_option("--project,-p", m_project, "The project")->required();
        app.add_option("--format", m_format, formats.join(QStringLiteral(", ")).toStdString())->required();
        app.add_option("--out,-o", m_out, "Folder for the files")->required();
        app.add_option("--label-set", m_labelSet, "Label set (default: label)");
        app.add_option("--background", m_background,
                       "Label of unlabelled rows, where the format wants every row labelled")
            ->capture_default_str();
        app.add_option("--key", m_key, "HMAC key to sign files with, where the format has signatures");
        app.add_flag("--overwrite", m_overwrite, "Replace files that are there");
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const dataset::Project project,
                  dataset::Project::open(qs(m_project), dataset::Project::Access::ReadOnly));
        dataset::ExportOptions options;
        options.format = qs(m_format);
        options.outputDir = qs(m_out);
        options.labelSet = qs(m_labelSet);
        options.backgroundLabel = qs(m_background);
        options.signingKey = qs(m_key);
        options.overwrite = m_overwrite;
        EMBER_TRY(const dataset::ExportReport report,
                  dataset::exportProject(project, options, context.progress, context.cancel));
        QString loses;
        for (const dataset::ExportFormat& format : dataset::exportFormats()) {
            if (format.id == options.format)
                loses = format.loses;
        }
        Output output;
        output.result = {{QStringLiteral("files"), QJsonArray::fromStringList(report.files)},
                         {QStringLiteral("recordings"), report.recordings},
                         {QStringLiteral("samples"), report.rows},
                         {QStringLiteral("segments"), report.segments},
                         {QStringLiteral("not_kept"), loses},
                         {QStringLiteral("warnings"), QJsonArray::fromStringList(report.warnings)}};
        output.text =
            QStringLiteral("%1: %2, %3, %4\n")
                .arg(countOf(report.files.size(), QStringLiteral("file")),
                     countOf(report.recordings, QStringLiteral("recording")),
                     countOf(report.rows, QStringLiteral("row")), countOf(report.segments, QStringLiteral("segment")));
        for (const QString& warning : report.warnings)
            output.text += QStringLiteral("  %1\n").arg(warning);
        if (!loses.isEmpty())
            output.text += QStringLiteral("  Not kept: %1\n").arg(loses);
        return output;
    }

private:
    std::string m_project, m_format, m_out, m_labelSet, m_key;
    std::string m_background = "unlabeled";
    bool m_overwrite = false;
};

class SplitCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("split"); }
    QString summary() const override { return QStringLiteral("Decide once which recordings are for the test"); }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab split --project gestures.ember --by group --test 0.25 --seed 1\n"
            "  emberlab train --project gestures.ember --trainer trees.random-forest --validation split");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        app.add_option("--by", m_by, "group, recording or time: what is never cut in two")->capture_default_str();
        app.add_option("--test", m_share, "Share of the test side")->capture_default_str();
        app.add_option("--seed", m_seed, "The same seed and data give the same split")->capture_default_str();
        app.add_option("--label-set", m_labelSet, "Label set whose labels are spread evenly (default: label)");
        app.add_option("--name", m_name, "Name of the split, for --validation split:NAME")->capture_default_str();
    }

    Result<Output> run(const Context&) override
    {
        workflow::SplitRequest request;
        request.project = qs(m_project);
        EMBER_TRY(request.method, dataset::splitMethodFromName(qs(m_by)));
        request.testShare = m_share;
        request.seed = m_seed;
        request.labelSet = qs(m_labelSet);
        request.name = qs(m_name);
        EMBER_TRY(const workflow::SplitReport report, workflow::splitProject(request));
        Output output;
        output.result = {{QStringLiteral("name"), report.name},
                         {QStringLiteral("train"), report.train},
                         {QStringLiteral("test"), report.test},
                         {QStringLiteral("train_seconds"), report.trainSeconds},
                         {QStringLiteral("test_seconds"), report.testSeconds},
                         {QStringLiteral("groups_train"), QJsonArray::fromStringList(report.trainGroups)},
                         {QStringLiteral("groups_test"), QJsonArray::fromStringList(report.testGroups)}};
        const QString recording = QStringLiteral("recording");
        output.text = QStringLiteral("train: %1, %2 (%3)\ntest:  %4, %5 (%6)")
                          .arg(countOf(report.train, recording), formatSeconds(report.trainSeconds),
                               report.trainGroups.join(QStringLiteral(", ")), countOf(report.test, recording),
                               formatSeconds(report.testSeconds), report.testGroups.join(QStringLiteral(", ")));
        return output;
    }

private:
    std::string m_project, m_labelSet;
    std::string m_by = "group";
    std::string m_name = workflow::kDefaultSplit;
    double m_share = 0.25;
    quint64 m_seed = 1;
};

class CheckCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("check"); }
    QString summary() const override { return QStringLiteral("Look for faults in recordings, labels and groups"); }
    QString example() const override { return QStringLiteral("emberlab check --project gestures.ember"); }
    void declare(CLI::App& app) override { app.add_option("--project,-p", m_project, "The project")->required(); }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const dataset::Project project,
                  dataset::Project::open(qs(m_project), dataset::Project::Access::ReadOnly));
        EMBER_TRY(const std::vector<dataset::Finding> findings,
                  dataset::checkProject(project, context.progress, context.cancel));
        Output output;
        QJsonArray list;
        for (const dataset::Finding& finding : findings) {
            list.append(QJsonObject{{QStringLiteral("severity"), dataset::severityName(finding.severity)},
                                    {QStringLiteral("code"), finding.code},
                                    {QStringLiteral("message"), finding.message},
                                    {QStringLiteral("recording"), finding.recording.isValid()
                                                                      ? QJsonValue(finding.recordingName)
                                                                      : QJsonValue(QJsonValue::Null)},
                                    {QStringLiteral("begin_row"), finding.beginRow},
                                    {QStringLiteral("end_row"), finding.endRow}});
            const QString where =
                finding.recordingName.isEmpty() ? QString() : finding.recordingName + QStringLiteral(": ");
            output.text += QStringLiteral("%1: %2%3 [%4]\n")
                               .arg(dataset::severityName(finding.severity), where, finding.message, finding.code);
        }
        output.result.insert(QStringLiteral("findings"), list);
        if (findings.empty())
            output.text = QStringLiteral("Nothing found.");
        return output;
    }

private:
    std::string m_project;
};

} // namespace

std::unique_ptr<Command> makeExportCommand()
{
    return std::make_unique<ExportCommand>();
}

std::unique_ptr<Command> makeSplitCommand()
{
    return std::make_unique<SplitCommand>();
}

std::unique_ptr<Command> makeCheckCommand()
{
    return std::make_unique<CheckCommand>();
}

} // namespace ember::cli
