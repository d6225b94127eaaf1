// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"

namespace ember::cli {

// One function for each file of this folder that holds a command.
std::unique_ptr<Command> makeBoardsCommand();
std::unique_ptr<Command> makeCheckCommand();
std::unique_ptr<Command> makeCompareCommand();
std::unique_ptr<Command> makeDemoCommand();
std::unique_ptr<Command> makeEstimateCommand();
std::unique_ptr<Command> makeEvaluateCommand();
std::unique_ptr<Command> makeExploreCommand();
std::unique_ptr<Command> makeExportCommand();
std::unique_ptr<Command> makeFeaturesCommand();
std::unique_ptr<Command> makeBundleCommand();
std::unique_ptr<Command> makeFlashCommand();
std::unique_ptr<Command> makeGenerateCommand();
std::unique_ptr<Command> makeImportCommand();
std::unique_ptr<Command> makeInfoCommand();
std::unique_ptr<Command> makeProjectCommand();
std::unique_ptr<Command> makeLabelCommand();
std::unique_ptr<Command> makeLearnCommand();
std::unique_ptr<Command> makeModelCommand();
std::unique_ptr<Command> makeQuantiseCommand();
std::unique_ptr<Command> makeNewCommand();
std::unique_ptr<Command> makePluginsCommand();
std::unique_ptr<Command> makePortsCommand();
std::unique_ptr<Command> makeProfileCommand();
std::unique_ptr<Command> makeRecordCommand();
std::unique_ptr<Command> makeRunCommand();
std::unique_ptr<Command> makeSplitCommand();
std::unique_ptr<Command> makeTrainCommand();
std::unique_ptr<Command> makeTuneCommand();
std::unique_ptr<Command> makeVerifyCommand();
std::unique_ptr<Command> makeVersionsCommand();

} // namespace ember::cli
