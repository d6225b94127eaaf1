// SPDX-License-Identifier: GPL-3.0-or-later
// Labels by rule, by model and by likeness, and versions of the data set: from the command line.
#include "tests/support/program.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace ember::test;

namespace {

constexpr int kRateHz = 50;
constexpr int kSeconds = 60;

/// A minute of one channel: slow and fast swings in turn, ten seconds each, with rest between. Labelled or not.
bool writeSwings(const QString& path, const QString& subject, bool labelled)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return false;
    file.write("timestamp_ms,a (g),b (g),label,subject\n");
    for (int row = 0; row < kSeconds * kRateHz; ++row) {
        const double t = static_cast<double>(row) / kRateHz;
        const int stretch = row / (10 * kRateHz); // rest, slow, rest, fast, rest, slow
        const bool moves = stretch % 2 == 1;
        const double hertz = stretch == 3 ? 6.0 : 1.5;
        const double noise = 0.004 * std::sin(71.0 * row) + 0.004 * std::sin(37.7 * row);
        const double value = (moves ? std::sin(2 * 3.14159265 * hertz * t) : 0.0) + noise;
        const char* label = !labelled ? "" : !moves ? "rest" : stretch == 3 ? "fast" : "slow";
        file.write(QStringLiteral("%1,%2,%3,%4,%5\n")
                       .arg(row * 1000 / kRateHz)
                       .arg(value, 0, 'f', 5)
                       .arg(0.5 * value + noise, 0, 'f', 5)
                       .arg(QLatin1String(label), subject)
                       .toUtf8());
    }
    return true;
}

QJsonArray proposalsIn(const ProgramRun& run)
{
    return run.result().value(QStringLiteral("proposals")).toArray();
}

} // namespace

