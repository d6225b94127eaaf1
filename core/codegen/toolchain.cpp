// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/toolchain.h"

#include "core/base/content_hash.h"
#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/base/resources.h"
#include "core/codegen/firmware_recipe.h"
#include "core/device/board.h"
#include "core/device/elf_image.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QThread>
#include <QUuid>

#include <atomic>
#include <optional>

namespace ember::codegen {
namespace {

constexpr int kCompileTimeoutMs = 600'000;

struct CompileJob
{
    QString source;
    QStringList flags;
    QString object;
};

/// Written beside its place and moved there, so that nobody ever sees half an object in the cache.
Status compileOne(const QString& compiler, const CompileJob& job, const CancelToken& cancel)
{
    const QString fresh = job.object + QLatin1Char('.') + QUuid::createUuid().toString(QUuid::Id128);
    ProcessRequest request;
    request.program = compiler;
    request.arguments = job.flags + QStringList{QStringLiteral("-c"), job.source, QStringLiteral("-o"), fresh};
    request.timeoutMs = kCompileTimeoutMs;
    const auto outcome = runProcessChecked(request, cancel);
    if (!outcome) {
        QFile::remove(fresh);
        return outcome.error().context(QStringLiteral("compiling %1").arg(QFileInfo(job.source).fileName()));
    }
    if (!QFile::rename(fresh, job.object) && !QFile::exists(job.object))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written.").arg(job.object),
                     QStringLiteral("Check the folder's permissions and free space."));
    QFile::remove(fresh); // another process was first
    return {};
}

/// Compiles on as many threads as the machine has. The first error stops the rest.
Status compileAll(const QString& compiler, const std::vector<CompileJob>& jobs, const CancelToken& cancel)
{
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    std::vector<std::optional<Error>> errors(jobs.size());
    const auto work = [&] {
        for (std::size_t i = next++; i < jobs.size() && !failed; i = next++) {
            if (const Status status = compileOne(compiler, jobs[i], cancel); !status) {
                errors[i] = status.error();
                failed = true;
            }
        }
    };
    const auto count = std::min<std::size_t>(jobs.size(), static_cast<std::size_t>(QThread::idealThreadCount()));
    runOnThreads(static_cast<int>(count), work);
    for (const std::optional<Error>& error : errors) {
        if (error)
            return *error;
    }
    return {};
}

ImageSizes sizesOf(const device::ElfImage& image)
{
    ImageSizes sizes;
    for (const device::ElfSection& section : image.sections) {
        if (!section.isAllocated())
            continue;
        const bool reserve =
            section.name.startsWith(QLatin1String(".stack")) || section.name.startsWith(QLatin1String(".heap"));
        if (section.isWritable() && !section.isCode() && !reserve)
            sizes.ram += section.size;
        if (section.hasContent())
            (section.isCode() ? sizes.flashCode : sizes.flashConst) += section.size;
    }
    return sizes;
}

/// Objects of the agent and the port: those that the cache lacks are compiled into it.
Result<QStringList> agentObjects(const QString& compiler, const FirmwareRecipe& recipe, const QStringList& sources,
                                 const QString& cacheKey, const CancelToken& cancel)
{
    EMBER_TRY(const QString cache, stateDirectory(QStringLiteral("build-cache/") + cacheKey));
    QStringList objects;
    std::vector<CompileJob> jobs;
    for (const QString& source : sources) {
        QString name = QDir(recipe.root).relativeFilePath(source);
        name.replace(QLatin1Char('/'), QLatin1Char('-'));
        objects << QDir(cache).filePath(name + QStringLiteral(".o"));
        if (!QFile::exists(objects.last()))
            jobs.push_back({source, recipe.compileFlags, objects.last()});
    }
    EMBER_CHECK(compileAll(compiler, jobs, cancel));
    return objects;
}

/// The model's own sources, compiled in `folder`.
Result<QStringList> modelObjects(const QString& compiler, const FirmwareRecipe& recipe, const GeneratedModel& model,
                                 const QStringList& speedFlags, const QString& folder, const CancelToken& cancel)
{
    GeneratedModel withGlue = model;
    withGlue.files.push_back(model.glue);
    EMBER_TRY(const QStringList files, writeGenerated(withGlue, folder));
    QStringList flags = recipe.compileFlags;
    flags << QStringLiteral("-I") + folder;
    if (model.speedFlags)
        flags << speedFlags;
    QStringList objects;
    std::vector<CompileJob> jobs;
    for (const QString& file : files) {
        if (!file.endsWith(QLatin1String(".cpp")))
            continue;
        objects << file + QStringLiteral(".o");
        jobs.push_back({file, flags, objects.last()});
    }
    EMBER_CHECK(compileAll(compiler, jobs, cancel));
    return objects;
}

/// What the linker says when an image does not fit, in words and with what helps; any other failure as it is.
Error linkError(const Error& error, const device::Board& board)
{
    static const QRegularExpression overflow(QStringLiteral("region `(\\w+)' overflowed by (\\d+) bytes"));
    const QRegularExpressionMatch match = overflow.match(error.hint);
    if (!match.hasMatch())
        return error.context(QStringLiteral("linking the firmware of %1").arg(board.id));
    const bool ram = match.captured(1) == QLatin1String("RAM");
    return Error(ErrorKind::BadData,
                 QStringLiteral("The firmware needs %1 bytes more %2 than %3 has (%4).")
                     .arg(match.captured(2), ram ? QStringLiteral("RAM") : QStringLiteral("flash"), board.name)
                     .arg(ram ? board.ramBytes : board.flashBytes),
                 ram ? QStringLiteral("Take shorter windows, features with less working memory, or a larger board.")
                     : QStringLiteral("Take a smaller model, optimise for size, or take a larger board."));
}

} // namespace

