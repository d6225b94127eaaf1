// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/boosting.h"

#include "core/model/graph_builder.h"
#include "core/model/tree_tools.h"
#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"
#include "plugins/common/rows.h"
#include "plugins/trees/xgboost_model.h"

#include <algorithm>
#include <limits>
#include <xgboost/c_api.h>

namespace ember::trees {
namespace {

using plugin::Task;
using plugin::TrainingContext;
using plugin::TrainingView;

Status check(int code)
{
    if (code == 0)
        return {};
    return Error(ErrorKind::Failed, QStringLiteral("XGBoost failed: %1").arg(QString::fromUtf8(XGBGetLastError())),
                 QStringLiteral("Try other parameters."));
}

class Rows
{
public:
    Rows() = default;
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    ~Rows()
    {
        if (m_handle)
            XGDMatrixFree(m_handle);
    }

    Status fill(const TrainingView& data, const std::vector<float>& answers, const std::vector<float>& weights)
    {
        EMBER_CHECK(check(XGDMatrixCreateFromMat(data.features.data(), data.rows(), data.columns,
                                                 std::numeric_limits<float>::quiet_NaN(), &m_handle)));
        EMBER_CHECK(check(XGDMatrixSetFloatInfo(m_handle, "label", answers.data(), answers.size())));
        if (weights.empty())
            return {};
        return check(XGDMatrixSetFloatInfo(m_handle, "weight", weights.data(), weights.size()));
    }

    DMatrixHandle get() const { return m_handle; }

private:
    DMatrixHandle m_handle = nullptr;
};

class Booster
{
public:
    Booster() = default;
    Booster(const Booster&) = delete;
    Booster& operator=(const Booster&) = delete;
    ~Booster()
    {
        if (m_handle)
            XGBoosterFree(m_handle);
    }

    Status create(const Rows& rows)
    {
        const DMatrixHandle handle = rows.get();
        return check(XGBoosterCreate(&handle, 1, &m_handle));
    }

    Status set(const char* key, const QString& value)
    {
        return check(XGBoosterSetParam(m_handle, key, value.toUtf8().constData()));
    }

    Status step(int round, const Rows& rows) { return check(XGBoosterUpdateOneIter(m_handle, round, rows.get())); }

    // "metric=value" on the training rows.
    QString score(int round, const Rows& rows)
    {
        DMatrixHandle handle = rows.get();
        const char* name = "train";
        const char* text = nullptr;
        if (XGBoosterEvalOneIter(m_handle, round, &handle, &name, 1, &text) != 0)
            return {};
        return QString::fromUtf8(text).section(QStringLiteral("train-"), 1).replace(QLatin1Char(':'), QLatin1Char('='));
    }

