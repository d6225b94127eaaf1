// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/firmware_recipe.h"

#include "core/base/content_hash.h"
#include "core/base/resources.h"
#include "core/device/board.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace ember::codegen {
namespace {

Result<QByteArray> readFile(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::NotFound, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()),
                     QStringLiteral("Reinstall the program; this file comes with it."));
    return file.readAll();
}

Result<QJsonObject> readJson(const QString& path)
{
    EMBER_TRY(const QByteArray bytes, readFile(path));
    QJsonParseError problem;
    const QJsonDocument json = QJsonDocument::fromJson(bytes, &problem);
    if (!json.isObject())
        return Error(ErrorKind::BadData,
                     QStringLiteral("'%1' is no JSON object: %2.").arg(path, problem.errorString()));
    return json.object();
}

QStringList strings(const QJsonObject& object, const char* key)
{
    QStringList list;
    for (const QJsonValue value : object.value(QLatin1String(key)).toArray())
        list << value.toString();
    return list;
}

/// Everything that compiling can read: sources, headers, linker scripts.
Result<QString> hashOf(const FirmwareRecipe& recipe)
{
    QStringList files;
    // All boards, because ports share code.
    for (const QString& folder :
         {QStringLiteral("agent"), QStringLiteral("wire"), QStringLiteral("runtime"), QStringLiteral("boards")}) {
        QDirIterator at(QDir(recipe.root).filePath(folder), QDir::Files, QDirIterator::Subdirectories);
        while (at.hasNext())
            files << at.next();
    }
    files.sort();
    ContentHash hash;
    for (const QString& file : std::as_const(files)) {
        EMBER_TRY(const QByteArray bytes, readFile(file));
        hash.add(QDir(recipe.root).relativeFilePath(file)).add(bytes);
    }
    for (const QString& flag : recipe.compileFlags)
        hash.add(flag);
    return hash.hex();
}

} // namespace

Result<FirmwareRecipe> firmwareRecipe(const device::Board& board, const AgentParts& parts)
{
    if (board.firmware.port.isEmpty())
        return Error(ErrorKind::Unsupported, QStringLiteral("There is no agent firmware for %1.").arg(board.name),
                     QStringLiteral("Generate the code and build it in your own project."));
    FirmwareRecipe recipe;
    EMBER_TRY(const QString root, resourcePath(QStringLiteral("device-agent")));
    // The folder may be a link; include paths must not depend on that.
    recipe.root = QDir(root).canonicalPath();
    const QDir folder(recipe.root);
    EMBER_TRY(const QJsonObject agent, readJson(folder.filePath(QStringLiteral("agent/firmware.json"))));
    EMBER_TRY(const QJsonObject port,
              readJson(folder.filePath(QStringLiteral("boards/%1/port.json").arg(board.firmware.port))));
    const QJsonObject& own = board.firmware.json;

    const QStringList portSources =
        board.firmware.sources.isEmpty() ? strings(port, "sources") : board.firmware.sources;
    for (const QString& source : strings(agent, "sources") + portSources)
        recipe.sources << folder.filePath(source);
    recipe.noModelSource = folder.filePath(agent.value(QStringLiteral("no_model")).toString());
    recipe.compileFlags = board.toolchain.flags + strings(agent, "compile_flags") + strings(port, "compile_flags") +
                          strings(own, "compile_flags");
    for (const auto& [name, value] : board.firmware.defines)
        recipe.compileFlags << QStringLiteral("-D%1=%2").arg(name, value);
    if (parts.learning)
        recipe.compileFlags << QStringLiteral("-DEMBER_LEARNING=1");
    if (parts.selfTest)
        recipe.compileFlags << QStringLiteral("-DEMBER_SELF_TEST=1");
    if (parts.events)
        recipe.compileFlags << QStringLiteral("-DEMBER_EVENTS=1");
    recipe.compileFlags << QStringLiteral("-I") + QDir(recipe.root + QStringLiteral("/..")).canonicalPath()
                        << QStringLiteral("-I") + recipe.root;
    recipe.linkFlags =
        board.toolchain.flags + strings(agent, "link_flags") + strings(port, "link_flags") + strings(own, "link_flags");
    // Library functions aligned to cache lines make gaps of up to 63 bytes that come and go with what lies before them;
    // sorted, they make none, and the difference of two images is what was added.
    recipe.linkFlags << QStringLiteral("-Wl,--sort-section=alignment");
    recipe.linkFlags << QStringLiteral("-T") << folder.filePath(board.firmware.linkerScript);
    EMBER_TRY(recipe.contentHash, hashOf(recipe));
    return recipe;
}

} // namespace ember::codegen
