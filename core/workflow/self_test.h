// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/deploy.h"

#include <QJsonObject>

namespace ember::workflow {

/// What a board said of the inputs that its firmware carries.
struct SelfTestOutcome
{
    wire::SelfTestReport report;
    QString board;
    QString firstDifference; ///< in words; empty: there is none

    bool passed() const { return report.vectors > 0 && report.wrong == 0; }
};

/// Where the board is that is asked.
enum class SelfTestPlace
{
    Built,   ///< the emulated board with a firmware that is built for it
    Flashed, ///< the emulated board with what was flashed last
    Port     ///< a connected one
};

/// The board runs its stored inputs alone and says what differs. It has to carry the deployment's model; `inputs` are
/// for a firmware that is built. Errors: Board, Usage for another model, Unsupported for a firmware without a
/// self-test.
Result<SelfTestOutcome> runSelfTest(const Deployment& deployment, SelfTestPlace place, const QString& port,
                                    const DeploymentInputs& inputs, const Hooks& hooks = {});

QJsonObject toJson(const SelfTestOutcome& outcome);

} // namespace ember::workflow
