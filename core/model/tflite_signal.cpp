// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tflite_signal.h"

#include <algorithm>
#include <limits>

namespace ember::model::detail {
namespace {

constexpr qint64 kMaxKept = 1'000'000; ///< elements of one state; boards have some thousand

/// Reads attributes by name, and remembers what is wrong with one.
class Attributes
{
public:
    explicit Attributes(const TfliteOperator& op)
        : m_op(op)
    {}

    qint32 integer(const char* name) { return static_cast<qint32>(within(name, std::numeric_limits<qint32>::min())); }
    quint32 unsignedInteger(const char* name) { return static_cast<quint32>(within(name, 0)); }
    bool truth(const char* name) { return within(name, 0) != 0; }

    Status status() const { return m_status; }

private:
    qint64 within(const char* name, qint64 least)
    {
        const auto found = m_op.attributes.find(name);
        if (found == m_op.attributes.end())
            return refuse(QStringLiteral("%1 without the attribute '%2'").arg(operatorName(), QLatin1String(name)));
        if (found->second < least || found->second > std::numeric_limits<qint32>::max())
            return refuse(
                QStringLiteral("%1 with %2 = %3").arg(operatorName(), QLatin1String(name)).arg(found->second));
        return found->second;
    }

    qint64 refuse(const QString& what)
    {
        m_status = damagedTflite(what);
        return 0;
    }

    QString operatorName() const { return QString::fromStdString(m_op.custom); }

