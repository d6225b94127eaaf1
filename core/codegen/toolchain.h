// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/codegen/emitter.h"

#include <QByteArray>
#include <QString>

#include <functional>

namespace ember::device {
struct Board;
}

namespace ember::codegen {

/// What a linked firmware takes of the board.
struct ImageSizes
{
    qint64 flashCode = 0;  ///< code, including what the linker put between functions
    qint64 flashConst = 0; ///< read-only data and the stored image of initialised data
    qint64 ram = 0;        ///< initialised and zeroed static data; no stack, no heap

    qint64 flash() const { return flashCode + flashConst; }
};

/// A linked firmware.
struct FirmwareImage
{
    QString elfPath;
    QByteArray buildId; ///< the linker's 20-byte note
    ImageSizes sizes;
};

/// A compiled harness or model for one board: the cross-compiler found, its version asked.
class Toolchain
{
public:
    /// Errors: MissingTool with the Debian package; Unsupported for a board that has no compiler.
    static Result<Toolchain> forBoard(const device::Board& board);

    QString compiler() const { return m_compiler; }
    QString version() const { return m_version; }

    struct Request
    {
        const GeneratedModel* model = nullptr; ///< null: the agent without a model
        AgentParts agentParts = {};            ///< without a model: what it has all the same, to be compared with one
        QString outputPath;                    ///< where the ELF goes; its folder must exist
        ProgressSink progress;
        CancelToken cancel;
    };

    /// Compiles the agent, the board's port and the model and links them. Objects of the agent are kept under
    /// stateDirectory("build-cache") by a hash of their sources, flags and compiler, so that only the model is compiled
    /// the next time. Blocks; any thread; several may run at once. Errors: Failed with the compiler's words, Cancelled,
    /// Io.
    Result<FirmwareImage> buildFirmware(const device::Board& board, const Request& request) const;

private:
    Toolchain() = default;

    QString m_compiler;
    QString m_linker;
    QString m_version;
};

} // namespace ember::codegen
