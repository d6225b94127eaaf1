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
