// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/features/describe.h"
#include "core/workflow/feature_ranking.h"
#include "core/workflow/feature_table.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <CLI/CLI.hpp>
#include <cmath>

namespace ember::cli {
namespace {

/// An AVR's work is counted in cycles.
bool inCycles(features::CpuClass cpu)
{
    return cpu == features::CpuClass::FloatLibraryAvr;
}

QJsonObject costJson(const features::ExtractionCost& cost, features::CpuClass cpu)
{
    return {{QStringLiteral("instructions"), inCycles(cpu) ? QJsonValue(QJsonValue::Null) : cost.instructions},
            {QStringLiteral("cycles"), inCycles(cpu) ? cost.instructions : QJsonValue(QJsonValue::Null)},
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
            "x.npy --labels y.csv\nemberlab features --list");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project");
        app.add_flag("--list", m_list, "Presets, stages and blocks with their parameters, instead of computing");
        auto* preset = app.add_option("--preset", m_preset, "auto (by units and rate) or a preset's name: --list")
                           ->capture_default_str();
        app.add_option("--pipeline", m_pipeline, "JSON file: a list of blocks, or a whole pipeline with its own window")
            ->excludes(preset);
        app.add_option("--window", m_window, "Length of a window")->capture_default_str();
        app.add_option("--stride", m_stride, "From one window to the next")->capture_default_str();
        app.add_option("--label-set", m_labelSet, "Label set of the windows");
        app.add_option("--target", m_target, "Board that the prices are for (default: one with an FPU)");
        app.add_option("--scale", m_scaler, "Fit a scaler to the windows: standard, min-max or robust");
        app.add_option("--pca", m_components, "Fit this many principal components behind it");
        app.add_option("--save-pipeline", m_savePipeline,
                       "Write the pipeline, with what was fitted, as JSON for --pipeline");
        app.add_option("--out", m_out, "Feature matrix as .npy");
        app.add_flag("--rank", m_rank, "Which features tell most of the label, each alone");
        app.add_option("--labels", m_labels, "Label, group and place of each window as CSV");
    }

    Result<Output> run(const Context& context) override
    {
        if (m_list)
            return listing();
        if (m_project.empty())
            return Error(ErrorKind::Usage, QStringLiteral("Features of what? --project is missing."),
                         QStringLiteral("Give --project, or --list for what can be computed."));
        workflow::FeatureTableRequest request;
        request.project = qs(m_project);
        request.features.preset = qs(m_preset);
        request.features.pipelineFile = qs(m_pipeline);
        request.features.labelSet = qs(m_labelSet);
        EMBER_TRY(request.features.windowSeconds, parseSeconds(qs(m_window)));
        EMBER_TRY(request.features.strideSeconds, parseSeconds(qs(m_stride)));
        request.target = qs(m_target);
        request.scaler = qs(m_scaler);
        request.components = m_components;
        request.pipelinePath = qs(m_savePipeline);
        request.matrixPath = qs(m_out);
        request.labelsPath = qs(m_labels);
        EMBER_TRY(const workflow::FeatureTable table, workflow::makeFeatureTable(request, hooksOf(context)));
        Output output;
        const learn::Matrix& matrix = table.set.matrix;
        QJsonArray blocks;
        const QString work = inCycles(table.cpu) ? QStringLiteral("cycles") : QStringLiteral("instructions");
        TextTable prices({QStringLiteral("block"), QStringLiteral("channels"), work, QStringLiteral("flash, bytes"),
                          QStringLiteral("scratch, bytes")});
        const auto add = [&prices](const QString& block, const QString& channels,
                                   const features::ExtractionCost& cost) {
            prices.add({block, channels, formatCount(std::llround(cost.instructions)), formatCount(cost.flashBytes()),
                        formatCount(cost.scratchBytes)});
        };
        for (const workflow::FeatureBlockPrice& price : table.blocks) {
            QJsonObject json = costJson(price.cost, table.cpu);
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
                         {QStringLiteral("cost"), costJson(table.whole, table.cpu)}};
        if (!table.set.presetWhy.isEmpty())
            output.result.insert(QStringLiteral("preset_why"), table.set.presetWhy);
        output.text = QStringLiteral("%1 windows of %2 rows, %3 features\n\n%4\nestimated, for each window")
                          .arg(formatCount(static_cast<qint64>(matrix.rows())))
                          .arg(table.set.pipeline.windowRows)
                          .arg(matrix.columns)
                          .arg(prices.toString());
        if (!table.set.presetWhy.isEmpty())
            output.text.prepend(table.set.presetWhy + QLatin1Char('\n'));
        if (m_rank)
            addRanking(output, matrix);
        return output;
    }

private:
    static void addRanking(Output& output, const learn::Matrix& matrix)
    {
        QJsonArray ranking;
        TextTable table({QStringLiteral("feature"), QStringLiteral("mutual information, bits"),
                         QStringLiteral("F ratio"), QStringLiteral("variance")});
        for (const workflow::RankedFeature& feature : workflow::rankFeatures(matrix)) {
            const explore::FeatureScore& score = feature.score;
            ranking.append(QJsonObject{
                {QStringLiteral("feature"), feature.name},
                {QStringLiteral("mutual_information"), score.mutualInformation},
                // JSON has no infinity.
                {QStringLiteral("f_ratio"), std::isfinite(score.fRatio) ? QJsonValue(score.fRatio) : QJsonValue()},
                {QStringLiteral("variance"), score.variance}});
            table.add({feature.name, QString::number(score.mutualInformation, 'f', 3),
                       QString::number(score.fRatio, 'g', 4), QString::number(score.variance, 'g', 4)});
        }
        output.result.insert(QStringLiteral("ranking"), ranking);
        output.text += QStringLiteral("\n\n") + table.toString();
    }

    static Output listing()
    {
        Output output;
        output.result = features::describeAll();
        for (const char* kind : {"presets", "stages", "blocks"}) {
            TextTable table({QString::fromLatin1(kind), QString()});
            const QJsonArray items = output.result.value(QLatin1String(kind)).toArray();
            for (const QJsonValue& item : items) {
                table.add({item[QLatin1String("id")].toString(), item[QLatin1String("help")].toString()});
                const QJsonArray parameters = item[QLatin1String("parameters")].toArray();
                for (const QJsonValue& each : parameters)
                    table.add({QStringLiteral("    ") + each[QLatin1String("key")].toString(), parameterText(each)});
            }
            output.text += table.toString() + QLatin1Char('\n');
        }
        return output;
    }

    static QString parameterText(const QJsonValue& parameter)
    {
        const QString unit = parameter[QLatin1String("unit")].toString();
        QString range = QStringLiteral("%1 to %2 ")
                            .arg(parameter[QLatin1String("minimum")].toDouble())
                            .arg(parameter[QLatin1String("maximum")].toDouble()) +
                        unit;
        if (parameter[QLatin1String("choices")].isArray()) {
            QStringList choices;
            const QJsonArray items = parameter[QLatin1String("choices")].toArray();
            for (const QJsonValue& item : items)
                choices << item.toString();
            range = choices.join(QStringLiteral(", "));
        }
        const QJsonValue value = parameter[QLatin1String("default")];
        const QString text = value.isArray()
                                 ? QString::fromUtf8(QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact))
                                 : value.toVariant().toString();
        return QStringLiteral("%1 [%2; %3]").arg(parameter[QLatin1String("help")].toString(), range.trimmed(), text);
    }

    bool m_rank = false;
    bool m_list = false;
    int m_components = 0;
    std::string m_scaler, m_savePipeline;
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
