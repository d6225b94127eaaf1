// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_format.h"

#include <cstring>

namespace ember::model::detail {
namespace {

template <typename T>
std::vector<double> fromRaw(const std::string& raw)
{
    std::vector<double> values(raw.size() / sizeof(T));
    for (std::size_t i = 0; i < values.size(); ++i) {
        T value;
        std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
        values[i] = static_cast<double>(value);
    }
    return values;
}

template <typename List>
std::vector<double> fromList(const List& list)
{
    return std::vector<double>(list.begin(), list.end());
}

} // namespace

std::optional<TensorType> tensorTypeFor(int elemType)
{
    switch (elemType) {
    case kElemFloat:
        return TensorType::Float32;
    case kElemDouble:
        return TensorType::Float64;
    case kElemBool:
        return TensorType::Bool;
    case kElemUint8:
        return TensorType::UInt8;
    case kElemUint16:
        return TensorType::UInt16;
    case kElemUint32:
        return TensorType::UInt32;
    case kElemUint64:
        return TensorType::UInt64;
    case kElemInt8:
        return TensorType::Int8;
    case kElemInt16:
        return TensorType::Int16;
    case kElemInt32:
        return TensorType::Int32;
    case kElemInt64:
        return TensorType::Int64;
    case kElemString:
        return TensorType::String;
    default:
        return std::nullopt;
    }
}

std::optional<TensorType> featureTypeFor(int elemType)
{
    const auto type = tensorTypeFor(elemType);
    return type == TensorType::Float64 ? TensorType::Float32 : type;
}

int elemTypeFor(TensorType type)
{
    switch (type) {
    case TensorType::Float32:
        return kElemFloat;
    case TensorType::Int8:
        return kElemInt8;
    case TensorType::Int16:
        return kElemInt16;
    case TensorType::Int32:
        return kElemInt32;
    case TensorType::Int64:
        return kElemInt64;
    case TensorType::String:
        return kElemString;
    case TensorType::Bool:
        return kElemBool;
    case TensorType::UInt8:
        return kElemUint8;
    case TensorType::UInt16:
        return kElemUint16;
    case TensorType::UInt32:
        return kElemUint32;
    case TensorType::UInt64:
        return kElemUint64;
    case TensorType::Float64:
        return kElemDouble;
    }
    return kElemFloat;
}

Error damaged(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("This ONNX model is damaged: %1.").arg(what),
                 QStringLiteral("Export it again; the ONNX checker of the exporting tool may say more."));
}

Error unsupported(const QString& what)
{
    return Error(
        ErrorKind::Unsupported, QStringLiteral("This ONNX model cannot be used: %1.").arg(what),
        QStringLiteral("'emberlab model info' lists the operators of a model and those that are not supported."));
}

const pb::AttributeProto* Attributes::find(std::string_view name) const
{
    for (const pb::AttributeProto& attribute : m_node.attribute()) {
        if (attribute.name() == name)
            return &attribute;
    }
    return nullptr;
}

std::span<const std::int64_t> Attributes::ints(std::string_view name) const
{
    const pb::AttributeProto* a = find(name);
    if (!a)
        return {};
    return {a->ints().data(), static_cast<std::size_t>(a->ints_size())};
}

std::span<const float> Attributes::floats(std::string_view name) const
{
    const pb::AttributeProto* a = find(name);
    if (!a)
        return {};
    return {a->floats().data(), static_cast<std::size_t>(a->floats_size())};
}

std::vector<std::string> Attributes::strings(std::string_view name) const
{
    const pb::AttributeProto* a = find(name);
    if (!a)
        return {};
    return {a->strings().begin(), a->strings().end()};
}

std::string Attributes::text(std::string_view name, std::string_view fallback) const
{
    const pb::AttributeProto* a = find(name);
    return a && a->has_s() ? a->s() : std::string(fallback);
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t fallback) const
{
    const pb::AttributeProto* a = find(name);
    return a && a->has_i() ? a->i() : fallback;
}

float Attributes::real(std::string_view name, float fallback) const
{
    const pb::AttributeProto* a = find(name);
    return a && a->has_f() ? a->f() : fallback;
}

bool Attributes::has(std::string_view name) const
{
    return find(name) != nullptr;
}

const pb::TensorProto* Attributes::tensorProto(std::string_view name) const
{
    const pb::AttributeProto* a = find(name);
    return a && a->has_t() ? &a->t() : nullptr;
}

Result<std::vector<double>> Attributes::numbers(std::string_view name) const
{
    if (const auto list = floats(name); !list.empty())
        return std::vector<double>(list.begin(), list.end());
    return tensor(std::string(name) + "_as_tensor");
}

Result<std::vector<double>> Attributes::tensor(std::string_view name) const
{
    const pb::AttributeProto* a = find(name);
    if (!a || !a->has_t())
        return std::vector<double>();
    const pb::TensorProto& t = a->t();
    const auto what = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    if (t.data_location() != 0)
        return unsupported(QStringLiteral("'%1' is stored in another file").arg(what));
    switch (t.data_type()) {
    case kElemFloat:
        return t.has_raw_data() ? fromRaw<float>(t.raw_data()) : fromList(t.float_data());
    case kElemDouble:
        return t.has_raw_data() ? fromRaw<double>(t.raw_data()) : fromList(t.double_data());
    case kElemUint8:
        return t.has_raw_data() ? fromRaw<quint8>(t.raw_data()) : fromList(t.int32_data());
    default:
        return unsupported(QStringLiteral("'%1' has element type %2").arg(what).arg(t.data_type()));
    }
}

} // namespace ember::model::detail
