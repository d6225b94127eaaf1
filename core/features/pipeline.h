// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/features/projection.h"
#include "core/signal/stream_spec.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <span>
#include <vector>

namespace ember::features {

/// One block or stage of a pipeline with its settings: what it computes is looked up by id in the registry.
struct BlockUse
{
    QString block;             ///< "statistics", "spectrum"; of a stage "filter"
    QJsonObject parameters;    ///< complete: defaults are filled in when it is made
    std::vector<int> channels; ///< columns of the window it reads; behind them, channels that stages have added

    friend bool operator==(const BlockUse&, const BlockUse&) = default;
};

/// How raw rows become a feature vector. A value; its JSON text is stored in the model and its hash keys the feature
/// cache. Computation runs the same headers as the firmware, so results are bit-identical on desk and board.
struct Pipeline
{
    signal::StreamSpec stream; ///< type, channels, scales and rate that the features were defined for
    int windowRows = 0;
    int hopRows = 0;
    std::vector<BlockUse> blocks;
    std::vector<BlockUse> stages = {}; ///< what is done to the signals before the blocks, in order; stage.h
    Projection projection = {};        ///< behind the blocks; empty unless it was fitted

    friend bool operator==(const Pipeline&, const Pipeline&) = default;
};

QJsonObject toJson(const Pipeline& pipeline);

/// Errors: BadData with the key at fault; unknown blocks by name.
Result<Pipeline> pipelineFromJson(const QJsonObject& json);

/// The blocks alone, as people write them in a pipeline file: [{"block": "statistics", "channels": ["ax", "ay"],
/// "parameters": {...}}]. Channels by number or name; parameters left out have their default. Errors: BadData.
Result<std::vector<BlockUse>> blocksFromJson(const QJsonArray& json, const signal::StreamSpec& stream);

/// What a pipeline file says, for a stream: a whole pipeline, or the list of blocks alone, which then gets this stream
/// and window and may hold stages ({"stage": "filter", ...}) between the blocks; all of them come before the blocks.
/// Errors: BadData, also for text that is no JSON.
Result<Pipeline> pipelineFromText(const QByteArray& text, const signal::StreamSpec& stream, int windowRows,
                                  int hopRows);

QJsonArray blocksToJson(const std::vector<BlockUse>& blocks);

/// Stable over program versions: SHA-256 of the canonical JSON text.
QString pipelineHash(const Pipeline& pipeline);

/// Checks that every block exists, reads channels that exist and gets a window it can work with.
Status validate(const Pipeline& pipeline);

/// "ax.mean", "ax.std", ..., in output order.
QStringList featureNames(const Pipeline& pipeline);

/// The same of what the blocks make, before a projection.
QStringList blockFeatureNames(const Pipeline& pipeline);
/// Shape of the feature vector, channels last ({time, channels}), where its only block gives one; otherwise empty.
std::vector<int> featureShape(const Pipeline& pipeline);

/// Features of one window; `rows` is windowRows raw rows in the stream's type. The pipeline must have been validated.
Result<std::vector<float>> extract(const Pipeline& pipeline, const QByteArray& rows);

} // namespace ember::features
