// SPDX-License-Identifier: GPL-3.0-or-later
// Code that answers "unknown" where the share of the winner is too small (core/learn/rejection.h chooses how small).
#pragma once

#include "core/codegen/emit_parts.h"

namespace ember::codegen {

/// Whether the outputs of the code are the shares that the model itself gives: not margins, whose transform code leaves
/// out because it changes no winner.
bool givesShares(const model::Graph& graph, const LoweredModel& lowered);

/// All empty for a model that always answers.
QString unknownComment(const EmitContext& context);
QString unknownDefines(const EmitContext& context);
QString unknownDeclaration(const EmitContext& context);
QString unknownWrapper(const EmitContext& context);
QString unknownFunction(const EmitContext& context);

} // namespace ember::codegen
