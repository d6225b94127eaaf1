// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/workflow/quantise_model.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

namespace ember::cli {
namespace {

class QuantiseCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("quantise"); }
    QString summary() const override
    {
        return QStringLiteral("Turn a network, or the features of a classic model, into integers; count what changes");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab quantise gestures.onnx --calibration train.csv --test test.csv --out "
                              "gestures-int8.onnx\n"
                              "  emberlab quantise net.onnx --calibration x.npy --method kl --out net-int8.onnx\n"
                              "  emberlab quantise net.onnx -c x.npy --activations int16 --bias-correction --max-flips "
                              "0.5 -o net-int16.onnx\n"
                              "  emberlab quantise walk.ember#3 -c windows.csv --features int8 -o forest-int8.onnx");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("model", m_model,
                       "Model (.onnx, .tflite, or PROJECT.ember#NUMBER) with dense layers or convolutions, or of trees")
            ->required();
        app.add_option("--calibration,-c", m_calibration,
                       "Rows that show the ranges of all values: .npy, or a .csv table; one file for each input")
            ->required()
            ->allow_extra_args(false);
        app.add_option("--out,-o", m_out, "Quantised model (.onnx)")->required();
        app.add_option("--method", m_method,
                       "How ranges are taken: all that occurs, without the outermost, or by least divergence")
            ->check(CLI::IsMember({"minmax", "percentile", "kl"}))
            ->capture_default_str();
        app.add_option("--percentile", m_percentile, "Share of the values that stay inside, for that method")
            ->check(CLI::Range(50.0, 100.0))
            ->capture_default_str();
        app.add_option("--activations", m_activations, "Integers between layers; weights are int8 with both")
            ->check(CLI::IsMember({"int8", "int16"}))
            ->capture_default_str();
        app.add_option("--features", m_features,
                       "Make whole numbers of the features instead, and leave the rest as it is: for trees (int16 if "
                       "not given), linear models, naive Bayes, mixtures, neighbours and support vectors (int8)")
            ->check(CLI::IsMember({"int8", "int16"}));
        app.add_flag("--equalise", m_equalise, "First scale the channels between layers to use their range alike");
        app.add_flag("--bias-correction", m_correctBias, "Then move biases until the means of all channels are right");
        app.add_option("--max-flips", m_maxFlips, "Write nothing if more labels change, in percent of the rows")
            ->check(CLI::Range(0.0, 100.0));
        app.add_option("--test", m_test,
                       "Rows to compare on (.npy, .csv); every fifth calibration row, kept out, if not given")
            ->allow_extra_args(false);
        app.add_option("--labels", m_labels, "True labels of the compared rows (.npy, or a .csv table with them)");
        app.add_option("--label-column", m_labelColumn, "Column of tables that holds the label")->capture_default_str();
    }

    Result<Output> run(const Context&) override
    {
        workflow::QuantiseRequest request;
        request.model = qs(m_model);
        for (const std::string& path : m_calibration)
            request.calibration << qs(path);
        for (const std::string& path : m_test)
            request.test << qs(path);
        request.labels = qs(m_labels);
        request.labelColumn = qs(m_labelColumn);
        request.output = qs(m_out);
        request.options.equalise = m_equalise;
        request.options.correctBias = m_correctBias;
        request.options.width = m_activations == "int16" ? model::ActivationWidth::Int16 : model::ActivationWidth::Int8;
        if (!m_features.empty())
            request.features = m_features == "int8" ? model::TensorType::Int8 : model::TensorType::Int16;
        request.maxFlipPercent = m_maxFlips;
        request.options.calibration.percentile = m_percentile;
        request.options.calibration.method = m_method == "kl"           ? model::RangeMethod::Kl
                                             : m_method == "percentile" ? model::RangeMethod::Percentile
                                                                        : model::RangeMethod::MinMax;
        EMBER_TRY(const workflow::QuantiseOutcome outcome, workflow::quantiseModel(request));
        Output output;
        output.result = workflow::quantiseToJson(outcome);
        output.text = textOf(outcome);
        return output;
    }

private:
    QString textOf(const workflow::QuantiseOutcome& outcome) const
    {
        const bool wide = outcome.codes ? m_features != "int8" : m_activations == "int16";
        QStringList lines{
            QStringLiteral("%1: %2 %3 in %4 bits, %5 bytes (before: %6)")
                .arg(qs(m_out))
                .arg(outcome.values.size())
                .arg(outcome.codes ? QStringLiteral("features") : QStringLiteral("values"))
                .arg(wide ? 16 : 8)
                .arg(formatCount(outcome.bytesAfter), formatCount(outcome.bytesBefore)),
            QStringLiteral("largest difference  %1").arg(outcome.maxAbsDiff, 0, 'g', 4),
            QStringLiteral("label flips         %1 of %2 rows (%3)")
                .arg(outcome.labelFlips)
                .arg(outcome.rows)
                .arg(outcome.heldOut ? QStringLiteral("held out") : QStringLiteral("the calibration's own"))};
        for (const auto& one : outcome.classes) {
            lines << QStringLiteral("  of class %1: %2 of %3, score moves by %4, at most %5")
                         .arg(one.name)
                         .arg(one.flips)
                         .arg(one.rows)
                         .arg(one.scoreChange, 0, 'g', 3)
                         .arg(one.largestScoreChange, 0, 'g', 3);
        }
        if (outcome.generatedFlips.value_or(0) > 0)
            lines << QStringLiteral("generated code      %1 of these rows change there: its integers have bounds that "
                                    "floats have not")
                         .arg(*outcome.generatedFlips);
        const auto worst = std::max_element(outcome.outside.begin(), outcome.outside.end(),
                                            [](const auto& a, const auto& b) { return a.second < b.second; });
        if (worst != outcome.outside.end() && worst->second > 0)
            lines << QStringLiteral("beyond the range    %1 % of '%2', the most of all values%3")
                         .arg(100 * worst->second, 0, 'g', 3)
                         .arg(QString::fromStdString(worst->first),
                              outcome.thresholds > 0 ? QStringLiteral(" (trees decide the same there)") : QString());
        if (outcome.thresholds > 0)
            lines << QStringLiteral("thresholds          %1, of which %2 became the same number as another")
                         .arg(outcome.thresholds)
                         .arg(outcome.mergedThresholds);
        if (outcome.movedPoints > 0)
            lines << QStringLiteral("stored rows         %1 numbers were rounded").arg(outcome.movedPoints);
        if (outcome.accuracyBefore)
            lines << QStringLiteral("accuracy            %1 (before: %2)")
                         .arg(*outcome.accuracyAfter, 0, 'f', 4)
                         .arg(*outcome.accuracyBefore, 0, 'f', 4);
        return lines.join(QLatin1Char('\n'));
    }

    std::string m_model, m_out, m_labels;
    std::vector<std::string> m_calibration, m_test;
    std::string m_method = "minmax";
    std::string m_labelColumn = "label";
    std::string m_activations = "int8";
    std::string m_features;
    std::optional<double> m_maxFlips;
    double m_percentile = 99.99;
    bool m_equalise = false;
    bool m_correctBias = false;
};

} // namespace

std::unique_ptr<Command> makeQuantiseCommand()
{
    return std::make_unique<QuantiseCommand>();
}

} // namespace ember::cli
