// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "core/base/quantity.h"
#include "core/workflow/feature_map.h"

#include <QElapsedTimer>
#include <QJsonArray>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

class ExploreCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("explore"); }
    QString summary() const override
    {
        return QStringLiteral("Lay out a project's windows on a plane by their features");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab explore --project gestures.ember --method tsne --csv map.csv");
    }

    void declare(CLI::App& app) override
    {
        app.add_option("--project,-p", m_project, "The project")->required();
        app.add_option("--method", m_method, "pca, tsne or umap")->capture_default_str();
        app.add_option("--csv", m_csv, "x, y, label, group, recording and place of each window");
        auto* preset = app.add_option("--preset", m_preset, "Preset of features")->capture_default_str();
        app.add_option("--pipeline", m_pipeline, "JSON file: a list of blocks, or a whole pipeline with its own window")
            ->excludes(preset);
        app.add_option("--window", m_window, "Length of a window")->capture_default_str();
        app.add_option("--stride", m_stride, "From one window to the next")->capture_default_str();
        app.add_option("--label-set", m_labelSet, "Label set of the windows");
        app.add_option("--perplexity", m_options.perplexity, "t-SNE: neighbours of a window, about")
            ->check(CLI::Range(1.5, 1000.0))
            ->capture_default_str();
        app.add_option("--neighbours", m_options.neighbours, "UMAP: neighbours of a window")
            ->check(CLI::Range(2, 1000))
            ->capture_default_str();
        app.add_option("--min-distance", m_options.minimumDistance, "UMAP: how close windows may lie")
            ->check(CLI::Range(0.0, 1.0))
            ->capture_default_str();
        app.add_option("--most", m_options.mostWindows, "t-SNE, UMAP: of more windows, so many evenly spread ones")
            ->check(CLI::Range(4, 1'000'000))
            ->capture_default_str();
        app.add_option("--seed", m_options.seed, "Of the random numbers")->capture_default_str();
    }

    Result<Output> run(const Context& context) override
    {
        workflow::ExploreRequest request;
        request.project = qs(m_project);
        request.csvPath = qs(m_csv);
        request.map = m_options;
        EMBER_TRY(request.map.method, workflow::mapMethodFromName(qs(m_method)));
        request.features.preset = qs(m_preset);
        request.features.pipelineFile = qs(m_pipeline);
        request.features.labelSet = qs(m_labelSet);
        EMBER_TRY(request.features.windowSeconds, parseSeconds(qs(m_window)));
        EMBER_TRY(request.features.strideSeconds, parseSeconds(qs(m_stride)));
        QElapsedTimer clock;
        clock.start();
        EMBER_TRY(const workflow::ExploreReport report, workflow::exploreProject(request, hooksOf(context)));
        const double seconds = static_cast<double>(clock.elapsed()) * 1e-3;
        const auto placed = static_cast<qint64>(report.map.rows.size());
        const auto windows = static_cast<qint64>(report.set.windows.windows.size());
        Output output;
        output.result = {{QStringLiteral("method"), workflow::mapMethodName(report.map.method)},
                         {QStringLiteral("windows"), windows},
                         {QStringLiteral("placed"), placed},
                         {QStringLiteral("features"), static_cast<qint64>(report.set.matrix.columns)},
                         {QStringLiteral("not_finite"), report.map.replaced},
                         {QStringLiteral("seconds"), seconds}};
        output.text = QStringLiteral("%1 of %2 windows laid out by %3 features in %4")
                          .arg(formatCount(placed), formatCount(windows))
                          .arg(report.set.matrix.columns)
                          .arg(formatSeconds(seconds));
        if (report.map.method == workflow::MapMethod::Pca) {
            output.result.insert(QStringLiteral("variance_shares"),
                                 QJsonArray{report.map.shares[0], report.map.shares[1]});
            output.text += QStringLiteral("\nThe two axes have %1 % and %2 % of the variance.")
                               .arg(100 * report.map.shares[0], 0, 'f', 1)
                               .arg(100 * report.map.shares[1], 0, 'f', 1);
        }
        return output;
    }

private:
    std::string m_project, m_csv, m_pipeline, m_labelSet;
    std::string m_method = "pca";
    std::string m_preset = "auto";
    std::string m_window = "2s";
    std::string m_stride = "1s";
    workflow::MapOptions m_options;
};

} // namespace

std::unique_ptr<Command> makeExploreCommand()
{
    return std::make_unique<ExploreCommand>();
}

} // namespace ember::cli
