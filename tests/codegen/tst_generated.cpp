// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/codegen/bundle/self_test.h"
#include "core/codegen/emitter.h"
#include "core/codegen/host_program.h"
#include "core/model/feature_codes.h"
#include "core/model/least_share.h"
#include "tests/codegen/sample_classic.h"
#include "tests/codegen/sample_models.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::codegen;
using namespace ember::codegen::test;
using model::test::RandomTrees;

namespace {

constexpr int kCompileTimeoutMs = 600'000;

/// A model, how it is generated, and what goes through it.
struct Subject
{
    QString name;
    HostProgram program;
    QByteArray input; ///< feature vectors, or a stream of raw rows
};

QByteArray encodedRows(const HostProgram& program, const std::vector<float>& rows)
{
    QByteArray bytes;
    const std::size_t columns = program.model().featureCount;
    for (std::size_t at = 0; at < rows.size(); at += columns)
        bytes += program.encodeFeatures(std::span(rows).subspan(at, columns)).value();
    return bytes;
}

template <typename Value>
void appendRaw(QByteArray& bytes, const Value& value)
{
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

bool maySayUnknown(const LoweredModel& model)
{
    return model.leastShare > 0 && model.givesShares;
}

quint16 answerOf(const LoweredModel& model, const HostOutput& output)
{
    if (maySayUnknown(model) && model.score(output.outputs.numbers()[output.winner]) < model.leastShare - 1e-9)
        return 65'535;
    return output.winner;
}

void appendOutput(QByteArray& bytes, const LoweredModel& model, const HostOutput& output)
{
    if (model.pipeline)
        bytes += output.features;
    appendRaw(bytes, answerOf(model, output));
    bytes += output.outputs.bytes;
}

/// What the desktop says to the subject's input, as the driver below writes it.
QByteArray expectedOutput(const Subject& subject)
{
    const LoweredModel& model = subject.program.model();
    QByteArray out;
    if (!model.pipeline) {
        const qsizetype size = subject.program.featureBytes();
        for (qsizetype at = 0; at + size <= subject.input.size(); at += size)
            appendOutput(out, model, subject.program.runFeatures(subject.input.mid(at, size)).value());
        return out;
    }
    const qsizetype size = subject.program.windowBytes();
    const qsizetype hop = size / model.pipeline->windowRows * model.pipeline->hopRows;
    for (qsizetype at = 0; at + size <= subject.input.size(); at += hop)
        appendOutput(out, model, subject.program.runWindow(subject.input.mid(at, size)).value());
    return out;
}

QString featureType(const LoweredModel& model)
{
    const QString name = featureTypeName(model.featureType);
    return model.featureType == FeatureType::Float32 ? QStringLiteral("float") : name + QStringLiteral("_t");
}

QString outputType(const LoweredModel& model)
{
    return model.outputType == signal::SampleType::Float32 ? QStringLiteral("float") : QStringLiteral("int32_t");
}

/// Reads input of the model it is told from its standard input and writes what the generated code says to it.
QString driverSource(const std::vector<Subject>& subjects)
{
    QString includes;
    QString cases;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const LoweredModel& model = subjects[i].program.model();
        const QString macro = model.name.toUpper();
        includes += QStringLiteral("#include \"%1.hpp\"\n").arg(model.name);
        const QString features =
            QStringLiteral(
                "    if (which == %1) {\n"
                "        %2 row[%3_FEATURE_COUNT];\n        %5 votes[%3_%6_COUNT];\n"
                "        while (std::fread(row, sizeof row, 1, stdin) == 1) {\n"
                "            uint16_t winner = %4_infer(row, votes);\n%7"
                "            put(&winner, sizeof winner);\n            put(votes, sizeof votes);\n        }\n    }\n")
                .arg(i)
                .arg(featureType(model), macro, model.name, outputType(model),
                     model.forest() ? QStringLiteral("VOTE") : QStringLiteral("OUTPUT"),
                     maySayUnknown(model)
                         ? QStringLiteral("            winner = %1::decide(winner, votes);\n").arg(model.name)
                         : QString());
        const QString windows =
            QStringLiteral(
                "    if (which == %1) {\n"
                "        static %3::State state;\n        int16_t row[%2_CHANNELS];\n        %3::init(state);\n"
                "        while (std::fread(row, sizeof row, 1, stdin) == 1) {\n"
                "            if (!%3::push(state, row))\n                continue;\n"
                "            const uint16_t winner = %3::classify(state);\n"
                "            put(state.features, sizeof state.features);\n"
                "            put(&winner, sizeof winner);\n"
                "            put(state.votes, sizeof state.votes);\n        }\n    }\n")
                .arg(i)
                .arg(macro, model.name);
        cases += model.pipeline ? windows : features;
    }
    return QStringLiteral("#include <cstdio>\n#include <cstdlib>\n") + includes +
           QStringLiteral(
               "static void put(const void* at, size_t size) { std::fwrite(at, size, 1, stdout); }\n"
               "int main(int argc, char** argv)\n{\n    const int which = argc > 1 ? std::atoi(argv[1]) : 0;\n") +
           cases + QStringLiteral("    return 0;\n}\n");
}

QStringList strictFlags()
{
    return {QStringLiteral("-std=c++14"),
            QStringLiteral("-O1"),
            QStringLiteral("-Wall"),
            QStringLiteral("-Wextra"),
            QStringLiteral("-Wpedantic"),
            QStringLiteral("-Wconversion"),
            QStringLiteral("-Wshadow"),
            QStringLiteral("-Werror"),
            QStringLiteral("-fno-exceptions"),
            QStringLiteral("-fno-rtti"),
            QStringLiteral("-fno-threadsafe-statics")};
}

Result<ProcessOutcome> compile(const QString& compiler, const QStringList& arguments, const QString& folder)
{
    ProcessRequest request;
    request.program = compiler;
    request.arguments = arguments;
    request.workingDirectory = folder;
    request.timeoutMs = kCompileTimeoutMs;
    return runProcessChecked(request);
}

void writeText(const QString& path, const QString& text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text.toUtf8());
}

