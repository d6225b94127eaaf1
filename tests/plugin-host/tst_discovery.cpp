// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugin-host/discovery.h"
#include "core/plugin-host/loader.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::plugin;

namespace {

QString folderOf(const QString& fixture)
{
    return QStringLiteral(EMBERLAB_TEST_PLUGINS "/") + fixture;
}

PluginRecord recordOf(const QString& fixture)
{
    return readPluginRecord(folderOf(fixture) + QStringLiteral("/ember-") + fixture + QStringLiteral(".so"));
}

} // namespace

class TestDiscovery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aGoodPluginIsFound()
    {
        const PluginRecord record = recordOf(QStringLiteral("misbehaving"));
        QCOMPARE(record.state, PluginState::Found);
        QCOMPARE(record.id, QStringLiteral("misbehaving"));
        QCOMPARE(record.version, QStringLiteral("1.0"));
        QCOMPARE(record.apiNumber, kApiNumber);
        QVERIFY(record.trainerIds.contains(QStringLiteral("fixture.crash")));
        QVERIFY(record.reason.isEmpty());
    }

    void refusedPluginsSayWhy_data()
    {
        QTest::addColumn<QString>("fixture");
        QTest::addColumn<QStringList>("says");
        QTest::newRow("wrong API number")
            << "wrong-api" << QStringList{QStringLiteral("API 999"), QStringLiteral("API %1").arg(kApiNumber)};
        QTest::newRow("no API number") << "no-api" << QStringList{QStringLiteral("no API number")};
        QTest::newRow("no id") << "no-id" << QStringList{QStringLiteral("\"id\"")};
        QTest::newRow("odd trainer id") << "odd-trainer" << QStringList{QStringLiteral("../../etc")};
        QTest::newRow("no kind") << "no-kind" << QStringList{QStringLiteral("\"kinds\"")};
        QTest::newRow("of another program") << "foreign" << QStringList{QStringLiteral("org.example.Foreign")};
        QTest::newRow("no file") << "missing" << QStringList{QStringLiteral("not a plugin")};
    }
    void refusedPluginsSayWhy()
    {
        QFETCH(QString, fixture);
        QFETCH(QStringList, says);
        const PluginRecord record = recordOf(fixture);
        QCOMPARE(record.state, PluginState::Refused);
        for (const QString& part : says)
            QVERIFY2(record.reason.contains(part), qPrintable(record.reason));
        QVERIFY(!LoadedPlugin::load(record.path));
        QVERIFY(!record.id.isEmpty());
    }

    // This process would be gone if any of the plugin's code had run.
    void discoveryRunsNothing()
    {
        const auto found = discoverPlugins(
            {folderOf(QStringLiteral("crash-when-loaded")), folderOf(QStringLiteral("hang-when-loaded"))});
        QCOMPARE(found.size(), 2);
        QCOMPARE(found[0].state, PluginState::Found);
        QCOMPARE(found[1].state, PluginState::Found);
    }

    void filesThatAreNoPlugins()
    {
        QTemporaryDir folder;
        QFile text(folder.filePath(QStringLiteral("text.so")));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("this is no shared object");
        text.close();
        QFile cut(folder.filePath(QStringLiteral("cut.so")));
        QFile whole(folderOf(QStringLiteral("empty")) + QStringLiteral("/ember-empty.so"));
        QVERIFY(cut.open(QIODevice::WriteOnly) && whole.open(QIODevice::ReadOnly));
        cut.write(whole.read(3000));
        cut.close();
        const auto found = discoverPlugins({folder.path(), QStringLiteral("/no/such/folder")});
        QCOMPARE(found.size(), 2);
        for (const PluginRecord& record : found) {
            QCOMPARE(record.state, PluginState::Refused);
            QVERIFY(!record.reason.isEmpty());
        }
    }

    void theFirstOfEqualIdsWins()
    {
        QTemporaryDir copies;
        QVERIFY(QFile::copy(recordOf(QStringLiteral("empty")).path, copies.filePath(QStringLiteral("again.so"))));
        const auto found =
            discoverPlugins({folderOf(QStringLiteral("empty")), copies.path(), folderOf(QStringLiteral("promises"))});
        QCOMPARE(found.size(), 3);
        QCOMPARE(found[0].state, PluginState::Found);
        QCOMPARE(found[1].state, PluginState::Refused);
        QVERIFY2(found[1].reason.contains(found[0].path), qPrintable(found[1].reason));
        // Another id, but the same trainer.
        QCOMPARE(found[2].state, PluginState::Refused);
        QVERIFY2(found[2].reason.contains(QStringLiteral("empty.good")), qPrintable(found[2].reason));
    }

    void trainersAreLookedUpByName()
    {
        const auto found = discoverPlugins({folderOf(QStringLiteral("empty")), folderOf(QStringLiteral("template"))});
        QCOMPARE(findTrainerPlugin(found, QStringLiteral("template.one-rule"))->id, QStringLiteral("template"));
        const auto missing = findTrainerPlugin(found, QStringLiteral("no.such"));
        QCOMPARE(missing.error().kind, ErrorKind::Usage);
        QVERIFY(missing.error().hint.contains(QStringLiteral("empty.good, template.one-rule")));
        const auto refused =
            findTrainerPlugin(discoverPlugins({folderOf(QStringLiteral("wrong-api"))}), QStringLiteral("empty.good"));
        QCOMPARE(refused.error().kind, ErrorKind::Failed);
        QVERIFY(refused.error().message.contains(QStringLiteral("999")));
    }

    void loadingGivesTrainers()
    {
        const auto plugin = LoadedPlugin::load(recordOf(QStringLiteral("template")).path);
        QVERIFY2(plugin, qPrintable(plugin ? QString() : plugin.error().toString()));
        QCOMPARE(plugin->record().state, PluginState::Loaded);
        Trainer* trainer = plugin->trainer(QStringLiteral("template.one-rule")).value();
        QCOMPARE(trainer->info().name, QStringLiteral("One rule"));
        QCOMPARE(plugin->trainer(QStringLiteral("template.other")).error().kind, ErrorKind::NotFound);
    }

    void promisesMustBeKept()
    {
        const auto plugin = LoadedPlugin::load(recordOf(QStringLiteral("promises")).path);
        QVERIFY(!plugin);
        QVERIFY2(plugin.error().message.contains(QStringLiteral("empty.better")), qPrintable(plugin.error().message));
    }
};

QTEST_GUILESS_MAIN(TestDiscovery)
#include "tst_discovery.moc"
