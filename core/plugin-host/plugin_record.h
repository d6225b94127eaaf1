// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

#include <QList>
#include <QString>
#include <QStringList>

namespace ember::plugin {

/// How far a plugin got. Refused is final and has a reason.
enum class PluginState
{
    Found,
    Loaded,
    Refused
};

QString pluginStateName(PluginState state);

/// One plugin file and what is known of it. Everything up to `state` comes from its metadata, which is read without
/// running any of its code.
struct PluginRecord
{
    QString path;
    QString id; ///< "trees"; the file's base name when the metadata is broken
    QString name;
    QString version;
    int apiNumber = 0;
    QStringList kinds;      ///< "trainer"
    QStringList trainerIds; ///< what the metadata promises
    PluginState state = PluginState::Found;
    QString reason;              ///< why it was refused
    QList<TrainerInfo> trainers; ///< filled once it was loaded (possibly by another process)
};

} // namespace ember::plugin
