// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/cost_text.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/workflow/bundle.h"
#include "core/workflow/deploy.h"
#include "core/workflow/event_proof.h"
#include "core/workflow/expected_answers.h"
#include "core/workflow/run_costs.h"
#include "core/workflow/self_test.h"

#include <QJsonArray>
#include <QRegularExpression>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

Result<workflow::Deployment> prepare(const DeployOptions& options)
{
    EMBER_TRY(const codegen::Options wanted, options.codegenOptions());
    return workflow::prepareDeployment(qs(options.model), qs(options.target), wanted, options.eventWish());
}

Result<workflow::DeploymentInputs> inputsFor(const workflow::Deployment& deployment, const std::string& file,
                                             qint64 rows, const Context& context)
{
    if (!file.empty())
        return workflow::readInputs(deployment, qs(file));
    return workflow::defaultInputs(deployment, rows, hooksOf(context));
}

/// How the model is used in the field: shared by estimate and profile.
struct DutyOptions
{
    std::optional<double> batteryMilliampHours;
    std::optional<double> perSecond;

    void declare(CLI::App& app)
    {
        app.add_option("--battery-mah", batteryMilliampHours,
                       "Capacity of the battery, to say how long it lasts: --battery-mah 220")
            ->check(CLI::PositiveNumber);
        app.add_option("--per-second", perSecond,
                       "Inferences a second (default: one for each hop of the model's stream): --per-second 2")
            ->check(CLI::PositiveNumber);
    }

    void addTo(Output& output, const workflow::Deployment& deployment, const footprint::ModelCost& cost) const
    {
        const footprint::Duty duty{perSecond, batteryMilliampHours};
        const footprint::EnergyUse use = workflow::energyOf(deployment, cost, duty);
        output.result.insert(QStringLiteral("energy"), footprint::toJson(use));
        output.text += energyText(use, duty);
    }
};

class EstimateCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("estimate"); }
    QString summary() const override { return QStringLiteral("Say by formula what a model costs on a board"); }
    QString example() const override
    {
        return QStringLiteral("emberlab estimate model.onnx --target mps2-an386\n"
                              "  emberlab estimate gestures.ember#3 --target nucleo-l476rg --battery-mah 220");
    }
    void declare(CLI::App& app) override
    {
        m_options.declare(app);
        m_options.declareLearning(app);
        m_options.declareEvents(app);
        m_duty.declare(app);
    }

    Result<Output> run(const Context&) override
    {
        EMBER_TRY(const workflow::Deployment deployment, prepare(m_options));
        EMBER_TRY(const footprint::ModelCost cost, workflow::estimateCost(deployment));
        Output output;
        output.result = footprint::toJson(cost);
        output.text = costTable({QStringLiteral("estimated")}, {cost});
        m_duty.addTo(output, deployment, cost);
        return output;
    }

private:
    DeployOptions m_options;
    DutyOptions m_duty;
};

class GenerateCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("generate"); }
    QString summary() const override { return QStringLiteral("Write a model as C++ for a board"); }
    QString example() const override
    {
        return QStringLiteral("emberlab generate model.onnx --target mps2-an386 --out src/model");
    }
    void declare(CLI::App& app) override
    {
        m_options.declare(app);
        m_options.declareLearning(app);
        m_options.declareEvents(app);
        app.add_option("--out,-o", m_out, "Folder for the files")->required();
        app.add_option("--name", m_options.name, "Name of files, namespace and functions (default: the model's)");
    }

    Result<Output> run(const Context&) override
    {
        EMBER_TRY(const workflow::Deployment deployment, prepare(m_options));
        EMBER_TRY(const workflow::GenerateOutcome outcome, workflow::generateSources(deployment, qs(m_out)));
        Output output;
        output.result = {{QStringLiteral("files"), QJsonArray::fromStringList(outcome.paths)},
                         {QStringLiteral("name"), outcome.generated.name},
                         {QStringLiteral("flash_const_bytes"), outcome.generated.flashConstBytes},
                         {QStringLiteral("ram_bytes"), outcome.generated.ramBytes},
                         {QStringLiteral("warning"), outcome.warning}};
        output.text = outcome.paths.join(QLatin1Char('\n')) +
                      QStringLiteral("\n%1 of tables, %2 of RAM")
                          .arg(formatBytes(outcome.generated.flashConstBytes), formatBytes(outcome.generated.ramBytes));
        if (!outcome.warning.isEmpty())
            output.text += QStringLiteral("\nwarning: ") + outcome.warning;
        return output;
    }

