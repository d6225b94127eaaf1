// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/bonsai.h"

#include "plugins/common/function_trainer.h"
#include "plugins/common/lbfgs.h"
#include "plugins/common/random.h"
#include "plugins/common/softmax_loss.h"

#include <Eigen/Eigenvalues>
#include <array>
#include <cmath>

namespace ember::trees {

using common::Matrix;
using common::Vector;

namespace {

constexpr std::array kSharpness = {0.5, 2.0, 8.0, 32.0}; // of branches, stage by stage
constexpr double kSettling = 0.2;                        // of the iterations, with paths as they are

Matrix withOne(const Matrix& projected)
{
    Matrix z(projected.rows(), projected.cols() + 1);
    z << projected, Vector::Ones(projected.rows());
    return z;
}

// How much of each row is at each node, when `right` of a row goes right at each inner one.
Matrix presenceOf(const Matrix& right)
{
    Matrix presence = Matrix::Ones(right.rows(), 2 * right.cols() + 1);
    for (Eigen::Index k = 0; k < right.cols(); ++k) {
        presence.col(2 * k + 1) = presence.col(k).cwiseProduct((1 - right.col(k).array()).matrix());
        presence.col(2 * k + 2) = presence.col(k).cwiseProduct(right.col(k));
    }
    return presence;
}

Matrix hardTurns(const Matrix& decisions)
{
    return (decisions.array() > 0).cast<double>();
}

// One pass forward and back. Turns are soft with a sharpness, and hard without.
class Pass
{
public:
    Pass(const BonsaiProblem& problem, const Bonsai& at, double sharpness)
        : m_problem(problem)
        , m_at(at)
        , m_sharpness(sharpness)
        , m_z(withOne(problem.rows * at.projection.transpose()))
    {
        const Matrix decisions = m_z * at.branches.transpose();
        m_right = isSoft() ? Matrix((1 + (sharpness * decisions.array()).tanh()) / 2) : hardTurns(decisions);
        m_presence = presenceOf(m_right);
        m_said = m_z * at.weights.transpose();
        m_gates = (at.sigma * (m_z * at.gates.transpose()).array()).tanh();
        m_nodes = m_said.cwiseProduct(m_gates);
    }

    double loss(Vector& gradient)
    {
        Matrix slope = scores(); // of the scores, after the loss
        const double loss = common::softmaxLoss(slope, m_problem.labels);
        Bonsai slopes = m_at;
        Matrix ofNodes(m_nodes.rows(), m_nodes.cols());
        Matrix ofPresence(m_presence.rows(), m_presence.cols());
        const Eigen::Index classes = m_at.classes();
        for (Eigen::Index k = 0; k < m_at.nodes(); ++k) {
            ofNodes.middleCols(k * classes, classes) = m_presence.col(k).asDiagonal() * slope;
            ofPresence.col(k) = m_nodes.middleCols(k * classes, classes).cwiseProduct(slope).rowwise().sum();
        }
        const Matrix ofSaid = ofNodes.cwiseProduct(m_gates);
        const Matrix ofGates = ofNodes.array() * m_said.array() * (1 - m_gates.array().square()) * m_at.sigma;
        slopes.weights = ofSaid.transpose() * m_z;
        slopes.gates = ofGates.transpose() * m_z;
        slopes.branches.setZero();
        slopes.projection.setZero();
        if (isSoft()) {
            const Matrix ofDecisions = decisionSlopes(ofPresence);
            slopes.branches = ofDecisions.transpose() * m_z;
            const Matrix ofZ = ofSaid * m_at.weights + ofGates * m_at.gates + ofDecisions * m_at.branches;
            slopes.projection = ofZ.leftCols(m_at.projection.rows()).transpose() * m_problem.rows;
        }
        const Vector parameters = m_at.parameters();
        gradient = slopes.parameters() + m_problem.penalty * parameters;
        if (!isSoft()) // what has no slope stays where it is
            gradient.head(m_at.projection.size() + m_at.branches.size()).setZero();
        return loss + 0.5 * m_problem.penalty * parameters.squaredNorm();
    }

    Matrix scores() const
    {
        const Eigen::Index classes = m_at.classes();
        Matrix sum = Matrix::Zero(m_z.rows(), classes);
        for (Eigen::Index k = 0; k < m_at.nodes(); ++k)
            sum += m_presence.col(k).asDiagonal() * m_nodes.middleCols(k * classes, classes);
        return sum;
    }

private:
    bool isSoft() const { return m_sharpness > 0; }

    // From the bottom up: what a node gains by a row is what its children gain by it.
    Matrix decisionSlopes(Matrix& ofPresence) const
    {
        Matrix slopes(m_right.rows(), m_right.cols());
        for (Eigen::Index k = m_right.cols(); k-- > 0;) {
            const auto right = m_right.col(k).array();
            const auto ofLeft = ofPresence.col(2 * k + 1).array(), ofRight = ofPresence.col(2 * k + 2).array();
            // The slope of (1 + tanh(s d)) / 2 is 2 s right (1 - right).
            slopes.col(k) = m_presence.col(k).array() * (ofRight - ofLeft) * 2 * m_sharpness * right * (1 - right);
            ofPresence.col(k).array() += ofLeft * (1 - right) + ofRight * right;
        }
        return slopes;
    }

