// SPDX-License-Identifier: GPL-3.0-or-later
// Small files that ask for much, and bytes that are no model.
#include "core/model/analysis.h"
#include "core/model/model_file.h"
#include "core/model/onnx_reader.h"
#include "tests/model/onnx_protos.h"
#include "tests/support/cost_guard.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryFile>
#include <QTest>

#include <functional>

using namespace ember;
using namespace ember::model;
using namespace ember::test;

namespace {

std::string repeated(const std::string& part, int times)
{
    std::string all;
    all.reserve(part.size() * static_cast<std::size_t>(times));
    for (int i = 0; i < times; ++i)
        all += part;
    return all;
}

std::vector<std::pair<const char*, QByteArray>> greedyFiles()
{
    std::vector<std::pair<const char*, QByteArray>> all;
    const auto add = [&all](const char* name, const QByteArray& bytes) { all.emplace_back(name, bytes); };
    const std::string stump = stumpProto().SerializeAsString();
    add("a field of 2 GB", bytesFrom(stump + std::string("\x3A\xFF\xFF\xFF\xFF\x07", 6)));
    add("empty nodes", bytesFrom(stump + field(7, repeated(field(1, ""), 1'500'000))));
    const std::string emptyNodes = field(7, repeated(field(1, ""), 4'000'000));
    add("a group first", bytesFrom("\x1B\x1C" + emptyNodes + stump));
    add("a group in the graph", bytesFrom(field(7, "\x1B\x1C") + emptyNodes + stump));
    add("a group that does not end", bytesFrom("\x1B" + emptyNodes + stump));
    // Names and unknown fields are no messages, whatever they look like.
    add("an annotation like a node", bytesFrom(field(7, field(14, field(1, "\x1B"))) + emptyNodes + stump));
    add("a sequence in a tensor",
        bytesFrom(field(7, field(11, field(2, field(1, field(4, "\x1B"))))) + emptyNodes + stump));
    add("empty inputs", bytesFrom(stump + field(7, repeated(field(11, ""), 1'500'000))));
    add("empty properties", bytesFrom(stump + repeated(field(14, ""), 1'500'000)));
    add("empty names", bytesFrom(stump + field(7, field(1, repeated(field(1, ""), 1'500'000)))));
    add("dimensions of nothing",
        bytesFrom(stump + field(7, field(11, field(2, field(1, field(2, repeated(field(1, ""), 3'000'000))))))));
    add("small numbers", bytesFrom(stump + field(7, field(1, field(5, field(8, std::string(20'000'000, '\1')))))));
    std::string nested;
    for (int depth = 0; depth < 3'000; ++depth)
        nested = field(1, field(5, field(6, nested)));
    add("graphs in graphs", bytesFrom(stump + field(7, nested)));
    for (const std::vector<qint64>& dims : std::vector<std::vector<qint64>>{{2'147'483'647},
                                                                            {1 << 20, 1 << 20, 1 << 20},
                                                                            {-1, 3},
                                                                            {0, -5},
                                                                            {9'223'372'036'854'775'807, 2},
                                                                            {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}) {
        GraphFile file;
        file.constant("c", 1, dims).set_raw_data("12345678");
        file.node("Add", {"x", "c"}, "y");
        add("monstrous dimensions", bytesOf(file.model));
    }
    for (const char* type : {"ConstantOfShape", "Reshape", "Expand", "Tile"}) {
        GraphFile file;
        const bool alone = std::string(type) == "ConstantOfShape";
        file.numbers("s", alone ? std::vector<qint64>{1 << 15, 1 << 16} : std::vector<qint64>{1 << 20, -7});
        file.node(type, alone ? std::vector<std::string>{"s"} : std::vector<std::string>{"x", "s"}, "y");
        add(type, bytesOf(file.model));
    }
    GraphFile range;
    for (const auto& [name, value] : {std::pair{"a", 0}, std::pair{"b", 2'147'483'647}, std::pair{"d", 1}})
        range.constant(name, 6, {}).add_int32_data(value);
    range.node("Range", {"a", "b", "d"}, "y");
    add("a long range", bytesOf(range.model));
    pb::ModelProto wide = stumpProto();
    pb::NodeProto& trees = *wide.mutable_graph()->mutable_node(0);
    trees.set_op_type("TreeEnsembleRegressor");
    attribute(trees, "n_targets")->set_i(65'536);
    for (const char* name : {"nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids",
                             "nodes_falsenodeids", "nodes_modes", "nodes_values"})
        attribute(trees, name)->Clear();
    for (int i = 0; i < 970; ++i) {
        for (const char* name : {"nodes_treeids", "nodes_nodeids"})
            attribute(trees, name)->add_ints(i);
        for (const char* name : {"nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids"})
            attribute(trees, name)->add_ints(0);
        attribute(trees, "nodes_modes")->add_strings("LEAF");
        attribute(trees, "nodes_values")->add_floats(0);
    }
    add("leaves of many targets", bytesOf(wide));
    return all;
}

// Files whose reading takes long if each of their parts is looked at with all others.
std::vector<std::pair<const char*, QByteArray>> laboriousFiles()
{
    std::vector<std::pair<const char*, QByteArray>> all;
    GraphFile shapes({6'000, 10'000});
    for (int i = 0; i < 2'000; ++i)
        shapes.node("Shape", {"x"}, "s" + std::to_string(i));
    shapes.node("Identity", {"s0"}, "y");
    all.emplace_back("shapes of a large value", bytesOf(shapes.model));

    GraphFile sums;
    sums.constant("c", 1, {300, 1'000}).set_raw_data(std::string(1'200'000, '\0'));
    for (int i = 0; i < 2'000; ++i)
        sums.node("ReduceSum", {"c"}, i == 0 ? "y" : "s" + std::to_string(i));
    all.emplace_back("sums of a large constant", bytesOf(sums.model));

    pb::ModelProto chain = stumpProto();
    for (int i = 0; i < 3'000; ++i) {
        pb::NodeProto& node = *chain.mutable_graph()->add_node();
        node.set_op_type("Identity");
        node.add_input("v" + std::to_string(i + 1));
        node.add_output("v" + std::to_string(i));
    }
    for (int i = 0; i < 60'000; ++i)
        chain.mutable_graph()->add_input()->set_name("other" + std::to_string(i));
    chain.mutable_graph()->mutable_node(0)->set_input(0, "v0");
    all.emplace_back("a long way to the trees", bytesOf(chain));

    pb::ModelProto names = stumpProto();
    for (int i = 0; i < 9'000; ++i) {
        pb::NodeProto& node = *names.mutable_graph()->add_node();
        node.set_op_type("Strange" + std::to_string(i));
        node.add_output("o" + std::to_string(i));
    }
    all.emplace_back("unknown operators", bytesOf(names));
    return all;
}

} // namespace

class TestOnnxGreedy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bytesThatAreNoModel()
    {
        for (const QByteArray& bytes : {QByteArray(), QByteArray("hello, world"), QByteArray(1000, '\xff')})
            QCOMPARE(readOnnx(bytes).error().kind, ErrorKind::BadData);
        // Sequences of sequences of ... must not exhaust the stack: protobuf stops at its own limit.
        std::string type;
        for (int depth = 0; depth < 20'000; ++depth)
            type = field(4, field(1, type));
        const std::string output = field(1, "out") + field(2, type);
        const std::string bomb = bytesOf(stumpProto()).toStdString() + field(7, field(12, output));
        QCOMPARE(readOnnx(QByteArray::fromStdString(bomb)).error().kind, ErrorKind::BadData);
        QVERIFY(readOnnx(
            QByteArray::fromStdString(bytesOf(stumpProto()).toStdString() + field(7, field(12, field(1, "out"))))));
    }

    // Of the old broadcasts, which name an axis of the first value for the second.
    void anOperatorWithoutItsSecondValueIsRefused()
    {
        for (const char* type : {"Add", "Mul", "PRelu"}) {
            for (const int inputs : {0, 1}) {
                pb::ModelProto model;
                model.set_ir_version(3);
                model.add_opset_import()->set_version(6);
                pb::GraphProto& graph = *model.mutable_graph();
                addValue(*graph.add_input(), "a", 1, {2, 3});
                addValue(*graph.add_output(), "y", 1, {2, 3});
                pb::NodeProto& node = *graph.add_node();
                node.set_op_type(type);
                for (int i = 0; i < inputs; ++i)
                    node.add_input("a");
                node.add_output("y");
                for (const char* name : {"broadcast", "axis"}) {
                    attribute(node, name)->set_type(2);
                    attribute(node, name)->set_i(1);
                }
                const auto read = readOnnx(bytesOf(model));
                QVERIFY(!read || !analyse(read->graph));
            }
        }
    }

    void aFileIsNotMoreThanItIs()
    {
        for (const auto& [name, bytes] : greedyFiles()) {
            const test::CostGuard guard;
            const auto summary = summariseOnnx(bytes);
            const auto model = readOnnx(bytes);
            const bool refused = !model || !analyse(model->graph);
            guard.check(name);
            QVERIFY2(refused, name);
            if (!model)
                QVERIFY2(model.error().message.size() > 20 && !model.error().hint.isEmpty(), name);
            Q_UNUSED(summary)
        }
    }

    void aFileTakesNoLongerThanItIs()
    {
        for (const auto& [name, bytes] : laboriousFiles()) {
            const test::CostGuard guard;
            const auto summary = summariseOnnx(bytes);
            const auto model = readOnnx(bytes);
            if (model) {
                const auto analysis = analyse(model->graph);
                Q_UNUSED(analysis)
            } else {
                QVERIFY2(model.error().message.size() > 20, name);
            }
            guard.check(name);
            Q_UNUSED(summary)
        }
    }

    void circlesAndMissingValuesAreRefused()
    {
        GraphFile circle;
        circle.node("Add", {"x", "b"}, "a");
        circle.node("Relu", {"a"}, "b");
        circle.node("Identity", {"b"}, "y");
        QVERIFY(readOnnx(bytesOf(circle.model)).error().message.contains(QStringLiteral("nothing before it makes")));
        GraphFile missing;
        missing.node("Gemm", {"x", "weights", "bias"}, "y");
        QVERIFY(readOnnx(bytesOf(missing.model)).error().message.contains(QStringLiteral("weights")));
        GraphFile absent;
        absent.node("Gemm", {"x", "", ""}, "y");
        const auto model = readOnnx(bytesOf(absent.model));
        QVERIFY(!model || !analyse(model->graph));
        GraphFile nowhere;
        nowhere.node("Relu", {"x"}, "z");
        QVERIFY(readOnnx(bytesOf(nowhere.model)).error().message.contains(QStringLiteral("output 'y'")));
    }

    void aFileOfTwoGigabytesIsNotRead()
    {
        QTemporaryFile file;
        QVERIFY(file.open() && file.resize(2'147'483'648LL)); // a hole: it needs no room
        const test::CostGuard guard;
        const auto model = loadModel(file.fileName());
        guard.check("2 GB");
        QCOMPARE(model.error().kind, ErrorKind::Unsupported);
        QVERIFY(model.error().message.contains(QStringLiteral("2147 MB")));
    }

    // Cut short or with bytes changed, a real file is read or refused, never more than that.
    void mutatedFilesNeverCrash()
    {
        QFile file(QStringLiteral(EMBERLAB_TEST_DATA "/models/digits_dt8.onnx"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray good = file.readAll();
        QRandomGenerator random(6);
        int refused = 0;
        qint64 longest = 0;
        for (int i = 0; i < 3000; ++i) {
            QByteArray bad = good;
            if (i % 2 == 0)
                bad.truncate(random.bounded(int(good.size())));
            const int changes = random.bounded(1, 20);
            for (int c = 0; c < changes && !bad.isEmpty(); ++c)
                bad[random.bounded(int(bad.size()))] = static_cast<char>(random.bounded(256));
            const qint64 start = test::CostGuard::processorMs();
            const auto model = readOnnx(bad);
            longest = std::max(longest, test::CostGuard::processorMs() - start);
            refused += model ? 0 : 1;
            if (!model)
                QVERIFY(!model.error().message.isEmpty());
            (void)summariseOnnx(bad);
        }
        QVERIFY(refused > 1500);
        QVERIFY2(longest < test::CostGuard::kMostMs, qPrintable(QString::number(longest)));
    }
};

QTEST_GUILESS_MAIN(TestOnnxGreedy)
#include "tst_onnx_greedy.moc"
