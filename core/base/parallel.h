// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace ember {

/// Calls `work` once on each of at most `count` threads, the calling one among them, and returns when all have come
/// back. Where the system gives fewer threads the calling one does what is left, so `work` takes its items from a
/// shared counter. It must not throw.
void runOnThreads(int count, const std::function<void()>& work);

} // namespace ember
