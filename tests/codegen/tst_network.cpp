// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/codegen/emitter.h"
#include "core/codegen/host_program.h"
#include "core/codegen/network/memory_planner.h"
#include "tests/codegen/random_networks.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cstring>
#include <functional>
#include <limits>

using namespace ember;
using namespace ember::codegen;
using namespace ember::codegen::test;
using model::Activation;

namespace {

constexpr int kCompileTimeoutMs = 600'000;
constexpr int kRows = 12;

struct Subject
{
    QString name;
    HostProgram program;
    QByteArray input;
};

/// Reals that meet every case of rounding: ties, limits, infinities and what is no number.
QByteArray realRows(qsizetype bytes, QRandomGenerator& random)
{
    QByteArray rows(bytes, '\0');
    for (qsizetype at = 0; at < bytes; at += 4) {
        constexpr float kOdd[] = {std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::infinity(),
                                  -std::numeric_limits<float>::infinity(),
                                  3e38f,
                                  -3e38f,
                                  1e-42f};
        const int choice = random.bounded(40);
        const float value = choice < 6 ? kOdd[choice] : static_cast<float>(random.generateDouble() * 8 - 4);
        std::memcpy(rows.data() + at, &value, sizeof value);
    }
    return rows;
}

Subject subjectOf(const QString& name, const model::Model& model, QRandomGenerator& random,
                  FeatureType type = FeatureType::Auto)
{
    Options options;
    options.name = name;
    options.featureType = type;
    HostProgram program = HostProgram::make(lower(model, options).value()).value();
    if (program.model().featureType == FeatureType::Float32) {
        QByteArray reals = realRows(program.featureBytes() * kRows, random);
        return {name, std::move(program), std::move(reals)};
    }
    QByteArray input(program.featureBytes() * kRows, '\0');
    for (char& value : input)
        value = static_cast<char>(random.bounded(256));
    return {name, std::move(program), std::move(input)};
}

Subject subjectOf(const QString& name, RandomNetwork& network)
{
    return subjectOf(name, network.take(), network.generator());
}

/// Gives the value that a node makes another shape, and the outputs of the graph with it.
void setShape(model::Model& model, std::size_t node, const model::Shape& shape)
{
    const std::string& name = model.graph.nodes.at(node).outputs.front();
    model.graph.values.at(name).shape = shape;
    for (model::ValueInfo& output : model.graph.outputs) {
        if (output.name == name)
            output.shape = shape;
    }
}

/// A network of one windowed layer between two functions, with pads as ONNX gives them.
template <typename Windowed>
model::Model explicitPads(RandomNetwork& net, qint64 begin, qint64 end, const model::Shape& result)
{
    model::Model model = net.take();
    auto* layer = std::get_if<Windowed>(&model.graph.nodes.at(1).operation);
    layer->window.padding = model::Padding::Explicit;
    layer->window.padsBegin = {begin, begin};
    layer->window.padsEnd = {end, end};
    setShape(model, 1, result);
    setShape(model, 2, result);
    return model;
}

/// Odd sizes, so that every rest of a block is met: pixels, channels, lanes, padding.
std::vector<Subject> randomSubjects()
{
    std::vector<Subject> all;
    for (quint32 seed = 1; seed <= 9; ++seed) {
        RandomNetwork net(seed);
        QRandomGenerator& random = net.generator();
        const auto upTo = [&random](int least, int most) { return random.bounded(least, most + 1); };
        const auto activation = [&random] { return random.bounded(2) == 1 ? Activation::Relu : Activation::None; };
        net.make(upTo(5, 11), upTo(5, 11), upTo(1, 4));
        net.conv(upTo(1, 9), upTo(1, 3), upTo(1, 2), activation(), true);
        net.depthwise(upTo(2, 3), upTo(1, 2), activation(), random.bounded(2) == 1);
        net.conv(upTo(1, 12), 1, 1, activation(), true); // in place, to fewer or more channels
        const std::string before = net.last();
        net.depthwise(3, 1, Activation::Relu6, true);
        net.pair(seed % 3 == 0   ? model::BinaryKind::Multiply
                 : seed % 3 == 1 ? model::BinaryKind::Subtract
                                 : model::BinaryKind::Add,
                 before, activation());
        net.pool(seed % 2 == 1 ? model::PoolKind::Average : model::PoolKind::Maximum, 2, 1, seed % 4 < 2);
        net.unary(seed % 2 == 1 ? model::UnaryKind::LeakyRelu : model::UnaryKind::HardSwish);
        if (seed % 3 == 0)
            net.mean();
        net.dense(upTo(2, 7), Activation::None);
        if (seed % 2 == 0)
            net.softmax();
        all.push_back(subjectOf(QStringLiteral("net%1").arg(seed), net));
    }
    RandomNetwork first(77); // a depthwise layer of one channel is a convolution
    first.make(9, 7, 1);
    first.depthwise(3, 2, Activation::Relu, true, 5);
    first.dense(3, Activation::ReluMinus1To1);
    all.push_back(subjectOf(QStringLiteral("first"), first));
    RandomNetwork wide(78); // rows that grow cannot lie where those of the image do
    wide.make(5, 5, 4);
    wide.unary(model::UnaryKind::LeakyRelu);
    wide.depthwise(3, 1, Activation::None, true);
    wide.unary(model::UnaryKind::LeakyRelu);
    const model::Model widened = explicitPads<model::DepthwiseConv>(wide, 2, 2, {1, 7, 7, 4});
    all.push_back(subjectOf(QStringLiteral("wide"), widened, wide.generator()));
    for (quint32 seed = 1; seed <= 4; ++seed) { // sums and dense layers become part of convolutions
        RandomNetwork sums(100 + seed);
        sums.make(5, 7, 3);
        sums.conv(5, 3, 1, Activation::Relu, true);
        const std::string around = sums.last();
        sums.conv(5, seed % 2 == 0 ? 3 : 1, 1, Activation::None, true);
        sums.pair(seed < 3 ? model::BinaryKind::Add : model::BinaryKind::Subtract, around, Activation::Relu, seed < 3);
        const std::string before = sums.last();
        sums.conv(5, 3, 1, Activation::Relu, true);
        sums.conv(5, 3, 1, Activation::None, true);
        sums.pair(model::BinaryKind::Subtract, before, Activation::None, seed % 2 == 0);
        sums.conv(static_cast<int>(seed), 3, 2, Activation::Relu, true);
        sums.dense(6, Activation::Relu);
        all.push_back(subjectOf(QStringLiteral("sums%1").arg(seed), sums));
    }
    for (quint32 seed = 1; seed <= 3; ++seed) { // channels without weights
        RandomNetwork empty(300 + seed);
        empty.emptyChannels();
        empty.make(5, 4, 3);
        empty.conv(4, 3, 1, seed == 1 ? Activation::None : Activation::Relu, true);
        empty.depthwise(3, 1, Activation::None, true);
        empty.dense(3, seed == 2 ? Activation::Relu6 : Activation::None);
        all.push_back(subjectOf(QStringLiteral("empty%1").arg(seed), empty));
    }
    for (quint32 seed = 1; seed <= 3; ++seed) { // the same numbers at other places
        RandomNetwork moves(200 + seed);
        moves.make(6, 5, 3);
        moves.conv(4, 3, 1, Activation::None, true);
        const std::string around = moves.last();
        moves.conv(3, 3, 1, Activation::Relu, true);
        moves.concat(around);
        moves.pad(1, static_cast<int>(seed));
        moves.slice(static_cast<qint64>(seed), 1, 4);
        moves.conv(5, 3, 1, Activation::None, true);
        all.push_back(subjectOf(QStringLiteral("moves%1").arg(seed), moves));
    }
    for (quint32 seed = 79; seed < 82; ++seed) { // behind reals, with a label at the end
        RandomNetwork ends(seed);
        ends.makeReals(5, 4, 3);
        ends.conv(4, 3, 1, Activation::Relu, true);
        ends.dense(6, Activation::None);
        ends.endInLabel({"a", "b", "c", "d", "e", "f"});
        model::Model model = ends.take();
        model.classNames = {"a", "b", "c", "d", "e", "f"};
        const FeatureType type = seed == 79 ? FeatureType::Auto : seed == 80 ? FeatureType::Int16 : FeatureType::Int8;
        all.push_back(subjectOf(QStringLiteral("ends%1").arg(seed), model, ends.generator(), type));
    }
    return all;
}

QString typeOf(FeatureType type)
{
    return type == FeatureType::Float32 ? QStringLiteral("float")
           : type == FeatureType::Int16 ? QStringLiteral("int16_t")
                                        : QStringLiteral("int8_t");
}

QString driverSource(const std::vector<Subject>& subjects)
{
    QString includes;
    QString cases;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const QString& name = subjects[i].name;
        includes += QStringLiteral("#include \"%1.hpp\"\n").arg(name);
        cases += QStringLiteral("    if (which == %1) {\n"
                                "        %4 row[%2_FEATURE_COUNT];\n        int8_t outputs[%2_OUTPUT_COUNT];\n"
                                "        while (std::fread(row, sizeof row, 1, stdin) == 1) {\n"
                                "            const uint16_t winner = %3_infer(row, outputs);\n"
                                "            std::fwrite(&winner, sizeof winner, 1, stdout);\n"
                                "            std::fwrite(outputs, sizeof outputs, 1, stdout);\n        }\n    }\n")
                     .arg(i)
                     .arg(name.toUpper(), name, typeOf(subjects[i].program.model().featureType));
    }
    return QStringLiteral("#include <cstdio>\n#include <cstdlib>\n") + includes +
           QStringLiteral("int main(int, char** argv)\n{\n    const int which = std::atoi(argv[1]);\n") + cases +
           QStringLiteral("    return 0;\n}\n");
}

