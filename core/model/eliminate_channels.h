// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"

namespace ember::model {

/// What eliminateChannels() took away.
struct EliminatedChannels
{
    qint64 constant = 0; ///< channels that are one number everywhere, whatever the input; it went into biases
    qint64 unread = 0;   ///< channels that every layer behind multiplies by zero
    qint64 total() const { return constant + unread; }
};

/// Takes channels out of the convolutions and dense layers of an int8 graph whose values do not matter: those that are
/// constant because their weights are zero or meet constants only, and those that no later layer reads. Results stay
/// equal to the last bit for every input and every way of rounding. At borders that are filled up a constant other than
/// the zero point is no constant for the layer behind, and its channel stays. Graphs without such channels, and those
/// of reals, stay as they are.
EliminatedChannels eliminateChannels(Graph& graph);

} // namespace ember::model
