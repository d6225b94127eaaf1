// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/codegen/emitter.h"
#include "core/codegen/host_program.h"
#include "core/codegen/memory_plan.h"
#include "core/learn/events.h"
#include "device-agent/runtime/events.hpp"
#include "tests/codegen/sample_classic.h"
#include "tests/codegen/sample_models.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::codegen;
using namespace ember::codegen::test;
using model::test::RandomTrees;

namespace {

constexpr int kTimeoutMs = 600'000;
constexpr int kRows = 300;
constexpr int kBreakAfter = 111; // windows

struct Subject
{
    HostProgram program;
    std::vector<QByteArray> rows;
    ShareRule::Kind kind;
};

Subject subjectOf(const QString& name, const model::Model& model, Options options, const std::vector<float>& rows,
                  ShareRule::Kind kind)
{
    options.name = name;
    // An odd number of classes with an even smoothing is an odd number of bytes to remember.
    const quint8 smoothing = model.classNames.size() % 2 == 0 ? 3 : 2;
    options.events = EventOptions{smoothing, 2, 2, 70, 62, model.classNames.value(1)};
    Subject subject{HostProgram::make(lower(model, options).value()).value(), {}, kind};
    const std::size_t columns = subject.program.model().featureCount;
    for (std::size_t at = 0; at < rows.size(); at += columns)
        subject.rows.push_back(subject.program.encodeFeatures(std::span(rows).subspan(at, columns)).value());
    return subject;
}

/// Every way in which outputs are shares, or are none.
std::vector<Subject> allSubjects()
{
    using Kind = ShareRule::Kind;
    std::vector<Subject> all;
    RandomTrees maker(21);
    model::TreeEnsemble shares = maker.make({.trees = 20, .targets = 4, .features = 10, .maxDepth = 6});
    makeShares(shares, 0.05f, maker.generator());
    const std::vector<float> rows = awkwardRows(maker.generator(), kRows, 10);
    all.push_back(subjectOf("soft", modelOf(shares), {}, rows, Kind::Scaled));
    all.push_back(subjectOf("hard", modelOf(shares), {.vote = Vote::Hard}, rows, Kind::Scaled));
    const model::TreeEnsemble values = maker.make({.trees = 6, .targets = 5, .features = 10, .maxDepth = 6});
    all.push_back(subjectOf("values", modelOf(values), {}, rows, Kind::Winner));
    for (const ClassicSample& sample : classicSamples()) {
        const auto add = [&](const char* name, FeatureType type, Kind kind) {
            if (sample.name == QLatin1String(name))
                all.push_back(subjectOf(sample.name + featureTypeName(type), sample.model, {.featureType = type},
                                        classicRows(sample.model, kRows, type != FeatureType::Float32, 5), kind));
        };
        add("logistic regression", FeatureType::Float32, Kind::Real);
        add("logistic regression", FeatureType::Int16, Kind::Scaled);
        add("naive bayes", FeatureType::Int16, Kind::Winner);
        add("whole neighbours", FeatureType::Int16, Kind::Scaled);
        add("near neighbours", FeatureType::Int16, Kind::Scaled);
    }
    return all;
}

QString numberType(signal::SampleType type)
{
    return type == signal::SampleType::Float32 ? QStringLiteral("float") : QStringLiteral("int32_t");
}

/// For each row: the class whose event begins, and the phases of all; at one place the windows are broken off.
QString driverSource(const std::vector<Subject>& subjects)
{
    QString text = QStringLiteral("#include <cstdio>\n#include <cstdlib>\n");
    QString cases;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const LoweredModel& model = subjects[i].program.model();
        text += QStringLiteral("#include \"%1.hpp\"\n").arg(model.name);
        const QString feature = model.featureType == FeatureType::Float32
                                    ? QStringLiteral("float")
                                    : featureTypeName(model.featureType) + QStringLiteral("_t");
        cases += QStringLiteral(R"(    if (which == %1) {
        %4 row[%3_FEATURE_COUNT];
        %5 outputs[%3_%6_COUNT];
        %2::Events events;
        %2::init(events);
        for (int window = 0; std::fread(row, sizeof row, 1, stdin) == 1; ++window) {
            const uint16_t began = %2::event(events, outputs, %2_infer(row, outputs));
            std::fwrite(&began, sizeof began, 1, stdout);
            for (uint16_t label = 0; label < %3_CLASS_COUNT + 2; ++label)
                std::putchar(%2_event_phase(&events, label));
            if (window != %7)
                continue;
            %2_events_break(&events);
            std::fwrite(events.phases, sizeof events.phases, 1, stdout);
        }
    }
)")
                     .arg(i)
                     .arg(model.name, model.name.toUpper(), feature, numberType(model.outputType),
                          model.forest() ? QStringLiteral("VOTE") : QStringLiteral("OUTPUT"))
                     .arg(kBreakAfter);
    }
    return text +
           QStringLiteral(
               "int main(int argc, char** argv)\n{\n    const int which = argc > 1 ? std::atoi(argv[1]) : 0;\n") +
           cases + QStringLiteral("    return 0;\n}\n");
}

