// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/cost_text.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/workflow/model_report.h"
#include "core/workflow/model_run.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>
#include <cmath>

namespace ember::cli {
namespace {

QString operatorsText(const model::ModelSummary& summary)
{
    QStringList parts;
    for (auto it = summary.operators.cbegin(); it != summary.operators.cend(); ++it)
        parts << (it.value() == 1 ? it.key() : QStringLiteral("%1 x %2").arg(it.key()).arg(it.value()));
    return parts.join(QStringLiteral(", "));
}

/// Inputs, states and outputs: the lines of a listing that are no operations.
QString endsText(const QString& listing)
{
    QStringList ends;
    for (const QString& line : listing.split(QLatin1Char('\n'))) {
        if (!line.startsWith(QLatin1Char(' ')))
            ends << line;
    }
    return ends.join(QLatin1Char('\n'));
}

QString nodesText(const std::vector<model::ListedNode>& nodes)
{
    TextTable table({QStringLiteral("operation"), QStringLiteral("reads"), QStringLiteral("constants"),
                     QStringLiteral("makes"), QStringLiteral("of"), QStringLiteral("with")});
    for (const model::ListedNode& node : nodes) {
        QStringList types;
        for (const model::ValueInfo& output : node.outputs)
            types << QStringLiteral("%1 %2").arg(model::tensorTypeName(output.type), model::shapeText(output.shape));
        table.add({node.operation, node.reads, node.constants, node.makes, types.join(QStringLiteral(", ")),
                   node.parameters});
    }
    return table.toString();
}

QString knownCount(qint64 value)
{
    return value < 0 ? QStringLiteral("not known") : formatCount(value);
}

// `model info` and `model run`: a command with commands of its own.
class ModelCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("model"); }
    QString summary() const override { return QStringLiteral("Look into a model file, or compute it on arrays"); }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab model info keywords.tflite --boards\n"
            "  emberlab model run keywords.tflite --input features.npy --out-dir results\n"
            "  sensor | emberlab model run wakeword.tflite --input - --reset-every 100 --out-dir results");
    }

    void declare(CLI::App& app) override
    {
        app.require_subcommand(1);
        m_info = app.add_subcommand("info", "Inputs, outputs, operators, work and memory of a model (.onnx, .tflite)");
        // --json and -q are those of the command above.
        m_info->fallthrough();
        m_info->add_option("model", m_model, "Model file")->required();
        m_info->add_flag("--boards", m_boards, "Also what it would cost on each board, or why it cannot run there");
        m_run = app.add_subcommand("run", "Compute a model on arrays; one that keeps states, on frame after frame");
        m_run->fallthrough();
        m_run->add_option("model", m_model, "Model file")->required();
        m_run
            ->add_option(
                "--input,-i", m_inputs,
                "Input as .npy, or .csv with a row for each frame, or - for either from the standard input; in "
                "the order of the model's inputs, may be repeated")
            ->required()
            ->allow_extra_args(false);
        m_run->add_option("--out-dir,-o", m_outDir, "Folder for the results, one .npy for each output")->required();
        m_run
            ->add_option("--rounding", m_rounding,
                         "Of integer layers: double as TensorFlow Lite Micro, single as desktop runtimes")
            ->check(CLI::IsMember({"double", "single"}))
            ->capture_default_str();
        m_run
            ->add_option("--reset-every", m_resetEvery,
                         "Frames after which the states of the model begin anew (0: never)")
            ->check(CLI::Range(qint64{0}, qint64{1'000'000'000}))
            ->capture_default_str();
    }

    Result<Output> run(const Context&) override { return m_info->parsed() ? runInfo() : runModel(); }

private:
    Result<Output> runInfo() const
    {
        EMBER_TRY(const workflow::ModelInfo info, workflow::inspectModel(qs(m_model)));
        Output output;
        output.result = workflow::modelInfoToJson(info);
        QStringList lines{QStringLiteral("operators   %1").arg(operatorsText(info.summary)),
                          QStringLiteral("parameters  %1").arg(formatCount(info.summary.parameters)),
                          QStringLiteral("MACs        %1").arg(knownCount(info.macs)),
                          QStringLiteral("live RAM    %1 bytes at least").arg(knownCount(info.liveRamBytes))};
        if (!info.summary.unsupported.isEmpty())
            lines << QStringLiteral("unsupported %1").arg(info.summary.unsupported.join(QStringLiteral(", ")));
        if (!info.problem.isEmpty())
            lines << info.problem;
        if (!info.nodes.empty())
            lines << QString() << endsText(info.listing) << QString() << nodesText(info.nodes);
        if (m_boards)
            EMBER_CHECK(addBoards(info, output, lines));
        output.text = lines.join(QLatin1Char('\n'));
        return output;
    }

    Status addBoards(const workflow::ModelInfo& info, Output& output, QStringList& lines) const
    {
        if (!info.problem.isEmpty())
            return {};
        EMBER_TRY(const std::vector<device::Board> boards, device::loadBoards());
        EMBER_TRY(const auto fits, workflow::fitBoards(qs(m_model), boards));
        output.result.insert(QStringLiteral("boards"), workflow::boardFitsToJson(fits));
        TextTable table({QStringLiteral("board"), QStringLiteral("flash"), QStringLiteral("RAM"),
                         QStringLiteral("instructions"), QStringLiteral("remark")});
        for (const workflow::BoardFit& fit : fits) {
            const auto number = [](double value) { return formatCount(std::llround(value)); };
            const QString work = fit.cost ? workText(*fit.cost) : QString();
            table.add({fit.id, fit.cost ? number(fit.cost->flashBytes.value) : QString(),
                       fit.cost ? number(fit.cost->ramBytes.value) : QString(), work,
                       fit.fits ? QStringLiteral("fits, estimated") : fit.reason});
        }
        lines << QString() << table.toString();
        return {};
    }

    Result<Output> runModel() const
    {
        workflow::RunModelRequest request;
        request.model = qs(m_model);
        for (const std::string& input : m_inputs)
            request.inputs << qs(input);
        request.outputDirectory = qs(m_outDir);
        request.resetEvery = m_resetEvery;
        request.rounding =
            m_rounding == "single" ? model::RequantiseRounding::Single : model::RequantiseRounding::Double;
        EMBER_TRY(const workflow::RunModelOutcome outcome, workflow::runModel(request));
        Output output;
        QJsonArray list;
        QStringList lines;
        for (const workflow::RunModelOutcome::Output& value : outcome.outputs) {
            QJsonArray shape;
            for (const qint64 size : value.shape)
                shape.append(size);
            list.append(QJsonObject{{QStringLiteral("name"), value.name},
                                    {QStringLiteral("file"), value.file},
                                    {QStringLiteral("shape"), shape},
                                    {QStringLiteral("type"), value.type}});
            lines << QStringLiteral("%1: %2 %3 in %4")
                         .arg(value.name, value.type, model::shapeText(value.shape), value.file);
        }
        if (outcome.states > 0)
            lines << QStringLiteral("%1 frames, one after the other; its %2 states began anew %3 times")
                         .arg(outcome.runs)
                         .arg(outcome.states)
                         .arg(outcome.resets);
        output.result = {{QStringLiteral("outputs"), list},
                         {QStringLiteral("runs"), outcome.runs},
                         {QStringLiteral("states"), outcome.states},
                         {QStringLiteral("resets"), outcome.resets},
                         {QStringLiteral("seconds"), outcome.seconds},
                         {QStringLiteral("rounding"), qs(m_rounding)}};
        output.text = lines.join(QLatin1Char('\n'));
        return output;
    }

    CLI::App* m_info = nullptr;
    CLI::App* m_run = nullptr;
    std::string m_model, m_outDir;
    std::vector<std::string> m_inputs;
    std::string m_rounding = "double";
    qint64 m_resetEvery = 0;
    bool m_boards = false;
};

} // namespace

std::unique_ptr<Command> makeModelCommand()
{
    return std::make_unique<ModelCommand>();
}

} // namespace ember::cli