QByteArray expectedOutput(const Subject& subject)
{
    QByteArray out;
    const qsizetype size = subject.program.featureBytes();
    for (qsizetype at = 0; at + size <= subject.input.size(); at += size) {
        const HostOutput output = subject.program.runFeatures(subject.input.mid(at, size)).value();
        out.append(reinterpret_cast<const char*>(&output.winner), sizeof output.winner);
        out += output.outputs.bytes;
    }
    return out;
}

/// The smallest height of any plan, by trying every offset.
qint64 bestHeight(const std::vector<Buffer>& buffers, qint64 step)
{
    qint64 all = 0;
    for (const Buffer& buffer : buffers)
        all += buffer.bytes;
    qint64 best = all;
    std::vector<qint64> offsets(buffers.size());
    const std::function<void(std::size_t, qint64)> place = [&](std::size_t i, qint64 height) {
        if (height >= best)
            return;
        if (i == buffers.size()) {
            best = height;
            return;
        }
        for (qint64 offset = 0; offset + buffers[i].bytes < best; offset += step) {
            bool free = true;
            for (std::size_t j = 0; j < i && free; ++j)
                free = buffers[i].first > buffers[j].last || buffers[j].first > buffers[i].last ||
                       offset >= offsets[j] + buffers[j].bytes || offsets[j] >= offset + buffers[i].bytes;
            if (!free)
                continue;
            offsets[i] = offset;
            place(i + 1, std::max(height, offset + buffers[i].bytes));
        }
    };
    place(0, 0);
    return best;
}

