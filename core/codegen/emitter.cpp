// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/emitter.h"

#include "core/base/resources.h"
#include "core/codegen/emit_parts.h"
#include "core/codegen/events/emit_events.h"
#include "core/codegen/kind.h"
#include "core/codegen/learning/emit_learning.h"
#include "core/codegen/memory_plan.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

namespace ember::codegen {
namespace {

qint64 constantBytes(const EmitContext& context)
{
    qint64 bytes = context.kind.constantBytes(context.model);
    bytes += context.model.learning ? 2 * static_cast<qint64>(context.model.learning->limits.size()) : 0;
    for (const QString& name : context.model.classNames)
        bytes += name.toUtf8().size() + 1 + 4; // text, its end, the pointer
    bytes += context.model.codes ? static_cast<qint64>(context.model.codes->constants.size() * sizeof(float)) : 0;
    return bytes + (context.plan ? context.plan->constantBytes() : 0);
}

Result<GeneratedFile> runtimeHeader(const QString& name)
{
    EMBER_TRY(const QString path, resourcePath(QStringLiteral("device-agent/runtime/") + name));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
    return GeneratedFile{QStringLiteral("ember/") + name, file.readAll()};
}

QStringList runtimeHeaders(const EmitContext& context)
{
    QStringList names =
        context.kind.runtimeHeaders(context.model) + learningHeaders(context.model) + eventHeaders(context.model);
    if (context.model.codes)
        names += {QStringLiteral("elementary.hpp"), QStringLiteral("feature_codes.hpp"),
                  QStringLiteral("flash_data.hpp"), QStringLiteral("real.hpp"), QStringLiteral("tensor.hpp")};
    if (context.isWindowed())
        names += features::runtimeHeaderClosure(*context.plan);
    names.removeDuplicates();
    names.sort();
    return names;
}

Status writeFile(const QString& path, const QByteArray& bytes)
{
    if (!QDir().mkpath(QFileInfo(path).path()))
        return Error(ErrorKind::Io, QStringLiteral("The folder '%1' cannot be created.").arg(QFileInfo(path).path()));
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()),
                     QStringLiteral("Check the folder's permissions and free space."));
    return {};
}

} // namespace

QString featureCType(FeatureType type)
{
    switch (type) {
    case FeatureType::Int8:
        return QStringLiteral("int8_t");
    case FeatureType::Int16:
        return QStringLiteral("int16_t");
    case FeatureType::Int32:
        return QStringLiteral("int32_t");
    default:
        return QStringLiteral("float");
    }
}

QString EmitContext::outputCType() const
{
    switch (model.outputType) {
    case signal::SampleType::Int8:
        return QStringLiteral("int8_t");
    case signal::SampleType::Int16:
        return QStringLiteral("int16_t");
    case signal::SampleType::Int32:
        return QStringLiteral("int32_t");
    case signal::SampleType::Float32:
        break;
    }
    return QStringLiteral("float");
}

QString sampleCType(const EmitContext& context)
{
    return features::printPlan(*context.plan).sampleType;
}

Result<GeneratedModel> generate(const LoweredModel& model, const std::vector<CostNote>& costs,
                                const StoredVectors& selfTest)
{
    EmitContext context{model, kindOf(model), costs, std::nullopt, model.name.toUpper()};
    if (model.pipeline) {
        EMBER_TRY(context.plan, features::planFor(*model.pipeline));
    }
    EMBER_TRY(const MemoryPlan memory, planMemory(model));
    context.ramBytes = memory.total();
    context.constBytes = constantBytes(context);

    GeneratedModel generated;
    generated.name = model.name;
    generated.hash = model.hash;
    generated.ramBytes = context.ramBytes;
    generated.agentParts = {model.learning.has_value(), selfTest.count > 0, model.events.has_value()};
    generated.flashConstBytes = context.constBytes;
    generated.speedFlags =
        model.optimise != Optimise::Size && (context.isWindowed() || context.kind.wantsSpeedFlags(model));
    generated.files.push_back({model.name + QStringLiteral(".hpp"), printHeaderFile(context).toUtf8()});
    generated.files.push_back({model.name + QStringLiteral(".cpp"), printSourceFile(context).toUtf8()});
    for (const QString& name : runtimeHeaders(context)) {
        EMBER_TRY(GeneratedFile file, runtimeHeader(name));
        generated.files.push_back(std::move(file));
    }
    generated.glue = {model.name + QStringLiteral("_glue.cpp"), printGlueFile(context, selfTest).toUtf8()};
    return generated;
}

Result<QStringList> writeGenerated(const GeneratedModel& generated, const QString& directory)
{
    QStringList written;
    for (const GeneratedFile& file : generated.files) {
        const QString path = QDir(directory).filePath(file.path);
        EMBER_CHECK(writeFile(path, file.bytes));
        written << path;
    }
    return written;
}

} // namespace ember::codegen
