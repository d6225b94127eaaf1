// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/worker.h"

#include "core/learn/job.h"
#include "core/learn/job_files.h"
#include "core/learn/parameters.h"
#include "core/learn/worker_process.h"
#include "core/model/evaluator.h"
#include "core/model/onnx_writer.h"
#include "core/model/validate.h"
#include "core/plugin-host/discovery.h"
#include "core/plugin-host/loader.h"
#include "core/plugin-host/plugin_list.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <exception>

namespace ember::learn {
namespace {

using namespace files;

struct Trained
{
    QByteArray onnx;
    QVariantMap parameters;
    double seconds = 0;
};

Error badModel(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The trainer returned a model that does not hold: %1").arg(what),
                 QStringLiteral("This is a fault of the plugin; report it to its author."));
}

// A plugin is a stranger: what it returns is checked like a file from the network.
Status checkModel(const model::Model& model, const Matrix& matrix)
{
    if (const Status valid = model::validate(model); !valid)
        return badModel(valid.error().message);
    const Result<model::Evaluator> evaluator = model::Evaluator::create(model);
    if (!evaluator)
        return badModel(evaluator.error().message);
    if (evaluator->features() != matrix.columns)
        return badModel(
            QStringLiteral("it has %1 features, the data has %2.").arg(evaluator->features()).arg(matrix.columns));
    if (!matrix.labels.empty() && !evaluator->isClassifier())
        return badModel(QStringLiteral("the data has classes, and it is no classifier."));
    if (!matrix.labels.empty() && model.classNames != matrix.classNames)
        return badModel(QStringLiteral("its classes are not those of the data."));
    if (!matrix.targets.empty() && (evaluator->isClassifier() || evaluator->targets() != 1))
        return badModel(QStringLiteral("the data has targets, and it does not make one number."));
    return {};
}

// What a reader of the model must know about its making. Nothing of time or machine, so equal trainings are equal
// files.
void describeTraining(const TrainingRequest& request, const QVariantMap& parameters, model::Model& model)
{
    model.properties.insert(QStringLiteral("emberlab.trainer"), request.trainer);
    model.properties.insert(QStringLiteral("emberlab.seed"), QString::number(request.seed));
    model.properties.insert(
        QStringLiteral("emberlab.parameters"),
        QString::fromUtf8(QJsonDocument(parametersToJson(parameters)).toJson(QJsonDocument::Compact)));
    for (auto entry = request.properties.cbegin(); entry != request.properties.cend(); ++entry)
        model.properties.insert(entry.key(), entry.value());
}

Result<Trained> trainJob(const Job& job, const ProgressSink& progress, const CancelToken& cancel)
{
    const QList<plugin::PluginRecord> plugins = plugin::discoverPlugins(plugin::pluginFolders());
    EMBER_TRY(const plugin::PluginRecord record, plugin::findTrainerPlugin(plugins, job.request.trainer));
    EMBER_TRY(const plugin::LoadedPlugin loaded, plugin::LoadedPlugin::load(record.path));
    EMBER_TRY(plugin::Trainer * trainer, loaded.trainer(job.request.trainer));
    const QList<plugin::TrainerInfo>& infos = loaded.record().trainers;
    const auto info = std::find_if(infos.begin(), infos.end(),
                                   [&job](const plugin::TrainerInfo& i) { return i.id == job.request.trainer; });
    Trained trained;
    EMBER_TRY(trained.parameters, completeParameters(info->parameters, job.request.parameters));

    plugin::TrainingContext context;
    context.seed = job.request.seed;
    context.threads = job.request.threads;
    context.progress = progress;
    context.cancel = cancel;
    QElapsedTimer clock;
    clock.start();
    Result<model::Model> model = trainer->train(job.matrix.view(), trained.parameters, context);
    trained.seconds = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    if (!model)
        return model.error();
    EMBER_CHECK(checkModel(*model, job.matrix));
    describeTraining(job.request, trained.parameters, *model);
    EMBER_TRY(trained.onnx, model::writeOnnx(*model));
    return trained;
}

Status storeResult(const QString& folder, const Result<Trained>& trained)
{
    const QDir dir(folder);
    QJsonObject result{{QStringLiteral("ok"), trained.has_value()}};
    if (trained) {
        EMBER_CHECK(writeFile(dir.filePath(QLatin1String(kModelFile)), trained->onnx));
        result.insert(QStringLiteral("seconds"), trained->seconds);
        result.insert(QStringLiteral("parameters"), parametersToJson(trained->parameters));
    } else {
        result.insert(QStringLiteral("error"), errorToJson(trained.error()));
    }
    return writeFile(dir.filePath(QLatin1String(kResultFile)), QJsonDocument(result).toJson());
}

void complain(const Error& error)
{
    std::fputs(qPrintable(error.toString() + QLatin1Char('\n')), stderr);
}

int runJobFolder(const QString& folder, bool supervised, ReportChannel& channel)
{
    CancelSource source;
    if (supervised)
        endWithParent(source);
    const Result<Job> job = readJob(folder);
    const Result<Trained> trained = job ? trainJob(*job, channel.progressSink(), source.token()) : job.error();
    if (!trained)
        complain(trained.error());
    if (const Status stored = storeResult(folder, trained); !stored) {
        complain(stored.error());
        return 1;
    }
    return trained ? 0 : 1;
}

int usage()
{
    std::fputs("Usage: worker JOB [--supervised] | worker --describe-plugin PATH\n", stderr);
    return 2;
}

} // namespace

int workerMain(const QStringList& arguments)
{
    ReportChannel channel;
    exitWhenOutOfMemory();
    if (arguments.size() == 2 && arguments[0] == QLatin1String("--describe-plugin")) {
        channel.write(plugin::describePlugin(arguments[1]));
        return 0;
    }
    const bool supervised = arguments.size() == 2 && arguments[1] == QLatin1String("--supervised");
    if (arguments.size() != (supervised ? 2 : 1) || arguments[0].startsWith(QLatin1String("--")))
        return usage();
    return runJobFolder(arguments[0], supervised, channel);
}

} // namespace ember::learn
