// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin as users meet it: found by its metadata, trained in a worker process, stored as ONNX.
#include "core/base/resources.h"
#include "core/learn/job_runner.h"
#include "core/learn/parameters.h"
#include "core/learn/table.h"
#include "core/model/evaluator.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "core/plugin-host/discovery.h"
#include "core/plugin-host/plugin_list.h"

#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::learn;

namespace {

RunnerOptions workerOptions()
{
    RunnerOptions options;
    options.program = QStringLiteral(EMBERLAB_TEST_WORKER);
    return options;
}

Result<JobResult> train(const QString& trainer, const Matrix& matrix, const QVariantMap& parameters, int threads = 1)
{
    TrainingRequest request;
    request.trainer = trainer;
    request.parameters = parameters;
    request.seed = 7;
    request.threads = threads;
    return trainInWorker(request, matrix, workerOptions());
}

QVariantMap set(const QString& key, const QVariant& value)
{
    return {{key, value}};
}

} // namespace

class TestTreesTrainers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_digits = readTable(QStringLiteral(EMBERLAB_TEST_DATA "/tables/digits_train.csv")).value();
        m_test = readTable(QStringLiteral(EMBERLAB_TEST_DATA "/tables/digits_test.csv")).value();
    }

    void trainersDescribeThemselvesWell()
    {
        QTemporaryDir state;
        plugin::ListOptions options;
        options.folders = {pluginDirectory()};
        options.program = QStringLiteral(EMBERLAB_TEST_WORKER);
        options.cacheFile = state.filePath(QStringLiteral("plugins.json"));
        const QList<plugin::PluginRecord> records = plugin::listPlugins(options).value();
        QStringList ids;
        for (const plugin::PluginRecord& record : records) {
            if (record.id != QLatin1String("trees"))
                continue;
            QCOMPARE(record.state, plugin::PluginState::Loaded);
            for (const plugin::TrainerInfo& info : record.trainers) {
                ids << info.id;
                QVERIFY(!info.name.isEmpty() && info.summary.endsWith(QLatin1Char('.')) &&
                        info.whenToUse.endsWith(QLatin1Char('.')));
                QVERIFY(completeParameters(info.parameters, {}));
                for (const plugin::ParameterSpec& spec : info.parameters)
                    QVERIFY2(!spec.name.isEmpty() && spec.help.endsWith(QLatin1Char('.')), qPrintable(spec.key));
            }
        }
        ids.sort();
        QCOMPARE(ids, (QStringList{QStringLiteral("trees.bonsai"), QStringLiteral("trees.decision-tree"),
                                   QStringLiteral("trees.extra-trees"), QStringLiteral("trees.gradient-boosting"),
                                   QStringLiteral("trees.isolation-forest"), QStringLiteral("trees.random-forest")}));
    }

    void sameSeedSameFileWhateverTheThreads_data()
    {
        QTest::addColumn<QString>("trainer");
        QTest::newRow("tree") << "trees.decision-tree";
        QTest::newRow("forest") << "trees.random-forest";
        QTest::newRow("extra") << "trees.extra-trees";
    }
    void sameSeedSameFileWhateverTheThreads()
    {
        QFETCH(QString, trainer);
        const auto one = train(trainer, m_digits, {}, 1);
        QVERIFY2(one, qPrintable(one ? QString() : one.error().toString()));
        const auto two = train(trainer, m_digits, {}, 2);
        const QByteArray bytes = model::writeOnnx(one->model).value();
        QVERIFY(bytes == model::writeOnnx(two->model).value());
        QCOMPARE(model::readOnnx(bytes)->classNames, m_digits.classNames);
        const auto result = model::evaluate(one->model, m_test.features).value();
        int hits = 0;
        for (std::size_t row = 0; row < m_test.rows(); ++row)
            hits += result.winners[row] == m_test.labels[row] ? 1 : 0;
        QVERIFY2(hits > 450 * 0.75, qPrintable(QString::number(hits)));
    }

    void parametersAreUsed()
    {
        const auto nodes = [this](const QString& trainer, const QVariantMap& parameters) {
            const auto result = train(trainer, m_digits, parameters);
            return result ? std::get<model::TreeEnsemble>(result->model.graph.nodes[0].operation).nodes.size()
                          : std::size_t(0);
        };
        const QString tree = QStringLiteral("trees.decision-tree");
        const std::size_t free = nodes(tree, {});
        QVERIFY(free > 100);
        QCOMPARE(nodes(tree, set(QStringLiteral("max-depth"), 2)), std::size_t(7));
        QVERIFY(nodes(tree, set(QStringLiteral("min-samples-leaf"), 30)) < free / 3);
        QVERIFY(nodes(tree, set(QStringLiteral("min-samples-split"), 200)) < free / 3);
        QVERIFY(nodes(tree, set(QStringLiteral("max-features"), QStringLiteral("1"))) > free);
        QVERIFY(nodes(tree, set(QStringLiteral("class-weight"), QStringLiteral("balanced"))) > 100);
        const QString forest = QStringLiteral("trees.random-forest");
        const std::size_t ten = nodes(forest, set(QStringLiteral("trees"), 10));
        const std::size_t five = nodes(forest, set(QStringLiteral("trees"), 5));
        QVERIFY(ten > five * 3 / 2 && ten < five * 5 / 2);
    }

    void badRequestsSayWhatToDo()
    {
        const QString tree = QStringLiteral("trees.decision-tree");
        for (const char* value : {"0", "65", "some", "-1", ""}) {
            const auto result = train(tree, m_digits, set(QStringLiteral("max-features"), QString::fromLatin1(value)));
            QCOMPARE(result.error().kind, ErrorKind::Usage);
            QVERIFY2(result.error().hint.contains(QStringLiteral("1 to 64")), qPrintable(result.error().hint));
        }
        Matrix oneClass = m_digits;
        std::fill(oneClass.labels.begin(), oneClass.labels.end(), 3);
        const auto result = train(tree, oneClass, {});
        QCOMPARE(result.error().kind, ErrorKind::Usage);
        QVERIFY(result.error().message.contains(QStringLiteral("'3'")));
        Matrix unlabelled = m_digits;
        unlabelled.labels.clear();
        QCOMPARE(train(tree, unlabelled, {}).error().kind, ErrorKind::Usage);
    }

    void theModelNamesItsFeaturesAndParameters()
    {
        const auto result =
            train(QStringLiteral("trees.decision-tree"), m_digits, set(QStringLiteral("max-depth"), 3)).value();
        QCOMPARE(result.model.featureNames, m_digits.featureNames);
        QVERIFY(result.model.properties.value(QStringLiteral("emberlab.parameters"))
                    .contains(QStringLiteral("\"max-depth\":3")));
        QCOMPARE(result.model.properties.value(QStringLiteral("emberlab.seed")), QStringLiteral("7"));
    }

private:
    Matrix m_digits, m_test;
};

QTEST_GUILESS_MAIN(TestTreesTrainers)
#include "tst_trees_trainers.moc"
