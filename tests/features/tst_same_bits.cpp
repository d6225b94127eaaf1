// SPDX-License-Identifier: GPL-3.0-or-later
// The promise that features are the same to the bit wherever they are computed: the printed plan, compiled by other
// compilers with other flags, for this computer and for emulated boards with and without floating-point hardware,
// against what this program computes. Deliberately without -ffp-contract=off: the kernels must not depend on it.
#include "core/base/process.h"
#include "tests/features/program/plan_program.h"

#include <QTest>

using namespace ember;
using namespace ember::features;
using namespace ember::features::testing;

class TestSameBits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_cases = conformanceCases(QStringLiteral(EMBERLAB_TEST_DATA));
        std::size_t windows = 0;
        for (const PlanCase& each : m_cases)
            windows += each.windows.size();
        QVERIFY(windows >= 50);
        QVERIFY(m_cases.back().windows.size() >= 8);
    }

    void compiledHere_data()
    {
        QTest::addColumn<QString>("compiler");
        QTest::addColumn<QStringList>("flags");
        QTest::newRow("g++ -Os") << "g++" << QStringList{"-Os"};
        QTest::newRow("g++ -O3 with FMA") << "g++" << QStringList{"-O3", "-mavx2", "-mfma", "-ffp-contract=fast"};
        QTest::newRow("clang++ -O2") << "clang++" << QStringList{"-O2"};
        QTest::newRow("clang++ -O3 with FMA")
            << "clang++" << QStringList{"-O3", "-mavx2", "-mfma", "-ffp-contract=fast"};
    }

    void compiledHere()
    {
        QFETCH(QString, compiler);
        QFETCH(QStringList, flags);
        if (!programExists(compiler))
            QSKIP("compiler not installed");
        if (flags.contains("-mfma") && !__builtin_cpu_supports("fma"))
            QSKIP("this processor has no fused multiply-add");
        compareAll([&](const QString& program) { return runOnHost(program, compiler, flags); });
    }

    void onBoards_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<QStringList>("flags");
        for (const char* board : {"mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps2-m0", "sifive-e"})
            QTest::addRow("%s -Os", board) << QString::fromLatin1(board) << QStringList{"-Os"};
        QTest::newRow("mps2-an386 -O3") << "mps2-an386" << QStringList{"-O3", "-ffp-contract=fast"};
        QTest::newRow("mps2-an385 -O2") << "mps2-an385" << QStringList{"-O2"};
    }

    void onBoards()
    {
        QFETCH(QString, board);
        QFETCH(QStringList, flags);
        const auto target = boardTarget(board);
        QVERIFY2(target, qPrintable(target ? QString() : target.error().toString()));
        for (const QString& tool : {target->family + QStringLiteral("-g++"), target->emulator}) {
            if (!programExists(tool))
                QSKIP(qPrintable(tool + QStringLiteral(" is not installed")));
        }
        compareAll([&](const QString& program) { return runOnBoard(program, *target, flags); });
    }

private:
    void compareAll(const std::function<Result<QStringList>(const QString&)>& run)
    {
        for (const PlanCase& planCase : m_cases) {
            const auto plan = planFor(planCase.pipeline);
            const auto expected = expectedLines(planCase);
            QVERIFY(plan && expected);
            const auto lines = run(programText(*plan, planCase.windows));
            QVERIFY2(lines, qPrintable(lines ? QString() : lines.error().toString()));
            QCOMPARE(lines->size(), expected->size());
            const QStringList names = featureNames(planCase.pipeline);
            for (qsizetype w = 0; w < lines->size(); ++w) {
                const QStringList got = lines->at(w).split(QLatin1Char(' '));
                const QStringList wanted = expected->at(w).split(QLatin1Char(' '));
                QCOMPARE(got.size(), wanted.size());
                for (qsizetype i = 0; i < got.size(); ++i)
                    QVERIFY2(got[i] == wanted[i], qPrintable(QStringLiteral("%1, window %2, %3: %4 instead of %5")
                                                                 .arg(planCase.name)
                                                                 .arg(w)
                                                                 .arg(names[i], got[i], wanted[i])));
            }
        }
    }

    std::vector<PlanCase> m_cases;
};

QTEST_GUILESS_MAIN(TestSameBits)
#include "tst_same_bits.moc"
