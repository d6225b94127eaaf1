// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/recording.h"

#include <QString>

#include <vector>

namespace ember::dataset {

class Project;

/// SHA-256 over what training can see: samples, channels, rate, segments with their label names, groups. Equal content
/// gives an equal hash whatever the ids, names, times, order of import and block boundaries; of the recordings named,
/// or of all that are not trashed. Error Usage while one of them is being recorded.
Result<QString> datasetHash(const Project& project, const std::vector<RecordingId>& recordings = {});

/// The same for the samples and channels of one recording; stored as Recording::contentHash when it is finished.
Result<QString> recordingHash(const Project& project, RecordingId id);

} // namespace ember::dataset
