// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset_hash.h"

#include "core/dataset/dataset_content.h"
#include "core/dataset/project.h"
#include "core/dataset/sample_hash.h"

namespace ember::dataset {

Result<QString> datasetHash(const Project& project, const std::vector<RecordingId>& recordings)
{
    EMBER_TRY(const DatasetContent content, datasetContent(project, recordings));
    return hashOf(content);
}

Result<QString> recordingHash(const Project& project, RecordingId id)
{
    EMBER_TRY(const Recording recording, project.recordings().get(id));
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(project.database()));
    return detail::hashSamples(project.database(), id, recording.stream);
}

} // namespace ember::dataset
