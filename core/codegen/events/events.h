// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/options.h"

#include <vector>

namespace ember {
class ContentHash;
}

namespace ember::codegen {

struct HostOutput;
struct LoweredModel;

/// How a model's outputs are shares of its classes; see runtime::ShareScale.
struct ShareRule
{
    enum class Kind : quint8
    {
        Winner, ///< they are none: the class that wins has all
        Scaled, ///< whole numbers, as the fields below say
        Real    ///< floats from 0 to 1
    };
    Kind kind = Kind::Winner;
    qint32 zero = 0;
    quint32 whole = 1;
    quint32 factor = 0;
    quint8 shift = 0;

    friend bool operator==(const ShareRule&, const ShareRule&) = default;
};

/// What the detector of events is made from.
struct LoweredEvents
{
    quint8 smoothing = 1;
    quint8 patience = 1;
    quint8 deadTime = 0;
    quint8 on = 128;
    quint8 off = 128;
    quint16 background = 0xFFFF; ///< 0xFFFF: none
    ShareRule shares;
};

/// Votes of forests and neighbours, and what goes through a softmax or a logistic function, are shares; of all others
/// only the winner is known. Depends on the model alone.
ShareRule shareRuleOf(const LoweredModel& model);

/// Shares of the classes in 1/256, as the board has them, of an answer of this model.
std::vector<quint8> eventShares(const LoweredModel& model, const HostOutput& output);

/// Fills the model's `events`; its classes are known. Errors: Usage for a model without classes, a background that is
/// none of them, and numbers that no board can have.
Status addEvents(const EventOptions& options, LoweredModel& model);

/// Bytes of what the detector remembers between windows; a struct of the generated code.
qint64 eventBytes(const LoweredModel& model);
/// Whether its members fill an odd number: it then has one more, as not every compiler aligns to 2.
bool isEventMemoryOdd(const LoweredModel& model);

void addTo(ContentHash& hash, const LoweredEvents& events);

} // namespace ember::codegen
