// SPDX-License-Identifier: GPL-3.0-or-later
// bench_networks [MODEL.tflite|MODEL.onnx ...]: time to load a model and runs per second of the reference evaluator,
// beside the multiplications that plain loops do in the same time.
#include "core/model/analysis.h"
#include "core/model/model_file.h"
#include "core/workflow/model_run.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QTextStream>

using namespace ember;

namespace {

// What a plain loop over bytes reaches on this machine, in multiplications per second.
double plainLoopRate()
{
    constexpr std::size_t kLength = 64;
    constexpr qint64 kRounds = 2'000'000;
    std::vector<qint8> x(kLength), w(kLength);
    for (std::size_t i = 0; i < kLength; ++i) {
        x[i] = static_cast<qint8>(i * 7);
        w[i] = static_cast<qint8>(i * 13);
    }
    QElapsedTimer timer;
    timer.start();
    qint64 total = 0;
    for (qint64 round = 0; round < kRounds; ++round) {
        qint32 sum = 0;
        for (std::size_t i = 0; i < kLength; ++i)
            sum += (x[i] + 128) * w[i];
        total += sum;
        x[static_cast<std::size_t>(round) % kLength] = static_cast<qint8>(total);
    }
    const double seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9;
    return total == 1 ? 0 : static_cast<double>(kRounds) * kLength / seconds;
}

Status bench(const QString& path, double plain, QTextStream& out)
{
    QElapsedTimer timer;
    timer.start();
    EMBER_TRY(model::Model loaded, model::loadModel(path));
    EMBER_TRY(const model::Analysis analysis, model::analyse(loaded.graph));
    EMBER_TRY(const model::Interpreter interpreter, model::Interpreter::create(std::move(loaded)));
    const double load = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    std::vector<model::Tensor> inputs;
    for (const model::ValueInfo& info : interpreter.model().graph.inputs) {
        EMBER_TRY(model::Tensor zeros, model::Tensor::zeros(info.type, analysis.values.at(info.name).shape));
        inputs.push_back(std::move(zeros));
    }
    int runs = 0;
    timer.restart();
    while (timer.elapsed() < 1'000) {
        EMBER_TRY(const auto results, interpreter.run(inputs));
        ++runs;
    }
    const double seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9 / runs;
    const double rate = static_cast<double>(analysis.macs) / seconds;
    out << QStringLiteral("%1 load %2 ms, %3 runs/s, %4 million MAC/s, %5 of a plain loop\n")
               .arg(QFileInfo(path).fileName(), -36)
               .arg(load, 0, 'f', 1)
               .arg(1 / seconds, 0, 'f', 1)
               .arg(rate / 1e6, 0, 'f', 0)
               .arg(rate / plain, 0, 'f', 2);
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    QStringList paths;
    for (int i = 1; i < argc; ++i)
        paths << QString::fromLocal8Bit(argv[i]);
    if (paths.isEmpty())
        paths << QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/mlperf_tiny_kws_int8.tflite");
    QTextStream out(stdout);
    const double plain = plainLoopRate();
    out << QStringLiteral("plain loop over bytes: %1 million MAC/s\n").arg(plain / 1e6, 0, 'f', 0);
    for (const QString& path : paths) {
        if (const Status status = bench(path, plain, out); !status)
            out << path << ": " << status.error().toString() << "\n";
    }
    return 0;
}
