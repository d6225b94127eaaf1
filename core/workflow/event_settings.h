// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/options.h"
#include "core/learn/events.h"
#include "core/workflow/model_ref.h"

#include <QJsonObject>

#include <optional>

namespace ember::codegen {
struct LoweredEvents;
}

namespace ember::workflow {

/// How a model's answers become events, as a user knows it.
struct EventChoice
{
    learn::EventSettings settings;
    QString background; ///< class that is no event; empty: every class is one

    friend bool operator==(const EventChoice&, const EventChoice&) = default;
};

/// Where nothing was chosen on recordings.
inline constexpr learn::EventSettings kUsualEvents{3, 0.5, 0.4, 2, 0};

/// `wanted` if the model has such a class; for an empty one the first class that is called normal, idle, background,
/// silence or none, or no class at all. Errors: Usage.
Result<QString> backgroundOf(const model::Model& model, const QString& wanted);

/// The same in the numbers that boards count in. Errors: Usage, as checkEventSettings().
Result<codegen::EventOptions> eventOptions(const EventChoice& choice);
/// And back.
learn::EventSettings settingsOf(const codegen::LoweredEvents& events);

/// What is stored with the run that made the model (evaluateEvents() and the Deploy page put it there); nothing where
/// nothing is, or where it is damaged.
std::optional<EventChoice> storedEvents(const ReferredModel& model);

/// Stores the choice with the model's run, beside its scores; nothing: removes it. `report` (toJson(EventReport)) says
/// what the choice was worth. Errors: Unsupported for a model that no run of a project made, Io for a project that can
/// only be read.
Status storeEvents(const ReferredModel& model, const std::optional<EventChoice>& choice,
                   const QJsonObject& report = {});

/// What a caller wants of events; the rest is what is stored, or usual.
struct EventWish
{
    bool none = false;   ///< none, whatever is stored
    bool wanted = false; ///< also where nothing is stored and nothing is named below
    std::optional<int> smoothing, patience, deadTime;
    std::optional<double> on, off;
    std::optional<QString> background;

    bool namesAny() const { return smoothing || patience || deadTime || on || off || background; }
};

/// Nothing: code without events. Errors: Usage.
Result<std::optional<EventChoice>> chooseEvents(const ReferredModel& model, const EventWish& wish);

/// {smoothing, on, off, patience, dead_time}.
QJsonObject toJson(const learn::EventSettings& settings);

} // namespace ember::workflow
