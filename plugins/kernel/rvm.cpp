// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/kernel/rvm.h"

#include "plugins/common/function_trainer.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace ember::kernel {

using common::Matrix;
using common::Vector;

namespace {

constexpr double kMaxPrecision = 1e12;
constexpr int kNewtonSteps = 25;
constexpr double kNewtonGain = 1e-6;

// What one column would do to the evidence; names as in the paper.
struct Factor
{
    double s = 0;     ///< sparsity
    double q = 0;     ///< quality
    double theta = 0; ///< q^2 - s: positive where the column is worth having
};

enum class Action
{
    Add,
    Change,
    Remove
};

struct Move
{
    Action action = Action::Add;
    Eigen::Index column = 0;
    std::size_t place = 0; ///< among the kept columns
    double precision = 0;
    double gain = -1;
};

class Learner
{
public:
    Learner(const Matrix& design, const Vector& targets, bool classes, const RvmOptions& options)
        : m_design(design)
        , m_targets(targets)
        , m_classes(classes)
        , m_options(options)
        , m_squares(design.array().square().matrix().transpose())
        , m_place(static_cast<std::size_t>(design.cols()), -1)
    {}

    Result<SparseWeights> learn(const CancelToken& cancel)
    {
        begin();
        updatePosterior();
        int steps = 0;
        for (; steps < m_options.maxSteps; ++steps) {
            if (cancel.isCancelled())
                return common::cancelled();
            const Move move = bestMove();
            const bool settled = move.gain < m_options.tolerance;
            if (!settled)
                apply(move);
            updatePosterior();
            const double before = m_noise;
            if (!m_classes)
                updateNoise();
            if (settled && std::abs(std::log(m_noise / before)) < 1e-4)
                break;
        }
        SparseWeights result;
        result.columns = m_columns;
        result.weights = m_mean;
        result.precisions =
            Eigen::Map<const Vector>(m_precisions.data(), static_cast<Eigen::Index>(m_precisions.size()));
        result.noise = m_classes ? 0 : m_noise;
        result.steps = steps;
        return result;
    }

private:
    // The constant column (the last) is where everything begins.
    void begin()
    {
        const double spread = (m_targets.array() - m_targets.mean()).square().mean();
        m_noise = m_classes ? 1.0 : std::max(0.1 * spread, 1e-12);
        insert(m_design.cols() - 1, 1e-3);
    }

    void insert(Eigen::Index column, double precision)
    {
        m_place[static_cast<std::size_t>(column)] = static_cast<int>(m_columns.size());
        m_columns.push_back(column);
        m_precisions.push_back(precision);
        gather();
    }

    void erase(std::size_t place)
    {
        m_columns.erase(m_columns.begin() + static_cast<std::ptrdiff_t>(place));
        m_precisions.erase(m_precisions.begin() + static_cast<std::ptrdiff_t>(place));
        for (auto i = static_cast<Eigen::Index>(place); i + 1 < m_start.size(); ++i)
            m_start[i] = m_start[i + 1];
        m_start.conservativeResize(m_start.size() - 1);
        std::fill(m_place.begin(), m_place.end(), -1);
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            m_place[static_cast<std::size_t>(m_columns[i])] = static_cast<int>(i);
        gather();
    }

    void gather()
    {
        m_kept.resize(m_design.rows(), static_cast<Eigen::Index>(m_columns.size()));
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            m_kept.col(static_cast<Eigen::Index>(i)) = m_design.col(m_columns[i]);
    }

    // Mean and covariance of the weights; m_rowWeight is the curvature of each row's likelihood, m_residual its slope.
    void updatePosterior()
    {
        const auto kept = static_cast<Eigen::Index>(m_columns.size());
        m_mean = Vector::Zero(kept);
        if (m_classes && m_start.size() <= kept)
            m_mean.head(m_start.size()) = m_start;
        const Vector prior = Eigen::Map<const Vector>(m_precisions.data(), kept);
        for (int step = 0; step < (m_classes ? kNewtonSteps : 1); ++step) {
            likelihood();
            const Eigen::MatrixXd weighted = m_kept.array().colwise() * m_rowWeight.array();
            Eigen::MatrixXd curvature = m_kept.transpose() * weighted;
            curvature.diagonal() += prior;
            const Eigen::LLT<Eigen::MatrixXd> solver(curvature);
            const Vector slope = m_kept.transpose() * m_residual - prior.cwiseProduct(m_mean);
            m_covariance = solver.solve(Eigen::MatrixXd::Identity(kept, kept));
            const Vector change = solver.solve(slope);
            // Half of the decrement is what the step may still gain in log posterior.
            if (!takeStep(change, slope, prior) || slope.dot(change) < kNewtonGain)
                break;
        }
        likelihood();
        m_start = m_mean;
    }

    // Newton's step, halved while it makes the posterior smaller; the quadratic case needs no such care. False when
    // there is no step that helps.
    bool takeStep(const Vector& change, const Vector& slope, const Vector& prior)
    {
        if (!m_classes) {
            m_mean += change;
            return true;
        }
        const Vector from = m_mean;
        const double before = logPosterior(prior);
        const double expected = slope.dot(change);
        for (double length = 1; length > 1e-6; length /= 2) {
            m_mean = from + length * change;
            if (logPosterior(prior) >= before + 1e-4 * length * expected)
                return true;
        }
        m_mean = from;
        return false;
    }

