// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/events/emit_events.h"

namespace ember::codegen {
namespace {

QString shape(const LoweredEvents& events, const EmitContext& context)
{
    return QStringLiteral("struct EventShape\n{\n"
                          "    static constexpr uint16_t classes = %1;\n"
                          "    static constexpr uint16_t background = %2; // 65535: none\n"
                          "    static constexpr uint8_t smoothing = %3;\n"
                          "    static constexpr uint8_t patience = %4;\n"
                          "    static constexpr uint8_t rest = %5;\n"
                          "    static constexpr uint8_t on = %6; // of 256, as the next one\n"
                          "    static constexpr uint8_t off = %7;\n"
                          "};\n")
        .arg(context.model.classNames.size())
        .arg(events.background)
        .arg(events.smoothing)
        .arg(events.patience)
        .arg(events.deadTime)
        .arg(events.on)
        .arg(events.off);
}

QString scale(const ShareRule& rule)
{
    if (rule.kind != ShareRule::Kind::Scaled)
        return {};
    return QStringLiteral("struct EventScale\n{\n"
                          "    static constexpr int32_t zero = %1;\n"
                          "    static constexpr uint32_t whole = %2u;\n"
                          "    static constexpr uint32_t factor = %3u;\n"
                          "    static constexpr uint8_t shift = %4;\n"
                          "};\n")
        .arg(rule.zero)
        .arg(rule.whole)
        .arg(rule.factor)
        .arg(rule.shift);
}

/// The outputs as shares, an expression; of those parameters that it does not use, what says so.
QString shares(const EmitContext& context, QString* unused)
{
    const QString outputs = context.outputsName();
    const QString& name = context.model.name;
    if (context.model.events->shares.kind == ShareRule::Kind::Winner) {
        *unused = outputs;
        return QStringLiteral("ember::runtime::WinnerShares{winner}");
    }
    *unused = QStringLiteral("winner");
    if (context.model.events->shares.kind == ShareRule::Kind::Real)
        return QStringLiteral("ember::runtime::RealShares{%1}").arg(outputs);
    return QStringLiteral("ember::runtime::ScaledShares<%1::EventScale, %2>{%1::EventScale(), %3}")
        .arg(name, context.outputCType(), outputs);
}

QString inWindows(int count)
{
    return count == 1 ? QStringLiteral("window") : QStringLiteral("%1 windows").arg(count);
}

/// The settings for a reader of the header.
QString settingsText(const LoweredEvents& events)
{
    return QStringLiteral("An event of a class begins where its mean share of the last %1 has been %2/256 or\n"
                          "   more for %3, and ends where that is below %4/256%5.")
        .arg(inWindows(events.smoothing))
        .arg(events.on)
        .arg(inWindows(events.patience))
        .arg(events.off)
        .arg(events.deadTime == 0
                 ? QString()
                 : QStringLiteral("; for %1 after it none of that class begins").arg(inWindows(events.deadTime)));
}

} // namespace

QStringList eventHeaders(const LoweredModel& model)
{
    return model.events ? QStringList{QStringLiteral("events.hpp")} : QStringList();
}

QString printEvents(const EmitContext& context)
{
    if (!context.model.events)
        return {};
    return QStringLiteral("\n// How answers become events; ember/events.hpp explains the numbers.\n") +
           shape(*context.model.events, context) + scale(context.model.events->shares);
}

QString printEventDefines(const EmitContext& context)
{
    if (!context.model.events)
        return {};
    return QStringLiteral("#define %1_EVENT_SMOOTHING %2\n"
                          "#define %1_EVENT_BYTES %3\n"
                          "#define %1_NO_EVENT 0xFFFF\n")
        .arg(context.macro)
        .arg(context.model.events->smoothing)
        .arg(eventBytes(context.model));
}

QString printEventDeclarations(const EmitContext& context)
{
    if (!context.model.events)
        return {};
    const QString padding = QStringLiteral("    uint8_t unused; /* as compilers do that align to 2 */\n");
    const QString text = QStringLiteral(
        "\n/* What is remembered between windows. Owned by the caller; %1_events_init() before use. */\n"
        "typedef struct %1_events {\n"
        "    uint16_t sums[%2_CLASS_COUNT];\n"
        "    uint8_t runs[%2_CLASS_COUNT];\n"
        "    uint8_t rests[%2_CLASS_COUNT];\n"
        "    uint8_t phases[%2_CLASS_COUNT];\n"
        "    uint8_t ring[%2_CLASS_COUNT * %2_EVENT_SMOOTHING];\n"
        "    uint8_t at;\n"
        "    uint8_t filled;\n%6"
        "} %1_events;\n\n"
        "void %1_events_init(%1_events* events);\n\n"
        "/* Takes the answer to the next window: %3 and class as %1_infer() gave them. Returns the class "
        "whose event\n   begins with it, the first of several; %2_NO_EVENT: none does.\n   %4 */\n"
        "uint16_t %1_event(%1_events* events, const %5* %3, uint16_t winner);\n\n"
        "/* What became of a class with the last window: 0 nothing, 1 an event begins, 2 it goes on, 3 it "
        "ends. */\n"
        "uint8_t %1_event_phase(const %1_events* events, uint16_t label);\n\n"
        "/* The next window does not follow the last one: events that go on end, and all begins anew. */\n"
        "void %1_events_break(%1_events* events);\n");
    return text.arg(context.model.name, context.macro, context.outputsName(), settingsText(*context.model.events),
                    context.outputCType(), isEventMemoryOdd(context.model) ? padding : QString());
}

QString printEventWrappers(const EmitContext& context)
{
    if (!context.model.events)
        return {};
    return QStringLiteral("using Events = ::%1_events;\n"
                          "inline void init(Events& events) { ::%1_events_init(&events); }\n"
                          "inline uint16_t event(Events& events, const %2* %3, uint16_t winner) "
                          "{ return ::%1_event(&events, %3, winner); }\n")
        .arg(context.model.name, context.outputCType(), context.outputsName());
}

QString printEventFunctions(const EmitContext& context)
{
    if (!context.model.events)
        return {};
    QString unused;
    const QString expression = shares(context, &unused);
    const QString text = QStringLiteral("\nstatic_assert(sizeof(%1_events) == %2_EVENT_BYTES, \"what is remembered has "
                                        "another size than planned\");\n\n"
                                        "void %1_events_init(%1_events* events)\n{\n"
                                        "    ember::runtime::forgetWindows(%1::EventShape(), *events);\n}\n\n"
                                        "uint16_t %1_event(%1_events* events, const %3* %4, uint16_t winner)\n{\n"
                                        "    (void)%5;\n"
                                        "    return ember::runtime::takeWindow(%1::EventShape(), %6, *events);\n}\n\n"
                                        "uint8_t %1_event_phase(const %1_events* events, uint16_t label)\n{\n"
                                        "    return label < %2_CLASS_COUNT ? events->phases[label] : uint8_t{0};\n}\n\n"
                                        "void %1_events_break(%1_events* events)\n{\n"
                                        "    ember::runtime::breakWindows(%1::EventShape(), *events);\n}\n");
    return text.arg(context.model.name, context.macro, context.outputCType(), context.outputsName(), unused,
                    expression);
}

QString printEventGlue(const EmitContext& context)
{
    if (!context.model.events)
        return {};
    return QStringLiteral("void initEvents()\n{\n    %1_events_init(&events);\n}\n\n"
                          "void breakEvents()\n{\n    %1_events_break(&events);\n}\n\n"
                          "uint8_t phaseOf(uint16_t label)\n{\n    return %1_event_phase(&events, label);\n}\n\n"
                          "const ember::agent::EventPort kEvents = {initEvents, breakEvents, phaseOf, %2};\n\n")
        .arg(context.model.name)
        .arg(context.model.events->patience);
}

QString printEventCall(const EmitContext& context)
{
    if (!context.model.events)
        return {};
    return QStringLiteral("    %1_event(&events, static_cast<const %2*>(to), winner);\n")
        .arg(context.model.name, context.outputCType());
}

} // namespace ember::codegen
