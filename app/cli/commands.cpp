// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

namespace ember::cli {

std::vector<std::unique_ptr<Command>> makeCommands()
{
    std::vector<std::unique_ptr<Command>> commands;
    commands.push_back(makeDemoCommand());
    commands.push_back(makeBoardsCommand());
    commands.push_back(makePortsCommand());
    commands.push_back(makePluginsCommand());
    commands.push_back(makeNewCommand());
    commands.push_back(makeImportCommand());
    commands.push_back(makeExportCommand());
    commands.push_back(makeInfoCommand());
    commands.push_back(makeProjectCommand());
    commands.push_back(makeLabelCommand());
    commands.push_back(makeCheckCommand());
    commands.push_back(makeSplitCommand());
    commands.push_back(makeVersionsCommand());
    commands.push_back(makeRecordCommand());
    commands.push_back(makeFeaturesCommand());
    commands.push_back(makeExploreCommand());
    commands.push_back(makeTrainCommand());
    commands.push_back(makeTuneCommand());
    commands.push_back(makeEvaluateCommand());
    commands.push_back(makeCompareCommand());
    commands.push_back(makeModelCommand());
    commands.push_back(makeQuantiseCommand());
    commands.push_back(makeEstimateCommand());
    commands.push_back(makeGenerateCommand());
    commands.push_back(makeProfileCommand());
    commands.push_back(makeVerifyCommand());
    commands.push_back(makeLearnCommand());
    commands.push_back(makeBundleCommand());
    commands.push_back(makeFlashCommand());
    commands.push_back(makeRunCommand());
    return commands;
}

} // namespace ember::cli
