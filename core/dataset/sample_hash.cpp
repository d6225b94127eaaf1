// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/sample_hash.h"

#include "core/base/content_hash.h"
#include "core/dataset/block_store.h"

#include <limits>

namespace ember::dataset::detail {
namespace {

void addStream(ContentHash& hash, const signal::StreamSpec& stream)
{
    hash.add(signal::sampleTypeName(stream.type)).add(stream.rateHz).add(static_cast<qint64>(stream.channels.size()));
    for (const signal::Channel& channel : stream.channels)
        hash.add(channel.name).add(channel.unit).add(channel.scale).add(channel.offset);
}

} // namespace

Result<QString> hashSamples(Database& database, RecordingId recording, const signal::StreamSpec& stream)
{
    ContentHash whole;
    addStream(whole, stream);
    EMBER_TRY(const auto blocks,
              blockPositions(database, recording, 0, std::numeric_limits<qint64>::max() - kZoneRows));
    for (std::size_t first = 0; first < blocks.size();) {
        QCryptographicHash run(QCryptographicHash::Sha256);
        std::size_t next = first;
        do {
            EMBER_TRY(const QByteArray bytes, blockBytes(database, blocks[next], stream.bytesPerRow()));
            run.addData(bytes);
            ++next;
        } while (next < blocks.size() && blocks[next].firstRow == blocks[next - 1].endRow());
        whole.add(blocks[first].firstRow).add(blocks[next - 1].endRow()).add(run.result());
        first = next;
    }
    return whole.hex();
}

} // namespace ember::dataset::detail