/// The height of the greedy plan: the largest first, each at the lowest place that is free.
qint64 greedyHeight(std::vector<Buffer> buffers)
{
    std::stable_sort(buffers.begin(), buffers.end(),
                     [](const Buffer& a, const Buffer& b) { return a.bytes > b.bytes; });
    std::vector<qint64> offsets;
    qint64 height = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        qint64 offset = 0;
        for (std::size_t j = 0; j < i; ++j) {
            const bool meet = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
            if (!meet || offset >= offsets[j] + buffers[j].bytes || offsets[j] >= offset + buffers[i].bytes)
                continue;
            offset = offsets[j] + buffers[j].bytes;
            j = std::size_t(-1); // what lay below may be in the way now
        }
        offsets.push_back(offset);
        height = std::max(height, offset + buffers[i].bytes);
    }
    return height;
}

std::vector<Buffer> randomBuffers(QRandomGenerator& random, int count, int most)
{
    std::vector<Buffer> buffers;
    for (int i = 0; i < count; ++i) {
        const int first = random.bounded(8);
        buffers.push_back({8 * random.bounded(1, most), first, first + random.bounded(4)});
    }
    return buffers;
}

void verifyPlan(const std::vector<Buffer>& buffers, const ArenaPlan& plan)
{
    QCOMPARE(plan.offsets.size(), buffers.size());
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        QVERIFY(plan.offsets[i] >= 0 && plan.offsets[i] + buffers[i].bytes <= plan.bytes);
        for (std::size_t j = 0; j < i; ++j) {
            const bool meet = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
            QVERIFY(!meet || plan.offsets[i] >= plan.offsets[j] + buffers[j].bytes ||
                    plan.offsets[j] >= plan.offsets[i] + buffers[i].bytes);
        }
    }
    QVERIFY(plan.bytes >= plan.lowerBound);
}

} // namespace

