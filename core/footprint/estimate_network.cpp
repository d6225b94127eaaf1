// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/estimate_network.h"

#include "core/device/board.h"

#include <cmath>

namespace ember::footprint {
namespace {

using codegen::LayerScale;
using codegen::WindowGeometry;

// Instructions of device-agent/runtime/nn at -O2 for what each name says: least squares over single steps of the MLPerf
// Tiny networks on the emulator. Single steps are met within 8 %.
struct Coefficients
{
    // Convolution: two pixels and two channels of four lanes, what else two pixels and two channels need (more where
    // negative outputs count), a pixel, four lanes that are gathered, a row of a window, an element of a fused sum.
    double group, pair, pairRounded, pixel, gathered, row, sum;
    // Depthwise by 3 x 3: four channels of a pixel (more where negative outputs count), four channels of a loaded row,
    // a pixel; one cell of one channel of other kernels.
    double four, fourRounded, loaded, depthwisePixel, cell;
    double denseMac, denseOutput, pooledCell, pair8, softmaxElement, quantised, quantisedStep;
    double atSize; ///< how many times more all but the innermost loops take at -Os
    double code;   ///< bytes of a step's call with its constants
};

constexpr Coefficients kPacked = {17.15, 45,  43, 78,  11.5, 45, 55, 156, 80,  7.5, 79,
                                  3.5,   1.4, 45, 6.1, 40,   36, 40, 12,  1.4, 40};
constexpr Coefficients kArmv6 = {54.8, 214, 130, 20,  2.2, 76, 120, 367, 140,  28, 6,
                                 9,    6.4, 90,  7.7, 110, 75, 420, 130, 1.25, 40};
// Plain C on 32-bit cores with a long product.
constexpr Coefficients kPlain = {75, 120, 60, 60,  30, 60, 70,  430, 60,   25, 40,
                                 9,  6,   45, 7.5, 60, 60, 300, 100, 1.25, 40};

double outputsOf(const WindowGeometry& w)
{
    return static_cast<double>(w.outHeight) * w.outWidth * w.outChannels;
}

double cellsOf(const WindowGeometry& w)
{
    return static_cast<double>(w.kernelHeight) * w.kernelWidth;
}

bool isRounded(const codegen::LayerTables& tables)
{
    return tables.scale() == LayerScale::Any || tables.scale() == LayerScale::Down;
}

/// Adds up what steps take: in the innermost loops, and around them.
class Counter
{
public:
    explicit Counter(const Coefficients& c)
        : m_c(c)
    {}

    double total(bool size) const { return m_inner + m_outer * (size ? m_c.atSize : 1); }

    void add(const codegen::ConvStep& step)
    {
        const WindowGeometry& w = step.window;
        const double pixels = static_cast<double>(w.outHeight) * w.outWidth;
        const double pairs = std::ceil(pixels / 2) * std::ceil(w.outChannels / 2.0);
        m_inner += pairs * w.groups() * m_c.group;
        m_outer += pairs * (m_c.pair + (isRounded(step.tables) ? m_c.pairRounded : 0));
        m_outer += pixels * (m_c.pixel + w.groups() * m_c.gathered + (w.isPointwise() ? 0 : w.kernelHeight * m_c.row));
        if (step.sum)
            m_outer += outputsOf(w) * m_c.sum;
        if (step.dense) {
            m_inner += outputsOf(w) * step.dense->out * m_c.denseMac;
            m_outer += std::ceil(pixels / 2) * step.dense->out * 20 + step.dense->out * m_c.denseOutput;
        }
    }

