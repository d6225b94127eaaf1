// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/capture.h"
#include "core/device/transport.h"
#include "core/device/unread_transport.h"
#include "core/formats/format.h"

#include <functional>
#include <vector>

namespace ember::device {

struct ProbeOptions
{
    QString format;         ///< "auto", or the name of one that is expected
    int timeoutMs = 15'000; ///< 0: for ever
};

struct ProbeOutcome
{
    bool isAgent = false; ///< our own firmware; the guess is empty then
    formats::Guess guess;
    std::vector<ReadChunk> chunks; ///< everything that was read, for giveBack()
};

/// Listens to an open link and finds out what the board speaks. A silent board, or one that sends what nobody knows, is
/// asked whether it runs our agent, unless another format is expected; a board that streams is left in peace. `tick` is
/// called some ten times a second and gives up by false; `onReport` about four times a second, and may be empty.
/// Errors: Board (nothing came, or nothing that is known, with what it looks like), Usage (format), Cancelled.
Result<ProbeOutcome> probeFormat(Transport& transport, const ProbeOptions& options, const std::function<bool()>& tick,
                                 const std::function<void(const FormatReport&)>& onReport);

} // namespace ember::device