/// What the desktop makes of the same rows with what scores events there.
QByteArray expectedOf(const Subject& subject)
{
    const LoweredModel& model = subject.program.model();
    learn::EventDetector detector(static_cast<std::size_t>(model.classNames.size()), 1,
                                  {model.events->smoothing, 70 / 256.0, 62 / 256.0, 2, 2});
    QByteArray bytes;
    for (std::size_t window = 0; window < subject.rows.size(); ++window) {
        const HostOutput output = subject.program.runFeatures(subject.rows[window]).value();
        const std::vector<quint8> phases = detector.take(eventShares(model, output));
        const auto begins = std::find(phases.begin(), phases.end(), runtime::kEventBegins);
        const quint16 began =
            begins == phases.end() ? runtime::kNoEvent : static_cast<quint16>(begins - phases.begin());
        bytes.append(reinterpret_cast<const char*>(&began), sizeof began);
        bytes.append(reinterpret_cast<const char*>(phases.data()), static_cast<qsizetype>(phases.size()));
        bytes.append(2, '\0'); // of classes that do not exist
        if (window == kBreakAfter) {
            const std::vector<quint8>& broken = detector.interrupt();
            bytes.append(reinterpret_cast<const char*>(broken.data()), static_cast<qsizetype>(broken.size()));
        }
    }
    return bytes;
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

} // namespace

