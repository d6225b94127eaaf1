// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/event_settings.h"

#include "core/codegen/lower.h"
#include "core/dataset/project.h"

namespace ember::workflow {
namespace {

const QString kEvents = QStringLiteral("events");
const QString kChoice = QStringLiteral("choice");

learn::EventSettings settingsFrom(const QJsonObject& json)
{
    learn::EventSettings settings;
    settings.smoothing = json.value(QStringLiteral("smoothing")).toInt(settings.smoothing);
    settings.on = json.value(QStringLiteral("on")).toDouble(settings.on);
    settings.off = json.value(QStringLiteral("off")).toDouble(settings.off);
    settings.patience = json.value(QStringLiteral("patience")).toInt(settings.patience);
    settings.deadTime = json.value(QStringLiteral("dead_time")).toInt(settings.deadTime);
    return settings;
}

Result<dataset::Run> runOf(const dataset::Project& project, dataset::ModelId id)
{
    EMBER_TRY(const dataset::StoredModel model, project.models().get(id));
    if (!model.run.isValid())
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("No run of the project made this model, so settings cannot be stored with it."),
                     QStringLiteral("Name the settings each time: --smoothing, --on, --off, --patience."));
    return project.runs().get(model.run);
}

std::optional<EventChoice> choiceOf(const dataset::Run& run, const model::Model& model)
{
    const QJsonObject json = run.scores.value(kEvents).toObject().value(kChoice).toObject();
    if (json.isEmpty())
        return std::nullopt;
    EventChoice choice{settingsFrom(json), json.value(QStringLiteral("background")).toString()};
    const bool known = choice.background.isEmpty() || model.classNames.contains(choice.background);
    return known && learn::checkEventSettings(choice.settings) ? std::optional(choice) : std::nullopt;
}

} // namespace

Result<QString> backgroundOf(const model::Model& model, const QString& wanted)
{
    if (!wanted.isEmpty() && !model.classNames.contains(wanted))
        return Error(ErrorKind::Usage, QStringLiteral("The model has no class '%1'.").arg(wanted),
                     QStringLiteral("It has %1.").arg(model.classNames.join(QStringLiteral(", "))));
    if (!wanted.isEmpty())
        return wanted;
    const QStringList usual = {QStringLiteral("normal"), QStringLiteral("idle"), QStringLiteral("background"),
                               QStringLiteral("silence"), QStringLiteral("none")};
    for (const QString& name : model.classNames) {
        if (usual.contains(name.toLower()))
            return name;
    }
    return QString();
}

Result<codegen::EventOptions> eventOptions(const EventChoice& choice)
{
    EMBER_CHECK(learn::checkEventSettings(choice.settings));
    codegen::EventOptions options;
    options.smoothing = static_cast<quint8>(choice.settings.smoothing);
    options.patience = static_cast<quint8>(choice.settings.patience);
    options.deadTime = static_cast<quint8>(choice.settings.deadTime);
    options.on = learn::eventShare(choice.settings.on);
    options.off = learn::eventShare(choice.settings.off);
    options.background = choice.background;
    return options;
}

learn::EventSettings settingsOf(const codegen::LoweredEvents& events)
{
    return {events.smoothing, events.on / 256.0, events.off / 256.0, events.patience, events.deadTime};
}

std::optional<EventChoice> storedEvents(const ReferredModel& model)
{
    if (model.projectPath.isEmpty())
        return std::nullopt;
    const auto project = dataset::Project::open(model.projectPath, dataset::Project::Access::ReadOnly);
    if (!project)
        return std::nullopt;
    const auto run = runOf(*project, model.id);
    return run ? choiceOf(*run, model.model) : std::nullopt;
}

Status storeEvents(const ReferredModel& model, const std::optional<EventChoice>& choice, const QJsonObject& report)
{
    EMBER_TRY(const dataset::Project project, dataset::Project::open(model.projectPath));
    if (project.isReadOnly())
        return Error(ErrorKind::Io,
                     QStringLiteral("'%1' can only be read. %2").arg(model.projectPath, project.readOnlyReason()));
    EMBER_TRY(dataset::Run run, runOf(project, model.id));
    if (choice) {
        QJsonObject json = toJson(choice->settings);
        json.insert(QStringLiteral("background"), choice->background);
        QJsonObject events = report;
        events.insert(kChoice, json);
        run.scores.insert(kEvents, events);
    } else {
        run.scores.remove(kEvents);
    }
    return project.runs().update(run);
}

Result<std::optional<EventChoice>> chooseEvents(const ReferredModel& model, const EventWish& wish)
{
    if (wish.none)
        return std::optional<EventChoice>();
    const std::optional<EventChoice> stored = storedEvents(model);
    if (!stored && !wish.wanted && !wish.namesAny())
        return std::optional<EventChoice>();
    EventChoice choice = stored.value_or(EventChoice{kUsualEvents, {}});
    if (wish.background || !stored) {
        EMBER_TRY(choice.background, backgroundOf(model.model, wish.background.value_or(QString())));
    }
    learn::EventSettings& settings = choice.settings;
    settings.smoothing = wish.smoothing.value_or(settings.smoothing);
    settings.patience = wish.patience.value_or(settings.patience);
    settings.deadTime = wish.deadTime.value_or(settings.deadTime);
    settings.on = wish.on.value_or(settings.on);
    settings.off = wish.off.value_or(std::min(settings.off, settings.on));
    EMBER_CHECK(learn::checkEventSettings(settings));
    return std::optional(choice);
}

QJsonObject toJson(const learn::EventSettings& settings)
{
    return {{QStringLiteral("smoothing"), settings.smoothing},
            {QStringLiteral("on"), settings.on},
            {QStringLiteral("off"), settings.off},
            {QStringLiteral("patience"), settings.patience},
            {QStringLiteral("dead_time"), settings.deadTime}};
}

} // namespace ember::workflow
