// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what a model has that tells events. All is empty for one that does not.
#pragma once

#include "core/codegen/emit_parts.h"

namespace ember::codegen {

/// Names in device-agent/runtime that the source includes besides.
QStringList eventHeaders(const LoweredModel& model);

/// In the model's unnamed namespace: settings and shares as types, so that they are constants of the compiler.
QString printEvents(const EmitContext& context);

QString printEventDefines(const EmitContext& context);
QString printEventDeclarations(const EmitContext& context); ///< of C
QString printEventWrappers(const EmitContext& context);     ///< of C++
QString printEventFunctions(const EmitContext& context);    ///< the definitions

/// For the agent: the detector's memory and `const ember::agent::EventPort kEvents = {...};`.
QString printEventGlue(const EmitContext& context);
/// What the glue's infer() does once it has `winner`; "".
QString printEventCall(const EmitContext& context);

} // namespace ember::codegen