Result<Toolchain> Toolchain::forBoard(const device::Board& board)
{
    if (board.toolchain.family.isEmpty())
        return Error(ErrorKind::Unsupported, QStringLiteral("No compiler is known for %1.").arg(board.name));
    Toolchain toolchain;
    toolchain.m_compiler = board.toolchain.family + QStringLiteral("-g++");
    // The C driver links: firmware needs nothing of the C++ library, and a toolchain without one must do.
    toolchain.m_linker = board.toolchain.family + QStringLiteral("-gcc");
    ProcessRequest request;
    request.program = toolchain.m_compiler;
    request.arguments = {QStringLiteral("--version")};
    request.installHint = QStringLiteral("Install the Debian packages: apt install %1").arg(board.toolchain.package);
    EMBER_TRY(const ProcessOutcome outcome, runProcessChecked(request));
    toolchain.m_version = QString::fromUtf8(outcome.standardOutput.left(outcome.standardOutput.indexOf('\n')));
    return toolchain;
}

Result<FirmwareImage> Toolchain::buildFirmware(const device::Board& board, const Request& request) const
{
    EMBER_TRY(const FirmwareRecipe recipe,
              firmwareRecipe(board, request.model ? request.model->agentParts : request.agentParts));
    QTemporaryDir folder;
    if (!folder.isValid())
        return Error(ErrorKind::Io, QStringLiteral("No temporary folder can be made: %1.").arg(folder.errorString()));

    report(request.progress, QStringLiteral("Compiling firmware"), 0.1, board.name);
    QStringList sources = recipe.sources;
    if (!request.model)
        sources << recipe.noModelSource;
    const QString cacheKey = ContentHash().add(recipe.contentHash).add(m_compiler).add(m_version).hex();
    EMBER_TRY(QStringList objects, agentObjects(m_compiler, recipe, sources, cacheKey, request.cancel));
    if (request.model) {
        report(request.progress, QStringLiteral("Compiling the model"), 0.5, request.model->name);
        EMBER_TRY(const QStringList more, modelObjects(m_compiler, recipe, *request.model, board.toolchain.speedFlags,
                                                       folder.path(), request.cancel));
        objects += more;
    }

    report(request.progress, QStringLiteral("Linking firmware"), 0.9, board.name);
    ProcessRequest link;
    link.program = m_linker;
    link.arguments = recipe.linkFlags + objects;
    link.arguments << QStringLiteral("-Wl,-Map=%1.map").arg(request.outputPath) << QStringLiteral("-o")
                   << request.outputPath;
    link.timeoutMs = kCompileTimeoutMs;
    if (const auto outcome = runProcessChecked(link, request.cancel); !outcome)
        return linkError(outcome.error(), board);
    EMBER_TRY(const device::ElfImage image, device::readElf(request.outputPath));
    EMBER_CHECK(device::checkImage(image, board));
    return FirmwareImage{request.outputPath, image.buildId, sizesOf(image)};
}

} // namespace ember::codegen
