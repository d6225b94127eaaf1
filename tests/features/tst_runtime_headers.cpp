// SPDX-License-Identifier: GPL-3.0-or-later
// Every header of the runtime compiles alone, strictly, freestanding, with the compilers of all the boards that a
// bundle may be built for, down to avr-gcc 5.4.
#include "core/base/process.h"

#include <QDir>
#include <QTest>

using namespace ember;

class TestRuntimeHeaders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void compileAlone_data()
    {
        QTest::addColumn<QString>("compiler");
        QTest::addColumn<QStringList>("flags");
        const QStringList hosted = {"-ffreestanding", "-Wpedantic"};
        QTest::newRow("g++") << "g++" << hosted;
        QTest::newRow("clang++") << "clang++" << hosted;
        QTest::newRow("Cortex-M0") << "arm-none-eabi-g++"
                                   << QStringList{"-mcpu=cortex-m0", "-mthumb", "-ffreestanding"};
        QTest::newRow("Cortex-M4F") << "arm-none-eabi-g++"
                                    << QStringList{"-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16",
                                                   "-mfloat-abi=hard", "-ffreestanding"};
        QTest::newRow("AVR") << "avr-g++" << QStringList{"-mmcu=atmega328p", "-ffreestanding"};
        QTest::newRow("RISC-V") << "riscv64-unknown-elf-g++"
                                << QStringList{"-march=rv32imac", "-mabi=ilp32", "-ffreestanding"};
    }

    void compileAlone()
    {
        QFETCH(QString, compiler);
        QFETCH(QStringList, flags);
        if (!programExists(compiler))
            QSKIP("compiler not installed");
        const QDir folder(QStringLiteral(EMBERLAB_SOURCE_ROOT "/device-agent/runtime"));
        const QStringList headers = folder.entryList({QStringLiteral("*.hpp")}, QDir::Files);
        QVERIFY(headers.size() >= 7);
        for (const QString& header : headers) {
            ProcessRequest request;
            request.program = compiler;
            // With optimisation, so that warnings that need flow analysis come too.
            request.arguments =
                QStringList{"-std=c++14", "-O2",          "-fno-exceptions", "-fno-rtti",          "-Wall",
                            "-Wextra",    "-Wconversion", "-Wshadow",        "-Wdouble-promotion", "-Werror"} +
                flags + QStringList{"-c", "-x", "c++", "-", "-o", "/dev/null"};
            request.workingDirectory = folder.path();
            request.standardInput = QStringLiteral("#include \"%1\"\n").arg(header).toUtf8();
            const auto outcome = runProcessChecked(request);
            QVERIFY2(outcome,
                     qPrintable(header + QLatin1Char('\n') + (outcome ? QString() : outcome.error().toString())));
        }
    }
};

QTEST_GUILESS_MAIN(TestRuntimeHeaders)
#include "tst_runtime_headers.moc"
