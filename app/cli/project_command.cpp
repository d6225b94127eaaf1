// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/dataset/maintenance/integrity.h"
#include "core/dataset/maintenance/salvage.h"
#include "core/dataset/maintenance/storage.h"
#include "core/dataset/project.h"

#include <QFileInfo>
#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

class ProjectCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("project"); }
    QString summary() const override { return QStringLiteral("Check, repair, compact or back up a project file"); }
    QString example() const override
    {
        return QStringLiteral("emberlab project check gestures.ember\n"
                              "  emberlab project backup gestures.ember --out gestures-monday.ember");
    }

    void declare(CLI::App& app) override
    {
        app.require_subcommand(1);
        m_check = app.add_subcommand("check", "Read the whole file and say whether anything in it is damaged");
        m_repair =
            app.add_subcommand("repair", "Make a new project of what can still be read of a damaged one, which stays "
                                         "as it is");
        m_compact = app.add_subcommand("compact", "Give the room of what was deleted back to the disk");
        m_backup = app.add_subcommand("backup", "Copy the project as it is now, also while it is recorded into");
        for (CLI::App* one : {m_check, m_repair, m_compact, m_backup}) {
            one->fallthrough(); // --json and -q are those of the command above
            one->add_option("project", m_path, "The project file")->required();
        }
        for (CLI::App* one : {m_repair, m_backup})
            one->add_option("--out", m_out, "The new file")->required();
        m_compact->add_flag("--empty-trash", m_compaction.emptyTrash, "Delete discarded recordings for good");
        m_compact->add_flag("--drop-cache", m_compaction.dropCache,
                            "Forget computed features; they are computed again");
    }

    Result<Output> run(const Context& context) override
    {
        if (m_check->parsed())
            return check(context);
        if (m_repair->parsed())
            return repair(context);
        return m_compact->parsed() ? compact(context) : backUp(context);
    }

private:
    Result<Output> check(const Context& context) const
    {
        EMBER_TRY(const dataset::Project project,
                  dataset::Project::open(qs(m_path), dataset::Project::Access::ReadOnly));
        EMBER_TRY(const dataset::IntegrityReport report,
                  dataset::checkIntegrity(project, context.progress, context.cancel));
        Output output;
        QJsonArray faults;
        for (const dataset::FileFault& fault : report.faults) {
            faults.append(QJsonObject{{QStringLiteral("code"), fault.code},
                                      {QStringLiteral("message"), fault.message},
                                      {QStringLiteral("recording"),
                                       fault.recording.isValid() ? QJsonValue(fault.recording.value) : QJsonValue()}});
            output.text += QStringLiteral("%1 [%2]\n").arg(fault.message, fault.code);
        }
        output.result = {
            {QStringLiteral("sound"), report.isSound()},       {QStringLiteral("faults"), faults},
            {QStringLiteral("recordings"), report.recordings}, {QStringLiteral("samples"), report.rows},
            {QStringLiteral("models"), report.models},         {QStringLiteral("in_progress"), report.inProgress}};
        if (report.isSound()) {
            output.text =
                QStringLiteral("Sound: %1 with %2, and %3.")
                    .arg(countOf(report.recordings, QStringLiteral("recording")),
                         countOf(report.rows, QStringLiteral("row")), countOf(report.models, QStringLiteral("model")));
            return output;
        }
        output.problem =
            Error(ErrorKind::BadData,
                  QStringLiteral("'%1' is damaged in %2.")
                      .arg(qs(m_path), countOf(static_cast<qint64>(report.faults.size()), QStringLiteral("place"))),
                  QStringLiteral("'emberlab project repair %1 --out NEW.ember' makes a new project of what "
                                 "can be read.")
                      .arg(qs(m_path)));
        return output;
    }

    Result<Output> repair(const Context& context) const
    {
        EMBER_TRY(const dataset::SalvageReport report,
                  dataset::salvageProject(qs(m_path), qs(m_out), context.progress, context.cancel));
        Output output;
        QJsonArray recordings;
        qint64 rows = 0;
        for (const dataset::SalvagedRecording& one : report.recordings) {
            rows += one.rows;
            recordings.append(QJsonObject{{QStringLiteral("recording"), one.name},
                                          {QStringLiteral("samples"), one.rows},
                                          {QStringLiteral("lost_samples"), one.lostRows},
                                          {QStringLiteral("altered"), one.altered}});
            if (one.lostRows > 0)
                output.text += QStringLiteral("'%1': %2 lost of %3\n")
                                   .arg(one.name, countOf(one.lostRows, QStringLiteral("row")))
                                   .arg(one.rows + one.lostRows);
            if (one.altered)
                output.text +=
                    QStringLiteral("'%1': all rows are there, but some are not as they were recorded\n").arg(one.name);
        }
        for (const QString& line : report.lost)
            output.text += line + QLatin1Char('\n');
        output.text +=
            QStringLiteral("%1: %2 with %3, %4, %5, %6. %7")
                .arg(qs(m_out), countOf(static_cast<qint64>(report.recordings.size()), QStringLiteral("recording")),
                     countOf(rows, QStringLiteral("row")), countOf(report.segments, QStringLiteral("segment")),
                     countOf(report.runs, QStringLiteral("run")), countOf(report.models, QStringLiteral("model")),
                     report.isComplete() ? QStringLiteral("Nothing is lost.")
                                         : QStringLiteral("What is lost stands above."));
        output.result = {{QStringLiteral("path"), QFileInfo(qs(m_out)).absoluteFilePath()},
                         {QStringLiteral("complete"), report.isComplete()},
                         {QStringLiteral("recordings"), recordings},
                         {QStringLiteral("segments"), report.segments},
                         {QStringLiteral("runs"), report.runs},
                         {QStringLiteral("models"), report.models},
                         {QStringLiteral("lost"), QJsonArray::fromStringList(report.lost)}};
        return output;
    }

    Result<Output> compact(const Context& context) const
    {
        EMBER_TRY(dataset::Project project, dataset::Project::open(qs(m_path)));
        EMBER_TRY(const qint64 freed, dataset::compactProject(project, m_compaction, context.progress, context.cancel));
        const qint64 bytes = QFileInfo(project.path()).size();
        Output output;
        output.result = {{QStringLiteral("freed_bytes"), freed}, {QStringLiteral("bytes"), bytes}};
        output.text = QStringLiteral("%1 freed, %2 left.").arg(formatBytes(freed), formatBytes(bytes));
        return output;
    }

    Result<Output> backUp(const Context& context) const
    {
        EMBER_TRY(const dataset::Project project,
                  dataset::Project::open(qs(m_path), dataset::Project::Access::ReadOnly));
        EMBER_CHECK(dataset::backUpProject(project, qs(m_out), context.progress, context.cancel));
        const QFileInfo copy(qs(m_out));
        Output output;
        output.result = {{QStringLiteral("path"), copy.absoluteFilePath()}, {QStringLiteral("bytes"), copy.size()}};
        output.text = QStringLiteral("%1, %2.").arg(copy.absoluteFilePath(), formatBytes(copy.size()));
        return output;
    }

    CLI::App* m_check = nullptr;
    CLI::App* m_repair = nullptr;
    CLI::App* m_compact = nullptr;
    CLI::App* m_backup = nullptr;
    std::string m_path;
    std::string m_out;
    dataset::CompactOptions m_compaction;
};

} // namespace

std::unique_ptr<Command> makeProjectCommand()
{
    return std::make_unique<ProjectCommand>();
}

} // namespace ember::cli
