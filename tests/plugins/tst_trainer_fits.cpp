// SPDX-License-Identifier: GPL-3.0-or-later
// What is written by hand, against its definition.
#include "core/model/evaluator.h"
#include "plugins/bayes/gaussian.h"
#include "plugins/common/random.h"
#include "plugins/kernel/rvm.h"
#include "plugins/linear/logistic.h"
#include "plugins/linear/ridge.h"
#include "plugins/mixture/elliptic.h"
#include "plugins/mixture/gaussian_mixture.h"
#include "plugins/neighbours/condense.h"
#include "plugins/neighbours/protonn.h"
#include "plugins/trees/bonsai_trainer.h"
#include "plugins/trees/isolation.h"
#include "plugins/trees/xgboost_model.h"

#include <QTest>

#include <Eigen/Dense>
#include <cmath>
#include <functional>
#include <numbers>

using namespace ember;
using common::Matrix;
using common::Random;
using common::Vector;

namespace {

Matrix normals(Eigen::Index rows, Eigen::Index columns, quint64 seed)
{
    Random random(seed);
    Matrix matrix(rows, columns);
    for (double& value : matrix.reshaped())
        value = random.normal();
    return matrix;
}

std::vector<int> labelsBy(const Matrix& rows, int classes)
{
    std::vector<int> labels;
    for (Eigen::Index row = 0; row < rows.rows(); ++row)
        labels.push_back(static_cast<int>(std::abs(std::floor(3 * rows(row, 0) + rows(row, 1)))) % classes);
    return labels;
}

// The largest difference between a gradient and central differences.
double gradientError(const std::function<double(const Vector&, Vector&)>& loss, const Vector& at)
{
    Vector gradient, unused;
    loss(at, gradient);
    double worst = 0;
    for (Eigen::Index i = 0; i < at.size(); ++i) {
        Vector up = at, down = at;
        up[i] += 1e-5;
        down[i] -= 1e-5;
        const double slope = (loss(up, unused) - loss(down, unused)) / 2e-5;
        worst = std::max(worst, std::abs(slope - gradient[i]));
    }
    return worst;
}

double logNormal(const Vector& x, const Vector& mean, const Eigen::MatrixXd& covariance)
{
    const Vector d = x - mean;
    return -0.5 * (static_cast<double>(x.size()) * std::log(2 * std::numbers::pi) + std::log(covariance.determinant()) +
                   d.dot(covariance.inverse() * d));
}

// Three classes, two dimensions, three inner nodes.
trees::Bonsai someBonsai()
{
    return {0.4 * normals(2, 5, 7), normals(3, 3, 8), normals(21, 3, 9), normals(21, 3, 10), 0.8};
}

} // namespace

