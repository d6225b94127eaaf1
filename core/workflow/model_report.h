// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/device/board.h"
#include "core/footprint/cost.h"
#include "core/workflow/model_run.h"

#include <QJsonArray>

#include <optional>
#include <vector>

namespace ember::workflow {

/// One step of a model as a picture or table shows it.
struct ModelStep
{
    QString name;
    QString operation;
    QString result; ///< shape of what it makes
    qint64 macs = 0;
    qint64 constantBytes = 0;
    std::vector<int> from; ///< the steps whose results it reads; -1 for an input of the model
};

/// What a model would cost on one board, or why it cannot run there.
struct BoardFit
{
    QString id;
    QString name;
    std::optional<footprint::ModelCost> cost; ///< estimated
    QString reason;                           ///< why there is no cost, or does not fit; empty when all is well
    bool fits = false;                        ///< flash and RAM are within the board's
};

/// What there is to know of a model file before it is used.
struct ModelReport
{
    ModelInfo info;
    std::vector<ModelStep> steps; ///< empty when the model cannot be read
    std::vector<BoardFit> boards;
};

/// The costs of a model file on boards. Errors: those of inspectModel(); Cancelled. What a board cannot do is no error.
Result<std::vector<BoardFit>> fitBoards(const QString& path, const std::vector<device::Board>& boards,
                                        const CancelToken& cancel = {});

/// Errors: as fitBoards().
Result<ModelReport> reportModel(const QString& path, const std::vector<device::Board>& boards,
                                const CancelToken& cancel = {});

/// "boards": board, fits, flash_bytes, ram_bytes, instructions, cycles, source, reason.
QJsonArray boardFitsToJson(const std::vector<BoardFit>& boards);

} // namespace ember::workflow