/// Events of generated code, compiled as users do, against those of the desktop.
class TestEvents : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_subjects = allSubjects();
        for (const Subject& subject : m_subjects) {
            const LoweredModel& model = subject.program.model();
            QCOMPARE(static_cast<int>(shareRuleOf(model).kind), static_cast<int>(subject.kind));
            const auto generated = generate(model);
            QVERIFY2(generated, generated ? "" : qPrintable(generated.error().toString()));
            QVERIFY(writeGenerated(*generated, m_folder.path()));
            QVERIFY(generated->agentParts.events);
            QCOMPARE(generated->ramBytes, planMemory(model).value().total());
            m_sources << generated->name + QStringLiteral(".cpp");
        }
        QFile driver(m_folder.filePath(QStringLiteral("driver.cpp")));
        QVERIFY(driver.open(QIODevice::WriteOnly));
        driver.write(driverSource(m_subjects).toUtf8());
    }

    void theCodeTellsWhatTheDesktopTells()
    {
        // Undefined behaviour ends the program.
        const bool clang = programExists(QStringLiteral("clang++"));
        const QString flags =
            clang ? QStringLiteral("-fsanitize=undefined -fno-sanitize-recover=all -g -O1") : QString();
        const auto built =
            runIn(m_folder.path(), clang ? QStringLiteral("clang++") : QStringLiteral("g++"),
                  strictFlags() + flags.split(QLatin1Char(' '), Qt::SkipEmptyParts) + m_sources +
                      QStringList{QStringLiteral("driver.cpp"), QStringLiteral("-o"), QStringLiteral("driver")});
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        for (std::size_t i = 0; i < m_subjects.size(); ++i) {
            const Subject& subject = m_subjects[i];
            QByteArray input;
            for (const QByteArray& row : subject.rows)
                input += row;
            const auto said =
                runIn(m_folder.path(), m_folder.filePath(QStringLiteral("driver")), {QString::number(i)}, input);
            QVERIFY2(said, said ? "" : qPrintable(subject.program.model().name + said.error().toString()));
            const QByteArray expected = expectedOf(subject);
            QVERIFY2(expected.contains(char(runtime::kEventEnds)), qPrintable(subject.program.model().name));
            QVERIFY2(said->standardOutput == expected, qPrintable(subject.program.model().name));
        }
    }

    void everyCompilerTakesTheCode_data()
    {
        QTest::addColumn<QString>("compiler");
        QTest::addColumn<QStringList>("flags");
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
        const auto built =
            runIn(m_folder.path(), compiler,
                  strictFlags() + flags + QStringList{QStringLiteral("-Os"), QStringLiteral("-c")} + m_sources);
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        QVERIFY2(built->standardError.isEmpty(), built->standardError.constData());
    }

    /// Every whole number up to a few thousand, and large ones: against exact fractions.
    void sharesAreFractionsOfTheWhole()
    {
        QRandomGenerator random(8);
        for (int round = 0; round < 600; ++round) {
            const int trees = round < 300 ? round + 1 : random.bounded(300, 30'000);
            RandomTrees maker(3);
            model::TreeEnsemble one = maker.make({.trees = 1, .targets = 2, .features = 2, .maxDepth = 1});
            LoweredModel model = lower(modelOf(one), {.vote = Vote::Hard}).value();
            std::get<LoweredForest>(model.body).roots.assign(static_cast<std::size_t>(trees), 0);
            const ShareRule rule = shareRuleOf(model);
            QCOMPARE(rule.whole, static_cast<quint32>(trees));
            const runtime::ShareScale scale{rule.zero, rule.whole, rule.factor, rule.shift};
            QCOMPARE(runtime::shareOf(scale, 0), quint8(0));
            QCOMPARE(runtime::shareOf(scale, -5), quint8(0));
            QCOMPARE(runtime::shareOf(scale, trees), quint8(255));
            QCOMPARE(runtime::shareOf(scale, std::numeric_limits<qint32>::max()), quint8(255));
            int before = 0;
            for (int votes = 1; votes < trees; votes += 1 + trees / 500) {
                const int share = runtime::shareOf(scale, votes);
                const int exact = std::min<int>(255, static_cast<int>(qint64{256} * votes / trees));
                QVERIFY2(share >= exact && share <= exact + (trees > 256 ? 1 : 0) && share >= before,
                         qPrintable(QStringLiteral("%1 of %2: %3").arg(votes).arg(trees).arg(share)));
                before = share;
            }
        }
        QCOMPARE(runtime::shareOf(0.5f), quint8(128));
        QCOMPARE(runtime::shareOf(std::nextafter(0.5f, 0.0f)), quint8(127));
        QCOMPARE(runtime::shareOf(2e30f), quint8(255));
        QCOMPARE(runtime::shareOf(std::nanf("")), quint8(0));
    }

    void withoutEventsNothingIsThere()
    {
        RandomTrees maker(2);
        const model::Model model = modelOf(maker.make({.trees = 3, .targets = 3, .features = 4, .maxDepth = 3}));
        const LoweredModel plain = lower(model).value();
        const GeneratedModel generated = generate(plain).value();
        for (const GeneratedFile& file : generated.files) {
            if (!file.path.startsWith(QLatin1String("ember/")))
                QVERIFY(!file.bytes.toLower().contains("event"));
            QVERIFY(file.path != QLatin1String("ember/events.hpp"));
        }
        QVERIFY(!generated.agentParts.events && !generated.glue.bytes.toLower().contains("event"));
        const LoweredModel telling = lower(model, {.events = EventOptions()}).value();
        QVERIFY(telling.hash != plain.hash);
        Options other{.events = EventOptions()};
        other.events->patience = 4;
        QVERIFY(lower(model, other)->hash != telling.hash);
    }

    void whatCannotBeIsRefused()
    {
        RandomTrees maker(2);
        const model::Model model = modelOf(maker.make({.trees = 3, .targets = 3, .features = 4, .maxDepth = 3}));
        const model::Model regressor =
            modelOf(maker.make({.trees = 3, .targets = 1, .features = 4, .maxDepth = 3, .classifier = false}));
        const auto refused = [](const model::Model& of, const EventOptions& events) {
            const auto lowered = lower(of, {.events = events});
            return !lowered && lowered.error().kind == ErrorKind::Usage;
        };
        QVERIFY(refused(regressor, {}));
        QVERIFY(refused(model, {0, 1, 0, 128, 128, {}}));
        QVERIFY(refused(model, {1, 0, 0, 128, 128, {}}));
        QVERIFY(refused(model, {1, 1, 0, 10, 11, {}}));
        QVERIFY(refused(model, {1, 1, 0, 128, 128, QStringLiteral("nobody")}));
        QVERIFY(!refused(model, {1, 1, 0, 128, 128, QStringLiteral("class 2")}));
    }

private:
    static QStringList strictFlags()
    {
        return QStringLiteral("-std=c++14 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fno-exceptions "
                              "-fno-rtti -fno-threadsafe-statics")
            .split(QLatin1Char(' '));
    }

    QTemporaryDir m_folder;
    QStringList m_sources;
    std::vector<Subject> m_subjects;
};

QTEST_GUILESS_MAIN(TestEvents)
#include "tst_events.moc"
