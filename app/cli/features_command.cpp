// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/workflow/feature_table.h"

#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

QJsonObject costJson(const features::ExtractionCost& cost)
{
    return {{QStringLiteral("instructions"), cost.instructions},
            {QStringLiteral("flash_bytes"), cost.flashBytes()},
            {QStringLiteral("scratch_bytes"), cost.scratchBytes},
            {QStringLiteral("source"), QStringLiteral("estimated")}};
}

class FeaturesCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("features"); }
    QString summary() const override
    {
        return QStringLiteral("Compute features of a project's windows, with their price");
    }
    QString example() const override
    {
        return QStringLiteral(
            "emberlab features --project gestures.ember --preset motion --window 2s --stride 1s --out "
            "x.npy --labels y.csv");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        auto* preset = app.add_option("--preset", m_preset, "auto, motion, generic or raw")->capture_default_str();
        app.add_option("--pipeline", m_pipeline, "JSON file: a list of blocks, or a whole pipeline with its own window")
            ->excludes(preset);
        app.add_option("--window", m_window, "Length of a window")->capture_default_str();
        app.add_option("--stride", m_stride, "From one window to the next")->capture_default_str();
        app.add_option("--label-set", m_labelSet, "Label set of the windows");
        app.add_option("--target", m_target, "Board that the prices are for (default: one with an FPU)");
        app.add_option("--out", m_out, "Feature matrix as .npy");
        app.add_option("--labels", m_labels, "Label, group and place of each window as CSV");
    }

    Result<Output> run(const Context& context) override
    {
        workflow::FeatureTableRequest request;
        request.project = qs(m_project);
        request.features.preset = qs(m_preset);
        request.features.pipelineFile = qs(m_pipeline);
        request.features.labelSet = qs(m_labelSet);
        EMBER_TRY(request.features.windowSeconds, parseSeconds(qs(m_window)));
        EMBER_TRY(request.features.strideSeconds, parseSeconds(qs(m_stride)));
        request.target = qs(m_target);
        request.matrixPath = qs(m_out);
        request.labelsPath = qs(m_labels);
        EMBER_TRY(const workflow::FeatureTable table, workflow::makeFeatureTable(request, hooksOf(context)));
        Output output;
        const learn::Matrix& matrix = table.set.matrix;
        QJsonArray blocks;
        TextTable prices({QStringLiteral("block"), QStringLiteral("channels"), QStringLiteral("instructions"),
                          QStringLiteral("flash, bytes"), QStringLiteral("scratch, bytes")});
        const auto add = [&prices](const QString& block, const QString& channels,
                                   const features::ExtractionCost& cost) {
            prices.add({block, channels, formatCount(std::llround(cost.instructions)), formatCount(cost.flashBytes()),
                        formatCount(cost.scratchBytes)});
        };
        for (const workflow::FeatureBlockPrice& price : table.blocks) {
            QJsonObject json = costJson(price.cost);
            json.insert(QStringLiteral("block"), price.block);
            json.insert(QStringLiteral("channels"), QJsonArray::fromStringList(price.channels));
            blocks.append(json);
            add(price.block, price.channels.join(QLatin1Char(' ')), price.cost);
        }
        add(QStringLiteral("together"), {}, table.whole);
        output.result = {{QStringLiteral("windows"), static_cast<qint64>(matrix.rows())},
                         {QStringLiteral("features"), static_cast<qint64>(matrix.columns)},
                         {QStringLiteral("names"), QJsonArray::fromStringList(matrix.featureNames)},
                         {QStringLiteral("window_rows"), table.set.pipeline.windowRows},
                         {QStringLiteral("hop_rows"), table.set.pipeline.hopRows},
                         {QStringLiteral("classes"), QJsonArray::fromStringList(matrix.classNames)},
                         {QStringLiteral("blocks"), blocks},
                         {QStringLiteral("cost"), costJson(table.whole)}};
        output.text = QStringLiteral("%1 windows of %2 rows, %3 features\n\n%4\nestimated, for each window")
                          .arg(formatCount(static_cast<qint64>(matrix.rows())))
                          .arg(table.set.pipeline.windowRows)
                          .arg(matrix.columns)
                          .arg(prices.toString());
        return output;
    }

private:
    std::string m_project, m_pipeline, m_labelSet, m_target, m_out, m_labels;
    std::string m_preset = "auto";
    std::string m_window = "2s";
    std::string m_stride = "1s";
};

} // namespace

std::unique_ptr<Command> makeFeaturesCommand()
{
    return std::make_unique<FeaturesCommand>();
}

} // namespace ember::cli