class TestTrainerFits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void logisticGradient()
    {
        const Matrix rows = normals(40, 3, 1);
        const std::vector<int> labels = labelsBy(rows, 3);
        const Vector weights = normals(40, 1, 2).cwiseAbs();
        const linear::LogisticProblem problem{rows, labels, weights, 3, 0.7};
        const auto loss = [&](const Vector& x, Vector& g) { return linear::logisticLoss(problem, x, g); };
        QVERIFY(gradientError(loss, normals(12, 1, 3)) < 1e-8);
        const auto fitted = linear::fitLogistic(problem, 1000);
        Vector at(12), gradient;
        for (int c = 0; c < 3; ++c)
            at.segment(c * 4, 4) << fitted->coefficients.row(c).transpose(), fitted->intercepts[c];
        loss(at, gradient);
        QVERIFY2(gradient.cwiseAbs().maxCoeff() < 1e-5, "no minimum");
    }

    void ridgeSolvesItsNormalEquations()
    {
        const Matrix rows = normals(50, 4, 4);
        const Matrix targets = normals(50, 2, 5);
        const linear::Weights fitted = linear::fitRidge(rows, targets, Vector::Ones(50), 2.5);
        const Matrix residual =
            (rows * fitted.coefficients.transpose()).rowwise() + fitted.intercepts.transpose() - targets;
        const Matrix slope = rows.transpose() * residual + 2.5 * fitted.coefficients.transpose();
        QVERIFY(slope.cwiseAbs().maxCoeff() < 1e-9);
        QVERIFY(residual.colwise().sum().cwiseAbs().maxCoeff() < 1e-9);
    }

    void protoNnGradient()
    {
        const Matrix rows = normals(30, 5, 6);
        const std::vector<int> labels = labelsBy(rows, 3);
        const neighbours::ProtoNnProblem problem{rows, labels, 3, 0.01};
        const neighbours::ProtoNn shape{0.4 * normals(2, 5, 7), normals(4, 2, 8), normals(4, 3, 9)};
        const auto loss = [&](const Vector& x, Vector& g) {
            return neighbours::protoNnLoss(problem, neighbours::ProtoNn::of(x, shape), g);
        };
        QVERIFY(gradientError(loss, shape.parameters()) < 1e-8);
    }

    void bonsaiGradient()
    {
        const Matrix rows = normals(30, 5, 6);
        const std::vector<int> labels = labelsBy(rows, 3);
        const trees::BonsaiProblem problem{rows, labels, 3, 0.01};
        const trees::Bonsai shape = someBonsai();
        const auto soft = [&](const Vector& x, Vector& g) {
            return trees::bonsaiLoss(problem, trees::Bonsai::of(x, shape), 1.5, g);
        };
        QVERIFY(gradientError(soft, shape.parameters()) < 1e-8);
        // With paths settled only the nodes have slopes; the others are none, however the loss jumps.
        const Eigen::Index fixed = shape.projection.size() + shape.branches.size();
        const Vector all = shape.parameters();
        const auto settled = [&](const Vector& nodes, Vector& g) {
            Vector x = all;
            x.tail(nodes.size()) = nodes;
            Vector whole;
            const double loss = trees::settledBonsaiLoss(problem, trees::Bonsai::of(x, shape), whole);
            g = whole.tail(nodes.size());
            return whole.head(fixed).isZero() ? loss : std::nan("");
        };
        QVERIFY(gradientError(settled, all.tail(all.size() - fixed)) < 1e-8);
    }

    // By walking down the tree, node by node; and the graph says the same.
    void bonsaiIsItsDefinition()
    {
        const Matrix rows = normals(60, 5, 12);
        const trees::Bonsai tree = someBonsai();
        const Matrix scores = tree.evaluate(rows);
        plugin::TrainingView data;
        data.columns = 5;
        data.classNames = QStringList{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")};
        common::PresentClasses classes{{0, 1, 2}, {}, {}, 3};
        const common::Scaling scaling{common::RowVector::Constant(5, 0.5), common::RowVector::Constant(5, 2.0)};
        const model::Model graph = trees::bonsaiModel(tree, scaling, classes, data);
        const Matrix unscaled = (rows.array() / 2 + 0.5).matrix();
        const auto said = model::evaluate(graph, common::floats(unscaled));
        QVERIFY2(said, said ? "" : qPrintable(said.error().toString()));
        for (Eigen::Index row = 0; row < rows.rows(); ++row) {
            Vector z(3);
            z << tree.projection * rows.row(row).transpose(), 1;
            Vector sum = Vector::Zero(3);
            for (Eigen::Index node = 0;;) {
                for (Eigen::Index c = 0; c < 3; ++c)
                    sum[c] += tree.weights.row(node * 3 + c).dot(z) *
                              std::tanh(tree.sigma * tree.gates.row(node * 3 + c).dot(z));
                if (node >= tree.branches.rows())
                    break;
                node = 2 * node + (tree.branches.row(node).dot(z) > 0 ? 2 : 1);
            }
            for (Eigen::Index c = 0; c < 3; ++c) {
                QVERIFY(std::abs(scores(row, c) - sum[c]) < 1e-12);
                QVERIFY(std::abs(double(said->row(std::size_t(row))[std::size_t(c)]) - sum[c]) < 1e-4);
            }
        }
    }

    void mixtureLikelihoods_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("full") << static_cast<int>(mixture::Covariance::Full);
        QTest::newRow("tied") << static_cast<int>(mixture::Covariance::Tied);
        QTest::newRow("diagonal") << static_cast<int>(mixture::Covariance::Diagonal);
        QTest::newRow("spherical") << static_cast<int>(mixture::Covariance::Spherical);
    }
    void mixtureLikelihoods()
    {
        QFETCH(int, kind);
        Matrix rows = normals(120, 3, 10);
        rows.topRows(50).rowwise() += common::RowVector::Constant(3, 4.0);
        rows.col(2) += 0.8 * rows.col(0);
        mixture::MixtureOptions options;
        options.components = 2;
        options.covariance = static_cast<mixture::Covariance>(kind);
        options.regularisation = 0;
        options.tolerance = 1e-9;
        const auto fitted = mixture::fitMixture(rows, options);
        QVERIFY(fitted);
        QVERIFY(fitted->history.size() > 1);
        for (std::size_t i = 1; i < fitted->history.size(); ++i)
            QVERIFY(fitted->history[i] >= fitted->history[i - 1] - 1e-9);
        double weights = 0;
        const Vector found = fitted->logLikelihoods(rows);
        for (Eigen::Index row = 0; row < rows.rows(); ++row) {
            double density = 0;
            for (const mixture::Component& c : fitted->components) {
                const Eigen::MatrixXd factor =
                    c.isDiagonal() ? Eigen::MatrixXd(c.factor.row(0).asDiagonal()) : Eigen::MatrixXd(c.factor);
                const Eigen::MatrixXd covariance = (factor * factor.transpose()).inverse();
                density += std::exp(c.logWeight + logNormal(rows.row(row), c.mean.transpose(), covariance));
            }
            QVERIFY(std::abs(found[row] - std::log(density)) < 1e-9);
        }
        for (const mixture::Component& c : fitted->components)
            weights += std::exp(c.logWeight);
        QVERIFY(std::abs(weights - 1) < 1e-9);
    }

    // One component has a closed form: mean and covariance of the rows.
    void oneComponentIsTheMoments()
    {
        const Matrix rows = normals(60, 3, 11);
        const auto fitted = mixture::fitMixture(rows, {1, mixture::Covariance::Full, 0.0, 10, 1e-3, 1});
        const mixture::Component& c = fitted->components.front();
        const Matrix centred = rows.rowwise() - rows.colwise().mean();
        const Eigen::MatrixXd covariance = centred.transpose() * centred / 60;
        QVERIFY((c.mean - rows.colwise().mean()).cwiseAbs().maxCoeff() < 1e-12);
        QVERIFY(((c.factor * c.factor.transpose()).inverse() - covariance).cwiseAbs().maxCoeff() < 1e-9);
    }

    void outliersDoNotWidenARobustEllipse()
    {
        Matrix rows = normals(200, 2, 12);
        rows.topRows(40).rowwise() += common::RowVector::Constant(2, 30.0);
        mixture::EllipticOptions options;
        const auto robust = mixture::fitEllipse(rows, options);
        options.robust = false;
        const auto plain = mixture::fitEllipse(rows, options);
        QVERIFY(robust->mean.norm() < 0.5 && plain->mean.norm() > 5);
    }

    void condensedRowsKnowTheOthers()
    {
        const Matrix rows = normals(150, 2, 13);
        const std::vector<int> labels = labelsBy(rows, 3);
        const std::vector<Eigen::Index> kept = neighbours::condensed(rows, labels, 5);
        QVERIFY(kept.size() < 150);
        for (Eigen::Index row = 0; row < rows.rows(); ++row) {
            double nearest = 1e300;
            int label = -1;
            for (const Eigen::Index k : kept) {
                const double distance = (rows.row(row) - rows.row(k)).squaredNorm();
                if (distance < nearest) {
                    nearest = distance;
                    label = labels[static_cast<std::size_t>(k)];
                }
            }
            QCOMPARE(label, labels[static_cast<std::size_t>(row)]);
        }
    }

    // Each weight's precision is where the evidence, from its definition, has its maximum.
    void relevanceVectorsMaximiseTheEvidence()
    {
        const Matrix rows = normals(60, 1, 14);
        const Vector targets = (2 * rows.col(0)).array().sin() + 0.1 * normals(60, 1, 15).array();
        const Matrix design = kernel::rbfDesign(rows, rows, 1.0);
        kernel::RvmOptions options;
        options.maxSteps = 2000;
        options.tolerance = 1e-8;
        const auto fitted = kernel::sparseRegression(design, targets, options);
        QVERIFY(fitted && fitted->columns.size() < 20);
        Matrix kept(60, static_cast<Eigen::Index>(fitted->columns.size()));
        for (Eigen::Index i = 0; i < kept.cols(); ++i)
            kept.col(i) = design.col(fitted->columns[static_cast<std::size_t>(i)]);
        const double best = kernel::logEvidence(kept, fitted->precisions, fitted->noise, targets);
        for (Eigen::Index i = 0; i < kept.cols(); ++i) {
            for (const double factor : {0.5, 2.0}) {
                Vector other = fitted->precisions;
                other[i] *= factor;
                QVERIFY(kernel::logEvidence(kept, other, fitted->noise, targets) < best + 1e-3);
            }
        }
    }

    void usualPathsAreHarmonic()
    {
        QCOMPARE(trees::meanPathLength(1), 0.0);
        QCOMPARE(trees::meanPathLength(2), 1.0);
        double harmonic = 0;
        for (int i = 1; i < 256; ++i)
            harmonic += 1.0 / i;
        QVERIFY(std::abs(trees::meanPathLength(256) - (2 * harmonic - 2 * 255.0 / 256)) < 0.01);
    }

    void boostedTreesAreReadAsTheyCompare()
    {
        const QByteArray tree = R"({"left_children": [1, -1, -1], "right_children": [2, -1, -1],
            "split_indices": [1, 0, 0], "split_conditions": [2.5, -0.25, 0.75], "default_left": [1, 0, 0]})";
        const QByteArray json =
            R"({"learner": {"gradient_booster": {"model": {"trees": [)" + tree + R"(], "tree_info": [0]}}}})";
        const auto ensemble = trees::readXgboostModel(json, {2, 2, 0.0f});
        QVERIFY(ensemble);
        const model::TreeNode& root = ensemble->nodes.front();
        QVERIFY(root.mode == model::BranchMode::Less && root.missingGoesTrue && root.feature == 1);
        QCOMPARE(root.threshold, 2.5f);
        QCOMPARE(ensemble->leafValues, (std::vector<float>{0.25f, -0.25f, -0.75f, 0.75f}));
        QVERIFY(!trees::readXgboostModel("{}", {2, 2, 0.0f}));
        QVERIFY(!trees::readXgboostModel(json, {1, 2, 0.0f})); // it asks for a feature that is not there
        QByteArray loop = json;
        QVERIFY(!trees::readXgboostModel(loop.replace("[1, -1, -1]", "[0, -1, -1]"), {2, 2, 0.0f}));
    }
};

QTEST_GUILESS_MAIN(TestTrainerFits)
#include "tst_trainer_fits.moc"
