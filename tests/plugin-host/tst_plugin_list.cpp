// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugin-host/plugin_list.h"

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

} // namespace

class TestPluginList : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Plugins that die while being described are lines in the list; the others, and this process, are not touched.
    void aCrashIsARefusedPlugin()
    {
        QTemporaryDir state;
        ListOptions options = optionsIn(state);
        options.timeoutMs = 60'000;
        options.folders = {folderOf(QStringLiteral("crash-when-loaded")), folderOf(QStringLiteral("misbehaving")),
                           folderOf(QStringLiteral("wrong-api")), folderOf(QStringLiteral("template"))};
        const auto plugins = listPlugins(options).value();
        QCOMPARE(plugins.size(), 4);
        QCOMPARE(plugins[0].state, PluginState::Refused);
        QVERIFY2(plugins[0].reason.contains(QStringLiteral("crashed")), qPrintable(plugins[0].reason));
        QCOMPARE(plugins[1].state, PluginState::Loaded);
        QCOMPARE(plugins[1].trainers.size(), 13);
        QCOMPARE(plugins[2].state, PluginState::Refused);
        QCOMPARE(plugins[3].trainers[0].parameters[0].key, QStringLiteral("smoothing"));
        QCOMPARE(allTrainers(plugins).constLast().id, QStringLiteral("template.one-rule"));
    }

    void aHangIsARefusedPlugin()
    {
        QTemporaryDir state;
        ListOptions options = optionsIn(state);
        options.timeoutMs = 1'000;
        options.folders = {folderOf(QStringLiteral("hang-when-loaded"))};
        const auto plugins = listPlugins(options).value();
        QCOMPARE(plugins[0].state, PluginState::Refused);
        QVERIFY2(plugins[0].reason.contains(QStringLiteral("did not finish")), qPrintable(plugins[0].reason));
    }

    void anUnchangedFileIsNotAskedAgain()
    {
        QTemporaryDir state;
        QTemporaryDir folder;
        const QString copy = folder.filePath(QStringLiteral("ember-template.so"));
        QVERIFY(QFile::copy(folderOf(QStringLiteral("template")) + QStringLiteral("/ember-template.so"), copy));
        ListOptions options = optionsIn(state);
        options.folders = {folder.path()};
        const auto first = listPlugins(options).value();
        QCOMPARE(first[0].state, PluginState::Loaded);

        // With no worker to ask, the answer can only come from the cache.
        options.program = QStringLiteral("/no/such/worker");
        const auto second = listPlugins(options).value();
        QCOMPARE(second[0].state, PluginState::Loaded);
        QCOMPARE(second[0].trainers[0].summary, first[0].trainers[0].summary);

        QFile file(copy);
        QVERIFY(file.open(QIODevice::Append));
        QVERIFY(file.write("\0", 1) == 1);
        file.close();
        QCOMPARE(listPlugins(options).value()[0].state, PluginState::Refused);
    }

    void aBrokenCacheIsIgnored()
    {
        QTemporaryDir state;
        ListOptions options = optionsIn(state);
        options.folders = {folderOf(QStringLiteral("template"))};
        QFile cache(options.cacheFile);
        QVERIFY(cache.open(QIODevice::WriteOnly));
        cache.write("{\"format\": 1, \"plugins\": [garbage");
        cache.close();
        QCOMPARE(listPlugins(options).value()[0].state, PluginState::Loaded);
    }

    void aWorkerThatTalksNonsenseIsARefusedPlugin()
    {
        QTemporaryDir state;
        ListOptions options = optionsIn(state);
        options.folders = {folderOf(QStringLiteral("template"))};
        options.program = QStringLiteral("/bin/echo");
        const auto plugins = listPlugins(options).value();
        QCOMPARE(plugins[0].state, PluginState::Refused);
        QVERIFY2(plugins[0].reason.contains(QStringLiteral("without a description")), qPrintable(plugins[0].reason));
    }

private:
    static ListOptions optionsIn(const QTemporaryDir& state)
    {
        ListOptions options;
        options.program = QStringLiteral(EMBERLAB_TEST_WORKER);
        options.cacheFile = state.filePath(QStringLiteral("plugins.json"));
        return options;
    }
};

QTEST_GUILESS_MAIN(TestPluginList)
#include "tst_plugin_list.moc"
