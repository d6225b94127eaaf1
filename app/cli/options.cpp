// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/options.h"

#include <CLI/CLI.hpp>

namespace ember::cli {

Result<QVariantMap> parseSettings(const std::vector<std::string>& settings)
{
    QVariantMap parameters;
    for (const std::string& setting : settings) {
        const QString text = qs(setting);
        const qsizetype equals = text.indexOf(QLatin1Char('='));
        if (equals <= 0)
            return Error(ErrorKind::Usage, QStringLiteral("'%1' is not of the form key=value.").arg(text));
        parameters.insert(text.left(equals).trimmed(), text.mid(equals + 1).trimmed());
    }
    return parameters;
}

void DeployOptions::declare(CLI::App& app, bool modelIsPositional)
{
    app.add_option(modelIsPositional ? "model,--model" : "--model", model,
                   "Model: an .onnx file, or PROJECT.ember#NUMBER, or PROJECT.ember for its newest")
        ->required(modelIsPositional);
    app.add_option("--target", target, "Board id; 'emberlab boards' lists them")->required(modelIsPositional);
    app.add_option("--optimise", optimise, "What the code is made for: size, balanced or speed")->capture_default_str();
    app.add_option("--feature-type", featureType, "Type of the features: auto, float32, int32, int16 or int8")
        ->capture_default_str();
    app.add_option("--vote", vote, "How a forest votes: soft (as ONNX means it) or hard")->capture_default_str();
}

void DeployOptions::declareLearning(CLI::App& app, bool always)
{
    learn = always;
    if (!always)
        app.add_flag("--learn", learn,
                     "Code that also learns on the board: neighbours, centroids, naive Bayes, "
                     "mixtures and linear classifiers, on whole-number features");
    app.add_option("--learn-rows", learning.rows, "Of neighbours: taught rows that the board keeps")
        ->capture_default_str();
    app.add_option("--learn-votes", learning.votes,
                   "Of neighbours: how many of those that vote may be taught rows; 0: all")
        ->capture_default_str();
    app.add_option("--learn-limit", learning.limit,
                   "How far a mean may move, in standard deviations of its class (of centroids: of all rows, as the "
                   "model's scaler has them; without a scaler in units of the feature); a weight, in parts of the "
                   "largest")
        ->capture_default_str();
    app.add_option("--learn-prior", learning.prior, "Of means: rows that the trained mean counts for")
        ->capture_default_str();
    app.add_option("--learn-memory", learning.memory, "Of means: no taught row counts less than one in so many")
        ->capture_default_str();
}

void DeployOptions::declareEvents(CLI::App& app)
{
    auto* none =
        app.add_flag("--no-events", events.none, "Code that only answers, also where event settings are stored");
    app.add_flag("--events", events.wanted,
                 "Code that also tells what begins and ends, with the settings that are stored with the model "
                 "('evaluate --events --save'), or the usual ones")
        ->excludes(none);
    const CLI::Range windows(1, learn::kMostEventWindows);
    app.add_option("--smoothing", events.smoothing, "Of events: windows that are averaged")
        ->check(windows)
        ->excludes(none);
    app.add_option("--on", events.on, "Of events: share of a class at which one begins")
        ->check(CLI::Range(0.0, 1.0))
        ->excludes(none);
    app.add_option("--off", events.off, "Of events: share below which it ends")
        ->check(CLI::Range(0.0, 1.0))
        ->excludes(none);
    app.add_option("--patience", events.patience, "Of events: windows in a row that make one")
        ->check(windows)
        ->excludes(none);
    app.add_option("--dead-time", events.deadTime,
                   "Of events: windows behind one in which none of the same class begins")
        ->check(CLI::Range(0, learn::kMostEventWindows))
        ->excludes(none);
    app.add_option("--background", eventBackground,
                   "Of events: class that is none (default: normal, idle, background ...)")
        ->excludes(none);
}

workflow::EventWish DeployOptions::eventWish() const
{
    workflow::EventWish wish = events;
    if (eventBackground)
        wish.background = qs(*eventBackground);
    return wish;
}

Result<codegen::Options> DeployOptions::codegenOptions() const
{
    codegen::Options options;
    EMBER_TRY(options.optimise, codegen::optimiseFromName(qs(optimise)));
    EMBER_TRY(options.featureType, codegen::featureTypeFromName(qs(featureType)));
    EMBER_TRY(options.vote, codegen::voteFromName(qs(vote)));
    options.name = qs(name);
    if (learn)
        options.learning = learning;
    return options;
}

} // namespace ember::cli
