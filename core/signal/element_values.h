// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/stream_spec.h"

#include <QByteArray>

#include <cstring>
#include <span>
#include <vector>

namespace ember::signal {

/// Numbers in a type of the wire, as a board holds them: little-endian, without gaps. Equal means equal bit for bit.
struct ElementValues
{
    SampleType type = SampleType::Int32;
    QByteArray bytes;

    qsizetype count() const { return bytes.size() / static_cast<qsizetype>(wire::elementSize(type)); }

    /// Exact: every value of these types is a double.
    std::vector<double> numbers() const
    {
        switch (type) {
        case SampleType::Int8:
            return converted<qint8, double>();
        case SampleType::Int16:
            return converted<qint16, double>();
        case SampleType::Int32:
            return converted<qint32, double>();
        case SampleType::Float32:
            break;
        }
        return converted<float, double>();
    }

    /// Of integer types; none for floats.
    std::vector<qint32> integers() const
    {
        switch (type) {
        case SampleType::Int8:
            return converted<qint8, qint32>();
        case SampleType::Int16:
            return converted<qint16, qint32>();
        case SampleType::Int32:
            return converted<qint32, qint32>();
        case SampleType::Float32:
            break;
        }
        return {};
    }

    /// `T` must be what `type` says.
    template <typename T>
    static ElementValues of(SampleType type, std::span<const T> values)
    {
        return {type, QByteArray(reinterpret_cast<const char*>(values.data()),
                                 static_cast<qsizetype>(values.size_bytes()))};
    }

    friend bool operator==(const ElementValues&, const ElementValues&) = default;

private:
    template <typename From, typename To>
    std::vector<To> converted() const
    {
        std::vector<To> values;
        values.reserve(static_cast<std::size_t>(count()));
        for (qsizetype i = 0; i < count(); ++i) {
            From value;
            std::memcpy(&value, bytes.constData() + i * static_cast<qsizetype>(sizeof value), sizeof value);
            values.push_back(static_cast<To>(value));
        }
        return values;
    }
};

} // namespace ember::signal
