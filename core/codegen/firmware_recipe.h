// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringList>

namespace ember::device {
struct Board;
}

namespace ember::codegen {

/// What an agent has only for some models.
struct AgentParts
{
    bool learning = false; ///< it takes labels
    bool selfTest = false; ///< it runs the inputs that are stored with the model
    bool events = false;   ///< it tells what begins and ends, beside its answers

    friend bool operator==(const AgentParts&, const AgentParts&) = default;
};

/// How a board's firmware is compiled and linked: agent/firmware.json, boards/<port>/port.json and the board file put
/// together as device-agent/boards/README.md says.
struct FirmwareRecipe
{
    QString root;             ///< the folder device-agent, absolute
    QStringList sources;      ///< agent and port, absolute
    QString noModelSource;    ///< stands in where no model is linked
    QStringList compileFlags; ///< with defines and include paths
    QStringList linkFlags;    ///< with the linker script
    QString contentHash;      ///< over the flags and every file that the sources can include
};

/// Errors: NotFound for a file that is missing from the installation; BadData for one that is damaged, by name;
/// Unsupported for a board without a port.
Result<FirmwareRecipe> firmwareRecipe(const device::Board& board, const AgentParts& parts = {});

} // namespace ember::codegen
