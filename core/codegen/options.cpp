// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/options.h"

#include <QStringList>

#include <array>
#include <utility>

namespace ember::codegen {
namespace {

template <typename Value, std::size_t N>
using Words = std::array<std::pair<Value, const char*>, N>;

constexpr Words<FeatureType, 5> kFeatureTypes = {{{FeatureType::Auto, "auto"},
                                                  {FeatureType::Float32, "float32"},
                                                  {FeatureType::Int32, "int32"},
                                                  {FeatureType::Int16, "int16"},
                                                  {FeatureType::Int8, "int8"}}};
constexpr Words<Vote, 2> kVotes = {{{Vote::Soft, "soft"}, {Vote::Hard, "hard"}}};
constexpr Words<Optimise, 3> kOptimise = {
    {{Optimise::Size, "size"}, {Optimise::Balanced, "balanced"}, {Optimise::Speed, "speed"}}};

template <typename Value, std::size_t N>
QString wordFor(const Words<Value, N>& words, Value value)
{
    for (const auto& [candidate, word] : words) {
        if (candidate == value)
            return QString::fromLatin1(word);
    }
    return QString::fromLatin1(words.front().second);
}

template <typename Value, std::size_t N>
Result<Value> valueFor(const Words<Value, N>& words, const QString& name, const char* what)
{
    QStringList known;
    for (const auto& [value, word] : words) {
        if (name == QLatin1String(word))
            return value;
        known << QString::fromLatin1(word);
    }
    return Error(ErrorKind::Usage, QStringLiteral("'%1' is no %2.").arg(name, QLatin1String(what)),
                 QStringLiteral("Use one of %1.").arg(known.join(QStringLiteral(", "))));
}

} // namespace

QString featureTypeName(FeatureType type)
{
    return wordFor(kFeatureTypes, type);
}

QString voteName(Vote vote)
{
    return wordFor(kVotes, vote);
}

QString optimiseName(Optimise optimise)
{
    return wordFor(kOptimise, optimise);
}

Result<FeatureType> featureTypeFromName(const QString& name)
{
    return valueFor(kFeatureTypes, name, "feature type");
}

Result<Vote> voteFromName(const QString& name)
{
    return valueFor(kVotes, name, "way of voting");
}

Result<Optimise> optimiseFromName(const QString& name)
{
    return valueFor(kOptimise, name, "goal of optimisation");
}

} // namespace ember::codegen