private:
    DeployOptions m_options;
    std::string m_out;
};

class ProfileCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("profile"); }
    QString summary() const override
    {
        return QStringLiteral("Build a model, run it on the board, and count what it costs");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab profile gestures.ember#3 --target mps2-an386\n"
                              "  emberlab profile gestures.ember#3 --target arduino-uno --battery-mah 2000");
    }
    void declare(CLI::App& app) override
    {
        m_options.declare(app);
        m_options.declareLearning(app);
        m_options.declareEvents(app);
        m_duty.declare(app);
        app.add_option("--input", m_input, "Inputs as .npy (default: the project's windows, or synthetic rows)");
        app.add_option("--rows", m_rows, "How many inputs at most, without --input")->capture_default_str();
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const workflow::Deployment deployment, prepare(m_options));
        EMBER_TRY(const workflow::DeploymentInputs inputs, inputsFor(deployment, m_input, m_rows, context));
        EMBER_TRY(const footprint::ModelCost cost, workflow::profileCost(deployment, inputs, hooksOf(context)));
        if (const Status stored = workflow::storeCost(deployment, cost); !stored)
            report(context.progress, QStringLiteral("The cost could not be stored"), -1, stored.error().message);
        Output output;
        output.result = footprint::toJson(cost);
        output.result.insert(QStringLiteral("inputs"), inputs.description);
        output.text = costTable({footprint::costSourceName(cost.source)}, {cost}) +
                      QStringLiteral("over %1\n").arg(inputs.description);
        m_duty.addTo(output, deployment, cost);
        return output;
    }

private:
    DeployOptions m_options;
    DutyOptions m_duty;
    std::string m_input;
    qint64 m_rows = 64;
};

class VerifyCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("verify"); }
    QString summary() const override
    {
        return QStringLiteral("Prove that the board computes what the desktop computes");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab verify gestures.ember#3 --target mps2-an386\n"
                              "  emberlab verify gestures.ember#3 --target mps2-an386 --events --groups ann\n"
                              "  emberlab verify model.onnx --target mps2-an386 --input rows.npy --expect labels.npy");
    }
    void declare(CLI::App& app) override
    {
        m_options.declare(app);
        m_options.declareLearning(app);
        m_options.declareEvents(app);
        app.add_option("--input", m_input, "Inputs as .npy (default: the project's windows, or synthetic rows)");
        app.add_option("--expect", m_expect, "Expected answers as .npy: a label for each row, or its scores");
        app.add_option("--rows", m_rows, "How many inputs at most, without --input; 0: all")->capture_default_str();
        app.add_option(
               "--groups", m_groups,
               "Of a model that tells events: groups whose recordings are streamed into the board (default: all)")
            ->delimiter(',');
        auto* alone = app.add_flag("--self-test", m_selfTest,
                                   "The board alone runs the inputs that its firmware carries, and says what differs");
        auto* flashed =
            app.add_flag("--flashed", m_flashed, "With --self-test: what was flashed last, nothing is built")
                ->needs(alone);
        app.add_option("--port", m_port, "With --self-test: serial port of a board that carries the model")
            ->needs(alone)
            ->excludes(flashed);
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const workflow::Deployment deployment, prepare(m_options));
        if (m_selfTest)
            return selfTest(deployment, context);
        EMBER_TRY(const workflow::DeploymentInputs inputs, inputsFor(deployment, m_input, m_rows, context));
        workflow::ExpectedAnswers expected;
        if (!m_expect.empty()) {
            EMBER_TRY(expected, workflow::readExpected(deployment, qs(m_expect)));
        }
        EMBER_TRY(const footprint::VerifyReport report,
                  workflow::verifyModel(deployment, inputs, expected, hooksOf(context)));
        Output output;
        output.result = footprint::toJson(report);
        output.result.insert(QStringLiteral("inputs"), inputs.description);
        output.text = verifySentence(report);
        if (report.expect)
            output.text += QStringLiteral("\nexpected: %1 of %2 rows differ, %3 label flips, largest difference %4")
                               .arg(report.expect->mismatched)
                               .arg(report.rows)
                               .arg(report.expect->labelFlips)
                               .arg(report.expect->maxAbsDiff);
        output.problem = problemOf(report);
        if (!output.problem && deployment.options.events) {
            if (m_input.empty() && !deployment.source.projectPath.isEmpty())
                EMBER_CHECK(addEvents(deployment, context, output));
            else
                output.text += QStringLiteral("\nevents: not verified, which takes the recordings of a project");
        }
        return output;
    }

