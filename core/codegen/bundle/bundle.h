// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/emitter.h"
#include "core/codegen/host_program.h"

#include <QJsonObject>

#include <span>

namespace ember::device {
struct Board;
}

namespace ember::codegen {

/// Whose tools a bundle is for.
enum class BundleKind : quint8
{
    Arduino,    ///< a library for the Arduino IDE and arduino-cli
    PlatformIo, ///< a project
    CMake,      ///< a library and its self-test as a program
    Zephyr,     ///< a module with a sample
    CmsisPack,  ///< a .pack
    Firmware,   ///< the agent with the model for one board: its sources, and the image
};

/// The words of the command line: "arduino", "platformio", "cmake", "zephyr", "cmsis-pack", "firmware".
QString bundleKindName(BundleKind kind);
/// Errors: Usage, naming the words that are understood.
Result<BundleKind> bundleKindFromName(const QString& name);
std::span<const BundleKind> bundleKinds();
/// "gestures-arduino.zip"; a CMSIS-Pack has the name that its tools ask for.
QString bundleFileName(BundleKind kind, const QString& modelName);

/// What a bundle is made of. Borrows all it names.
struct BundleContent
{
    BundleKind kind;
    const HostProgram& program;
    const GeneratedModel& generated;
    const device::Board& board;
    std::span<const QByteArray> inputs; ///< of the self-test, encoded for `program`; see makeSelfTest()
    QJsonObject card;                   ///< what model_card.h prints
    QByteArray firmwareImage = {};      ///< the ELF; Firmware only
    QString compilerVersion = {};       ///< of the image
};

struct Bundle
{
    std::vector<GeneratedFile> files; ///< in the order of the archive, manifest.json last
    int vectors = 0;                  ///< of the self-test
};

/// All files of a bundle: sources, self-test, README.md, MODEL_CARD.md, model_card.json, sbom.cdx.json, the licence,
/// and manifest.json with the SHA-256 of each other file. Same content, same bytes. Errors: those of makeSelfTest();
/// NotFound for what is missing from the installation; Unsupported for firmware of a board that has none.
Result<Bundle> makeBundle(const BundleContent& content);

/// The image in an archive of a firmware bundle, after its manifest has been checked against every file. `boardId` is
/// what it must be made for. Errors: BadData for a damaged or foreign archive; Usage for another board or kind.
Result<QByteArray> firmwareOfBundle(const QByteArray& archive, const QString& boardId);

} // namespace ember::codegen
