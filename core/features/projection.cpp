// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/projection.h"

#include "device-agent/runtime/audio.hpp"
#include "device-agent/runtime/rows.hpp"

#include <QJsonArray>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::features {
namespace {

constexpr qsizetype kMostValues = 16'384;
constexpr int kMostColumns = 1024; ///< of principal components: the eigenvectors are found by rotations

struct Scale
{
    double offset = 0;
    double factor = 0;
};

double quantileOf(const std::vector<double>& sorted, double share)
{
    const double at = share * static_cast<double>(sorted.size() - 1);
    const auto index = static_cast<std::size_t>(at);
    const double next = sorted[std::min(index + 1, sorted.size() - 1)];
    return sorted[index] + (at - static_cast<double>(index)) * (next - sorted[index]);
}

Scale scaleOf(std::vector<double> values, Scaler scaler)
{
    if (values.empty())
        return {};
    std::sort(values.begin(), values.end());
    Scale scale;
    double width = 0;
    switch (scaler) {
    case Scaler::Standard: {
        const auto n = static_cast<double>(values.size());
        scale.offset = std::accumulate(values.begin(), values.end(), 0.0) / n;
        for (double value : values)
            width += (value - scale.offset) * (value - scale.offset) / n;
        width = std::sqrt(width);
        break;
    }
    case Scaler::MinMax:
        scale.offset = values.front();
        width = values.back() - values.front();
        break;
    case Scaler::Robust:
        scale.offset = quantileOf(values, 0.5);
        width = quantileOf(values, 0.75) - quantileOf(values, 0.25);
        break;
    }
    const double size = std::max(std::abs(values.front()), std::abs(values.back()));
    scale.factor = width > 1e-7 * size && width > 1e-30 ? 1.0 / width : 0.0;
    return scale;
}

/// Eigenvectors of a symmetric matrix, as rows of the result, by Jacobi's rotations; `matrix` becomes diagonal.
std::vector<double> eigenvectors(std::vector<double>& matrix, std::size_t n)
{
    std::vector<double> vectors(n * n);
    for (std::size_t i = 0; i < n; ++i)
        vectors[i * n + i] = 1;
    for (int sweep = 0; sweep < 50; ++sweep) {
        double off = 0;
        double diagonal = 0;
        for (std::size_t p = 0; p < n; ++p) {
            diagonal += matrix[p * n + p] * matrix[p * n + p];
            for (std::size_t q = p + 1; q < n; ++q)
                off += matrix[p * n + q] * matrix[p * n + q];
        }
        if (off <= 1e-22 * diagonal)
            break;
        for (std::size_t p = 0; p < n; ++p) {
            for (std::size_t q = p + 1; q < n; ++q) {
                const double apq = matrix[p * n + q];
                if (apq == 0)
                    continue;
                const double theta = (matrix[q * n + q] - matrix[p * n + p]) / (2 * apq);
                const double t = (theta >= 0 ? 1.0 : -1.0) / (std::abs(theta) + std::hypot(theta, 1.0));
                const double c = 1 / std::hypot(t, 1.0);
                const double s = t * c;
                for (std::size_t k = 0; k < n; ++k) {
                    const double a = matrix[k * n + p];
                    const double b = matrix[k * n + q];
                    matrix[k * n + p] = c * a - s * b;
                    matrix[k * n + q] = s * a + c * b;
                }
                for (std::size_t k = 0; k < n; ++k) {
                    const double a = matrix[p * n + k];
                    const double b = matrix[q * n + k];
                    matrix[p * n + k] = c * a - s * b;
                    matrix[q * n + k] = s * a + c * b;
                    const double u = vectors[p * n + k];
                    const double v = vectors[q * n + k];
                    vectors[p * n + k] = c * u - s * v;
                    vectors[q * n + k] = s * u + c * v;
                }
            }
        }
    }
    return vectors;
}

/// Covariance of the scaled rows that are finite throughout.
std::vector<double> covariance(std::span<const float> matrix, std::size_t columns, const Projection& projection)
{
    std::vector<double> rows;
    std::vector<double> row(columns);
    std::vector<double> mean(columns);
    for (std::size_t begin = 0; begin + columns <= matrix.size(); begin += columns) {
        bool finite = true;
        for (std::size_t c = 0; c < columns; ++c) {
            row[c] = (static_cast<double>(matrix[begin + c]) - static_cast<double>(projection.offsets[c])) *
                     static_cast<double>(projection.factors[c]);
            finite = finite && std::isfinite(row[c]);
        }
        if (!finite)
            continue;
        rows.insert(rows.end(), row.begin(), row.end());
        for (std::size_t c = 0; c < columns; ++c)
            mean[c] += row[c];
    }
    const auto count = std::max<double>(1, static_cast<double>(rows.size() / columns));
    std::vector<double> result(columns * columns);
    for (std::size_t begin = 0; begin < rows.size(); begin += columns) {
        for (std::size_t a = 0; a < columns; ++a) {
            const double left = rows[begin + a] - mean[a] / count;
            for (std::size_t b = a; b < columns; ++b)
                result[a * columns + b] += left * (rows[begin + b] - mean[b] / count) / count;
        }
    }
    for (std::size_t a = 0; a < columns; ++a) {
        for (std::size_t b = 0; b < a; ++b)
            result[a * columns + b] = result[b * columns + a];
    }
    return result;
}

void addComponents(Projection& projection, std::span<const float> matrix, int components)
{
    const std::size_t n = projection.offsets.size();
    std::vector<double> variances = covariance(matrix, n, projection);
    const std::vector<double> vectors = eigenvectors(variances, n);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::stable_sort(order.begin(), order.end(), [&variances, n](std::size_t a, std::size_t b) {
        return variances[a * n + a] > variances[b * n + b];
    });
    for (std::size_t c = 0; c < static_cast<std::size_t>(components); ++c) {
        const double* vector = vectors.data() + order[c] * n;
        const double* largest =
            std::max_element(vector, vector + n, [](double a, double b) { return std::abs(a) < std::abs(b); });
        for (std::size_t i = 0; i < n; ++i)
            projection.components.push_back(static_cast<float>(*largest < 0 ? -vector[i] : vector[i]));
    }
}

QJsonArray arrayOf(std::span<const float> values)
{
    QJsonArray array;
    for (float value : values)
        array.append(static_cast<double>(value));
    return array;
}

Error damaged()
{
    return Error(
        ErrorKind::BadData, QStringLiteral("'projection' of the feature pipeline is not what it should be."),
        QStringLiteral("It has lists 'offset' and 'factor' of equal length, and may have 'components' of rows of "
                       "that length."));
}

Result<std::vector<float>> valuesOf(const QJsonValue& json)
{
    std::vector<float> values;
    const QJsonArray array = json.toArray();
    if (!json.isArray() || array.size() > kMostValues)
        return damaged();
    for (const QJsonValue& item : array) {
        const auto value = static_cast<float>(item.toDouble(std::nan("")));
        if (!std::isfinite(value))
            return damaged();
        values.push_back(value);
    }
    return values;
}

} // namespace

