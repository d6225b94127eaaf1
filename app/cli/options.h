// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "core/codegen/options.h"
#include "core/workflow/event_settings.h"
#include "core/workflow/hooks.h"

#include <QVariantMap>

#include <optional>
#include <string>
#include <vector>

namespace ember::cli {

inline QString qs(const std::string& text)
{
    return QString::fromStdString(text);
}

inline workflow::Hooks hooksOf(const Context& context)
{
    return {context.progress, context.cancel};
}

/// "--set key=value" as parameters; values stay text, the trainer's own description tells their type. Errors: Usage.
Result<QVariantMap> parseSettings(const std::vector<std::string>& settings);

/// Model, target and what the code is made for: shared by generate, estimate, profile, verify and flash.
struct DeployOptions
{
    std::string model;
    std::string target;
    std::string optimise = "size";
    std::string featureType = "auto";
    std::string vote = "soft";
    std::string name;
    bool learn = false;
    codegen::LearningOptions learning;
    workflow::EventWish events;
    std::optional<std::string> eventBackground;

    /// Declares them; `modelIsPositional` false where the model is an option.
    void declare(CLI::App& app, bool modelIsPositional = true);
    /// Those of learning on the board; `always`: without --learn, because the command is about that.
    void declareLearning(CLI::App& app, bool always = false);
    /// Those of events, with the names that 'evaluate --events' prints.
    void declareEvents(CLI::App& app);
    /// Errors: Usage.
    Result<codegen::Options> codegenOptions() const;
    workflow::EventWish eventWish() const;
};

} // namespace ember::cli
