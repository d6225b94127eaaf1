// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/block.h"

namespace ember::features {

// What several blocks need.

/// The statistics a channel or norm can have, as parameter values, in the order of the kernel's bits.
QStringList statisticKeys();
BlockParameter statisticsParameter(const QStringList& chosenByDefault);

/// Bits of the chosen keys of a ChoiceSet: bit i for choice i.
quint32 choiceMask(const QJsonValue& chosen, const QStringList& choices);
QStringList chosenKeys(const BlockUse& use, const QString& parameter);

/// Error Usage when the set is empty.
Status requireChoice(const BlockUse& use, const QString& parameter);

/// Descriptions of parameters, in short. The first choice is the default.
BlockParameter integerParameter(const QString& key, int value, int minimum, int maximum, const char* name,
                                const char* help);
BlockParameter realParameter(const QString& key, double value, double minimum, double maximum, const char* unit,
                             const char* name, const char* help);
BlockParameter choiceParameter(const QString& key, const QStringList& choices, const char* name, const char* help);

/// Error Usage when the frequency in this parameter is not below half the rate, or the rate is not known.
Status requireBelowNyquist(const BlockUse& use, const QString& parameter, const Pipeline& pipeline);

/// "length(ax,ay,az)", "sum|ax,ay,az|".
QString lengthName(const BlockUse& use, const Pipeline& pipeline);
QString absoluteSumName(const BlockUse& use, const Pipeline& pipeline);

/// Largest "decimate" of the block "raw".
constexpr int kMaxRawFactor = 256;

const QString& channelName(const Pipeline& pipeline, int channel);

} // namespace ember::features
