// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>

namespace ember {

/// Asked by long work, often, whether to stop. Copies share the state. Any thread.
class CancelToken
{
public:
    /// A token that nobody can cancel.
    CancelToken() = default;

    bool isCancelled() const noexcept { return m_flag && m_flag->load(std::memory_order_relaxed); }

private:
    friend class CancelSource;
    explicit CancelToken(std::shared_ptr<const std::atomic_bool> flag)
        : m_flag(std::move(flag))
    {}

    std::shared_ptr<const std::atomic_bool> m_flag;
};

/// The other end: whoever started the work keeps it and may cancel, once, from any thread.
class CancelSource
{
public:
    CancelSource()
        : m_flag(std::make_shared<std::atomic_bool>(false))
    {}

    void cancel() noexcept { m_flag->store(true, std::memory_order_relaxed); }
    bool isCancelled() const noexcept { return m_flag->load(std::memory_order_relaxed); }
    CancelToken token() const { return CancelToken(m_flag); }

private:
    std::shared_ptr<std::atomic_bool> m_flag;
};

} // namespace ember
