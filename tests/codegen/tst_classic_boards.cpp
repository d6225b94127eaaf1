// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/codegen/emitter.h"
#include "core/codegen/lower.h"
#include "tests/codegen/sample_classic.h"

#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::codegen;
using namespace ember::codegen::test;

namespace {

constexpr int kCompileTimeoutMs = 300'000;

Result<ProcessOutcome> compile(const QString& compiler, const QStringList& arguments, const QString& folder)
{
    ProcessRequest request;
    request.program = compiler;
    request.arguments = arguments;
    request.workingDirectory = folder;
    request.timeoutMs = kCompileTimeoutMs;
    return runProcessChecked(request);
}

} // namespace

/// Code for classic models under the compilers of all boards; what it computes, tst_classic and tst_generated say.
class TestClassicBoards : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyCompilerTakesTheCode_data()
    {
        QTest::addColumn<QString>("compiler");
        QTest::addColumn<QStringList>("flags");
        QTest::newRow("Cortex-M4F") << "arm-none-eabi-g++"
                                    << QStringList{"-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16",
                                                   "-mfloat-abi=hard"};
        QTest::newRow("Cortex-M0") << "arm-none-eabi-g++" << QStringList{"-mcpu=cortex-m0", "-mthumb"};
        QTest::newRow("AVR") << "avr-g++" << QStringList{"-mmcu=atmega2560"};
        QTest::newRow("RISC-V") << "riscv64-unknown-elf-g++"
                                << QStringList{"-march=rv32imac", "-mabi=ilp32", "--specs=picolibc.specs"};
    }
    void everyCompilerTakesTheCode()
    {
        QFETCH(QString, compiler);
        QFETCH(QStringList, flags);
        if (!programExists(compiler))
            QSKIP(qPrintable(QStringLiteral("%1 is not installed").arg(compiler)));
        flags += QStringList{"-std=c++14", "-Os",     "-Wall",           "-Wextra",   "-Wpedantic", "-Wconversion",
                             "-Wshadow",   "-Werror", "-fno-exceptions", "-fno-rtti", "-c"};
        QTemporaryDir folder;
        QStringList sources;
        for (const ClassicSample& sample : classicSamples()) {
            for (const FeatureType type : {FeatureType::Float32, FeatureType::Int16}) {
                Options options{.featureType = type};
                options.name = sample.name + featureTypeName(type);
                const GeneratedModel generated = generate(lower(sample.model, options).value()).value();
                QVERIFY(writeGenerated(generated, folder.path()));
                sources << generated.name + QStringLiteral(".cpp");
            }
        }
        const auto outcome = compile(compiler, flags + sources, folder.path());
        QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
        QVERIFY2(outcome->standardError.isEmpty(), outcome->standardError.constData());
    }
};

QTEST_GUILESS_MAIN(TestClassicBoards)
#include "tst_classic_boards.moc"
