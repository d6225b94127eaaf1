// SPDX-License-Identifier: GPL-3.0-or-later
// Learning on recordings of a project: honest splits, detectors, numbers, networks on raw windows, events.
#include "tests/support/program.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <functional>

using namespace ember::test;

namespace {

constexpr int kRateHz = 50;

/// One stretch of a recording: its label, and the value of the first of two channels at a time in seconds.
struct Stretch
{
    QString label;
    double seconds;
    std::function<double(double)> value;
};

class Noise
{
public:
    double next() // in [-1, 1)
    {
        m_state = m_state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<double>(m_state >> 11) * 0x1p-52 - 1;
    }

private:
    quint64 m_state = 7;
};

/// A CSV file of a subject, as importers take it.
bool writeRecording(const QString& path, const QString& subject, const std::vector<Stretch>& stretches, Noise& noise)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return false;
    file.write("timestamp_ms,a,b,label,subject\n");
    int row = 0;
    for (const Stretch& stretch : stretches) {
        const int rows = static_cast<int>(stretch.seconds * kRateHz);
        for (int i = 0; i < rows; ++i, ++row)
            file.write(QStringLiteral("%1,%2,%3,%4,%5\n")
                           .arg(row * 1000 / kRateHz)
                           .arg(stretch.value(static_cast<double>(row) / kRateHz) + 0.05 * noise.next(), 0, 'f', 4)
                           .arg(0.1 * noise.next(), 0, 'f', 4)
                           .arg(stretch.label, subject)
                           .toUtf8());
    }
    return true;
}

std::function<double(double)> level(double value)
{
    return [value](double) { return value; };
}

std::function<double(double)> wave(double hertz)
{
    return [hertz](double t) { return std::sin(2 * 3.14159265 * hertz * t); };
}

double number(const ProgramRun& run, const char* field)
{
    return run.result().value(QLatin1String(field)).toDouble(-1);
}

QString notes(const ProgramRun& run)
{
    QStringList all;
    for (const QJsonValue& note : run.result().value(QStringLiteral("notes")).toArray())
        all << note.toString();
    return all.join(QLatin1Char('\n'));
}

} // namespace

