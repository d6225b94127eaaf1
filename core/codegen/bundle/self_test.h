// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/emitter.h"
#include "core/codegen/host_program.h"

#include <span>

namespace ember::codegen {

/// Sources of a self-test: stored inputs with what the desktop computed for them, and a function that runs them through
/// the model where it is and counts what differs. C++14 as the model's own code; goes beside it.
struct SelfTest
{
    std::vector<GeneratedFile> files; ///< <name>_self_test.hpp, .cpp
    int vectors = 0;
    qint64 flashBytes = 0; ///< of the stored inputs and answers
};

/// What stored inputs and answers may take of a board: a share of its flash, and not more than anybody reads.
qint64 selfTestRoom(qint64 flashBytes);

/// The table alone, as our own firmware carries it: of the first inputs that fit `maxBytes`. Empty without inputs, and
/// where not even one fits, or one has more than 65535 bytes.
Result<StoredVectors> storedVectors(const HostProgram& program, std::span<const QByteArray> inputs, qint64 maxBytes);

/// `inputs` are windows for a model of windows and feature vectors otherwise, encoded for `program`; the first ones
/// whose table fits `maxBytes` are taken, one at least. Errors: Usage without inputs; those of the program.
Result<SelfTest> makeSelfTest(const HostProgram& program, std::span<const QByteArray> inputs, qint64 maxBytes);

} // namespace ember::codegen
