// SPDX-License-Identifier: GPL-3.0-or-later
// The rules by which models learn on a board, written plainly: what device-agent/runtime/learn_*.hpp is compared with.
#pragma once

#include "core/codegen/lower.h"
#include "tests/codegen/sample_classic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace ember::codegen::test {

inline constexpr int kFeatures = ClassicModels::kFeatures;

/// Neighbours: all candidates are sorted, and the store is a list of lists.
class PlainRows
{
public:
    explicit PlainRows(const LoweredModel& model)
        : m_model(model)
        , m_body(std::get<LoweredNeighbours>(model.body))
    {}

    std::pair<quint16, std::vector<qint32>> answer(const std::vector<qint64>& x) const
    {
        // Distance, then trained points before learned rows, then the order within them.
        std::vector<std::tuple<quint64, int, std::size_t, quint16>> candidates;
        for (std::size_t p = 0; p < m_body.pointCount; ++p) {
            const std::vector<qint64> point(m_body.points.begin() + static_cast<long>(p * kFeatures),
                                            m_body.points.begin() + static_cast<long>((p + 1) * kFeatures));
            candidates.emplace_back(distance(x, point), 0, p, m_body.labels[p]);
        }
        for (std::size_t r = 0; r < m_rows.size(); ++r)
            candidates.emplace_back(distance(x, m_rows[r].first), 1, r, m_rows[r].second);
        std::sort(candidates.begin(), candidates.end());
        std::vector<qint32> votes(m_body.classes);
        int learned = 0;
        int voted = 0;
        for (const auto& [apart, isLearned, order, label] : candidates) {
            if (voted == m_body.k || (isLearned == 1 && learned == m_model.learning->votes))
                continue;
            learned += isLearned;
            ++voted;
            ++votes[label];
        }
        return {static_cast<quint16>(std::max_element(votes.begin(), votes.end()) - votes.begin()), votes};
    }

    quint8 learn(const std::vector<qint64>& x, quint16 label)
    {
        quint8 outcome = 1;
        if (m_rows.size() == m_model.learning->rows) {
            outcome = 2;
            std::vector<int> counts(m_body.classes);
            for (const auto& row : m_rows)
                ++counts[row.second];
            ++counts[label];
            const auto fullest = std::max_element(counts.begin(), counts.end()) - counts.begin();
            auto oldest =
                std::find_if(m_rows.begin(), m_rows.end(), [&](const auto& r) { return r.second == fullest; });
            m_rows.erase(oldest == m_rows.end() ? m_rows.begin() : oldest);
        }
        m_rows.emplace_back(x, label);
        return outcome;
    }

private:
    quint64 distance(const std::vector<qint64>& a, const std::vector<qint64>& b) const
    {
        quint64 sum = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            const qint64 apart = a[i] - b[i];
            sum += static_cast<quint64>(m_body.cityBlocks ? std::abs(apart) : apart * apart) *
                   (m_body.weights.empty() ? 1 : m_body.weights[i]);
        }
        return sum;
    }

    const LoweredModel& m_model;
    const LoweredNeighbours& m_body;
    std::vector<std::pair<std::vector<qint64>, quint16>> m_rows;
};

/// Means: in doubles, which hold every number here exactly.
class PlainMeans
{
public:
    explicit PlainMeans(const LoweredModel& model)
        : m_model(model)
        , m_body(std::get<LoweredGaussian>(model.body))
        , m_drift(m_body.table.size())
        , m_seen(m_body.components)
    {}

    std::vector<qint32> componentScores(const std::vector<qint64>& x) const
    {
        std::vector<qint32> scores;
        for (std::size_t c = 0; c < m_body.components; ++c) {
            // Sums have up to 62 bits: in integers here as well.
            quint64 sum = 0;
            for (std::size_t i = 0; i < kFeatures; ++i) {
                const double drift = std::floor(std::ldexp(m_drift[c * kFeatures + i], -m_model.learning->driftBits));
                const auto apart = static_cast<qint64>(fixed(x[i]) - mean(c, i) - drift);
                sum += static_cast<quint64>(apart * apart) * weight(c, i);
            }
            const qint64 score = (qint64{m_body.constants[c]} << m_body.scoreShift) - static_cast<qint64>(sum);
            scores.push_back(static_cast<qint32>(std::clamp<qint64>(
                score >> m_body.scoreShift, std::numeric_limits<qint32>::min(), std::numeric_limits<qint32>::max())));
        }
        return scores;
    }