class TestLearning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Each subject says the two classes with levels of his own, so features tell who, and nothing about new people.
    void plantedIdentityIsFound()
    {
        std::vector<std::vector<Stretch>> subjects;
        for (int s = 0; s < 6; ++s) {
            const double own = 10 * s;
            subjects.push_back(
                {{QStringLiteral("left"), 30, level(own + 1)}, {QStringLiteral("right"), 30, level(own - 1)}});
        }
        const QString project = projectOf(QStringLiteral("planted"), subjects);
        const QString pipeline = m_folder.filePath(QStringLiteral("levels.json"));
        QFile file(pipeline);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(
            R"([{"block": "statistics", "channels": ["a"], "parameters": {"statistics": ["mean", "min", "max"]}}])");
        file.close();
        const QStringList levels{QStringLiteral("--pipeline"), pipeline, QStringLiteral("--validation")};
        const ProgramRun random = train(project, levels + QStringList{QStringLiteral("random-kfold:3")});
        QVERIFY2(random.exitCode == 0, random.said());
        const ProgramRun group = train(project, levels + QStringList{QStringLiteral("group-kfold:3")});
        QVERIFY2(group.exitCode == 0, group.said());
        QVERIFY2(number(random, "f1") > 0.95, random.said());
        QVERIFY2(number(group, "f1") < 0.65, group.said());
        QVERIFY2(notes(random).contains(QStringLiteral("on both sides")), random.said());
        for (const ProgramRun* run : {&random, &group})
            QVERIFY2(notes(*run).contains(QStringLiteral("whose a window is")), run->said());

        // Two stretches of time of the same people are on both sides as well.
        QCOMPARE(runProgram({QStringLiteral("split"), QStringLiteral("--project"), project, QStringLiteral("--by"),
                             QStringLiteral("time")})
                     .exitCode,
                 0);
        const ProgramRun time = train(project, levels + QStringList{QStringLiteral("split")});
        QVERIFY2(time.exitCode == 0 && notes(time).contains(QStringLiteral("on both sides")), time.said());
    }

    void wavesTellThemselvesApart()
    {
        const ProgramRun trained = train(waves(), {QStringLiteral("--validation"), QStringLiteral("group-kfold:2")});
        QVERIFY2(trained.exitCode == 0, trained.said());
        QVERIFY2(number(trained, "f1") > 0.95, trained.said());
        QVERIFY2(!notes(trained).contains(QStringLiteral("Warning")), trained.said());
    }

    void aNetworkLearnsFromRawWindows()
    {
        for (const char* numbers : {"none", "int8"}) {
            const ProgramRun trained =
                runJson({QStringLiteral("train"), QStringLiteral("--project"), waves(), QStringLiteral("--trainer"),
                         QStringLiteral("neural.cnn"), QStringLiteral("--preset"), QStringLiteral("raw"),
                         QStringLiteral("--validation"), QStringLiteral("holdout"), QStringLiteral("--set"),
                         QStringLiteral("filters=4,6"), QStringLiteral("--set"), QStringLiteral("kernel=5"),
                         QStringLiteral("--set"), QStringLiteral("quantise=") + QLatin1String(numbers)});
            QVERIFY2(trained.exitCode == 0, trained.said());
            QVERIFY2(number(trained, "f1") > 0.95, trained.said());
        }
    }

    void detectorsLearnWhatIsNormal()
    {
        const QStringList normal{QStringLiteral("--normal"), QStringLiteral("slow"), QStringLiteral("--validation"),
                                 QStringLiteral("group-kfold:2")};
        for (const char* trainer : {"trees.isolation-forest", "mixture.gmm", "neural.autoencoder"}) {
            const ProgramRun trained =
                train(waves(), normal + QStringList{QStringLiteral("--task"), QStringLiteral("anomaly")}, trainer);
            QVERIFY2(trained.exitCode == 0, trained.said());
            QVERIFY2(number(trained, "roc_auc") > 0.95, trained.said());
            QVERIFY(trained.result().value(QStringLiteral("roc_auc_interval95")).toArray().at(0).toDouble() > 0.8);
            QCOMPARE(trained.result().value(QStringLiteral("task")).toString(), QStringLiteral("anomaly"));
        }
        const ProgramRun strict = train(
            waves(), normal + QStringList{QStringLiteral("--false-alarms"), QStringLiteral("0")}, "mixture.elliptic");
        QVERIFY2(strict.exitCode == 0, strict.said());
        QCOMPARE(number(strict, "false_alarm_rate"), 0.0);

        const ProgramRun unsaid = train(waves(), {}, "trees.isolation-forest");
        QCOMPARE(unsaid.exitCode, 2);
        QVERIFY2(unsaid.error().value(QStringLiteral("hint")).toString().contains(QStringLiteral("--normal")),
                 unsaid.said());
        QCOMPARE(train(waves(), {QStringLiteral("--normal"), QStringLiteral("sloww")}, "mixture.elliptic").exitCode, 2);
    }

    void numbersAreLearnt()
    {
        std::vector<std::vector<Stretch>> subjects;
        for (int s = 0; s < 4; ++s) {
            std::vector<Stretch> stretches;
            for (const int speed : {10, 20, 30, 40})
                stretches.push_back({QString::number(speed), 12, wave(speed * 0.1)});
            subjects.push_back(stretches);
        }
        const QString project = projectOf(QStringLiteral("speeds"), subjects);
        const ProgramRun trained = train(project, {QStringLiteral("--task"), QStringLiteral("regression"),
                                                   QStringLiteral("--validation"), QStringLiteral("group-kfold:2")});
        QVERIFY2(trained.exitCode == 0, trained.said());
        QVERIFY2(number(trained, "r2") > 0.9 && number(trained, "rmse") < 4, trained.said());
        const ProgramRun words = train(waves(), {QStringLiteral("--task"), QStringLiteral("regression")});
        QVERIFY2(words.exitCode == 2 && words.said().contains("slow"), words.said());
    }

    void eventsAreFoundInWholeRecordings()
    {
        // Fast for four seconds, three times in every recording.
        std::vector<std::vector<Stretch>> subjects;
        for (int s = 0; s < 6; ++s) {
            std::vector<Stretch> stretches;
            for (int i = 0; i < 3; ++i) {
                stretches.push_back({QStringLiteral("idle"), 10.0 + s, level(0)});
                stretches.push_back({QStringLiteral("fast"), 4, wave(6)});
            }
            stretches.push_back({QStringLiteral("idle"), 10, level(0)});
            subjects.push_back(stretches);
        }
        const QString project = projectOf(QStringLiteral("events"), subjects);
        const QStringList window{QStringLiteral("--window"), QStringLiteral("1s"), QStringLiteral("--stride"),
                                 QStringLiteral("0.5s")};
        const ProgramRun everything =
            train(project, window + QStringList{QStringLiteral("--validation"), QStringLiteral("group-kfold:3")});
        QVERIFY2(everything.exitCode == 0, everything.said());
        const QString all = everything.result().value(QStringLiteral("model")).toString();
        const ProgramRun refused = runJson({QStringLiteral("evaluate"), all, QStringLiteral("--events")});
        QVERIFY2(refused.exitCode == 2, refused.said()); // it has seen them all

        const ProgramRun held =
            train(project, window + QStringList{QStringLiteral("--validation"), QStringLiteral("holdout:s4,s5")});
        QVERIFY2(held.exitCode == 0, held.said());
        const QString model = held.result().value(QStringLiteral("model")).toString();
        const ProgramRun events =
            runJson({QStringLiteral("evaluate"), model, QStringLiteral("--events"), QStringLiteral("--background"),
                     QStringLiteral("idle"), QStringLiteral("--save")});
        QVERIFY2(events.exitCode == 0, events.said());
        const QJsonObject found = events.result().value(QStringLiteral("events")).toObject();
        QCOMPARE(found.value(QStringLiteral("happened")).toInt(), 6);
        QCOMPARE(found.value(QStringLiteral("found")).toInt(), 6);
        QCOMPARE(found.value(QStringLiteral("spurious")).toInt(), 0);
        const double latency =
            found.value(QStringLiteral("latency_s")).toObject().value(QStringLiteral("median")).toDouble();
        QVERIFY2(latency > 0 && latency < 3, events.said());
        QVERIFY(events.result().value(QStringLiteral("tuned")).toBool());
        QCOMPARE(events.result().value(QStringLiteral("groups")).toArray().size(), 2);
        QVERIFY(events.result().value(QStringLiteral("as_on_boards")).toBool());

        // What was chosen is what the code has, unless it is told otherwise.
        const QString folder = m_folder.filePath(QStringLiteral("telling"));
        const QStringList generate{QStringLiteral("generate"), model,
                                   QStringLiteral("--target"), QStringLiteral("mps2-an386"),
                                   QStringLiteral("--name"),   QStringLiteral("gesture"),
                                   QStringLiteral("--out"),    folder};
        QVERIFY(runJson(generate).exitCode == 0);
        QFile source(folder + QStringLiteral("/gesture.cpp"));
        QVERIFY(source.open(QIODevice::ReadOnly));
        const QString code = QString::fromUtf8(source.readAll());
        const QJsonObject settings = events.result().value(QStringLiteral("settings")).toObject();
        for (const char* name : {"smoothing", "patience"})
            QVERIFY2(code.contains(QStringLiteral("uint8_t %1 = %2;")
                                       .arg(QLatin1String(name))
                                       .arg(settings.value(QLatin1String(name)).toInt())),
                     qPrintable(code));
        const int on = static_cast<int>(settings.value(QLatin1String("on")).toDouble() * 256 + 1e-6);
        QVERIFY2(code.contains(QStringLiteral("uint8_t on = %1;").arg(on)), qPrintable(code));
        QVERIFY(runJson(generate + QStringList{QStringLiteral("--no-events")}).exitCode == 0);
        source.close();
        QVERIFY(source.open(QIODevice::ReadOnly));
        QVERIFY(!source.readAll().contains("event"));
    }

    void aWrongTrainerIsToldFirst()
    {
        const ProgramRun wrong =
            train(waves(), {QStringLiteral("--validation"), QStringLiteral("group-kfold:99")}, "trees.random-florist");
        QVERIFY2(wrong.exitCode != 0 && wrong.said().contains("random-florist"), wrong.said());
        QVERIFY2(!wrong.said().contains("folds"), wrong.said());
    }

