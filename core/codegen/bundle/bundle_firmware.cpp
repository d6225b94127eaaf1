// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/bundle/bundle_parts.h"
#include "core/codegen/firmware_recipe.h"
#include "core/device/board.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>

namespace ember::codegen {
namespace {

const QString kAgentFolder = QStringLiteral("device-agent");

/// Text of a CMake argument in quotes.
QString quotedForCMake(QString text)
{
    text.replace(QLatin1Char('\\'), QLatin1String("\\\\")).replace(QLatin1Char('"'), QLatin1String("\\\""));
    text.replace(QLatin1Char(';'), QLatin1String("\\;"));
    return QLatin1Char('"') + text + QLatin1Char('"');
}

/// The recipe's flags with paths of the bundle for those of this installation.
QString flagLines(const QStringList& flags, const QString& root)
{
    const QString parent = QDir(root + QStringLiteral("/..")).canonicalPath();
    QString text;
    for (QString flag : flags) {
        if (flag == QStringLiteral("-I") + parent)
            continue; // what lies beside device-agent is ours alone
        // "$" is left for CMake to put the folder in.
        const bool inside = flag.contains(root);
        flag.replace(root, QStringLiteral("@root@"));
        QString line = quotedForCMake(flag);
        if (inside)
            line.replace(QLatin1String("@root@"), QLatin1String("${CMAKE_CURRENT_SOURCE_DIR}/") + kAgentFolder);
        text += QStringLiteral("    ") + line + QLatin1Char('\n');
    }
    return text;
}

Result<QByteArray> fileBytes(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
    return file.readAll();
}

/// Agent, wire, runtime and the ports' code: all that the sources can include, and the linker scripts.
Result<FileList> agentSources(const FirmwareRecipe& recipe)
{
    QStringList paths;
    for (const char* folder : {"agent", "wire", "runtime", "boards"}) {
        QDirIterator at(QDir(recipe.root).filePath(QLatin1String(folder)), QDir::Files, QDirIterator::Subdirectories);
        while (at.hasNext())
            paths << at.next();
    }
    paths.sort();
    FileList files;
    for (const QString& path : std::as_const(paths)) {
        const QString suffix = QFileInfo(path).suffix();
        const bool compiled = suffix == QLatin1String("cpp") || suffix == QLatin1String("S");
        if (compiled && !recipe.sources.contains(path))
            continue;
        if (!compiled && suffix != QLatin1String("hpp") && suffix != QLatin1String("ld"))
            continue;
        EMBER_TRY(const QByteArray bytes, fileBytes(path));
        files.push_back({kAgentFolder + QLatin1Char('/') + QDir(recipe.root).relativeFilePath(path), bytes});
    }
    return files;
}

QString toolchainText(const device::Board& board)
{
    return QStringLiteral("# SPDX-License-Identifier: MIT-0\nset(CMAKE_SYSTEM_NAME Generic)\n"
                          "set(CMAKE_CXX_COMPILER %1-g++)\nset(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)\n")
        .arg(board.toolchain.family);
}

} // namespace

Result<FileList> firmwareFiles(const BundleSources& sources, const BundleContent& content)
{
    EMBER_TRY(const FirmwareRecipe recipe, firmwareRecipe(content.board, content.generated.agentParts));
    EMBER_TRY(FileList files, agentSources(recipe));
    addUnder(files, QStringLiteral("model"), sources.files);
    addUnder(files, QStringLiteral("model"), {content.generated.glue});

    QString compiled;
    for (const QString& source : recipe.sources)
        compiled += QStringLiteral("    %1/%2\n").arg(kAgentFolder, QDir(recipe.root).relativeFilePath(source));
    QString own;
    for (const QString& source : sources.compiled() + QStringList{content.generated.glue.path})
        own += QStringLiteral("    model/%1\n").arg(source);
    const QString speed =
        content.generated.speedFlags && !content.board.toolchain.speedFlags.isEmpty()
            ? QStringLiteral("set_source_files_properties(${model} PROPERTIES COMPILE_OPTIONS \"%1\")\n")
                  .arg(content.board.toolchain.speedFlags.join(QLatin1Char(';')))
            : QString();
    const QString cmake = QStringLiteral(R"(# SPDX-License-Identifier: MIT-0
# Linked by the C driver: the firmware needs nothing of the C++ library, and a toolchain without one must do.
cmake_minimum_required(VERSION 3.13)
project(@name@_firmware CXX)
set(model
%1)
%2add_executable(firmware.elf
%3    ${model})
target_include_directories(firmware.elf PRIVATE model)
target_compile_options(firmware.elf PRIVATE
%4)
string(REGEX REPLACE "g\\+\\+$" "gcc" linker "${CMAKE_CXX_COMPILER}")
set(CMAKE_CXX_LINK_EXECUTABLE "${linker} <LINK_FLAGS> <OBJECTS> -o <TARGET>")
target_link_options(firmware.elf PRIVATE
%5)
)")
                              .arg(own, speed, compiled, flagLines(recipe.compileFlags, recipe.root),
                                   flagLines(recipe.linkFlags, recipe.root));
    files.push_back({QStringLiteral("CMakeLists.txt"), filledTemplate(cmake, sources)});
    files.push_back({QStringLiteral("toolchain.cmake"), toolchainText(content.board).toUtf8()});
    return files;
}

} // namespace ember::codegen
