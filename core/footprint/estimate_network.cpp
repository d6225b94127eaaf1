// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/estimate_network.h"

#include "core/device/board.h"

#include <QSet>
#include <QStringList>

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
    double innerAtSize, atSize; ///< how many times more the innermost loops take at -Os, and all others
    double codeAtSpeed;         ///< bytes of a kernel at -O2 against those of Cortex-M4
    double all = 1;             ///< of all instructions
};

constexpr Coefficients kPacked = {17.15, 45,  43, 78,  11.5, 45, 55, 156, 80, 7.5,  79,
                                  3.5,   2.7, 12, 6.1, 40,   36, 40, 12,  1,  1.45, 1};
constexpr Coefficients kArmv6 = {54.8, 214, 130, 20,  25,  76, 120, 367, 140, 28,  6,
                                 9,    7.2, 40,  7.7, 110, 75, 420, 130, 1,   1.4, 1.5};
// Plain C on 32-bit cores with a long product.
constexpr Coefficients kThumb2 = {45, 100, 60, 60,  30, 60, 70,  300, 60,  25,  40,
                                  9,  4.5, 25, 7.5, 60, 60, 300, 100, 1.6, 1.4, 1.05};
constexpr Coefficients kRv32 = [] {
    Coefficients c = kThumb2;
    c.codeAtSpeed = 1.5;
    c.all = 1.3;
    return c;
}();

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

    double total(bool size) const
    {
        return m_c.all * (size ? m_inner * m_c.innerAtSize + m_outer * m_c.atSize : m_inner + m_outer);
    }

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
            m_outer += outputsOf(w) * step.dense->out * m_c.denseMac;
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
        m_outer += static_cast<double>(step.rows) * step.out * (step.in * m_c.denseMac + m_c.denseOutput);
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

    void add(const codegen::MoveStep& step)
    {
        m_outer += step.fill ? 0.5 * static_cast<double>(step.count) : 0;
        for (const codegen::MovePart& part : step.parts)
            m_outer += static_cast<double>(part.rows) * (25 + 0.6 * static_cast<double>(part.bytes));
    }

private:
    const Coefficients& m_c;
    double m_inner = 0;
    double m_outer = 0;
};

/// Bytes of code: kernels are made once for each arithmetic of their outputs and each thing that is done with them.
class CodeCounter
{
public:
    double total(std::size_t steps, bool size, const Coefficients& c) const
    {
        return 45.0 * static_cast<double>(steps) + m_bytes * (size ? 0.75 : c.codeAtSpeed);
    }

    void add(const codegen::ConvStep& step)
    {
        once({QStringLiteral("gather")}, 750);
        const QString target = step.sum ? QStringLiteral("sum%1").arg(step.sumMadeFirst)
                                        : QString(step.dense ? QStringLiteral("dense") : QString());
        once({QStringLiteral("conv"), target, QString::number(int(step.tables.scale()))}, step.dense ? 1250
                                                                                          : step.sum ? 950
                                                                                                     : 600);
    }
    void add(const codegen::DepthwiseStep& step)
    {
        const bool three = step.window.kernelHeight == 3 && step.window.kernelWidth == 3;
        once({QStringLiteral("depthwise"), QString::number(three), QString::number(int(step.tables.scale()))}, 950);
    }
    void add(const codegen::DenseStep& step)
    {
        once({QStringLiteral("dense"), QString::number(int(step.tables.scale()))}, 100);
    }
    void add(const codegen::PoolStep& step) { once({QStringLiteral("pool"), QString::number(step.average)}, 330); }
    void add(const codegen::PairStep& step) { once({QStringLiteral("pair"), QString::number(int(step.kind))}, 250); }
    void add(const codegen::LookUpStep&) { once({QStringLiteral("lookUp")}, 30); }
    void add(const codegen::SoftmaxStep&) { once({QStringLiteral("softmax")}, 380); }
    void add(const codegen::MoveStep&) { once({QStringLiteral("move")}, 60); }
    void add(const codegen::QuantiseStep&) { once({QStringLiteral("quantise")}, 120); }

private:
    void once(const QStringList& kernel, double bytes)
    {
        if (m_seen.contains(kernel))
            return;
        m_seen.insert(kernel);
        m_bytes += bytes;
    }

    QSet<QStringList> m_seen;
    double m_bytes = 0;
};

const Coefficients* coefficientsOf(const device::Board& board)
{
    if (board.dsp)
        return &kPacked;
    if (board.cpu.startsWith(QStringLiteral("Cortex-M0")))
        return &kArmv6;
    if (board.cpu == QStringLiteral("Cortex-M3") || board.cpu.startsWith(QStringLiteral("RV32")))
        return board.cpu.startsWith(QStringLiteral("RV32")) ? &kRv32 : &kThumb2;
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
    CodeCounter code;
    for (const codegen::NetworkStep& step : network.steps) {
        std::visit(
            [&](const auto& kind) {
                counter.add(kind);
                code.add(kind);
            },
            step.kind);
    }
    ModelWork work;
    work.codeBytes = code.total(network.steps.size(), size, *c);
    work.constantBytes = static_cast<double>(network.constantBytes());
    work.instructions = counter.total(size);
    return work;
}

} // namespace ember::footprint