Subject subjectOf(const QString& name, const model::Model& model, Options options, const std::vector<float>& rows)
{
    options.name = name;
    HostProgram program = HostProgram::make(lower(model, options).value()).value();
    QByteArray input = encodedRows(program, rows);
    return {name, std::move(program), std::move(input)};
}

Subject windowSubject(const QString& name, int hop, Optimise optimise, int windowRows = 64)
{
    const features::Pipeline pipeline = motionPipeline(windowRows, hop);
    QRandomGenerator random(9);
    Options options{.optimise = optimise};
    options.name = name;
    const model::Model model = windowModel(pipeline, motionWindows(1, 30, windowRows), 4);
    return {name, HostProgram::make(lower(model, options).value()).value(), motionRows(random, 64 * 12 + 17)};
}

/// The same model where it may say "unknown": with floats, and with whole numbers.
void addUnsure(const QString& name, model::Model model, const std::vector<float>& rows, std::vector<Subject>& all)
{
    model::setLeastShare(model, 0.75);
    for (const FeatureType type : {FeatureType::Float32, FeatureType::Int16})
        all.push_back(
            subjectOf(name + QStringLiteral(" unsure ") + featureTypeName(type), model, {.featureType = type}, rows));
}

/// Classic models with floats of every kind, and with whole numbers as integer features.
void addClassic(std::vector<Subject>& all)
{
    for (const ClassicSample& sample : classicSamples()) {
        QRandomGenerator random(31);
        const auto columns = static_cast<int>(sample.model.graph.inputs.front().shape.back());
        if (!sample.integersAlone)
            all.push_back(subjectOf(sample.name, sample.model, {}, awkwardRows(random, 120, columns)));
        if (sample.name == QLatin1String("logistic regression"))
            addUnsure(sample.name, sample.model, wholeRows(random, 120, columns), all);
        all.push_back(subjectOf(sample.name + QStringLiteral(" of whole numbers"), sample.model,
                                {.featureType = FeatureType::Int16}, wholeRows(random, 120, columns)));
    }
}

