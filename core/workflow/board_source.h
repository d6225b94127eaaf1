// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/importer.h"
#include "core/device/board.h"
#include "core/device/emulator.h"
#include "core/device/transport.h"
#include "core/formats/format.h"
#include "core/workflow/hooks.h"

#include <memory>
#include <optional>
#include <vector>

namespace ember::workflow {

/// A file made ready to be played to an emulated board's sensor, with the labels it carries.
struct FeedFile
{
    device::FeedRecording recording;
    std::vector<dataset::ImportedSegment> segments; ///< in rows of `recording`
    dataset::Group group;
    QString name; ///< the file's base name
    QStringList warnings;
};

/// Reads a recording file (any format that import takes) and turns it into what an int16 sensor would give. Sessions in
/// the file follow each other without a gap; a segment never spans two of them.
Result<FeedFile> loadFeed(const QString& path, const CancelToken& cancel = {});

constexpr double kMinFeedSpeed = 0.001;
constexpr double kMaxFeedSpeed = 10'000;
constexpr double kMaxRateHz = 10e6;

/// The board that samples or inferences come from: a port, or an emulated board with a file in the place of its sensor.
struct BoardSource
{
    QString port; ///< address of a link ("/dev/ttyACM0", "tcp://host:port"); empty: the emulated board below
    int baud = 115200;
    /// What the board on the port speaks: "auto", "agent" or the name of a format. Emulated boards run our agent.
    QString format = QStringLiteral("auto");
    formats::ChannelSettings channels; ///< for formats other than the agent's
    double rateHz = 0;                 ///< for formats that do not say theirs; 0: measured

    QString board; ///< id of an emulated board
    QString image; ///< firmware to run; empty: what was flashed last, or the agent that comes with the program
    std::shared_ptr<const FeedFile> feed;       ///< null: a board without sensor
    std::shared_ptr<const FeedFile> secondFeed; ///< for its second sensor, where it has one; null: none
    double speed = 1.0; ///< how much faster than real time the feed is played; kMinFeedSpeed to kMaxFeedSpeed
    bool loop = false;
};

/// A board whose link can be opened. Owns the emulator, if any; the board is gone with it.
struct BoardLink
{
    std::unique_ptr<device::Emulator> emulator;
    QString address;
    device::TransportOptions transport;
    QString format;         ///< for CaptureOptions
    double timeScale = 1.0; ///< device seconds per host second

    /// How many rows the sensor gives in all, once that is known; for CaptureOptions::sourceRows.
    std::optional<qint64> sourceRows() const
    {
        return emulator && emulator->feed() ? emulator->feed()->finalRows() : std::nullopt;
    }
};

/// Errors: Usage (neither port nor board, or both; no possible speed), NotFound (board), MissingTool, Board.
Result<BoardLink> startBoard(const BoardSource& source, const Hooks& hooks = {});

} // namespace ember::workflow
