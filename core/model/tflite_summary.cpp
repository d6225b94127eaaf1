// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tflite_file.h"
#include "core/model/tflite_names.h"
#include "core/model/tflite_reader.h"
#include "core/model/tflite_signal.h"
#include "core/model/validate.h"

#include <algorithm>

namespace ember::model {
namespace {

using namespace detail;

QString operatorNameOf(const fb::OperatorCode& code)
{
    const int number = tfliteCode(code);
    if (number == kCustom)
        return QStringLiteral("CUSTOM:%1").arg(QString::fromStdString(tfliteCustomName(code)));
    return tfliteOperatorName(number);
}

void summariseEnds(const fb::SubGraph& graph, const flatbuffers::Vector<int32_t>* from, std::vector<ValueInfo>& to)
{
    for (flatbuffers::uoffset_t i = 0; from && i < std::min<flatbuffers::uoffset_t>(from->size(), kMaxNodeEnds); ++i) {
        const int32_t index = from->Get(i);
        if (index < 0 || static_cast<flatbuffers::uoffset_t>(index) >= graph.tensors()->size())
            continue;
        const fb::Tensor& tensor = *graph.tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
        ValueInfo info;
        info.name = tensor.name() ? tensor.name()->str() : std::string();
        info.type = tfliteTensorType(tensor.type()).value_or(TensorType::Float32);
        if (tensor.shape())
            info.shape.assign(tensor.shape()->begin(), tensor.shape()->end());
        to.push_back(std::move(info));
    }
}

} // namespace

Result<ModelSummary> summariseTflite(const QByteArray& bytes)
{
    EMBER_TRY(const fb::Model* model, verifiedTflite(bytes));
    const fb::SubGraph& graph = *model->subgraphs()->Get(0);
    ModelSummary summary;
    summariseEnds(graph, graph.inputs(), summary.inputs);
    summariseEnds(graph, graph.outputs(), summary.outputs);
    for (const fb::Operator* op : *graph.operators()) {
        if (op->opcode_index() >= model->operator_codes()->size())
            return damagedTflite(QStringLiteral("an operator has no code"));
        const fb::OperatorCode& code = *model->operator_codes()->Get(op->opcode_index());
        const QString name = operatorNameOf(code);
        const bool supported = isTfliteSupported(tfliteCode(code)) ||
                               (tfliteCode(code) == kCustom && isTfliteSignal(tfliteCustomName(code)));
        if (++summary.operators[name] == 1 && !supported)
            summary.unsupported << name;
    }
    for (const fb::Tensor* tensor : *graph.tensors()) {
        const auto* buffers = model->buffers();
        const bool constant = buffers && tensor->buffer() < buffers->size() && buffers->Get(tensor->buffer())->data() &&
                              buffers->Get(tensor->buffer())->data()->size() > 0;
        qint64 count = constant ? 1 : 0;
        for (flatbuffers::uoffset_t i = 0; constant && tensor->shape() && i < tensor->shape()->size(); ++i)
            count = std::min<qint64>(count * std::max(0, tensor->shape()->Get(i)), kMaxTensorElements);
        summary.parameters += count;
    }
    return summary;
}

} // namespace ember::model
