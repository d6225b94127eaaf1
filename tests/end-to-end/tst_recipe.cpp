// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

using namespace ember::test;

namespace {

// Counts elements of a JUnit file; -1 for one that is no XML.
int countElements(const QString& path, const QString& name)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    QXmlStreamReader xml(&file);
    int count = 0;
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == name)
            ++count;
    }
    return xml.hasError() ? -1 : count;
}

} // namespace

class TestRecipe : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void metGatesAreExitCodeZero()
    {
        const ProgramRun run = runRecipe("min_f1 = 0.5\nmax_flash = \"400 kB\"\nmax_ram = \"64 KiB\"\nflips = 0\n");
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonArray gates = run.result().value(QStringLiteral("gates")).toArray();
        QCOMPARE(gates.size(), 4);
        for (const QJsonValue& gate : gates)
            QVERIFY2(gate.toObject().value(QStringLiteral("passed")).toBool(), run.said());
        for (const QJsonValue& step : run.result().value(QStringLiteral("steps")).toArray())
            QVERIFY(step.toObject().value(QStringLiteral("ok")).toBool());
        QCOMPARE(countElements(report(QStringLiteral("report.xml")), QStringLiteral("failure")), 0);
        QCOMPARE(countElements(report(QStringLiteral("report.xml")), QStringLiteral("testcase")), 4 + 4);
        QVERIFY(QFile::exists(report(QStringLiteral("report.json"))));
        QVERIFY(QFile::exists(report(QStringLiteral("report.md"))));
    }

    void aMissedGateIsExitCodeThreeWithTheFigures()
    {
        // Nobody knows the current of an FPGA board: a gate on energy is not met there.
        const ProgramRun run = runRecipe("min_f1 = 0.5\nmax_flash = \"100 B\"\nmax_energy_uj = 1e9\n");
        QVERIFY2(run.exitCode == 3, run.said());
        QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("gate"));
        const QJsonArray gates = run.result().value(QStringLiteral("gates")).toArray();
        QCOMPARE(gates.size(), 3);
        QVERIFY(!gates.at(2).toObject().value(QStringLiteral("passed")).toBool());
        QVERIFY(gates.at(2).toObject().value(QStringLiteral("value")).isNull());
        QVERIFY(gates.at(0).toObject().value(QStringLiteral("passed")).toBool());
        QVERIFY(!gates.at(1).toObject().value(QStringLiteral("passed")).toBool());
        QCOMPARE(gates.at(1).toObject().value(QStringLiteral("limit")).toDouble(), 100.0);
        QVERIFY(gates.at(1).toObject().value(QStringLiteral("value")).toDouble() > 100.0);
        QCOMPARE(countElements(report(QStringLiteral("report.xml")), QStringLiteral("failure")), 2);
    }

    void aMisspeltGateIsBadUsage()
    {
        const ProgramRun battery = runRecipe("min_battery_hours = 24\n");
        QVERIFY2(battery.exitCode == 2, battery.said());
        QVERIFY(battery.error().value(QStringLiteral("hint")).toString().contains(QStringLiteral("battery_mah")));
        const ProgramRun run = runRecipe("min_fl = 0.9\n");
        QVERIFY2(run.exitCode == 2, run.said());
        QVERIFY(run.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("min_fl")));
        QVERIFY(run.error().value(QStringLiteral("hint")).toString().contains(QStringLiteral("min_f1")));
    }

    void aSectionWrittenAsAListIsBadUsageAndNotNoGates()
    {
        const ProgramRun run = runRecipe("min_f1 = 0.1\n", "[[gates]]\n");
        QVERIFY2(run.exitCode == 2, run.said());
        QVERIFY2(run.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("gates")), run.said());
    }

    void brokenTomlNamesTheLine()
    {
        const ProgramRun run = runRecipe("min_f1 = = 3\n");
        QVERIFY2(run.exitCode == 1, run.said());
        QVERIFY(run.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("line 17")));
    }

private:
    QString report(const QString& name) const { return m_folder.filePath(QStringLiteral("report/") + name); }

    ProgramRun runRecipe(const QByteArray& gates, const QByteArray& header = "[gates]\n")
    {
        const QString path = m_folder.filePath(QStringLiteral("recipe.toml"));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return {};
        file.write("name = \"activity\"\n"
                   "[data]\n"
                   "files = [\"" EMBERLAB_TEST_DATA "/../../resources/demo-data/human-activity/s0[1-4].csv\"]\n"
                   "[features]\n"
                   "window = \"2s\"\n"
                   "stride = \"1s\"\n"
                   "[validation]\n"
                   "method = \"group-kfold:2\"\n"
                   "[[train]]\n"
                   "trainer = \"trees.random-forest\"\n"
                   "parameters = { trees = 10, max-depth = 8 }\n"
                   "[target]\n"
                   "board = \"mps2-an386\"\n"
                   "rows = 40\n"
                   "\n");
        file.write(header + gates);
        file.close();
        return runJson(
            {QStringLiteral("run"), path, QStringLiteral("--report"), m_folder.filePath(QStringLiteral("report"))});
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestRecipe)
#include "tst_recipe.moc"
