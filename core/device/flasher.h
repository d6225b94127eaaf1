// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/device/board.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>
#include <vector>

namespace ember::device {

/// One step of flashing, as it happens.
struct FlashEvent
{
    enum class Stage
    {
        Check,
        Erase,
        Write,
        Verify,
        Boot
    };
    Stage stage = Stage::Check;
    qint64 done = 0; ///< bytes; for Boot 0 or 1
    qint64 total = 0;
    QString detail;
};

/// "check", "erase", ... for logs and JSON.
QString flashStageName(FlashEvent::Stage stage);

struct FlashRequest
{
    QString image;                                  ///< ELF file
    QString port;                                   ///< of a physical board; empty: the emulated one
    bool dryRun = false;                            ///< check everything, change nothing
    std::function<void(const FlashEvent&)> onEvent; ///< on the calling thread
    CancelToken cancel;
    int bootTimeoutMs = 60'000;
};

struct FlashReport
{
    QString tool;
    qint64 bytes = 0; ///< that the board had to take
    double seconds = 0;
    bool verified = false; ///< the board runs and reports this image's build id; false after a dry run
    bool compared = false; ///< the tool has read the flash back and found the image in it
    QByteArray buildId;
    std::vector<QStringList> commands; ///< that were run, or would be without dry run; empty where no program is
};

/// What a flasher can do and needs, known before it starts.
struct FlasherInfo
{
    QString tool;
    QString requiredProgram; ///< empty: it needs none
    QString package;         ///< that brings the program; empty: Debian has none
    bool needsPort = false;  ///< a serial port has to be given
    bool canVerify = false;
    bool keepsOldImage = false; ///< a failed or cancelled flash leaves the board as it was
};

/// Puts an image onto a board. Blocks; any thread.
class Flasher
{
public:
    virtual ~Flasher() = default;
    virtual FlasherInfo info() const = 0;
    /// Errors: BadData for an image that is not for this board, MissingTool, Cancelled, Board when the board does not
    /// come up or reports another build id.
    virtual Result<FlashReport> flash(const FlashRequest& request) = 0;
};

/// The flasher for the board's upload method. Error Unsupported names the methods there are.
Result<std::unique_ptr<Flasher>> makeFlasher(const Board& board);

/// The image an emulated board runs: what was flashed last, or the agent that comes with the program. Errors: NotFound.
Result<QString> currentImage(const Board& board);

/// The agent that comes with the program. Errors: NotFound.
Result<QString> shippedImage(const Board& board);

} // namespace ember::device