private:
    Status addEvents(const workflow::Deployment& deployment, const Context& context, Output& output) const
    {
        QStringList groups;
        for (const std::string& group : m_groups)
            groups << qs(group);
        EMBER_TRY(const workflow::EventProof proof,
                  workflow::proveEvents(deployment, groups, m_rows, hooksOf(context)));
        output.result.insert(QStringLiteral("events"), workflow::toJson(proof));
        output.text +=
            QStringLiteral("\nevents: %1 windows of %2 streamed into the board: %3 began, %4 answers and %5 "
                           "beginnings or ends differ from the desktop")
                .arg(formatCount(proof.windows), countOf(proof.stretches, QStringLiteral("piece")),
                     formatCount(proof.events), formatCount(proof.otherWindows), formatCount(proof.otherChanges));
        if (proof.events == 0)
            output.text +=
                QStringLiteral("\nNothing began there, so little is proven; lower 'on' or give other groups.");
        if (!proof.firstDifference.isEmpty())
            output.text += QLatin1Char('\n') + proof.firstDifference;
        if (!proof.passed())
            output.problem = Error(ErrorKind::Failed, QStringLiteral("Events of the board differ from the desktop's."));
        return {};
    }

    Result<Output> selfTest(const workflow::Deployment& deployment, const Context& context) const
    {
        using Place = workflow::SelfTestPlace;
        const Place place = !m_port.empty() ? Place::Port : m_flashed ? Place::Flashed : Place::Built;
        workflow::DeploymentInputs inputs;
        if (place == Place::Built) {
            EMBER_TRY(inputs, inputsFor(deployment, m_input, kSelfTestRows, context));
        }
        EMBER_TRY(const workflow::SelfTestOutcome outcome,
                  workflow::runSelfTest(deployment, place, qs(m_port), inputs, hooksOf(context)));
        Output output;
        output.result = {{QStringLiteral("self_test"), workflow::toJson(outcome)},
                         {QStringLiteral("inputs"), inputs.description}};
        output.text = QStringLiteral("self-test of %1: %2 of %3 stored inputs give the stored answers")
                          .arg(outcome.board)
                          .arg(outcome.report.vectors - outcome.report.wrong)
                          .arg(outcome.report.vectors);
        if (!outcome.firstDifference.isEmpty())
            output.text += QLatin1Char('\n') + outcome.firstDifference;
        if (!outcome.passed())
            output.problem = Error(ErrorKind::Failed, QStringLiteral("The self-test of the board failed."));
        return output;
    }

    std::optional<Error> problemOf(const footprint::VerifyReport& report) const
    {
        const auto failed = [](const QString& text) { return Error(ErrorKind::Failed, text); };
        if (report.mismatched > 0)
            return failed(QStringLiteral("%1 of %2 rows differ between board and desktop.")
                              .arg(report.mismatched)
                              .arg(report.rows));
        // Hard votes are another decision rule: who asks for them gets the flips as figures.
        if (m_options.vote == "hard")
            return {};
        if (report.labelFlips > 0)
            return failed(
                QStringLiteral("%1 of %2 labels differ from the float model.").arg(report.labelFlips).arg(report.rows));
        if (report.expect && report.expect->mismatched > 0)
            return failed(QStringLiteral("%1 of %2 rows differ from the expected answers.")
                              .arg(report.expect->mismatched)
                              .arg(report.rows));
        return {};
    }

    static constexpr qint64 kSelfTestRows = 16;

    DeployOptions m_options;
    std::string m_input, m_expect, m_port;
    std::vector<std::string> m_groups;
    qint64 m_rows = 0;
    bool m_selfTest = false;
    bool m_flashed = false;
};

class FlashCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("flash"); }
    QString summary() const override
    {
        return QStringLiteral("Put firmware onto a board: a model with the agent, or a finished image");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab flash --board mps2-an386 --model gestures.ember#3\n"
                              "  emberlab flash --board mps2-an386 --elf firmware.elf\n"
                              "  emberlab flash --board mps2-an386 --bundle firmware.zip\n"
                              "  emberlab flash --board nucleo-f401re --elf firmware.elf --dry-run");
    }
    void declare(CLI::App& app) override
    {
        app.add_option("--board", m_board, "Board id; 'emberlab boards' lists them")->required();
        app.add_option("--port", m_port, "Serial port of a physical board; without it the emulated one is flashed");
        auto* elf = app.add_option("--elf", m_elf, "Finished image");
        auto* bundle = app.add_option("--bundle", m_bundle, "Bundle of the kind firmware, made for this board");
        auto* model =
            app.add_option("--model", m_options.model, "Model to build with the agent: .onnx or PROJECT.ember#NUMBER");
        elf->excludes(model)->excludes(bundle);
        bundle->excludes(model);
        app.add_option("--optimise", m_options.optimise, "With --model: size, balanced or speed")
            ->capture_default_str();
        app.add_option("--feature-type", m_options.featureType, "With --model: auto, float32, int32, int16 or int8")
            ->capture_default_str();
        m_options.declareLearning(app);
        m_options.declareEvents(app);
        app.add_flag("--dry-run", m_dryRun, "Check everything, change nothing; prints the command line");
    }

    Result<Output> run(const Context& context) override
    {
        if (m_elf.empty() && m_bundle.empty() && m_options.model.empty())
            return Error(ErrorKind::Usage,
                         QStringLiteral("Name an image with --elf, a bundle with --bundle, or a model with --model."));
        if (m_dryRun && !m_options.model.empty())
            return Error(ErrorKind::Usage, QStringLiteral("--dry-run goes with --elf or --bundle."));
        EMBER_TRY(const workflow::FlashOutcome outcome, flash(context));
        const device::FlashReport& report = outcome.report;
        Output output;
        output.result = {{QStringLiteral("tool"), report.tool},
                         {QStringLiteral("bytes"), report.bytes},
                         {QStringLiteral("seconds"), report.seconds},
                         {QStringLiteral("verified"), report.verified},
                         {QStringLiteral("compared"), report.compared},
                         {QStringLiteral("build_id"), QString::fromLatin1(report.buildId.toHex())}};
        QJsonArray commands;
        for (const QStringList& command : report.commands)
            commands.append(QJsonArray::fromStringList(command));
        output.result.insert(QStringLiteral("commands"), commands);
        if (m_dryRun) {
            output.text = dryRunText(report);
            return output;
        }
        output.text =
            QStringLiteral("%1: %2 in %3 s, %4")
                .arg(report.tool, formatBytes(report.bytes), QString::number(report.seconds, 'f', 2),
                     report.verified ? QStringLiteral("verified: the board runs build %1")
                                           .arg(QString::fromLatin1(report.buildId.toHex().left(12)))
                     : report.compared ? QStringLiteral("read back and equal; nobody asked the board what it runs")
                                       : QStringLiteral("not verified"));
        return output;
    }

private:
    static QString dryRunText(const device::FlashReport& report)
    {
        QString text =
            QStringLiteral("%1: the image fits, %2; nothing was changed").arg(report.tool, formatBytes(report.bytes));
        for (const QStringList& command : report.commands)
            text += QLatin1Char('\n') + shellLine(command);
        return text;
    }

    /// As a person would type it.
    static QString shellLine(const QStringList& command)
    {
        static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./-]+$"));
        QStringList words;
        for (const QString& word : command)
            words << (plain.match(word).hasMatch()
                          ? word
                          : QLatin1Char('\'') + QString(word).replace(QLatin1Char('\''), QLatin1String("'\\''")) +
                                QLatin1Char('\''));
        return words.join(QLatin1Char(' '));
    }

    Result<workflow::FlashOutcome> flash(const Context& context)
    {
        if (!m_elf.empty())
            return workflow::flashImage(qs(m_board), qs(m_elf), m_dryRun, hooksOf(context), qs(m_port));
        if (!m_bundle.empty())
            return workflow::flashBundle(qs(m_board), qs(m_bundle), m_dryRun, hooksOf(context), qs(m_port));
        m_options.target = m_board;
        EMBER_TRY(const workflow::Deployment deployment, prepare(m_options));
        return workflow::flashModel(deployment, hooksOf(context), qs(m_port));
    }

    DeployOptions m_options;
    std::string m_board, m_elf, m_bundle, m_port;
    bool m_dryRun = false;
};

} // namespace

std::unique_ptr<Command> makeEstimateCommand()
{
    return std::make_unique<EstimateCommand>();
}

std::unique_ptr<Command> makeGenerateCommand()
{
    return std::make_unique<GenerateCommand>();
}

std::unique_ptr<Command> makeProfileCommand()
{
    return std::make_unique<ProfileCommand>();
}

std::unique_ptr<Command> makeVerifyCommand()
{
    return std::make_unique<VerifyCommand>();
}

std::unique_ptr<Command> makeFlashCommand()
{
    return std::make_unique<FlashCommand>();
}

} // namespace ember::cli