/// Networks in int8: generated code against the interpreter, and the plan of its memory against all plans.
class TestNetwork : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void compiledCodeComputesWhatTheInterpreterComputes_data()
    {
        QTest::addColumn<QString>("compiler");
        QTest::newRow("g++") << QStringLiteral("g++");
        QTest::newRow("clang++") << QStringLiteral("clang++");
    }
    void compiledCodeComputesWhatTheInterpreterComputes()
    {
        QFETCH(QString, compiler);
        if (!programExists(compiler))
            QSKIP(qPrintable(QStringLiteral("%1 is not installed").arg(compiler)));
        QTemporaryDir folder;
        const std::vector<Subject> subjects = randomSubjects();
        ProcessRequest build;
        build.program = compiler;
        build.workingDirectory = folder.path();
        build.timeoutMs = kCompileTimeoutMs;
        build.arguments = {QStringLiteral("-std=c++14"),
                           QStringLiteral("-O1"),
                           QStringLiteral("-Wall"),
                           QStringLiteral("-Wextra"),
                           QStringLiteral("-Wpedantic"),
                           QStringLiteral("-Wconversion"),
                           QStringLiteral("-Wshadow"),
                           QStringLiteral("-Werror"),
                           QStringLiteral("-fno-exceptions"),
                           QStringLiteral("-fno-rtti"),
                           QStringLiteral("-fsanitize=undefined"),
                           QStringLiteral("-fno-sanitize-recover=undefined"),
                           QStringLiteral("driver.cpp"),
                           QStringLiteral("-o"),
                           QStringLiteral("driver")};
        for (const Subject& subject : subjects) {
            QVERIFY(writeGenerated(generate(subject.program.model()).value(), folder.path()));
            build.arguments << subject.name + QStringLiteral(".cpp");
        }
        QFile driver(folder.filePath(QStringLiteral("driver.cpp")));
        QVERIFY(driver.open(QIODevice::WriteOnly));
        driver.write(driverSource(subjects).toUtf8());
        driver.close();
        const auto built = runProcessChecked(build);
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));

        QSet<char> seen;
        for (std::size_t i = 0; i < subjects.size(); ++i) {
            ProcessRequest run;
            run.program = folder.filePath(QStringLiteral("driver"));
            run.arguments = {QString::number(i)};
            run.standardInput = subjects[i].input;
            const auto outcome = runProcessChecked(run);
            QVERIFY2(outcome, outcome ? "" : qPrintable(outcome.error().toString()));
            const QByteArray expected = expectedOutput(subjects[i]);
            QVERIFY2(outcome->standardOutput == expected, qPrintable(subjects[i].name));
            for (const char value : expected)
                seen << value;
        }
        QVERIFY2(seen.size() > 60, "the networks say too little to tell right from wrong");
    }

    void labelsMustBeTheClassesInOrder()
    {
        const auto lowered = [](const QStringList& classes, bool asIndex = false) {
            RandomNetwork net(7);
            net.makeReals(4, 4, 1);
            net.dense(3, Activation::None);
            net.endInLabel({"a", "b", "c"}, asIndex);
            model::Model model = net.take();
            model.classNames = classes;
            return lower(model);
        };
        const auto right = lowered({"a", "b", "c"});
        QVERIFY2(right, right ? "" : qPrintable(right.error().toString()));
        QVERIFY(right->classifier);
        QVERIFY(lowered({"0", "1", "2"}, true));
        QVERIFY(lowered({}, true));
        QVERIFY(!lowered({"1", "0", "2"}, true));
        const auto turned = lowered({"b", "a", "c"});
        QVERIFY(!turned);
        QVERIFY2(turned.error().message.contains(QLatin1String("labels")), qPrintable(turned.error().message));
    }

    void sumsAndSmallDenseLayersNeedNoMemoryOfTheirOwn()
    {
        RandomNetwork net(12);
        net.make(16, 16, 8);
        net.conv(8, 3, 1, Activation::Relu, true);
        const std::string before = net.last();
        net.conv(8, 3, 1, Activation::Relu, true);
        net.conv(8, 3, 1, Activation::None, true);
        net.pair(model::BinaryKind::Add, before, Activation::None);
        net.conv(8, 3, 1, Activation::None, true);
        net.dense(10, Activation::None);
        const LoweredModel lowered = lower(net.take()).value();
        const auto& network = std::get<LoweredNetwork>(lowered.body);
        QCOMPARE(network.steps.size(), std::size_t(4));
        // Two images, the lanes of two windows, two pixels.
        QCOMPARE(network.arena.bytes, qint64(2 * 16 * 16 * 8 + 9 * 8 * 2 * 2 + 2 * 8));
    }

    void whatHasNoKernelIsNamed()
    {
        RandomNetwork net(5);
        net.make(6, 6, 2);
        net.depthwise(3, 1, Activation::None, true, 3);
        const auto lowered = lower(net.take());
        QVERIFY(!lowered);
        QCOMPARE(lowered.error().kind, ErrorKind::Unsupported);
        QVERIFY2(lowered.error().message.contains(QLatin1String("depthwise")), qPrintable(lowered.error().message));
    }

    void meansOverOtherThanTheImageAreRefused()
    {
        for (const std::vector<qint64>& axes : {std::vector<qint64>{3}, {-1}, {1, 3}}) {
            RandomNetwork net(6);
            net.make(4, 4, 4);
            net.mean();
            model::Model model = net.take();
            std::get_if<model::Reduce>(&model.graph.nodes.front().operation)->axes = axes;
            setShape(model, 0, axes.size() == 2 ? model::Shape{1, 1, 4, 1} : model::Shape{1, 4, 4, 1});
            const auto lowered = lower(model);
            QVERIFY(!lowered);
            QCOMPARE(lowered.error().kind, ErrorKind::Unsupported);
            QVERIFY2(lowered.error().message.contains(QLatin1String("Mean")), qPrintable(lowered.error().message));
        }
        // As many results as channels, which is not what makes it the mean of an image.
        RandomNetwork net(6);
        net.make(4, 4, 16);
        net.mean();
        model::Model model = net.take();
        std::get_if<model::Reduce>(&model.graph.nodes.front().operation)->axes = {3};
        setShape(model, 0, {1, 4, 4, 1});
        QVERIFY(!lower(model));
    }

    void windowsInThePaddingAreRefused()
    {
        RandomNetwork pools(8);
        pools.make(5, 5, 3);
        pools.unary(model::UnaryKind::LeakyRelu);
        pools.pool(model::PoolKind::Average, 2, 1, true);
        pools.unary(model::UnaryKind::LeakyRelu);
        RandomNetwork points(9);
        points.make(5, 5, 3);
        points.unary(model::UnaryKind::LeakyRelu);
        points.conv(4, 1, 1, Activation::None, true);
        points.unary(model::UnaryKind::LeakyRelu);
        for (const model::Model& model : {explicitPads<model::Pool>(pools, 0, 2, {1, 6, 6, 3}),
                                          explicitPads<model::Conv>(points, 0, 1, {1, 6, 6, 4})}) {
            const auto lowered = lower(model);
            QVERIFY(!lowered);
            QVERIFY2(lowered.error().message.contains(QLatin1String("padding")), qPrintable(lowered.error().message));
        }
    }

    void smallPlansAreOptimal()
    {
        QRandomGenerator random(3);
        int harder = 0;
        for (int i = 0; i < 2000; ++i) {
            const std::vector<Buffer> buffers = randomBuffers(random, 8, 4);
            const ArenaPlan plan = planArena(buffers);
            verifyPlan(buffers, plan);
            QVERIFY(plan.optimal);
            QCOMPARE(plan.gap(), qint64(0));
            QCOMPARE(plan.bytes, bestHeight(buffers, 8));
            harder += greedyHeight(buffers) > plan.bytes ? 1 : 0;
        }
        QVERIFY2(harder > 0, "the greedy plan must be worse for some, or the search is not tested");
    }

    void largePlansSayTheirGap()
    {
        QRandomGenerator random(4);
        for (const int count : {30, 80}) {
            const std::vector<Buffer> buffers = randomBuffers(random, count, 400);
            const ArenaPlan plan = planArena(buffers);
            verifyPlan(buffers, plan);
            QCOMPARE(plan.gap(), plan.optimal ? 0 : plan.bytes - plan.lowerBound);
        }
    }
};

QTEST_GUILESS_MAIN(TestNetwork)
#include "tst_network.moc"
