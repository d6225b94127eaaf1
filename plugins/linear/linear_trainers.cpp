// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/linear/linear_trainers.h"

#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"
#include "plugins/linear/logistic.h"
#include "plugins/linear/ridge.h"
#include "plugins/linear/sefr.h"

namespace ember::linear {

using common::Matrix;
using common::PresentClasses;
using common::RowVector;
using common::Scaling;
using common::Vector;

namespace {

Scaling scalingFor(const Matrix& rows, const QVariantMap& parameters)
{
    return common::boolean(parameters, "standardise") ? Scaling::standard(rows) : Scaling::none(rows.cols());
}

Vector rowWeightsFor(const PresentClasses& classes, const QVariantMap& parameters)
{
    return classes.rowWeights(common::choice(parameters, "class-weight") == QLatin1String("balanced"));
}

plugin::ParameterSpec penaltySpec()
{
    return common::realParameter(
        "penalty", 1.0, 0.0, 1e9, "Penalty",
        "How much large weights cost; more makes a simpler model that is less fooled by noise.");
}

} // namespace

plugin::TrainerInfo logisticInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("linear.logistic");
    info.name = QStringLiteral("Logistic regression");
    info.summary = QStringLiteral("A weighted sum of the features for each class, turned into probabilities.");
    info.whenToUse = QStringLiteral("When classes can be divided by flat borders and the model must be tiny.");
    info.tasks = {plugin::Task::Classification};
    info.parameters = {penaltySpec(), common::standardiseParameter(), common::classWeightParameter(),
                       common::integerParameter("max-iterations", 1000, 1, 1'000'000, "Iterations",
                                                "The most steps of the search; it ends earlier at the minimum.")};
    return info;
}

Result<model::Model> trainLogistic(const plugin::TrainingView& data, const QVariantMap& parameters,
                                   const plugin::TrainingContext& context)
{
    const Matrix rows = common::rowsOf(data);
    const Scaling scaling = scalingFor(rows, parameters);
    const Matrix scaled = scaling.apply(rows);
    const PresentClasses classes = PresentClasses::of(data);
    const Vector weights = rowWeightsFor(classes, parameters);
    // Two rows of weights that mirror each other stand for one of twice the length: twice the penalty makes up for it.
    const double penalty = common::real(parameters, "penalty") * (classes.count() == 2 ? 2 : 1);
    EMBER_TRY(const Weights fitted,
              fitLogistic({scaled, classes.labels, weights, classes.count(), penalty},
                          common::integer(parameters, "max-iterations"), context.progress, context.cancel));
    return classifierOf(fitted.unscaled(scaling).forClasses(classes), model::PostTransform::Softmax, data);
}

plugin::TrainerInfo ridgeInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("linear.ridge");
    info.name = QStringLiteral("Ridge");
    info.summary = QStringLiteral("Least squares with a penalty, in one step; for classes or for numbers.");
    info.whenToUse = QStringLiteral("As a baseline that trains at once, and to predict numbers.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Regression};
    info.parameters = {penaltySpec(), common::standardiseParameter(), common::classWeightParameter()};
    return info;
}

Result<model::Model> trainRidge(const plugin::TrainingView& data, const QVariantMap& parameters,
                                const plugin::TrainingContext&)
{
    const Matrix rows = common::rowsOf(data);
    const Scaling scaling = scalingFor(rows, parameters);
    const Matrix scaled = scaling.apply(rows);
    const double penalty = common::real(parameters, "penalty");
    if (common::taskOf(data) == plugin::Task::Regression) {
        const Weights fitted = fitRidge(scaled, common::targetsOf(data), Vector::Ones(rows.rows()), penalty);
        return regressorOf(fitted.unscaled(scaling), data);
    }
    const PresentClasses classes = PresentClasses::of(data);
    const Weights fitted = fitRidge(scaled, signsOf(classes), rowWeightsFor(classes, parameters), penalty);
    return classifierOf(fitted.unscaled(scaling).forClasses(classes), model::PostTransform::None, data);
}

plugin::TrainerInfo sefrInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("linear.sefr");
    info.name = QStringLiteral("SEFR");
    info.summary = QStringLiteral("Weights from the means of each class alone; one pass over the data.");
    info.whenToUse = QStringLiteral("When a board must be able to learn by itself, or as the cheapest of baselines.");
    info.tasks = {plugin::Task::Classification};
    return info;
}

Result<model::Model> trainSefr(const plugin::TrainingView& data, const QVariantMap&, const plugin::TrainingContext&)
{
    const Matrix rows = common::rowsOf(data);
    Scaling scaling; // to 0 .. 1, because the method wants features that are not negative
    scaling.mean = rows.colwise().minCoeff();
    const RowVector range = rows.colwise().maxCoeff() - scaling.mean;
    scaling.scale = (range.array() > 0).select(range.array().max(1e-300).inverse(), 1.0);
    const PresentClasses classes = PresentClasses::of(data);
    const Weights fitted = fitSefr(scaling.apply(rows), classes);
    return classifierOf(fitted.unscaled(scaling).forClasses(classes), model::PostTransform::None, data);
}

} // namespace ember::linear
