// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/host_program.h"

#include <QByteArray>

#include <variant>
#include <vector>

namespace ember::footprint {

/// Feature vectors as numbers, row-major.
struct FeatureRows
{
    std::vector<float> values;
    std::size_t columns = 0;

    std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
};

/// Raw windows in the stream's own type, each windowRows rows.
struct WindowRows
{
    std::vector<QByteArray> windows;
};

/// What a profile or a verification runs over.
using Inputs = std::variant<FeatureRows, WindowRows>;

/// Inputs as a board takes them.
struct EncodedInputs
{
    bool windows = false; ///< raw windows, not feature vectors
    std::vector<QByteArray> rows;
};

/// The first `maxRows` inputs (0: all) in the model's own types. Errors: Usage when there are none, when their shape
/// does not fit the model, or when a value does not fit its type; the row is named.
Result<EncodedInputs> encodeInputs(const codegen::HostProgram& program, const Inputs& inputs, qint64 maxRows = 0);

} // namespace ember::footprint
