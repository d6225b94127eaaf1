// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/learning/learned_state.h"
#include "device-agent/runtime/learn_weights.hpp"

#include <cstdlib>

namespace ember::codegen {
namespace {

template <typename Feature, typename Weight>
class LearnedWeights : public LearnedState
{
public:
    explicit LearnedWeights(const LoweredModel& model)
        : m_model(model)
        , m_body(std::get<LoweredLinear>(model.body))
        , m_weights(m_body.weights.begin(), m_body.weights.end())
        , m_change(m_body.weights.size())
        // As in the generated code, a multiple of the struct's alignment.
        , m_counts((static_cast<std::size_t>(model.classNames.size()) * 2 + sizeof(Weight) - 1) / sizeof(Weight) *
                   sizeof(Weight) / 2)
    {}

    std::unique_ptr<LearnedState> copy() const override { return std::make_unique<LearnedWeights>(*this); }

    quint8 learn(const QByteArray& row, quint16 label) override
    {
        m_counts[label] = runtime::countedUp(m_counts[label]);
        const std::vector<Feature> x = elements(row);
        std::vector<int32_t> scores(m_body.outputs);
        scoresOf(x, scores);
        const LoweredLearning& learning = *m_model.learning;
        const runtime::WeightLearning<Weight> rule{static_cast<Weight>(learning.weightLimit),
                                                   static_cast<Weight>(learning.weightStep), learning.marginBits};
        return runtime::stepWeights(rule, shape(), x.data(), label, scores.data(), m_change.data());
    }

    InferenceOutput run(const QByteArray& row) const override
    {
        std::vector<int32_t> scores(m_body.outputs);
        InferenceOutput output;
        output.winner = scoresOf(elements(row), scores);
        const runtime::ShareShape shares{m_body.farAway, m_body.slope, m_body.slopeShift};
        if (m_body.transform == ScoreTransform::Softmax)
            runtime::softmaxShares(shares, m_body.powers.data(), m_body.outputs, scores.data());
        else if (m_body.transform == ScoreTransform::Logistic)
            runtime::logisticShares(shares, m_body.powers.data(), m_body.outputs, scores.data());
        output.outputs = signal::ElementValues::of(signal::SampleType::Int32, std::span<const int32_t>(scores));
        return output;
    }

    /// No score moves by more than limit * sum of |x|, and two of them may move apart.
    bool isCertain(const QByteArray& row) const override
    {
        const std::vector<Feature> x = elements(row);
        quint64 size = 0;
        for (const Feature value : x)
            size += static_cast<quint64>(std::abs(static_cast<qint64>(value)));
        const quint64 reach = size * static_cast<quint64>(m_model.learning->weightLimit);
        if (reach >= quint64{1} << 60)
            return false; // twice of it and a difference of sums would not fit
        std::vector<qint64> sums(m_body.outputs);
        for (std::size_t o = 0; o < sums.size(); ++o)
            sums[o] = sumOf(x, o) / 2; // halves, so that differences fit
        const auto answer = std::max_element(sums.begin(), sums.end());
        for (auto rival = sums.begin(); rival != sums.end(); ++rival) {
            if (rival != answer && *answer - *rival <= static_cast<qint64>(reach) + 1)
                return false;
        }
        return true;
    }

    QByteArray bytes() const override
    {
        QByteArray bytes;
        appendNumbers(bytes, m_change);
        appendNumbers(bytes, m_counts);
        return bytes;
    }

    bool restore(const QByteArray& bytes) override
    {
        if (bytes.size() != learnedBytes(m_model))
            return false;
        std::vector<Weight> change(m_change.size());
        qsizetype at = 0;
        takeNumbers(bytes, &at, change);
        if (!runtime::isSoundChange(change.size(), static_cast<Weight>(m_model.learning->weightLimit), change.data()))
            return false;
        m_change = change;
        takeNumbers(bytes, &at, m_counts);
        return true;
    }

private:
    runtime::LinearShape shape() const { return {m_body.features, m_body.outputs, m_body.scoreShift}; }

    static std::vector<Feature> elements(const QByteArray& row)
    {
        std::vector<Feature> values(static_cast<std::size_t>(row.size()) / sizeof(Feature));
        std::memcpy(values.data(), row.constData(), values.size() * sizeof(Feature));
        return values;
    }

    uint16_t scoresOf(const std::vector<Feature>& x, std::vector<int32_t>& scores) const
    {
        return runtime::changedScores(shape(), x.data(), m_weights.data(), m_body.biases.data(), m_change.data(),
                                      scores.data());
    }

    /// Of the trained model.
    qint64 sumOf(const std::vector<Feature>& x, std::size_t output) const
    {
        return static_cast<qint64>(m_body.biases[output]) * (qint64{1} << m_body.scoreShift) +
               runtime::weightedFeatures(x.data(), m_weights.data() + output * x.size(),
                                         static_cast<unsigned>(x.size()));
    }

    const LoweredModel& m_model;
    const LoweredLinear& m_body;
    std::vector<Weight> m_weights; ///< as they are printed
    std::vector<Weight> m_change;
    std::vector<quint16> m_counts; ///< rows taught of each class
};

} // namespace

std::unique_ptr<LearnedState> makeLearnedWeights(const LoweredModel& model)
{
    if (model.rowType() == FeatureType::Int8)
        return std::make_unique<LearnedWeights<int8_t, int16_t>>(model);
    return std::make_unique<LearnedWeights<int16_t, int32_t>>(model);
}

} // namespace ember::codegen