private:
    QString projectOf(const QString& name, const std::vector<std::vector<Stretch>>& subjects)
    {
        const QString project = m_folder.filePath(name + QStringLiteral(".ember"));
        QStringList import{QStringLiteral("import"), QStringLiteral("--project"), project};
        for (std::size_t s = 0; s < subjects.size(); ++s) {
            import << m_folder.filePath(QStringLiteral("%1-%2.csv").arg(name).arg(s));
            if (!writeRecording(import.last(), QStringLiteral("s%1").arg(s), subjects[s], m_noise))
                return {};
        }
        const bool made = runProgram({QStringLiteral("new"), project}).exitCode == 0;
        return made && runProgram(import).exitCode == 0 ? project : QString();
    }

    /// Slow and fast waves of four subjects.
    QString waves()
    {
        if (m_waves.isEmpty()) {
            std::vector<std::vector<Stretch>> subjects;
            for (int s = 0; s < 4; ++s)
                subjects.push_back({{QStringLiteral("slow"), 40, wave(1.0)}, {QStringLiteral("fast"), 20, wave(5.0)}});
            m_waves = projectOf(QStringLiteral("waves"), subjects);
        }
        return m_waves;
    }

    static ProgramRun train(const QString& project, const QStringList& more,
                            const char* trainer = "trees.random-forest")
    {
        return runJson(QStringList{QStringLiteral("train"), QStringLiteral("--project"), project,
                                   QStringLiteral("--trainer"), QLatin1String(trainer)} +
                       more);
    }

    QTemporaryDir m_folder;
    QString m_waves;
    Noise m_noise;
};

QTEST_GUILESS_MAIN(TestLearning)
#include "tst_learning.moc"