    quint8 learn(const std::vector<qint64>& x, quint16 label)
    {
        std::size_t component = label;
        if (!m_body.firsts.empty()) {
            const std::vector<qint32> scores = componentScores(x);
            component = m_body.firsts[label];
            for (std::size_t k = component; k < m_body.firsts[label + 1u]; ++k)
                component = scores[k] > scores[component] ? k : component;
        }
        const double rows = std::min<double>(m_model.learning->prior + ++m_seen[component], m_model.learning->memory);
        bool cut = false;
        bool moved = false;
        for (std::size_t i = 0; i < kFeatures; ++i) {
            double& drift = m_drift[component * kFeatures + i];
            const double before = drift;
            const double target = std::ldexp(fixed(x[i]) - mean(component, i), m_model.learning->driftBits);
            const double wanted = before + std::round((target - before) / rows);
            const double limit = m_model.learning->limits[component * kFeatures + i];
            drift = std::clamp(wanted, -limit, limit);
            cut = cut || wanted > limit || wanted < -limit;
            moved = moved || drift < before || drift > before;
        }
        return cut ? 3 : moved ? 1 : 4;
    }

    double largestDriftOfLimit() const
    {
        double most = 0;
        for (std::size_t i = 0; i < m_drift.size(); ++i)
            most = std::max(most, std::abs(m_drift[i]) / std::max<double>(m_model.learning->limits[i], 1));
        return most;
    }

private:
    double fixed(qint64 x) const
    {
        const double most = 8191 >> m_body.fractionBits;
        return std::ldexp(std::clamp(static_cast<double>(x), -most, most), m_body.fractionBits);
    }
    double mean(std::size_t c, std::size_t i) const
    {
        return static_cast<qint16>(m_body.table[c * kFeatures + i] >> 16);
    }
    quint64 weight(std::size_t c, std::size_t i) const
    {
        const quint32 word = m_body.table[c * kFeatures + i] & 0xFFFF;
        return quint64{word / 32} << word % 32;
    }

    const LoweredModel& m_model;
    const LoweredGaussian& m_body;
    std::vector<double> m_drift;
    std::vector<int> m_seen;
};

/// Linear: steps in long doubles, with the roundings that the rule states.
class PlainWeights
{
public:
    explicit PlainWeights(const LoweredModel& model)
        : m_model(model)
        , m_body(std::get<LoweredLinear>(model.body))
        , m_change(m_body.weights.size())
    {}

    std::vector<qint64> scores(const std::vector<qint64>& x) const
    {
        std::vector<qint64> scores;
        for (std::size_t o = 0; o < m_body.outputs; ++o) {
            qint64 sum = qint64{m_body.biases[o]} << m_body.scoreShift;
            for (std::size_t i = 0; i < kFeatures; ++i)
                sum += (qint64{m_body.weights[o * kFeatures + i]} + m_change[o * kFeatures + i]) * x[i];
            scores.push_back(std::clamp<qint64>(sum >> m_body.scoreShift, -1'000'000'000, 1'000'000'000));
        }
        return scores;
    }

    quint8 learn(const std::vector<qint64>& x, quint16 label)
    {
        const std::vector<qint64> s = scores(x);
        std::size_t rival = label == 0 ? 1 : 0;
        for (std::size_t o = 0; o < s.size(); ++o)
            rival = o != label && s[o] > s[rival] ? o : rival;
        long double square = 0;
        for (const qint64 value : x)
            square += static_cast<long double>(value) * static_cast<long double>(value);
        const qint64 loss = (qint64{1} << m_model.learning->marginBits) - (s[label] - s[rival]);
        if (loss <= 0 || square <= 0)
            return 4;
        const long double rate =
            std::min(std::floor(std::ldexp(static_cast<long double>(loss), m_body.scoreShift + 15) / square),
                     std::ldexp(1.0L, 46));
        bool cut = false;
        for (const auto& [output, sign] : {std::pair{std::size_t{label}, 1.0L}, std::pair{rival, -1.0L}}) {
            for (std::size_t i = 0; i < kFeatures; ++i) {
                const long double exact = sign * rate * static_cast<long double>(x[i]);
                const long double step = std::clamp(std::floor(exact / 65536 + 0.5L),
                                                    -static_cast<long double>(m_model.learning->weightStep),
                                                    static_cast<long double>(m_model.learning->weightStep));
                qint64& change = m_change[output * kFeatures + i];
                const qint64 wanted = change + static_cast<qint64>(step);
                const qint64 limit = m_model.learning->weightLimit;
                change = std::clamp(wanted, -limit, limit);
                cut = cut || wanted != change;
            }
        }
        return cut ? 3 : 1;
    }

private:
    const LoweredModel& m_model;
    const LoweredLinear& m_body;
    std::vector<qint64> m_change;
};

} // namespace ember::codegen::test
