// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Made-up streams and projects for the tests of this folder.

#include "core/dataset/importer.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_writer.h"
#include "core/signal/sample_block.h"
#include "tests/support/verify_ok.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace ember::dataset::test {

inline signal::StreamSpec imuStream(std::size_t channels = 3)
{
    signal::StreamSpec spec;
    spec.name = QStringLiteral("imu");
    spec.type = signal::SampleType::Int16;
    spec.rateHz = 100.0;
    for (std::size_t c = 0; c < channels; ++c)
        spec.channels.push_back({QStringLiteral("a%1").arg(c), QStringLiteral("m/s2"), 0.5, -1.0});
    return spec;
}

/// The raw value of a sample: a function of its place, so that a misplaced row is seen.
inline qint16 rawValue(qint64 row, std::size_t channel)
{
    return static_cast<qint16>((row * 7919 + static_cast<qint64>(channel) * 104729) % 20011 - 10000);
}

inline signal::SampleBlock blockOf(qint64 firstRow, qint64 rowCount, std::size_t channels = 3, qint64 valueOffset = 0)
{
    signal::SampleBlock block;
    block.firstRow = firstRow;
    block.rowCount = rowCount;
    block.deviceMicros = firstRow * 10'000;
    for (qint64 row = firstRow; row < firstRow + rowCount; ++row) {
        for (std::size_t c = 0; c < channels; ++c) {
            const qint16 value = rawValue(row + valueOffset, c);
            block.rows.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
    }
    return block;
}

/// A finished recording of `rows` rows.
inline Result<Recording> addRecording(const QString& projectPath, const QString& name, qint64 rows,
                                      const QString& group = {}, qint64 valueOffset = 0)
{
    EMBER_TRY(auto writer, RecordingWriter::start(projectPath, {name, imuStream(), {group, GroupKind::Subject}, {}}));
    EMBER_CHECK(writer->append(blockOf(0, rows, 3, valueOffset)));
    return writer->finish();
}

/// What was read of a file, in physical units, whatever the blocks.
inline std::vector<float> floatsOf(const ImportedRecording& recording)
{
    std::vector<float> values;
    for (const signal::SampleBlock& block : recording.blocks) {
        const std::vector<float> part = signal::toPhysical(block.rows, recording.about.stream);
        values.insert(values.end(), part.begin(), part.end());
    }
    return values;
}

inline bool mentions(const QStringList& texts, const char* what)
{
    return !texts.filter(QLatin1String(what)).isEmpty();
}

} // namespace ember::dataset::test
