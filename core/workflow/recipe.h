// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/importer.h"
#include "core/footprint/energy.h"
#include "core/workflow/hooks.h"
#include "core/workflow/training.h"

#include <QJsonObject>
#include <QStringList>

#include <optional>
#include <vector>

namespace ember::workflow {

/// A trainer of a recipe with its settings.
struct RecipeTrainer
{
    QString trainer;
    QVariantMap parameters;
    quint64 seed = 1;
    QString preset; ///< of features, where this trainer wants others than the recipe's; empty: those
};

/// What a recipe may ask for; absent: not checked.
struct RecipeGates
{
    std::optional<double> minF1;
    std::optional<double> minAccuracy;
    std::optional<qint64> maxFlashBytes;
    std::optional<qint64> maxRamBytes;
    std::optional<qint64> maxInstructions;
    std::optional<double> maxLatencyMs;
    std::optional<double> maxEnergyMicrojoules;
    std::optional<double> minBatteryHours;
    std::optional<qint64> maxFlips;
};

/// The text file that CI runs; docs/recipes.md has every key. Paths are relative to the recipe's folder.
struct Recipe
{
    QString name;
    QString project;   ///< an existing project, or
    QStringList files; ///< files to import into a temporary one
    dataset::ImportOptions import;
    FeatureRequest features;
    ValidationChoice validation;
    std::vector<RecipeTrainer> trainers;
    QString board; ///< empty: no costs, no verification
    QString optimise;
    qint64 verifyRows = 500;
    footprint::Duty duty; ///< for energy and battery life
    RecipeGates gates;
};

/// `dataFolder`: what paths of the data are relative to; empty: as all others. Errors: NotFound, BadData with line,
/// Usage for keys that a recipe does not have (named).
Result<Recipe> readRecipe(const QString& path, const QString& dataFolder = {});

struct RecipeStep
{
    QString name;
    bool ok = false;
    double seconds = 0;
    QString message; ///< what came out, or why it failed
    QJsonObject details;
};

struct RecipeGate
{
    QString name;
    double limit = 0;
    double value = 0; ///< NaN: not known, and so not passed
    bool passed = false;
    QString unit;
};

/// "12.5 ms", "unknown".
QString gateValueText(const RecipeGate& gate);

struct RecipeReport
{
    QString name;
    std::vector<RecipeStep> steps;
    std::vector<RecipeGate> gates;
    QString bestTrainer;
    double seconds = 0;
    std::optional<Error> failure; ///< a step that did not work; gates after it are not there

    bool gatesMet() const;
};

/// Runs all trainers, each with its estimated cost on the target (or why there is none), takes the one with the best
/// macro F1, costs and verifies it on the target, and checks the gates.
Result<RecipeReport> runRecipe(const Recipe& recipe, const Hooks& hooks = {});

QJsonObject toJson(const RecipeReport& report);

/// report.json, report.xml (JUnit) and report.md. Returns the paths. Errors: Io.
Result<QStringList> writeReports(const RecipeReport& report, const QString& directory);

} // namespace ember::workflow