class TestLabelling : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_project = m_folder->filePath(QStringLiteral("p.ember"));
        QCOMPARE(run({QStringLiteral("new"), m_project}).exitCode, 0);
    }

    void aSegmenterLabelsWhatMovesAndLeavesTheRest()
    {
        import(QStringLiteral("s1"), false);
        const ProgramRun look = label({QStringLiteral("segment"), QStringLiteral("--dry-run")});
        QCOMPARE(look.exitCode, 0);
        QCOMPARE(proposalsIn(look).size(), 3);
        QCOMPARE(info("segments"), 0);
        for (qsizetype i = 0; i < 3; ++i) {
            const QJsonObject one = proposalsIn(look).at(i).toObject();
            QVERIFY(std::abs(one.value(QStringLiteral("begin_s")).toDouble() - (10.0 + 20.0 * i)) < 0.5);
            QVERIFY(std::abs(one.value(QStringLiteral("end_s")).toDouble() - (20.0 + 20.0 * i)) < 0.5);
        }
        QCOMPARE(label({QStringLiteral("segment")}).exitCode, 2); // no label was named
        QCOMPARE(label({QStringLiteral("segment"), QStringLiteral("--method"), QStringLiteral("magic"),
                        QStringLiteral("--dry-run")})
                     .exitCode,
                 2);
        QCOMPARE(label({QStringLiteral("segment"), QStringLiteral("--set"), QStringLiteral("no=1"),
                        QStringLiteral("--dry-run")})
                     .exitCode,
                 2);

        QCOMPARE(label({QStringLiteral("add"), QStringLiteral("--recording"), QStringLiteral("s1"),
                        QStringLiteral("--label"), QStringLiteral("fast"), QStringLiteral("--from"),
                        QStringLiteral("29s"), QStringLiteral("--to"), QStringLiteral("41s")})
                     .exitCode,
                 0);
        const ProgramRun done = label({QStringLiteral("segment"), QStringLiteral("--label"), QStringLiteral("slow")});
        QCOMPARE(done.exitCode, 0);
        QCOMPARE(done.result().value(QStringLiteral("applied")).toInt(), 2); // the fast one is labelled already
        QCOMPARE(info("segments"), 3);
        QCOMPARE(label({QStringLiteral("segment"), QStringLiteral("--label"), QStringLiteral("slow")})
                     .result()
                     .value(QStringLiteral("applied"))
                     .toInt(-1),
                 0);
    }

    void modelsAndLikenessSuggestAndVersionsTell()
    {
        import(QStringLiteral("s1"), true);
        import(QStringLiteral("s2"), true);
        for (const char* taken : {"now", "run:3"})
            QCOMPARE(run({QStringLiteral("versions"), QStringLiteral("--project"), m_project, QStringLiteral("--keep"),
                          QLatin1String(taken)})
                         .exitCode,
                     2);
        QCOMPARE(run({QStringLiteral("versions"), QStringLiteral("--project"), m_project, QStringLiteral("--keep"),
                      QStringLiteral("first")})
                     .exitCode,
                 0);
        QCOMPARE(run({QStringLiteral("train"), QStringLiteral("--project"), m_project, QStringLiteral("--trainer"),
                      QStringLiteral("trees.random-forest"), QStringLiteral("--validation"),
                      QStringLiteral("group-kfold:2")})
                     .exitCode,
                 0);
        import(QStringLiteral("s3"), false);
        for (const QStringList& by : {QStringList{}, QStringList{QStringLiteral("--nearest")}}) {
            const ProgramRun found = label(QStringList{QStringLiteral("suggest")} + by);
            QCOMPARE(found.exitCode, 0);
            const QJsonArray proposals = proposalsIn(found);
            double last = 0;
            int right = 0;
            for (const QJsonValue& value : proposals) {
                const QJsonObject one = value.toObject();
                QCOMPARE(one.value(QStringLiteral("recording")).toString(), QStringLiteral("s3"));
                QVERIFY(one.value(QStringLiteral("confidence")).toDouble() >= last); // the least certain first
                last = one.value(QStringLiteral("confidence")).toDouble();
                const double middle =
                    (one.value(QStringLiteral("begin_s")).toDouble() + one.value(QStringLiteral("end_s")).toDouble()) /
                    2;
                const QStringList truth{QStringLiteral("rest"), QStringLiteral("slow"), QStringLiteral("rest"),
                                        QStringLiteral("fast"), QStringLiteral("rest"), QStringLiteral("slow")};
                right += one.value(QStringLiteral("label")).toString() == truth.value(static_cast<int>(middle / 10));
            }
            QVERIFY2(right >= 6 && proposals.size() - right <= 3, found.said());
        }
        const ProgramRun accepted = label({QStringLiteral("suggest"), QStringLiteral("--only"), QStringLiteral("fast"),
                                           QStringLiteral("--accept"), QStringLiteral("0.5")});
        QVERIFY(accepted.result().value(QStringLiteral("applied")).toInt() >= 1);

        const ProgramRun list = run({QStringLiteral("versions"), QStringLiteral("--project"), m_project});
        const QJsonArray versions = list.result().value(QStringLiteral("versions")).toArray();
        QCOMPARE(versions.size(), 1); // the run was trained on what was kept
        QCOMPARE(versions.at(0).toObject().value(QStringLiteral("runs")).toArray().size(), 1);
        for (const char* from : {"first", "run:1"}) {
            const ProgramRun diff = run({QStringLiteral("versions"), QStringLiteral("--project"), m_project,
                                         QStringLiteral("--compare"), QLatin1String(from) + QStringLiteral(",now")});
            QCOMPARE(diff.exitCode, 0);
            QCOMPARE(diff.result().value(QStringLiteral("recordings_added")).toArray().size(), 1);
            QCOMPARE(diff.result().value(QStringLiteral("same")).toInt(), 2);
        }
        QCOMPARE(run({QStringLiteral("versions"), QStringLiteral("--project"), m_project, QStringLiteral("--compare"),
                      QStringLiteral("nothing,now")})
                     .exitCode,
                 1);
    }

    void labelSetsAreCopiedAndCompared()
    {
        import(QStringLiteral("s1"), true);
        import(QStringLiteral("s2"), true);
        const int before = info("segments");
        QVERIFY(before > 4);
        const QStringList onlyFirst{QStringLiteral("--recording"), QStringLiteral("s1")};
        const QStringList toSecond{QStringLiteral("--to"), QStringLiteral("second")};
        ProgramRun copied = label(QStringList{QStringLiteral("copy")} + toSecond + onlyFirst);
        QVERIFY2(copied.exitCode == 0, copied.said().constData());
        QCOMPARE(copied.result().value(QStringLiteral("applied")).toInt(), before / 2);
        QCOMPARE(copied.result().value(QStringLiteral("label_set")).toString(), QStringLiteral("second"));
        QCOMPARE(info("segments"), before + before / 2);
        QCOMPARE(label(QStringList{QStringLiteral("copy")} + toSecond + onlyFirst).exitCode, 2); // nothing is left
        QCOMPARE(label({QStringLiteral("copy")}).exitCode, 2);

        // The second set says something else of two seconds of the first recording, and nothing of the second.
        QCOMPARE(label({QStringLiteral("add"), QStringLiteral("--label-set"), QStringLiteral("second"),
                        QStringLiteral("--recording"), QStringLiteral("s1"), QStringLiteral("--label"),
                        QStringLiteral("hop"), QStringLiteral("--from"), QStringLiteral("12s"), QStringLiteral("--to"),
                        QStringLiteral("14s")})
                     .exitCode,
                 0);
        const ProgramRun compared = label(
            QStringList{QStringLiteral("compare"), QStringLiteral("--with"), QStringLiteral("second")} + onlyFirst);
        QVERIFY2(compared.exitCode == 0, compared.said().constData());
        const QJsonArray places = compared.result().value(QStringLiteral("disagreements")).toArray();
        QCOMPARE(places.size(), 1);
        const QJsonObject place = places.first().toObject();
        QCOMPARE(place.value(QStringLiteral("begin_row")).toInt(), 12 * kRateHz);
        QCOMPARE(place.value(QStringLiteral("end_s")).toDouble(), 14.0);
        QCOMPARE(place.value(QStringLiteral("first")).toArray(), QJsonArray{QStringLiteral("slow")});
        QCOMPARE(place.value(QStringLiteral("second")).toArray(), QJsonArray{QStringLiteral("hop")});
        QCOMPARE(compared.result().value(QStringLiteral("rows_equal")).toInt(), (kSeconds - 2) * kRateHz);
        QVERIFY(compared.result().value(QStringLiteral("kappa")).toDouble() > 0.9);
        QCOMPARE(label({QStringLiteral("compare"), QStringLiteral("--with"), QStringLiteral("nobody")}).exitCode, 1);
    }

    void filesAreLookedAtMappedAndLinedUp()
    {
        const QString table = m_folder->filePath(QStringLiteral("fan.csv"));
        QFile file(table);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("timestamp_ms,ax (g),gx,speed\n");
        for (int row = 0; row < 200; ++row)
            file.write(QStringLiteral("%1,%2,%3,40\n").arg(row * 20).arg(row % 5).arg(row % 3).toUtf8());
        file.close();
        const QStringList import{QStringLiteral("import"), QStringLiteral("--project"), m_project};
        const QStringList mapped{QStringLiteral("--column"), QStringLiteral("speed=metadata"),
                                 QStringLiteral("--column"), QStringLiteral("gx=channel,unit=deg/s,stream=gyro")};
        const ProgramRun look = run(import + mapped + QStringList{QStringLiteral("--preview"), table});
        QVERIFY2(look.exitCode == 0, look.said().constData());
        const QJsonObject preview = look.result().value(QStringLiteral("previews")).toArray().first().toObject();
        QCOMPARE(preview.value(QStringLiteral("recordings")).toInt(), 2);
        QCOMPARE(preview.value(QStringLiteral("columns")).toArray().size(), 4);
        QCOMPARE(info("recordings"), 0);
        QCOMPARE(run(import + QStringList{QStringLiteral("--column"), QStringLiteral("speed=magic"), table}).exitCode,
                 2);

        // The same from an archive, beside something that nobody can read.
        QFile other(m_folder->filePath(QStringLiteral("notes.bin")));
        QVERIFY(other.open(QIODevice::WriteOnly));
        other.write(QByteArray(100, '\0'));
        other.close();
        const QString archive = m_folder->filePath(QStringLiteral("fan.tar.gz"));
        QCOMPARE(QProcess::execute(QStringLiteral("tar"),
                                   {QStringLiteral("-czf"), archive, QStringLiteral("-C"), m_folder->path(),
                                    QStringLiteral("fan.csv"), QStringLiteral("notes.bin")}),
                 0);
        const ProgramRun imported = run(import + mapped + QStringList{archive});
        QVERIFY2(imported.exitCode == 0, imported.said().constData());
        const QJsonObject report = imported.result().value(QStringLiteral("imported")).toArray().first().toObject();
        QCOMPARE(report.value(QStringLiteral("file")).toString(), archive + QStringLiteral("/fan.csv"));
        QCOMPARE(report.value(QStringLiteral("recordings")).toInt(), 2);
        const QJsonObject skipped = imported.result().value(QStringLiteral("skipped")).toArray().first().toObject();
        QCOMPARE(skipped.value(QStringLiteral("file")).toString(), archive + QStringLiteral("/notes.bin"));
        QVERIFY2(skipped.value(QStringLiteral("reason")).toString().contains(archive), imported.out.constData());

        // Labelled in one stream, and by time in the other; then a file that began half a second earlier.
        QCOMPARE(label({QStringLiteral("add"), QStringLiteral("--recording"), QStringLiteral("fan"),
                        QStringLiteral("--label"), QStringLiteral("on"), QStringLiteral("--from"), QStringLiteral("1s"),
                        QStringLiteral("--to"), QStringLiteral("2s")})
                     .exitCode,
                 0);
        const QString beside = m_folder->filePath(QStringLiteral("beside.csv"));
        QVERIFY(QFile::copy(table, beside));
        const ProgramRun linedUp = run(import + QStringList{QStringLiteral("--beside"), QStringLiteral("fan"),
                                                            QStringLiteral("--offset=-500ms"), beside});
        QVERIFY2(linedUp.exitCode == 0, linedUp.said().constData());
        const ProgramRun copied = label({QStringLiteral("copy"), QStringLiteral("--to-streams"),
                                         QStringLiteral("--recording"), QStringLiteral("fan")});
        QVERIFY2(copied.exitCode == 0, copied.said().constData());
        QCOMPARE(copied.result().value(QStringLiteral("applied")).toInt(), 2);
        QCOMPARE(info("segments"), 3);
    }

private:
    static ProgramRun run(const QStringList& arguments) { return runJson(arguments); }
    ProgramRun label(const QStringList& arguments) const
    {
        return run(QStringList{QStringLiteral("label")} + arguments +
                   QStringList{QStringLiteral("--project"), m_project});
    }
    void import(const QString& subject, bool labelled)
    {
        const QString file = m_folder->filePath(subject + QStringLiteral(".csv"));
        QVERIFY(writeSwings(file, subject, labelled));
        QCOMPARE(run({QStringLiteral("import"), QStringLiteral("--project"), m_project, file}).exitCode, 0);
    }
    int info(const char* field) const
    {
        return run({QStringLiteral("info"), QStringLiteral("--project"), m_project})
            .result()
            .value(QLatin1String(field))
            .toInt(-1);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_project;
};

QTEST_GUILESS_MAIN(TestLabelling)
#include "tst_labelling.moc"
