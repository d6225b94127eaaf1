// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/block.h"
#include "core/features/pipeline.h"

#include <optional>

namespace ember::gui {

/// A stage or a block of a pipeline by its place.
struct PartId
{
    bool isStage = false;
    std::size_t index = 0; ///< among the stages, or among the blocks

    friend bool operator==(const PartId&, const PartId&) = default;
};

/// What the part says of itself, and its settings; nothing for a place or an id that does not exist.
std::optional<features::BlockInfo> infoOf(const features::Pipeline& pipeline, PartId part);
const features::BlockUse* useOf(const features::Pipeline& pipeline, PartId part);
/// Names of the signals that the part can read, by number.
QStringList signalsFor(const features::Pipeline& pipeline, PartId part);

// Pipelines with one thing changed. Errors: as features::validate(), so that what is returned can be computed.

/// At the end, on as many signals as it takes, with default settings.
Result<features::Pipeline> withPart(const features::Pipeline& pipeline, bool isStage, const QString& id);
Result<features::Pipeline> withoutPart(const features::Pipeline& pipeline, PartId part);
/// One place to the left (-1) or right (1) among its kind.
Result<features::Pipeline> withPartMoved(const features::Pipeline& pipeline, PartId part, int direction);
Result<features::Pipeline> withUse(const features::Pipeline& pipeline, PartId part, const features::BlockUse& use);

} // namespace ember::gui