    void add(const codegen::DepthwiseStep& step)
    {
        const WindowGeometry& w = step.window;
        const double pixels = static_cast<double>(w.outHeight) * w.outWidth;
        const double fours = pixels * std::ceil(w.outChannels / 4.0);
        const bool three = w.kernelHeight == 3 && w.kernelWidth == 3;
        m_inner += three ? fours * m_c.four * 0.6 : outputsOf(w) * cellsOf(w) * m_c.cell;
        m_outer += fours * (m_c.four * 0.4 + (isRounded(step.tables) ? m_c.fourRounded : 0));
        m_outer += pixels * m_c.depthwisePixel + std::ceil(w.inWidth * w.inChannels / 4.0) * w.inHeight * m_c.loaded;
    }

    void add(const codegen::DenseStep& step)
    {
        m_inner += static_cast<double>(step.rows) * step.out * step.in * m_c.denseMac;
        m_outer += static_cast<double>(step.rows) * step.out * m_c.denseOutput;
    }

    void add(const codegen::PoolStep& step)
    {
        m_outer += outputsOf(step.window) * (cellsOf(step.window) * m_c.pooledCell + 20);
    }
    void add(const codegen::PairStep& step) { m_outer += static_cast<double>(step.count) * m_c.pair8; }
    void add(const codegen::LookUpStep& step) { m_outer += static_cast<double>(step.count) * 6; }
    void add(const codegen::SoftmaxStep& step) { m_outer += step.rows * (80.0 + step.size * m_c.softmaxElement); }
    void add(const codegen::QuantiseStep& step)
    {
        m_outer += static_cast<double>(step.count) *
                   (m_c.quantised + m_c.quantisedStep * static_cast<double>(step.arithmetic.size()));
    }

private:
    const Coefficients& m_c;
    double m_inner = 0;
    double m_outer = 0;
};

// Bytes of code of each kernel, each once.
double kernelBytes(const codegen::LoweredNetwork& network, bool size)
{
    bool conv = false, sum = false, fusedDense = false, depthwise = false, dense = false, pool = false, softmax = false;
    for (const codegen::NetworkStep& step : network.steps) {
        const auto* c = std::get_if<codegen::ConvStep>(&step.kind);
        conv = conv || c;
        sum = sum || (c && c->sum);
        fusedDense = fusedDense || (c && c->dense);
        depthwise = depthwise || std::holds_alternative<codegen::DepthwiseStep>(step.kind);
        dense = dense || std::holds_alternative<codegen::DenseStep>(step.kind);
        pool = pool || std::holds_alternative<codegen::PoolStep>(step.kind);
        softmax = softmax || std::holds_alternative<codegen::SoftmaxStep>(step.kind);
    }
    return (size ? 0.75 : 1.0) * (1250.0 * conv + 900.0 * sum + 400.0 * fusedDense + 1000.0 * depthwise +
                                  260.0 * dense + 330.0 * pool + 380.0 * softmax);
}

const Coefficients* coefficientsOf(const device::Board& board)
{
    if (board.dsp)
        return &kPacked;
    if (board.cpu.startsWith(QStringLiteral("Cortex-M0")))
        return &kArmv6;
    if (board.cpu == QStringLiteral("Cortex-M3") || board.cpu.startsWith(QStringLiteral("RV32")))
        return &kPlain;
    return nullptr;
}

} // namespace

Result<ModelWork> networkWork(const codegen::LoweredNetwork& network, const codegen::LoweredModel& model,
                              const device::Board& board)
{
    const Coefficients* c = coefficientsOf(board);
    if (!c)
        return Error(ErrorKind::Unsupported, QStringLiteral("No cost formula is known for %1.").arg(board.cpu),
                     QStringLiteral("Build and profile the model instead."));
    const bool size = model.optimise == codegen::Optimise::Size;
    Counter counter(*c);
    for (const codegen::NetworkStep& step : network.steps)
        std::visit([&counter](const auto& kind) { counter.add(kind); }, step.kind);
    ModelWork work;
    work.codeBytes = kernelBytes(network, size) + c->code * static_cast<double>(network.steps.size());
    work.constantBytes = static_cast<double>(network.constantBytes());
    work.instructions = counter.total(size);
    return work;
}

} // namespace ember::footprint
