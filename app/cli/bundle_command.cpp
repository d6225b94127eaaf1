// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/workflow/bundle.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

// More than fit into any board's share; the table of the self-test takes the first ones.
constexpr qint64 kVectors = 16;

class BundleCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("bundle"); }
    QString summary() const override { return QStringLiteral("Write a model as a package for other tools"); }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab bundle gestures.ember#3 --target arduino-nano-33-ble --kind arduino --out gestures.zip\n"
            "  emberlab bundle model.onnx --target mps2-an386 --kind firmware --out firmware.zip");
    }
    void declare(CLI::App& app) override
    {
        m_options.declare(app);
        m_options.declareLearning(app);
        m_options.declareEvents(app);
        app.add_option("--kind,-k", m_kind, "arduino, platformio, cmake, zephyr, cmsis-pack or firmware")->required();
        app.add_option("--out,-o", m_out, "The archive to write")->required();
        app.add_option("--name", m_options.name, "Name of files, namespace and functions (default: the model's)");
        app.add_option("--input", m_input,
                       "Inputs of the self-test as .npy (default: the project's windows, or synthetic rows)");
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const codegen::BundleKind kind, codegen::bundleKindFromName(qs(m_kind)));
        EMBER_TRY(const codegen::Options wanted, m_options.codegenOptions());
        EMBER_TRY(
            const workflow::Deployment deployment,
            workflow::prepareDeployment(qs(m_options.model), qs(m_options.target), wanted, m_options.eventWish()));
        EMBER_TRY(const workflow::DeploymentInputs inputs,
                  m_input.empty() ? workflow::defaultInputs(deployment, kVectors, hooksOf(context))
                                  : workflow::readInputs(deployment, qs(m_input)));
        EMBER_TRY(const workflow::BundleOutcome outcome,
                  workflow::writeBundle(deployment, kind, inputs, qs(m_out), hooksOf(context)));
        Output output;
        output.result = {{QStringLiteral("file"), outcome.path},
                         {QStringLiteral("kind"), codegen::bundleKindName(kind)},
                         {QStringLiteral("files"), QJsonArray::fromStringList(outcome.files)},
                         {QStringLiteral("sha256"), outcome.sha256},
                         {QStringLiteral("bytes"), outcome.bytes},
                         {QStringLiteral("self_test_vectors"), outcome.vectors},
                         {QStringLiteral("warning"), outcome.warning},
                         {QStringLiteral("inputs"), inputs.description}};
        output.text = QStringLiteral("%1: %2 files, %3, self-test of %4\nSHA-256 %5")
                          .arg(outcome.path)
                          .arg(outcome.files.size())
                          .arg(formatBytes(outcome.bytes))
                          .arg(countOf(outcome.vectors, QStringLiteral("input")))
                          .arg(outcome.sha256);
        if (!outcome.warning.isEmpty())
            output.text += QStringLiteral("\nwarning: ") + outcome.warning;
        return output;
    }

private:
    DeployOptions m_options;
    std::string m_kind, m_out, m_input;
};

} // namespace

std::unique_ptr<Command> makeBundleCommand()
{
    return std::make_unique<BundleCommand>();
}

} // namespace ember::cli
