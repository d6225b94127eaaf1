// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/graph_builder.h"
#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"
#include "plugins/kernel/kernel_trainers.h"
#include "plugins/kernel/svm.h"

namespace ember::kernel {

using common::Matrix;
using common::PresentClasses;
using common::Scaling;
using common::Vector;

namespace {

QList<plugin::ParameterSpec> kernelSpecs()
{
    return {common::choiceParameter(
                "kernel", {QStringLiteral("rbf"), QStringLiteral("linear"), QStringLiteral("polynomial")}, "Kernel",
                "How rows are compared: by distance (rbf), by flat borders (linear, the cheapest) or by products of "
                "features (polynomial)."),
            common::realParameter("gamma", 0.0, 0.0, 1e6, "Gamma",
                                  "How quickly the influence of a row ends, 0 to take it from the variance; more makes "
                                  "borders wind closer around single rows."),
            common::integerParameter("degree", 3, 1, 10, "Degree", "Features multiplied by the polynomial kernel."),
            common::realParameter("coef0", 0.0, -1e6, 1e6, "Constant",
                                  "Added inside the polynomial kernel; more favours products of fewer features."),
            common::standardiseParameter()};
}

SvmOptions kernelOptions(const QVariantMap& parameters)
{
    SvmOptions options;
    const QString kernel = common::choice(parameters, "kernel");
    options.kernel = kernel == QLatin1String("linear")       ? model::KernelKind::Linear
                     : kernel == QLatin1String("polynomial") ? model::KernelKind::Polynomial
                                                             : model::KernelKind::Rbf;
    options.gamma = common::real(parameters, "gamma");
    options.degree = common::integer(parameters, "degree");
    options.coef0 = common::real(parameters, "coef0");
    return options;
}

// The rows as the machine sees them, and the name of the value in the graph that is the same.
struct Front
{
    Matrix rows;
    std::string value;
};

Front frontOf(const plugin::TrainingView& data, const QVariantMap& parameters, model::GraphBuilder& graph)
{
    const Matrix rows = common::rowsOf(data);
    if (!common::boolean(parameters, "standardise"))
        return {rows, graph.input()};
    const Scaling scaling = Scaling::standard(rows);
    return {scaling.apply(rows), graph.scaled(common::floats(scaling.mean), common::floats(scaling.scale))};
}

qint64 scoresOf(qint64 classes)
{
    return classes == 2 ? 2 : classes * (classes - 1) / 2;
}

} // namespace

plugin::TrainerInfo svmInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("kernel.svm");
    info.name = QStringLiteral("Support vector machine");
    info.summary = QStringLiteral("The widest margin between classes, held by the rows nearest to it.");
    info.whenToUse = QStringLiteral("When accuracy matters most and some thousand rows are all there is; the model "
                                    "keeps many of them.");
    info.tasks = {plugin::Task::Classification, plugin::Task::Regression};
    info.parameters = {common::realParameter("c", 1.0, 1e-6, 1e9, "C",
                                             "What a row on the wrong side costs; more fits the rows more closely.")};
    info.parameters += kernelSpecs();
    info.parameters += {common::realParameter("epsilon", 0.1, 0.0, 1e9, "Epsilon",
                                              "Regression: errors below this cost nothing; more keeps fewer rows."),
                        common::classWeightParameter()};
    return info;
}

Result<model::Model> trainSvm(const plugin::TrainingView& data, const QVariantMap& parameters,
                              const plugin::TrainingContext& context)
{
    report(context.progress, QStringLiteral("Solving"));
    SvmOptions options = kernelOptions(parameters);
    options.c = common::real(parameters, "c");
    options.epsilon = common::real(parameters, "epsilon");
    options.balanced = common::choice(parameters, "class-weight") == QLatin1String("balanced");
    model::GraphBuilder graph(data.columns);
    const Front front = frontOf(data, parameters, graph);
    if (common::taskOf(data) == plugin::Task::Regression) {
        options.task = SvmTask::Regression;
        EMBER_TRY(model::SvmModel operation, fitSvm(front.rows, {}, common::targetsOf(data), options));
        const std::string value = graph.add("value", std::move(operation), {front.value});
        return std::move(graph).regressor(value, {{}, data.featureNames});
    }
    const PresentClasses classes = PresentClasses::of(data);
    EMBER_TRY(model::SvmModel operation, fitSvm(front.rows, classes, {}, options));
    return std::move(graph).classifier(std::move(operation), front.value, scoresOf(classes.total),
                                       {data.classNames, data.featureNames});
}

plugin::TrainerInfo oneClassInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("kernel.one-class-svm");
    info.name = QStringLiteral("One-class support vector machine");
    info.summary = QStringLiteral("A border around the normal rows; what lies outside is an anomaly.");
    info.whenToUse = QStringLiteral("When only normal data can be recorded and its shape is not simple.");
    info.tasks = {plugin::Task::Anomaly};
    info.parameters = {common::realParameter("nu", 0.05, 1e-4, 1.0, "Nu",
                                             "The most training rows outside, as a share, and the fewest that are "
                                             "kept; more finds more anomalies and raises more false alarms.")};
    info.parameters += kernelSpecs();
    return info;
}

Result<model::Model> trainOneClass(const plugin::TrainingView& data, const QVariantMap& parameters,
                                   const plugin::TrainingContext& context)
{
    report(context.progress, QStringLiteral("Solving"));
    SvmOptions options = kernelOptions(parameters);
    options.task = SvmTask::OneClass;
    options.nu = common::real(parameters, "nu");
    model::GraphBuilder graph(data.columns);
    const Front front = frontOf(data, parameters, graph);
    EMBER_TRY(model::SvmModel operation, fitSvm(front.rows, {}, {}, options));
    const std::string decision = graph.add("decision", std::move(operation), {front.value});
    return std::move(graph).detector(decision, data.featureNames);
}

} // namespace ember::kernel
