// SPDX-License-Identifier: GPL-3.0-or-later
// Reads bytes as a model of one format, and computes what could be read on zeros.
#include "core/model/analysis.h"
#include "core/model/interpreter.h"
#include "core/model/onnx_reader.h"
#include "core/model/tflite_reader.h"

using namespace ember::model;

namespace {

void compute(Model model)
{
    const auto analysis = analyse(model.graph);
    // What takes seconds by right is no finding.
    if (!analysis || analysis->macs > 10'000'000 || analysis->liveBytes > 10'000'000)
        return;
    const auto interpreter = Interpreter::create(std::move(model));
    if (!interpreter)
        return;
    std::vector<Tensor> inputs;
    for (const ValueInfo& info : interpreter->model().graph.inputs) {
        auto zeros = Tensor::zeros(info.type, analysis->values.at(info.name).shape);
        if (!zeros)
            return;
        inputs.push_back(std::move(*zeros));
    }
    const auto results = interpreter->run(std::move(inputs));
    Q_UNUSED(results)
}

#ifndef EMBERLAB_FUZZ_TFLITE
// The mark of our own quantised files, as a message that parsing merges with the one before it: with it the reader
// makes operations of integers out of those around QuantizeLinear.
QByteArray marked(const QByteArray& bytes)
{
    const QByteArray entry = QByteArrayLiteral("\x0A\x13") + QByteArrayLiteral("emberlab.arithmetic") +
                             QByteArrayLiteral("\x12\x0C") + QByteArrayLiteral("tflite-micro");
    return bytes + QByteArrayLiteral("\x72") + static_cast<char>(entry.size()) + entry;
}
#endif

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const QByteArray bytes(reinterpret_cast<const char*>(data), static_cast<qsizetype>(size));
#ifdef EMBERLAB_FUZZ_TFLITE
    const auto summary = summariseTflite(bytes);
    auto model = readTflite(bytes);
#else
    const auto summary = summariseOnnx(bytes);
    auto model = readOnnx(bytes);
#endif
    Q_UNUSED(summary)
    if (model)
        compute(std::move(*model));
#ifndef EMBERLAB_FUZZ_TFLITE
    if (bytes.contains("quantizeLinear") || bytes.contains("QuantizeLinear")) {
        auto integers = readOnnx(marked(bytes));
        if (integers)
            compute(std::move(*integers));
    }
#endif
    return 0;
}
