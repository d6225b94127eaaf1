// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/inputs.h"

#include <algorithm>

namespace ember::footprint {
namespace {

std::size_t limited(std::size_t rows, qint64 maxRows)
{
    return maxRows > 0 ? std::min(rows, static_cast<std::size_t>(maxRows)) : rows;
}

Result<EncodedInputs> encode(const codegen::HostProgram& program, const FeatureRows& features, qint64 maxRows)
{
    EncodedInputs encoded;
    for (std::size_t row = 0; row < limited(features.rows(), maxRows); ++row) {
        const auto values = std::span(features.values).subspan(row * features.columns, features.columns);
        auto bytes = program.encodeFeatures(values);
        if (!bytes)
            return bytes.error().context(QStringLiteral("reading row %1 of the input").arg(row));
        encoded.rows.push_back(*std::move(bytes));
    }
    return encoded;
}

Result<EncodedInputs> encode(const codegen::HostProgram& program, const WindowRows& windows, qint64 maxRows)
{
    if (program.windowBytes() == 0)
        return Error(ErrorKind::Usage, QStringLiteral("This model takes feature vectors, not windows of raw rows."));
    EncodedInputs encoded;
    encoded.windows = true;
    for (std::size_t row = 0; row < limited(windows.windows.size(), maxRows); ++row) {
        if (windows.windows[row].size() != program.windowBytes())
            return Error(ErrorKind::Usage, QStringLiteral("Window %1 has %2 bytes; the model takes %3.")
                                               .arg(row)
                                               .arg(windows.windows[row].size())
                                               .arg(program.windowBytes()));
        encoded.rows.push_back(windows.windows[row]);
    }
    return encoded;
}

} // namespace

Result<EncodedInputs> encodeInputs(const codegen::HostProgram& program, const Inputs& inputs, qint64 maxRows)
{
    EMBER_TRY(EncodedInputs encoded,
              std::visit([&](const auto& rows) { return encode(program, rows, maxRows); }, inputs));
    if (encoded.rows.empty())
        return Error(ErrorKind::Usage, QStringLiteral("There is no input to run the model on."),
                     QStringLiteral("Give at least one row."));
    return encoded;
}

} // namespace ember::footprint
