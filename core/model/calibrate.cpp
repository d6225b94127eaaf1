// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/calibrate.h"

#include "core/model/interpreter.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

namespace ember::model {
namespace {

constexpr std::size_t kBins = 2'048;
constexpr std::size_t kLevels = 128; ///< of one sign of an int8
constexpr qint64 kOpenBatch = 64;

Tensor slice(const Tensor& rows, qint64 begin, qint64 count)
{
    Shape shape = rows.shape();
    const qint64 each = rows.size() / std::max<qint64>(1, shape[0]);
    shape[0] = count;
    Tensor part = Tensor::zeros(rows.type(), shape).value();
    if (rows.type() == TensorType::String)
        std::copy_n(rows.strings().begin() + begin * each, count * each, part.strings().begin());
    else
        std::memcpy(part.bytes().data(),
                    rows.bytes().data() + static_cast<std::size_t>(begin * each) * elementBytes(rows.type()),
                    part.bytes().size());
    return part;
}

// Calls take(results) for every batch of the rows.
Status overBatches(const Interpreter& interpreter, const std::vector<Tensor>& rows,
                   const std::function<Status(std::vector<Tensor>)>& take)
{
    const std::vector<ValueInfo>& inputs = interpreter.model().graph.inputs;
    if (rows.size() != inputs.size() || rows.empty() || rows[0].rank() == 0 || rows[0].shape()[0] < 1)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("The model has %1 inputs; rows for %2 were given.").arg(inputs.size()).arg(rows.size()));
    const qint64 all = rows[0].shape()[0];
    const qint64 declared = inputs[0].shape.empty() ? -1 : inputs[0].shape[0];
    const qint64 batch = declared > 0 ? declared : kOpenBatch;
    for (const Tensor& input : rows) {
        if (input.rank() == 0 || input.shape()[0] != all)
            return Error(ErrorKind::Usage, QStringLiteral("The inputs have different numbers of rows."));
    }
    if (declared > 0 && all % declared != 0)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The model takes %1 rows at a time; %2 were given.").arg(declared).arg(all));
    for (qint64 begin = 0; begin < all; begin += batch) {
        std::vector<Tensor> part;
        for (const Tensor& input : rows)
            part.push_back(slice(input, begin, std::min(batch, all - begin)));
        EMBER_TRY(std::vector<Tensor> results, interpreter.run(std::move(part)));
        EMBER_CHECK(take(std::move(results)));
    }
    return {};
}

// Distances from zero, counted in bins up to the largest.
struct Histogram
{
    float largest = 0;
    std::vector<double> bins = std::vector<double>(kBins, 0.0);

    void add(std::span<const float> values)
    {
        for (const float value : values)
            bins[std::min(kBins - 1, static_cast<std::size_t>(std::abs(value) / largest * kBins))] += 1;
    }
};

// The divergence of a distribution cut after `end` bins from itself in kLevels steps.
double divergence(const std::vector<double>& bins, std::size_t end)
{
    std::vector<double> p(bins.begin(), bins.begin() + static_cast<std::ptrdiff_t>(end));
    for (std::size_t i = end; i < bins.size(); ++i)
        p.back() += bins[i];
    std::vector<double> q(end, 0.0);
    double sumP = 0, sumQ = 0;
    for (std::size_t level = 0; level < kLevels; ++level) {
        const std::size_t first = level * end / kLevels;
        const std::size_t last = (level + 1) * end / kLevels;
        double total = 0, filled = 0;
        for (std::size_t i = first; i < last; ++i) {
            total += bins[i];
            filled += bins[i] > 0 ? 1 : 0;
        }
        for (std::size_t i = first; i < last && filled > 0; ++i)
            q[i] = bins[i] > 0 ? total / filled : 0.0;
    }
    for (std::size_t i = 0; i < end; ++i) {
        sumP += p[i];
        sumQ += q[i];
    }
    double result = 0;
    constexpr double kSmall = 1e-9; // where the steps have nothing and the distribution has
    for (std::size_t i = 0; i < end; ++i) {
        if (p[i] > 0)
            result += p[i] / sumP * std::log(p[i] / sumP / std::max(kSmall, q[i] / std::max(sumQ, kSmall)));
    }
    return result;
}

float clipOf(const Histogram& histogram, const CalibrationOptions& options)
{
    if (histogram.largest == 0.0f)
        return 0;
    const auto edge = [&histogram](std::size_t bins) {
        return histogram.largest * static_cast<float>(bins) / static_cast<float>(kBins);
    };
    if (options.method == RangeMethod::Percentile) {
        double all = 0, inside = 0;
        for (const double count : histogram.bins)
            all += count;
        for (std::size_t i = 0; i < kBins; ++i) {
            inside += histogram.bins[i];
            if (inside >= all * options.percentile / 100)
                return edge(i + 1);
        }
        return histogram.largest;
    }
    std::size_t best = kBins;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t end = kLevels; end <= kBins; end += 8) {
        const double loss = divergence(histogram.bins, end);
        if (loss < least) {
            least = loss;
            best = end;
        }
    }
    return edge(best);
}

Status widen(const std::string& name, std::span<const float> values, ValueRange& range)
{
    for (const float value : values) {
        if (!std::isfinite(value))
            return Error(ErrorKind::BadData,
                         QStringLiteral("The value '%1' is not a finite number on a calibration row.")
                             .arg(QString::fromStdString(name)),
                         QStringLiteral("Look for rows with missing values, and whether the model divides by zero."));
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
    }
    return {};
}

} // namespace

