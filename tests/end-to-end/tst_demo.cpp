// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"

#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember::test;

namespace {

QMap<QString, QByteArray> filesBelow(const QString& folder)
{
    QMap<QString, QByteArray> files;
    QDirIterator it(folder, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        QFile file(it.next());
        if (file.open(QIODevice::ReadOnly))
            files.insert(QDir(folder).relativeFilePath(file.fileName()), file.readAll());
    }
    return files;
}

} // namespace

class TestDemo : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theLoopHoldsAndRepeatsToTheByte()
    {
        QTemporaryDir folder;
        const QString first = folder.filePath(QStringLiteral("first"));
        const QString second = folder.filePath(QStringLiteral("second"));
        const ProgramRun run = runJson(
            {QStringLiteral("demo"), QStringLiteral("--seed"), QStringLiteral("7"), QStringLiteral("--out"), first});
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonObject result = run.result();

        QVERIFY(result.value(QStringLiteral("recorded_samples")).toInteger() > 30'000);
        QCOMPARE(result.value(QStringLiteral("lost_samples")).toInteger(-1), 0);
        QVERIFY(result.value(QStringLiteral("windows")).toInteger() >= 500);
        QCOMPARE(result.value(QStringLiteral("trainer")).toString(), QStringLiteral("trees.random-forest"));
        // Chance is 0.2 with five classes; a loop that mixes labels up lands there.
        QVERIFY(result.value(QStringLiteral("f1")).toDouble() > 0.6);
        QVERIFY(result.value(QStringLiteral("f1")).toDouble() < 1.0);

        const QJsonObject estimate = result.value(QStringLiteral("estimate")).toObject();
        const QJsonObject profile = result.value(QStringLiteral("profile")).toObject();
        QCOMPARE(estimate.value(QStringLiteral("source")).toString(), QStringLiteral("estimated"));
        QCOMPARE(profile.value(QStringLiteral("source")).toString(), QStringLiteral("emulated"));
        for (const QString& key :
             {QStringLiteral("flash_bytes"), QStringLiteral("ram_bytes"), QStringLiteral("instructions")}) {
            QVERIFY2(estimate.value(key).toDouble() > 0, qPrintable(key));
            QVERIFY2(profile.value(key).toDouble() > 0, qPrintable(key));
        }

        const QJsonObject verify = result.value(QStringLiteral("verify")).toObject();
        QVERIFY(verify.value(QStringLiteral("rows")).toInteger() >= 500);
        QCOMPARE(verify.value(QStringLiteral("label_flips")).toInteger(-1), 0);
        QCOMPARE(verify.value(QStringLiteral("mismatched")).toInteger(-1), 0);
        QVERIFY(verify.value(QStringLiteral("bit_exact")).toBool());

        const ProgramRun again = runJson(
            {QStringLiteral("demo"), QStringLiteral("--seed"), QStringLiteral("7"), QStringLiteral("--out"), second});
        QVERIFY2(again.exitCode == 0, again.said());
        QCOMPARE(again.result().value(QStringLiteral("model_sha256")), result.value(QStringLiteral("model_sha256")));
        const QMap<QString, QByteArray> files = filesBelow(first);
        QVERIFY(files.contains(QStringLiteral("activity.onnx")));
        QVERIFY(files.contains(QStringLiteral("activity.cpp")));
        QVERIFY(files.size() > 3);
        QCOMPARE(filesBelow(second), files);
    }
};

QTEST_GUILESS_MAIN(TestDemo)
#include "tst_demo.moc"
