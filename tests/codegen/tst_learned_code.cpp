// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/codegen/emitter.h"
#include "core/codegen/learning/host_learner.h"
#include "core/codegen/memory_plan.h"
#include "core/model/feature_codes.h"
#include "tests/codegen/sample_classic.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::codegen;
using namespace ember::codegen::test;

namespace {

constexpr int kTimeoutMs = 600'000;
constexpr int kRows = 80;

/// A model that learns, and what goes through it.
struct Subject
{
    HostProgram program;
    std::vector<QByteArray> rows;
};

QStringList strictFlags()
{
    return QStringLiteral("-std=c++14 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fno-exceptions -fno-rtti "
                          "-fno-threadsafe-statics")
        .split(QLatin1Char(' '));
}

Result<ProcessOutcome> runIn(const QString& folder, const QString& program, const QStringList& arguments,
                             const QByteArray& input = {})
{
    ProcessRequest request;
    request.program = program;
    request.arguments = arguments;
    request.workingDirectory = folder;
    request.standardInput = input;
    request.timeoutMs = kTimeoutMs;
    return runProcessChecked(request);
}

Subject subjectOf(const model::Model& model, const QString& name, FeatureType type, const std::vector<float>& rows)
{
    Options options{.featureType = type, .name = name};
    options.learning = LearningOptions{.rows = 7, .prior = 2, .memory = 9};
    Subject subject{HostProgram::make(lower(model, options).value()).value(), {}};
    const std::size_t columns = subject.program.model().featureCount;
    for (std::size_t at = 0; at < rows.size(); at += columns)
        subject.rows.push_back(subject.program.encodeFeatures(std::span(rows).subspan(at, columns)).value());
    return subject;
}

std::vector<Subject> allSubjects()
{
    std::vector<Subject> all;
    for (const ClassicSample& sample : learningSamples()) {
        const std::vector<float> rows = classicRows(sample.model, kRows, true, 40);
        for (const FeatureType type : {FeatureType::Int8, FeatureType::Int16})
            all.push_back(subjectOf(sample.model, sample.name + featureTypeName(type), type, rows));
        const std::vector<float> reals = classicRows(sample.model, kRows, false, 41);
        const model::Tensor table = model::Tensor::of(reals, {kRows, ClassicModels::kFeatures});
        if (sample.name.contains(QLatin1String("bayes")) || sample.name.contains(QLatin1String("logistic")))
            all.push_back(subjectOf(model::codeFeatures(sample.model, table, model::TensorType::Int8).value().model,
                                    sample.name + QStringLiteral("coded"), FeatureType::Auto, reals));
    }
    return all;
}

/// For each row on its input, a label and features: writes the answer, the lesson's outcome, and at last what was
/// learned, that it is back after restoring, and the answer to the last row after forgetting.
QString driverSource(const std::vector<Subject>& subjects)
{
    QString text = QStringLiteral("#include <cstdio>\n#include <cstdlib>\n#include <cstring>\n");
    QString cases;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const LoweredModel& model = subjects[i].program.model();
        text += QStringLiteral("#include \"%1.hpp\"\n").arg(model.name);
        const QString feature = model.featureType == FeatureType::Float32
                                    ? QStringLiteral("float")
                                    : featureTypeName(model.featureType) + QStringLiteral("_t");
        cases +=
            QStringLiteral(R"(    if (which == %1) {
        uint16_t label;
        %4 row[%3_FEATURE_COUNT];
        int32_t outputs[%3_OUTPUT_COUNT];
        while (std::fread(&label, sizeof label, 1, stdin) == 1 && std::fread(row, sizeof row, 1, stdin) == 1) {
            const uint16_t winner = %2_infer(row, outputs);
            put(&winner, sizeof winner);
            put(outputs, sizeof outputs);
            const uint8_t outcome = %2::learn(row, label);
            put(&outcome, 1);
        }
        static unsigned char kept[%3_LEARN_BYTES];
        std::memcpy(kept, %2_learned(), sizeof kept);
        put(kept, sizeof kept);
        const uint16_t count = %2_learn_count(1);
        put(&count, sizeof count);
        %2_learn_reset();
        const uint16_t forgotten = %2_infer(row, outputs);
        put(&forgotten, sizeof forgotten);
        const uint8_t restored = %2_learn_restore(kept);
        put(&restored, 1);
        put(%2_learned(), sizeof kept);
        for (size_t i = 0; i < sizeof kept; ++i)
            kept[i] = %5;
        const uint8_t refused = %2_learn_restore(kept);
        put(&refused, 1);
        const uint8_t none = %2_learn(row, 60000);
        put(&none, 1);
    }
)")
                .arg(i)
                .arg(model.name, model.name.toUpper(), feature,
                     std::holds_alternative<LoweredNeighbours>(model.body) ? QStringLiteral("0x7f")
                                                                           : QStringLiteral("i % 4 == 3 ? 0x80 : 0"));
    }
    return text +
           QStringLiteral("static void put(const void* at, size_t size) { std::fwrite(at, size, 1, stdout); }\n"
                          "int main(int argc, char** argv)\n{\n    const int which = argc > 1 ? std::atoi(argv[1]) : "
                          "0;\n") +
           cases + QStringLiteral("    return 0;\n}\n");
}

