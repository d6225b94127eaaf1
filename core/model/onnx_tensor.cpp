// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_tensor.h"

#include <algorithm>

namespace ember::model::detail {
namespace {

Error disagrees(const pb::TensorProto& proto, const Shape& shape, std::size_t found)
{
    return damaged(QStringLiteral("the constant '%1' of %2 has %3 elements")
                       .arg(QString::fromStdString(proto.name()).left(80), shapeText(shape))
                       .arg(found));
}

template <typename Stored, typename List>
Status copyList(const pb::TensorProto& proto, const List& list, Tensor& to)
{
    if (static_cast<qint64>(list.size()) != to.size())
        return disagrees(proto, to.shape(), static_cast<std::size_t>(list.size()));
    auto* element = reinterpret_cast<Stored*>(to.bytes().data());
    for (const auto value : list)
        *element++ = static_cast<Stored>(value);
    return {};
}

// Small types lie in the list of 32-bit numbers, large unsigned ones in that of 64 bits.
Status copyTyped(const pb::TensorProto& proto, Tensor& to)
{
    switch (to.type()) {
    case TensorType::Float32:
        return copyList<float>(proto, proto.float_data(), to);
    case TensorType::Float64:
        return copyList<double>(proto, proto.double_data(), to);
    case TensorType::Int64:
        return copyList<qint64>(proto, proto.int64_data(), to);
    case TensorType::Int32:
        return copyList<qint32>(proto, proto.int32_data(), to);
    case TensorType::Int16:
        return copyList<qint16>(proto, proto.int32_data(), to);
    case TensorType::Int8:
        return copyList<qint8>(proto, proto.int32_data(), to);
    case TensorType::Bool:
    case TensorType::UInt8:
        return copyList<quint8>(proto, proto.int32_data(), to);
    case TensorType::UInt16:
        return copyList<quint16>(proto, proto.int32_data(), to);
    case TensorType::UInt32:
        return copyList<quint32>(proto, proto.uint64_data(), to);
    case TensorType::UInt64:
        return copyList<quint64>(proto, proto.uint64_data(), to);
    case TensorType::String:
        break;
    }
    if (static_cast<qint64>(proto.string_data_size()) != to.size())
        return disagrees(proto, to.shape(), static_cast<std::size_t>(proto.string_data_size()));
    to.strings().assign(proto.string_data().begin(), proto.string_data().end());
    return {};
}

} // namespace

QString elemTypeName(int elemType)
{
    switch (elemType) {
    case 10:
        return QStringLiteral("float16");
    case 14:
        return QStringLiteral("complex64");
    case 15:
        return QStringLiteral("complex128");
    case 16:
        return QStringLiteral("bfloat16");
    case 17:
    case 18:
    case 19:
    case 20:
        return QStringLiteral("float8");
    case 21:
        return QStringLiteral("uint4");
    case 22:
        return QStringLiteral("int4");
    default:
        break;
    }
    const auto type = tensorTypeFor(elemType);
    return type ? tensorTypeName(*type) : QStringLiteral("type %1").arg(elemType);
}

Result<Tensor> readTensor(const pb::TensorProto& proto)
{
    if (proto.data_location() != 0)
        return unsupported(QStringLiteral("the constant '%1' is stored in another file")
                               .arg(QString::fromStdString(proto.name()).left(80)));
    const auto type = tensorTypeFor(proto.data_type());
    if (!type)
        return unsupported(QStringLiteral("the constant '%1' of %2")
                               .arg(QString::fromStdString(proto.name()).left(80), elemTypeName(proto.data_type())));
    const Shape shape(proto.dims().begin(), proto.dims().end());
    EMBER_TRY(const qint64 count, elementCount(shape));
    // What the elements need must be there before room is made for them.
    const std::size_t stored =
        proto.raw_data().size() +
        static_cast<std::size_t>(proto.float_data_size() + proto.int32_data_size() + proto.int64_data_size() +
                                 proto.double_data_size() + proto.uint64_data_size() + proto.string_data_size());
    if (static_cast<std::size_t>(count) > stored)
        return disagrees(proto, shape, stored);
    EMBER_TRY(Tensor tensor, Tensor::zeros(*type, shape));
    if (!proto.has_raw_data() || *type == TensorType::String) {
        EMBER_CHECK(copyTyped(proto, tensor));
        return tensor;
    }
    if (proto.raw_data().size() != tensor.bytes().size())
        return disagrees(proto, shape, proto.raw_data().size() / elementBytes(*type));
    std::copy(proto.raw_data().begin(), proto.raw_data().end(), reinterpret_cast<char*>(tensor.bytes().data()));
    return tensor;
}

} // namespace ember::model::detail
