// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"

#include <QElapsedTimer>
#include <QTest>

#include <thread>

using namespace ember;

class TestProcess : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void argumentsReachTheProgramUntouched()
    {
        const QString nasty = QStringLiteral("a b; echo $HOME \"'`*");
        const auto outcome = runProcess({.program = QStringLiteral("printf"),
                                         .arguments = {QStringLiteral("%s"), nasty},
                                         .workingDirectory = {},
                                         .standardInput = {},
                                         .onOutputLine = {},
                                         .installHint = {}});
        QVERIFY(outcome);
        QCOMPARE(QString::fromUtf8(outcome->standardOutput), nasty);
    }

    void aShellReadsAWordAsItWas_data()
    {
        QTest::addColumn<QString>("text");
        int row = 0;
        for (const char* text : {"plain-1.5/x=y", "", "two words", "it's", "'; echo no; '", "$(id) `id` \"q\" \\ !",
                                 "line\nbreak", "plain\n", "~", "*", "tempe\xc2\xb0"})
            QTest::addRow("%d", ++row) << QString::fromUtf8(text);
    }
    void aShellReadsAWordAsItWas()
    {
        QFETCH(QString, text);
        ProcessRequest request;
        request.program = QStringLiteral("sh");
        request.arguments = {QStringLiteral("-c"), QStringLiteral("printf '<%s>' ") + shellWord(text)};
        const auto outcome = runProcess(request);
        QVERIFY(outcome);
        QCOMPARE(QString::fromUtf8(outcome->standardOutput), u'<' + text + u'>');
    }

    void missingProgramSaysHowToGetIt()
    {
        ProcessRequest request;
        request.program = QStringLiteral("no-such-program-here");
        request.installHint = QStringLiteral("Debian package: nothing");
        const auto outcome = runProcess(request);
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().kind, ErrorKind::MissingTool);
        QCOMPARE(outcome.error().hint, request.installHint);
    }

    void exitCodeIsAnErrorOnlyWhenChecked()
    {
        ProcessRequest request;
        request.program = QStringLiteral("sh");
        request.arguments = {QStringLiteral("-c"), QStringLiteral("echo broken >&2; exit 3")};
        QCOMPARE(runProcess(request)->exitCode, 3);
        const auto checked = runProcessChecked(request);
        QVERIFY(!checked);
        QCOMPARE(checked.error().hint, QStringLiteral("broken"));
    }

    void timeoutAndCancelStopTheProgram()
    {
        ProcessRequest request;
        request.program = QStringLiteral("sleep");
        request.arguments = {QStringLiteral("60")};
        request.timeoutMs = 200;
        QCOMPARE(runProcess(request).error().kind, ErrorKind::Failed);

        request.timeoutMs = 60'000;
        CancelSource source;
        std::thread canceller([&source] { source.cancel(); });
        QElapsedTimer clock;
        clock.start();
        QCOMPARE(runProcess(request, source.token()).error().kind, ErrorKind::Cancelled);
        canceller.join();
        QVERIFY(clock.elapsed() < 30'000);
    }

    void outputBeyondTheLimitIsSaidToBeDropped()
    {
        ProcessRequest request;
        request.program = QStringLiteral("sh");
        request.arguments = {QStringLiteral("-c"), QStringLiteral("printf 0123456789; printf abc >&2")};
        request.maxOutputBytes = 4;
        const auto outcome = runProcess(request);
        QVERIFY(outcome);
        QCOMPARE(outcome->standardOutput, QByteArray("0123"));
        QCOMPARE(outcome->standardError, QByteArray("abc"));
        QCOMPARE(outcome->droppedBytes, 6);
        const auto checked = runProcessChecked(request);
        QVERIFY(!checked);
        QVERIFY(checked.error().message.contains(QStringLiteral("dropped")));
        request.maxOutputBytes = 10;
        QCOMPARE(runProcessChecked(request)->droppedBytes, 0);
    }

    void aLastLineWithoutItsEndArrives()
    {
        ProcessRequest request;
        request.program = QStringLiteral("printf");
        request.arguments = {QStringLiteral("one\\n\\ntwo")};
        QByteArrayList lines;
        request.onOutputLine = [&lines](const QByteArray& line) { lines << line; };
        QVERIFY(runProcess(request));
        QCOMPARE(lines, (QByteArrayList{"one", "", "two"}));
    }

    void outputLinesArriveWhole()
    {
        ProcessRequest request;
        request.program = QStringLiteral("printf");
        request.arguments = {QStringLiteral("one\\ntwo\\nrest")};
        QList<QByteArray> lines;
        request.onOutputLine = [&lines](const QByteArray& line) { lines << line; };
        QVERIFY(runProcess(request));
        QCOMPARE(lines, (QList<QByteArray>{"one", "two", "rest"}));
    }
};

QTEST_GUILESS_MAIN(TestProcess)
#include "tst_process.moc"
