// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/learning/learned_state.h"
#include "device-agent/runtime/learn_rows.hpp"

namespace ember::codegen {
namespace {

template <typename Sum, typename Feature>
class LearnedRows : public LearnedState
{
public:
    explicit LearnedRows(const LoweredModel& model)
        : m_model(model)
        , m_body(std::get<LoweredNeighbours>(model.body))
        , m_narrow(m_body.points.begin(), m_body.points.end())
        , m_head(1 + static_cast<std::size_t>(model.classNames.size()))
        , m_labels(model.learning->rows)
        // As in the generated code, an even number of bytes.
        , m_rows((std::size_t{model.learning->rows} * m_body.features * sizeof(Feature) + 1) / 2 * 2 / sizeof(Feature))
    {}

    std::unique_ptr<LearnedState> copy() const override { return std::make_unique<LearnedRows>(*this); }

    quint8 learn(const QByteArray& row, quint16 label) override
    {
        m_head[1 + label] = runtime::countedUp(m_head[1 + label]);
        return runtime::keepRow(m_body.features, m_body.classes, store(), elements(row).data(), label, m_rows.data(),
                                m_labels.data(), &m_head[0]);
    }

    InferenceOutput run(const QByteArray& row) const override
    {
        std::vector<int32_t> votes(m_body.classes);
        InferenceOutput output;
        output.winner = withPoints([&](auto points) { return votesOf(elements(row), points, votes); });
        output.outputs = signal::ElementValues::of(signal::SampleType::Int32, std::span<const int32_t>(votes));
        return output;
    }

    /// Of the k that vote, j are learned rows, of any class, and the k - j nearest trained points are the others: the
    /// answer has to be the same for every j and class.
    bool isCertain(const QByteArray& row) const override
    {
        const std::vector<quint16> voters = trainedVoters(elements(row));
        const quint16 answer = winnerOf(voters, voters.size());
        for (std::size_t learned = 1; learned <= m_model.learning->votes; ++learned) {
            std::vector<std::size_t> votes = votesOfFirst(voters, voters.size() - learned);
            for (std::size_t c = 0; c < votes.size(); ++c) {
                const std::size_t rival = votes[c] + learned;
                const bool wins = c < answer ? rival >= votes[answer] : rival > votes[answer];
                if (c != answer && wins)
                    return false;
            }
        }
        return true;
    }

    QByteArray bytes() const override
    {
        QByteArray bytes;
        appendNumbers(bytes, m_head);
        appendNumbers(bytes, m_labels);
        appendNumbers(bytes, m_rows);
        return bytes;
    }

    bool restore(const QByteArray& bytes) override
    {
        if (bytes.size() != learnedBytes(m_model))
            return false;
        LearnedRows read(*this);
        qsizetype at = 0;
        takeNumbers(bytes, &at, read.m_head);
        takeNumbers(bytes, &at, read.m_labels);
        takeNumbers(bytes, &at, read.m_rows);
        if (!runtime::isSoundStore(store(), m_body.classes, read.m_labels.data(), read.m_head[0]))
            return false;
        m_head = read.m_head;
        m_labels = read.m_labels;
        m_rows = read.m_rows;
        return true;
    }

private:
    runtime::RowStore store() const { return {m_model.learning->rows, m_model.learning->votes}; }
    runtime::NeighbourShape shape() const { return {m_body.features, m_body.pointCount, m_body.classes, m_body.k}; }

    static std::vector<Feature> elements(const QByteArray& row)
    {
        std::vector<Feature> values(static_cast<std::size_t>(row.size()) / sizeof(Feature));
        std::memcpy(values.data(), row.constData(), values.size() * sizeof(Feature));
        return values;
    }

    /// Calls call(points) with the points in the type in which they are printed.
    template <typename Call>
    auto withPoints(Call call) const
    {
        return m_body.widePoints ? call(m_body.points.data()) : call(m_narrow.data());
    }

    /// Calls call(metric, weights).
    template <typename Call>
    auto withMetric(Call call) const
    {
        const auto weighted = [&](auto metric) {
            return m_body.weights.empty() ? call(metric, runtime::EqualWeights())
                                          : call(metric, runtime::FlashWeights{m_body.weights.data()});
        };
        return m_body.cityBlocks ? weighted(runtime::CityBlockDistance()) : weighted(runtime::SquaredDistance());
    }

    template <typename Point>
    uint16_t votesOf(const std::vector<Feature>& x, const Point* points, std::vector<int32_t>& votes) const
    {
        const std::size_t room = std::size_t{m_body.k} + m_model.learning->votes;
        std::vector<Sum> nearest(room);
        std::vector<uint16_t> which(room);
        return withMetric([&](auto metric, auto weights) {
            return runtime::learnedVotes(metric, shape(), store(), x.data(), points, weights, m_body.labels.data(),
                                         m_rows.data(), m_labels.data(), m_head[0], nearest.data(), which.data(),
                                         votes.data());
        });
    }

    /// Classes of the k nearest trained points, the nearest first.
    std::vector<quint16> trainedVoters(const std::vector<Feature>& x) const
    {
        std::vector<Sum> nearest(m_body.k);
        std::vector<uint16_t> which(m_body.k);
        const auto find = [&](auto points) {
            return withMetric([&](auto metric, auto weights) {
                return runtime::nearestOf(metric, m_body.features, x.data(),
                                          runtime::FlashPoints<std::remove_cvref_t<decltype(*points)>>{points},
                                          m_body.pointCount, weights, m_body.k, nearest.data(), which.data());
            });
        };
        which.resize(withPoints(find));
        for (uint16_t& voter : which)
            voter = m_body.labels[voter];
        return which;
    }

    std::vector<std::size_t> votesOfFirst(const std::vector<quint16>& voters, std::size_t count) const
    {
        std::vector<std::size_t> votes(m_body.classes);
        for (std::size_t i = 0; i < count; ++i)
            ++votes[voters[i]];
        return votes;
    }
    quint16 winnerOf(const std::vector<quint16>& voters, std::size_t count) const
    {
        const std::vector<std::size_t> votes = votesOfFirst(voters, count);
        return static_cast<quint16>(std::max_element(votes.begin(), votes.end()) - votes.begin());
    }

    const LoweredModel& m_model;
    const LoweredNeighbours& m_body;
    std::vector<int8_t> m_narrow;  ///< points of 8 bits
    std::vector<quint16> m_head;   ///< rows that are taken, then how many were taught of each class
    std::vector<quint16> m_labels; ///< of the rows
    std::vector<Feature> m_rows;
};

} // namespace

std::unique_ptr<LearnedState> makeLearnedRows(const LoweredModel& model)
{
    const bool wide = std::get<LoweredNeighbours>(model.body).wideSums;
    if (model.rowType() == FeatureType::Int8) {
        if (wide)
            return std::make_unique<LearnedRows<uint64_t, int8_t>>(model);
        return std::make_unique<LearnedRows<uint32_t, int8_t>>(model);
    }
    if (wide)
        return std::make_unique<LearnedRows<uint64_t, int16_t>>(model);
    return std::make_unique<LearnedRows<uint32_t, int16_t>>(model);
}

} // namespace ember::codegen
