// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/pipeline.h"

#include <QByteArray>

namespace ember::features {

/// Stages and blocks as the list that people write in a pipeline file: channels by name, so that it fits other
/// recordings with the same names. pipelineFromText() reads it. Where two channels share a name, they are numbered.
QByteArray pipelineText(const Pipeline& pipeline);

} // namespace ember::features
