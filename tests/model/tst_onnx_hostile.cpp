// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/analysis.h"
#include "core/model/onnx_format.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_trees.h"

#include <QFile>
#include <QRandomGenerator>
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

    // Cut short or with bytes changed, a real file is read or refused, never more than that.
    void mutatedFilesNeverCrash()
    {
        QFile file(QStringLiteral(EMBERLAB_TEST_DATA "/models/digits_dt8.onnx"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray good = file.readAll();
        QRandomGenerator random(6);
        int refused = 0;
        for (int i = 0; i < 3000; ++i) {
            QByteArray bad = good;
            if (i % 2 == 0)
                bad.truncate(random.bounded(int(good.size())));
            const int changes = random.bounded(1, 20);
            for (int c = 0; c < changes && !bad.isEmpty(); ++c)
                bad[random.bounded(int(bad.size()))] = static_cast<char>(random.bounded(256));
            const auto model = readOnnx(bad);
            refused += model ? 0 : 1;
            if (!model)
                QVERIFY(!model.error().message.isEmpty());
            (void)summariseOnnx(bad);
        }
        QVERIFY(refused > 1500);
    }
};

QTEST_GUILESS_MAIN(TestOnnxHostile)
#include "tst_onnx_hostile.moc"