QStringList scalerNames()
{
    return {QStringLiteral("standard"), QStringLiteral("min-max"), QStringLiteral("robust")};
}

Result<Scaler> scalerNamed(const QString& name)
{
    const auto index = scalerNames().indexOf(name);
    if (index < 0)
        return Error(ErrorKind::NotFound, QStringLiteral("There is no scaler '%1'.").arg(name),
                     QStringLiteral("The scalers are %1.").arg(scalerNames().join(QStringLiteral(", "))));
    return static_cast<Scaler>(index);
}

Result<Projection> fitProjection(std::span<const float> matrix, int columns, Scaler scaler, int components)
{
    const auto width = static_cast<std::size_t>(columns);
    if (columns < 1 || matrix.size() < 2 * width)
        return Error(ErrorKind::Usage, QStringLiteral("A scaler is fitted to two windows at least."));
    if (components > columns || components < 0 || (components > 0 && columns > kMostColumns))
        return Error(
            ErrorKind::Usage,
            QStringLiteral("%1 principal components cannot be made of %2 features.").arg(components).arg(columns),
            QStringLiteral("Ask for as many as there are features at most, and of %1 at most.").arg(kMostColumns));
    Projection projection;
    for (std::size_t c = 0; c < width; ++c) {
        std::vector<double> values;
        for (std::size_t at = c; at < matrix.size(); at += width) {
            if (std::isfinite(matrix[at]))
                values.push_back(static_cast<double>(matrix[at]));
        }
        const Scale scale = scaleOf(std::move(values), scaler);
        projection.offsets.push_back(static_cast<float>(scale.offset));
        projection.factors.push_back(static_cast<float>(scale.factor));
    }
    if (components > 0)
        addComponents(projection, matrix, components);
    return projection;
}

std::vector<float> project(const Projection& projection, std::span<const float> matrix)
{
    const auto inputs = static_cast<std::size_t>(projection.inputs());
    const auto outputs = static_cast<std::size_t>(projection.outputs());
    std::vector<float> result(matrix.size() / inputs * outputs);
    std::vector<float> row(inputs);
    for (std::size_t r = 0; r < matrix.size() / inputs; ++r) {
        std::copy_n(matrix.begin() + static_cast<std::ptrdiff_t>(r * inputs), inputs, row.begin());
        runtime::scaleValues(projection.offsets.data(), projection.factors.data(), inputs, row.data());
        float* out = result.data() + r * outputs;
        if (projection.components.empty())
            std::copy(row.begin(), row.end(), out);
        else
            runtime::matrixProduct(row.data(), inputs, projection.components.data(), outputs, out);
        runtime::canonicalNans(out, outputs);
    }
    return result;
}

QJsonObject toJson(const Projection& projection)
{
    QJsonObject json = {{QStringLiteral("offset"), arrayOf(projection.offsets)},
                        {QStringLiteral("factor"), arrayOf(projection.factors)}};
    QJsonArray rows;
    const std::size_t inputs = projection.offsets.size();
    for (std::size_t at = 0; at < projection.components.size(); at += inputs)
        rows.append(arrayOf(std::span(projection.components).subspan(at, inputs)));
    if (!rows.isEmpty())
        json.insert(QStringLiteral("components"), rows);
    return json;
}

Result<Projection> projectionFromJson(const QJsonObject& json)
{
    Projection projection;
    EMBER_TRY(projection.offsets, valuesOf(json.value(QStringLiteral("offset"))));
    EMBER_TRY(projection.factors, valuesOf(json.value(QStringLiteral("factor"))));
    const QJsonArray rows = json.value(QStringLiteral("components")).toArray();
    if (projection.isEmpty() || projection.factors.size() != projection.offsets.size() ||
        rows.size() > projection.inputs())
        return damaged();
    for (const QJsonValue& row : rows) {
        EMBER_TRY(const std::vector<float> values, valuesOf(row));
        if (values.size() != projection.offsets.size())
            return damaged();
        projection.components.insert(projection.components.end(), values.begin(), values.end());
    }
    return projection;
}

} // namespace ember::features