    const TfliteOperator& m_op;
    Status m_status;
};

/// Adds a state under the name of the node. Errors: Unsupported beyond the limits.
Result<std::string> keep(const TfliteOperator& op, const char* what, TensorType type, Shape shape)
{
    EMBER_TRY(const qint64 count, elementCount(shape));
    if (count > kMaxKept || op.graph->states.size() >= kMaxTfliteStates)
        return unsupportedTflite(
            QStringLiteral("%1 that keeps %2 numbers").arg(QString::fromStdString(op.custom)).arg(count));
    std::string name = op.name + "/" + what;
    op.graph->states.push_back({name, type, std::move(shape)});
    return name;
}

/// Rows of the input, each of the size of its last dimension.
Result<qint64> rowsOf(const TfliteOperator& op, std::size_t innerDimensions)
{
    const Shape& x = op.inputs[0]->info.shape;
    if (x.size() < innerDimensions)
        return damagedTflite(QStringLiteral("%1 of %2").arg(QString::fromStdString(op.custom), shapeText(x)));
    return elementCount(Shape(x.begin(), x.end() - static_cast<std::ptrdiff_t>(innerDimensions)));
}

void addStep(const TfliteOperator& op, Signal signal, std::size_t inputs, std::vector<std::string> states = {})
{
    std::vector<std::string> names = firstTfliteInputs(op, inputs);
    names.insert(names.end(), states.begin(), states.end());
    op.node(std::move(signal), std::move(names));
}

Status framer(const TfliteOperator& op, Attributes& attributes)
{
    const SignalFramer step{attributes.integer("frame_size"), attributes.integer("frame_step"),
                            attributes.truth("prefill")};
    EMBER_CHECK(attributes.status());
    if (step.frameStep < 1 || step.frameSize < step.frameStep)
        return unsupportedTflite(
            QStringLiteral("SignalFramer with frames of %1, %2 apart").arg(step.frameSize).arg(step.frameStep));
    EMBER_TRY(const qint64 rows, rowsOf(op, 1));
    const qint64 capacity = (qint64{step.frameSize} + step.frameStep - 1) / step.frameStep * step.frameStep;
    EMBER_TRY(std::string kept, keep(op, "kept", TensorType::Int16, {rows, capacity}));
    EMBER_TRY(std::string count, keep(op, "count", TensorType::Int32, {1}));
    addStep(op, {step}, 1, {std::move(kept), std::move(count)});
    return {};
}

Status window(const TfliteOperator& op, Attributes& attributes)
{
    const SignalWindow step{attributes.integer("shift")};
    EMBER_CHECK(attributes.status());
    addStep(op, {step}, 2);
    return {};
}

Status fftAutoScale(const TfliteOperator& op, Attributes&)
{
    addStep(op, {SignalFftAutoScale{}}, 1);
    return {};
}

Status fft(const TfliteOperator& op, Attributes& attributes)
{
    const SignalFft step{attributes.integer("fft_length"), op.custom == "SignalIrfft"};
    EMBER_CHECK(attributes.status());
    addStep(op, {step}, 1);
    return {};
}

Status energy(const TfliteOperator& op, Attributes& attributes)
{
    const SignalEnergy step{attributes.integer("start_index"), attributes.integer("end_index")};
    EMBER_CHECK(attributes.status());
    addStep(op, {step}, 1);
    return {};
}

Status filterBank(const TfliteOperator& op, Attributes& attributes)
{
    const SignalFilterBank step{attributes.integer("num_channels")};
    EMBER_CHECK(attributes.status());
    addStep(op, {step}, 6);
    return {};
}

Status squareRoot(const TfliteOperator& op, Attributes&)
{
    addStep(op, {SignalFilterBankSquareRoot{}}, 2);
    return {};
}

Status spectralSubtraction(const TfliteOperator& op, Attributes& attributes)
{
    SignalSpectralSubtraction step;
    step.channels = attributes.integer("num_channels");
    step.smoothing = attributes.unsignedInteger("smoothing");
    step.oneMinusSmoothing = attributes.unsignedInteger("one_minus_smoothing");
    step.alternateSmoothing = attributes.unsignedInteger("alternate_smoothing");
    step.alternateOneMinusSmoothing = attributes.unsignedInteger("alternate_one_minus_smoothing");
    step.minSignalRemaining = attributes.unsignedInteger("min_signal_remaining");
    step.smoothingBits = attributes.integer("smoothing_bits");
    step.bits = attributes.integer("spectral_subtraction_bits");
    step.clamping = attributes.truth("clamping");
    EMBER_CHECK(attributes.status());
    EMBER_TRY(std::string noise, keep(op, "noise", TensorType::UInt32, {step.channels}));
    addStep(op, {step}, 1, {std::move(noise)});
    return {};
}

Status pcan(const TfliteOperator& op, Attributes& attributes)
{
    const SignalPcan step{attributes.integer("snr_shift")};
    EMBER_CHECK(attributes.status());
    addStep(op, {step}, 3);
    return {};
}

Status filterBankLog(const TfliteOperator& op, Attributes& attributes)
{
    const SignalFilterBankLog step{attributes.integer("output_scale"), attributes.integer("input_correction_bits")};
    EMBER_CHECK(attributes.status());
    addStep(op, {step}, 1);
    return {};
}

Status delay(const TfliteOperator& op, Attributes& attributes)
{
    const SignalDelay step{attributes.integer("delay_length")};
    EMBER_CHECK(attributes.status());
    EMBER_TRY(const qint64 rows, rowsOf(op, 1));
    EMBER_TRY(std::string kept, keep(op, "kept", TensorType::Int16, {rows, step.delay}));
    addStep(op, {step}, 1, {std::move(kept)});
    return {};
}

Status overlapAdd(const TfliteOperator& op, Attributes& attributes)
{
    const SignalOverlapAdd step{attributes.integer("frame_step")};
    EMBER_CHECK(attributes.status());
    EMBER_TRY(const qint64 rows, rowsOf(op, 2));
    const ValueInfo& x = op.inputs[0]->info;
    EMBER_TRY(std::string sums, keep(op, "sums", x.type, {rows, x.shape.back()}));
    addStep(op, {step}, 1, {std::move(sums)});
    return {};
}

Status stacker(const TfliteOperator& op, Attributes& attributes)
{
    const SignalStacker step{attributes.integer("num_channels"), attributes.integer("stacker_left_context"),
                             attributes.integer("stacker_right_context"), attributes.integer("stacker_step")};
    EMBER_CHECK(attributes.status());
    EMBER_TRY(std::string kept,
              keep(op, "kept", TensorType::Int16, {qint64{step.left} + 1 + step.right, step.channels}));
    EMBER_TRY(std::string count, keep(op, "count", TensorType::Int32, {2}));
    addStep(op, {step}, 1, {std::move(kept), std::move(count)});
    return {};
}

using SignalConverters = std::map<std::string, Status (*)(const TfliteOperator&, Attributes&)>;

const SignalConverters& converters()
{
    static const SignalConverters kAll = {{"SignalDelay", delay},
                                          {"SignalEnergy", energy},
                                          {"SignalFftAutoScale", fftAutoScale},
                                          {"SignalFilterBank", filterBank},
                                          {"SignalFilterBankLog", filterBankLog},
                                          {"SignalFilterBankSpectralSubtraction", spectralSubtraction},
                                          {"SignalFilterBankSquareRoot", squareRoot},
                                          {"SignalFramer", framer},
                                          {"SignalIrfft", fft},
                                          {"SignalOverlapAdd", overlapAdd},
                                          {"SignalPCAN", pcan},
                                          {"SignalRfft", fft},
                                          {"SignalStacker", stacker},
                                          {"SignalWindow", window}};
    return kAll;
}

} // namespace

bool isTfliteSignal(const std::string& name)
{
    return converters().contains(name);
}

Status convertTfliteSignal(const TfliteOperator& op)
{
    if (!op.has(0))
        return damagedTflite(QStringLiteral("%1 without an input").arg(QString::fromStdString(op.custom)));
    Attributes attributes(op);
    return converters().at(op.custom)(op, attributes);
}

} // namespace ember::model::detail