template <typename Value>
void append(QByteArray& bytes, const Value& value)
{
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

quint16 labelOf(const Subject& subject, std::size_t row)
{
    return static_cast<quint16>((row * 7 + 1) % static_cast<std::size_t>(subject.program.model().classNames.size()));
}

QByteArray inputOf(const Subject& subject)
{
    QByteArray bytes;
    for (std::size_t i = 0; i < subject.rows.size(); ++i) {
        append(bytes, labelOf(subject, i));
        bytes += subject.rows[i];
    }
    return bytes;
}

QByteArray expectedOf(const Subject& subject)
{
    HostLearner learner = HostLearner::make(subject.program).value();
    QByteArray bytes;
    quint16 ones = 0;
    for (std::size_t i = 0; i < subject.rows.size(); ++i) {
        const HostOutput output = learner.run(subject.rows[i]).value();
        append(bytes, output.winner);
        bytes += output.outputs.bytes;
        append(bytes, learner.learn(subject.rows[i], labelOf(subject, i)).value());
        ones = static_cast<quint16>(ones + (labelOf(subject, i) == 1 ? 1 : 0));
    }
    bytes += learner.state();
    append(bytes, ones);
    append(bytes, subject.program.runFeatures(subject.rows.back()).value().winner);
    append(bytes, quint8{1});
    bytes += learner.state();
    append(bytes, quint8{0});
    append(bytes, quint8{0});
    return bytes;
}

} // namespace

/// The code of models that learn, compiled as users do, against the desktop.
class TestLearnedCode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_subjects = allSubjects();
        QVERIFY(m_folder.isValid());
        for (const Subject& subject : m_subjects) {
            const auto generated = generate(subject.program.model());
            QVERIFY2(generated, generated ? "" : qPrintable(generated.error().toString()));
            QVERIFY(writeGenerated(*generated, m_folder.path()));
            m_sources << generated->name + QStringLiteral(".cpp");
            QVERIFY(generated->agentParts.learning);
            QCOMPARE(generated->ramBytes, planMemory(subject.program.model()).value().total());
        }
        QFile driver(m_folder.filePath(QStringLiteral("driver.cpp")));
        QVERIFY(driver.open(QIODevice::WriteOnly));
        driver.write(driverSource(m_subjects).toUtf8());
    }

    void theCodeLearnsAsTheDesktop_data()
    {
        QTest::addColumn<QString>("compiler");
        QTest::addColumn<QStringList>("flags");
        QTest::newRow("g++ for size") << "g++" << QStringList{"-Os"};
        QTest::newRow("clang++ with sanitizers")
            << "clang++" << QStringList{"-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"};
    }
    void theCodeLearnsAsTheDesktop()
    {
        QFETCH(QString, compiler);
        QFETCH(QStringList, flags);
        if (!programExists(compiler))
            QSKIP(qPrintable(QStringLiteral("%1 is not installed").arg(compiler)));
        const auto built = runIn(m_folder.path(), compiler,
                                 strictFlags() + flags + m_sources + QStringList{"driver.cpp", "-o", "driver"});
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        for (std::size_t i = 0; i < m_subjects.size(); ++i) {
            const auto outcome =
                runIn(m_folder.path(), m_folder.filePath("driver"), {QString::number(i)}, inputOf(m_subjects[i]));
            QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
            QVERIFY2(outcome->standardOutput == expectedOf(m_subjects[i]),
                     qPrintable(m_subjects[i].program.model().title));
        }
    }

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
        const auto outcome =
            runIn(m_folder.path(), compiler, strictFlags() + flags + QStringList{"-Os", "-c"} + m_sources);
        QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
        QVERIFY2(outcome->standardError.isEmpty(), outcome->standardError.constData());
    }

    void equalModelsHaveEqualCode()
    {
        const auto samples = learningSamples();
        Options options{.featureType = FeatureType::Int8};
        options.learning = LearningOptions();
        const LoweredModel once = lower(samples[0].model, options).value();
        QCOMPARE(lower(samples[0].model, options)->hash, once.hash);
        options.learning->rows = 17;
        QVERIFY(lower(samples[0].model, options)->hash != once.hash);
        options.learning.reset();
        QVERIFY(lower(samples[0].model, options)->hash != once.hash);
    }

private:
    std::vector<Subject> m_subjects;
    QTemporaryDir m_folder;
    QStringList m_sources;
};

QTEST_GUILESS_MAIN(TestLearnedCode)
#include "tst_learned_code.moc"
