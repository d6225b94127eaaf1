// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Blocks of samples and their summaries in the project file: shared by reader, writer and importers of this folder.

#include "core/dataset/database.h"
#include "core/signal/pyramid.h"
#include "core/signal/sample_block.h"

#include <vector>

namespace ember::dataset::detail {

/// Stored blocks end at multiples of this, and a chunk of first-level summaries covers exactly one such zone.
constexpr qint64 kZoneRows = 4096;
/// Beyond any recording, and far enough from the end of the numbers to count on from there: where damage is suspected.
constexpr qint64 kMostRows = Q_INT64_C(1) << 60;
constexpr qint64 kBucketsPerChunk = kZoneRows / signal::kPyramidFactor;

struct BlockPosition
{
    qint64 id = 0;
    qint64 firstRow = 0;
    qint64 rowCount = 0;

    qint64 endRow() const { return firstRow + rowCount; }
};

/// Cuts a block at zone borders; the later parts get their device time from the nominal rate.
std::vector<signal::SampleBlock> splitAtZones(const signal::SampleBlock& block, const signal::StreamSpec& stream);

/// `block` lies within one zone.
Status insertBlock(Database& database, RecordingId recording, const signal::SampleBlock& block);

/// Blocks with rows in [begin, end), in order.
Result<std::vector<BlockPosition>> blockPositions(Database& database, RecordingId recording, qint64 begin, qint64 end);

/// The bytes of a block. Error BadData when they do not fit its row count.
Result<QByteArray> blockBytes(Database& database, const BlockPosition& block, std::size_t bytesPerRow);

/// Joins the short blocks of the zones that begin in [begin, end) and stores their summaries. `begin` is where the last
/// sealing ended; a zone is sealed once, when it is complete or the recording ends.
Status seal(Database& database, RecordingId recording, const signal::StreamSpec& stream, qint64 begin, qint64 end);

/// Adds the stored summaries of a level to an envelope of that level's bucket size.
Status addStoredSummaries(Database& database, RecordingId recording, int level, signal::Envelope& envelope);

} // namespace ember::dataset::detail