Result<std::vector<Tensor>> runRows(const Interpreter& interpreter, const std::vector<Tensor>& rows)
{
    std::vector<std::vector<Tensor>> parts;
    const Status joined = overBatches(interpreter, rows, [&parts](std::vector<Tensor> results) -> Status {
        parts.push_back(std::move(results));
        return {};
    });
    if (!joined)
        return joined.error();
    std::vector<Tensor> all;
    for (std::size_t i = 0; i < parts[0].size(); ++i) {
        Shape shape = parts[0][i].shape();
        if (shape.empty())
            return Error(ErrorKind::Unsupported, QStringLiteral("An output of the model has no rows."));
        shape[0] = 0;
        for (const std::vector<Tensor>& part : parts)
            shape[0] += part[i].shape()[0];
        EMBER_TRY(Tensor whole, Tensor::zeros(parts[0][i].type(), shape));
        std::size_t at = 0;
        for (const std::vector<Tensor>& part : parts) {
            if (whole.type() == TensorType::String)
                std::copy(part[i].strings().begin(), part[i].strings().end(),
                          whole.strings().begin() + static_cast<std::ptrdiff_t>(at));
            else
                std::copy(part[i].bytes().begin(), part[i].bytes().end(),
                          whole.bytes().begin() + static_cast<std::ptrdiff_t>(at));
            at += whole.type() == TensorType::String ? part[i].strings().size() : part[i].bytes().size();
        }
        all.push_back(std::move(whole));
    }
    return all;
}

Tensor pickRows(const Tensor& rows, std::span<const qint64> places)
{
    Shape shape = rows.shape();
    const qint64 each = rows.size() / std::max<qint64>(1, shape[0]);
    shape[0] = static_cast<qint64>(places.size());
    Tensor some = Tensor::zeros(rows.type(), shape).value();
    const std::size_t bytes = static_cast<std::size_t>(each) * elementBytes(rows.type());
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (rows.type() == TensorType::String)
            std::copy_n(rows.strings().begin() + places[i] * each, each,
                        some.strings().begin() + static_cast<std::ptrdiff_t>(i) * each);
        else
            std::copy_n(rows.bytes().begin() + places[i] * static_cast<std::ptrdiff_t>(bytes), bytes,
                        some.bytes().begin() + static_cast<std::ptrdiff_t>(i * bytes));
    }
    return some;
}

namespace {

Result<Interpreter> probeOf(const Graph& graph, const std::vector<std::string>& values)
{
    Model probe;
    probe.graph = graph;
    probe.graph.outputs.clear();
    for (const std::string& name : values)
        probe.graph.outputs.push_back({name, TensorType::Float32, {}});
    return Interpreter::create(std::move(probe));
}

} // namespace

Result<std::map<std::string, double>> shareOutside(const Graph& graph, const std::map<std::string, ValueRange>& ranges,
                                                   const std::vector<Tensor>& rows)
{
    std::vector<std::string> names;
    for (const auto& [name, range] : ranges)
        names.push_back(name);
    EMBER_TRY(const Interpreter interpreter, probeOf(graph, names));
    std::vector<qint64> outside(names.size(), 0), all(names.size(), 0);
    const Status seen = overBatches(interpreter, rows, [&](const std::vector<Tensor>& results) -> Status {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const ValueRange range = ranges.at(names[i]);
            const std::vector<float> values = results[i].toFloat();
            outside[i] += std::count_if(values.begin(), values.end(),
                                        [range](float x) { return !(x >= range.low && x <= range.high); });
            all[i] += static_cast<qint64>(values.size());
        }
        return {};
    });
    if (!seen)
        return seen.error();
    std::map<std::string, double> shares;
    for (std::size_t i = 0; i < names.size(); ++i)
        shares[names[i]] = all[i] == 0 ? 0.0 : static_cast<double>(outside[i]) / static_cast<double>(all[i]);
    return shares;
}

Result<std::map<std::string, ValueRange>> calibrate(const Graph& graph, const std::vector<std::string>& values,
                                                    const std::vector<Tensor>& rows, const CalibrationOptions& options)
{
    EMBER_TRY(const Interpreter interpreter, probeOf(graph, values));
    std::map<std::string, ValueRange> ranges;
    const Status seen = overBatches(interpreter, rows, [&](const std::vector<Tensor>& results) -> Status {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (results[i].type() != TensorType::Float32)
                return Error(ErrorKind::Unsupported,
                             QStringLiteral("'%1' is %2, not float32.")
                                 .arg(QString::fromStdString(values[i]), tensorTypeName(results[i].type())));
            EMBER_CHECK(widen(values[i], results[i].as<float>(), ranges[values[i]]));
        }
        return {};
    });
    if (!seen)
        return seen.error();
    if (options.method == RangeMethod::MinMax)
        return ranges;
    std::vector<Histogram> histograms(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        histograms[i].largest = std::max(-ranges[values[i]].low, ranges[values[i]].high);
    const Status counted = overBatches(interpreter, rows, [&](const std::vector<Tensor>& results) -> Status {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (histograms[i].largest > 0)
                histograms[i].add(results[i].as<float>());
        }
        return {};
    });
    if (!counted)
        return counted.error();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float clip = clipOf(histograms[i], options);
        ValueRange& range = ranges[values[i]];
        range = {std::max(range.low, -clip), std::min(range.high, clip)};
    }
    return ranges;
}

} // namespace ember::model
