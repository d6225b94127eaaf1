// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/features/pipeline.h"

#include <QString>
#include <QStringList>

namespace ember::features {

/// The names of the presets, the one for anything last.
QStringList presetNames();

/// One sentence: what a preset is for. Empty for an unknown name.
QString presetHelp(const QString& name);

/// A pipeline that is good on first use for a stream. Error NotFound names the presets; Usage when the stream or the
/// window does not fit the preset.
Result<Pipeline> presetPipeline(const QString& name, const signal::StreamSpec& stream, int windowRows, int hopRows);

struct PresetChoice
{
    QString name;
    QString why; ///< one sentence: "Channels ax, ay, az are in m/s2: motion at 100 Hz."
};

/// The preset for a stream by its units, names and rate, and for sound by the length of a window, with the reason.
/// Always one that fits the stream.
PresetChoice choosePreset(const signal::StreamSpec& stream, double windowSeconds);

} // namespace ember::features
