// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/host_program.h"

#include <memory>

namespace ember::codegen {

class LearnedState;

/// A model that learns, on the desktop: the same headers as on the board, so that the same lessons come to the same
/// state, byte by byte, and to the same answers. A value; one thread at a time.
class HostLearner
{
public:
    /// With nothing learned. Errors: Usage for a program that does not learn.
    static Result<HostLearner> make(const HostProgram& program);
    HostLearner(const HostLearner& other);
    HostLearner& operator=(const HostLearner& other);
    ~HostLearner();

    /// Teaches that a feature vector (HostProgram::featureBytes()) is of class `label`. Returns a
    /// runtime::LearnOutcome, as the board does. Errors: BadData for another size.
    Result<quint8> learn(const QByteArray& encoded, quint16 label);

    /// As HostProgram::runFeatures(), with what was learned.
    Result<HostOutput> run(const QByteArray& encoded) const;

    /// Whether the class that the trained model gives to this vector stays whatever is taught: a bound that the limits
    /// of learning give, not a trial.
    Result<bool> isCertain(const QByteArray& encoded) const;

    void reset();

    /// What the board holds in RAM and keeps over a restart.
    QByteArray state() const;
    /// False for bytes that are none of this model; then nothing has changed.
    bool restore(const QByteArray& state);

private:
    explicit HostLearner(const HostProgram& program);

    Result<QByteArray> rowOf(const QByteArray& encoded) const;

    HostProgram m_program;
    std::unique_ptr<LearnedState> m_state;
};

} // namespace ember::codegen
