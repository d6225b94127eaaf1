// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/mixture/mixture_trainers.h"

#include "plugins/common/function_trainer.h"
#include "plugins/common/kmeans.h"
#include "plugins/common/parameters.h"
#include "plugins/mixture/elliptic.h"
#include "plugins/mixture/mixture_graph.h"

#include <cmath>

namespace ember::mixture {

using common::Clusters;
using common::fitKMeans;
using common::KMeansOptions;
using common::Matrix;
using common::PresentClasses;
using common::Scaling;
using common::Vector;
using model::BinaryKind;
using model::GraphBuilder;
using plugin::TrainingContext;
using plugin::TrainingView;

namespace {

// The rows as the mixture sees them, and the value of the graph that is the same.
struct Front
{
    GraphBuilder graph;
    Matrix rows;
    std::string value;
};

Front frontOf(const TrainingView& data, const QVariantMap& parameters)
{
    Front front{GraphBuilder(data.columns), common::rowsOf(data), {}};
    front.value = front.graph.input();
    if (common::boolean(parameters, "standardise")) {
        const Scaling scaling = Scaling::standard(front.rows);
        front.rows = scaling.apply(front.rows);
        front.value = front.graph.scaled(common::floats(scaling.mean), common::floats(scaling.scale));
    }
    return front;
}

// Normal is what scores above the contamination's share of the training rows.
model::Model detectorOf(GraphBuilder graph, const std::string& score, const Vector& trained,
                        const QVariantMap& parameters, const TrainingView& data)
{
    const double threshold = common::quantile(std::vector<double>(trained.begin(), trained.end()),
                                              common::real(parameters, "contamination"));
    const std::string limit = graph.constant("threshold", std::vector<float>{static_cast<float>(threshold)}, {1});
    const std::string decision = graph.binary("decision", BinaryKind::Subtract, score, limit);
    return std::move(graph).detector(decision, data.featureNames);
}

plugin::ParameterSpec regularisationSpec(double byDefault)
{
    return common::realParameter("regularisation", byDefault, 0.0, 1e6, "Regularisation",
                                 "Added to every variance; more makes distributions rounder and is needed when rows "
                                 "are few.");
}

MixtureOptions mixtureOptions(const QVariantMap& parameters, quint64 seed)
{
    MixtureOptions options;
    const QString kind = common::choice(parameters, "covariance");
    options.covariance = kind == QLatin1String("full")       ? Covariance::Full
                         : kind == QLatin1String("tied")     ? Covariance::Tied
                         : kind == QLatin1String("diagonal") ? Covariance::Diagonal
                                                             : Covariance::Spherical;
    options.components = common::integer(parameters, "components");
    options.regularisation = common::real(parameters, "regularisation");
    options.maxIterations = common::integer(parameters, "max-iterations");
    options.seed = seed;
    return options;
}

} // namespace

plugin::TrainerInfo gmmInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("mixture.gmm");
    info.name = QStringLiteral("Gaussian mixture");
    info.summary = QStringLiteral("Normal distributions, several for each class; the likeliest class wins, and what is "
                                  "unlikely is an anomaly.");
    info.whenToUse = QStringLiteral("When classes are clouds of any shape, or to find what was never recorded.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Anomaly};
    info.parameters = {
        common::integerParameter("components", 1, 1, 256, "Components",
                                 "Normal distributions for each class; more follow stranger shapes, and need more rows "
                                 "and memory."),
        common::choiceParameter(
            "covariance",
            {QStringLiteral("full"), QStringLiteral("tied"), QStringLiteral("diagonal"), QStringLiteral("spherical")},
            "Covariance",
            "Shape of a distribution: any (full), any but the same within a class (tied), along the features "
            "(diagonal, the square root of the size) or round (spherical)."),
        regularisationSpec(1e-3),
        common::integerParameter("max-iterations", 100, 1, 100'000, "Iterations", "The most steps of the fit."),
        common::standardiseParameter(),
        common::contaminationParameter()};
    return info;
}

Result<model::Model> trainGmm(const TrainingView& data, const QVariantMap& parameters, const TrainingContext& context)
{
    Front front = frontOf(data, parameters);
    const MixtureOptions options = mixtureOptions(parameters, context.seed);
    if (common::taskOf(data) == plugin::Task::Anomaly) {
        EMBER_TRY(const Mixture mixture, fitMixture(front.rows, options, context.progress, context.cancel));
        const std::string density = addLogDensities(front.graph, "density", front.value, {mixture.components});
        return detectorOf(std::move(front.graph), density, mixture.logLikelihoods(front.rows), parameters, data);
    }
    const PresentClasses classes = PresentClasses::of(data);
    std::vector<std::vector<Component>> groups(static_cast<std::size_t>(classes.total));
    for (int c = 0; c < classes.count(); ++c) {
        const Matrix own = classes.select(front.rows, c);
        EMBER_TRY(Mixture mixture, fitMixture(own, options, context.progress, context.cancel));
        const double share = static_cast<double>(own.rows()) / static_cast<double>(front.rows.rows());
        for (Component& component : mixture.components)
            component.logWeight += std::log(share);
        groups[static_cast<std::size_t>(classes.classes[static_cast<std::size_t>(c)])] = mixture.components;
    }
    const std::string scores = addLogDensities(front.graph, "scores", front.value, groups);
    return std::move(front.graph).classifier(scores, {data.classNames, data.featureNames});
}

plugin::TrainerInfo kMeansInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("mixture.kmeans");
    info.name = QStringLiteral("k-means");
    info.summary = QStringLiteral("The class of the nearest centre wins; what is far from every centre is an anomaly.");
    info.whenToUse = QStringLiteral("As a small detector of anomalies, or in place of k nearest neighbours when memory "
                                    "is short.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Anomaly};
    info.parameters = {common::integerParameter("clusters", 8, 1, 1024, "Clusters",
                                                "Centres for each class, or for all rows of a detector; more follow "
                                                "finer shapes and take memory and time."),
                       common::integerParameter("restarts", 3, 1, 100, "Restarts", "The best of so many is kept."),
                       common::standardiseParameter(), common::contaminationParameter()};
    return info;
}

Result<model::Model> trainKMeans(const TrainingView& data, const QVariantMap& parameters,
                                 const TrainingContext& context)
{
    Front front = frontOf(data, parameters);
    KMeansOptions options;
    options.clusters = common::integer(parameters, "clusters");
    options.restarts = common::integer(parameters, "restarts");
    options.seed = context.seed;
    const Eigen::Index columns = front.rows.cols();
    if (common::taskOf(data) == plugin::Task::Anomaly) {
        const Clusters clusters = fitKMeans(front.rows, options, context.cancel);
        if (context.cancel.isCancelled())
            return common::cancelled();
        const std::string nearness = addNearness(front.graph, "nearness", front.value, {clusters.centres}, columns);
        return detectorOf(std::move(front.graph), nearness, -clusters.distances, parameters, data);
    }
    const PresentClasses classes = PresentClasses::of(data);
    std::vector<Matrix> groups(static_cast<std::size_t>(classes.total), Matrix(0, columns));
    for (int c = 0; c < classes.count(); ++c) {
        report(context.progress, QStringLiteral("Clustering"), static_cast<double>(c) / classes.count(),
               QStringLiteral("class %1 of %2").arg(c + 1).arg(classes.count()));
        const Clusters clusters = fitKMeans(classes.select(front.rows, c), options, context.cancel);
        if (context.cancel.isCancelled())
            return common::cancelled();
        groups[static_cast<std::size_t>(classes.classes[static_cast<std::size_t>(c)])] = clusters.centres;
    }
    const std::string scores = addNearness(front.graph, "scores", front.value, groups, columns);
    return std::move(front.graph).classifier(scores, {data.classNames, data.featureNames});
}

plugin::TrainerInfo ellipticInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("mixture.elliptic");
    info.name = QStringLiteral("Elliptic envelope");
    info.summary = QStringLiteral("One ellipse around the normal rows; what lies outside is an anomaly.");
    info.whenToUse = QStringLiteral("When normal rows are one cloud; small, quick, and does not mind some anomalies "
                                    "among the training rows.");
    info.tasks = {plugin::Task::Anomaly};
    info.parameters = {
        common::booleanParameter("robust", true, "Robust",
                                 "Shapes the ellipse by the tightest half of the rows, so that anomalies "
                                 "among them do not widen it; takes longer."),
        regularisationSpec(1e-6), common::standardiseParameter(), common::contaminationParameter()};
    return info;
}

Result<model::Model> trainElliptic(const TrainingView& data, const QVariantMap& parameters,
                                   const TrainingContext& context)
{
    Front front = frontOf(data, parameters);
    EllipticOptions options;
    options.robust = common::boolean(parameters, "robust");
    options.regularisation = common::real(parameters, "regularisation");
    options.seed = context.seed;
    report(context.progress, QStringLiteral("Fitting the ellipse"));
    EMBER_TRY(const Component ellipse, fitEllipse(front.rows, options, context.cancel));
    const std::string density = addLogDensities(front.graph, "density", front.value, {{ellipse}});
    const Vector scores = ellipse.logConstant() - 0.5 * ellipse.distances(front.rows).array();
    return detectorOf(std::move(front.graph), density, scores, parameters, data);
}

} // namespace ember::mixture
