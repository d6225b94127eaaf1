// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/learning/learned_state.h"
#include "device-agent/runtime/learn_means.hpp"

#include <cstdlib>

namespace ember::codegen {
namespace {

// By how much the logarithm of a sum, read from a table, may be off: half a unit of the table, its straight lines, and
// the rounding down. A component more adds it once.
constexpr qint64 kLogSlack = 2;

class LearnedMeans : public LearnedState
{
public:
    explicit LearnedMeans(const LoweredModel& model)
        : m_model(model)
        , m_body(std::get<LoweredGaussian>(model.body))
        , m_drift(m_body.table.size())
        , m_seen(m_body.components)
        , m_counts(static_cast<std::size_t>(model.classNames.size()))
    {}

    std::unique_ptr<LearnedState> copy() const override { return std::make_unique<LearnedMeans>(*this); }

    quint8 learn(const QByteArray& row, quint16 label) override
    {
        m_counts[label] = runtime::countedUp(m_counts[label]);
        const std::vector<int32_t> x = fixed(row);
        quint16 component = label;
        if (!m_body.firsts.empty()) {
            std::vector<int32_t> parts(m_body.components);
            componentScores(x, parts);
            component = runtime::likeliest(parts.data(), m_body.firsts[label], m_body.firsts[label + 1u]);
        }
        const LoweredLearning& learning = *m_model.learning;
        return runtime::moveMean({learning.driftBits, learning.prior, learning.memory}, m_body.features, x.data(),
                                 component, m_body.table.data(), learning.limits.data(), m_drift.data(), m_seen.data());
    }

    InferenceOutput run(const QByteArray& row) const override
    {
        std::vector<int32_t> scores(m_body.components);
        InferenceOutput output;
        output.winner = componentScores(fixed(row), scores);
        if (!m_body.firsts.empty()) {
            const std::vector<int32_t> parts = scores;
            scores.resize(m_body.classes);
            output.winner = runtime::mixtureScores(m_body.classes, m_body.firsts.data(), m_body.logs.data(),
                                                   parts.data(), scores.data());
        }
        output.outputs = signal::ElementValues::of(signal::SampleType::Int32, std::span<const int32_t>(scores));
        return output;
    }

    /// The lowest score of the answer's class, wherever its means are within their limits, against the highest of every
    /// other.
    bool isCertain(const QByteArray& row) const override
    {
        const std::vector<int32_t> x = fixed(row);
        LearnedMeans trained(m_model);
        const quint16 answer = trained.run(row).winner;
        const qint64 least = classBound(x, answer, false);
        for (quint16 c = 0; c < m_body.classes; ++c) {
            if (c != answer && classBound(x, c, true) >= least)
                return false;
        }
        return true;
    }

    QByteArray bytes() const override
    {
        QByteArray bytes;
        appendNumbers(bytes, m_drift);
        appendNumbers(bytes, m_seen);
        appendNumbers(bytes, m_counts);
        return bytes;
    }

    bool restore(const QByteArray& bytes) override
    {
        if (bytes.size() != learnedBytes(m_model))
            return false;
        std::vector<qint16> drift(m_drift.size());
        qsizetype at = 0;
        takeNumbers(bytes, &at, drift);
        if (!runtime::isSoundDrift(drift.size(), m_model.learning->limits.data(), drift.data()))
            return false;
        m_drift = drift;
        takeNumbers(bytes, &at, m_seen);
        takeNumbers(bytes, &at, m_counts);
        return true;
    }

private:
    runtime::GaussianShape shape() const
    {
        return {m_body.features, m_body.components, m_body.fractionBits, m_body.scoreShift};
    }

    std::vector<int32_t> fixed(const QByteArray& row) const
    {
        std::vector<int32_t> x(m_body.features);
        withEncodedRow(m_model.rowType(), row,
                       [&](const auto* from) { runtime::fixedFeatures(shape(), from, x.data()); });
        return x;
    }

    uint16_t componentScores(const std::vector<int32_t>& x, std::vector<int32_t>& scores) const
    {
        return runtime::driftedScores(shape(), x.data(), m_body.table.data(), m_body.constants.data(), m_drift.data(),
                                      m_model.learning->driftBits, scores.data());
    }

    /// The highest (or lowest) that a component can score, in units of the sums.
    qint64 componentBound(const std::vector<int32_t>& x, std::size_t component, bool highest) const
    {
        quint64 sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const std::size_t at = component * x.size() + i;
            const quint32 word = m_body.table[at];
            // A negative drift is rounded down.
            const unsigned bits = m_model.learning->driftBits;
            const qint64 down = (m_model.learning->limits[at] + (1 << bits) - 1) >> bits;
            const qint64 up = m_model.learning->limits[at] >> bits;
            const qint64 apart = x[i] - (static_cast<qint32>(word) >> 16);
            const qint64 most = std::max(std::abs(apart - up), std::abs(apart + down));
            const qint64 least = apart > up ? apart - up : apart < -down ? -down - apart : 0;
            const auto difference = static_cast<quint64>(highest ? least : most);
            sum += difference * difference * (quint64{(word >> 5) & 0x7FFu} << (word & 31u));
        }
        return m_body.constants[component] * (qint64{1} << m_body.scoreShift) - static_cast<qint64>(sum);
    }

    qint64 classBound(const std::vector<int32_t>& x, quint16 label, bool highest) const
    {
        if (m_body.firsts.empty())
            return componentBound(x, label, highest);
        const quint16 first = m_body.firsts[label];
        const quint16 end = m_body.firsts[label + 1u];
        const auto scoreOf = [&](std::size_t k) {
            return runtime::saturated(componentBound(x, k, highest) >> m_body.scoreShift);
        };
        int32_t score = scoreOf(first);
        for (std::size_t k = first + 1u; k < end; ++k)
            score = runtime::logOfSum(score, scoreOf(k), m_body.logs.data());
        const qint64 slack = 2 * kLogSlack * (end - first - 1);
        return score + (highest ? slack : -slack);
    }

    const LoweredModel& m_model;
    const LoweredGaussian& m_body;
    std::vector<qint16> m_drift;
    std::vector<quint16> m_seen;   ///< rows that moved each component
    std::vector<quint16> m_counts; ///< rows taught of each class
};

} // namespace

std::unique_ptr<LearnedState> makeLearnedMeans(const LoweredModel& model)
{
    return std::make_unique<LearnedMeans>(model);
}

} // namespace ember::codegen
