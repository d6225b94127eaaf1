// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/search_space.h"

#include "core/base/random.h"

#include <algorithm>
#include <cmath>

namespace ember::learn {
namespace {

constexpr double kWideRatio = 20;
constexpr double kOpenFactor = 4;

struct Range
{
    double low = 0;
    double high = 0;
};

Range rangeOf(const plugin::ParameterSpec& spec)
{
    const double usual = spec.defaultValue.toDouble();
    const double size = std::max(std::abs(usual), 1.0);
    Range range{spec.minimum.isValid() ? spec.minimum.toDouble() : usual - kOpenFactor * size,
                spec.maximum.isValid() ? spec.maximum.toDouble() : std::max(usual, size) * kOpenFactor};
    // A bound that only keeps nonsense out ("at most 10 000 trees") is no range worth searching.
    if (usual > 0 && range.high > usual * kWideRatio)
        range.high = usual * kOpenFactor;
    if (usual > 0 && range.low > 0 && range.low < usual / kWideRatio)
        range.low = usual / kWideRatio;
    range.high = std::max(range.low, range.high);
    return range;
}

double drawNumber(const plugin::ParameterSpec& spec, Random& random)
{
    const Range range = rangeOf(spec);
    const double share = random.unit();
    if (range.low > 0 && range.high / range.low > kWideRatio)
        return range.low * std::pow(range.high / range.low, share);
    return range.low + share * (range.high - range.low);
}

qint64 drawWhole(const plugin::ParameterSpec& spec, Random& random)
{
    const Range range = rangeOf(spec);
    plugin::ParameterSpec widened = spec; // so that the highest value has its full share
    widened.maximum = range.high + 1;
    widened.minimum = range.low;
    const double drawn = std::floor(drawNumber(widened, random));
    return static_cast<qint64>(std::clamp(drawn, range.low, range.high));
}

} // namespace

QVariantMap drawParameters(const QList<plugin::ParameterSpec>& specs, const QVariantMap& fixed, quint64 seed)
{
    Random random(seed);
    QVariantMap drawn;
    for (const plugin::ParameterSpec& spec : specs) {
        QVariant value = spec.defaultValue;
        switch (spec.type) {
        case plugin::ParameterType::Integer:
            value = drawWhole(spec, random);
            break;
        case plugin::ParameterType::Real:
            value = drawNumber(spec, random);
            break;
        case plugin::ParameterType::Boolean:
            value = random.below(2) == 1;
            break;
        case plugin::ParameterType::Choice:
            if (!spec.choices.isEmpty())
                value = spec.choices[static_cast<qsizetype>(random.below(static_cast<quint64>(spec.choices.size())))];
            break;
        case plugin::ParameterType::Text:
            break;
        }
        drawn.insert(spec.key, fixed.value(spec.key, value));
    }
    for (auto entry = fixed.begin(); entry != fixed.end(); ++entry)
        drawn.insert(entry.key(), entry.value());
    return drawn;
}

} // namespace ember::learn
