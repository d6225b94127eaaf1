// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/analysis.h"
#include "core/model/model_file.h"
#include "core/model/onnx_format.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_trees.h"
#include "tests/support/cost_guard.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryFile>
#include <QTest>

#include <cmath>
#include <functional>
#include <limits>

using namespace ember;
using namespace ember::model;
namespace pb = emberlab::onnx;

namespace {

pb::AttributeProto* attribute(pb::NodeProto& node, const char* name)
{
    for (pb::AttributeProto& a : *node.mutable_attribute()) {
        if (a.name() == name)
            return &a;
    }
    pb::AttributeProto* a = node.add_attribute();
    a->set_name(name);
    return a;
}

void setInts(pb::NodeProto& node, const char* name, std::initializer_list<int> values)
{
    attribute(node, name)->clear_ints();
    for (const int v : values)
        attribute(node, name)->add_ints(v);
}

void setFloats(pb::NodeProto& node, const char* name, std::initializer_list<float> values)
{
    attribute(node, name)->clear_floats();
    for (const float v : values)
        attribute(node, name)->add_floats(v);
}

void setStrings(pb::NodeProto& node, const char* name, std::initializer_list<const char*> values)
{
    attribute(node, name)->clear_strings();
    for (const char* v : values)
        attribute(node, name)->add_strings(v);
}

void addValue(pb::ValueInfoProto& info, const char* name, int type, std::initializer_list<int> shape)
{
    info.set_name(name);
    info.mutable_type()->mutable_tensor_type()->set_elem_type(type);
    for (const int size : shape)
        info.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(size);
}

// x0 <= 1 ? (1, 0, 0) : (0, 0.25, 0.75), over classes 5, 6, 7.
pb::ModelProto stumpProto()
{
    pb::ModelProto model;
    model.set_ir_version(8);
    pb::GraphProto& graph = *model.mutable_graph();
    addValue(*graph.add_input(), "x", 1, {1, 2});
    addValue(*graph.add_output(), "label", 7, {1});
    pb::NodeProto& node = *graph.add_node();
    node.set_domain("ai.onnx.ml");
    node.set_op_type("TreeEnsembleClassifier");
    node.add_input("x");
    node.add_output("label");
    node.add_output("scores");
    setInts(node, "nodes_treeids", {0, 0, 0});
    setInts(node, "nodes_nodeids", {0, 1, 2});
    setInts(node, "nodes_featureids", {0, 0, 0});
    setInts(node, "nodes_truenodeids", {1, 0, 0});
    setInts(node, "nodes_falsenodeids", {2, 0, 0});
    setStrings(node, "nodes_modes", {"BRANCH_LEQ", "LEAF", "LEAF"});
    setFloats(node, "nodes_values", {1, 0, 0});
    setInts(node, "class_treeids", {0, 0, 0});
    setInts(node, "class_nodeids", {1, 2, 2});
    setInts(node, "class_ids", {0, 1, 2});
    setFloats(node, "class_weights", {1, 0.25f, 0.75f});
    setInts(node, "classlabels_int64s", {5, 6, 7});
    return model;
}

QByteArray bytesOf(const pb::ModelProto& model)
{
    return QByteArray::fromStdString(model.SerializeAsString());
}

const TreeEnsemble& treesOf(const Model& model)
{
    return std::get<TreeEnsemble>(model.graph.nodes.front().operation);
}

// A length-delimited protobuf field, for bytes that the library itself would not write.
std::string field(int number, const std::string& payload)
{
    std::string out(1, static_cast<char>(number << 3 | 2));
    std::size_t size = payload.size();
    for (; size >= 128; size >>= 7)
        out += static_cast<char>(size | 128);
    return out + static_cast<char>(size) + payload;
}

using Damage = std::function<void(pb::NodeProto&)>;

// A graph of one input and one output, to be filled with nodes.
struct GraphFile
{
    pb::ModelProto model;
    pb::GraphProto& graph;

    explicit GraphFile(std::initializer_list<int> shape = {2, 3})
        : graph(*model.mutable_graph())
    {
        model.set_ir_version(8);
        model.add_opset_import()->set_version(13);
        addValue(*graph.add_input(), "x", 1, shape);
        addValue(*graph.add_output(), "y", 1, {2, 3});
    }

    pb::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output)
    {
        pb::NodeProto& node = *graph.add_node();
        node.set_op_type(type);
        for (const std::string& input : inputs)
            node.add_input(input);
        node.add_output(output);
        return node;
    }

    pb::TensorProto& constant(const std::string& name, int type, const std::vector<qint64>& dims)
    {
        pb::TensorProto& tensor = *graph.add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(type);
        for (const qint64 size : dims)
            tensor.add_dims(size);
        return tensor;
    }
    void numbers(const std::string& name, const std::vector<qint64>& values)
    {
        pb::TensorProto& tensor = constant(name, 7, {static_cast<qint64>(values.size())});
        for (const qint64 value : values)
            tensor.add_int64_data(value);
    }
};