    const BonsaiProblem& m_problem;
    const Bonsai& m_at;
    double m_sharpness;
    Matrix m_z, m_right, m_presence, m_said, m_gates, m_nodes;
};

// The directions of the largest variance, each to a variance of one.
Matrix whiteDirections(const Matrix& rows, int count)
{
    const Matrix centred = rows.rowwise() - rows.colwise().mean();
    const Eigen::MatrixXd covariance = centred.transpose() * centred / static_cast<double>(rows.rows());
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance); // ascending
    Matrix directions = solver.eigenvectors().rightCols(count).rowwise().reverse().transpose();
    for (int i = 0; i < count; ++i)
        directions.row(i) /= std::sqrt(std::max(1e-12, solver.eigenvalues()[rows.cols() - 1 - i]));
    return directions;
}

Matrix randomMatrix(Eigen::Index rows, Eigen::Index columns, double deviation, common::Random& random)
{
    Matrix values(rows, columns);
    for (Eigen::Index r = 0; r < rows; ++r) {
        for (Eigen::Index c = 0; c < columns; ++c)
            values(r, c) = deviation * random.normal();
    }
    return values;
}

Bonsai beginningOf(const BonsaiProblem& problem, const BonsaiOptions& options)
{
    const auto dimensions = static_cast<int>(std::min<Eigen::Index>(options.dimensions, problem.rows.cols()));
    const Eigen::Index inner = (Eigen::Index(1) << options.depth) - 1, nodes = 2 * inner + 1;
    common::Random random = common::Random::forItem(options.seed, 0);
    const double deviation = 1 / std::sqrt(static_cast<double>(dimensions));
    Bonsai start;
    start.sigma = options.sigma;
    start.projection = whiteDirections(problem.rows, dimensions);
    start.branches = randomMatrix(inner, dimensions + 1, deviation, random);
    start.branches.rightCols(1).setZero(); // halves at first
    start.weights = randomMatrix(nodes * problem.classes, dimensions + 1, deviation, random);
    start.gates = randomMatrix(nodes * problem.classes, dimensions + 1, deviation, random);
    return start;
}

} // namespace

Vector Bonsai::parameters() const
{
    Vector all(projection.size() + branches.size() + weights.size() + gates.size());
    all << Eigen::Map<const Vector>(projection.data(), projection.size()),
        Eigen::Map<const Vector>(branches.data(), branches.size()),
        Eigen::Map<const Vector>(weights.data(), weights.size()), Eigen::Map<const Vector>(gates.data(), gates.size());
    return all;
}

Bonsai Bonsai::of(const Vector& parameters, const Bonsai& shape)
{
    const double* next = parameters.data();
    const auto take = [&next](const Matrix& like) {
        Matrix part = Eigen::Map<const Matrix>(next, like.rows(), like.cols());
        next += like.size();
        return part;
    };
    Bonsai made;
    made.projection = take(shape.projection);
    made.branches = take(shape.branches);
    made.weights = take(shape.weights);
    made.gates = take(shape.gates);
    made.sigma = shape.sigma;
    return made;
}

Matrix Bonsai::evaluate(const Matrix& rows) const
{
    const std::vector<int> none;
    return Pass({rows, none, static_cast<int>(classes()), 0}, *this, 0).scores();
}

double bonsaiLoss(const BonsaiProblem& problem, const Bonsai& at, double sharpness, Vector& gradient)
{
    return Pass(problem, at, sharpness).loss(gradient);
}

double settledBonsaiLoss(const BonsaiProblem& problem, const Bonsai& at, Vector& gradient)
{
    return Pass(problem, at, 0).loss(gradient);
}

Result<Bonsai> fitBonsai(const BonsaiProblem& problem, const BonsaiOptions& options, const ProgressSink& progress,
                         const CancelToken& cancel)
{
    const Bonsai shape = beginningOf(problem, options);
    Vector parameters = shape.parameters();
    const auto settling = static_cast<int>(kSettling * options.maxIterations);
    common::LbfgsOptions descent;
    int before = 0;
    const auto stage = [&](int iterations, const common::Objective& objective) {
        descent.maxIterations = std::max(1, iterations);
        common::minimise(objective, parameters, descent, [&](const common::LbfgsReport& report) {
            ember::report(progress, QStringLiteral("Bending branches"),
                          std::min(1.0, static_cast<double>(before + report.iterations) / options.maxIterations),
                          QStringLiteral("loss=%1").arg(report.value));
            return !cancel.isCancelled();
        });
        before += descent.maxIterations;
    };
    for (const double sharpness : kSharpness) {
        stage((options.maxIterations - settling) / static_cast<int>(kSharpness.size()),
              [&](const Vector& x, Vector& gradient) {
                  return bonsaiLoss(problem, Bonsai::of(x, shape), sharpness, gradient);
              });
    }
    stage(settling, [&](const Vector& x, Vector& gradient) {
        return settledBonsaiLoss(problem, Bonsai::of(x, shape), gradient);
    });
    if (cancel.isCancelled())
        return common::cancelled();
    return Bonsai::of(parameters, shape);
}

} // namespace ember::trees
