// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/base/result.h"
#include "core/device/board.h"
#include "core/device/flasher.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace ember::device {

/// What a flashing program is to put where.
struct FlashJob
{
    Board board;
    QString port;        ///< empty where the tool finds the board by itself
    QString file;        ///< the image in the form that the tool takes, named without folder
    quint32 address = 0; ///< of the image's first byte
};

/// A program that flashes boards: what it needs, how it is called, what its words mean. Only data and pure functions,
/// so that a tool is tested without a board; ToolFlasher runs it.
struct FlashTool
{
    enum class Form
    {
        Elf, ///< as it was linked
        Hex, ///< Intel hex
        Binary,
        Uf2
    };

    const char* method;   ///< `upload.method` of the boards that it flashes
    QStringList programs; ///< names that it goes by; the first that is found is taken
    QString package;      ///< Debian package; empty: Debian 12 has none
    QString getIt;        ///< what to do when it is missing, for a person
    Form form;
    bool needsPort;
    bool comparesFlash; ///< reads the flash back and compares it with the image

    /// Arguments of each run of the program, in order. Upload options are those that the tool's file names. Errors:
    /// BadData when the board file lacks one or has nonsense in it.
    Result<std::vector<QStringList>> (*commands)(const FlashJob& job);
    /// What a line of its output says about progress. `total`: bytes of the image.
    std::optional<FlashEvent> (*progress)(const QByteArray& line, qint64 total);
    /// Why it failed, from all it said; nothing when these words are not known.
    std::optional<Error> (*explain)(const QByteArray& said, const FlashJob& job);
};

// One file each: openocd_tool.cpp and so on.
const FlashTool& openocdTool();
const FlashTool& stFlashTool();
const FlashTool& stm32flashTool();
const FlashTool& dfuUtilTool();
const FlashTool& bossacTool();
const FlashTool& picotoolTool();
const FlashTool& esptoolTool();

/// All of them.
const std::vector<const FlashTool*>& flashTools();

/// Reads upload options of a board file and remembers the first that is wrong.
class UploadOptions
{
public:
    explicit UploadOptions(const Board& board)
        : m_board(board)
    {}

    /// Letters, digits and "-_./:" only: it becomes part of a command, and in OpenOCD's of a script.
    QString word(const char* key, bool required = false);
    QStringList words(const char* key);
    int number(const char* key, int least, int most, int fallback);
    /// Text such as "0x2000"; `fallback` where there is none.
    quint32 address(const char* key, quint32 fallback);
    bool flag(const char* key);
    Status status() const;

private:
    void fail(const char* key, const QString& what);

    const Board& m_board;
    QString m_problem;
};

QString hexAddress(quint32 address);

/// The percentage in front of a '%' in the line, from 0 to 100.
std::optional<double> percentIn(const QByteArray& line);

/// What a program said, without empty lines, its last part.
QString lastWords(const QByteArray& said);

// Errors that several tools have in common.
Error noPermissionForUsb(const FlashJob& job);
Error portBusy(const QString& port);
Error flashDiffers(const FlashJob& job, const QByteArray& said);
Error nobodyAnswers(const FlashJob& job, const QString& hint);

} // namespace ember::device
