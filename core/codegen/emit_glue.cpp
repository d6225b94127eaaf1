// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/emit_parts.h"
#include "core/codegen/emit_text.h"
#include "core/codegen/events/emit_events.h"
#include "core/codegen/learning/emit_learning.h"

namespace ember::codegen {
namespace {

// The board describes itself in one frame; long labels are cut for it, not for the bundle.
constexpr int kMaxLabelLength = 32;

QString elementType(FeatureType type)
{
    switch (type) {
    case FeatureType::Int8:
        return QStringLiteral("Int8");
    case FeatureType::Int16:
        return QStringLiteral("Int16");
    case FeatureType::Int32:
        return QStringLiteral("Int32");
    default:
        return QStringLiteral("Float32");
    }
}

QString sampleElementType(signal::SampleType type)
{
    switch (type) {
    case signal::SampleType::Int8:
        return QStringLiteral("Int8");
    case signal::SampleType::Int16:
        return QStringLiteral("Int16");
    case signal::SampleType::Int32:
        return QStringLiteral("Int32");
    case signal::SampleType::Float32:
        break;
    }
    return QStringLiteral("Float32");
}

QString buffers(const EmitContext& context)
{
    QString text;
    if (context.isWindowed())
        text += QStringLiteral("%1 window[%2_WINDOW_ROWS * %2_CHANNELS];\nfloat scratch[%2_SCRATCH_FLOATS];\n")
                    .arg(sampleCType(context), context.macro);
    if (context.model.events)
        text += QStringLiteral("%1_events events;\n").arg(context.model.name);
    return text + QStringLiteral("%1 features[%2_FEATURE_COUNT];\n%3 outputs[%4];\n\n")
                      .arg(featureCType(context.model.featureType), context.macro, context.outputCType(),
                           context.outputCountMacro());
}

/// Texts lie in flash, where the agent looks for them: on AVR that is another address space.
QString flashText(const QString& name, const QString& text)
{
    return QStringLiteral("const char %1[] EMBER_IN_FLASH = %2;\n").arg(name, stringLiteral(text));
}

QString classNames(const EmitContext& context)
{
    if (!context.model.classifier)
        return {};
    QString texts;
    QStringList names;
    for (const QString& name : context.model.classNames) {
        names << QStringLiteral("className%1").arg(names.size());
        texts += flashText(names.last(), name.left(kMaxLabelLength));
    }
    return texts + QStringLiteral("const char* const classNames[%1_CLASS_COUNT] = {\n    %2,\n};\n\n")
                       .arg(context.macro, names.join(QStringLiteral(",\n    ")));
}

QString functions(const EmitContext& context)
{
    const QString& name = context.model.name;
    QString text;
    if (context.isWindowed())
        text +=
            QStringLiteral("void extract(const void* from, void* to)\n{\n"
                           "    %1_features(static_cast<const %2*>(from), static_cast<float*>(to), scratch);\n}\n\n")
                .arg(name, sampleCType(context));
    return text +
           QStringLiteral("uint16_t infer(const void* from, void* to)\n{\n"
                          "    const uint16_t winner = %1_infer(static_cast<const %2*>(from), "
                          "static_cast<%3*>(to));\n%4    return winner;\n}\n\n")
               .arg(name, featureCType(context.model.featureType), context.outputCType(), printEventCall(context));
}

QString selfTestTable(const StoredVectors& selfTest)
{
    if (selfTest.count == 0)
        return {};
    return byteTable(QStringLiteral("kVectors"), selfTest.table) +
           QStringLiteral("const ember::agent::SelfTestVectors kSelfTest = {kVectors, %1, %2};\n\n")
               .arg(selfTest.count)
               .arg(selfTest.inputBytes);
}

QString descriptor(const EmitContext& context, const StoredVectors& selfTest)
{
    const LoweredModel& model = context.model;
    const bool windowed = context.isWindowed();
    QStringList fields;
    fields << QStringLiteral("modelName") << QStringLiteral("modelHash");
    fields << (windowed ? QStringLiteral("ember::agent::InputKind::Window")
                        : QStringLiteral("ember::agent::InputKind::FeatureVector"));
    fields << QString::number(windowed ? context.plan->windowRows : 0);
    fields << QString::number(windowed ? model.pipeline->hopRows : 0);
    fields << QString::number(windowed ? context.plan->channels : 0);
    fields << QStringLiteral("ember::wire::ElementType::%1")
                  .arg(windowed ? sampleElementType(context.plan->sampleType) : QStringLiteral("Float32"));
    fields << QStringLiteral("ember::wire::ElementType::%1").arg(elementType(model.featureType));
    fields << context.macro + QStringLiteral("_FEATURE_COUNT");
    fields << QStringLiteral("ember::wire::ElementType::%1").arg(sampleElementType(model.outputType));
    fields << context.outputCountMacro() << context.macro + QStringLiteral("_CLASS_COUNT");
    fields << (model.classifier ? QStringLiteral("classNames") : QStringLiteral("nullptr"));
    fields << (windowed ? QStringLiteral("extract") : QStringLiteral("nullptr")) << QStringLiteral("infer");
    fields << (windowed ? QStringLiteral("window") : QStringLiteral("nullptr"));
    fields << QStringLiteral("features") << QStringLiteral("outputs");
    if (model.learning)
        fields << QStringLiteral("&kLearning");
    if (selfTest.count > 0)
        fields << QStringLiteral("&kSelfTest");
    if (model.events)
        fields << QStringLiteral("&kEvents");
    return QStringLiteral("const ember::agent::ModelDescriptor kModel = {\n    %1,\n};\n")
        .arg(fields.join(QStringLiteral(",\n    ")));
}

} // namespace

QString printGlueFile(const EmitContext& context, const StoredVectors& selfTest)
{
    return QStringLiteral("// SPDX-License-Identifier: MIT-0\n"
                          "// Gives the model to the agent. Generated by Emberlab.\n"
                          "#include \"%1.hpp\"\n\n#include \"agent/model_port.hpp\"\n#include "
                          "\"runtime/flash_data.hpp\"\n\nnamespace {\n\n")
               .arg(context.model.name) +
           buffers(context) + flashText(QStringLiteral("modelName"), context.model.name) +
           flashText(QStringLiteral("modelHash"), context.model.hash.left(16)) + QLatin1Char('\n') +
           classNames(context) + functions(context) + printLearningGlue(context) + printEventGlue(context) +
           selfTestTable(selfTest) + descriptor(context, selfTest) +
           QStringLiteral(
               "\n} // namespace\n\n"
               "const ember::agent::ModelDescriptor* ember::agent::deployedModel()\n{\n    return &kModel;\n}\n");
}

} // namespace ember::codegen
