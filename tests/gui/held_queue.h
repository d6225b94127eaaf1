// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/job_queue.h"

#include <QSemaphore>

#include <memory>

namespace ember::test {

/// Keeps all threads of a job queue busy until it is released or goes: what is asked for meanwhile has not begun.
class HeldQueue
{
public:
    explicit HeldQueue(gui::JobQueue& jobs)
    {
        for (int i = 0; i < kHolding; ++i)
            m_last = jobs.runQuietly<int>(
                [gate = m_gate](const gui::JobContext&) -> Result<int> {
                    gate->acquire();
                    return 0;
                },
                nullptr, nullptr);
    }
    ~HeldQueue() { release(); }
    HeldQueue(const HeldQueue&) = delete;
    HeldQueue& operator=(const HeldQueue&) = delete;

    void release() { m_gate->release(kHolding); }
    /// The id of the first job that is asked for after it.
    gui::JobId next() const { return m_last + 1; }

private:
    static constexpr int kHolding = 16; ///< more than the queue has threads; the further ones go before what follows

    std::shared_ptr<QSemaphore> m_gate = std::make_shared<QSemaphore>();
    gui::JobId m_last = 0;
};

} // namespace ember::test