/// Trees and neighbours behind float features that become whole numbers.
void addCoded(RandomTrees& maker, std::vector<Subject>& all)
{
    const model::TreeEnsemble trees =
        maker.make({.trees = 12, .targets = 4, .features = 9, .maxDepth = 6, .allModes = false});
    std::vector<float> rows(9 * 300);
    for (float& value : rows)
        value = static_cast<float>(maker.generator().generateDouble() * 24 - 12);
    const model::Tensor calibration = model::Tensor::of(rows, {300, 9});
    const std::vector<float> awkward = awkwardRows(maker.generator(), 60, 9);
    rows.insert(rows.end(), awkward.begin(), awkward.end());
    const auto coded = [&](model::TensorType type) {
        return model::codeFeatures(modelOf(trees), calibration, type).value().model;
    };
    all.push_back(subjectOf("coded table", coded(model::TensorType::Int8), {}, rows));
    all.push_back(subjectOf("coded code", coded(model::TensorType::Int16), {.optimise = Optimise::Speed}, rows));
    for (const ClassicSample& sample : classicSamples()) {
        if (sample.name != QLatin1String("logistic regression") && sample.name != QLatin1String("diagonal mixture"))
            continue;
        const std::vector<float> classic = classicRows(sample.model, 100, false, 4);
        const model::Tensor table = model::Tensor::of(classic, {100, static_cast<qint64>(classic.size()) / 100});
        all.push_back(subjectOf(QStringLiteral("coded ") + sample.name,
                                model::codeFeatures(sample.model, table, model::TensorType::Int16).value().model, {},
                                classic));
    }
}

std::vector<Subject> allSubjects()
{
    std::vector<Subject> all;
    addClassic(all);
    const model::Model digits = model::loadModel(modelPath(QStringLiteral("digits_rf10.onnx"))).value();
    const std::vector<float> digitsRows = tableOf(QStringLiteral("digits_test_X_int32.npy"));
    all.push_back(subjectOf("digits table", digits, {.featureType = FeatureType::Int16}, digitsRows));
    addUnsure(QStringLiteral("digits"), digits, digitsRows, all);
    all.push_back(
        subjectOf("digits code", digits, {.featureType = FeatureType::Int16, .optimise = Optimise::Speed}, digitsRows));
    all.push_back(subjectOf("digits hard", digits,
                            {.featureType = FeatureType::Float32, .vote = Vote::Hard, .optimise = Optimise::Speed},
                            digitsRows));
    RandomTrees maker(21);
    model::TreeEnsemble shares = maker.make({.trees = 20, .targets = 19, .features = 40, .maxDepth = 6});
    makeShares(shares, 0.05f, maker.generator());
    const std::vector<float> awkward = awkwardRows(maker.generator(), 300, 40);
    all.push_back(subjectOf("shares table", modelOf(shares), {}, awkward));
    all.push_back(subjectOf("shares code", modelOf(shares), {.optimise = Optimise::Speed}, awkward));
    all.push_back(
        subjectOf("shares hard", modelOf(shares), {.vote = Vote::Hard, .optimise = Optimise::Speed}, awkward));

    model::TreeEnsemble pure = maker.make({.trees = 40, .targets = 3, .features = 5, .maxDepth = 3});
    for (std::size_t i = 0; i < pure.leafValues.size(); ++i)
        pure.leafValues[i] = i % 3 == i / 3 % 3 ? 1.0f : 0.0f;
    all.push_back(subjectOf("pure table", modelOf(pure), {}, awkwardRows(maker.generator(), 200, 5)));

    model::TreeEnsemble values = maker.make({.trees = 6, .targets = 5, .features = 70, .maxDepth = 6});
    values.baseValues = {0.5f, -1.0f, 2.0f, 0.0f, 0.25f};
    const std::vector<float> whole = wholeRows(maker.generator(), 300, 70);
    const model::Model valueModel = modelOf(values, model::TensorType::Int8);
    all.push_back(subjectOf("values table", valueModel, {}, whole));
    all.push_back(subjectOf("values code", valueModel, {.optimise = Optimise::Speed}, whole));

    const model::TreeEnsemble single =
        maker.make({.trees = 30, .targets = 1, .features = 9, .maxDepth = 5, .classifier = false});
    const std::vector<float> rows = awkwardRows(maker.generator(), 300, 9);
    all.push_back(subjectOf("regressor", modelOf(single), {.optimise = Optimise::Speed}, rows));
    all.push_back(subjectOf("regressor table", modelOf(single), {}, rows));

    // More trees than a four-bit or eight-bit counter holds, in several functions.
    model::TreeEnsemble many =
        maker.make({.trees = 400, .targets = 4, .features = 12, .maxDepth = 5, .allModes = false});
    makeShares(many, 0.0025f, maker.generator());
    all.push_back(subjectOf("many trees", modelOf(many, model::TensorType::Int32), {.optimise = Optimise::Speed},
                            wholeRows(maker.generator(), 200, 12)));
    addCoded(maker, all);
    all.push_back(windowSubject("overlapping windows", 24, Optimise::Size));
    all.push_back(windowSubject("windows with gaps", 80, Optimise::Speed));
    return all;
}

