// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"
#include "tests/support/program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::test;

class TestBadInput : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_project = m_folder->filePath(QStringLiteral("p.ember"));
    }

    void usageErrorsAreJsonToo()
    {
        const ProgramRun run = runJson({QStringLiteral("record")});
        QCOMPARE(run.exitCode, 2);
        QCOMPARE(run.json().value(QStringLiteral("ok")).toBool(true), false);
        QCOMPARE(run.json().value(QStringLiteral("command")).toString(), QStringLiteral("record"));
        QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("usage"));
        QVERIFY(!run.error().value(QStringLiteral("hint")).toString().isEmpty());
        QCOMPARE(runProgram({QStringLiteral("no-such-command")}).exitCode, 2);
    }

    void everyCommandHasAnExample()
    {
        const ProgramRun help = runProgram({QStringLiteral("--help")});
        QCOMPARE(help.exitCode, 0);
        for (const char* command : {"demo", "boards", "ports", "plugins", "new", "import", "info", "record", "train",
                                    "evaluate", "generate", "estimate", "profile", "verify", "flash", "run"}) {
            QVERIFY2(help.out.contains(QByteArray("\n  ") + command + " "), command);
            const ProgramRun own = runProgram({QString::fromLatin1(command), QStringLiteral("--help")});
            QCOMPARE(own.exitCode, 0);
            QVERIFY2(own.out.contains(QByteArray("emberlab ") + command), command);
        }
    }

    void aMissingProjectIsNotMade()
    {
        const ProgramRun run = runJson({QStringLiteral("info"), QStringLiteral("--project"), m_project});
        QCOMPARE(run.exitCode, 1);
        QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("not-found"));
        QVERIFY(!QFile::exists(m_project));
    }

    void anExistingFileIsNotOverwritten()
    {
        write("precious");
        const ProgramRun run = runJson({QStringLiteral("new"), m_project});
        QVERIFY(run.exitCode != 0);
        QFile file(m_project);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("precious"));
    }

    void whatIsNoProjectIsNamed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray(
            "this is no database, only a text that is long enough to be read as a header, and more of it "
            "so that a whole page could be there, if somebody looked at it with good will");
        QTest::newRow("cut off") << QByteArray("SQLite format 3\0", 16);
        QTest::newRow("zeros") << QByteArray(8192, '\0');
    }
    void whatIsNoProjectIsNamed()
    {
        QFETCH(QByteArray, bytes);
        write(bytes);
        for (const char* command : {"info", "train"}) {
            QStringList arguments{QString::fromLatin1(command), QStringLiteral("--project"), m_project};
            if (command == QByteArray("train"))
                arguments << QStringLiteral("--trainer") << QStringLiteral("trees.random-forest");
            const ProgramRun run = runJson(arguments);
            QVERIFY2(!run.crashed && run.exitCode == 1, run.said());
            QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("bad-data"));
            QVERIFY(run.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("p.ember")));
        }
    }

    void aProjectOfTheFutureSaysSo()
    {
        {
            auto project = dataset::Project::create(m_project);
            QVERIFY(project);
            QVERIFY(project->database().execute("PRAGMA user_version = 9999"));
            QVERIFY(project->database().execute("UPDATE meta SET value = '9998' WHERE key = 'oldest_reader'"));
        }
        const ProgramRun run = runJson({QStringLiteral("info"), QStringLiteral("--project"), m_project});
        QVERIFY2(!run.crashed && run.exitCode == 1, run.said());
        QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("unsupported"));
        QVERIFY(run.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("newer")));
    }

    void unknownNamesSayWhichThereAre()
    {
        QCOMPARE(runProgram({QStringLiteral("new"), m_project}).exitCode, 0);
        const ProgramRun board = runJson({QStringLiteral("record"), QStringLiteral("--project"), m_project,
                                          QStringLiteral("--board"), QStringLiteral("no-such-board")});
        QVERIFY(board.exitCode != 0);
        QVERIFY2(board.error().value(QStringLiteral("hint")).toString().contains(QStringLiteral("mps2-an386")),
                 board.said());
        const ProgramRun model = runJson({QStringLiteral("estimate"), QStringLiteral("nothing.onnx"),
                                          QStringLiteral("--target"), QStringLiteral("mps2-an386")});
        QCOMPARE(model.exitCode, 1);
        QCOMPARE(model.error().value(QStringLiteral("kind")).toString(), QStringLiteral("not-found"));
    }

    void numbersAndNamesThatMakeNoSenseAreUsageErrors_data()
    {
        QTest::addColumn<QStringList>("options");
        const auto row = [](const char* option, const char* value) {
            QTest::addRow("%s %s", option, value) << QStringList{QLatin1String(option), QLatin1String(value)};
        };
        row("--format", "xyz");
        row("--speed", "nan");
        row("--speed", "0");
        row("--speed", "1e300");
        row("--reconnect", "1000h");
        row("--duration", "999999999999999h");
        row("--duration", "nan");
    }
    void numbersAndNamesThatMakeNoSenseAreUsageErrors()
    {
        QFETCH(QStringList, options);
        QCOMPARE(runProgram({QStringLiteral("new"), m_project}).exitCode, 0);
        const ProgramRun run = runJson(QStringList{QStringLiteral("record"), QStringLiteral("--project"), m_project,
                                                   QStringLiteral("--board"), QStringLiteral("mps2-an386")} +
                                       options);
        QVERIFY2(!run.crashed && run.exitCode == 2, run.said());
        QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("usage"));
    }

    void aPortThatIsNotThereIsBoardTrouble()
    {
        QCOMPARE(runProgram({QStringLiteral("new"), m_project}).exitCode, 0);
        for (const QString& port : {QStringLiteral("/dev/ttyNoSuchPort"), QStringLiteral("tcp://127.0.0.1:1"),
                                    QStringLiteral("unix:///no/such/socket")}) {
            const ProgramRun run =
                runJson({QStringLiteral("record"), QStringLiteral("--project"), m_project, QStringLiteral("--port"),
                         port, QStringLiteral("--duration"), QStringLiteral("1s")});
            QVERIFY2(run.exitCode == 4, run.said());
            QCOMPARE(run.error().value(QStringLiteral("kind")).toString(), QStringLiteral("board"));
        }
    }

private:
    void write(const QByteArray& bytes)
    {
        QFile file(m_project);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_project;
};

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_bad_input.moc"
