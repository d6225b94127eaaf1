// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/host_program.h"
#include "core/footprint/board_run.h"
#include "core/footprint/cost.h"
#include "core/footprint/inputs.h"
#include "core/footprint/profile.h"
#include "core/model/graph.h"

#include <QJsonObject>

#include <optional>
#include <vector>

namespace ember::device {
struct Board;
class AgentSession;
} // namespace ember::device

namespace ember::footprint {

/// One input whose answer from the board differs from the desktop's.
struct Mismatch
{
    qint64 row = 0;
    QString what; ///< "feature 3: 0.25 on the board, 0.5 on the desktop"
};

/// How the board compares with what the caller expects.
struct ExpectReport
{
    qint64 mismatched = 0; ///< rows with another label, or a score that differs by more than 1e-5
    double maxAbsDiff = 0; ///< of the scores; 0 when only labels are expected
    qint64 labelFlips = 0;
};

/// The proof: what the board computed against what the desktop computes, and against the model's float semantics.
struct VerifyReport
{
    QString board;
    QString modelHash;
    signal::SampleType outputType = signal::SampleType::Int32; ///< Int32: votes
    qint64 rows = 0;
    bool bitExact = false; ///< features and outputs of every row are equal, bit for bit
    qint64 mismatched = 0; ///< rows with any difference
    double maxAbsDiff = 0; ///< largest difference of a feature or an output (the latter in units of the model's)
    qint64 labelFlips = 0; ///< rows whose winner differs from that of the reference float evaluator
    std::optional<ExpectReport> expect;
    Cost work; ///< per inference, mean; NaN where nothing counts it
    WorkUnit unit = WorkUnit::Instructions;
    std::vector<Mismatch> firstMismatches; ///< at most ten

    bool passed() const { return rows > 0 && bitExact && labelFlips == 0; }
};

/// The fields of the command line: rows, bit_exact, mismatched, max_abs_diff, label_flips, expect, instructions,
/// source.
QJsonObject toJson(const VerifyReport& report);

struct VerifyOptions : RunOptions
{
    std::vector<qint32> expectedLabels; ///< class index per row; empty: not compared
    std::vector<float> expectedScores;  ///< rows x outputs of the model; empty: not compared
    /// verifyOn() only: what the ticks that the board reports mean; none: they are not reported on.
    std::optional<WorkMeter> meter = {};
    CostSource source = CostSource::Measured; ///< verifyOn() only: what kind of board answers
};

/// Sends every input to the agent behind `session`, which must carry this model, and compares. A lost answer is an
/// error: nothing is asked twice. Errors: Board; Usage when the board carries another model.
Result<VerifyReport> verifyOn(device::AgentSession& session, const codegen::HostProgram& program,
                              const model::Model& reference, const Inputs& inputs, const VerifyOptions& options = {});

/// Builds the firmware with the model, starts it on the emulated board, and verifies there.
Result<VerifyReport> verify(const codegen::HostProgram& program, const model::Model& reference,
                            const device::Board& board, const Inputs& inputs, const VerifyOptions& options = {});

} // namespace ember::footprint
