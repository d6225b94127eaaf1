// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"

#include <system_error>
#include <thread>
#include <vector>

namespace ember {

void runOnThreads(int count, const std::function<void()>& work)
{
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(count > 1 ? count - 1 : 0));
    try {
        while (static_cast<int>(threads.size()) + 1 < count)
            threads.emplace_back(work);
    } catch (const std::system_error&) {
        // Out of threads or memory for them: those there are will do.
    }
    work();
    for (std::thread& thread : threads)
        thread.join();
}

} // namespace ember
