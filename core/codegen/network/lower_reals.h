// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/lower_layers.h"

namespace ember::codegen {

/// What each element of a value in front of the first layer is: a feature, after arithmetic with constants in float32.
struct RealValue
{
    std::vector<quint16> source; ///< feature of each element
    std::vector<RealStep> arithmetic;
};

/// The features themselves.
RealValue featuresAsReals(qint64 count);

/// The value that an operation makes of `from`, element by element or in another order. Errors: Unsupported, naming the
/// operation, for all others.
Result<RealValue> lowerReals(const model::Operation& operation, const NodeValues& values, const RealValue& from);

/// The reals as integers.
QuantiseStep quantiseReals(const RealValue& reals, const model::Quantisation& quantisation);

} // namespace ember::codegen