    Result<QByteArray> toJson()
    {
        bst_ulong size = 0;
        const char* bytes = nullptr;
        EMBER_CHECK(check(XGBoosterSaveModelToBuffer(m_handle, R"({"format": "json"})", &size, &bytes)));
        return QByteArray(bytes, static_cast<qsizetype>(size));
    }

private:
    BoosterHandle m_handle = nullptr;
};

struct Settings
{
    QString objective;
    MarginForm form;
    std::vector<float> answers, weights;
};

Settings settingsFor(const TrainingView& data, const QVariantMap& parameters)
{
    Settings settings;
    settings.form.columns = static_cast<qint32>(data.columns);
    if (common::taskOf(data) == Task::Regression) {
        settings.objective = QStringLiteral("reg:squarederror");
        settings.form.base = static_cast<float>(common::targetsOf(data).mean());
        settings.answers.assign(data.targets.begin(), data.targets.end());
        return settings;
    }
    settings.form.classes = static_cast<int>(data.classNames.size());
    settings.objective =
        settings.form.classes == 2 ? QStringLiteral("binary:logistic") : QStringLiteral("multi:softprob");
    settings.answers.assign(data.labels.begin(), data.labels.end());
    if (common::choice(parameters, "class-weight") == QLatin1String("balanced"))
        settings.weights = common::floats(common::PresentClasses::of(data).rowWeights(true));
    return settings;
}

Status configure(Booster& booster, const Settings& settings, const QVariantMap& parameters, quint64 seed)
{
    EMBER_CHECK(booster.set("verbosity", QStringLiteral("0")));
    EMBER_CHECK(booster.set("nthread", QStringLiteral("1")));
    EMBER_CHECK(booster.set("tree_method", QStringLiteral("exact")));
    EMBER_CHECK(booster.set("objective", settings.objective));
    EMBER_CHECK(booster.set("seed", QString::number(seed & 0x7fffffff)));
    if (settings.form.classes > 2) {
        EMBER_CHECK(booster.set("num_class", QString::number(settings.form.classes)));
    }
    // Of a probability for two classes: one half is a margin of nothing. Softmax does not see a common margin.
    const QString base = settings.form.classes == 0   ? QString::number(settings.form.base, 'g', 9)
                         : settings.form.classes == 2 ? QStringLiteral("0.5")
                                                      : QStringLiteral("0");
    EMBER_CHECK(booster.set("base_score", base));
    EMBER_CHECK(booster.set("max_depth", QString::number(common::integer(parameters, "max-depth"))));
    const std::pair<const char*, const char*> reals[] = {{"eta", "learning-rate"},
                                                         {"subsample", "subsample"},
                                                         {"colsample_bytree", "feature-share"},
                                                         {"lambda", "penalty"},
                                                         {"min_child_weight", "min-child-weight"}};
    for (const auto& [theirs, ours] : reals) {
        EMBER_CHECK(booster.set(theirs, QString::number(common::real(parameters, ours), 'g', 9)));
    }
    return {};
}

} // namespace

plugin::TrainerInfo boostingInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("trees.gradient-boosting");
    info.name = QStringLiteral("Gradient boosting");
    info.summary = QStringLiteral("Small trees in a row, each mends what those before it got wrong (XGBoost).");
    info.whenToUse = QStringLiteral("When a forest is not accurate enough; needs tuning, and a tree for each class and "
                                    "round.");
    info.tasks = {Task::Classification, Task::Regression};
    info.parameters = {
        common::integerParameter("rounds", 100, 1, 10'000, "Rounds",
                                 "Trees in a row, one for each class from three classes on; more fit more closely and "
                                 "cost flash and time."),
        common::integerParameter("max-depth", 3, 1, 30, "Maximum depth",
                                 "Questions in a row; deeper trees need fewer rounds and overfit sooner."),
        common::realParameter("learning-rate", 0.1, 1e-4, 1.0, "Learning rate",
                              "How much of an error each tree mends; less needs more rounds and is more careful."),
        common::realParameter("subsample", 1.0, 0.05, 1.0, "Share of rows",
                              "Each tree learns from a random draw of this share; less is faster and noisier."),
        common::realParameter("feature-share", 1.0, 0.01, 1.0, "Share of features",
                              "Each tree looks at a random draw of this share of the features."),
        common::realParameter("penalty", 1.0, 0.0, 1e6, "Penalty", "How much large leaf values cost."),
        common::realParameter("min-child-weight", 1.0, 0.0, 1e6, "Weight per leaf",
                              "The least a leaf may stand for, about a row for each unit; more makes smaller trees."),
        common::classWeightParameter()};
    return info;
}

Result<model::Model> trainBoosting(const TrainingView& data, const QVariantMap& parameters,
                                   const TrainingContext& context)
{
    const Settings settings = settingsFor(data, parameters);
    Rows rows;
    EMBER_CHECK(rows.fill(data, settings.answers, settings.weights));
    Booster booster;
    EMBER_CHECK(booster.create(rows));
    EMBER_CHECK(configure(booster, settings, parameters, context.seed));
    const int rounds = common::integer(parameters, "rounds");
    for (int round = 0; round < rounds; ++round) {
        if (context.cancel.isCancelled())
            return common::cancelled();
        EMBER_CHECK(booster.step(round, rows));
        report(context.progress, QStringLiteral("Boosting"), static_cast<double>(round + 1) / rounds,
               round % 10 == 9 ? booster.score(round, rows) : QString());
    }
    EMBER_TRY(const QByteArray json, booster.toJson());
    EMBER_TRY(model::TreeEnsemble ensemble, readXgboostModel(json, settings.form));
    model::shareEqualLeaves(ensemble);
    if (settings.form.classes == 0)
        return model::makeRegressor(std::move(ensemble), data.featureNames);
    return model::makeClassifier(std::move(ensemble), data.classNames, data.featureNames);
}

} // namespace ember::trees
