// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QtGlobal>

#include <optional>
#include <utility>
#include <variant>

namespace ember {

/// A value or the Error that stands in its place. Member names are those of std::expected, so that it can become an
/// alias of it one day. Reading the wrong side is a programmer's mistake and ends the program.
template <typename T>
class [[nodiscard]] Result
{
public:
    using value_type = T;

    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {}
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {}

    bool has_value() const noexcept { return m_state.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T& value() &
    {
        requireValue();
        return *std::get_if<0>(&m_state);
    }
    const T& value() const&
    {
        requireValue();
        return *std::get_if<0>(&m_state);
    }
    /// By value, so that `for (auto& x : f().value())` holds what it walks over.
    T value() &&
    {
        requireValue();
        return std::move(*std::get_if<0>(&m_state));
    }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const
    {
        const Error* e = std::get_if<1>(&m_state);
        if (!e)
            qFatal("Result::error() called on a value");
        return *e;
    }

    template <typename U>
    T value_or(U&& fallback) const&
    {
        return has_value() ? value() : static_cast<T>(std::forward<U>(fallback));
    }

private:
    void requireValue() const
    {
        if (const Error* e = std::get_if<1>(&m_state))
            qFatal("Result::value() called on an error: %s", qPrintable(e->toString()));
    }

    std::variant<T, Error> m_state;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void>
{
public:
    using value_type = void;

    Result() = default;
    Result(Error error)
        : m_error(std::move(error))
    {}

    bool has_value() const noexcept { return !m_error; }
    explicit operator bool() const noexcept { return has_value(); }
    void value() const
    {
        if (m_error)
            qFatal("Result::value() called on an error: %s", qPrintable(m_error->toString()));
    }
    const Error& error() const
    {
        if (!m_error)
            qFatal("Result::error() called on a value");
        return *m_error;
    }

private:
    std::optional<Error> m_error;
};

using Status = Result<void>;

} // namespace ember

#define EMBER_CONCAT_INNER(a, b) a##b
#define EMBER_CONCAT(a, b) EMBER_CONCAT_INNER(a, b)

/// Evaluates `expr` (a Result) and binds its value to `decl`, or returns its error from this function:
///     EMBER_TRY(auto project, Project::open(path));
#define EMBER_TRY(decl, expr) EMBER_TRY_IMPL(EMBER_CONCAT(emberTry, __LINE__), decl, expr)
#define EMBER_TRY_IMPL(tmp, decl, expr)                                                                                \
    auto tmp = (expr);                                                                                                 \
    if (!tmp)                                                                                                          \
        return tmp.error();                                                                                            \
    decl = std::move(tmp).value()

/// The same for a Status, or where the value is not wanted.
#define EMBER_CHECK(expr)                                                                                              \
    do {                                                                                                               \
        if (auto emberStatus = (expr); !emberStatus)                                                                   \
            return emberStatus.error();                                                                                \
    } while (false)
