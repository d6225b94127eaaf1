// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/learning/host_learner.h"

#include "core/codegen/learning/learned_state.h"

namespace ember::codegen {
namespace {

std::unique_ptr<LearnedState> emptyState(const LoweredModel& model)
{
    if (std::holds_alternative<LoweredNeighbours>(model.body))
        return makeLearnedRows(model);
    if (std::holds_alternative<LoweredGaussian>(model.body))
        return makeLearnedMeans(model);
    return makeLearnedWeights(model);
}

} // namespace

// The state borrows the lowered model, which copies of the program share.
HostLearner::HostLearner(const HostProgram& program)
    : m_program(program)
    , m_state(emptyState(m_program.model()))
{}

HostLearner::HostLearner(const HostLearner& other)
    : m_program(other.m_program)
    , m_state(other.m_state->copy())
{}

HostLearner& HostLearner::operator=(const HostLearner& other)
{
    if (this != &other) {
        m_program = other.m_program;
        m_state = other.m_state->copy();
    }
    return *this;
}

HostLearner::~HostLearner() = default;

Result<HostLearner> HostLearner::make(const HostProgram& program)
{
    if (!program.model().learning)
        return Error(ErrorKind::Usage, QStringLiteral("This model was not made to learn."),
                     QStringLiteral("Generate it with --learn."));
    return HostLearner(program);
}

Result<QByteArray> HostLearner::rowOf(const QByteArray& encoded) const
{
    if (encoded.size() != m_program.featureBytes())
        return Error(ErrorKind::BadData, QStringLiteral("A feature vector of this model has %1 bytes, not %2.")
                                             .arg(m_program.featureBytes())
                                             .arg(encoded.size()));
    return m_program.bodyRow(encoded);
}

Result<quint8> HostLearner::learn(const QByteArray& encoded, quint16 label)
{
    EMBER_TRY(const QByteArray row, rowOf(encoded));
    if (label >= m_program.model().classNames.size())
        return quint8{0};
    return m_state->learn(row, label);
}

Result<HostOutput> HostLearner::run(const QByteArray& encoded) const
{
    EMBER_TRY(const QByteArray row, rowOf(encoded));
    InferenceOutput output = m_state->run(row);
    return HostOutput{encoded, std::move(output.outputs), output.winner};
}

Result<bool> HostLearner::isCertain(const QByteArray& encoded) const
{
    EMBER_TRY(const QByteArray row, rowOf(encoded));
    return m_state->isCertain(row);
}

void HostLearner::reset()
{
    m_state = emptyState(m_program.model());
}

QByteArray HostLearner::state() const
{
    return m_state->bytes();
}

bool HostLearner::restore(const QByteArray& state)
{
    return m_state->restore(state);
}

} // namespace ember::codegen
