// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neighbours/protonn.h"

#include "plugins/common/function_trainer.h"
#include "plugins/common/kmeans.h"
#include "plugins/common/lbfgs.h"
#include "plugins/common/softmax_loss.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace ember::neighbours {

using common::Matrix;
using common::Vector;

namespace {

constexpr double kKernelWidth = 2.5; // over the median distance: the paper's choice
constexpr double kFirstScore = 3;    // of a prototype for its own class

Matrix squaredDistances(const Matrix& a, const Matrix& b)
{
    Matrix distances = -2 * a * b.transpose();
    distances.colwise() += a.rowwise().squaredNorm();
    distances.rowwise() += b.rowwise().squaredNorm().transpose();
    return distances.cwiseMax(0);
}

// The directions of the largest variance, as rows.
Matrix principalDirections(const Matrix& rows, int count)
{
    const Matrix centred = rows.rowwise() - rows.colwise().mean();
    const Eigen::MatrixXd covariance = centred.transpose() * centred / static_cast<double>(rows.rows());
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance); // ascending
    return solver.eigenvectors().rightCols(count).rowwise().reverse().transpose();
}

Matrix selectRows(const Matrix& rows, const std::vector<int>& labels, int wanted)
{
    Matrix chosen(std::count(labels.begin(), labels.end(), wanted), rows.cols());
    Eigen::Index next = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        if (labels[row] == wanted)
            chosen.row(next++) = rows.row(static_cast<Eigen::Index>(row));
    }
    return chosen;
}

ProtoNn beginning(const ProtoNnProblem& problem, const ProtoNnOptions& options, const CancelToken& cancel)
{
    ProtoNn start;
    const auto dimensions = static_cast<int>(std::min<Eigen::Index>(options.dimensions, problem.rows.cols()));
    start.projection = principalDirections(problem.rows, dimensions);
    Matrix projected = problem.rows * start.projection.transpose();
    common::KMeansOptions clustering;
    clustering.clusters = options.perClass;
    clustering.seed = options.seed;
    start.prototypes.resize(0, dimensions);
    std::vector<int> classOf;
    for (int c = 0; c < problem.classes; ++c) {
        const Matrix centres = common::fitKMeans(selectRows(projected, problem.labels, c), clustering, cancel).centres;
        const Eigen::Index before = start.prototypes.rows();
        start.prototypes.conservativeResize(before + centres.rows(), Eigen::NoChange);
        start.prototypes.bottomRows(centres.rows()) = centres;
        classOf.insert(classOf.end(), static_cast<std::size_t>(centres.rows()), c);
    }
    start.scores = Matrix::Zero(start.prototypes.rows(), problem.classes);
    for (std::size_t j = 0; j < classOf.size(); ++j)
        start.scores(static_cast<Eigen::Index>(j), classOf[j]) = kFirstScore;
    const Matrix distances = squaredDistances(projected, start.prototypes);
    const double median = std::sqrt(common::quantile({distances.data(), distances.data() + distances.size()}, 0.5));
    const double gamma = median > 0 ? kKernelWidth / median : 1.0;
    start.projection *= gamma;
    start.prototypes *= gamma;
    return start;
}

} // namespace

Vector ProtoNn::parameters() const
{
    Vector all(projection.size() + prototypes.size() + scores.size());
    all << Eigen::Map<const Vector>(projection.data(), projection.size()),
        Eigen::Map<const Vector>(prototypes.data(), prototypes.size()),
        Eigen::Map<const Vector>(scores.data(), scores.size());
    return all;
}

ProtoNn ProtoNn::of(const Vector& parameters, const ProtoNn& shape)
{
    const double* next = parameters.data();
    const auto take = [&next](const Matrix& like) {
        Matrix part = Eigen::Map<const Matrix>(next, like.rows(), like.cols());
        next += like.size();
        return part;
    };
    ProtoNn made;
    made.projection = take(shape.projection);
    made.prototypes = take(shape.prototypes);
    made.scores = take(shape.scores);
    return made;
}

Matrix ProtoNn::evaluate(const Matrix& rows) const
{
    const Matrix kernel = (-squaredDistances(rows * projection.transpose(), prototypes)).array().exp();
    return kernel * scores;
}

double protoNnLoss(const ProtoNnProblem& problem, const ProtoNn& at, Vector& gradient)
{
    const Matrix projected = problem.rows * at.projection.transpose();
    const Matrix kernel = (-squaredDistances(projected, at.prototypes)).array().exp();
    Matrix slope = kernel * at.scores; // of the scores, after the loss
    double loss = common::softmaxLoss(slope, problem.labels);
    ProtoNn slopes;
    slopes.scores = kernel.transpose() * slope;
    // Of the squared distances, |u - b|^2; then of u and b.
    const Matrix distance = -(slope * at.scores.transpose()).array() * kernel.array();
    const Vector perRow = distance.rowwise().sum();
    const Vector perPrototype = distance.colwise().sum().transpose();
    const Matrix ofProjected = 2 * (perRow.asDiagonal() * projected - distance * at.prototypes);
    slopes.prototypes = 2 * (perPrototype.asDiagonal() * at.prototypes - distance.transpose() * projected);
    slopes.projection = ofProjected.transpose() * problem.rows;
    const Vector parameters = at.parameters();
    gradient = slopes.parameters() + problem.penalty * parameters;
    loss += 0.5 * problem.penalty * parameters.squaredNorm();
    return loss;
}

Result<ProtoNn> fitProtoNn(const ProtoNnProblem& problem, const ProtoNnOptions& options, const ProgressSink& progress,
                           const CancelToken& cancel)
{
    const ProtoNn start = beginning(problem, options, cancel);
    Vector parameters = start.parameters();
    const auto objective = [&problem, &start](const Vector& x, Vector& gradient) {
        return protoNnLoss(problem, ProtoNn::of(x, start), gradient);
    };
    common::LbfgsOptions descent;
    descent.maxIterations = options.maxIterations;
    common::minimise(objective, parameters, descent, [&](const common::LbfgsReport& at) {
        report(progress, QStringLiteral("Moving prototypes"),
               static_cast<double>(at.iterations) / options.maxIterations, QStringLiteral("loss=%1").arg(at.value));
        return !cancel.isCancelled();
    });
    if (cancel.isCancelled())
        return common::cancelled();
    return ProtoNn::of(parameters, start);
}

} // namespace ember::neighbours
