// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/conformance/tensor_proto.h"

#include "core/model/onnx_tensor.h"

namespace ember::conformance {

Result<NamedTensor> readTensorProto(const QByteArray& bytes)
{
    model::detail::pb::TensorProto proto;
    if (!proto.ParseFromArray(bytes.constData(), static_cast<int>(bytes.size())))
        return Error(ErrorKind::BadData, QStringLiteral("This is no TensorProto."));
    EMBER_TRY(model::Tensor value, model::detail::readTensor(proto));
    return NamedTensor{QString::fromStdString(proto.name()), std::move(value)};
}

} // namespace ember::conformance