std::string repeated(const std::string& part, int times)
{
    std::string all;
    all.reserve(part.size() * static_cast<std::size_t>(times));
    for (int i = 0; i < times; ++i)
        all += part;
    return all;
}

QByteArray bytesFrom(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

// Files that ask for more than they are, by name.
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
Q_DECLARE_METATYPE(Damage)

class TestOnnxHostile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theUndamagedStumpIsRead()
    {
        const Model model = readOnnx(bytesOf(stumpProto())).value();
        QCOMPARE(model.classNames, (QStringList{QStringLiteral("5"), QStringLiteral("6"), QStringLiteral("7")}));
        QCOMPARE(treesOf(model).featureCount, 2);
        QCOMPARE(treesOf(model).leafValues, (std::vector<float>{1, 0, 0, 0, 0.25f, 0.75f}));
        // Names may be any bytes, those of a group too.
        const std::string annotated = field(7, field(14, field(1, "\x1B") + field(2, field(1, "SCALE_TENSOR"))));
        QVERIFY(readOnnx(bytesFrom(annotated + stumpProto().SerializeAsString())));
    }

    void damagedTreesAreRefusedWithAReason_data()
    {
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, Damage damage, const char* says) {
            QTest::newRow(name) << damage << QString::fromLatin1(says);
        };
        row(
            "lists of different length",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_nodeids", {0, 1});
            },
            "different lengths");
        row(
            "no nodes",
            [](pb::NodeProto& n) {
                n.clear_attribute();
                setInts(n, "classlabels_int64s", {1, 2});
            },
            "none");
        row(
            "no labels", [](pb::NodeProto& n) { setInts(n, "classlabels_int64s", {}); }, "no class labels");
        row(
            "node twice",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_nodeids", {0, 1, 1});
            },
            "there twice");
        row(
            "child missing",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_truenodeids", {9, 0, 0});
            },
            "not there");
        row(
            "node is its own child",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_truenodeids", {0, 0, 0});
            },
            "belong to no tree");
        row(
            "both children the same",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_truenodeids", {2, 0, 0});
            },
            "two roots|more than one");
        row(
            "circle",
            [](pb::NodeProto& n) {
                setStrings(n, "nodes_modes", {"BRANCH_LEQ", "BRANCH_LEQ", "LEAF"});
                setInts(n, "nodes_truenodeids", {1, 0, 0});
                setInts(n, "nodes_falsenodeids", {2, 2, 0});
            },
            "circle");
        row(
            "mode",
            [](pb::NodeProto& n) {
                setStrings(n, "nodes_modes", {"BRANCH_MAYBE", "LEAF", "LEAF"});
            },
            "BRANCH_MAYBE");
        row(
            "negative feature",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_featureids", {-1, 0, 0});
            },
            "feature -1");
        row(
            "feature beyond the input",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_featureids", {2, 0, 0});
            },
            "2 features but its trees read 3");
        row(
            "weight for no node",
            [](pb::NodeProto& n) {
                setInts(n, "class_nodeids", {1, 2, 8});
            },
            "not there");
        row(
            "weight for no class",
            [](pb::NodeProto& n) {
                setInts(n, "class_ids", {0, 1, 3});
            },
            "not there");
        row(
            "weight lists",
            [](pb::NodeProto& n) {
                setInts(n, "class_ids", {0, 1});
            },
            "different lengths");
        row(
            "infinite weight",
            [](pb::NodeProto& n) {
                setFloats(n, "class_weights", {1, 0, std::numeric_limits<float>::infinity()});
            },
            "not a finite number");
        row(
            "threshold is no number",
            [](pb::NodeProto& n) {
                setFloats(n, "nodes_values", {std::nanf(""), 0, 0});
            },
            "not a number");
        row(
            "base values",
            [](pb::NodeProto& n) {
                setFloats(n, "base_values", {1, 2});
            },
            "2 base values");
        row(
            "transform", [](pb::NodeProto& n) { attribute(n, "post_transform")->set_s("MAGIC"); }, "MAGIC");
        row(
            "huge target count",
            [](pb::NodeProto& n) {
                n.set_op_type("TreeEnsembleRegressor");
                attribute(n, "n_targets")->set_i(std::numeric_limits<qint64>::max());
            },
            "targets");
        row(
            "input from nowhere", [](pb::NodeProto& n) { n.set_input(0, "y"); }, "nothing provides 'y'");
        row(
            "its own input", [](pb::NodeProto& n) { n.set_input(0, "scores"); }, "nothing provides 'scores'");
        row(
            "same label twice",
            [](pb::NodeProto& n) {
                setInts(n, "classlabels_int64s", {5, 5, 7});
            },
            "same name");
    }
    void damagedTreesAreRefusedWithAReason()
    {
        QFETCH(Damage, damage);
        QFETCH(QString, says);
        pb::ModelProto model = stumpProto();
        damage(*model.mutable_graph()->mutable_node(0));
        const auto result = readOnnx(bytesOf(model));
        QVERIFY(!result);
        QVERIFY(result.error().kind == ErrorKind::BadData || result.error().kind == ErrorKind::Unsupported);
        const QStringList any = says.split(QLatin1Char('|'));
        QVERIFY2(
            std::any_of(any.begin(), any.end(), [&](const QString& s) { return result.error().message.contains(s); }),
            qPrintable(result.error().message));
    }

    void aroundTheTrees()
    {
        // Cast to float and Identity before them change nothing; Cast to int would.
        pb::ModelProto model = stumpProto();
        pb::NodeProto& cast = *model.mutable_graph()->add_node();
        cast.set_op_type("Cast");
        cast.add_input("x");
        cast.add_output("x as float");
        attribute(cast, "to")->set_i(1);
        model.mutable_graph()->mutable_node(0)->set_input(0, "x as float");
        QCOMPARE(readOnnx(bytesOf(model))->graph.nodes[0].inputs[0], std::string("x"));
        attribute(*model.mutable_graph()->mutable_node(1), "to")->set_i(6);
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("rounds its features")));

        model = stumpProto();
        model.mutable_graph()->add_node()->set_op_type("Relu");
        QCOMPARE(readOnnx(bytesOf(model)).error().kind, ErrorKind::BadData); // an operator without results
        model = stumpProto();
        *model.mutable_graph()->add_node() = model.graph().node(0);
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("two values are called")));
        model = stumpProto();
        model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(10);
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("element type 10")));
    }

    void doubleThresholdsSplitFloatsTheSameWay()
    {
        QRandomGenerator random(5);
        for (int i = 0; i < 2000; ++i) {
            const double threshold = random.generateDouble() * 20 - 10;
            const auto near = static_cast<float>(threshold);
            for (const float x : {near, std::nextafter(near, 100.0f), std::nextafter(near, -100.0f)}) {
                const double wide = x;
                QCOMPARE(x <= detail::narrowThreshold(threshold, BranchMode::LessOrEqual).value(), wide <= threshold);
                QCOMPARE(x < detail::narrowThreshold(threshold, BranchMode::Less).value(), wide < threshold);
                QCOMPARE(x >= detail::narrowThreshold(threshold, BranchMode::GreaterOrEqual).value(),
                         wide >= threshold);
                QCOMPARE(x > detail::narrowThreshold(threshold, BranchMode::Greater).value(), wide > threshold);
            }
        }
        QVERIFY(!detail::narrowThreshold(0.1, BranchMode::Equal));
        QCOMPARE(detail::narrowThreshold(0.5, BranchMode::Equal).value(), 0.5f);
    }

    // A regressor of version 5: x0 < 1 ? leaf 0 : (x1 >= 2 ? leaf 1 : leaf 0), and a lone leaf 1 as second tree.
    void versionFiveIsRead()
    {
        pb::ModelProto model = stumpProto();
        pb::NodeProto& node = *model.mutable_graph()->mutable_node(0);
        node.clear_attribute();
        node.set_op_type("TreeEnsemble");
        node.mutable_output()->RemoveLast();
        setInts(node, "nodes_featureids", {0, 1, 0});
        setInts(node, "nodes_truenodeids", {0, 1, 1});
        setInts(node, "nodes_falsenodeids", {1, 0, 1});
        setInts(node, "nodes_trueleafs", {1, 1, 1});
        setInts(node, "nodes_falseleafs", {0, 1, 1});
        setInts(node, "leaf_targetids", {0, 1});
        setInts(node, "tree_roots", {0, 2});
        attribute(node, "n_targets")->set_i(2);
        const auto tensor = [&node](const char* name, int type) {
            pb::TensorProto* t = attribute(node, name)->mutable_t();
            t->set_data_type(type);
            return t;
        };
        pb::TensorProto* splits = tensor("nodes_splits", 1);
        for (const float s : {1.0f, 2.0f, 0.0f})
            splits->add_float_data(s);
        tensor("nodes_modes", 2)->set_raw_data(std::string("\1\2\0", 3));
        pb::TensorProto* weights = tensor("leaf_weights", 11);
        weights->add_double_data(10);
        weights->add_double_data(20);

        const auto read = readOnnx(bytesOf(model));
        QVERIFY2(read, qPrintable(read ? QString() : read.error().toString()));
        const TreeEnsemble& trees = treesOf(*read);
        QVERIFY(!trees.classifier);
        QCOMPARE(trees.roots, (std::vector<qint32>{0, 5}));
        QCOMPARE(trees.leafValues, (std::vector<float>{10, 0, 0, 20}));
        QCOMPARE(trees.nodes[0].mode, BranchMode::Less);
        QCOMPARE(trees.nodes[2].mode, BranchMode::GreaterOrEqual);
        QCOMPARE(trees.nodes[5].leaf, 1);

        attribute(node, "nodes_modes")->mutable_t()->set_raw_data(std::string("\1\6\0", 3));
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("BRANCH_MEMBER")));
        attribute(node, "nodes_modes")->mutable_t()->set_raw_data("\1");
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("different lengths")));
    }

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

QTEST_GUILESS_MAIN(TestOnnxHostile)
#include "tst_onnx_hostile.moc"