QString hostile(const char* what)
{
    return QString::fromUtf8(what);
}

} // namespace

/// Generated code as a user gets it: compiled strictly, all models in one program, compared with the desktop.
class TestGenerated : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Each of those that may say "unknown" does so for some rows and not for others; margins never do.
    void someAnswersAreUnknown()
    {
        int models = 0;
        for (const Subject& subject : allSubjects()) {
            const LoweredModel& model = subject.program.model();
            if (model.leastShare <= 0)
                continue;
            ++models;
            QVERIFY2(model.givesShares, qPrintable(subject.name));
            int unknown = 0, known = 0;
            const qsizetype size = subject.program.featureBytes();
            for (qsizetype at = 0; at + size <= subject.input.size(); at += size)
                ++(answerOf(model, subject.program.runFeatures(subject.input.mid(at, size)).value()) == 65'535 ? unknown
                                                                                                               : known);
            QVERIFY2(unknown > 3 && known > 3, qPrintable(subject.name));
        }
        QCOMPARE(models, 4);
        RandomTrees maker(5);
        model::TreeEnsemble margins = maker.make({.trees = 4, .targets = 3, .features = 5, .maxDepth = 3});
        margins.postTransform = model::PostTransform::Softmax;
        model::Model model = modelOf(margins);
        model::setLeastShare(model, 0.9);
        const GeneratedModel generated = generate(lower(model).value()).value();
        QVERIFY(!generated.files.front().bytes.contains("_decide"));
        model.properties.insert(QLatin1String(model::kLeastShareKey), QStringLiteral("nan"));
        QCOMPARE(lower(model)->leastShare, 0.0);
    }

    void compiledCodeComputesWhatTheDesktopComputes_data()
    {
        QTest::addColumn<QString>("compiler");
        QTest::newRow("g++") << QStringLiteral("g++");
        QTest::newRow("clang++") << QStringLiteral("clang++");
    }
    void compiledCodeComputesWhatTheDesktopComputes()
    {
        QFETCH(QString, compiler);
        if (!programExists(compiler))
            QSKIP(qPrintable(QStringLiteral("%1 is not installed").arg(compiler)));
        QTemporaryDir folder;
        const std::vector<Subject> subjects = allSubjects();
        QStringList objects;
        for (const Subject& subject : subjects) {
            const GeneratedModel generated = generate(subject.program.model()).value();
            QVERIFY(writeGenerated(generated, folder.path()));
            objects << generated.name + QStringLiteral(".o");
            const auto outcome =
                compile(compiler,
                        strictFlags() + QStringList{QStringLiteral("-c"), generated.name + QStringLiteral(".cpp"),
                                                    QStringLiteral("-o"), objects.last()},
                        folder.path());
            QVERIFY2(outcome, outcome ? "" : qPrintable(subject.name + QLatin1Char(' ') + outcome.error().toString()));
            QVERIFY2(outcome->standardError.isEmpty(), outcome->standardError.constData());
            needsNoLibrary(folder.filePath(objects.last()));
        }
        writeText(folder.filePath(QStringLiteral("driver.cpp")), driverSource(subjects));
        const auto linked = compile(compiler,
                                    QStringList{QStringLiteral("-std=c++14"), QStringLiteral("driver.cpp")} + objects +
                                        QStringList{QStringLiteral("-o"), QStringLiteral("driver")},
                                    folder.path());
        QVERIFY2(linked, linked ? "" : qPrintable(linked.error().toString()));

        for (std::size_t i = 0; i < subjects.size(); ++i) {
            ProcessRequest request;
            request.program = folder.filePath(QStringLiteral("driver"));
            request.arguments = {QString::number(i)};
            request.standardInput = subjects[i].input;
            const auto outcome = runProcessChecked(request);
            QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
            const QByteArray expected = expectedOutput(subjects[i]);
            QVERIFY2(expected.size() > 100, qPrintable(subjects[i].name));
            QVERIFY2(outcome->standardOutput == expected, qPrintable(subjects[i].name));
        }
    }

    void headersAreForCToo()
    {
        if (!programExists(QStringLiteral("gcc")))
            QSKIP("gcc is not installed");
        QTemporaryDir folder;
        for (const Subject& subject : {windowSubject("windows", 20, Optimise::Size)}) {
            QVERIFY(writeGenerated(generate(subject.program.model()).value(), folder.path()));
            writeText(folder.filePath(QStringLiteral("use.c")),
                      QStringLiteral("#include \"windows.hpp\"\n"
                                     "static windows_state state;\n"
                                     "int use(const int16_t* row)\n{\n    windows_init(&state);\n"
                                     "    return windows_push(&state, row) ? windows_classify(&state) : -1;\n}\n"));
            const auto outcome =
                compile(QStringLiteral("gcc"),
                        {QStringLiteral("-std=c99"), QStringLiteral("-Wall"), QStringLiteral("-Wextra"),
                         QStringLiteral("-Wpedantic"), QStringLiteral("-Werror"), QStringLiteral("-fsyntax-only"),
                         QStringLiteral("use.c")},
                        folder.path());
            QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
        }
    }

    // Names that try to end literals and comments, to be keywords, or to be each other. They must come back from the
    // compiled code byte for byte, and say nothing else.
    void hostileNamesStayNames_data()
    {
        QTest::addColumn<QString>("title");
        for (const char* title :
             {"int", "namespace", "std", "main", "uint8_t", "\"; int main() { return 7; } //", "*/ #error x", "// \\",
              "what?\?/", "\n#error injected\n", "h\xc3\xa4ndisch \xf0\x9f\x92\xa5", "%1 %2 %n %s", ""})
            QTest::newRow(*title ? title : "empty") << QString::fromUtf8(title);
    }
    void hostileNamesStayNames()
    {
        QFETCH(QString, title);
        if (!programExists(QStringLiteral("g++")))
            QSKIP("g++ is not installed");
        const QStringList labels = {hostile("quote \" \\"),
                                    hostile("\\\n#error injected"),
                                    hostile("*/ /*"),
                                    hostile("what?\?/\n"),
                                    hostile("int"),
                                    hostile("INT32_MAX"),
                                    hostile("\xc3\xa9t\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac"),
                                    hostile("a b"),
                                    hostile("a-b"),
                                    hostile(""),
                                    hostile("12"),
                                    hostile("\xe2\x80\xae reversed"),
                                    hostile("%1"),
                                    QString(3000, QLatin1Char('x'))};
        features::Pipeline pipeline = motionPipeline(32, 32);
        pipeline.stream.channels[0].name = hostile("ax\"*/?\?/\\");
        pipeline.stream.channels[1].name = hostile("ay\n#error injected");
        pipeline.stream.channels[2].name = hostile("az\\");
        model::Model model = windowModel(pipeline, motionWindows(1, 5, 32), 1);
        auto& ensemble = std::get<model::TreeEnsemble>(model.graph.nodes.front().operation);
        const std::size_t leaves = ensemble.leafValues.size() / static_cast<std::size_t>(ensemble.targets);
        ensemble.targets = static_cast<qint32>(labels.size());
        ensemble.leafValues.assign(leaves * static_cast<std::size_t>(labels.size()), 0.25f);
        model.classNames = labels;
        model.graph.name = title.toStdString();
        model.properties[QStringLiteral("emberlab.trainer")] = title;
        model.properties[QStringLiteral("emberlab.dataset")] = title;
        const LoweredModel lowered = lower(model).value();
        const GeneratedModel generated = generate(lowered, {{title, title, title}}).value();
        QTemporaryDir folder;
        QVERIFY(writeGenerated(generated, folder.path()));
        writeText(
            folder.filePath(QStringLiteral("driver.cpp")),
            QStringLiteral("#include \"%1.hpp\"\n#include <cstdio>\n#include <cstring>\n#include <ctime>\n"
                           "int main()\n{\n    for (uint16_t i = 0; i <= %2_CLASS_COUNT; ++i)\n"
                           "        std::fwrite(%1_class_name(i), std::strlen(%1_class_name(i)) + 1, 1, stdout);\n"
                           "    return 0;\n}\n")
                .arg(generated.name, generated.name.toUpper()));
        const auto built =
            compile(QStringLiteral("g++"),
                    strictFlags() + QStringList{generated.name + QStringLiteral(".cpp"), QStringLiteral("driver.cpp"),
                                                QStringLiteral("-o"), QStringLiteral("driver")},
                    folder.path());
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        QVERIFY2(built->standardError.isEmpty(), built->standardError.constData());
        ProcessRequest request;
        request.program = folder.filePath(QStringLiteral("driver"));
        const auto outcome = runProcessChecked(request);
        QVERIFY(outcome);
        QByteArray expected;
        for (const QString& label : labels)
            expected += label.toUtf8() + '\0';
        QCOMPARE(outcome->standardOutput, expected + '\0');
        for (const GeneratedFile& file : generated.files) {
            if (!file.path.startsWith(QLatin1String("ember/")))
                onlyPlainText(file.bytes);
        }
    }

    void sameInputSameBytes()
    {
        const std::vector<Subject> once = allSubjects();
        const std::vector<Subject> again = allSubjects();
        QSet<QByteArray> sources;
        for (std::size_t i = 0; i < once.size(); ++i) {
            const GeneratedModel a = generate(once[i].program.model(), {{"flash", "1 B", "estimated"}}).value();
            const GeneratedModel b = generate(again[i].program.model(), {{"flash", "1 B", "estimated"}}).value();
            QCOMPARE(a.hash, b.hash);
            QCOMPARE(a.glue.bytes, b.glue.bytes);
            QCOMPARE(a.files.size(), b.files.size());
            for (std::size_t f = 0; f < a.files.size(); ++f) {
                QCOMPARE(a.files[f].path, b.files[f].path);
                QCOMPARE(a.files[f].bytes, b.files[f].bytes);
            }
            sources << a.files[1].bytes;
        }
        QCOMPARE(static_cast<std::size_t>(sources.size()), once.size());
    }

    void bundlesSayWhatTheyAreAndHoldWhatTheyNeed()
    {
        const Subject forest =
            subjectOf("digits", model::loadModel(modelPath(QStringLiteral("digits_dt8.onnx"))).value(),
                      {.featureType = FeatureType::Int16}, {});
        const GeneratedModel generated = generate(forest.program.model(), {{"flash", "832 B", "emulated"}}).value();
        QStringList paths;
        for (const GeneratedFile& file : generated.files)
            paths << file.path;
        QCOMPARE(paths, QStringList({"digits.hpp", "digits.cpp", "ember/flash_data.hpp", "ember/forest.hpp"}));
        const QByteArray header = generated.files.front().bytes;
        QVERIFY(header.contains("MIT-0"));
        QVERIFY(header.contains(forest.program.model().hash.toLatin1()));
        QVERIFY(header.contains("832 B (emulated)"));
        QVERIFY(header.contains(QByteArray::number(generated.ramBytes) + " bytes"));
        QCOMPARE(generated.ramBytes, qint64(64 * 2 + 10 * 4));
        QVERIFY(generated.flashConstBytes >= forest.program.model().forest()->tableBytes());

        const GeneratedModel windows = generate(windowSubject("windows", 20, Optimise::Size).program.model()).value();
        for (const GeneratedFile& file : windows.files) {
            for (const QByteArray& line : file.bytes.split('\n')) {
                if (!line.startsWith("#include \""))
                    continue;
                const QString name = QString::fromUtf8(line.mid(10, line.lastIndexOf('"') - 10));
                const QString path =
                    file.path.startsWith(QLatin1String("ember/")) ? QStringLiteral("ember/") + name : name;
                QVERIFY2(std::any_of(windows.files.begin(), windows.files.end(),
                                     [&](const GeneratedFile& other) { return other.path == path; }),
                         qPrintable(file.path + QStringLiteral(" includes ") + path));
            }
        }
    }

    /// Of windows, votes and floats; that a wrong answer is found, the bundles' own test shows.
    void selfTestsPassWhereTheyAre_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"overlapping windows", "windows apart", "digits code", "perceptron"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void selfTestsPassWhereTheyAre()
    {
        QFETCH(QString, name);
        const std::vector<float> rows = tableOf(QStringLiteral("digits_test_X_int32.npy"));
        const auto digits = [](const char* file) { return model::loadModel(modelPath(QLatin1String(file))).value(); };
        const Subject subject = name == QLatin1String("overlapping windows") ? windowSubject(name, 20, Optimise::Size)
                                : name == QLatin1String("windows apart")     ? windowSubject(name, 90, Optimise::Speed)
                                : name == QLatin1String("digits code")
                                    ? subjectOf(name, digits("digits_rf10.onnx"),
                                                {.featureType = FeatureType::Int16, .optimise = Optimise::Speed}, rows)
                                    : subjectOf(name, digits("digits_mlp.onnx"), {}, rows);
        const bool windowed = subject.program.model().pipeline.has_value();
        const qsizetype size = windowed ? subject.program.windowBytes() : subject.program.featureBytes();
        std::vector<QByteArray> inputs;
        for (qsizetype at = 0; at + size <= subject.input.size(); at += size)
            inputs.push_back(subject.input.mid(at, size));
        const auto test = makeSelfTest(subject.program, inputs, 8'000);
        QVERIFY(test);
        QVERIFY(test->vectors > 4 && test->flashBytes <= 8'000);
        QCOMPARE(makeSelfTest(subject.program, inputs, 1)->vectors, 1);
        QVERIFY(!makeSelfTest(subject.program, {}, 8'000));
        // Our own firmware goes without where not even one fits.
        const auto stored = storedVectors(subject.program, inputs, 8'000);
        QVERIFY(stored && stored->count == test->vectors && stored->table.size() == test->flashBytes);
        const qsizetype each = stored->table.size() / stored->count;
        QCOMPARE(storedVectors(subject.program, inputs, each)->count, 1);
        QCOMPARE(storedVectors(subject.program, inputs, each - 1)->count, 0);
        QVERIFY(storedVectors(subject.program, inputs, each - 1)->table.isEmpty());
        QCOMPARE(storedVectors(subject.program, {}, 8'000)->count, 0);

        QTemporaryDir folder;
        GeneratedModel generated = generate(subject.program.model()).value();
        generated.files.insert(generated.files.end(), test->files.begin(), test->files.end());
        QVERIFY(writeGenerated(generated, folder.path()));
        writeText(folder.filePath(QStringLiteral("main.cpp")),
                  QStringLiteral("#include \"%1_self_test.hpp\"\n#include <stdio.h>\nint main()\n{\n"
                                 "    %1_self_test_result r;\n    const int wrong = %1_self_test(&r);\n"
                                 "    printf(\"%d %d %d\", r.vectors, r.exact, wrong);\n}\n")
                      .arg(generated.name));
        QStringList sources{QStringLiteral("main.cpp"), generated.name + QStringLiteral(".cpp"),
                            generated.name + QStringLiteral("_self_test.cpp")};
        const QStringList flags{QStringLiteral("-ffp-contract=off"), QStringLiteral("-o"), QStringLiteral("test")};
        const auto compiled = compile(QStringLiteral("g++"), strictFlags() + sources + flags, folder.path());
        QVERIFY2(compiled, qPrintable(compiled ? QString() : compiled.error().toString()));
        const auto said = compile(folder.filePath(QStringLiteral("test")), {}, folder.path());
        QVERIFY(said);
        QCOMPARE(said->standardOutput, QStringLiteral("%1 %1 0").arg(test->vectors).toUtf8());
    }

    /// An input's size has 16 bits in the agent.
    void firmwareCarriesNoHugeInputs()
    {
        const Subject huge = windowSubject(QStringLiteral("huge windows"), 20, Optimise::Size, 11'000);
        QVERIFY(huge.program.windowBytes() > 65'535);
        const QByteArray input(huge.program.windowBytes(), '\1');
        QCOMPARE(storedVectors(huge.program, std::vector{input}, 10'000'000)->count, 0);
    }

    void writingSaysWhereItFails()
    {
        const Subject subject = windowSubject("windows", 20, Optimise::Size);
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("file"));
        writeText(file, QStringLiteral("x"));
        const auto written = writeGenerated(generate(subject.program.model()).value(), file + QStringLiteral("/below"));
        QVERIFY(!written);
        QCOMPARE(written.error().kind, ErrorKind::Io);
    }

private:
    /// Nothing but the memory functions that every compiler may call: no heap, no libm, no C++ run-time.
    static void needsNoLibrary(const QString& object)
    {
        if (!programExists(QStringLiteral("nm")))
            return;
        ProcessRequest request;
        request.program = QStringLiteral("nm");
        request.arguments = {QStringLiteral("-u"), object};
        const auto outcome = runProcessChecked(request);
        QVERIFY(outcome);
        for (const QByteArray& line : outcome->standardOutput.split('\n')) {
            const QByteArray symbol = line.trimmed().mid(line.trimmed().lastIndexOf(' ') + 1);
            const bool allowed = symbol.isEmpty() || symbol == "memcpy" || symbol == "memset" || symbol == "memmove" ||
                                 symbol == "_GLOBAL_OFFSET_TABLE_";
            QVERIFY2(allowed, symbol.constData());
        }
    }

    static void onlyPlainText(const QByteArray& source)
    {
        for (const char c : source)
            QVERIFY2(c == '\n' || (c >= 0x20 && c < 0x7F), source.constData());
        QVERIFY(!source.contains("?"
                                 "?"));
        QVERIFY(!source.contains("\n#error"));
    }
};

QTEST_GUILESS_MAIN(TestGenerated)
#include "tst_generated.moc"
