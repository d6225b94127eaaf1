// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what a model has that learns on the board.
#pragma once

#include "core/codegen/emit_parts.h"

namespace ember::codegen {

/// Names in device-agent/runtime that the source of a model that learns includes besides its kind's, and all those that
/// these need; empty for one that does not learn.
QStringList learningHeaders(const LoweredModel& model);

/// Static memory besides the kind's own and what is learned, bytes; without objects of less than four bytes, which
/// planMemory() counts.
qint64 learningScratchBytes(const LoweredModel& model);

/// In the model's unnamed namespace, in the place of a kind's own run(): what is learned, run() with it, `learnRow()`
/// and `isSound()`.
QString printLearning(const EmitContext& context);

// Parts of the files; empty for a model that does not learn.
QString printLearningDefines(const EmitContext& context);
QString printLearningDeclarations(const EmitContext& context); ///< of C
QString printLearningWrappers(const EmitContext& context);     ///< of C++
QString printLearningFunctions(const EmitContext& context);    ///< the definitions
/// `const ember::agent::LearningPort kLearning = {...};` with the functions that it names.
QString printLearningGlue(const EmitContext& context);

} // namespace ember::codegen