    double logPosterior(const Vector& prior) const
    {
        const Vector scores = m_kept * m_mean;
        double sum = -0.5 * prior.cwiseProduct(m_mean).dot(m_mean);
        for (Eigen::Index i = 0; i < scores.size(); ++i) {
            const double z = m_targets[i] > 0.5 ? scores[i] : -scores[i];
            sum -= z > 0 ? std::log1p(std::exp(-z)) : -z + std::log1p(std::exp(z));
        }
        return sum;
    }

    void likelihood()
    {
        const Vector scores = m_kept * m_mean;
        if (!m_classes) {
            m_rowWeight = Vector::Constant(scores.size(), 1 / m_noise);
            m_residual = (m_targets - scores) / m_noise;
            return;
        }
        const Vector probability = (1.0 + (-scores.array()).exp()).inverse();
        m_rowWeight = (probability.array() * (1 - probability.array())).max(1e-10);
        m_residual = m_targets - probability;
    }

    void updateNoise()
    {
        double determined = 0;
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            const auto at = static_cast<Eigen::Index>(i);
            determined += 1 - m_precisions[i] * m_covariance(at, at);
        }
        const double free = std::max(static_cast<double>(m_targets.size()) - determined, 1.0);
        m_noise = std::max((m_targets - m_kept * m_mean).squaredNorm() / free, 1e-12);
    }

    Move bestMove() const
    {
        const Eigen::MatrixXd weighted = m_kept.array().colwise() * m_rowWeight.array();
        const Eigen::MatrixXd cross = m_design.transpose() * weighted; // columns x kept
        const Vector own = m_squares * m_rowWeight;
        const Vector explained = (cross * m_covariance).cwiseProduct(cross).rowwise().sum();
        const Vector quality = m_design.transpose() * m_residual;
        Move best;
        for (Eigen::Index c = 0; c < m_design.cols(); ++c) {
            const Move move = moveFor(c, own[c] - explained[c], quality[c]);
            if (move.gain > best.gain)
                best = move;
        }
        return best;
    }

    // What is best for one column, and twice the log evidence it gains. S and Q see the column as it is now.
    Move moveFor(Eigen::Index column, double S, double Q) const
    {
        Move move;
        move.column = column;
        const int place = m_place[static_cast<std::size_t>(column)];
        Factor f{S, Q, Q * Q - S};
        if (place >= 0) {
            const double a = m_precisions[static_cast<std::size_t>(place)];
            f.s = a * S / (a - S);
            f.q = a * Q / (a - S);
            f.theta = f.q * f.q - f.s;
            move.place = static_cast<std::size_t>(place);
            if (!(f.theta > 0)) {
                move.action = Action::Remove;
                const bool last = m_columns.size() == 1;
                move.gain = last || !(S < a) ? -1 : Q * Q / (S - a) - std::log(1 - S / a);
                return move;
            }
            move.action = Action::Change;
            move.precision = std::min(f.s * f.s / f.theta, kMaxPrecision);
            const double d = 1 / move.precision - 1 / a;
            move.gain = 1 + S * d > 0 && d != 0 ? Q * Q / (S + 1 / d) - std::log1p(S * d) : -1;
            return move;
        }
        if (!(f.theta > 0) || !(S > 1e-12))
            return move;
        move.precision = std::min(S * S / f.theta, kMaxPrecision);
        move.gain = (Q * Q - S) / S + std::log(S / (Q * Q));
        return move;
    }

    void apply(const Move& move)
    {
        if (move.action == Action::Add)
            insert(move.column, move.precision);
        else if (move.action == Action::Change)
            m_precisions[move.place] = move.precision;
        else
            erase(move.place);
    }

    const Matrix& m_design;
    const Vector& m_targets;
    bool m_classes;
    RvmOptions m_options;
    Matrix m_squares;         ///< of the design, columns x rows
    std::vector<int> m_place; ///< of each column among the kept ones; -1: not kept
    std::vector<Eigen::Index> m_columns;
    std::vector<double> m_precisions;
    Eigen::MatrixXd m_kept;
    Eigen::MatrixXd m_covariance;
    Vector m_mean, m_start, m_rowWeight, m_residual;
    double m_noise = 1;
};

} // namespace

Result<SparseWeights> sparseRegression(const Matrix& design, const Vector& targets, const RvmOptions& options,
                                       const CancelToken& cancel)
{
    return Learner(design, targets, false, options).learn(cancel);
}

Result<SparseWeights> sparseClassification(const Matrix& design, const Vector& targets, const RvmOptions& options,
                                           const CancelToken& cancel)
{
    return Learner(design, targets, true, options).learn(cancel);
}

Matrix rbfDesign(const Matrix& rows, const Matrix& centres, double gamma)
{
    Matrix design(rows.rows(), centres.rows() + 1);
    for (Eigen::Index r = 0; r < rows.rows(); ++r) {
        for (Eigen::Index c = 0; c < centres.rows(); ++c)
            design(r, c) = std::exp(-gamma * (rows.row(r) - centres.row(c)).squaredNorm());
    }
    design.col(centres.rows()).setOnes();
    return design;
}

double logEvidence(const Matrix& kept, const Vector& precisions, double noise, const Vector& targets)
{
    Eigen::MatrixXd covariance = kept * precisions.cwiseInverse().asDiagonal() * kept.transpose();
    covariance.diagonal().array() += noise;
    const Eigen::LLT<Eigen::MatrixXd> solver(covariance);
    const double logDeterminant = 2 * solver.matrixLLT().diagonal().array().log().sum();
    return -0.5 * (static_cast<double>(targets.size()) * std::log(2 * std::numbers::pi) + logDeterminant +
                   targets.dot(solver.solve(targets)));
}

} // namespace ember::kernel
