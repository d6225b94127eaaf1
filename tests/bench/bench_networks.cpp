// SPDX-License-Identifier: GPL-3.0-or-later
// bench_networks [MODEL.tflite|MODEL.onnx ...]: time to load a model and frames per second of the reference evaluator,
// beside the same layers in plain loops.
#include "core/model/analysis.h"
#include "core/model/interpreter.h"
#include "core/model/model_file.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QTextStream>

#include <algorithm>

using namespace ember;

namespace {

// The layers of a chain of int8 layers as loops that anybody would write: for every output all taps, and a real factor
// at the end. Nothing else is computed, so this is at least as fast as a whole network in such loops.
class PlainLoops
{
public:
    PlainLoops(const model::Graph& graph, const model::Analysis& analysis)
    {
        for (const model::Node& node : graph.nodes) {
            const auto weights = node.inputs.size() > 1 ? graph.constants.find(node.inputs[1]) : graph.constants.end();
            if (weights == graph.constants.end() || weights->second.value.type() != model::TensorType::Int8)
                continue;
            Layer layer;
            layer.x = cellsOf(analysis.values.at(node.inputs[0]).shape);
            layer.y = cellsOf(analysis.values.at(node.outputs[0]).shape);
            layer.w = cellsOf(weights->second.value.shape());
            const auto bytes = weights->second.value.as<qint8>();
            layer.weights.assign(bytes.begin(), bytes.end());
            if (const auto* conv = std::get_if<model::Conv>(&node.operation))
                layer.stride = strideOf(conv->window);
            else if (const auto* depthwise = std::get_if<model::DepthwiseConv>(&node.operation))
                layer.stride = strideOf(depthwise->window);
            layer.depthwise = std::holds_alternative<model::DepthwiseConv>(node.operation);
            m_layers.push_back(std::move(layer));
        }
    }

    bool isEmpty() const { return m_layers.empty(); }

    /// Runs all layers once; the result keeps the compiler from leaving them out.
    int run()
    {
        int sum = 0;
        for (const Layer& layer : m_layers) {
            m_x.resize(static_cast<std::size_t>(layer.x.size()), 1);
            m_y.resize(static_cast<std::size_t>(layer.y.size()));
            layer.depthwise ? depthwise(layer) : convolution(layer);
            sum += m_y.back();
            std::swap(m_x, m_y);
        }
        return sum;
    }

private:
    struct Cells
    {
        int rows = 1, columns = 1, channels = 1, first = 1;
        int size() const { return rows * columns * channels; }
    };
    struct Layer
    {
        Cells x, y, w;
        int stride = 1;
        bool depthwise = false;
        std::vector<qint8> weights;
    };

    static Cells cellsOf(const model::Shape& shape)
    {
        const auto at = [&shape](std::size_t d) { return static_cast<int>(shape[d]); };
        if (shape.size() == 4)
            return {at(1), at(2), at(3), at(0)};
        int size = 1;
        for (std::size_t d = 1; d < shape.size(); ++d)
            size *= at(d);
        return {1, 1, size, shape.empty() ? 1 : at(0)};
    }
    static int strideOf(const model::Window& window)
    {
        return window.strides.empty() ? 1 : static_cast<int>(window.strides[0]);
    }
    static qint8 stored(int sum) { return static_cast<qint8>(std::clamp(static_cast<int>(0.01f * sum), -128, 127)); }

    void convolution(const Layer& l)
    {
        // A dense layer reads all cells as one.
        const Cells x = l.w.channels == l.x.channels ? l.x : Cells{1, 1, l.x.size(), 1};
        for (int row = 0; row < l.y.rows; ++row) {
            for (int column = 0; column < l.y.columns; ++column) {
                for (int out = 0; out < l.y.channels; ++out) {
                    int sum = 0;
                    for (int ky = 0; ky < l.w.rows; ++ky) {
                        for (int kx = 0; kx < l.w.columns; ++kx) {
                            const int fromY = row * l.stride + ky - l.w.rows / 2;
                            const int fromX = column * l.stride + kx - l.w.columns / 2;
                            if (fromY < 0 || fromY >= x.rows || fromX < 0 || fromX >= x.columns)
                                continue;
                            const qint8* a = m_x.data() + (fromY * x.columns + fromX) * x.channels;
                            const qint8* b =
                                l.weights.data() + ((out * l.w.rows + ky) * l.w.columns + kx) * l.w.channels;
                            for (int c = 0; c < l.w.channels; ++c)
                                sum += (a[c] + 128) * b[c];
                        }
                    }
                    m_y[static_cast<std::size_t>((row * l.y.columns + column) * l.y.channels + out)] = stored(sum);
                }
            }
        }
    }

    void depthwise(const Layer& l)
    {
        for (int row = 0; row < l.y.rows; ++row) {
            for (int column = 0; column < l.y.columns; ++column) {
                for (int c = 0; c < l.y.channels; ++c) {
                    int sum = 0;
                    for (int ky = 0; ky < l.w.rows; ++ky) {
                        for (int kx = 0; kx < l.w.columns; ++kx) {
                            const int fromY = row * l.stride + ky - l.w.rows / 2;
                            const int fromX = column * l.stride + kx - l.w.columns / 2;
                            if (fromY < 0 || fromY >= l.x.rows || fromX < 0 || fromX >= l.x.columns)
                                continue;
                            sum += (m_x[static_cast<std::size_t>((fromY * l.x.columns + fromX) * l.x.channels +
                                                                 c % l.x.channels)] +
                                    128) *
                                   l.weights[static_cast<std::size_t>((ky * l.w.columns + kx) * l.w.channels + c)];
                        }
                    }
                    m_y[static_cast<std::size_t>((row * l.y.columns + column) * l.y.channels + c)] = stored(sum);
                }
            }
        }
    }

    std::vector<Layer> m_layers;
    std::vector<qint8> m_x, m_y;
};

// Seconds of one call, over about a second.
template <typename Call>
double secondsOf(Call call)
{
    QElapsedTimer timer;
    timer.start();
    int runs = 0;
    do {
        call();
        ++runs;
    } while (timer.elapsed() < 1'000);
    return static_cast<double>(timer.nsecsElapsed()) / 1e9 / runs;
}

Status bench(const QString& path, QTextStream& out)
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
    Status failed;
    const double seconds = secondsOf([&] {
        if (const auto results = interpreter.run(inputs); !results)
            failed = results.error();
    });
    EMBER_CHECK(failed);
    const double rate = static_cast<double>(analysis.macs) / seconds;
    out << QStringLiteral("%1 load %2 ms, %3 frames/s, %4 million MAC/s")
               .arg(QFileInfo(path).fileName(), -36)
               .arg(load, 0, 'f', 1)
               .arg(1 / seconds, 0, 'f', 1)
               .arg(rate / 1e6, 0, 'f', 0);
    PlainLoops loops(interpreter.model().graph, analysis);
    if (!loops.isEmpty()) {
        int kept = 0;
        const double plain = secondsOf([&] { kept += loops.run(); });
        out << QStringLiteral("; plain loops %1 frames/s, %2 of their speed%3")
                   .arg(1 / plain, 0, 'f', 1)
                   .arg(plain / seconds, 0, 'f', 2)
                   .arg(kept == 1 ? QStringLiteral(" ") : QString());
    }
    out << "\n";
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
    for (const QString& path : paths) {
        if (const Status status = bench(path, out); !status)
            out << path << ": " << status.error().toString() << "\n";
    }
    return 0;
}
