// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugin-host/trainer_json.h"

#include <QJsonArray>

#include <array>
#include <cmath>
#include <optional>

namespace ember::plugin {
namespace {

template <typename Value>
struct Word
{
    Value value;
    const char* text;
};

constexpr std::array kTypes = {
    Word<ParameterType>{ParameterType::Integer, "integer"}, Word<ParameterType>{ParameterType::Real, "real"},
    Word<ParameterType>{ParameterType::Boolean, "boolean"}, Word<ParameterType>{ParameterType::Choice, "choice"},
    Word<ParameterType>{ParameterType::Text, "text"}};
constexpr std::array kTasks = {Word<Task>{Task::Classification, "classification"},
                               Word<Task>{Task::Regression, "regression"}, Word<Task>{Task::Anomaly, "anomaly"}};
constexpr std::array kInputs = {Word<TrainerInput>{TrainerInput::FeatureVector, "feature-vector"},
                                Word<TrainerInput>{TrainerInput::RawWindow, "raw-window"}};

// A form with more would be unusable; a process that says so is broken.
constexpr qsizetype kMaxParameters = 200;
constexpr qsizetype kMaxText = 4'000;

template <typename Table, typename Value>
QString wordFor(const Table& table, Value value)
{
    for (const auto& entry : table) {
        if (entry.value == value)
            return QString::fromLatin1(entry.text);
    }
    return {};
}

template <typename Table>
auto valueFor(const Table& table, const QString& word) -> std::optional<decltype(table[0].value)>
{
    for (const auto& entry : table) {
        if (word == QLatin1String(entry.text))
            return entry.value;
    }
    return std::nullopt;
}

Error badField(const QString& field)
{
    return Error(ErrorKind::BadData, QStringLiteral("A trainer's description has a broken field '%1'.").arg(field),
                 QStringLiteral("The plugin must be repaired by its author."));
}

QString text(const QJsonObject& json, const char* key)
{
    return json.value(QLatin1String(key)).toString().left(kMaxText);
}

QJsonObject parameterToJson(const ParameterSpec& spec)
{
    QJsonObject json{{QStringLiteral("key"), spec.key},
                     {QStringLiteral("type"), wordFor(kTypes, spec.type)},
                     {QStringLiteral("default"), QJsonValue::fromVariant(spec.defaultValue)},
                     {QStringLiteral("name"), spec.name},
                     {QStringLiteral("unit"), spec.unit},
                     {QStringLiteral("help"), spec.help}};
    if (spec.minimum.isValid())
        json.insert(QStringLiteral("minimum"), QJsonValue::fromVariant(spec.minimum));
    if (spec.maximum.isValid())
        json.insert(QStringLiteral("maximum"), QJsonValue::fromVariant(spec.maximum));
    if (spec.type == ParameterType::Choice)
        json.insert(QStringLiteral("choices"), QJsonArray::fromStringList(spec.choices));
    return json;
}

// The value in the type that goes with the parameter's; invalid when it has another.
QVariant typed(const QJsonValue& value, ParameterType type)
{
    switch (type) {
    case ParameterType::Integer:
        if (value.isDouble() && value.toDouble() == std::floor(value.toDouble()) && std::abs(value.toDouble()) < 9e15)
            return value.toInteger();
        return {};
    case ParameterType::Real:
        return value.isDouble() ? QVariant(value.toDouble()) : QVariant();
    case ParameterType::Boolean:
        return value.isBool() ? QVariant(value.toBool()) : QVariant();
    case ParameterType::Choice:
    case ParameterType::Text:
        return value.isString() ? QVariant(value.toString().left(kMaxText)) : QVariant();
    }
    return {};
}

Result<ParameterSpec> parameterFromJson(const QJsonObject& json)
{
    ParameterSpec spec;
    spec.key = text(json, "key");
    if (spec.key.isEmpty())
        return badField(QStringLiteral("key"));
    const auto type = valueFor(kTypes, text(json, "type"));
    if (!type)
        return badField(spec.key + QStringLiteral(".type"));
    spec.type = *type;
    spec.name = text(json, "name");
    spec.unit = text(json, "unit");
    spec.help = text(json, "help");
    spec.defaultValue = typed(json.value(QLatin1String("default")), spec.type);
    if (!spec.defaultValue.isValid())
        return badField(spec.key + QStringLiteral(".default"));
    if (spec.type == ParameterType::Integer || spec.type == ParameterType::Real) {
        spec.minimum = typed(json.value(QLatin1String("minimum")), spec.type);
        spec.maximum = typed(json.value(QLatin1String("maximum")), spec.type);
    }
    if (spec.type == ParameterType::Choice) {
        for (const QJsonValue& choice : json.value(QLatin1String("choices")).toArray())
            spec.choices << choice.toString().left(kMaxText);
        if (!spec.choices.contains(spec.defaultValue.toString()))
            return badField(spec.key + QStringLiteral(".choices"));
    }
    return spec;
}

} // namespace

QJsonObject toJson(const TrainerInfo& info)
{
    QJsonArray tasks;
    for (const Task task : info.tasks)
        tasks << wordFor(kTasks, task);
    QJsonArray parameters;
    for (const ParameterSpec& spec : info.parameters)
        parameters << parameterToJson(spec);
    return {{QStringLiteral("id"), info.id},
            {QStringLiteral("name"), info.name},
            {QStringLiteral("summary"), info.summary},
            {QStringLiteral("when_to_use"), info.whenToUse},
            {QStringLiteral("tasks"), tasks},
            {QStringLiteral("input"), wordFor(kInputs, info.input)},
            {QStringLiteral("can_quantise"), info.canQuantise},
            {QStringLiteral("can_adapt_on_device"), info.canAdaptOnDevice},
            {QStringLiteral("parameters"), parameters}};
}

Result<TrainerInfo> trainerInfoFromJson(const QJsonObject& json)
{
    TrainerInfo info;
    info.id = text(json, "id");
    if (info.id.isEmpty())
        return badField(QStringLiteral("id"));
    info.name = text(json, "name");
    info.summary = text(json, "summary");
    info.whenToUse = text(json, "when_to_use");
    for (const QJsonValue& word : json.value(QLatin1String("tasks")).toArray()) {
        const auto task = valueFor(kTasks, word.toString());
        if (!task)
            return badField(QStringLiteral("tasks"));
        info.tasks << *task;
    }
    const auto input = valueFor(kInputs, text(json, "input"));
    if (!input)
        return badField(QStringLiteral("input"));
    info.input = *input;
    info.canQuantise = json.value(QLatin1String("can_quantise")).toBool();
    info.canAdaptOnDevice = json.value(QLatin1String("can_adapt_on_device")).toBool();
    const QJsonArray parameters = json.value(QLatin1String("parameters")).toArray();
    if (parameters.size() > kMaxParameters)
        return badField(QStringLiteral("parameters"));
    for (const QJsonValue& value : parameters) {
        EMBER_TRY(const ParameterSpec spec, parameterFromJson(value.toObject()));
        info.parameters << spec;
    }
    return info;
}

} // namespace ember::plugin
