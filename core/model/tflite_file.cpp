// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tflite_file.h"

#include "core/model/tflite_names.h"
#include "core/model/tflite_reader.h"

#include <algorithm>

namespace ember::model {
namespace detail {

Error damagedTflite(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("This TensorFlow Lite model is damaged: %1.").arg(what),
                 QStringLiteral("Convert it again."));
}

Error unsupportedTflite(const QString& what)
{
    return Error(
        ErrorKind::Unsupported,
        QStringLiteral("This TensorFlow Lite model cannot be used: %1 is not supported.").arg(what),
        QStringLiteral("'emberlab model info' lists the operators of a model and those that are not supported."));
}

QString tfliteOperatorName(int code)
{
    return code >= 0 && static_cast<std::size_t>(code) < kTfliteOperators.size()
               ? QString::fromLatin1(kTfliteOperators[static_cast<std::size_t>(code)])
               : QStringLiteral("operator %1").arg(code);
}

std::optional<TensorType> tfliteTensorType(int code)
{
    switch (code) {
    case 0:
    case 1: // float16: constants are widened
        return TensorType::Float32;
    case 2:
        return TensorType::Int32;
    case 3:
        return TensorType::UInt8;
    case 4:
        return TensorType::Int64;
    case 6:
        return TensorType::Bool;
    case 7:
        return TensorType::Int16;
    case 9:
        return TensorType::Int8;
    case 10:
        return TensorType::Float64;
    case 12:
        return TensorType::UInt64;
    case 15:
        return TensorType::UInt32;
    case 16:
        return TensorType::UInt16;
    default:
        return std::nullopt;
    }
}

Result<const fb::Model*> verifiedTflite(const QByteArray& bytes)
{
    if (!isTflite(bytes))
        return Error(ErrorKind::BadData, QStringLiteral("This is not a TensorFlow Lite model."),
                     QStringLiteral("Such files carry 'TFL3' in bytes 4 to 7."));
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.constData());
    flatbuffers::Verifier verifier(data, static_cast<std::size_t>(bytes.size()), 32, 1'000'000);
    if (!fb::VerifyModelBuffer(verifier))
        return damagedTflite(QStringLiteral("its tables point outside the file"));
    const fb::Model* model = fb::GetModel(data);
    if (model->version() != 3)
        return unsupportedTflite(QStringLiteral("version %1 of the format").arg(model->version()));
    if (!model->subgraphs() || model->subgraphs()->size() == 0 || !model->subgraphs()->Get(0)->tensors() ||
        !model->subgraphs()->Get(0)->operators() || !model->operator_codes())
        return damagedTflite(QStringLiteral("it holds no graph"));
    return model;
}

int tfliteCode(const fb::OperatorCode& code)
{
    return std::max<int>(code.deprecated_builtin_code(), code.builtin_code());
}

std::string tfliteCustomName(const fb::OperatorCode& code)
{
    return code.custom_code() ? code.custom_code()->str().substr(0, 80) : std::string();
}

} // namespace detail

bool isTflite(const QByteArray& bytes)
{
    return bytes.size() >= 8 && bytes.mid(4, 4) == QByteArrayLiteral("TFL3");
}

} // namespace ember::model
