// SPDX-License-Identifier: GPL-3.0-or-later
// Private to this folder.
#pragma once

#include <QByteArray>

#include <optional>

namespace ember::model::detail {

/// About how many bytes the messages of an ONNX file need in memory: an empty message or text of two bytes becomes an
/// object of some hundred, a number of one byte becomes eight. Walks the wire format (protobuf.dev, "Encoding") without
/// making anything; stops early beyond `most`. Nothing for bytes that are no ONNX message, whose rest was not looked
/// at: they must not reach the parser, which may see more in them.
std::optional<qint64> parsedBytes(const QByteArray& file, qint64 most);

} // namespace ember::model::detail
