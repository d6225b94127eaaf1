// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/graph_builder.h"
#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"
#include "plugins/neighbours/neighbours_trainers.h"
#include "plugins/neighbours/protonn.h"

namespace ember::neighbours {

using common::Matrix;
using common::PresentClasses;
using common::Scaling;

namespace {

// Scaling is part of the projection: projection ((x - mean) scale) = weights' x + bias.
model::Model modelOf(const ProtoNn& fitted, const Scaling& scaling, const PresentClasses& classes,
                     const plugin::TrainingView& data)
{
    using model::BinaryKind;
    model::GraphBuilder graph(data.columns);
    const Eigen::Index dimensions = fitted.projection.rows();
    const Matrix plain = fitted.projection.array().rowwise() * scaling.scale.array();
    const Matrix weights = plain.transpose();
    const common::Vector bias = -plain * scaling.mean.transpose();
    // A class without rows has no prototype that speaks for it; the constant keeps it from winning by nothing.
    Matrix scores = Matrix::Zero(fitted.scores.rows(), classes.total);
    common::Vector constant = common::Vector::Constant(classes.total, common::kNeverWins);
    for (int c = 0; c < classes.count(); ++c) {
        const qint32 k = classes.classes[static_cast<std::size_t>(c)];
        scores.col(k) = fitted.scores.col(c);
        constant[k] = 0;
    }
    const std::string projected =
        graph.add("projected", model::Gemm{},
                  {graph.input(), graph.constant("projection", common::floats(weights), {weights.rows(), dimensions}),
                   graph.constant("projection/bias", common::floats(bias), {dimensions})});
    const std::string distance = graph.squaredDistances("distance", projected, common::floats(fitted.prototypes),
                                                        static_cast<std::size_t>(dimensions));
    const std::string exponent = graph.add("kernel/exponent", model::Unary{model::UnaryKind::Negate}, {distance});
    const std::string kernel = graph.add("kernel", model::Unary{model::UnaryKind::Exp}, {exponent});
    const std::string out =
        graph.add("scores", model::Gemm{},
                  {kernel, graph.constant("prototypes/scores", common::floats(scores), {scores.rows(), classes.total}),
                   graph.constant("scores/bias", common::floats(constant), {classes.total})});
    return std::move(graph).classifier(out, {data.classNames, data.featureNames});
}

} // namespace

plugin::TrainerInfo protoNnInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("neighbours.protonn");
    info.name = QStringLiteral("ProtoNN");
    info.summary = QStringLiteral("A few learnt prototypes in few dimensions take the place of all recorded rows.");
    info.whenToUse = QStringLiteral("When nearest neighbours are accurate enough and the board has a few kilobytes.");
    info.tasks = {plugin::Task::Classification};
    info.parameters = {
        common::integerParameter("dimensions", 10, 1, 256, "Dimensions",
                                 "Numbers left of a row after the projection; more keep more and cost memory."),
        common::integerParameter("prototypes", 3, 1, 256, "Prototypes",
                                 "For each class; more follow finer shapes and cost memory and time."),
        common::realParameter("penalty", 1e-4, 0.0, 1e6, "Penalty",
                              "How much large parameters cost; more makes a smoother model."),
        common::integerParameter("max-iterations", 300, 1, 100'000, "Iterations", "The most steps of the search."),
        common::standardiseParameter()};
    return info;
}

Result<model::Model> trainProtoNn(const plugin::TrainingView& data, const QVariantMap& parameters,
                                  const plugin::TrainingContext& context)
{
    const Matrix plain = common::rowsOf(data);
    const Scaling scaling =
        common::boolean(parameters, "standardise") ? Scaling::standard(plain) : Scaling::none(plain.cols());
    const Matrix rows = scaling.apply(plain);
    const PresentClasses classes = PresentClasses::of(data);
    ProtoNnOptions options;
    options.dimensions = common::integer(parameters, "dimensions");
    options.perClass = common::integer(parameters, "prototypes");
    options.maxIterations = common::integer(parameters, "max-iterations");
    options.seed = context.seed;
    const ProtoNnProblem problem{rows, classes.labels, classes.count(), common::real(parameters, "penalty")};
    EMBER_TRY(const ProtoNn fitted, fitProtoNn(problem, options, context.progress, context.cancel));
    return modelOf(fitted, scaling, classes, data);
}

} // namespace ember::neighbours
